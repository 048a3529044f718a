"""Scores as Markdown tables, detectors side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from samehand.evaluation.held import CUTS, SetResult
from samehand.evaluation.intervals import bootstrap, drawn_anew
from samehand.evaluation.pages import markdown_table
from samehand.evaluation.power import wilson
from samehand.evaluation.scoring import ONE_HAND, PLANTED, Tally, WorldScore, add_up

__all__ = ["findings_table", "set_tables", "world_tables"]

LEGEND = (
    "*In networks* are all accounts that a detector ties together, *flagged* those of networks that it holds for inauthentic; "
    "a peer has one verdict, which counts as both. Right are planted accounts; newsrooms and mirrors are one hand, but "
    "authentic, and count against precision. A network is right when more than half of its members are planted, a team is "
    "found when at least half of its accounts are there."
)
INTERVALS = (
    "In brackets 95 %: of accounts and networks over worlds drawn anew (1,000 bootstraps); teams and worlds: Wilson's."
)

STATES = ("strong", "some", "no", "insufficient", "unknown")
STATE_HEAD = ("detector", "inauthentic", "networks with somebody planted", "with nobody")

SET_HEAD = (
    "traces", "detector", "in networks", "precision", "recall", "flagged", *(f"at {cut}" for cut in CUTS), "seconds", "note"
)  # fmt: skip

Which = Callable[[WorldScore], Tally]


def _found(one: WorldScore) -> Tally:
    return one.found


def _flagged(one: WorldScore) -> Tally:
    return one.flagged


def _over(one: WorldScore) -> tuple[tuple[str, Which], ...]:
    """What to show of a detector: its networks, and the flagged ones where that is another thing."""
    return (("in networks", _found), ("flagged", _flagged))[: 2 if one.detector == "samehand" else 1]


def _share(value: float, interval: tuple[float, float] | None = None) -> str:
    shown = "–" if value != value else f"{value:.3f}"
    return shown if interval is None or shown == "–" else f"{shown} ({interval[0]:.2f}–{interval[1]:.2f})"


def _of(part: int, whole: int, *, interval: bool) -> str:
    if not whole:
        return "–"
    low, high = wilson(part, whole)
    return f"{part} of {whole}" + (f" ({low:.2f}–{high:.2f})" if interval else "")


def _by_detector(scores: Iterable[WorldScore]) -> dict[str, list[WorldScore]]:
    found: dict[str, list[WorldScore]] = {}
    for one in scores:
        found.setdefault(one.detector, []).append(one)
    return found


def _account_row(total: WorldScore, drawn: Sequence[WorldScore], over: str, which: Which) -> tuple[object, ...]:
    tally = which(total)

    def figure(of: Callable[[WorldScore], float]) -> str:
        return _share(of(total), bootstrap(drawn, of))

    return (
        total.detector, over, f"{tally.planted} of {total.planted}",
        figure(lambda one: which(one).precision), figure(lambda one: one.recall(which(one))),
        figure(lambda one: one.f1(which(one))), tally.one_hand, tally.organic, tally.beside,
    )  # fmt: skip


def _network_row(total: WorldScore, drawn: Sequence[WorldScore], over: str, which: Which) -> tuple[object, ...]:
    tally, several = which(total), bool(drawn)
    worlds = total.worlds_misflagged if which is _flagged or total.detector != "samehand" else total.worlds_reporting
    return (
        total.detector, over, tally.networks, tally.right,
        _share(tally.network_precision, bootstrap(drawn, lambda one: which(one).network_precision)),
        _of(tally.teams_found, total.teams, interval=several), tally.organic_networks, tally.authentic_networks,
        _of(worlds, total.worlds, interval=several),
    )  # fmt: skip


def _group_rows(totals: Sequence[WorldScore]) -> list[tuple[object, ...]]:
    roles = sorted({role for total in totals for role in total.everyone} - set(PLANTED))
    rows: list[tuple[object, ...]] = []
    for role in roles:
        everyone = max(total.everyone[role] for total in totals)
        cells = [
            f"{which(total).accounts_of[role]} / {which(total).networks_of[role]}"
            # a peer may have run in fewer worlds
            + (f" (of {total.everyone[role]})" if total.everyone[role] < everyone else "")
            for total in totals
            for _, which in _over(total)
        ]
        rows.append((role, "yes" if role in ONE_HAND else "no", everyone, *cells))
    return rows


def _state_rows(totals: Sequence[WorldScore]) -> list[tuple[object, ...]]:
    return [
        (total.detector, state, total.found.planted_states_of[state], total.found.authentic_states_of[state])
        for total in totals
        for state in STATES
        if total.found.planted_states_of[state] or total.found.authentic_states_of[state]
    ]


def _cost_table(totals: dict[str, WorldScore], scores: dict[str, list[WorldScore]]) -> str:
    return markdown_table(
        ("detector", "worlds run", "seconds a world", "note"),
        (
            (name, f"{total.ran} of {len(scores[name])}", f"{total.seconds / max(total.ran, 1):.0f}",
             "; ".join(total.notes) or "–")
            for name, total in totals.items()
        ),
    )  # fmt: skip


def world_tables(scores: Sequence[WorldScore]) -> list[str]:
    """Paragraphs and tables of detectors over the same worlds.

    Args:
        scores: one for each detector and world.

    """
    by_detector = _by_detector(scores)
    totals = {name: add_up(ones, "sum") for name, ones in by_detector.items()}
    ran = {name: total for name, total in totals.items() if total.ran}
    drawn = {name: drawn_anew(by_detector[name]) for name in ran}
    rows = [(totals[name], drawn[name], over, which) for name in ran for over, which in _over(totals[name])]
    heads = [f"{total.detector}, {over}" for total, _, over, _ in rows]
    states = _state_rows(list(ran.values()))
    several = any(len(ones) > 1 for ones in by_detector.values())
    return [
        LEGEND + (f" {INTERVALS}" if several else ""),
        markdown_table(
            ("detector", "over", "planted accounts", "precision", "recall", "F1", "newsroom and mirror", "organic",
             "organic beside planted"),
            (_account_row(*row) for row in rows),
        ),
        markdown_table(
            ("detector", "over", "networks", "right", "precision", "teams found", "organic only", "nobody planted", "worlds"),
            (_network_row(*row) for row in rows),
        ),
        "*Worlds*: of samehand's networks, worlds with any; of flagged ones and of peers, worlds with a network in which "
        "nobody is planted. Below, accounts / networks by group; a network is of the group that most of its members are of.",
        markdown_table(("group", "one hand", "accounts", *heads), _group_rows(list(ran.values()))),
        *([markdown_table(STATE_HEAD, states)] if states else []),
        _cost_table(totals, by_detector),
    ]  # fmt: skip


def set_tables(results: Sequence[SetResult]) -> list[str]:
    """Paragraphs and tables of detectors on one labelled set: trace by trace, then at each choice the detail."""
    rows = [
        (
            one.traces, one.score.detector, f"{tally.planted} / {tally.organic + tally.one_hand}", _share(tally.precision),
            _share(one.score.recall(tally)), f"{flagged.planted} / {flagged.organic + flagged.one_hand}",
            *(one.recall_at[cut] for cut in CUTS), f"{one.score.seconds:.0f}", "; ".join(one.score.notes) or "–",
        )
        for one in results
        for tally, flagged in [(one.score.found, one.score.flagged)]
        if one.score.ran
    ]  # fmt: skip
    left_out = [
        f"{one.score.detector} over {one.traces}: {'; '.join(one.score.notes)}" for one in results if not one.score.ran
    ]
    together = [one.score for one in results if one.traces == "all"]
    return [
        "Operation / other accounts in networks and in flagged networks at default settings; *at k*: operation accounts found "
        "before more than k others are, networks in order of significance, those of one rank together (samehand's at a false "
        "discovery rate of .9, so that there is something to rank).",
        markdown_table(
            SET_HEAD,
            rows,
        ),
        *([f"Not run: {'; '.join(left_out)}."] if left_out else []),
        "All traces together:",
        *world_tables(together),
    ]  # fmt: skip


def findings_table(results: Sequence[SetResult]) -> list[str]:
    """How often samehand's findings about networks could be computed at all, all traces together."""
    counts = [row for one in results if one.traces == "all" for row in one.verdicts.findings]
    states: dict[str, dict[str, int]] = {}
    for row in counts:
        states.setdefault(row.finding, {})[row.state] = row.times
    computed = sum(row.times for row in counts if row.state not in {"unknown", "insufficient"})
    said = f"{computed} of {sum(row.times for row in counts)} findings could be computed (neither unknown nor insufficient)."
    names = sorted({row.state for row in counts})
    rows = [(finding, *(by.get(state, 0) for state in names)) for finding, by in sorted(states.items())]
    return [said, *([markdown_table(("finding", *names), rows)] if rows else [])]
