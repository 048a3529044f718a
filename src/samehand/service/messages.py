"""What the HTTP decision API takes and gives, in version 1."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, WithJsonSchema

from samehand.advertising import AdDecision, Advertiser, Citation, Entity, Standing
from samehand.policy import ad_pack_names

__all__ = ["AdAnswer", "AdQuestion", "Cited", "EntityAnswer", "Fault", "PolicyAnswer"]

FIRST: Final = date(2000, 1, 1)
LAST: Final = date(2100, 1, 1)
Name = Annotated[str, StringConstraints(max_length=2_000)]
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
    advertiser_id: Name = ""
    legal_name: Name = ""
    payer: Name = ""
    beneficiary: Name = ""
    agency: Name = ""
    platform: Annotated[str, StringConstraints(max_length=40)] = ""
    handle: Name = ""
    page_name: Name = ""
    registration: Annotated[str, StringConstraints(max_length=100)] = ""
    landing_url: Annotated[str, StringConstraints(max_length=8_192)] = ""
    country: Annotated[str, StringConstraints(max_length=80)] = ""
    target_countries: Annotated[list[Annotated[str, StringConstraints(max_length=80)]], Field(max_length=300)] = []
    notified_on: Day | None = Field(default=None, description="When the outlet was told of the policy.")
    running_since: Day | None = Field(default=None, description="When the campaign began; counts with `notified_on`.")

    def advertiser(self) -> Advertiser:
        """Whom it is about."""
        other = {"policy", "on", "held", "notified_on", "running_since", "target_countries"}
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

    @classmethod
    def of(cls, done: AdDecision, advertiser_id: str, on: date, held: date) -> AdAnswer:
        """The answer that bears a decision."""
        return cls(
            advertiser_id=advertiser_id, decision=done.decision, label=done.label, ground=done.ground, policy=done.policy,
            on=on, held=held, entity_id=done.entity_id, entity=done.entity, code=done.code, matched_by=done.matched_by,
            path=list(done.path), citations=[Cited.of(one) for one in done.citations], message=done.message,
            until=done.until,
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


class Fault(_Message):
    """Why a request was not answered."""

    error: str
