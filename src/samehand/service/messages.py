"""What the HTTP decision API takes and gives, in version 1."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, WithJsonSchema

from samehand.advertising import AdDecision, AdRecord, AdSearch, AdVersion, Advertiser, Citation, Entity, Standing
from samehand.policy import ad_pack_names

__all__ = [
    "AdAnswer",
    "AdId",
    "AdPage",
    "AdQuestion",
    "AdsWanted",
    "Cited",
    "EntityAnswer",
    "Fault",
    "KeptAd",
    "Platform",
    "PolicyAnswer",
]

FIRST: Final = date(2000, 1, 1)
LAST: Final = date(2100, 1, 1)
NO_NUL: Final = r"^[^\x00]*$"
Name = Annotated[str, StringConstraints(max_length=2_000, pattern=NO_NUL)]
Country = Annotated[str, StringConstraints(max_length=80, pattern=NO_NUL)]
Platform = Annotated[str, StringConstraints(min_length=1, max_length=40, pattern=NO_NUL)]
AdId = Annotated[str, StringConstraints(min_length=1, max_length=500, pattern=NO_NUL)]
Day = Annotated[date, Field(ge=FIRST, le=LAST)]


def _shipped(name: str) -> str:
    if name not in ad_pack_names():
        raise ValueError(f"there is no policy of ads '{name[:60]}'; there are {', '.join(ad_pack_names())}")
    return name


PolicyName = Annotated[
    str, AfterValidator(_shipped), WithJsonSchema({"type": "string", "enum": list(ad_pack_names())})
]  # fmt: skip
"""A policy that is shipped; a file of the server's is nobody's to name over HTTP."""


class _Message(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class AdQuestion(_Message):
    """An ad to decide about: the advertiser as you know them, the policy, and the day whose facts count."""

    policy: PolicyName
    on: Day | None = Field(default=None, description="The day whose facts count; today if not given.")
    held: Day | None = Field(default=None, description="As the registry held them on this day; today if not given.")
    ad_id: Annotated[str, StringConstraints(max_length=500, pattern=NO_NUL)] = Field(
        default="", description="The platform's; an ad that has one goes into the ad repository."
    )
    ad_text: Annotated[str, StringConstraints(max_length=20_000, pattern=NO_NUL)] = Field(
        default="", description="Kept, and not used for any decision."
    )
    advertiser_id: Name = ""
    legal_name: Name = ""
    payer: Name = ""
    beneficiary: Name = ""
    agency: Name = ""
    platform: Annotated[str, StringConstraints(max_length=40, pattern=NO_NUL)] = ""
    handle: Name = ""
    page_name: Name = ""
    registration: Annotated[str, StringConstraints(max_length=100)] = ""
    landing_url: Annotated[str, StringConstraints(max_length=8_192, pattern=NO_NUL)] = ""
    country: Country = ""
    target_countries: Annotated[list[Country], Field(max_length=300)] = []
    notified_on: Day | None = Field(default=None, description="When the outlet was told of the policy.")
    running_since: Day | None = Field(default=None, description="When the campaign began; counts with `notified_on`.")

    def advertiser(self) -> Advertiser:
        """Whom it is about."""
        other = {"policy", "on", "held", "ad_id", "notified_on", "running_since", "target_countries"}
        return Advertiser(**self.model_dump(exclude=other), target_countries=tuple(self.target_countries))


class Cited(_Message):
    """A citation: who states what, where, and whether whoever entered it read it."""

    source: str
    title: str
    url: str
    published: date | None
    read: bool
    states: str

    @classmethod
    def of(cls, one: Citation) -> Cited:
        """The citation of a registry."""
        return cls(
            source=one.source, title=one.title, url=one.url, published=one.published, read=one.read, states=one.states
        )


class AdAnswer(_Message):
    """A decision: what, on which ground, about whom, by what it was found, and on which evidence."""

    advertiser_id: str
    decision: Literal["allow", "review", "block"]
    label: str | None
    ground: str
    policy: str
    on: date
    held: date
    entity_id: str | None
    entity: str | None
    code: str | None
    matched_by: str | None
    path: list[str]
    citations: list[Cited]
    message: str
    until: date | None
    kept: bool = Field(description="Whether the ad goes into the ad repository, where it is within a second.")

    @classmethod
    def of(cls, done: AdDecision, advertiser_id: str, on: date, held: date, *, kept: bool) -> AdAnswer:
        """The answer that bears a decision."""
        return cls(
            advertiser_id=advertiser_id, decision=done.decision, label=done.label, ground=done.ground, policy=done.policy,
            on=on, held=held, entity_id=done.entity_id, entity=done.entity, code=done.code, matched_by=done.matched_by,
            path=list(done.path), citations=[Cited.of(one) for one in done.citations], message=done.message,
            until=done.until, kept=kept,
        )  # fmt: skip


class PolicyAnswer(_Message):
    """A policy that may be named, and the pack that it is today."""

    policy: str
    pack: str
    title: str
    valid_from: date
    valid_until: date | None


class EntityAnswer(_Message):
    """An entity and where it stands on a day."""

    entity_id: str
    name: str
    kind: str
    country: str
    state: str
    scope: str
    layer: str
    on: date
    held: date
    code: str | None
    sources: int
    path: list[str]
    answers: dict[str, str]
    citations: list[Cited]

    @classmethod
    def of(cls, entity: Entity, standing: Standing, on: date, held: date) -> EntityAnswer:
        """The answer that bears an entity's standing."""
        assessment = standing.assessment
        answers: dict[str, str] = {}
        if assessment is not None:
            answers = {name: one.value for name, one in assessment.answers.items()}
        return cls(
            entity_id=entity.entity_id, name=entity.name, kind=entity.kind, country=entity.country, state=entity.of_state,
            scope=entity.scope,
            layer=entity.layer, on=on, held=held, code=standing.code, sources=standing.sources,
            path=[f"{one.kind} {one.target}" for one in standing.path], answers=answers,
            citations=[Cited.of(one) for one in entity.citations],
        )  # fmt: skip


