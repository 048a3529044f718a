"""Expansion from tips in worlds of pages, groups and accounts whose truth is known."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from samehand.evaluation.pages import markdown_table
from samehand.evaluation.power import wilson
from samehand.expansion import COLUMNS, Answers, ExpansionParameters, Grown, Holdings, Shared, gather, grow
from samehand.runs import Seed, look_up
from samehand.simulation import AssetWorld, asset_scenario, draw_assets

__all__ = ["TIPS", "TipScore", "expand_tips", "expansion_tables"]

INDICATORS: Final = 3
LOOKED_AT: Final = 10
"""Leads, and weakest inclusions, that a reviewer answers after a run."""
PASSES: Final = 2
TIPS: Final = ("assets", "mixed", "genuine")
"""A tip of three accounts, pages or groups; one with any of an asset, an address or a device first and two of any kind; three
genuine accounts, pages or groups, which is a tip that is wrong."""
BINS: Final = ((15, 40), (41, 120), (121, 500))


@dataclass(frozen=True)
class TipScore:
    """One world and tip.

    Attributes:
        scenario, seed, tip: which. reviewed: passes of a reviewer before this.
        size: assets of the operation. found: of them, in the network. included: assets in the network, seeds too.
        wrong: kinds and roles of genuine ones in it, those of the tip left out.
        by_kind: kind -> (assets of the operation, found).
        estimated: precision that the run itself expects of those of its inclusions that were tried against chance.

    """

    scenario: str
    seed: int
    tip: str
    reviewed: int
    size: int
    found: int
    included: int
    wrong: dict[str, int]
    by_kind: dict[str, tuple[int, int]]
    estimated: float

    @property
    def mistakes(self) -> int:
        """Genuine assets that were taken in."""
        return sum(self.wrong.values())


def draw_tip(world: AssetWorld, tip: str) -> list[Seed]:
    """Three indicators, drawn by the world's seed."""
    rng = np.random.default_rng([world.seed, TIPS.index(tip)])
    rows = [(row["kind"], row["value"]) for row in world.indicators.to_pylist()]
    if tip == "genuine":
        genuine = [row["asset_id"] for row in world.truth.to_pylist() if row["role"] != "team"]
        rows = [("asset", str(name)) for name in genuine]
    assets = [row for row in rows if row[0] == "asset"]
    if tip != "mixed":
        chosen = [assets[k] for k in rng.choice(len(assets), INDICATORS, replace=False).tolist()]
    else:
        strong = [row for row in rows if row[0] in ("asset", "ip", "device")]
        chosen = [strong[int(rng.integers(len(strong)))]]
        kinds = sorted({kind for kind, _ in rows})
        while len(chosen) < INDICATORS:
            some = [row for row in rows if row[0] == kinds[int(rng.integers(len(kinds)))] and row not in chosen]
            chosen += [some[int(rng.integers(len(some)))]] if some else []
    return [Seed(number, kind, value) for number, (kind, value) in enumerate(chosen, start=2)]


def expand_tips(
    scenario: str,
    seeds: Sequence[int],
    *,
    tips: Sequence[str] = TIPS,
    parameters: ExpansionParameters | None = None,
    passes: int = PASSES,
    say: Callable[[str], None] | None = None,
) -> list[TipScore]:
    """Draw worlds, expand from each tip, and hold what came of it against the truth.

    After tips that are right a reviewer answers truthfully about `LOOKED_AT` leads and as many of the weakest inclusions,
    `passes` times, and the same tip is expanded again.
    """
    parameters, scores = parameters or ExpansionParameters(), list[TipScore]()
    for seed in seeds:
        world = draw_assets(asset_scenario(scenario, seed), seed)
        holdings = gather({name: world.tables[name].select(list(columns)) for name, columns in COLUMNS.items()})
        for tip in tips:
            if world.parameters.size or tip == "genuine":
                scores += _of_tip(world, holdings, tip, parameters, scenario, 0 if tip == "genuine" else passes)
                if say:
                    one = scores[-1]
                    say(f"{scenario} {seed}, {tip}: {one.found} of {one.size}, {one.mistakes} mistakes")
    return scores


