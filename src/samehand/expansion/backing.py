"""Whether the rest of a network backs the tie by which an asset hangs on it.

Families, offices and employers tie people, too, so a tie alone says little, however strong. What counts then is what such an
asset shares with *other* members than the one that it hangs on: images, texts and links. How much of it strangers have who hang
on drawn networks is what chance gives (`chance`).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from samehand.expansion.attributes import FAMILIES
from samehand.expansion.scoring import ANCHOR, FAMILY, LEAST_TIE, OPERATOR, Circle, Scores, Shared, price

__all__ = ["backing"]

F64 = npt.NDArray[np.float64]
I64 = npt.NDArray[np.int64]


def backing(shared: Shared, circle: Circle, scores: Scores) -> F64:
    """Nats that behaviour ties each asset to members apart from the one that it hangs on.

    Returns:
        float64[assets]; NaN of members, and of assets without a tie of `LEAST_TIE` nats of the operator's grade over a rare
        thing: people who use the same VPN, and are of one cause, would back one another.

    """
    found = np.full(len(shared.all), np.nan)
    strong = scores.rare & OPERATOR[shared.attribute] & (scores.evidence >= ANCHOR)
    hangs = np.bincount(shared.assets[strong], minlength=len(shared.all)) > 0
    asset = np.flatnonzero(~circle.member & hangs & (scores.operator >= LEAST_TIE))
    if len(asset):
        found[asset] = _shared_beyond(shared, circle, asset, scores.bridge[asset])
    return found


def _shared_beyond(shared: Shared, circle: Circle, asset: I64, partner: I64) -> F64:
    """For each pair the sum over the families of behaviour of the best that the asset shares with others than the partner.

    A partner of -1 is nobody.
    """
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
    without = ((keys[place] == wanted) & (partner[pair] >= 0)).astype(np.float64)
    value = price(shared, circle, rows, without)
    best = np.zeros((len(asset), len(FAMILIES)))
    np.maximum.at(best, (pair, FAMILY[shared.attribute[rows]]), value)
    return np.asarray(best.sum(1))
