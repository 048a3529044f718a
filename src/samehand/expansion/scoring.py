"""How strongly each asset is tied to a network: nats of evidence, attribute by attribute.

Of an object o that d assets hold, s of them members of a network of n:

- its *surprise* is -ln P(Binomial(n, (d - 1)/(N - 1)) >= s): how unlikely so many members hold it if who is a member has
  nothing to do with it. A family that one of 300 members lives in is no surprise;
- its *rarity* is -ln of the share of non-members that hold it: what holding it says about somebody. The exit of a public
  VPN that a third of the members use is a surprise, and says next to nothing about the others who use it.

An object's evidence is the smaller of the two, less ln of how many more objects of that kind the asset could share than
others: that many more chances it had. N counts the assets of which anything of the kind is known.

Evidence is added up over *bridges*: the member through whom an asset is tied, or the tip that names the object; what several
members hold is one bridge for each attribute. A page or group is tied by those who run it where most of them are members, by
the rarity alone, and not at all where most are not.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import binom

from samehand.expansion.attributes import ATTRIBUTES, BY_NAME, FAMILIES
from samehand.expansion.holdings import Holdings

__all__ = ["BEHAVIOUR_MOST", "Circle", "Scores", "Shared", "mostly_ours", "price", "score"]

F64 = npt.NDArray[np.float64]
I32 = npt.NDArray[np.int32]
I64 = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

RARE = 4.0
"""Nats of rarity from which a thing counts beside what is shared with somebody else."""
MOST_OF_BRIDGE = 7.0
"""Nats that one bridge adds at most."""
BEHAVIOUR_MOST = 8.0
"""Nats that behaviour adds at most, and never more than what the operator left: it backs a tie, and replaces none."""
LEAST_TIE = 4.0
"""Nats of the operator's grade that an inclusion needs, whatever else there is."""
ANCHOR = 3.0
"""Nats that the object of a path says at the least: many faint ties, to carriers and the exits of VPNs, are none."""
LEAD = 4.0
"""Nats of one thing of the operator's grade from which an asset counts as half a member for those who share with it what no
member has: two who run two pages of a tip, and log in on one device, say more than either alone. Leads that hang on one bridge
are one, and none for those who hang on it too: an office whose group one member helps to run says nothing of the office."""
HALF = 0.5
MOST = 25.0
"""No evidence is surer than this: the data may be wrong."""
OPERATOR = np.array([one.grade == "operator" for one in ATTRIBUTES])
FAMILY = np.array([FAMILIES.index(one.family) for one in ATTRIBUTES])
OPERATOR_FAMILY = np.array([any(OPERATOR[k == FAMILY]) for k in range(len(FAMILIES))])
ADMIN, DEVICE = BY_NAME["admin"], BY_NAME["device"]


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
        evidence: float64[rows of Shared], what each row says. rare: bool, whether few others have the thing.
        lead: bool[assets], counted as half a member.
        bridge: int64[assets], the member across whom each is tied best; -1 where there are several, or a tip, or nobody.

    """

    total: F64
    operator: F64
    families: F64
    evidence: F64
    rare: Flags
    lead: Flags
    bridge: I64


def score(shared: Shared, circle: Circle) -> Scores:
    """Hold every asset against a network; what members get is what ties them to the others."""
    first, across, nats = _pass(shared, circle, _Leads.none(shared))
    lead = (nats >= LEAD) & ~circle.member
    return _pass(shared, circle, _Leads.of(shared, lead, across))[0] if lead.any() else first


@dataclass(frozen=True)
class _Leads:
    """Who counts as half a member, by the bridge that each hangs on.

    Attributes:
        lead: bool[assets].
        own: int64[assets], the bridge across which each asset, lead or not, is tied best; -1 for none.
        pairs: int64, sorted and different: object x bridges + bridge, for each object of the operator's grade that a lead has.
        bridges: how many numbers of bridges there are.

    """

    lead: Flags
    own: I64
    pairs: I64
    bridges: int

    @classmethod
    def none(cls, shared: Shared) -> _Leads:
        size = len(shared.all)
        return cls(np.zeros(size, bool), np.full(size, -1), np.zeros(0, np.int64), size + 2 * len(shared.named))

    @classmethod
    def of(cls, shared: Shared, lead: Flags, own: I64) -> _Leads:
        bridges = len(shared.all) + 2 * len(shared.named)
        rows = np.flatnonzero(lead[shared.assets] & OPERATOR[shared.attribute])
        pairs = np.unique(shared.objects[rows].astype(np.int64) * bridges + own[shared.assets[rows]])
        return cls(lead, own, pairs, bridges)

    def has(self, objects: I32, assets: I32) -> Flags:
        """Whether a lead that hangs on the asset's own bridge, itself or another, has the object."""
        wanted = objects.astype(np.int64) * self.bridges + self.own[assets]
        place = np.searchsorted(self.pairs, wanted)
        found = np.zeros(len(wanted), bool)
        inside = (place < len(self.pairs)) & (self.own[assets] >= 0)
        found[inside] = self.pairs[place[inside]] == wanted[inside]
        return found


