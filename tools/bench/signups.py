"""The sign-up scorer on fresh worlds: writes docs/measured/signups.md.

`python tools/bench/signups.py` measures all parts (half an hour); `--only hard --seeds 3` one part on three worlds. Each part lies
in bench/signups/ when it is done, and the page is made of those that are there.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from samehand.evaluation import (
    GroupRate,
    NewcomerScore,
    group_rates,
    markdown_table,
    pooled_groups,
    score_newcomers,
    spread,
    uncapped,
    wilson,
    write_page,
)
from samehand.policy import DECISIONS, SHARES, expected_precision, read_signup_policy
from samehand.simulation import signup_scenario

FIRST_SEED = 67_000
"""Of the worlds that are reported on: nothing was chosen while looking at them."""
LEVELS = ("E0", "E1", "E2", "E3", "E4")
PREVALENCES = {0.01: 25, 0.05: 5, 0.20: 5}
BLIND = ("E3", "E4")
"""Levels at which little is found whatever is drawn: ten worlds a cell at most."""
PARTS = ("levels", "hard", "stock", "more", "ladder")
DONE = Path("bench/signups")
PAGE = Path("docs/measured/signups.md")
EXPECTED = Path("src/samehand/policy/packs/signups.expected.json")


def say(words: str) -> None:
    """Tell on stderr what is being done."""
    sys.stderr.write(words + "\n")


def measured(scenario: str, seeds: Sequence[int], *, beside: bool = True, **changes: object) -> list[NewcomerScore]:
    """The scores of some worlds of one scenario, daily caps lifted and automatic suspension on."""
    policy = uncapped(read_signup_policy())
    found = []
    for seed in seeds:
        parameters = replace(signup_scenario(scenario, seed), **changes)  # type: ignore[arg-type]
        one = score_newcomers(parameters, seed, policy, suspends=True, beside=beside)
        say(f"{scenario} {changes} {seed}: {one.limited} of {one.operation} limited, {one.genuine_limited} genuine")
        found.append(one)
    return found


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.3f}" if whole else "–"


def _rare(part: int, whole: int) -> str:
    low, high = wilson(part, whole)
    return f"{100 * part / whole:.3f} % ({100 * low:.3f}–{100 * high:.3f})"


def _level_row(level: str, prevalence: float, scores: Sequence[NewcomerScore]) -> tuple[object, ...]:
    ours = [one.recall["samehand"] for one in scores]
    operation, limited = sum(one.operation for one in scores), sum(one.limited for one in scores)
    wrong = sum(one.genuine_limited for one in scores)
    return (
        level, f"{prevalence:.0%}", len(scores), f"{np.mean(ours):.3f}", f"{min(ours):.2f}",
        _share(sum(one.challenged for one in scores), operation), _share(limited, operation),
        _share(limited, limited + wrong), _share(sum(one.before for one in scores), operation),
        sum(one.suspended for one in scores),
        *(f"{np.mean([one.recall[name] for one in scores]):.3f}" for name in scores[0].recall if name != "samehand"),
    )  # fmt: skip


def _fairness(scores: Sequence[NewcomerScore], where: str) -> list[str]:
    """Who among genuine people is hit more often than the others."""
    rows: list[tuple[object, ...]] = []
    spreads: list[tuple[object, ...]] = []
    for kind, groups in pooled_groups(one.groups for one in scores).items():
        challenged = group_rates({name: (people, hit) for name, (people, hit, _) in groups.items()})
        limited = group_rates({name: (people, hit) for name, (people, _, hit) in groups.items()})
        spreads.append((kind, len(limited), *_unequal(challenged), *_unequal(limited)))
        of = {one.group: one for one in limited}
        for one in challenged:
            if one.hit:
                other = of[one.group]
                shares = [(_rare(each.hit, each.people), _times(each)) for each in (one, other)]
                rows.append((kind, one.group, one.people, one.hit, *shares[0], other.hit, *shares[1]))
        spared = [one.people for one in challenged if not one.hit]
        rows.append((kind, f"{len(spared)} others", sum(spared), 0, "–", "–", 0, "–", "–"))
    return [
        f"### Who is hit by mistake: {where}",
        f"Genuine people of {len(scores)} worlds together, by group; groups of fewer than 500 have no row, but are among those whom "
        "each group is held against; groups in which nobody is hit are in one row. Rates with 95 % Wilson intervals; *times the "
        "others*: the rate over that of everybody else, with a 95 % interval (Clopper-Pearson for the group's share of all who are "
        "hit). 1 is equal treatment; an interval that holds 1 shows no difference, and with few who are hit it is wide: then nothing "
        "is shown either way. People of one world are hit together, in clusters, so the intervals are rather too narrow.",
        markdown_table(
            ("kind", "group", "people", "challenged or more", "rate", "times the others", "limited or more", "rate", "times the others"),
            rows,
        ),
        "*Highest over lowest* is of the groups of 500 and more: – where nobody is hit, ∞ where nobody is hit in the lowest, which is "
        "usual where few are hit at all. *Apart*: groups whose interval leaves out 1; by chance, one in twenty at most.",
        markdown_table(
            ("kind", "groups", "challenged or more: highest over lowest", "apart", "limited or more: highest over lowest", "apart"),
            spreads,
        ),
    ]  # fmt: skip


def _unequal(rates: Sequence[GroupRate]) -> tuple[str, int]:
    return _factor(spread(rates)), sum(not one.ratio_interval[0] <= 1 <= one.ratio_interval[1] for one in rates)


def _times(one: GroupRate) -> str:
    low, high = one.ratio_interval
    return f"{_factor(one.ratio)} ({_factor(low)}–{_factor(high)})"


def _factor(ratio: float) -> str:
    return "–" if np.isnan(ratio) else "∞" if np.isinf(ratio) else f"{ratio:.2f}"


def levels_part(seeds: int | None) -> list[str]:
    """Recall by level and prevalence, beside rules and references."""
    rows: list[tuple[object, ...]] = []
    signals: defaultdict[int, list[int]] = defaultdict(lambda: [0, 0])
    genuine = challenged = limited = suspended = 0
    names: list[str] = []
    every: list[NewcomerScore] = []
    for level in LEVELS:
        for prevalence, count in PREVALENCES.items():
            some = range(FIRST_SEED, FIRST_SEED + min(count, seeds or count, 10 if level in BLIND else count))
            scores = measured(f"signups-{level.lower()}", some, prevalence=prevalence)
            every += scores
            names = [name for name in scores[0].recall if name != "samehand"]
            rows.append(_level_row(level, prevalence, scores))
            genuine += sum(one.genuine for one in scores)
            challenged += sum(one.genuine_challenged for one in scores)
            limited += sum(one.genuine_limited for one in scores)
            suspended += sum(one.genuine_suspended for one in scores)
            for one in scores:
                for number, (accounts, stopped) in one.by_signals.items():
                    signals[number][0] += accounts
                    signals[number][1] += stopped
    head = ("level", "share", "worlds", "recall at .99", "worst", "challenged", "limited", "precision", "before first post",
            "suspended", *names)  # fmt: skip
    return [
        "## Recall by level and share",
        f"Fresh waves, {len(rows)} cells, worlds from seed {FIRST_SEED} on, 40,000 genuine people each; decided in order of time at "
        "the shipped policy, daily caps lifted, automatic suspension on. *Recall at .99*: above the best threshold of each world "
        "with precision .99, mean and worst; the next four columns are of the one fixed policy: challenged or more, limited "
        "or more, the precision of limiting, and limited before the first post. To the right, at their best thresholds: two rules; "
        "gradient boosting of single rows, which learns from five labelled worlds of other seeds (77000-77004); two published methods as we read them, for no code of either is public, which see the whole world at once (Ianus learns "
        "from labelled worlds of other seeds; UFA's thresholds were chosen on trial worlds); and the generator's two references "
        "(the clairvoyant knows the operation's own resources, which nobody may).",
        markdown_table(head, rows),
        f"Genuine people in these worlds: {genuine:,}; challenged or more {_rare(challenged, genuine)}, limited or more "
        f"{_rare(limited, genuine)}, suspended {suspended}.",
        "By independent signals that the operation left on an account:",
        markdown_table(
            ("signals", "accounts", "limited"),
            [(number, accounts, _share(stopped, accounts)) for number, (accounts, stopped) in sorted(signals.items())],
        ),
        *_fairness(every, "worlds with an operation"),
    ]


def hard_part(seeds: int | None) -> list[str]:
    """Whom it hits where there is no operation."""
    quiet = measured("signups-quiet", range(FIRST_SEED, FIRST_SEED + (seeds or 25)))
    surge = measured("signups-surge", range(FIRST_SEED, FIRST_SEED + (seeds or 6)))
    rows = []
    for scenario in [f"H{number}" for number in range(1, 15)]:
        mine = [one.hard[scenario] for one in (*quiet, *surge) if scenario in one.hard]
        people, challenged, limited = (sum(column) for column in zip(*mine, strict=True))
        worst = max(hit / size for size, hit, _ in mine)
        rows.append((scenario, people, _rare(challenged, people), _rare(limited, people), f"{100 * worst:.1f} %"))
    everybody = [
        (name, len(some), sum(one.genuine for one in some), _rare(sum(o.genuine_challenged for o in some), sum(o.genuine for o in some)),
         _rare(sum(o.genuine_limited for o in some), sum(o.genuine for o in some)), sum(o.genuine_suspended for o in some),
         _share(sum(o.spam_limited for o in some), sum(o.spam for o in some)))
        for name, some in (("quiet", quiet), ("surge", surge))
    ]  # fmt: skip
    return [
        "## Hard negatives",
        f"Worlds without an operation from seed {FIRST_SEED} on, all fourteen scenarios in each, automatic suspension on; shares "
        "with 95 % Wilson intervals. *Worst*: challenged or more in the worst world.",
        markdown_table(("scenario", "people", "challenged or more", "limited or more", "worst"), rows),
        markdown_table(
            (
                "worlds",
                "number",
                "genuine people",
                "challenged or more",
                "limited or more",
                "suspended",
                "spam rings limited",
            ),
            everybody,
        ),
        *_fairness([*quiet, *surge], "worlds without an operation"),
    ]


def stock_part(seeds: int | None) -> list[str]:
    """Aged stock, which signed up slowly and is in the baseline."""
    rows = [
        _level_row(level, 0.05, measured(f"signups-{level.lower()}", range(FIRST_SEED, FIRST_SEED + (seeds or 3)), prevalence=0.05, regime="stock"))
        for level in ("E0", "E1", "E2")
    ]  # fmt: skip
    head = (
        "level",
        "share",
        "worlds",
        "recall at .99",
        "worst",
        "challenged",
        "limited",
        "precision",
        "before first post",
        "suspended",
    )
    return [
        "## Aged stock",
        "The same for operations whose accounts sign up slowly over all days.",
        markdown_table(head, [row[:10] for row in rows]),
    ]


def more_part(seeds: int | None) -> list[str]:
    """What labels and logins add, on the same worlds."""
    rows: list[tuple[object, ...]] = []
    told: dict[str, dict[str, bool]] = {
        "neither": {}, "labels": {"labels": True}, "logins": {"logins": True}, "both": {"labels": True, "logins": True},
    }  # fmt: skip
    some = range(FIRST_SEED, FIRST_SEED + (seeds or 5))
    for level in ("E1", "E2", "E3"):
        for prevalence in (0.01, 0.05):
            for name, more in told.items():
                scores = measured(
                    f"signups-{level.lower()}", some, beside=False, prevalence=prevalence, waves=(2, 4), **more
                )
                operation, genuine = sum(one.operation for one in scores), sum(one.genuine for one in scores)
                rows.append(
                    (level, f"{prevalence:.0%}", name, f"{np.mean([one.recall['samehand'] for one in scores]):.3f}",
                     _share(sum(one.challenged for one in scores), operation),
                     _share(sum(one.limited for one in scores), operation),
                     _rare(sum(one.genuine_challenged for one in scores), genuine),
                     _rare(sum(one.genuine_limited for one in scores), genuine),
                     f"{sum(one.seconds for one in scores) / len(scores):.0f}")
                )  # fmt: skip
    quiet = [
        (name, sum(one.genuine for one in scores), _rare(sum(o.genuine_challenged for o in scores), sum(o.genuine for o in scores)),
         _rare(sum(o.genuine_limited for o in scores), sum(o.genuine for o in scores)))
        for name, more in told.items()
        for scores in [measured("signups-quiet", some, beside=False, **more)]
    ]  # fmt: skip
    return [
        "## What labels and logins add",
        f"{len(some)} worlds a cell from seed {FIRST_SEED} on, operations in two to four waves. Labels come two to seven days after "
        "the sign-up, of 30 to 60 % of the operation's and half of the rings' accounts and 20 to 40 % of the genuine ones; 5 to 10 % of "
        "either kind are wrong. Logins name devices: six of ten operations and rings hold accounts on telephones of a farm, each account "
        "of the others has its own; people share them in families and cafes, sell them on, and at up to two help desks eight to forty "
        "newcomers sign up on one tablet. CPU seconds are of a world of some 40,000 sign-ups, on one core.",
        markdown_table(
            (
                "level",
                "share",
                "told",
                "recall at .99",
                "challenged",
                "limited",
                "genuine challenged",
                "genuine limited",
                "CPU s",
            ),
            rows,
        ),
        "Worlds without an operation (their rings are labelled as such):",
        markdown_table(("told", "genuine people", "challenged or more", "limited or more"), quiet),
    ]


def ladder_part(seeds: int | None) -> list[str]:
    """What to expect of each rung; also written beside the policy, for `samehand signups ladder`."""
    scores = []
    for level in ("E0", "E1", "E2"):
        some = range(FIRST_SEED + 500, FIRST_SEED + 500 + (seeds or 4))
        scores += measured(f"signups-{level.lower()}", some, prevalence=0.01)
    operation = np.sum([one.operation_rungs for one in scores], axis=0)
    genuine = np.sum([one.genuine_rungs for one in scores], axis=0)
    found = {
        name: {
            "operation": int(operation.sum()), "reached": int(operation[place:].sum()), "genuine": int(genuine.sum()),
            "wrong": int(genuine[place:].sum()),
        }
        for place, name in enumerate(DECISIONS)
        if place
    }  # fmt: skip
    policy = read_signup_policy()
    EXPECTED.write_text(json.dumps({"version": policy.version, "rungs": found}, indent=1) + "\n", encoding="utf-8")
    rows = [(rung.name, rung.recall, *rung.precision) for rung in expected_precision(policy)]
    head = ("rung", "share of the operation that reaches it", *(f"precision at {share:.0%}" for share in SHARES))
    return [
        "## What to expect of each rung",
        f"E0, E1 and E2, {len(scores)} worlds; precision at three shares of operations among sign-ups, with the upper end of the 95 % "
        "Wilson interval of the genuine people who reach the rung (so that none seen is not none).",
        markdown_table(
            head,
            [
                (name, f"{recall:.3f}", *(f"{one:.3f}" if recall else "–" for one in three))
                for name, recall, *three in rows
            ],
        ),
    ]


def main(arguments: list[str] | None = None) -> None:
    """Measure and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", action="append", choices=PARTS, help="a part; may be given again")
    parser.add_argument("--seeds", type=int, help="worlds of each cell at most")
    parser.add_argument("--page", type=Path, default=PAGE)
    asked = parser.parse_args(arguments)
    DONE.mkdir(parents=True, exist_ok=True)
    for part in asked.only or PARTS:
        texts = {
            "levels": levels_part,
            "hard": hard_part,
            "stock": stock_part,
            "more": more_part,
            "ladder": ladder_part,
        }[part](asked.seeds)
        (DONE / f"{part}.md").write_text("\n\n".join(texts), encoding="utf-8")
        done = [DONE / f"{name}.md" for name in PARTS if (DONE / f"{name}.md").is_file()]
        intro = "The method: [sign-ups](../signups.md); the worlds: [worlds](../worlds.md)."
        write_page(
            asked.page,
            "Sign-ups",
            "make bench (tools/bench/signups.py)",
            [intro, *(file.read_text(encoding="utf-8") for file in done)],
        )


if __name__ == "__main__":
    main()
