"""The sign-up scorer on worlds whose truth is known, beside rules, boosting, two published methods and two references."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from time import process_time

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from samehand.evaluation.signup_peers import boosted, ianus, ufa
from samehand.policy import DECISIONS, Caps, SignupPolicy
from samehand.signups import KeyRing, KnownBad, SignupStream
from samehand.simulation import SignupParameters, SignupWorld, draw_signups

__all__ = ["DETECTORS", "NewcomerScore", "recall_at_precision", "score_newcomers", "uncapped"]

F64 = npt.NDArray[np.float64]
I64 = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

PRECISION = 0.99
CHALLENGE, LIMIT, SUSPEND = (DECISIONS.index(name) for name in ("challenge", "limit", "suspend"))
DAY_US = 86_400_000_000
FIXED_KEY = KeyRing(("evaluation",), (b"evaluation" + bytes(22),))
"""Worlds are invented; decisions do not depend on the key."""


@dataclass(frozen=True)
class NewcomerScore:
    """What became of one world's sign-ups.

    Attributes:
        seed: of the draw. operation, genuine: accounts.
        recall: detector -> the share of the operation above the best threshold with precision .99, spam aside.
        challenged, limited, suspended: of the operation, at the one fixed policy or more.
        before: of the operation, limited before its first post.
        genuine_challenged, genuine_limited, genuine_suspended: genuine accounts.
        spam, spam_limited: accounts of commercial rings.
        hard: scenario -> accounts, challenged or more, limited or more.
        by_signals: independent signals that the operation left -> accounts, limited.
        by_level: evasion level -> accounts, limited, limited before the first post.
        seconds: that the decisions took, on one core.
        operation_rungs, genuine_rungs: accounts by the highest rung that they reached, in the order of DECISIONS.
        waves: found.
        groups: kind of group -> group -> genuine accounts, challenged or more, limited or more; a kind's groups make up
            everybody, those of whom it is not known included.

    """

    seed: int
    operation: int
    genuine: int
    recall: dict[str, float]
    challenged: int
    limited: int
    suspended: int
    before: int
    genuine_challenged: int
    genuine_limited: int
    genuine_suspended: int
    spam: int
    spam_limited: int
    hard: dict[str, tuple[int, int, int]]
    by_signals: dict[int, tuple[int, int]]
    by_level: dict[str, tuple[int, int, int]]
    operation_rungs: tuple[int, ...]
    genuine_rungs: tuple[int, ...]
    waves: int
    seconds: float
    groups: dict[str, dict[str, tuple[int, int, int]]]


def uncapped(policy: SignupPolicy) -> SignupPolicy:
    """The policy without daily caps, for measuring what the evidence alone decides."""
    most = 10**9
    return replace(policy, caps=Caps(challenge=most, limit=most, review=most, suspend=most))


def recall_at_precision(score: F64, right: Flags, precision: float = PRECISION) -> float:
    """The largest share of the right ones above a threshold at which at least `precision` of all above it are right."""
    order = np.argsort(-score, kind="stable")
    hits = np.cumsum(right[order])
    last = np.append(np.diff(score[order]) != 0, True)
    good = last & (hits >= precision * np.arange(1, len(score) + 1))
    return float(hits[good].max(initial=0) / max(1, right.sum()))


def address_rate(world: SignupWorld) -> F64:
    """The simplest rule: how many sign-ups came from the same /24 in the 24 hours before."""
    network = pc.replace_substring_regex(world.signups["ip"], r"\.\d+$", "").combine_chunks()
    return _recent(network, world, DAY_US)


def popularity(world: SignupWorld) -> F64:
    """The popularity threshold: the most sign-ups of the last seven days that share a device, client, picture or prefix."""
    names = ("device_id", "user_agent", "avatar_hash", "phone_prefix")
    return np.asarray(
        np.max([_recent(world.signups[name].combine_chunks(), world, 7 * DAY_US) for name in names], axis=0)
    )


def _recent(values: pa.Array, world: SignupWorld, within_us: int) -> F64:
    """How many earlier rows within a time have the same value; 0 where it is missing."""
    code = values.dictionary_encode().indices.fill_null(-1).to_numpy(zero_copy_only=False)
    at = world.signups["at"].cast(pa.int64()).to_numpy()
    order = np.lexsort((at, code))
    begins = np.searchsorted(code[order], code[order])
    floor = np.zeros(len(order), np.int64)
    low = 0
    for k in range(len(order)):
        low = max(low, int(begins[k]))
        while at[order[low]] < at[order[k]] - within_us:
            low += 1
        floor[k] = low
    out = np.zeros(len(order))
    out[order] = np.arange(len(order)) - floor
    out[code < 0] = 0
    return out


DETECTORS: dict[str, Callable[[SignupWorld], F64]] = {
    "address rate limit": address_rate,
    "popularity threshold": popularity,
    "boosting without a graph": boosted,
    "Ianus, as read here": ianus,
    "UFA, as read here": ufa,
    "likelihood ratio, row by row": lambda world: world.truth["llr"].to_numpy(),
    "clairvoyant": lambda world: world.truth["clairvoyant"].to_numpy(),
}
"""What the scorer is held against: two rules, boosting of single rows, two published methods as read here, and the
generator's two references."""


