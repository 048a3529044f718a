"""An ad as the repository holds it, and how it becomes text that is hashed and columns that are searched."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime
from typing import Any, Final, Literal, get_args

from samehand.errors import UsageError

__all__ = [
    "AD_STATUSES", "AdRecord", "AdStatus", "ad_from_text", "ad_text", "check_ad", "search_columns", "tells_the_same",
    "with_decision", "without_content",
]  # fmt: skip

AdStatus = Literal["active", "waiting", "stopped", "removed", "blocked"]
AD_STATUSES: Final[tuple[AdStatus, ...]] = get_args(AdStatus)


@dataclass(frozen=True, kw_only=True)
class AdRecord:
    """An ad as a platform tells of it; what it does not tell is "", () or None.

    Attributes:
        platform, ad_id: which ad. advertiser_id, advertiser, page: whose it is. beneficiary: on whose behalf. payer: who paid.
        agency: who placed it. text, media_hashes, language, landing_url, subject: the content.
        political, commercial: whether it is about politics or an issue; whether it is a commercial communication (art. 26(2)).
        first_shown, last_shown: the period, in UTC. countries: where, by ISO 3166-1.
        targeted, excluded: the main parameters of targeting, and what was left out by them.
        reach, reach_by_country: distinct recipients. impressions_min, impressions_max, clicks: counts.
        spend_min, spend_max, currency: what was spent. status: active, stopped or removed; or,
            before it ran, waiting for a person or blocked.
        decision, ground, policy, entity_id, label: what the gate said. code, path, sources: what it rests on: the code of the
            day, the way from the entity to whoever was assessed, and who was cited. decided_on, decided_at: the day whose facts
            counted, and when it was decided. removal: why it was removed, and by which rule.

    """

    platform: str
    ad_id: str
    advertiser_id: str = ""
    advertiser: str = ""
    page: str = ""
    beneficiary: str = ""
    payer: str = ""
    agency: str = ""
    text: str = ""
    media_hashes: tuple[str, ...] = ()
    language: str = ""
    landing_url: str = ""
    subject: str = ""
    political: bool | None = None
    commercial: bool | None = None
    first_shown: datetime | None = None
    last_shown: datetime | None = None
    countries: tuple[str, ...] = ()
    targeted: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    reach: int | None = None
    reach_by_country: Mapping[str, int] | None = None
    impressions_min: int | None = None
    impressions_max: int | None = None
    clicks: int | None = None
    spend_min: float | None = None
    spend_max: float | None = None
    currency: str = ""
    status: AdStatus = "active"
    decision: str = ""
    ground: str = ""
    policy: str = ""
    entity_id: str = ""
    label: str = ""
    code: str = ""
    path: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    decided_on: str = ""
    decided_at: datetime | None = None
    removal: str = ""


OF_DECISION: Final = (
    "decision", "ground", "policy", "entity_id", "label", "code", "path", "sources", "decided_on", "decided_at", "status",
)  # fmt: skip
"""What the gate says of an ad; a decision that is recorded changes these, and what else it tells."""
OF_CONTENT: Final = ("text", "media_hashes", "landing_url", "subject", "beneficiary", "payer", "advertiser", "page")
"""What the record of a removed ad leaves out."""


TIMES: Final = ("first_shown", "last_shown", "decided_at")
LISTS: Final = tuple(one.name for one in fields(AdRecord) if str(one.type).startswith("tuple"))


def without_content(one: AdRecord) -> AdRecord:
    """An ad without what the record of a removed one leaves out (art. 39(3))."""
    return replace(one, **{name: type(getattr(one, name))() for name in OF_CONTENT})


def check_ad(one: AdRecord) -> None:
    """Refuse what is no record of an ad.

    Raises:
        UsageError: the message says what is wrong.

    """
    if not 0 < len(one.platform) <= 40 or not one.ad_id:
        raise UsageError("an ad bears a platform of 40 characters at most, and an id on it")
    if one.status not in AD_STATUSES:
        raise UsageError(f"an ad is {', '.join(AD_STATUSES)}, not {one.status}")
    for low, high, what in (
        (one.spend_min, one.spend_max, "cost"),
        (one.impressions_min, one.impressions_max, "was shown"),
    ):
        if (
            (low is not None and low < 0)
            or (high is not None and high < 0)
            or (low or 0) > (high if high is not None else low or 0)
        ):
            raise UsageError(f"ad {one.platform}:{one.ad_id} {what} at least {low} and at most {high}")
    if one.first_shown and one.last_shown and one.last_shown < one.first_shown:
        raise UsageError(f"ad {one.platform}:{one.ad_id} was shown until before it was first shown")


def ad_text(one: AdRecord) -> str:
    """The text of a record, of which its hash is."""

    def plain(value: Any) -> str:
        return value.isoformat()  # type: ignore[no-any-return]

    return json.dumps(asdict(one), ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=plain)


def tells_the_same(held: str, body: str) -> bool:
    """Whether two bodies tell the same, whatever fields the older did not know yet."""
    return held == body or ad_from_text(held) == ad_from_text(body)


def ad_from_text(body: str) -> AdRecord:
    """The record of a text; fields that it does not know yet are not told."""
    held = json.loads(body)
    for name in TIMES:
        held[name] = datetime.fromisoformat(held[name]) if held.get(name) else None
    for name in LISTS:
        held[name] = tuple(held.get(name) or ())
    return AdRecord(**held)


def with_decision(held: AdRecord, one: AdRecord) -> AdRecord:
    """A known ad with what was decided of it, and what else is told now; what is not told stays."""
    bare = AdRecord(platform=one.platform, ad_id=one.ad_id)
    told = {
        name.name: getattr(one, name.name) for name in fields(AdRecord)
        if name.name in OF_DECISION or getattr(one, name.name) != getattr(bare, name.name)
    }  # fmt: skip
    new = replace(held, **told)
    again = replace(new, decided_at=held.decided_at)
    return again if again == held else new


def search_columns(one: AdRecord) -> dict[str, Any]:
    """What of an ad is searched and added up."""
    found = " ".join(
        part for part in (one.text, one.advertiser, one.payer, one.beneficiary, one.page, one.landing_url) if part
    )
    steps = [step.split(" ") for step in one.path]
    about = dict.fromkeys([one.entity_id, *(step[0] for step in steps), *(step[-1] for step in steps)])
    return {
        "platform": one.platform, "ad_id": one.ad_id, "advertiser_id": one.advertiser_id, "advertiser": one.advertiser,
        "payer": one.payer, "status": one.status, "decision": one.decision, "entity_id": one.entity_id,
        "countries": f"|{'|'.join(one.countries)}|", "first_shown": one.first_shown, "last_shown": one.last_shown,
        "currency": one.currency, "spend_min": one.spend_min, "spend_max": one.spend_max,
        "impressions_min": one.impressions_min, "impressions_max": one.impressions_max, "reach": one.reach,
        "about": f"|{'|'.join(name for name in about if name)}|", "words": found.casefold(),
    }  # fmt: skip
