"""Findings in what accounts run on: log-ins and administrators that they share with few others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
import numpy.typing as npt

from samehand.authenticity.controls import Pool
from samehand.authenticity.findings import Detector, Measure
from samehand.authenticity.keys import SharedKeys
from samehand.authenticity.material import Material
from samehand.authenticity.sets import Purity

__all__ = ["INFRASTRUCTURE_DETECTORS"]

I32 = npt.NDArray[np.int32]
I64 = npt.NDArray[np.int64]


def _of_pool(keys: SharedKeys, accounts: I32) -> tuple[I64, I32]:
    """The keys of some accounts: where each one's begin, and the keys."""
    length = keys.start[accounts + 1] - keys.start[accounts]
    start = np.concatenate((np.zeros(1, np.int64), np.cumsum(length)))
    rows = np.repeat(keys.start[accounts] - start[:-1], length) + np.arange(int(start[-1]))
    return start, keys.key[rows]


def _receipts(material: Material, pool: Pool, keys: SharedKeys) -> Callable[[I32, int], list[str]]:
    """The five keys that members share most exclusively; an address or a device itself is not shown."""

    def receipts(members: I32, _: int) -> list[str]:
        start, key = _of_pool(keys, pool.accounts[members])
        owner = np.repeat(np.arange(len(members)), np.diff(start))
        found, count = np.unique(key, return_counts=True)
        found, count = found[count > 1], count[count > 1]
        holders = [np.sort(pool.accounts[members[owner[key == k]]]) for k in found]
        purity = (count - 1) / np.maximum(keys.users[found] - 1, 1)
        first = np.array([int(h[0]) for h in holders], np.int64)
        order = np.lexsort((keys.kind[found], first, -count, -np.round(purity, 12)))[:5]
        return [
            f"{keys.kinds[keys.kind[found[k]]]} of {count[k]} members and "
            f"{keys.users[found[k]] - count[k]} others: {material.listed(holders[k])}"
            for k in order
        ]

    return receipts


def _purity(material: Material, pool: Pool, keys: SharedKeys | None) -> Measure | None:
    if keys is None:
        return None
    start, key = _of_pool(keys, pool.accounts)
    return Measure(np.diff(start) > 0, lambda _: Purity(start, key, keys.users), _receipts(material, pool, keys))


INFRASTRUCTURE_DETECTORS: Final = (
    Detector(
        "shared_logins", 1, "infrastructure", "of the users of a member's device, address or program are members",
        "share", ("logins.ip", "logins.device_id", "logins.user_agent"), 0.25,
        "an office, a household, a cybercafe; a carrier's shared address says little because strangers use it",
        lambda material, pool: _purity(material, pool, material.logins),
    ),
    Detector(
        "shared_admins", 1, "infrastructure", "of what a member's administrators run are members", "share",
        ("relations.admin",), 0.25, "a publisher or an agency that runs pages openly",
        lambda material, pool: _purity(material, pool, material.admins),
    ),
)  # fmt: skip
