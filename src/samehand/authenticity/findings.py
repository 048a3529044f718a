"""What a finding is: a declaration of what is measured, and the row that comes out of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from samehand.authenticity.controls import Pool
from samehand.authenticity.material import Material
from samehand.authenticity.sets import SetTest, Statistic, judge_set

__all__ = [
    "CONTROLS_NEEDED",
    "MEMBERS_NEEDED",
    "SOME",
    "STRONG",
    "Detector",
    "FindingRow",
    "Measure",
    "State",
    "held_against",
]

I32 = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]
State = Literal["no", "insufficient", "unknown", "some", "strong"]

MEMBERS_NEEDED: Final = 5
"""Members about whom the data say enough."""
CONTROLS_NEEDED: Final = 20
STRONG: Final = 0.01
"""Shared by the findings computed for a network: strong needs a p-value of at most this over their number."""
SOME: Final = 0.05


@dataclass(frozen=True)
class Measure:
    """What a detector sees in a pool.

    Attributes:
        known: bool[pool], accounts about which the data say enough.
        statistic: over places of the pool; its values matter where they are known.
        receipts: what speaks, from the places of the members that are known and the view that stands out.
        supplied: bool[pool], accounts for which the platform supplied it at all; None: those that are known.

    """

    known: Flags
    statistic: Callable[[I32], Statistic]
    receipts: Callable[[I32, int], list[str]]
    supplied: Flags | None = None


@dataclass(frozen=True)
class Detector:
    """One finding, declared.

    Attributes:
        name, version: what it is called and which rule it is; a new rule is a new version.
        group: the independence group: findings of one group may be one fact seen twice, and count once.
        title: what is measured, as a sentence without its subject.
        unit: of value and expected: `share`, or a word.
        columns: what it reads, as `table.column`; not supplied, it is `unknown`.
        least_effect: how far members must differ from their controls for `strong`, in the unit.
        innocent: what else could make it so.
        measure: looks at a pool; None where the columns were not supplied, or are pseudonyms.

    """

    name: str
    version: int
    group: str
    title: str
    unit: str
    columns: tuple[str, ...]
    least_effect: float
    innocent: str
    measure: Callable[[Material, Pool], Measure | None]


@dataclass(frozen=True)
class FindingRow:
    """A row of the run table `findings`, but for the network's name.

    Attributes:
        finding, axis, value, expected, p_value, independence_group, state, receipts: as in the table; value, expected and
            p_value are None where nothing was computed.
        explains: for counter-evidence, the independence groups that it explains.
        compared_with: the controls of which p-value and expected speak; empty where nothing was computed.
        controls: how many there were.
        members: members about whom the data say enough.

    """

    finding: str
    axis: Literal["inauthentic", "authentic"]
    value: float | None
    expected: float | None
    p_value: float | None
    independence_group: str
    state: State
    receipts: tuple[str, ...] = ()
    explains: tuple[str, ...] = field(default=())
    compared_with: str = ""
    controls: int = 0
    members: int = 0


@dataclass(frozen=True)
class Held:
    """A measure held against one kind of controls.

    `test` is None where there are too few of either; supplied: whether it was supplied for any member.
    """

    test: SetTest | None
    supplied: bool
    members: int
    controls: int
    receipts: tuple[str, ...] = ()


def held_against(measure: Measure, pool: Pool, rng: np.random.Generator) -> Held:
    """Hold what a detector sees of a network against its controls, among accounts about which the data say enough."""
    places = np.flatnonzero(measure.known).astype(np.int32)
    strata = len(pool.level)
    own = np.bincount(pool.stratum[places], weights=pool.member[places], minlength=strata)
    others = np.bincount(pool.stratum[places], weights=~pool.member[places], minlength=strata)
    places = places[((own > 0) & (others > 0))[pool.stratum[places]]]
    member = pool.member[places]
    members, controls = int(member.sum()), int((~member).sum())
    own_known = measure.known & pool.member
    supplied = bool((own_known if measure.supplied is None else measure.supplied & pool.member).any())
    if members < MEMBERS_NEEDED or controls < CONTROLS_NEEDED:
        return Held(None, supplied, int(own_known.sum()), controls)
    stratum = np.unique(pool.stratum[places], return_inverse=True)[1].astype(np.int32)
    test = judge_set(measure.statistic(places), member, stratum, places, rng)
    return Held(test, True, members, controls, tuple(measure.receipts(places[member], test.view)))