def _of_tip(
    world: AssetWorld, holdings: Holdings, tip: str, parameters: ExpansionParameters, scenario: str, passes: int
) -> list[TipScore]:
    truth = {f"{row['platform']}:{row['asset_id']}": row for row in world.truth.to_pylist()}
    told = [truth[holdings.name_of(number)] for number in range(len(holdings))]
    named = look_up(holdings, draw_tip(world, tip))
    shared, answers, scores = Shared.of(holdings, list(named.objects)), Answers(), list[TipScore]()
    for done in range(1 + passes):
        grown = grow(shared, named.assets, parameters, answers)
        scores.append(_scored(grown, told, (scenario, world.seed, tip, done), set(named.assets)))
        weakest = sorted(grown.inclusions, key=lambda one: -(one.local_fdr or 0))[:LOOKED_AT]
        asked = [*(one.asset for one in grown.leads[:LOOKED_AT]), *(one.asset for one in weakest)]
        yes, no = ([k for k in asked if (told[k]["role"] == "team") == wanted] for wanted in (True, False))
        answers = Answers(tuple({*answers.yes, *yes}), tuple({*answers.no, *no}))
    return scores


def _scored(grown: Grown, told: list[dict[str, str]], which: tuple[str, int, str, int], tip: set[int]) -> TipScore:
    inside = {*grown.seeds, *(one.asset for one in grown.inclusions)}
    operation = [k for k, row in enumerate(told) if row["role"] == "team"]
    wrong = Counter(f"{told[k]['role']} {told[k]['kind']}" for k in inside - tip if told[k]["role"] != "team")
    kinds = {
        kind: (len(of_kind), len(inside.intersection(of_kind)))
        for kind in ("account", "page", "group")
        if (of_kind := [k for k in operation if told[k]["kind"] == kind])
    }
    expected = [1 - one.local_fdr for one in grown.inclusions if one.local_fdr is not None]
    return TipScore(
        *which, len(operation), len(inside.intersection(operation)), len(inside), dict(sorted(wrong.items())), kinds,
        float(np.mean(expected)) if expected else 1.0,
    )  # fmt: skip


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.3f}" if whole else "–"


def _interval(scores: Sequence[TipScore], figure: Callable[[Sequence[TipScore]], float]) -> str:
    """A 95 % percentile interval over worlds drawn anew, a thousand times: assets of one world are no independent trials."""
    rng = np.random.default_rng(0)
    drawn = [figure([scores[k] for k in rng.integers(len(scores), size=len(scores)).tolist()]) for _ in range(1000)]
    low, high = np.quantile(drawn, [0.025, 0.975])
    return f"{low:.3f}–{high:.3f}"


def _recall(scores: Sequence[TipScore]) -> float:
    return sum(one.found for one in scores) / max(1, sum(one.size for one in scores))


def _precision(scores: Sequence[TipScore]) -> float:
    right = sum(one.found for one in scores)
    return right / max(1, right + sum(one.mistakes for one in scores))


def expansion_tables(scores: Sequence[TipScore]) -> list[str]:
    """What a page says of the scores: all worlds together, by size, by kind, world by world, and wrong tips."""
    right = [one for one in scores if one.tip != "genuine"]
    parts = [
        "## All worlds together",
        _pooled(right),
        "## By the operation's size, before any reviewer",
        _by_size(right),
    ]
    parts += [
        "## By kind, before any reviewer",
        _by_kind(right),
        "## World by world, before any reviewer",
        _each(right),
    ]
    wrong = [one for one in scores if one.tip == "genuine"]
    return [*parts, "## Tips that are wrong", *_wrong(wrong)] if wrong else parts


