"""Control: who runs a member's page, and what a member runs; and whether the rest of the network backs that tie.

Whoever runs a page holds it in hand, so such ties are few and are tested apart. Alone they say little: every page is run by
somebody. What counts is what such an asset shares with *other* members than the one that it runs or is run by: images, texts
and links. How much of it strangers have who run the pages of drawn networks is what chance gives (`chance`).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from samehand.expansion.attributes import FAMILIES
from samehand.expansion.scoring import FAMILY, OPERATOR, Circle, Shared, mostly_ours, price

__all__ = ["backing"]

F64 = npt.NDArray[np.float64]
I64 = npt.NDArray[np.int64]


def backing(shared: Shared, circle: Circle) -> F64:
    """Nats that behaviour ties each asset under control to members apart from its partner; NaN without such a tie.

    Returns:
        float64[assets]. Of an asset with several partners the most.

    """
    found = np.full(len(shared.all), np.nan)
    asset, partner = _pairs(shared, circle)
    if not len(asset):
        return found
    nats = _shared_beyond(shared, circle, asset, partner)
    order = np.lexsort((nats, asset))
    found[asset[order]] = nats[order]
    return found


def _pairs(shared: Shared, circle: Circle) -> tuple[I64, I64]:
    """(asset, partner): an account and a member that it runs; a page or group and a member who runs it with few others."""
    account, target = shared.all.runs.astype(np.int64).T
    member, ours = circle.member, mostly_ours(shared.all, circle.member)
    up = member[target] & ~member[account]
    down = member[account] & ~member[target] & ours[target]
    return np.concatenate([account[up], target[down]]), np.concatenate([target[up], account[down]])


def _shared_beyond(shared: Shared, circle: Circle, asset: I64, partner: I64) -> F64:
    """For each pair the sum over the families of behaviour of the best that the asset shares with others than the partner."""
    order = np.argsort(shared.assets, kind="stable")
    holder = shared.assets[order]
    low, high = np.searchsorted(holder, asset), np.searchsorted(holder, asset, side="right")
    pair = np.repeat(np.arange(len(asset)), high - low)
    rows = order[np.arange(len(pair)) - np.repeat(np.cumsum(high - low) - (high - low), high - low) + low[pair]]
    kept = ~OPERATOR[shared.attribute[rows]]
    pair, rows = pair[kept], rows[kept]
    size = len(shared.all)
    keys = shared.objects.astype(np.int64) * size + shared.assets  # Shared is sorted by (object, asset)
    wanted = shared.objects[rows].astype(np.int64) * size + partner[pair]
    place = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    value = price(shared, circle, rows, without=(keys[place] == wanted).astype(np.float64))
    best = np.zeros((len(asset), len(FAMILIES)))
    np.maximum.at(best, (pair, FAMILY[shared.attribute[rows]]), value)
    return np.asarray(best.sum(1))