@dataclass(frozen=True)
class _Held:
    """How much of each object a network has: members and tips, members alone, bridges of leads by half; float64[objects]."""

    inside: F64
    members: F64
    half: F64

    @classmethod
    def of(cls, shared: Shared, circle: Circle, leads: _Leads) -> _Held:
        count = len(circle.named)
        members = np.bincount(shared.objects, circle.member[shared.assets], count).astype(np.float64)
        inside = members + circle.named
        half = HALF * np.bincount(leads.pairs // leads.bridges, minlength=count)
        return cls(inside, members, np.where(inside == 0, half, 0.0))


@dataclass(frozen=True)
class _Rows:
    """Rows of Shared whose object the network has: their places and what each says."""

    place: I64
    objects: I32
    assets: I32
    attribute: I32
    value: F64
    rarity: F64
    run: Flags


def _pass(shared: Shared, circle: Circle, leads: _Leads) -> tuple[Scores, I64, F64]:
    """Scores, the bridge across which each asset is tied best (-1 for none), and by how many nats."""
    holdings, held = shared.all, _Held.of(shared, circle, leads)
    rows = _valued(shared, circle, leads, held)
    evidence = np.zeros(len(shared.objects))
    evidence[rows.place] = rows.value
    rare = np.zeros(len(shared.objects), bool)
    rare[rows.place] = rows.rarity >= RARE
    families = np.zeros((len(FAMILIES), len(holdings)))
    np.maximum.at(families, (FAMILY[rows.attribute], rows.assets), rows.value)
    across = _bridges(shared, circle, leads, held)[rows.objects]
    theirs = OPERATOR[rows.attribute] & (rows.value > 0)
    several = len(holdings) + len(circle.named)
    bridge = np.where(rows.run | (across >= several), -1 - rows.attribute, across)
    operator = _added_up(
        rows.assets[theirs], bridge[theirs], rows.value[theirs], rows.rarity[theirs] >= RARE,
        FAMILY[rows.attribute[theirs]], len(holdings),
    )  # fmt: skip
    behaviour = np.minimum(families[~OPERATOR_FAMILY].sum(0), np.minimum(BEHAVIOUR_MOST, operator))
    best, nats = np.full(len(holdings), -1), np.zeros(len(holdings))
    order = np.flatnonzero(theirs)[np.argsort(rows.value[theirs], kind="stable")]
    best[rows.assets[order]], nats[rows.assets[order]] = across[order], rows.value[order]
    alone = np.where(best < len(holdings), best, -1)
    return Scores(operator + behaviour, operator, families, evidence, rare, leads.lead, alone), best, nats


def _valued(shared: Shared, circle: Circle, leads: _Leads, held: _Held) -> _Rows:
    """What each row says: the smaller of surprise and rarity, as the head of this file has it."""
    holdings, member = shared.all, circle.member
    place = np.flatnonzero((held.inside + held.half)[shared.objects] > 0)
    objects, assets, attribute = shared.objects[place], shared.assets[place], shared.attribute[place]
    mine = member[assets] + np.where(held.half[objects] > 0, HALF * leads.has(objects, assets), 0.0)
    others = (held.inside + held.half)[objects] - mine
    known = holdings.has.sum(1).astype(np.float64)
    within = (holdings.has & member).sum(1).astype(np.float64)
    tips = np.bincount(holdings.attribute, circle.named, len(ATTRIBUTES))
    size = within + tips + np.where(OPERATOR, HALF * (holdings.has & leads.lead).sum(1), 0.0)
    outside = np.maximum(1.0, holdings.holders[objects] - held.members[objects])
    rarity = np.log(np.maximum(1.0, (known - within)[attribute]) / outside)
    surprise = _surprise(others, holdings.holders[objects], size[attribute] - mine, known[attribute])
    ours = mostly_ours(holdings, member)[assets]
    run = (attribute == ADMIN) & ~holdings.is_account[assets]
    surprise = np.where(run & ours, MOST, surprise)
    value = np.minimum(np.minimum(surprise, rarity), MOST) - np.log(shared.chances[attribute, assets])
    value = np.where((others > 0) & ~(run & ~ours), np.maximum(value, 0.0), 0.0)
    value = value * _held_in_hand(holdings, member, leads.lead)[objects]
    if circle.weight is not None:
        value = value * circle.weight[objects]
    return _Rows(place, objects, assets, attribute, value, rarity, run)


def price(shared: Shared, circle: Circle, rows: I64, without: F64) -> F64:
    """What each of these rows of Shared says of its asset, leads left out and `without` holders fewer than there are.

    Args:
        shared, circle: the holdings and the network.
        rows: of behaviour, by assets that are no members.
        without: how many of the members who hold the object do not count.

    """
    holdings, objects, attribute = shared.all, shared.objects[rows], shared.attribute[rows]
    members = np.bincount(shared.objects, circle.member[shared.assets], len(circle.named))
    inside = (members + circle.named)[objects] - without
    known = holdings.has.sum(1).astype(np.float64)
    within = (holdings.has & circle.member).sum(1).astype(np.float64)
    size = (within + np.bincount(holdings.attribute, circle.named, len(ATTRIBUTES)))[attribute] - 1
    outside = np.maximum(1.0, holdings.holders[objects] - members[objects])
    rarity = np.log(np.maximum(1.0, (known - within)[attribute]) / outside)
    surprise = _surprise(inside, holdings.holders[objects], np.maximum(size, inside), known[attribute])
    value = np.minimum(np.minimum(surprise, rarity), MOST) - np.log(shared.chances[attribute, shared.assets[rows]])
    value = np.where(inside > 0, np.maximum(value, 0.0), 0.0)
    return value if circle.weight is None else value * circle.weight[objects]


def _bridges(shared: Shared, circle: Circle, leads: _Leads, held: _Held) -> I64:
    """For each object the one bridge to it: the member that holds it, the tip that names it, or what its leads hang on.

    Where there are several, a number of the object's own, from assets + objects on.
    """
    size, count = len(shared.all), len(circle.named)
    # an object that members hold is theirs: leads that hold it too do not count
    of_members = np.bincount(shared.objects, circle.member[shared.assets] * shared.assets.astype(np.float64), count)
    of_leads = np.zeros(count)
    of_leads[leads.pairs // leads.bridges] = leads.pairs % leads.bridges
    single = np.where(held.members > 0, of_members, of_leads)
    found = np.where(circle.named > 0, size + np.arange(count), single.astype(np.int64))
    several = (held.inside > 1) | (held.half > HALF)
    return np.where(several, size + count + np.arange(count), found).astype(np.int64)


def _added_up(assets: I32, bridge: I64, value: F64, rare: Flags, family: I64, size: int) -> F64:
    """Each asset's nats over its bridges: the best thing shared across each, a quarter of the best of another family.

    What hangs on one and the same member (a couple that lives together and runs a page) is little more than one tie. Across
    another bridge only a rare thing counts, and three bridges at most.
    """
    if not len(assets):
        return np.zeros(size)
    order = np.lexsort((-value, bridge, assets))
    who, across, nats, kind = assets[order], bridge[order], value[order], family[order]
    new = np.concatenate(([True], (np.diff(who) != 0) | (np.diff(across) != 0)))
    start, group = np.flatnonzero(new), np.cumsum(new) - 1
    other = np.maximum.reduceat(np.where(kind != kind[start][group], nats, 0.0), start)
    best = np.minimum(nats[start] + 0.25 * other, MOST_OF_BRIDGE)
    whose, is_rare = who[start], rare[order][start]
    order = np.lexsort((-best, whose))
    whose, best, is_rare = whose[order], best[order], is_rare[order]
    rank = np.arange(len(whose)) - np.searchsorted(whose, whose)
    counts = (rank == 0) | (is_rare & (rank < 3))
    return np.bincount(whose[counts], best[counts], size).astype(np.float64)


def _held_in_hand(holdings: Holdings, member: Flags, lead: Flags) -> F64:
    """float64[objects], what running a page together says: less where most who run it are no members, nor the page itself."""
    known = member + HALF * lead
    ours = np.bincount(holdings.runs[:, 1], known[holdings.runs[:, 0]], len(holdings))
    share = np.where(member, 1.0, np.minimum(1.0, 2 * ours / np.maximum(1, holdings.staff)))
    return np.where(holdings.staff_of >= 0, share[holdings.staff_of], 1.0)


def mostly_ours(holdings: Holdings, member: Flags) -> Flags:
    """True, but not for a page or group most of whose staff are no members: whoever helps to run it does not make it theirs."""
    ours = np.bincount(holdings.runs[:, 1], member[holdings.runs[:, 0]], len(holdings))
    return np.asarray(holdings.is_account | (2 * ours >= np.maximum(1, holdings.staff)))


def _surprise(held: F64, holders: I32, size: F64, known: F64) -> F64:
    """-ln P(Binomial(size, (holders - 1)/(known - 1)) >= held), straight between whole numbers; each case once."""
    key = np.zeros(len(held), np.int64)
    for values in (2 * held, holders, 2 * size, known):
        span = int(values.max(initial=0)) + 1
        if int(key.max(initial=0)) >= np.iinfo(np.int64).max // span - 1:
            key = np.unique(key, return_inverse=True)[1].ravel()
        key = key * span + np.round(values).astype(np.int64)
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
