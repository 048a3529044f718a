"""Links: two sign-ups of the window that share more than chance allows, and the clusters that they make.

A newcomer is held against the last sign-ups that share a fact with it. A fact in common says -ln of its usual share, that
of the row's own country and language or at large, before the window or (for a quarter) now, whichever is largest; a family
says what its most telling fact says, and a little against where both differ. Two families of makers have to say `STRONG_NATS`
or more each. What one venue explains counts once: on one network where people are, contact and client say no more than
the network does. What is left beyond ln of the sign-ups in the window are the link's nats.

Links of `STRONG` begin a cluster. A row joins where the sum of e^nats over its links to the cluster is e^`JOINS` or more,
a kernel estimate of how likely the cluster makes such a row; two clusters become one where the rows of the smaller meet
that on average, e^`MEETS`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Final

import numba as nb
import numpy as np
import numpy.typing as npt

from samehand.signups.arrays import grown
from samehand.signups.coding import FACT_NUMBER, NET_TYPES, NOWHERE
from samehand.signups.facts import FAMILIES
from samehand.signups.ledger import BASELINE, SHORT_BASELINE, WINDOW, Ledger, key_of, number_of
from samehand.signups.profiles import FAMILY_OF, MAKER_PLACES, NOW, STRATUM_PRIOR

__all__ = ["Clusters"]

I64 = npt.NDArray[np.int64]
I32 = npt.NDArray[np.int32]
I8 = npt.NDArray[np.int8]
U64 = npt.NDArray[np.uint64]
F64 = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

NEIGHBOURS: Final = 20
FEW_NEIGHBOURS: Final = 8
COMMON: Final = 0.01
"""How many earlier sign-ups that share a fact are looked at, newest first; fewer where one in a hundred has the fact."""
MOST: Final = 7.0
DIFFERENT: Final = 0.25
WEAKEST: Final = -1.5
STRONG: Final = 2.5
JOINS: Final = 1.0
MEETS: Final = 0.5
"""Nats beyond ln of the sign-ups in the window: of a link that is kept; that begins a cluster; to join one; to join two."""
STRONG_NATS: Final = 1.5
DAMPED: Final = 0.9
MOST_ELSEWHERE: Final = 4.0
_BLOCKING: Final = np.array(
    [FACT_NUMBER[n] for n in ("client", "device", "domain", "mail", "phone", "shape", "form", "stem", "picture", "network",
                              "zone", "fit", "channel", "versions")],
    np.int64,
)  # fmt: skip
_NETWORK, _CONTACT, _CLIENT, _DEVICE = (FAMILIES.index(name) for name in ("network", "contact", "client", "device"))
_CHANNEL = FAMILIES.index("channel")
_NETWORK24, _HOUR = FACT_NUMBER["network"], FACT_NUMBER["hour"]
_NOWHERE = np.array([kind in NOWHERE for kind in (*range(len(NET_TYPES)), -1)])
_IS_MAKER = np.array([place in MAKER_PLACES for place in range(len(FAMILIES))])


@nb.njit(cache=True, inline="always")
def _share_at_large(v: int, singles: I32, total: I64, short: bool) -> float:
    """The usual share of a fact among all: before the window or (for a part) now."""
    base, now = float(singles[v, BASELINE]), float(singles[v, WINDOW] - 2)
    q_base = (base + 0.5) / (total[BASELINE] + 1.0) if not short else 0.0
    return float(max(q_base, NOW * (now + 0.5) / (total[WINDOW] + 1.0)))


@nb.njit(cache=True)
def _at_most(i: int, j: int, codes: I32, family: I64, singles: I32, total: I64, short: bool, nats: F64) -> float:
    """A bound of `_evidence` that needs no look into strata: most pairs need no more than this."""
    nats[:] = -9.0
    for f in range(codes.shape[1]):
        a, b = codes[i, f], codes[j, f]
        if a < 0 or b < 0 or f == _HOUR:
            continue
        k = family[f]
        if a != b:
            nats[k] = max(nats[k], -DIFFERENT)
        elif nats[k] < MOST:
            q = _share_at_large(a, singles, total, short)
            nats[k] = max(nats[k], min(MOST, -np.log(min(1.0, q))))
    for k in (_CONTACT, _CLIENT, _CHANNEL):  # what differs there is nothing where a venue or a device is shared
        nats[k] = max(nats[k], 0.0)
    made, elsewhere, strong = 0.0, 0.0, 0
    for k in range(len(nats)):
        if nats[k] < -1.0:
            continue
        if _IS_MAKER[k]:
            made += nats[k]
            strong += nats[k] >= STRONG_NATS
        else:
            elsewhere += nats[k]
    return DAMPED * (made + min(elsewhere, MOST_ELSEWHERE)) if strong >= 2 else 0.0


@nb.njit(cache=True)
def _nats_of(
    v: int, i: int, j: int, strata: I32, singles: I32, total: I64, keys: U64, numbers: I32, locals_: I32, short: bool
) -> float:
    """-ln of the usual share of a fact, for two rows that have it."""
    q = _share_at_large(v, singles, total, short)
    for row in (np.int64(i), np.int64(j)):
        for side in range(2):
            s = strata[row, side]
            if s < 0:
                continue
            at = number_of(keys, numbers, key_of(np.int64(v), np.int64(s), 7))
            if at >= 0:
                here = (locals_[at, WINDOW] - 2 + STRATUM_PRIOR * q) / (singles[s, WINDOW] + STRATUM_PRIOR)
                before = (locals_[at, BASELINE] + STRATUM_PRIOR * q) / (singles[s, BASELINE] + STRATUM_PRIOR)
                q = max(q, NOW * here, before)
    return float(-np.log(min(1.0, q)))


@nb.njit(cache=True)
def _evidence(
    i: int, j: int, codes: I32, strata: I32, net_type: I8, family: I64, singles: I32, total: I64, keys: U64, numbers: I32,
    locals_: I32, short: bool, nats: F64,
) -> float:  # fmt: skip
    """Nats by which two rows are alike, 0 where not two makers' families say so."""
    nats[:] = -9.0
    for f in range(codes.shape[1]):
        a, b = codes[i, f], codes[j, f]
        if a < 0 or b < 0 or f == _HOUR:
            continue
        k = family[f]
        if a != b:
            nats[k] = max(nats[k], -DIFFERENT)
            continue
        nats[k] = max(nats[k], min(MOST, _nats_of(a, i, j, strata, singles, total, keys, numbers, locals_, short)))
    for k in range(len(nats)):
        if nats[k] < -1.0:
            nats[k] = 0.0
    if codes[i, _NETWORK24] >= 0 and codes[i, _NETWORK24] == codes[j, _NETWORK24] and not _NOWHERE[net_type[i]]:
        top = max(nats[_NETWORK], nats[_CONTACT], nats[_CHANNEL], nats[_CLIENT])
        nats[_CONTACT] = nats[_CLIENT] = nats[_CHANNEL] = 0.0
        nats[_NETWORK] = top
    if nats[_DEVICE] > 1.0:
        nats[_CLIENT] = 0.0
    made, elsewhere, strong = 0.0, 0.0, 0
    for k in range(len(nats)):
        if _IS_MAKER[k]:
            made += nats[k]
            strong += nats[k] >= STRONG_NATS
        else:
            elsewhere += nats[k]
    return DAMPED * (made + min(elsewhere, MOST_ELSEWHERE)) if strong >= 2 else 0.0