def groups_of(
    signups: pa.Table, scenario: npt.NDArray[np.str_], genuine: Flags, rung: npt.NDArray[np.int8]
) -> dict[str, dict[str, tuple[int, int, int]]]:
    """Genuine accounts by what people are treated unequally for: kind of group -> group -> people, challenged, limited."""
    network = np.array([one or "unknown" for one in signups["net_type"].to_pylist()])
    kinds = {
        "network": network,
        "VPN or Tor": np.where(
            np.isin(network, ("vpn", "tor")), "on", np.where(network == "unknown", "unknown", "off")
        ),
        "language": np.array([one or "unknown" for one in signups["locale"].to_pylist()]),
        "country": np.array([one or "unknown" for one in signups["country"].to_pylist()]),
        "old handset (H9)": np.where(scenario == "H9", "yes", "no"),
    }
    found: dict[str, dict[str, tuple[int, int, int]]] = {}
    for kind, of_row in kinds.items():
        found[kind] = {}
        for group in sorted(set(of_row[genuine].tolist())):
            mine = rung[genuine & (of_row == group)]
            found[kind][group] = (len(mine), int((mine >= CHALLENGE).sum()), int((mine >= LIMIT).sum()))
    return found


def _decided(world: SignupWorld, policy: SignupPolicy, suspends: bool) -> tuple[npt.NDArray[np.int8], F64, I64, int]:
    """Each row's highest rung, its highest score, when it was first limited, and the number of waves."""
    known = KnownBad.of(world.known_bad, FIXED_KEY) if len(world.known_bad) else None
    stream = SignupStream(policy, FIXED_KEY, known=known, suspends=suspends)
    if len(world.labels):
        stream.label(world.labels)
    if len(world.logins):
        stream.log_in(world.logins)
    ids = world.signups["asset_id"].combine_chunks()
    rung, score = np.zeros(len(ids), np.int8), np.full(len(ids), -np.inf)
    first = np.full(len(ids), np.iinfo(np.int64).max)
    for low in [*range(0, len(ids), 50_000), -1]:
        table = stream.finish() if low < 0 else stream.feed(world.signups.slice(low, 50_000))
        place = pc.index_in(table["asset_id"], value_set=ids).to_numpy().astype(np.int64)
        step = pc.index_in(table["decision"], value_set=pa.array(DECISIONS)).to_numpy().astype(np.int8)
        np.maximum.at(rung, place, step)
        np.maximum.at(score, place, table["score"].to_numpy())
        limited = step >= LIMIT
        np.minimum.at(first, place[limited], table["decided_at"].cast(pa.int64()).to_numpy()[limited])
    return rung, score, first, len(stream.found)


def score_newcomers(
    parameters: SignupParameters, seed: int, policy: SignupPolicy, *, suspends: bool = False, beside: bool = True
) -> NewcomerScore:
    """Draw a world, let the scorer decide about it in order of time, and count.

    Args:
        parameters: of the world.
        seed: of the draw.
        policy: the ladder.
        suspends: whether the machine may suspend by itself.
        beside: whether the rules and references are measured too.

    """
    world = draw_signups(parameters, seed)
    ids = world.signups["asset_id"]
    order = pc.index_in(ids, value_set=world.truth["asset_id"].combine_chunks()).to_numpy().astype(np.int64)
    truth = world.truth.take(pa.array(order))
    aligned = replace(world, truth=truth)
    role = np.array(truth["role"].to_pylist())
    operation, genuine, spam = (role == name for name in ("operation", "genuine", "spam"))
    begun = process_time()
    rung, score, first, waves = _decided(world, policy, suspends)
    seconds = process_time() - begun
    ranked = np.where(rung >= CHALLENGE, score, score - 100.0)
    scores = {"samehand": ranked, **({name: rank(aligned) for name, rank in DETECTORS.items()} if beside else {})}
    post = truth["first_post_at"].cast(pa.int64()).fill_null(np.iinfo(np.int64).max).to_numpy()
    scenario, signals = np.array(truth["scenario"].to_pylist()), truth["signals"].to_numpy()
    hard = {}
    for name in sorted({str(one) for one in scenario[genuine] if one}, key=lambda one: int(one[1:])):
        mine = rung[genuine & (scenario == name)]
        hard[name] = (len(mine), int((mine >= CHALLENGE).sum()), int((mine >= LIMIT).sum()))
    by_signals = {}
    for number in sorted({int(one) for one in signals[operation]}):
        mine = rung[operation & (signals == number)]
        by_signals[number] = (len(mine), int((mine >= LIMIT).sum()))
    evasion = np.array(truth["evasion"].to_pylist())
    by_level = {}
    for level in sorted(set(evasion[operation].tolist())):
        mine = operation & (evasion == level)
        stopped = first[mine] < post[mine]
        by_level[level] = (int(mine.sum()), int((rung[mine] >= LIMIT).sum()), int(stopped.sum()))
    return NewcomerScore(
        seed, int(operation.sum()), int(genuine.sum()),
        {name: recall_at_precision(one[~spam], operation[~spam]) for name, one in scores.items()},
        int((rung[operation] >= CHALLENGE).sum()), int((rung[operation] >= LIMIT).sum()),
        int((rung[operation] >= SUSPEND).sum()), int((first[operation] < post[operation]).sum()),
        int((rung[genuine] >= CHALLENGE).sum()), int((rung[genuine] >= LIMIT).sum()), int((rung[genuine] >= SUSPEND).sum()),
        int(spam.sum()), int((rung[spam] >= LIMIT).sum()), hard, by_signals, by_level,
        tuple(np.bincount(rung[operation], minlength=len(DECISIONS)).tolist()),
        tuple(np.bincount(rung[genuine], minlength=len(DECISIONS)).tolist()), waves, seconds,
        groups_of(world.signups, scenario, genuine, rung),
    )  # fmt: skip
