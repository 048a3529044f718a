"""Each network as the page shows it: plain words, tables and figures, ready for the template."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from markupsafe import Markup

from samehand.report.evidence import Account, Activity, Evidence, Thing, Tie, Ties
from samehand.report.figures import WEEKDAYS, Bar, Dot, Line, graph, heat_map, histogram
from samehand.report.names import Names
from samehand.report.timelines import timeline, week
from samehand.report.wording import cleaned, counted, moment, offset, shortened

__all__ = ["TRACES", "Example", "Material", "NetworkView", "TieView", "network_view", "tie_views", "trace_words"]

TRACES: Final[Mapping[str, str]] = {
    "repost": "the same posts reposted",
    "fast_repost": "the same posts reposted at once",
    "url": "the same links",
    "domain": "links to the same site",
    "hashtag": "the same hashtags",
    "hashtag_sequence": "the same hashtags in the same order",
    "text": "the same text",
    "image": "the same images",
    "reply": "replies to the same posts",
    "quote": "quotes of the same posts",
    "mention": "the same accounts mentioned",
    "follow": "the same accounts followed",
    "period": "the same odd posting period",
    "fused": "several traces together",
}
MOST_DOTS = 80
MOST_LINES = 700
MOST_PAIRS_LISTED = 100
TEXT_LIMIT = 420
NAME_LIMIT = 200


@dataclass(frozen=True)
class Material:
    """What the run says of one network: rows of its tables, its verdict in words, the objects that tie it (of so many)."""

    facts: Mapping[str, Any]
    verdict: Sequence[str]
    members: Sequence[Mapping[str, Any]]
    findings: Sequence[Mapping[str, Any]]
    things: Sequence[Thing]
    things_total: int
    paths: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True)
class StepView:
    """One step by which a member of an expansion was reached; `start` is null where the tip itself names the object."""

    member: str
    step: int
    start: str | None
    end: str
    what: str
    holders: int
    members: int
    nats: float


@dataclass(frozen=True)
class Example:
    """One post of a side-by-side comparison; `text` is null where there is none to show."""

    account: str
    at: str
    offset: str
    text: str | None


@dataclass(frozen=True)
class ThingView:
    """A shared object with its example posts; `name` is null when redacted."""

    number: int
    trace: str
    name: str | None
    members: int
    activities: int
    base_rate: float | None
    first: str
    last: str
    examples: tuple[Example, ...]


@dataclass(frozen=True)
class MemberView:
    """A row of the table of members."""

    number: int
    label: str
    about: str
    role: str
    score: float


@dataclass(frozen=True)
class TieView:
    """A pair in words and numbers."""

    a: str
    b: str
    traces: str
    shared_objects: int
    co_activities: int
    p_value: float
    bits: float


@dataclass(frozen=True)
class WhenView:
    """The timeline and the week of a network's tied posts: each figure, and the numbers in it."""

    posts: int
    timeline: Markup
    bars: tuple[Bar, ...]
    bar_width: str
    week: Markup
    week_rows: tuple[tuple[str, tuple[int, ...]], ...]


@dataclass(frozen=True)
class NetworkView:
    """All that the page shows of one network; figures are SVG, each beside its table."""

    number: int
    facts: Mapping[str, Any]
    members: tuple[MemberView, ...]
    things: tuple[ThingView, ...]
    things_total: int
    verdict: tuple[str, ...]
    explanations: tuple[str, ...]
    traces: str
    span: str
    findings: tuple[Mapping[str, Any], ...]
    when: WhenView
    graph: Markup
    graph_note: str
    ties: tuple[TieView, ...]
    ties_total: int
    paths: tuple[StepView, ...]


def trace_words(traces: Sequence[str]) -> str:
    """Traces in plain words, in a fixed order; one without words keeps its name, a site goes without saying of a link."""
    order = [trace for trace in TRACES if trace in traces and not (trace == "domain" and "url" in traces)]
    return ", ".join(
        [*(TRACES[trace] for trace in order), *(cleaned(trace) for trace in traces if trace not in TRACES)]
    )


def tie_views(ties: Sequence[Tie], names: Names) -> tuple[TieView, ...]:
    """Pairs as rows of a table."""
    return tuple(
        TieView(
            names.label(tie.a),
            names.label(tie.b),
            trace_words(tie.traces),
            tie.shared_objects,
            tie.co_activities,
            tie.p_value,
            tie.bits,
        )
        for tie in ties
    )


def _example(
    activity: Activity, first_us: int, names: Names, posts: Mapping[tuple[str, str], Mapping[str, Any]]
) -> Example:
    post = posts.get((activity.account[0], activity.post_id or ""), {})
    text = post.get("text")
    return Example(
        account=names.label(activity.account),
        at=moment(activity.at_us),
        offset=offset(activity.at_us - first_us),
        text=None if names.redact or not text else shortened(cleaned(text), TEXT_LIMIT),
    )