@nb.njit(cache=True)
def _join(row: int, cluster: int, label: I32, size: I32, first: I32, following: I32) -> None:
    label[row] = cluster
    size[cluster] += 1
    following[row] = first[cluster]
    first[cluster] = row


@nb.njit(cache=True)
def _place(row: int, oldest: int, label: I32, size: I32, head: I32, to: I32, after: I32, nats: F64) -> tuple[int, int]:
    """Where a row belongs by its links: (cluster or -1, row with which it begins one or -1)."""
    best, most, partner, e = -1, -np.inf, -1, head[row]
    strongest = STRONG
    while e >= 0:
        j = to[e]
        if j >= oldest:
            if nats[e] >= strongest:
                strongest, partner = nats[e], j
            c = label[j]
            if c >= 0 and c != best:
                total, g = 0.0, head[row]
                while g >= 0:
                    if to[g] >= oldest and label[to[g]] == c:
                        total += math.exp(nats[g])
                    g = after[g]
                if math.log(total) > most:
                    best, most = c, math.log(total)
        e = after[e]
    if best >= 0 and ((size[best] >= 3 and most >= JOINS) or most >= STRONG):
        return best, -1
    if partner >= 0 and label[partner] < 0:
        return -1, partner
    return -1, -1


@nb.njit(cache=True)
def _settle(
    queue: I64, queued: int, oldest: int, label: I32, size: I32, first: I32, following: I32, head: I32, to: I32, after: I32,
    nats: F64, clusters: int,
) -> int:  # fmt: skip
    """Place the queued rows, and whoever is linked to those that found a cluster. Returns the number of clusters."""
    at = 0
    while at < queued:
        row = queue[at]
        at += 1
        if label[row] >= 0:
            continue
        cluster, partner = _place(row, oldest, label, size, head, to, after, nats)
        if cluster < 0 and partner < 0:
            continue
        if cluster < 0:
            cluster = clusters
            clusters += 1
            size[cluster], first[cluster] = 0, -1
            _join(partner, cluster, label, size, first, following)
        _join(row, cluster, label, size, first, following)
        for end in (np.int64(row), np.int64(partner)):
            if end < 0:
                continue
            e = head[end]
            while e >= 0:
                if to[e] >= oldest and label[to[e]] < 0 and queued < len(queue):
                    queue[queued] = to[e]
                    queued += 1
                e = after[e]
    return clusters


