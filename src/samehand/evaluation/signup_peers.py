"""Ianus and UFA, as read here, on worlds of sign-ups: what the scorer is held against beside simple rules.

No code of either is public. From the papers' descriptions come the blocks, the kinds of facts that a pair may share, the
labels by support ratio, the regression, the sum of a row's edges (Ianus: Yuan et al., CCS 2019), and the graph of accounts and
facts, the weight of a fact by its count against the usual count, linearised belief propagation and communities (UFA: Liang et
al., KDD 2021). What is a rare version, how UFA nests its facts, its threshold and damping are not known and are our reading, as
are the caps: a row is paired with the 30 before it in its block within seven days. A world has no hashed WiFi address; the user
agent stands in its place. Both see the whole world at once, later rows included, which the scorer may not.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final
from zoneinfo import ZoneInfo

import networkit as nk
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from samehand.simulation import SignupParameters, SignupWorld, draw_signups

__all__ = [
    "BITS", "Ianus", "block_pairs", "boosted", "boosting", "fact_weights", "ianus", "learned", "pair_bits", "pooled_supersets",
    "row_features", "ufa",
]  # fmt: skip

F64 = npt.NDArray[np.float64]
I64 = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

BITS: Final = ("ip24", "ip32", "phone", "os", "app", "agent", "device", "name form", "name stem",
               "abroad", "rare os", "rare app", "night", "odd name")  # fmt: skip
"""What a pair of rows may have in common: nine things shared, five oddities of both."""
BLOCKS: Final = ("ip24", "phone", "device")
BEFORE: Final = 30
WITHIN_US: Final = 7 * 86_400_000_000
RARE: Final = 0.005
SUPPORT, LEAST_PAIRS = 0.98, 5
TRAINING: Final = tuple((77_000 + place, level) for place, level in enumerate(("E0", "E1", "E2", "E3", "E4")))
"""Seeds and levels of the worlds that Ianus learns from; no reported world is among them."""
SAME_ENOUGH, LEAST_COMMUNITY, DAMPING, ROUNDS = 2.0, 5, 0.1, 5
_RUNS = ((re.compile(r"[^\W\d_a-zA-Z]+"), "x"), (re.compile(r"[a-z]+"), "l"), (re.compile(r"[A-Z]+"), "u"),
         (re.compile(r"\d+"), "9"))  # fmt: skip


def _codes(values: pa.Array) -> I64:
    code = values.dictionary_encode().indices.fill_null(-1).to_numpy(zero_copy_only=False)
    return np.asarray(code, np.int64)


def _mapped(column: pa.ChunkedArray[Any], read: Callable[[str], str | None]) -> I64:
    return _codes(pa.array([None if one is None else read(one) for one in column.to_pylist()], pa.string()))


def _form(name: str) -> str:
    for run, word in _RUNS:
        name = run.sub(word, name) if word != "l" else run.sub("\0", name)
    return name.replace("\0", "l")


def _stem(name: str) -> str | None:
    word = re.match(r"[^\W\d_]{4,}", name)
    return word.group().lower() if word else None


def _share(code: I64) -> F64:
    """Each row's share of those whose value is known; 1 where it is missing."""
    known = code >= 0
    counts = np.bincount(code[known], minlength=1)
    return np.where(known, counts[np.maximum(code, 0)] / max(1, known.sum()), 1.0)


def _night(signups: pa.Table) -> Flags:
    """Whether it was from two to five o'clock where the row's time zone is; never where that is missing."""
    zones, at_s = signups["timezone"].to_pylist(), signups["at"].cast(pa.int64()).to_numpy() // 1_000_000
    when = datetime.fromtimestamp(int(at_s[0]), UTC)
    offset_s = {
        name: at.total_seconds() for name in set(zones) if name and (at := when.astimezone(ZoneInfo(name)).utcoffset())
    }
    hour = (at_s + np.array([offset_s.get(name, 0.0) for name in zones])) // 3600 % 24
    return np.asarray((hour >= 2) & (hour < 5) & np.array([bool(name) for name in zones]))


