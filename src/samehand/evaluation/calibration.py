"""Is a p-value what it says? Pairs and networks where nothing is coordinated: drawn worlds, real data redrawn.

Of the pairs that are scored (those that share at least two things), up to 2,000 that have no account in common are
drawn before any p-value is looked at. P-values may be larger than uniform, never smaller.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from scipy.stats import binom

from samehand.coordination import Activities, pair_evidence, shared_sittings
from samehand.engine import LocalEngine
from samehand.evaluation.drawn import WINDOWS_S
from samehand.runs import Found, TraceOfRun, World, search_world

__all__ = ["Calibration", "Curve", "calibrate", "disjoint_pairs", "one_sided_kolmogorov"]

F64 = npt.NDArray[np.float64]
I32 = npt.NDArray[np.int32]

WANTED = 2000
FEWEST = 100
LEVELS = (0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001)
EXPECTED_HITS = 100
BOOTSTRAPS = 400


@dataclass(frozen=True)
class Curve:
    """How often p <= t against t, over all seeds of one trace and window, with its bootstrap interval over accounts."""

    level: float
    expected_hits: float
    ratio: float
    low: float
    high: float


@dataclass
class Calibration:
    """What a set of worlds without coordination showed.

    Attributes:
        name: of the set.
        worlds: how many were drawn.
        reporting: worlds in which any network was reported.
        tests, rejections: one-sided Kolmogorov tests (one a world, trace and window) and how many reject at .01.
        allowed: the .999 quantile of a binomial with that many tests and chance .01.
        pairs: scored pairs looked at, each at every window.
        curves: for each trace and window, the levels with at least 100 expected hits.

    """

    name: str
    worlds: int = 0
    reporting: int = 0
    tests: int = 0
    rejections: int = 0
    pairs: int = 0
    curves: dict[tuple[str, int], list[Curve]] = field(default_factory=dict)
    _p_values: dict[tuple[str, int], list[F64]] = field(default_factory=dict)

    @property
    def allowed(self) -> int:
        """Rejections that a right procedure exceeds once in a thousand times."""
        return int(binom.ppf(0.999, self.tests, 0.01)) if self.tests else 0

    def add(self, trace: str, window_s: int, p_values: F64) -> None:
        """Count one world's p-values of one trace and window."""
        self.tests += 1
        self.rejections += one_sided_kolmogorov(p_values) < 0.01
        self._p_values.setdefault((trace, window_s), []).append(p_values)

    def finish(self, seed: int = 0) -> Calibration:
        """Compute the curves of all that was added."""
        rng = np.random.default_rng(seed)
        for key, parts in self._p_values.items():
            pooled = np.concatenate(parts)
            self.curves[key] = [_curve(pooled, level, rng) for level in LEVELS if level * len(pooled) >= EXPECTED_HITS]
        return self


def one_sided_kolmogorov(p_values: F64) -> float:
    """The chance, if p-values were uniform, that they lie as far below it as these do (Smirnov's asymptotic bound)."""
    n, ordered = len(p_values), np.sort(p_values)
    above = float((np.arange(1, n + 1) / n - ordered).max())
    return float(np.exp(-2 * n * above * above)) if above > 0 else 1.0


def _curve(p_values: F64, level: float, rng: np.random.Generator) -> Curve:
    """Pairs have no account in common, so drawing pairs anew draws accounts anew."""
    hit = p_values <= level
    drawn = rng.binomial(len(hit), hit.mean(), BOOTSTRAPS) / len(hit) / level
    low, high = np.quantile(drawn, (0.025, 0.975))
    return Curve(level, level * len(hit), float(hit.mean() / level), float(low), float(high))


def _draw(a: Activities, rng: np.random.Generator) -> tuple[I32, I32]:
    """Pairs of accounts that share an object, by way of a random object of a random account; distinct, ascending."""
    able = np.flatnonzero(np.diff(a.account_start) >= 2)
    u = rng.choice(able, 4000)
    length = np.diff(a.account_start)[u]
    position = a.by_account[a.account_start[u] + (rng.random(len(u)) * length).astype(np.int64)]
    o = a.obj[position]
    size = a.object_start[o + 1] - a.object_start[o]
    v = a.account[a.object_start[o] + (rng.random(len(u)) * size).astype(np.int64)]
    apart = u != v
    keys = np.unique(np.minimum(u, v)[apart].astype(np.int64) << 32 | np.maximum(u, v)[apart])
    return (keys >> 32).astype(np.int32), (keys & 0xFFFFFFFF).astype(np.int32)


def disjoint_pairs(a: Activities, rng: np.random.Generator) -> tuple[I32, I32]:
    """Up to 2,000 scored pairs of accounts, no account in two of them, ascending; no time of theirs is compared."""
    if not (np.diff(a.account_start) >= 2).any():
        return np.zeros(0, np.int32), np.zeros(0, np.int32)
    used = np.zeros(a.accounts, np.bool_)
    chosen: list[tuple[int, int]] = []
    for _ in range(40):
        first, second = _draw(a, rng)
        scored = np.flatnonzero(shared_sittings(a, first, second) >= 2)
        for row in rng.permutation(scored).tolist():
            u, v = int(first[row]), int(second[row])
            if not used[u] and not used[v] and len(chosen) < WANTED:
                used[u] = used[v] = True
                chosen.append((u, v))
        if len(chosen) >= WANTED:
            break
    pairs = np.array(sorted(chosen), np.int32).reshape(-1, 2)
    return pairs[:, 0].copy(), pairs[:, 1].copy()


def _p_values(trace: TraceOfRun, rng: np.random.Generator) -> F64:
    """float64[pairs, w] of scored, disjoint pairs; no rows where there are too few."""
    a = trace.loaded.activities
    first, second = disjoint_pairs(a, rng)
    if len(first) < FEWEST:
        return np.zeros((0, len(trace.reference.windows_us)))
    return pair_evidence(a, trace.reference, first, second).p_value


def calibrate(name: str, worlds: Iterator[tuple[int, World]], *, level: float = 0.01) -> Calibration:
    """Measure a set of worlds in which nothing is coordinated.

    Args:
        name: of the set.
        worlds: seeds and loaded worlds.
        level: the false discovery rate that a run asks for.

    """
    result = Calibration(name)
    for seed, world in worlds:
        found: Found = search_world(world, WINDOWS_S, level=level, engine=LocalEngine())
        result.worlds += 1
        result.reporting += bool(found.networks)
        rng = np.random.default_rng(seed)
        for trace in [*found.traces, *([found.together] if found.together else [])]:
            p_values = _p_values(trace, rng)
            result.pairs += len(p_values)
            for w in range(p_values.shape[1] if len(p_values) else 0):
                result.add(trace.loaded.name, WINDOWS_S[w], p_values[:, w])
    return result.finish()