@nb.njit(cache=True)
def _link(
    low: int, high: int, oldest: int, previous: I32, blocking: I64, codes: I32, strata: I32, net_type: I8, family: I64,
    families: int, singles: I32, total: I64, keys: U64, numbers: I32, locals_: I32, short: bool, paid: float, seen: I64,
    head: I32, to: I32, after: I32, nats: F64, count: int,
) -> tuple[int, int]:  # fmt: skip
    """Link rows low..high to earlier ones, both ways; stops where there is no room. Next row, links (each counted twice)."""
    own = np.empty(families)
    for i in range(low, high):
        if count + 2 * len(blocking) * NEIGHBOURS > len(to):
            return i, count
        for b in range(len(blocking)):
            j, steps = previous[i, blocking[b]], 0
            if j < oldest:
                continue
            common = singles[codes[i, blocking[b]], WINDOW] >= max(2 * NEIGHBOURS, COMMON * total[WINDOW])
            most = FEW_NEIGHBOURS if common else NEIGHBOURS
            while j >= oldest and steps < most:
                steps += 1
                if seen[j] != i:
                    seen[j] = i
                    if _at_most(i, j, codes, family, singles, total, short, own) - paid < WEAKEST:
                        j = previous[j, blocking[b]]
                        continue
                    alike = (
                        _evidence(
                            i, j, codes, strata, net_type, family, singles, total, keys, numbers, locals_, short, own
                        )
                        - paid
                    )
                    if alike >= WEAKEST:
                        for x, y in ((np.int64(i), np.int64(j)), (np.int64(j), np.int64(i))):
                            to[count], nats[count], after[count] = y, alike, head[x]
                            head[x] = count
                            count += 1
                j = previous[j, blocking[b]]
    return high, count