def _shared(signups: pa.Table) -> dict[str, I64]:
    """The nine things that rows may share, as codes; -1 where missing."""
    plain = {"ip32": "ip", "phone": "phone_prefix", "os": "os_version", "app": "app_version", "agent": "user_agent",
             "device": "device_id"}  # fmt: skip
    found = {name: _codes(signups[column].combine_chunks()) for name, column in plain.items()}
    found["ip24"] = _mapped(
        signups["ip"], lambda ip: ":".join(ip.split(":")[:4]) if ":" in ip else ip.rpartition(".")[0]
    )
    found["name form"] = _mapped(signups["username"], _form)
    found["name stem"] = _mapped(signups["username"], _stem)
    return {name: found[name] for name in BITS[:9]}


def _odd(signups: pa.Table, shared: dict[str, I64]) -> list[Flags]:
    country = signups["country"]
    abroad = pc.fill_null(pc.not_equal(country, signups["phone_country"]), False)
    spoken = pc.replace_substring_regex(signups["locale"], r"^.*-", "")
    elsewhere = pc.fill_null(pc.not_equal(country, spoken), False)
    return [
        np.asarray(pc.or_(abroad, elsewhere).to_numpy(), np.bool_), _share(shared["os"]) < RARE,
        _share(shared["app"]) < RARE, _night(signups), _share(shared["name form"]) < RARE,
    ]  # fmt: skip


def block_pairs(shared: dict[str, I64], at_us: I64) -> tuple[I64, I64]:
    """Pairs of rows of one block, each once, as two arrays of rows, the earlier place in the table first.

    Args:
        shared: name -> code of each row, -1 where missing; the blocks are looked up in it.
        at_us: when each row signed up.

    """
    found, rows = [np.zeros(0, np.int64)], len(at_us)
    for name in BLOCKS:
        code = shared[name]
        order = np.lexsort((at_us, code))
        order = order[code[order] >= 0]
        for lag in range(1, min(BEFORE, len(order) - 1) + 1):
            late, early = order[lag:], order[:-lag]
            near = (code[late] == code[early]) & (at_us[late] - at_us[early] <= WITHIN_US)
            a, b = np.minimum(late[near], early[near]), np.maximum(late[near], early[near])
            found.append(a * rows + b)
    both = np.unique(np.concatenate(found))
    return both // max(1, rows), both % max(1, rows)


def pair_bits(signups: pa.Table) -> tuple[I64, I64, I64]:
    """Pairs of rows that share a block, and what each has in common: bit k is BITS[k]."""
    shared = _shared(signups)
    a, b = block_pairs(shared, signups["at"].cast(pa.int64()).to_numpy())
    bits = np.zeros(len(a), np.int64)
    for place, code in enumerate(shared.values()):
        bits |= ((code[a] >= 0) & (code[a] == code[b])).astype(np.int64) << place
    for place, odd in enumerate(_odd(signups, shared), len(shared)):
        bits |= (odd[a] & odd[b]).astype(np.int64) << place
    return a, b, bits


def pooled_supersets(counts: F64) -> F64:
    """Of each set of bits, the counts of all sets that contain it."""
    pooled = counts.copy()
    for place in range(len(BITS)):
        cube = pooled.reshape(-1, 2, 1 << place)
        cube[:, 0] += cube[:, 1]
    return pooled


@dataclass(frozen=True)
class Ianus:
    """A regression over what pairs have in common.

    Attributes:
        weights: float64[1 + bits], the intercept first.

    """

    weights: F64

    def likely(self, bits: I64) -> F64:
        """How likely each pair is of one hand."""
        on = (bits[:, None] >> np.arange(len(BITS))) & 1
        return np.asarray(1.0 / (1.0 + np.exp(-(self.weights[0] + on @ self.weights[1:]))), np.float64)

    def degrees(self, signups: pa.Table) -> F64:
        """Each row's sum of the likely edges (p above .5): the rank of its tanh, which is 1 for all above 19."""
        a, b, bits = pair_bits(signups)
        p = self.likely(bits)
        p = np.where(p > 0.5, p, 0.0)
        return np.asarray(np.bincount(a, p, signups.num_rows) + np.bincount(b, p, signups.num_rows), np.float64)


