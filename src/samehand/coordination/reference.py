"""How such objects spread among people who have nothing to do with one another: the chance that two fall together.

For every object and window, the chance that two actions on it lie within the window, given that both happened:

* The reference is a class of objects of like kind and size. Inside it only *unrelated, ordinary* pairs are looked at:
  accounts that are not tied by shared rare objects, and that also touch several crowd objects. Teams share many rare
  objects among themselves, so they do not draw their own curve.
* A class's chance is taken one standard error above its estimate, and is never below that of crowds.
* A crowd object (more than `CROWD` sharers) leans on its own curve, the more the more unrelated pairs it has (a Gamma
  prior worth `PSEUDO_HITS` pairs inside the window); a smaller one takes the curve of its class.
* A class's odds are at most `ODDS_CAP` times those of crowds and `STEP_CAP` times those of the next larger sizes, so
  that a class which a team dominates cannot be bent by it.
* Two accounts that are about at the same hours of the day meet more often: the overlap of their hours, over that of
  two people at large, multiplies the chance (never below one).
* Each account's *pace* multiplies the chance: how much more often than expected it falls together with unrelated
  sharers of crowd objects, shrunk towards one and never below it. Whoever is always early is not thereby a team.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numba as nb
import numpy as np
import numpy.typing as npt

from samehand.coordination.arrays import Activities
from samehand.coordination.spread import Relations, crowd_levels, draw_pairs, relations_of

__all__ = ["CROWD", "LEVEL", "MEMBER_GRID", "SIZE_EDGES", "Reference", "SpreadClass", "measure_reference"]

F64 = npt.NDArray[np.float64]
I32 = npt.NDArray[np.int32]
I64 = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

SIZE_EDGES = (2, 3, 4, 5, 7, 11, 21, 51, 151, 601)
"""Lower ends of the size classes: 2, 3, 4, 5-6, 7-10, 11-20, 21-50, 51-150, 151-600, more."""
CROWD = 20
ODDS_CAP = 12.0
STEP_CAP = 4.0
PSEUDO_HITS = 3.0
PACE_PSEUDO = 3.0
MINIMUM_OBJECTS = 30
CROWDS_TOUCHED = 2
MINIMUM_ORDINARY = 100
HOURS_PRIOR = 30.0
MEMBER_GRID = (2, 3, 4, 6, 8)
LEVEL = 0.5
MOST_CROWDS = 2000
LEAST, MOST = 1e-9, 0.95


@dataclass(frozen=True)
class SpreadClass:
    """One class of objects: its kind, sizes, what it was measured on, and the chance within each window."""

    kind: int
    smallest: int
    largest: int
    objects: int
    measured: int
    related_share: float
    chance: tuple[float, ...]


@dataclass(frozen=True)
class Reference:
    """Chances of falling together by accident.

    Attributes:
        windows_us: int64[w], ascending, microseconds.
        kind: int64[objects], each object's kind.
        chance: float64[objects, w], that two actions on the object lie within the window.
        pace: float64[accounts, w], at least 1.
        hours: float32[accounts, 24], each account's hours of the day (UTC), smoothed and scaled: the sum of the products
            of two accounts' says how much likelier than two people at large they are to be about at once.
        crowd: float64[kinds, w], the mean chance on crowd objects of each kind.
        halves: float64[kinds, w, MEMBER_GRID], of that many unrelated sharers of a crowd object, the chance that at
            least half of their pairs lie within the window.
        classes: what was measured, for the report.

    """

    windows_us: I64
    kind: I64
    chance: F64
    pace: F64
    hours: npt.NDArray[np.float32]
    crowd: F64
    halves: F64
    classes: tuple[SpreadClass, ...]


@nb.njit(cache=True)
def odds_scaled(chance: float, factor: float) -> float:
    """A probability with its odds multiplied, at most .95."""
    odds = chance / (1 - chance) * factor
    return float(min(0.95, odds / (1 + odds)))


def _capped(chance: F64, limit: F64, factor: float) -> F64:
    """A chance whose odds are at most `factor` times those of another."""
    odds = np.minimum(chance / (1 - chance), factor * limit / (1 - limit))
    return np.asarray(odds / (1 + odds))


def _pooled(pools: list[Flags]) -> Flags:
    """The first pool that holds enough objects, else the last."""
    return next((pool for pool in pools if int(pool.sum()) >= MINIMUM_OBJECTS), pools[-1])


def _mean(share: F64, pool: Flags) -> F64:
    """Mean share over objects, each counted once, and one standard error more, for a class may be measured on few.

    A twentieth of a hit is added, so that no chance is zero.
    """
    n = float(pool.sum()) + 1.0
    mean = (share[pool].sum(axis=0) + 0.05) / n
    spread = np.sqrt(np.maximum((share[pool] ** 2).sum(axis=0) / n - mean**2, 0.0) / n)
    return np.asarray(np.clip(mean + spread, 1e-7, MOST))


@dataclass
class _Measurement:
    """What is measured of all objects at once, and the pools that a kind's classes draw from."""

    activities: Activities
    kind: I64
    share: F64
    hits: F64
    pairs: F64
    drawn: F64
    measured: Flags

    def crowds(self, kind: int) -> Flags:
        """Crowd objects of a kind; of all kinds, then smaller and smaller ones, where there are too few."""
        sharers = self.activities.sharers
        wider = [self.measured & (sharers > size) for size in (CROWD, CROWD // 2, CROWD // 4, 1)]
        return _pooled([wider[0] & (self.kind == kind), *wider])

    def class_chance(self, kind: int, low: int, high: int) -> F64:
        """The mean share of a size class, of near sizes or of all where it holds too few measured objects."""
        sharers, own = self.activities.sharers, self.measured & (self.kind == kind)
        return _mean(
            self.share,
            _pooled(
                [
                    own & (sharers >= low) & (sharers < high),
                    own & (sharers >= low // 2) & (sharers < high * 2),
                    own & (sharers >= 2) & (sharers <= CROWD),
                    own & (sharers >= 2),
                    self.measured & (sharers >= 2),
                ]
            ),
        )


def _fill_classes(m: _Measurement, kind: int, crowd: F64, chance: F64) -> list[SpreadClass]:
    """Set the chance of each object of one kind, from the largest sizes down; returns what was measured."""
    sharers, classes, limit = m.activities.sharers, [], crowd
    edges = [*SIZE_EDGES, int(np.iinfo(np.int32).max)]
    for low, high in reversed(list(itertools.pairwise(edges))):
        member = (m.kind == kind) & (sharers >= low) & (sharers < high)
        if not member.any():
            continue
        typical = _capped(_capped(m.class_chance(kind, low, high), crowd, ODDS_CAP), limit, STEP_CAP)
        typical = np.maximum(typical, crowd)
        limit = typical
        blended = (m.hits[member] + PSEUDO_HITS) / (m.pairs[member][:, None] + PSEUDO_HITS / typical)
        chance[member] = np.where((sharers[member] > CROWD)[:, None], blended, typical)
        related = 1 - m.pairs[member].sum() / max(m.drawn[member].sum(), 1.0)
        counts = int(member.sum()), int((member & m.measured).sum())
        classes.append(SpreadClass(kind, low, high - 1, *counts, float(related), tuple(typical.tolist())))
    return classes


def _ordinary(activities: Activities) -> Flags:
    """Accounts that touch at least two crowd objects; one, or everybody, where there are too few of them."""
    crowded = activities.sharers[activities.obj] > CROWD
    keys = np.unique(activities.account[crowded].astype(np.int64) * activities.objects + activities.obj[crowded])
    touched = np.bincount(keys // max(activities.objects, 1), minlength=activities.accounts)
    for least in (CROWDS_TOUCHED, 1):
        if int((touched >= least).sum()) >= MINIMUM_ORDINARY:
            return np.asarray(touched >= least)
    return np.ones(activities.accounts, np.bool_)


def _pace(activities: Activities, relations: Relations, windows_us: I64, chance: F64) -> F64:
    """How much more often than expected each account falls together with unrelated sharers of crowd objects."""
    crowds = np.flatnonzero(activities.sharers > CROWD).astype(np.int32)
    _, observed, expected = draw_pairs(activities, relations, windows_us, crowds, chance)
    return np.asarray(np.maximum((observed + PACE_PSEUDO) / (expected + PACE_PSEUDO), 1.0))


def measure_reference(
    activities: Activities,
    windows_us: I64,
    kind: npt.NDArray[np.integer] | None = None,
    root: I32 | None = None,
) -> Reference:
    """Measure how objects spread, from pairs of people who have nothing to do with one another.

    Args:
        activities: sorted activities of one trace, or of several with their objects numbered apart.
        windows_us: int64, ascending, microseconds.
        kind: for each object a small integer, its trace; one kind when None.
        root: for each account the number of the component of ties it hangs in, -1 for none; no ties when None.

    """
    kinds = np.zeros(activities.objects, np.int64) if kind is None else kind.astype(np.int64)
    ordinary = _ordinary(activities)
    relations = relations_of(activities, root, ordinary)
    shared = np.flatnonzero(activities.sharers >= 2).astype(np.int32)
    nothing = np.zeros((activities.objects, len(windows_us)))
    drawn, _, _ = draw_pairs(activities, relations, windows_us, shared, nothing)
    share = drawn.hits / np.maximum(drawn.pairs, 1)[:, None]
    m = _Measurement(activities, kinds, share, drawn.hits, drawn.pairs, drawn.drawn, drawn.pairs > 0)
    count = int(kinds.max(initial=0)) + 1
    crowd, halves = np.full((count, len(windows_us)), MOST), np.ones((count, len(windows_us), len(MEMBER_GRID)))
    chance, classes = np.full((activities.objects, len(windows_us)), MOST), []
    for k in np.unique(kinds[activities.sharers >= 2]).tolist():
        pool = m.crowds(k)
        crowd[k] = _mean(share, pool)
        halves[k] = crowd_levels(activities, relations, windows_us, _thinned(pool), MEMBER_GRID, LEVEL)
        classes += _fill_classes(m, k, crowd[k], chance)
    np.maximum.accumulate(chance, axis=1, out=chance)
    np.clip(chance, LEAST, MOST, out=chance)
    everyone = Relations(relations.lists, relations.sittings, relations.start, relations.root, np.ones_like(ordinary))
    return Reference(
        windows_us,
        kinds,
        chance,
        _pace(activities, everyone, windows_us, chance),
        _hours(activities),
        crowd,
        halves,
        tuple(classes),
    )


def _hours(activities: Activities) -> npt.NDArray[np.float32]:
    """Each account's hours, scaled so that the product of two accounts' sums to their overlap over everybody's."""
    hour = activities.at // 3_600_000_000 % 24
    counted = np.bincount(activities.account * 24 + hour, minlength=activities.accounts * 24).reshape(-1, 24)
    everybody = counted.sum(axis=0) + 1.0
    everybody = everybody / everybody.sum()
    own = (counted + HOURS_PRIOR * everybody) / (counted.sum(axis=1, keepdims=True) + HOURS_PRIOR)
    return np.asarray(own / np.sqrt((everybody**2).sum()), np.float32)


def _thinned(pool: Flags) -> I32:
    """At most `MOST_CROWDS` objects of a pool, evenly spread."""
    objects = np.flatnonzero(pool).astype(np.int32)
    if len(objects) <= MOST_CROWDS:
        return objects
    return np.asarray(objects[np.linspace(0, len(objects) - 1, MOST_CROWDS).astype(np.int64)])