@nb.njit(cache=True)
def _meet(
    cluster: int, oldest: int, label: I32, size: I32, first: I32, following: I32, head: I32, to: I32, after: I32, nats: F64,
    sums: F64, found: I64,
) -> int:  # fmt: skip
    """The cluster that another one's rows meet best, if they meet it well enough to be one with it; -1 for none."""
    met, row = 0, first[cluster]
    while row >= 0:
        e = head[row]
        while e >= 0:
            c = label[to[e]]
            if c >= 0 and c != cluster and to[e] >= oldest:
                if sums[c] == 0.0 and met < len(found):
                    found[met] = c
                    met += 1
                sums[c] += math.exp(nats[e])
            e = after[e]
        row = following[row]
    best, most = -1, -np.inf
    for k in range(met):
        c = found[k]
        score = math.log(sums[c] / min(size[c], size[cluster]))
        if score > most:
            best, most = c, score
        sums[c] = 0.0
    return best if most >= MEETS else -1


@nb.njit(cache=True)
def _ends(head: I32, after: I32, links: int) -> I64:
    """Whose each link is."""
    out = np.full(links, -1, np.int64)
    for row in range(len(head)):
        e = head[row]
        while e >= 0:
            out[e] = row
            e = after[e]
    return out


@nb.njit(cache=True)
def _relink(
    a: I64, b: I64, weight: F64, head: I32, to: I32, after: I32, nats: F64, label: I32, first: I32, following: I32
) -> None:
    for e in range(len(a)):
        to[e], nats[e], after[e] = b[e], weight[e], head[a[e]]
        head[a[e]] = e
    for row in range(len(label)):
        if label[row] >= 0:
            following[row] = first[label[row]]
            first[label[row]] = row


@nb.njit(cache=True)
def _neighbours(rows: I64, oldest: int, label: I32, head: I32, to: I32, after: I32, out: I64) -> int:
    found = 0
    for k in range(len(rows)):
        e = head[rows[k]]
        while e >= 0:
            if to[e] >= oldest and label[to[e]] < 0 and found < len(out):
                out[found] = to[e]
                found += 1
            e = after[e]
    return found


@nb.njit(cache=True)
def _unite(one: int, other: int, label: I32, size: I32, first: I32, following: I32) -> None:
    """Move the rows of another cluster into one."""
    row = first[other]
    while row >= 0:
        after = following[row]
        _join(row, one, label, size, first, following)
        row = after
    size[other], first[other] = 0, -1


def _none(count: int = 1024) -> I32:
    return np.full(count, -1, np.int32)