def learned(worlds: Iterable[SignupWorld]) -> Ianus:
    """Learn from labelled worlds; pairs with an account of a commercial ring count neither way.

    A set of bits is of one hand where more than .98 of the pairs that have it, whatever else they have, are the
    operation's; sets seen in fewer than five pairs are left out. A pair's set counts as often as it was seen.
    """
    good, bad = np.zeros(1 << len(BITS)), np.zeros(1 << len(BITS))
    for world in worlds:
        role = dict(zip(world.truth["asset_id"].to_pylist(), world.truth["role"].to_pylist(), strict=True))
        mine = np.array([role[one] for one in world.signups["asset_id"].to_pylist()])
        a, b, bits = pair_bits(world.signups)
        told = (mine[a] != "spam") & (mine[b] != "spam")
        ours = told & (mine[a] == "operation") & (mine[b] == "operation")
        bad += np.bincount(bits[ours], minlength=len(bad))
        good += np.bincount(bits[told & ~ours], minlength=len(good))
    all_good, all_bad = pooled_supersets(good), pooled_supersets(bad)
    sets = np.flatnonzero((good + bad > 0) & (all_good + all_bad >= LEAST_PAIRS))
    label = (all_bad[sets] > SUPPORT * (all_bad + all_good)[sets]).astype(np.float64)
    return Ianus(_regressed(sets, label, (good + bad)[sets]))


def _regressed(sets: I64, label: F64, weight: F64) -> F64:
    """Logistic regression by Newton's steps with a ridge of 1; both classes weigh the same."""
    on = np.column_stack([np.ones(len(sets)), (sets[:, None] >> np.arange(len(BITS))) & 1]).astype(np.float64)
    weight = weight.copy()
    for side in (0.0, 1.0):
        weight[label == side] *= 0.5 * len(sets) / max(1.0, weight[label == side].sum())
    beta = np.zeros(on.shape[1])
    for _ in range(50):
        p = 1.0 / (1.0 + np.exp(-np.clip(on @ beta, -30, 30)))
        slope = on.T @ (weight * (label - p)) - beta
        bend = (on * (weight * p * (1 - p))[:, None]).T @ on + np.eye(len(beta))
        step = np.linalg.solve(bend, slope)
        beta += np.clip(step, -2, 2)
        if float(np.abs(step).max()) < 1e-8:
            break
    return beta


@lru_cache(maxsize=1)
def _taught() -> Ianus:
    return learned(_training())


def ianus(world: SignupWorld) -> F64:
    """Ianus's score of each row, learned once from labelled worlds of other seeds, one of each level, 5 % of sign-ups each."""
    return _taught().degrees(world.signups)


ROW_FACTS: Final = ("ip", "asn", "net_type", "user_agent", "os_version", "app_version", "device_id", "email_domain",
                    "email_pattern", "phone_prefix", "phone_country", "avatar_hash", "locale", "timezone", "country",
                    "referrer")  # fmt: skip


def row_features(signups: pa.Table) -> F64:
    """float64[rows, n]: what a row shows by itself: how common each of its values is, its name's make, its pace and hour."""
    shared = _shared(signups)
    columns = [_codes(signups[name].combine_chunks()) for name in ROW_FACTS]
    columns += [shared[name] for name in ("ip24", "name form", "name stem")]
    features = [np.where(code >= 0, np.log(_share(code)), np.nan) for code in columns]
    names = [one or "" for one in signups["username"].to_pylist()]
    features += [np.array([measure(name) for name in names], np.float64) for measure in (len, _digits)]
    features += [one.astype(np.float64) for one in _odd(signups, shared)]
    pace = signups["flow_ms"].cast(pa.float64()).to_numpy()
    hour = signups["at"].cast(pa.int64()).to_numpy() // 3_600_000_000 % 24
    return np.column_stack([*features, pace, hour.astype(np.float64)])


def _digits(name: str) -> int:
    return sum(one.isdecimal() for one in name)


def boosting(worlds: Iterable[SignupWorld]) -> Callable[[SignupWorld], F64]:
    """Gradient boosting of single rows, learned from labelled worlds without their commercial rings: a world's scores.

    Needs the optional package of `samehand[learn]`.
    """
    from sklearn.ensemble import HistGradientBoostingClassifier

    features, bad = [], []
    for world in worlds:
        role = dict(zip(world.truth["asset_id"].to_pylist(), world.truth["role"].to_pylist(), strict=True))
        mine = np.array([role[one] for one in world.signups["asset_id"].to_pylist()])
        features.append(row_features(world.signups)[mine != "spam"])
        bad.append(mine[mine != "spam"] == "operation")
    trees = HistGradientBoostingClassifier(max_iter=200, early_stopping=False, random_state=0)
    trees.fit(np.concatenate(features), np.concatenate(bad))
    return lambda world: np.asarray(trees.decision_function(row_features(world.signups)), np.float64)


