"""From networks to verdicts: controls, findings, counter-evidence, one network after the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from samehand.authenticity.catalogue import DETECTORS
from samehand.authenticity.controls import (
    OTHER_NETWORKS,
    Controls,
    Pool,
    Surroundings,
    controls_of,
    other_networks_pool,
    survey,
)
from samehand.authenticity.counter import COUNTER_EVIDENCE, Scene, SharedOwner, owners_of
from samehand.authenticity.findings import SOME, STRONG, Detector, FindingRow, Held, held_against
from samehand.authenticity.material import Material
from samehand.authenticity.verdict import Verdict, verdict_of
from samehand.authenticity.wording import sentences_of
from samehand.coordination import Activities
from samehand.records import schema_of

__all__ = ["Judged", "NetworkToJudge", "findings_table", "judge_networks"]

I32 = npt.NDArray[np.int32]

_MATCHED: Final = "accounts of no network"
_WIDE: Final = "accounts of no network, like volume (too few of the closer ones have data)"


@dataclass(frozen=True)
class NetworkToJudge:
    """A network as the detection found it: members int32, and its state on the axis `coordinated`."""

    members: I32
    coordinated: str


@dataclass(frozen=True)
class Judged:
    """What is said of one network.

    Attributes:
        findings: every finding and every kind of counter-evidence once, whatever its state.
        inauthentic, flagged: as in the run table `networks`.
        verdict: the groups behind them.
        sentences: the same in plain words, the verdict first.

    """

    findings: tuple[FindingRow, ...]
    inauthentic: str
    flagged: bool
    verdict: Verdict
    sentences: list[str]


def _held(detector: Detector, material: Material, pool: Pool, seed: tuple[int, ...]) -> Held | None:
    measure = detector.measure(material, pool)
    return None if measure is None else held_against(measure, pool, np.random.default_rng(seed))


def _first(detector: Detector, material: Material, controls: Controls, seed: tuple[int, int, int]) -> FindingRow:
    """One finding against accounts of no network, its state not yet decided: `no` stands for computed."""
    blank = FindingRow(detector.name, "inauthentic", None, None, None, detector.group, "unknown")
    against, first = _MATCHED, _held(detector, material, controls.matched, (*seed, 0))
    if first is not None and first.test is None and first.supplied:
        against, first = _WIDE, _held(detector, material, controls.wide, (*seed, 1))
    if first is None or (first.test is None and not first.supplied):
        return blank
    if first.test is None:
        return replace(blank, state="insufficient", members=first.members, controls=first.controls)
    return _computed(blank, first, first, against)


def _second(row: FindingRow, material: Material, others: Pool | None, seed: tuple[int, int, int]) -> FindingRow:
    """The same finding against members of other networks where that is the weaker evidence."""
    if others is None or row.p_value is None:
        return row
    second = _held(DETECTORS[row.finding], material, others, (*seed, 2))
    if second is None or second.test is None or second.test.p_value <= row.p_value:
        return row
    return replace(_computed(row, second, second, OTHER_NETWORKS), receipts=row.receipts)


def _computed(blank: FindingRow, best: Held, matched: Held, against: str) -> FindingRow:
    assert best.test is not None
    return replace(
        blank, state="no", value=best.test.value, expected=best.test.expected, p_value=best.test.p_value,
        receipts=matched.receipts, compared_with=against, controls=best.controls, members=best.members,
    )  # fmt: skip


def _decided(row: FindingRow, computed: int) -> FindingRow:
    """The state of a computed finding: strong needs its share of .01 and an effect, some needs .05."""
    if row.p_value is None or row.value is None or row.expected is None:
        return row
    detector = DETECTORS[row.finding]
    if row.p_value <= STRONG / computed and row.value - row.expected >= detector.least_effect:
        return replace(row, state="strong")
    return replace(row, state="some") if row.p_value <= SOME else row


def _all_decided(rows: list[FindingRow]) -> list[FindingRow]:
    computed = sum(row.p_value is not None for row in rows)
    return [_decided(row, computed) for row in rows]


def _suspected(rows: list[FindingRow]) -> bool:
    """Whether several groups of findings speak against a network, which is then no measure of innocent ones."""
    return len({row.independence_group for row in _all_decided(rows) if row.state == "strong"}) > 1


def _apart(around: Surroundings, suspected: Sequence[bool]) -> Surroundings:
    """The surroundings with suspected networks as nobody's controls."""
    suspects = np.isin(around.network, np.flatnonzero(suspected))
    return replace(around, network=np.where(suspects, np.int32(-1), around.network).astype(np.int32))


def judge_networks(
    material: Material,
    activities: Activities,
    networks: Sequence[NetworkToJudge],
    *,
    seed: int = 0,
    context: Sequence[SharedOwner] = (),
) -> list[Judged]:
    """Say of each network whether anybody in it is real, as far as that can be told.

    Args:
        material: what is known of the accounts.
        activities: of all traces together, accounts numbered as in `material`.
        networks: all networks that were found: members of one are no controls of another.
        seed: of the run; with it, and the first member's number, the random choices of each network repeat.
        context: accounts known to act together in the open.

    Returns:
        One verdict for each network, in their order.

    """
    around = survey(material, activities, [network.members for network in networks])
    owners = owners_of(material, context)
    members = [np.sort(network.members).astype(np.int32) for network in networks]
    seeds = [(seed, int(own.min(initial=0))) for own in members]
    controls = [
        controls_of(activities, around, own, np.random.default_rng(s)) for own, s in zip(members, seeds, strict=True)
    ]
    rows = [
        [_first(detector, material, pools, (*s, k)) for k, detector in enumerate(DETECTORS.values())]
        for pools, s in zip(controls, seeds, strict=True)
    ]
    innocent = _apart(around, [_suspected(own) for own in rows])
    judged = []
    for network, own, pools, found, s in zip(networks, members, controls, rows, seeds, strict=True):
        others = other_networks_pool(innocent, own, np.random.default_rng((*s, 1)))
        decided = _all_decided([_second(row, material, others, (*s, k)) for k, row in enumerate(found)])
        scene = Scene(material, activities, own, pools.matched, around.network >= 0, owners)
        decided += [item.row(scene) for item in COUNTER_EVIDENCE]
        verdict = verdict_of(decided, network.coordinated)
        said = sentences_of(decided, verdict, pools.matched)
        judged.append(Judged(tuple(decided), verdict.inauthentic, verdict.flagged, verdict, said))
    return judged


def findings_table(judged: Sequence[Judged], network_ids: Sequence[str]) -> pa.Table:
    """The run table `findings` of judged networks, one id for each."""
    pairs = [(name, row) for name, one in zip(network_ids, judged, strict=True) for row in one.findings]
    columns = {
        "network_id": [name for name, _ in pairs],
        "asset_id": [None] * len(pairs),
        **{
            column: [getattr(row, column) for _, row in pairs]
            for column in ("finding", "axis", "value", "expected", "p_value", "independence_group", "state")
        },
        "receipts": [list(row.receipts) for _, row in pairs],
    }
    return pa.table(columns, schema=schema_of("findings"))