@dataclass
class Clusters:
    """Which rows of a ledger hang together, brought up to date row by row.

    Attributes:
        label: int32[rows], each row's cluster; -1 for none. head: int32[rows], its first link.
        following: int32[rows], the next row of the same cluster.
        to, after, nats: int32, int32, float64[links], the row linked to, the next link, and its nats; each link twice.
        links: how many of them. size, first: int32[clusters], rows of each cluster, and one of them. clusters: how many.

    """

    label: I32 = field(default_factory=_none)
    head: I32 = field(default_factory=_none)
    following: I32 = field(default_factory=_none)
    to: I32 = field(default_factory=lambda: np.zeros(1 << 14, np.int32))
    after: I32 = field(default_factory=lambda: np.zeros(1 << 14, np.int32))
    nats: F64 = field(default_factory=lambda: np.zeros(1 << 14))
    size: I32 = field(default_factory=lambda: np.zeros(1024, np.int32))
    first: I32 = field(default_factory=_none)
    links: int = 0
    clusters: int = 0

    def extend(self, ledger: Ledger, low: int, high: int) -> I64:
        """Link the rows low..high of a ledger and place them.

        Returns:
            int64[k], ascending: the clusters that have new rows.

        """
        for name in ("label", "head", "following"):
            setattr(self, name, grown(getattr(self, name), high, -1))
        total = np.array([ledger.in_window, ledger.in_baseline], np.int64)
        seen, at = np.full(high, -1, np.int64), low
        while at < high:
            at, self.links = _link(
                at, high, ledger.middle, ledger.previous, _BLOCKING, ledger.codes, ledger.strata, ledger.net_type, FAMILY_OF,
                len(FAMILIES), ledger.singles, total, ledger.local_index.keys, ledger.local_index.numbers, ledger.locals_,
                ledger.in_baseline < SHORT_BASELINE, math.log(max(ledger.in_window, 2)), seen, self.head, self.to, self.after,
                self.nats, self.links,
            )  # fmt: skip
            if at < high:
                for name in ("to", "after", "nats"):
                    setattr(self, name, grown(getattr(self, name), 2 * len(self.to)))
        before = self.clusters
        for name, fill in (("size", 0), ("first", -1)):
            setattr(self, name, grown(getattr(self, name), before + high - low + 1, fill))
        queue = np.empty(64 * (high - low) + 1024, np.int64)
        queue[: high - low] = np.arange(low, high)
        old = self.size[:before].copy()
        self.clusters = _settle(
            queue, high - low, ledger.middle, self.label, self.size, self.first, self.following, self.head, self.to,
            self.after, self.nats, before,
        )  # fmt: skip
        changed = np.flatnonzero(
            self.size[: self.clusters] != np.append(old, np.zeros(self.clusters - before, np.int32))
        )
        return np.asarray(changed, np.int64)

    def unite(self, cluster: int, oldest: int) -> tuple[int, int] | None:
        """Unite a cluster with the one that its rows meet best, the smaller with the larger; None where none is met.

        Returns:
            The cluster that both are now, and the one that is no more.

        """
        sums, found = np.zeros(self.clusters), np.empty(self.clusters, np.int64)
        other = int(
            _meet(cluster, oldest, self.label, self.size, self.first, self.following, self.head, self.to, self.after, self.nats,
                  sums, found)
        )  # fmt: skip
        if other < 0:
            return None
        large, small = (cluster, other) if self.size[cluster] >= self.size[other] else (other, cluster)
        _unite(large, small, self.label, self.size, self.first, self.following)
        return large, small

    def adopt(self, rows: I64, cluster: int) -> None:
        """Rows without a cluster become members of one."""
        for row in rows[self.label[rows] < 0].tolist():
            _join(row, cluster, self.label, self.size, self.first, self.following)

    def forget(self, gone: int, end: int, oldest: int) -> None:
        """Follow a ledger that has dropped its first rows: rows move down by `gone`; links of rows before `oldest` go.

        Args:
            gone: rows dropped.
            end: rows that are left.
            oldest: first row of the window, as numbered anew.

        """
        ends = _ends(self.head, self.after, self.links)
        kept = np.flatnonzero((ends - gone >= oldest) & (self.to[: self.links] - gone >= oldest))
        a, b, nats = ends[kept] - gone, self.to[kept].astype(np.int64) - gone, self.nats[kept]
        self.label = self.label[gone : gone + end].copy()
        self.head, self.following = _none(end), _none(end)
        self.to, self.after = _none(max(1 << 14, 2 * len(kept))), _none(max(1 << 14, 2 * len(kept)))
        self.nats, self.links = np.zeros(len(self.to)), len(kept)
        self.first = np.full(len(self.first), -1, np.int32)
        _relink(a, b, nats, self.head, self.to, self.after, self.nats, self.label, self.first, self.following)

    def neighbours(self, rows: I64, oldest: int) -> I64:
        """int64, ascending: rows of no cluster, from `oldest` on, that are linked to some rows."""
        out = np.empty(1 << 16, np.int64)
        return np.unique(out[: _neighbours(rows, oldest, self.label, self.head, self.to, self.after, out)])

    def rows(self, cluster: int, oldest: int) -> I64:
        """int64, ascending: the rows of a cluster from `oldest` on."""
        found, row = [], int(self.first[cluster])
        while row >= 0:
            if row >= oldest:
                found.append(row)
            row = int(self.following[row])
        return np.sort(np.array(found, np.int64))
