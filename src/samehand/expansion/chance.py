"""What chance alone ties: the same scores for networks that are none, drawn from those who have nothing to do with it.

The null: the members are accounts, pages and groups like any others, with their families, offices, carriers and agencies.
So as many assets of the same kinds are drawn from the *reference* (those of whom log-ins or administration are known, without
a tie of the operator's grade to the network), again and again; what ties the rest of the reference to them is what chance
ties. An asset's p-value is the share of (reference asset, drawn network) that is tied as strongly. Kinds are held apart:
accounts, and pages with groups.

Those who are tied are tried once more, among themselves (`backing`): their p-value there is the share of the reference tied
to a drawn network that the rest of it backs as strongly.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import isotonic_regression

from samehand.expansion.backing import backing
from samehand.expansion.scoring import LEAST_TIE, Circle, Scores, Shared, score

__all__ = ["Reference", "false_discovery_q", "local_fdr", "measure_chance"]

F64 = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

COMPARED = 300_000
"""(asset, drawn network) pairs of the reference: the smallest p-value is one over them."""
FEWEST, MOST = 20, 200
UNTIED = 2.0
"""Nats of the operator's grade up to which an asset is of the reference."""


@dataclass(frozen=True)
class Reference:
    """Scores in drawn networks, sorted: totals of accounts, and of pages and groups; the backing of those who are tied.

    Attributes:
        networks: how many were drawn. assets: in the reference.
        short: `accounts`, `pages and groups`: of which a drawn network has fewer than the network itself, as the reference has
            not twice as many. Chance ties too few then, and p-values are too small.

    """

    accounts: F64
    others: F64
    tied_accounts: F64
    tied_others: F64
    networks: int
    assets: int
    short: tuple[str, ...] = ()

    def p_values(self, totals: F64, is_account: Flags) -> F64:
        """The share of the reference that is tied as strongly or more, itself counted."""
        found = _share_above(totals, is_account, self.accounts, self.others)
        return np.where(totals > 0, found, 1.0)

    def tied_p_values(self, backing: F64, is_account: Flags) -> F64:
        """The share of those tied to drawn networks that are backed as strongly or more, itself counted; 1 for NaN."""
        found = _share_above(np.nan_to_num(backing), is_account, self.tied_accounts, self.tied_others)
        return np.where(backing > 0, found, 1.0)


def _share_above(found: F64, is_account: Flags, accounts: F64, others: F64) -> F64:
    shares = np.ones(len(found))
    for of_kind, values in ((is_account, accounts), (~is_account, others)):
        above = len(values) - np.searchsorted(values, found[of_kind] - 1e-9)
        shares[of_kind] = (1 + above) / (1 + len(values))
    return shares


def measure_chance(shared: Shared, circle: Circle, scores: Scores, rng: np.random.Generator) -> Reference:
    """Draw networks of the same kinds from the reference and score the rest of it against each."""
    holdings, member = shared.all, circle.member
    free = ~member & (scores.operator <= UNTIED) & holdings.testable
    accounts, others = (np.flatnonzero(free & kind) for kind in (holdings.is_account, ~holdings.is_account))
    wanted = int((member & holdings.is_account).sum()), int((member & ~holdings.is_account).sum())
    likenesses = _likenesses(shared, member)
    rounds = int(np.clip(np.ceil(COMPARED / max(1, len(accounts) + len(others))), FEWEST, MOST))
    found: tuple[list[F64], ...] = [], [], [], []
    for _ in range(rounds):
        drawn = np.zeros(len(holdings), bool)
        for pool, count in zip((accounts, others), wanted, strict=True):
            drawn[rng.choice(pool, min(count, len(pool) // 2), replace=False)] = True
        named = np.zeros_like(shared.named)
        for alike in likenesses:
            named[alike[rng.integers(len(alike))]] += 1
        against = Circle(drawn, named)
        scored = score(shared, against)
        totals, backed = eligible(scored), backing(shared, against, scored)
        vouched = np.bincount(shared.assets, named[shared.objects], len(holdings)) > 0
        for kind, pool in enumerate((accounts, others)):
            rest = pool[~drawn[pool] & ~vouched[pool]]
            found[kind].append(totals[rest])
            found[2 + kind].append(backed[rest][~np.isnan(backed[rest])])
    ordered = [np.sort(np.concatenate(some)) if some else np.zeros(0) for some in found]
    short = tuple(
        name
        for name, pool, count in zip(("accounts", "pages and groups"), (accounts, others), wanted, strict=True)
        if count > len(pool) // 2
    )
    return Reference(ordered[0], ordered[1], ordered[2], ordered[3], rounds, len(accounts) + len(others), short)


def _likenesses(shared: Shared, member: Flags) -> list[npt.NDArray[np.int64]]:
    """For each object that a tip names, the objects of that kind that about as many hold, and no member."""
    holdings = shared.all
    inside = np.bincount(shared.objects, member[shared.assets], len(shared.named)) > 0
    found = []
    for one in np.repeat(np.arange(len(shared.named)), shared.named).tolist():
        kind = np.flatnonzero((holdings.attribute == holdings.attribute[one]) & ~inside & (shared.named == 0))
        apart = np.abs(np.log(holdings.holders[kind] / max(1, holdings.holders[one])))
        near = kind[apart <= np.log(2)]
        if not len(near) and len(kind):
            near = kind[np.argsort(apart, kind="stable")[:5]]
        if len(near):
            found.append(near)
    return found


def eligible(scores: Scores) -> F64:
    """Totals of those who have a tie of the operator's grade; 0 for all others."""
    return np.where(scores.operator >= LEAST_TIE, scores.total, 0.0)


def false_discovery_q(p_values: F64, tried: int) -> F64:
    """Benjamini and Hochberg's q-value of each; `tried` counts those not given as well, whose p-value is 1."""
    order = np.argsort(p_values, kind="stable")
    ranked = p_values[order] * tried / np.arange(1, len(order) + 1)
    q = np.empty(len(order))
    q[order] = np.minimum(np.minimum.accumulate(ranked[::-1])[::-1], 1) if len(order) else ranked
    return q


def local_fdr(p_values: F64, tried: int) -> F64:
    """The share of mistakes among those just as strong: the slope of the false ones to expect over the rank.

    The slope of the greatest convex minorant of (rank, tried x p), which rises with p (Grenander 1956; Efron, Large-Scale
    Inference, 2010, ch. 5), at most 1.
    """
    order = np.argsort(p_values, kind="stable")
    if not len(order):
        return np.zeros(0)
    expected = tried * p_values[order]
    slopes = isotonic_regression(np.diff(expected, prepend=0.0)).x
    out = np.empty(len(order))
    out[order] = np.clip(slopes, 0, 1)
    return out
