"""How strongly each asset is tied to a network: nats of evidence, attribute by attribute.

Of an object o that d assets hold, s of them members of a network of n:

- its *surprise* is -ln P(Binomial(n, (d - 1)/(N - 1)) >= s): how unlikely so many members hold it if who is a member has
  nothing to do with it. A family that one of 300 members lives in is no surprise;
- its *rarity* is -ln of the share of non-members that hold it: what holding it says about somebody. The exit of a public
  VPN that a third of the members use is a surprise, and says next to nothing about the others who use it.

An object's evidence is the smaller of the two, less ln of the number of objects of that kind which the asset has and could
share: that many chances it had. N counts the assets of which anything of the kind is known.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import binom

from samehand.expansion.attributes import ATTRIBUTES, BY_NAME, FAMILIES
from samehand.expansion.holdings import Holdings

__all__ = ["BEHAVIOUR_MOST", "Circle", "Scores", "Shared", "score"]

F64 = npt.NDArray[np.float64]
I32 = npt.NDArray[np.int32]
I64 = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

RARE = 5.0
MOST_OF_BRIDGE = 7.0
""""""
BEHAVIOUR_MOST = 8.0
"""Nats that behaviour adds at most: it backs a tie, and does not replace one."""
HALF = 0.5
LEAD = 4.0
"""Nats of the operator's grade from which an asset counts as half a member for those who share things with it: two who run
two pages of a tip, and log in on one device, say more than either alone."""
MOST = 25.0
"""No evidence is surer than this: the data may be wrong."""
OPERATOR = np.array([one.grade == "operator" for one in ATTRIBUTES])
FAMILY = np.array([FAMILIES.index(one.family) for one in ATTRIBUTES])
OPERATOR_FAMILY = np.array([any(OPERATOR[FAMILY == k]) for k in range(len(FAMILIES))])
ADMIN, IP, ASN = (BY_NAME[name] for name in ("admin", "ip", "asn"))


@dataclass(frozen=True)
class Shared:
    """Holdings of objects that can tie: those that several hold, and those that a tip names.

    Attributes:
        all: the holdings.
        objects, assets, rows: as there, without the others.
        attribute: of each row.
        chances: float64[attributes, assets], how many objects each could share with somebody, over how many those have
            who have any; 1 at the least.
        named: int32[objects], how often a tip names the object itself.

    """

    all: Holdings
    objects: I32
    assets: I32
    rows: I64
    attribute: I32
    chances: F64
    named: I32

    @classmethod
    def of(cls, holdings: Holdings, named: list[int]) -> Shared:
        """Leave out what only one asset holds."""
        count = np.bincount(np.array(named, np.int64), minlength=len(holdings.names)).astype(np.int32)
        kept = (holdings.holders[holdings.objects] > 1) | (count[holdings.objects] > 0)
        objects, assets = holdings.objects[kept], holdings.assets[kept]
        attribute = holdings.attribute[objects]
        chances = np.zeros((len(ATTRIBUTES), len(holdings)))
        np.add.at(chances, (attribute, assets), 1.0)
        usual = chances.sum(1, keepdims=True) / np.maximum(1, (chances > 0).sum(1, keepdims=True))
        chances = np.maximum(chances / np.maximum(usual, 1), 1)
        return cls(holdings, objects, assets, holdings.rows[kept], attribute, chances, count)


@dataclass(frozen=True)
class Circle:
    """A network as far as it is known.

    Attributes:
        member: bool[assets].
        named: int32[objects], how often a tip names the object: each time it is a member of its own that has nothing else.
        weight: float64[objects], what is left of an object's evidence after a reviewer's answers; None for all of it.

    """

    member: Flags
    named: I32
    weight: F64 | None = None


@dataclass(frozen=True)
class Scores:
    """How strongly each asset is tied.

    Attributes:
        total, operator: float64[assets], nats in all, and those of the operator's grade.
        families: float64[families, assets].
        evidence: float64[rows of Shared], what each row says.
        lead: bool[assets], counted as half a member.

    """

    total: F64
    operator: F64
    families: F64
    evidence: F64
    lead: Flags


def score(shared: Shared, circle: Circle) -> Scores:
    """Hold every asset against a network; what members get is what ties them to the others."""
    first = _pass(shared, circle, np.zeros(len(shared.all), bool))
    lead = (first.operator >= LEAD) & ~circle.member
    return _pass(shared, circle, lead) if lead.any() else first


def _pass(shared: Shared, circle: Circle, lead: Flags) -> Scores:
    holdings, member = shared.all, circle.member
    named = circle.named
    inside = np.bincount(shared.objects, member[shared.assets], len(named)) + named
    half = np.bincount(shared.objects, HALF * lead[shared.assets], len(named))
    half[~OPERATOR[holdings.attribute] | (inside > 0)] = 0
    touched = np.flatnonzero((inside + half)[shared.objects] > 0)
    objects, assets, attribute = shared.objects[touched], shared.assets[touched], shared.attribute[touched]
    mine = member[assets] + np.where(half[objects] > 0, HALF * lead[assets], 0)
    held = (inside + half)[objects] - mine
    outside = np.maximum(1.0, holdings.holders[objects] - np.bincount(shared.objects, member[shared.assets], len(named))[objects])
    size = np.array([float(named[holdings.attribute == k].sum()) for k in range(len(ATTRIBUTES))])
    size += (holdings.has & member).sum(1) + np.where(OPERATOR, HALF * (holdings.has & lead).sum(1), 0)
    known = holdings.has.sum(1).astype(float)
    surprise = _surprise(held, holdings.holders[objects], size[attribute] - mine, known[attribute])
    rarity = np.log(np.maximum(1.0, (known - (holdings.has & member).sum(1))[attribute]) / outside)
    ours = _mostly_ours(holdings, member)
    run = (attribute == ADMIN) & ~holdings.is_account[assets]
    surprise = np.where(run & ours[assets], MOST, surprise)
    value = np.minimum(np.minimum(surprise, rarity), MOST) - np.log(shared.chances[attribute, assets])
    value = np.where(held > 0, np.maximum(value, 0), 0)
    if circle.weight is not None:
        value = value * circle.weight[objects]
    value = np.where(run & ~ours[assets], 0, value)
    evidence = np.zeros(len(shared.objects))
    evidence[touched] = value
    families = np.zeros((len(FAMILIES), len(holdings)))
    np.maximum.at(families, (FAMILY[attribute], assets), value)
    bridge = np.where(run, -1 - FAMILY[ADMIN], _bridges(shared, circle, lead, inside, half)[objects])
    theirs = OPERATOR[attribute] & (value > 0)
    operator = _added_up(
        assets[theirs], bridge[theirs], value[theirs], rarity[theirs] >= RARE, FAMILY[attribute][theirs], len(holdings)
    )
    behaviour = np.minimum(families[~OPERATOR_FAMILY].sum(0), np.minimum(BEHAVIOUR_MOST, operator))
    return Scores(operator + behaviour, operator, families, evidence, lead)


def _bridges(shared: Shared, circle: Circle, lead: Flags, inside: F64, half: F64) -> I64:
    """For each object the one member, tip or lead that holds it; where several do, one number for each family."""
    size, objects = len(shared.all), np.arange(len(inside))
    single = np.bincount(shared.objects, (circle.member | lead)[shared.assets] * shared.assets.astype(float), len(inside))
    found = np.where(circle.named > 0, size + objects, single.astype(np.int64))
    several = (inside > 1) | (half > HALF)
    return np.where(several, -1 - FAMILY[shared.all.attribute], found)


def _added_up(assets: I32, bridge: I64, value: F64, rare: Flags, family: I64, size: int) -> F64:
    """Each asset's nats over its bridges: the best thing shared across each, a quarter of the best of another family.

    What hangs on one and the same member (a couple that lives together and runs a page) is little more than one tie. Across
    another bridge only a rare thing counts, and three bridges at most.
    """
    order = np.lexsort((-value, bridge, assets))
    assets, bridge, value, rare, family = (some[order] for some in (assets, bridge, value, rare, family))
    new = np.concatenate(([True], (np.diff(assets) != 0) | (np.diff(bridge) != 0)))[: len(assets)]
    start = np.flatnonzero(new)
    group = np.cumsum(new) - 1
    other = np.where(family != family[start][group], value, 0)
    best = np.minimum(value[start] + 0.25 * (np.maximum.reduceat(other, start) if len(start) else 0), MOST_OF_BRIDGE)
    who, rare = assets[start], rare[start]
    order = np.lexsort((-best, who))
    who, best, rare = who[order], best[order], rare[order]
    begins = np.searchsorted(who, who)
    rank = np.arange(len(who)) - begins
    counts = (rank == 0) | (rare & (rank < 3))
    return np.bincount(who[counts], best[counts], size)


def _mostly_ours(holdings: Holdings, member: Flags) -> Flags:
    """True, but not for a page or group most of whose staff are no members: whoever helps to run it does not make it theirs."""
    ours = np.bincount(holdings.runs[:, 1], member[holdings.runs[:, 0]], len(holdings))
    return np.asarray(holdings.is_account | (2 * ours >= np.maximum(1, holdings.staff)))


def _surprise(held: F64, holders: I32, size: F64, known: F64) -> F64:
    """-ln P(Binomial(size, (holders - 1)/(known - 1)) >= held), straight between whole numbers; each case once."""
    key = np.zeros(len(held), np.int64)
    for values in (2 * held, holders, 2 * size, known):
        key = key * (int(values.max(initial=0)) + 1) + np.round(values).astype(np.int64)
    _, first, place = np.unique(key, return_index=True, return_inverse=True)
    s, d, n, every = held[first], holders[first], size[first], known[first]
    chance = np.clip((np.maximum(d, 2) - 1) / np.maximum(every - 1, 1), 0, 1)
    low, high = np.floor(s), np.ceil(s)
    n = np.maximum(np.ceil(n), high)
    upper = -binom.logsf(high - 1, n, chance)
    lower = np.where(low > 0, -binom.logsf(low - 1, n, chance), 0.0)
    part = s - low
    nats = np.where(part > 0, (1 - part) * lower + part * upper, lower)
    return np.asarray(np.nan_to_num(nats, posinf=MOST)[place.ravel()], np.float64)