def _training() -> Iterator[SignupWorld]:
    base = SignupParameters(regime="fresh", prevalence=0.05)
    return (draw_signups(replace(base, evasion=level), seed) for seed, level in TRAINING)  # type: ignore[arg-type]


@lru_cache(maxsize=1)
def _boosting() -> Callable[[SignupWorld], F64]:
    return boosting(_training())


def boosted(world: SignupWorld) -> F64:
    """What boosting of single rows says of a world, learned once from the worlds that Ianus learns from."""
    return _boosting()(world)


def _nested(shared: dict[str, I64], odd: list[Flags]) -> list[I64]:
    """UFA's facts: each block's value by itself, and within it each other thing and oddity; -1 where missing."""
    facts = []
    for block in BLOCKS:
        within = shared[block]
        facts.append(within)
        others = [code for name, code in shared.items() if name != block]
        for code in [*others, *(np.where(one, 1, -1) for one in odd)]:
            _, joint = np.unique(within * (code.max(initial=0) + 2) + code, return_inverse=True)
            facts.append(np.where((within >= 0) & (code >= 0), joint, -1))
    return facts


def fact_weights(facts: list[I64]) -> list[F64]:
    """Each row's weight of each fact: n / (n + mode), so that what is seen as often as is usual says nothing (.5).

    Then linearised belief propagation between rows and facts: what is left above .5 flows from facts to their rows and
    back, as means, and is damped.
    """
    counts = [np.bincount(code[code >= 0], minlength=1) for code in facts]
    usual = [float(np.bincount(count[count > 0]).argmax()) if count.any() else 1.0 for count in counts]
    prior = [count / (count + mode) - 0.5 if mode else 0.0 * count for count, mode in zip(counts, usual, strict=True)]
    belief, degree = [one.copy() for one in prior], sum((code >= 0).astype(np.float64) for code in facts)
    for _ in range(ROUNDS):
        held = sum(np.where(code >= 0, one[np.maximum(code, 0)], 0.0) for code, one in zip(facts, belief, strict=True))
        row = held / np.maximum(degree, 1)
        for place, code in enumerate(facts):
            known = code >= 0
            total = np.bincount(code[known], row[known], len(counts[place]))
            belief[place] = prior[place] + DAMPING * total / np.maximum(counts[place], 1)
    return [np.where(code >= 0, 0.5 + one[np.maximum(code, 0)], 0.0) for code, one in zip(facts, belief, strict=True)]


def ufa(world: SignupWorld) -> F64:
    """UFA's score of each row: what it shares in all, where its community has more than five rows; 0 elsewhere.

    The paper takes every community above a size. To rank by the size itself, or to ask for more in common than 2, found less on
    trial worlds (seeds 88000 and 88001, E0 to E2).
    """
    signups = world.signups
    shared = _shared(signups)
    facts = _nested(shared, _odd(signups, shared))
    a, b = block_pairs(shared, signups["at"].cast(pa.int64()).to_numpy())
    alike = np.zeros(len(a))
    for code, weight in zip(facts, fact_weights(facts), strict=True):
        alike += np.where((code[a] >= 0) & (code[a] == code[b]), np.maximum(weight[a], 0.0), 0.0)
    kept = alike > SAME_ENOUGH
    a, b, alike = a[kept], b[kept], alike[kept]
    size = _community_sizes(signups.num_rows, a, b, alike)
    degree = np.bincount(a, alike, signups.num_rows) + np.bincount(b, alike, signups.num_rows)
    return np.asarray(np.where(size > LEAST_COMMUNITY, degree, 0.0), np.float64)


def _community_sizes(rows: int, a: I64, b: I64, weight: F64) -> F64:
    """Of each row, the size of its Louvain community."""
    graph = nk.GraphFromCoo((weight, (a, b)), n=rows, weighted=True)
    nk.setSeed(0, False)
    nk.setNumberOfThreads(1)
    label = np.asarray(nk.community.PLM(graph, refine=True).run().getPartition().getVector(), np.int64)
    return np.bincount(label)[label].astype(np.float64)