def _groups(scores: Sequence[TipScore]) -> dict[tuple[str, str, int], list[TipScore]]:
    found: dict[tuple[str, str, int], list[TipScore]] = {}
    for one in scores:
        found.setdefault((one.scenario, one.tip, one.reviewed), []).append(one)
    return found


def _activists(scores: Sequence[TipScore]) -> tuple[int, int]:
    """Activist groups and pages taken in, and activists' accounts."""
    counts: Counter[str] = Counter()
    for one in scores:
        counts.update(one.wrong)
    return counts["activist group"] + counts["activist page"], counts["activist account"]


def _pooled(scores: Sequence[TipScore]) -> str:
    rows = []
    for (scenario, tip, reviewed), some in _groups(scores).items():
        groups, people = _activists(some)
        rows.append(
            [scenario, tip, reviewed, len(some), sum(one.size for one in some), f"{_recall(some):.3f}",
             _interval(some, _recall), f"{_precision(some):.4f}", _interval(some, _precision),
             f"{min(one.found / one.size for one in some):.3f}", sum(one.found < 0.5 * one.size for one in some),
             sum(one.mistakes for one in some), groups, people]
        )  # fmt: skip
    head = ["worlds of", "tip", "reviewer's passes", "worlds", "assets", "recall", "95 %", "precision", "95 %",
            "worst recall", "worlds below .5", "genuine taken in", "activist groups and pages", "activists"]  # fmt: skip
    return markdown_table(head, rows)


def _by_size(scores: Sequence[TipScore]) -> str:
    rows = []
    for (scenario, tip, reviewed), every in _groups(scores).items():
        for low, high in BINS:
            some = [one for one in every if low <= one.size <= high]
            if some and not reviewed:
                rows.append(
                    [scenario, tip, f"{low} to {high}", len(some), f"{_recall(some):.3f}", f"{_precision(some):.4f}"]
                )
    return markdown_table(["worlds of", "tip", "assets", "worlds", "recall", "precision"], rows)


def _by_kind(scores: Sequence[TipScore]) -> str:
    rows = []
    for (scenario, tip, reviewed), some in _groups(scores).items():
        for kind in ("account", "page", "group"):
            pairs = [one.by_kind[kind] for one in some if kind in one.by_kind]
            if pairs and not reviewed:
                size, found = (sum(pair[k] for pair in pairs) for k in (0, 1))
                rows.append([scenario, tip, kind, size, found, _share(found, size)])
    return markdown_table(["worlds of", "tip", "kind", "assets", "found", "recall"], rows)


def _each(scores: Sequence[TipScore]) -> str:
    rows = [
        [one.scenario, one.seed, one.tip, one.size, one.found, _share(one.found, one.size), f"{one.estimated:.3f}",
         ", ".join(f"{count} {what}" for what, count in one.wrong.items())]
        for one in scores
        if not one.reviewed
    ]  # fmt: skip
    head = [
        "worlds of",
        "seed",
        "tip",
        "assets",
        "found",
        "recall",
        "precision that the run expects",
        "genuine taken in",
    ]
    return markdown_table(head, rows)


def _wrong(scores: Sequence[TipScore]) -> list[str]:
    rows = []
    for (scenario, _, _), some in _groups(scores).items():
        hit = sum(one.mistakes > 0 for one in some)
        low, high = wilson(hit, len(some))
        most = max(some, key=lambda one: one.mistakes)
        rows.append(
            [scenario, len(some), hit, f"{low:.3f}–{high:.3f}", sum(one.mistakes for one in some), most.mistakes]
        )
    head = [
        "worlds of",
        "worlds",
        "in which anybody was taken in",
        "95 % of the share",
        "assets taken in",
        "most in a world",
    ]
    return [
        "Three genuine accounts, pages or groups, drawn at random: whoever is tied to them is tied by a home, an office or an "
        "employer, and whoever is taken in is a mistake.",
        markdown_table(head, rows),
    ]