def _thing(number: int, thing: Thing, names: Names, posts: Mapping[tuple[str, str], Mapping[str, Any]]) -> ThingView:
    return ThingView(
        number=number,
        trace=trace_words([thing.trace]),
        name=None if names.redact else shortened(cleaned(thing.object_id), NAME_LIMIT),
        members=thing.members,
        activities=thing.activities,
        base_rate=thing.base_rate,
        first=moment(thing.first_us),
        last=moment(thing.last_us),
        examples=tuple(_example(activity, thing.first_us, names, posts) for activity in thing.examples),
    )


def _together(tie: Tie) -> str:
    """How often two accounts acted together, in words."""
    return counted(tie.co_activities, "co-activity", "co-activities")


def _graph(number: int, members: Sequence[Account], ties: Ties, names: Names) -> tuple[Markup, str]:
    """The picture of the network's first members with the strongest ties among them, and what it leaves out."""
    shown = {account: place for place, account in enumerate(members[:MOST_DOTS])}
    strongest = max([tie.bits for tie in ties.strongest], default=1.0) or 1.0
    lines = [
        Line(
            shown[tie.a],
            shown[tie.b],
            min(max(tie.bits / strongest, 0.0), 1.0),
            f"{names.label(tie.a)} and {names.label(tie.b)}: {_together(tie)}",
        )
        for tie in ties.strongest
    ]
    notes = []
    if len(members) > MOST_DOTS:
        notes.append(f"Showing {MOST_DOTS} of {len(members):,} accounts, those with the highest scores.")
    if ties.total > len(lines):
        notes.append(f"Showing {len(lines)} of {ties.total:,} ties, the strongest.")
    picture = graph(
        [Dot(place + 1, names.label(account), 1.0) for account, place in shown.items()],
        lines,
        identity=f"graph-{number}",
        title=f"Network {number} as a graph",
        description=f"{counted(len(shown), 'account')} and {counted(len(lines), 'tie')}. The table lists the ties.",
    )
    return Markup(picture), " ".join(notes)


def _when(number: int, moments_us: Sequence[int]) -> WhenView:
    line, hours = timeline(moments_us), week(moments_us)
    seen = f"{counted(len(moments_us), 'post')} that are part of a co-activity"
    over_time = histogram(
        line.bars,
        identity=f"time-{number}",
        title=f"Network {number} over time",
        description=f"{seen}, per {line.width}. The table below has the numbers.",
        unit=f"posts per {line.width}",
    )
    by_hour = heat_map(
        hours,
        identity=f"week-{number}",
        title=f"Network {number} by hour and weekday",
        description=f"{seen}, by weekday and hour, UTC. The table below has the numbers.",
    )
    return WhenView(
        posts=len(moments_us),
        timeline=Markup(over_time),
        bars=tuple(bar for bar in line.bars if bar.count),
        bar_width=line.width,
        week=Markup(by_hour),
        week_rows=tuple((name, tuple(int(n) for n in row)) for name, row in zip(WEEKDAYS, hours, strict=True)),
    )


def _member(place: int, row: Mapping[str, Any], names: Names) -> MemberView:
    account = (row["platform"], row["asset_id"])
    return MemberView(place, names.label(account), names.about(account), row["role"], row["score"])


def network_view(
    number: int,
    material: Material,
    evidence: Evidence,
    names: Names,
    posts: Mapping[tuple[str, str], Mapping[str, Any]],
) -> NetworkView:
    """Put one network together; `posts` holds the example posts by platform and id."""
    facts, members = material.facts, material.members
    identity = str(facts["network_id"])
    moments, ties = evidence.moments(identity), evidence.ties(identity, MOST_PAIRS_LISTED)
    accounts = [(row["platform"], row["asset_id"]) for row in members]
    among = evidence.ties_among(identity, accounts[:MOST_DOTS], MOST_LINES)
    picture, graph_note = _graph(number, accounts, among, names)
    return NetworkView(
        number=number,
        facts=facts,
        members=tuple(_member(place, row, names) for place, row in enumerate(members, start=1)),
        things=tuple(_thing(place, thing, names, posts) for place, thing in enumerate(material.things, start=1)),
        things_total=material.things_total,
        verdict=tuple(names.scrub(text) for text in material.verdict),
        explanations=tuple(names.scrub(text) for text in (facts["explanation"] or "").splitlines() if text.strip()),
        traces=trace_words(evidence.traces(identity)),
        span=f"{moment(moments[0])} to {moment(moments[-1])} UTC" if moments else "",
        findings=tuple(material.findings),
        when=_when(number, moments),
        graph=picture,
        graph_note=graph_note,
        ties=tie_views(ties.strongest, names),
        ties_total=ties.total,
        paths=tuple(_step(row, names) for row in material.paths),
    )


def _step(row: Mapping[str, Any], names: Names) -> StepView:
    """A row of `path`; what an object is called may be an address, so a page without names has only its kind."""
    start = None if row["from_asset_id"] is None else names.label((row["from_platform"], row["from_asset_id"]))
    what = row["attribute"] if names.redact else f"{row['attribute']} {shortened(cleaned(row['object_id']), 80)}"
    return StepView(
        names.label((row["platform"], row["asset_id"])), row["step"], start,
        names.label((row["to_platform"], row["to_asset_id"])), what, row["holders"], row["members"], row["nats"],
    )  # fmt: skip
