"""Leaving out, before pairs are counted, what cannot matter: exactly the same pairs reach the floor.

An account's score with anyone is at most the sum, over its objects, of the weight at the gap to the nearest action of
anybody else. Accounts that cannot reach the floor even so are left out, then the same again with those that are left.
Popular objects are banded before, so that what is left out changes nobody's neighbours.
"""

from __future__ import annotations

from dataclasses import replace

import numba as nb
import numpy as np
import numpy.typing as npt

from samehand.coordination.arrays import Activities
from samehand.coordination.kernel import Window

__all__ = ["prune"]

F32 = npt.NDArray[np.float32]
I32 = npt.NDArray[np.int32]
I64 = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

ROUNDS = 4
WORTH_IT = 0.95
"""Another round is worth it when the last one left out a twentieth."""
ROUNDING = 1e-3
"""The kernel sums in single precision, here it is double: nats by which an account may fall short and stay."""


@nb.njit(cache=True)
def _gaps(account: I32, at: I64, object_start: I64, left: I32, right: I32) -> I64:
    """How far from each position the nearest action of another account inside the window is, -1 for none."""
    gap = np.full(len(account), -1, np.int64)
    for o in range(len(object_start) - 1):
        other = object_start[o] - 1  # the last position of another account
        for i in range(object_start[o], object_start[o + 1]):
            if i > object_start[o] and account[i - 1] != account[i]:
                other = i - 1
            if other >= left[i]:
                gap[i] = at[i] - at[other]
        other = object_start[o + 1]
        for i in range(object_start[o + 1] - 1, object_start[o] - 1, -1):
            if i + 1 < object_start[o + 1] and account[i + 1] != account[i]:
                other = i + 1
            if other < right[i] and (gap[i] < 0 or at[other] - at[i] < gap[i]):
                gap[i] = at[other] - at[i]
    return gap


@nb.njit(cache=True)
def _alive(
    obj: I32, by_account: I32, account_start: I64, gap: I64, weights: F32, steps: I64, floor: float
) -> Flags:  # fmt: skip
    """Positions that have a partner at all and whose account could reach the floor."""
    alive = gap >= 0
    for u in range(len(account_start) - 1):
        total, best, last = 0.0, 0.0, -1
        for k in range(account_start[u], account_start[u + 1]):
            i = by_account[k]
            if obj[i] != last:
                total, best, last = total + best, 0.0, obj[i]
            if gap[i] < 0:
                continue
            step = 0
            while step < len(steps) - 1 and gap[i] > steps[step]:
                step += 1
            best = max(best, np.float64(weights[obj[i], step]))
        if total + best < floor:
            for k in range(account_start[u], account_start[u + 1]):
                alive[by_account[k]] = False
    return alive


def _left(activities: Activities, window: Window, alive: Flags) -> tuple[Activities, Window]:
    """Only the positions that are alive; accounts and objects keep their numbers, objects their sizes."""
    before = np.concatenate((np.zeros(1, np.int32), np.cumsum(alive, dtype=np.int32)))
    place = np.where(alive, before[:-1], np.int32(-1))
    by_account = place[activities.by_account]
    kept = np.concatenate((np.zeros(1, np.int64), np.cumsum(by_account >= 0, dtype=np.int64)))
    fewer = replace(
        activities,
        account=activities.account[alive],
        obj=activities.obj[alive],
        at=activities.at[alive],
        post=activities.post[alive],
        object_start=before[activities.object_start].astype(np.int64),
        by_account=by_account[by_account >= 0],
        account_start=kept[activities.account_start],
        known_sitting=None,
        post_slot=activities.post_slot[alive],
    )
    narrower = replace(
        window,
        left=before[window.left[alive]],
        right=before[window.right[alive]],
        order=np.append(place, np.int32(-1))[window.order],  # one that was left out before stays so: -1 is the last
        slot=window.slot[alive] if len(window.slot) else window.slot,
    )
    return fewer, narrower


def prune(
    activities: Activities, window: Window, weights: F32, steps_us: I64, floor: float
) -> tuple[Activities, Window]:
    """Activities and window without what cannot be part of a pair whose score reaches the floor.

    Args:
        activities, window: as `pairs_of_block` takes them.
        weights: float32[objects, steps], never negative.
        steps_us: int64[steps], ascending.
        floor: the least score.

    Returns:
        What `pairs_of_block` finds the same pairs in. Only it should look at them: positions are other ones, and an
        object's sharers are not all there.

    """
    # of all windows that an action may fall into the heaviest counts, whatever the order of the weights
    heaviest = np.ascontiguousarray(np.maximum.accumulate(weights[:, ::-1], axis=1)[:, ::-1])
    for _ in range(ROUNDS):
        a, size = activities, len(activities)
        gap = _gaps(a.account, a.at, a.object_start, window.left, window.right)
        alive = _alive(a.obj, a.by_account, a.account_start, gap, heaviest, steps_us, floor - ROUNDING)
        activities, window = _left(a, window, alive)
        if len(activities) > WORTH_IT * size:
            break
    return activities, window