class AdsWanted(_Message):
    """What ads are looked for by, in a query; what is not given is not asked."""

    words: Name | None = None
    platform: Platform | None = None
    advertiser_id: Name | None = None
    payer: Name | None = None
    entity_id: Name | None = None
    status: Literal["active", "waiting", "stopped", "removed", "blocked"] | None = None
    decision: Literal["allow", "review", "block"] | None = None
    country: Name | None = None
    shown_from: Day | None = Field(default=None, description="Shown on this day or later.")
    shown_until: Day | None = Field(default=None, description="Shown before this day.")
    after: int = Field(default=0, ge=0, lt=2**62, description="The key that the page before gave.")
    most: int = Field(default=100, ge=1, le=1_000)

    def search(self) -> AdSearch:
        """The same for the repository."""
        asked = self.model_dump(exclude={"after", "most", "shown_from", "shown_until"})
        return AdSearch(**asked, shown_from=_begins(self.shown_from), shown_until=_begins(self.shown_until))


def _begins(day: date | None) -> datetime | None:
    return None if day is None else datetime.combine(day, time(), UTC)


class KeptAd(_Message):
    """A version of an ad in the repository."""

    version: int
    recorded_at: datetime
    hash: str
    ad: AdRecord

    @classmethod
    def of(cls, one: AdVersion) -> KeptAd:
        """The message that bears a version."""
        return cls(version=one.version, recorded_at=one.recorded_at, hash=one.hash, ad=one.record)


class AdPage(_Message):
    """A page of ads, and the key of the next one; null where there is none."""

    ads: list[KeptAd]
    after: int | None


class Fault(_Message):
    """Why a request was not answered."""

    error: str
