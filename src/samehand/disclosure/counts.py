"""What was done in a period, in numbers: the parts of the Union's harmonised report that a store can fill, and Santa Clara's.

Both come from the same decisions and acts as everything else. Implementing Regulation (EU) 2024/2835 has ten parts in a fixed
order; what a store cannot know (orders of authorities, people employed, users a month) is a part that says so, never a 0.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import pyarrow as pa
from sqlalchemy import func, select

from samehand.casework import AppealRow, CaseRow, Casework, DecisionRow, Decisions, MemberRow, NoticeRow
from samehand.errors import UsageError

__all__ = ["HARMONISED", "MEASURES", "Counts", "count_period", "harmonised_parts"]

HARMONISED: Final = (
    "report_identification", "categories_names", "member_states_orders", "notices", "own_initiative_illegal",
    "own_initiative_TC", "appeals_and_recidivism", "automated_means", "human_resources", "AMAR",
)  # fmt: skip
MEASURES: Final = (
    "measures", "solely_automated", "visibility_removal", "visibility_disable", "visibility_demote", "visibility_age",
    "visibility_interaction", "visibility_label", "visibility_other", "monetary_suspension", "monetary_termination",
    "monetary_other", "service_suspension", "service_termination", "account_suspension", "account_termination",
)  # fmt: skip
CATEGORY: Final = "STATEMENT_CATEGORY_SCAMS_AND_FRAUD"
MEASURE_OF: Final[Mapping[str, str]] = {
    "challenge": "visibility_interaction", "limit": "visibility_demote", "suspend": "account_suspension",
    "remove": "account_termination",
}  # fmt: skip
NOT_KNOWN: Final[Mapping[str, str]] = {
    "report_identification": "written by whoever reports",
    "member_states_orders": "orders of authorities are not kept in the store",
    "notices": "notices of illegal content are not kept in the store; tips open cases and are counted under source_of_flag",
    "own_initiative_illegal": "every decision is about terms and conditions",
    "human_resources": "people employed are not kept in the store",
    "AMAR": "the platform's monthly users are not kept in the store",
}


@dataclass(frozen=True)
class Counts:
    """What was done from `since` on and before `until`; an act counts on the day of its notice.

    Attributes:
        since, until: of the period.
        measures: by column of MEASURES: how many accounts.
        by_ground, by_action, by_source, by_platform, by_language: accounts; a source is what opened the case, a language that
            of the notice, `unknown` where none was written.
        appeals: received, overturned, stands, waiting.
        decisions: by who took them: one person, two persons, the service.

    """

    since: datetime
    until: datetime
    measures: Mapping[str, int]
    by_ground: Mapping[str, int]
    by_action: Mapping[str, int]
    by_source: Mapping[str, int]
    by_platform: Mapping[str, int]
    by_language: Mapping[str, int]
    appeals: Mapping[str, int]
    decisions: Mapping[str, int]

    @property
    def santa_clara(self) -> dict[str, Any]:
        """The numbers that the Santa Clara Principles (2.0) ask for, as far as a store has them."""
        answered = self.appeals.get("overturned", 0) + self.appeals.get("stands", 0)
        return {
            "since": self.since.isoformat(), "until": self.until.isoformat(), "licence": "CC0-1.0",
            "accounts_suspended": self.measures.get("account_suspension", 0),
            "accounts_terminated": self.measures.get("account_termination", 0),
            "accounts_limited": self.by_action.get("limit", 0), "posts_removed": None,
            "by_category": dict(self.by_ground), "by_action": dict(self.by_action), "by_source_of_flag": dict(self.by_source),
            "by_platform": dict(self.by_platform), "by_language_of_notice": dict(self.by_language),
            "solely_automated": self.measures.get("solely_automated", 0), "decisions_by_signatures": dict(self.decisions),
            "appeals": dict(self.appeals),
            "appeals_right": self.appeals.get("overturned", 0) / answered if answered else None,
            "not_known": {"posts_removed": "acts are on accounts, pages and groups; posts are the platform's to count"},
        }  # fmt: skip


@dataclass
class _Tally:
    measures: Counter[str] = field(default_factory=Counter)
    ground: Counter[str] = field(default_factory=Counter)
    action: Counter[str] = field(default_factory=Counter)
    source: Counter[str] = field(default_factory=Counter)
    platform: Counter[str] = field(default_factory=Counter)
    language: Counter[str] = field(default_factory=Counter)


def count_period(work: Casework, since: datetime, until: datetime) -> Counts:
    """Count a period.

    Args:
        work: casework of the store. since, until: first moment of the period, and the first after it.

    Raises:
        UsageError: the period has no length.

    """
    if since >= until:
        raise UsageError(f"the period ends before it begins: {since:%Y-%m-%d} to {until:%Y-%m-%d}")
    tally, seen = _tallied(work, since, until)
    with work.store.reading() as session:
        received = (AppealRow.received_at >= since, AppealRow.received_at < until)
        states = Counter(session.scalars(select(AppealRow.state).where(*received)))
    appeals = {"received": states.total(), **{name: states[name] for name in ("overturned", "stands", "waiting")}}
    measures = {name: tally.measures[name] for name in MEASURES}
    ground, action, source, platform, language = (
        dict(sorted(one.items())) for one in (tally.ground, tally.action, tally.source, tally.platform, tally.language)
    )
    decisions = dict(sorted(seen.items()))
    return Counts(since, until, measures, ground, action, source, platform, language, appeals, decisions)


def _tallied(work: Casework, since: datetime, until: datetime) -> tuple[_Tally, Counter[str]]:
    """Accounts by all that is counted, and decisions by who signed them."""
    told = (
        select(
            NoticeRow.decision_id,
            NoticeRow.language,
            MemberRow.platform,
            CaseRow.origin,
            func.count().label("accounts"),
        )
        .join(MemberRow, MemberRow.member_id == NoticeRow.member_id)
        .join(DecisionRow, DecisionRow.decision_id == NoticeRow.decision_id)
        .join(CaseRow, CaseRow.case_id == DecisionRow.case_id)
        .where(NoticeRow.due_at >= since, NoticeRow.due_at < until, DecisionRow.action.in_(tuple(MEASURE_OF)))
        .group_by(NoticeRow.decision_id, NoticeRow.language, MemberRow.platform, CaseRow.origin)
        .order_by(NoticeRow.decision_id)
    )
    with work.store.reading() as session:
        rows = session.execute(told).all()
    decided = {number: Decisions(work).decision(number) for number in {row.decision_id for row in rows}}
    tally, signed = _Tally(), dict[int, str]()
    for row in rows:
        one, count = decided[row.decision_id], row.accounts
        by = "the service" if row.origin == "ladder" else "two persons" if one.two else "one person"
        signed[row.decision_id] = by
        tally.measures.update({"measures": count, MEASURE_OF[one.action]: count})
        tally.measures["solely_automated"] += count * (by == "the service")
        tally.ground.update(dict.fromkeys(one.grounds, count))
        tally.action[one.action] += count
        tally.source["a peer" if row.origin == "tip" else "found by ourselves"] += count
        tally.platform[row.platform] += count
        tally.language[row.language or "unknown"] += count
    return tally, Counter(signed.values())


def harmonised_parts(counts: Counts) -> dict[str, pa.Table]:
    """The parts of the harmonised report, by name, in their fixed order.

    Each has the columns `part`, `category`, `indicator`, `value` and `note`; a value that cannot be known here is null, and the
    note says why.
    """
    period = f"{counts.since:%Y-%m-%d} to {counts.until:%Y-%m-%d}"
    known: dict[str, list[tuple[str | None, str, int | None, str]]] = {
        "categories_names": [
            (CATEGORY, "category", None, "coordinated inauthentic behaviour is reported under it: our reading")
        ],
        "own_initiative_TC": [(CATEGORY, name, counts.measures[name], period) for name in MEASURES],
        "appeals_and_recidivism": [
            (None, f"complaints_{name}", count, period) for name, count in counts.appeals.items()
        ],
        "automated_means": [
            (CATEGORY, "solely_automated", counts.measures["solely_automated"],
             "reversible steps under a policy that two persons signed"),
            (CATEGORY, "error_rate", None, "told by the audited sample of each release"),
        ],
    }  # fmt: skip
    texts = ("part", "category", "indicator", "note")
    schema = pa.schema([*((name, pa.string()) for name in texts[:3]), ("value", pa.int64()), (texts[3], pa.string())])
    return {
        part: pa.Table.from_pylist(
            [
                {"part": part, "category": category, "indicator": name, "value": value, "note": note}
                for category, name, value, note in known.get(part, [(None, "", None, NOT_KNOWN.get(part, ""))])
            ],
            schema,
        )
        for part in HARMONISED
    }
