"""What labels teach: a boosted scorer of sign-ups, calibrated, that says nothing where it is not sure.

It learns from labels that were known at the moment, of sign-ups still in memory when they became known, by what each showed
when it came (how rare its facts were, and how many more had them than is usual) and by what spoke against it by then. Where
people are and when is no feature. It moves a decision by one rung at most, and never above `limit`.
"""

from __future__ import annotations

import hashlib
import importlib.util
import math
import struct
from collections import Counter
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final

import numba as nb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
from scipy.optimize import minimize
from scipy.special import expit, logit
from scipy.stats import beta

from samehand.errors import InputError, MissingExtraError
from samehand.policy import LearningRules
from samehand.signups.arrays import grown
from samehand.signups.coding import DAY_US, check_filled
from samehand.signups.facts import FACTS
from samehand.signups.ledger import Ledger
from samehand.signups.recidivism import account_hash
from samehand.signups.standing import Standing

__all__ = ["FEATURES", "Examples", "Learner", "Model", "calibrated", "can_learn", "check_labels", "proven", "train"]

I64 = npt.NDArray[np.int64]
I32 = npt.NDArray[np.int32]
I8 = npt.NDArray[np.int8]
U64 = npt.NDArray[np.uint64]
F16 = npt.NDArray[np.float16]
F64 = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

Account = tuple[str, str]
LABELS: Final = {"genuine": 0, "operation": 1, "spam": 1}
"""An account of a ring that sells is made by a hand as well."""
LEARNT_FROM = np.array([k for k, fact in enumerate(FACTS) if fact.family not in ("place", "hour")], np.int64)
EVIDENCE: Final = ("odds", "families", "all_families", "members", "known_odds", "known_families")
FEATURES: Final = tuple(f"{what} {FACTS[k].name}" for k in LEARNT_FROM for what in ("rarity of", "burst of")) + EVIDENCE
ARRIVING = len(FEATURES) - len(EVIDENCE)
MOST_EXAMPLES = 50_000
"""Of the newest labels; older ones are forgotten."""
FOLDS, ROUNDS, STEP, SURE = 4, 40, 0.15, 0.95
"""Parts for judging a model by labels it has not seen; a model's trees, and what each adds; confidence of what is proven."""


def can_learn() -> bool:
    """Whether the optional library is there."""
    return importlib.util.find_spec("sklearn") is not None


def check_labels(table: pa.Table) -> None:
    """Refuse labels that mean nothing here.

    Args:
        table: columns of `labels`.

    Raises:
        InputError: one of them is none; the message says which and how many bear it.

    """
    check_filled(table, "labels", ("platform", "asset_id", "label", "known_at"))
    counted = Counter(table.column("label").to_pylist())
    if unknown := sorted(set(counted) - set(LABELS)):
        raise InputError(
            f"labels: {unknown[0]!r} is no label ({counted[unknown[0]]:,} rows bear it); there are {', '.join(LABELS)}: "
            "mend the file and import it anew, or learn nothing (`--no-learning`)"
        )


@nb.njit(cache=True)
def _arriving(codes: I32, facts: I64, singles: I32, in_window: int, in_baseline: int) -> F64:
    out = np.empty((len(codes), 2 * len(facts)))
    for i in range(len(codes)):
        for place in range(len(facts)):
            v = codes[i, facts[place]]
            if v < 0:
                out[i, 2 * place] = out[i, 2 * place + 1] = np.nan
                continue
            usual = (singles[v, 1] + 0.5) / (in_baseline + 1.0)
            out[i, 2 * place] = -np.log(usual)
            out[i, 2 * place + 1] = np.log((singles[v, 0] + 1.0) / (usual * in_window + 1.0))
    return out


def calibrated(score: F64, bad: Flags, prior: float, wrong: float = 0.0) -> tuple[float, float]:
    """Slope and intercept that turn scores into log odds where a share `prior` is bad (Platt's logistic regression).

    Each class weighs as it would at that share; the slope is never negative. A share `wrong` of the bad is labelled good.
    """
    weight = np.where(bad, prior / max(1, bad.sum()), (1 - prior) / max(1, (~bad).sum()))

    def loss(x: F64) -> tuple[float, F64]:
        p = expit(x[0] * score + x[1])
        said = (1 - wrong) * p  # how likely it is labelled bad
        loss = -float(weight @ np.log(np.where(bad, said, 1 - said) + 1e-300)) + 1e-6 * float(x @ x)
        slope = weight * np.where(bad, p - 1, said * (1 - p) / (1 - said + 1e-300))
        return loss, np.array([slope @ score, slope.sum()]) + 2e-6 * x

    found = minimize(
        loss, np.array([1.0, logit(prior)]), jac=True, bounds=[(0.0, None), (None, None)], method="L-BFGS-B"
    )
    return float(found.x[0]), float(found.x[1])


def proven(score: F64, bad: Flags, prior: float, wrong: float = 0.0, aside: float = 1.0) -> tuple[F64, F64]:
    """Thresholds, ascending, and the log odds that are proven for scores at or above each, never falling.

    Of the bad so many are at or above it at the least, of the good so many at the most (Clopper and Pearson, each at
    `SURE`). So no claim goes beyond what the labels at hand can bear out, however sure the model is of itself. Where a share
    `wrong` of the bad is labelled good, so many are taken off the good above a threshold: of all good a share `aside` at most,
    where all the bad are above it, and less where fewer are.
    """
    at = np.unique(score)
    n_bad, n_good = int(bad.sum()), int((~bad).sum())
    hits = n_bad - np.searchsorted(np.sort(score[bad]), at)
    above = n_good - np.searchsorted(np.sort(score[~bad]), at)
    mistaken = hits * np.minimum(wrong / (1 - wrong), aside * n_good / max(1, n_bad))
    above = np.maximum(above - np.floor(mistaken), 0)
    least = np.where(hits > 0, beta.ppf(1 - SURE, np.maximum(hits, 1), n_bad - hits + 1), 0.0)
    most = np.where(above < n_good, beta.ppf(SURE, above + 1, np.maximum(n_good - above, 1)), 1.0)
    with np.errstate(divide="ignore"):
        odds = logit(prior) + np.log(least) - np.log(most)
    return at, np.maximum.accumulate(odds)


@dataclass(frozen=True)
class Model:
    """A version of the scorer.

    Attributes:
        version: number and a mark of what it was learnt from. made_us: event time.
        bad, good: labels that it was learnt from.
        trees: the fitted classifier. slope, intercept: as in `calibrated`. at, odds: as in `proven`.

    """

    version: str
    made_us: int
    bad: int
    good: int
    trees: Any
    slope: float
    intercept: float
    at: F64
    odds: F64

    def probability(self, features: F64) -> F64:
        """How likely each is made by a hand, where a share of sign-ups as the policy's prior is; never more than is proven."""
        if not len(features):
            return np.zeros(0)
        score = _raw(self.trees, features)
        place = np.maximum(np.searchsorted(self.at, score, side="right") - 1, 0)
        return np.asarray(expit(np.minimum(self.slope * score + self.intercept, self.odds[place])))

    def words(self, p: float) -> str:
        """As a decision's reason says it."""
        day = datetime.fromtimestamp(self.made_us / 1e6, UTC)
        return (
            f"model {self.version} of {day:%Y-%m-%d}, learnt from {self.bad:,} accounts of operations and {self.good:,} "
            f"genuine ones: {p:.2f} likely to be made by a hand"
        )


@lru_cache(maxsize=1)
def _one_thread() -> Any:
    """On one thread: sums come in one order, so that the same labels give the same model everywhere."""
    import sklearn.ensemble  # noqa: F401  its libraries have to be there to be told
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()


def _raw(trees: Any, features: F64) -> F64:
    with _one_thread().limit(limits=1):
        return np.asarray(trees.decision_function(features), np.float64)


def _fitted(features: F64, bad: Flags) -> Any:
    from sklearn.ensemble import HistGradientBoostingClassifier

    trees = HistGradientBoostingClassifier(
        max_iter=ROUNDS,
        learning_rate=STEP,
        max_leaf_nodes=15,
        min_samples_leaf=20,
        l2_regularization=1.0,
        early_stopping=False,
        random_state=0,
    )
    with _one_thread().limit(limits=1):
        return trees.fit(features, bad)


@dataclass
class Examples:
    """What is learnt from, in the order in which labels became known; the last of an account counts.

    Attributes:
        features: float64[n, FEATURES]. bad: bool[n]. account: uint64[n], keyed hashes.
        group: int64[n], cluster of linked sign-ups, or day; no group is both learnt from and judged by.
        row: int64[n], of the stream.

    """

    features: F64 = field(default_factory=lambda: np.zeros((0, len(FEATURES))))
    bad: Flags = field(default_factory=lambda: np.zeros(0, np.bool_))
    account: U64 = field(default_factory=lambda: np.zeros(0, np.uint64))
    group: I64 = field(default_factory=lambda: np.zeros(0, np.int64))
    row: I64 = field(default_factory=lambda: np.zeros(0, np.int64))

    def __len__(self) -> int:
        return len(self.bad)

    def add(self, features: F64, bad: Flags, account: U64, group: I64, row: I64) -> None:
        """More of them."""
        self.features = np.concatenate([self.features, features])
        self.bad, self.account = np.concatenate([self.bad, bad]), np.concatenate([self.account, account])
        self.group, self.row = np.concatenate([self.group, group]), np.concatenate([self.row, row])

    def between(self, low: int, high: int) -> Examples:
        """Some of them."""
        return Examples(*(getattr(self, one.name)[low:high] for one in fields(self)))

    def regroup(self, group: I64, first: int) -> None:
        """Clusters have grown and united: those in memory are of the groups that their rows (from `first` on) are in now."""
        there = self.row >= first
        self.group = self.group.copy()
        self.group[there] = group[self.row[there] - first]

    def newest(self) -> I64:
        """Places of each account's last label."""
        _, last = np.unique(self.account[::-1], return_index=True)
        return np.sort(len(self) - 1 - last)


def train(examples: Examples, rules: LearningRules, number: int, made_us: int, prior: float) -> Model | None:
    """Learn a model; None where labels are too few, or the bad ones are all of one group, which teaches nothing of others.

    Of the good labels above a threshold `rules.wrong` may be set aside as mistaken, but never more than would, were they right
    after all, bring the precision at the prior below the probability at which the model begins to speak.
    """
    kept = examples.newest()
    features, bad, group = examples.features[kept], examples.bad[kept], examples.group[kept]
    if min(bad.sum(), (~bad).sum()) < rules.least_labels or len(np.unique(group[bad])) < 2:
        return None
    _, place = np.unique(group, return_inverse=True)
    fold, score = _folds(place, bad), np.zeros(len(bad))
    for one in range(FOLDS):
        seen = fold != one
        if bad[seen].any() and not seen.all():
            score[~seen] = _raw(_fitted(features[seen], bad[seen]), features[~seen])
    trees = _fitted(features, bad)
    slope, intercept = calibrated(score, bad, prior, rules.wrong)
    aside = prior * (1 / rules.abstain_above - 1)
    learnt = features.tobytes() + bad.tobytes() + struct.pack("<d", prior)
    mark = hashlib.blake2b(learnt, digest_size=4).hexdigest()
    return Model(
        f"M{number}-{mark}", made_us, int(bad.sum()), int((~bad).sum()), trees, slope, intercept,
        *proven(score, bad, prior, rules.wrong, aside),
    )  # fmt: skip


def _folds(place: I64, bad: Flags) -> I64:
    """A fold for each row, whole groups at a time: those with most of the bad first, each to the fold that has fewest."""
    bads, all_ = np.bincount(place, bad), np.bincount(place)
    filled, fold = np.zeros((FOLDS, 2)), np.zeros(len(all_), np.int64)
    for one in np.lexsort((-all_, -bads)).tolist():
        fold[one] = np.lexsort((filled[:, 1], filled[:, 0]))[0] if bads[one] else int(np.argmin(filled[:, 1]))
        filled[fold[one]] += bads[one], all_[one]
    return fold[place]


@dataclass
class Learner:
    """Labels to come, what was learnt from, and the model that holds.

    Attributes:
        rules: of the policy. key: under which accounts are hashed.
        due: (known, platform, asset id, bad) of labels that are not used yet, ascending.
        rows: row of the stream of each account in memory that `due` names.
        arriving: float16[rows, ARRIVING], what each row in memory showed when it came.
        examples: so far. trained: how many there were when the model was trained; 0 for none. trained_us: when it was tried.
        model: the newest. number: of models so far. made: their versions, with what each was learnt from.
        late: labels of accounts that were not in memory any more, or never were.
        since: row of the stream from which on it was kept what rows showed when they came; it says nothing of older ones.

    """

    rules: LearningRules
    key: bytes
    due: list[tuple[int, str, str, int]] = field(default_factory=list)
    rows: dict[Account, int] = field(default_factory=dict)
    arriving: F16 = field(default_factory=lambda: np.zeros((1024, ARRIVING), np.float16))
    examples: Examples = field(default_factory=Examples)
    trained: int = 0
    trained_us: int = 0
    model: Model | None = None
    number: int = 0
    made: list[dict[str, Any]] = field(default_factory=list)
    late: int = 0
    since: int = 0

    def __post_init__(self) -> None:
        if not can_learn():
            raise MissingExtraError("learning from labels needs the optional package: pip install 'samehand[learn]'")

    def expect(self, table: pa.Table, names: list[Account], first: int) -> None:
        """Take labels, each to be used from its `known_at` on.

        Args:
            table: columns of `labels`, which are checked. names: of the rows in memory.
            first: row of the stream of the first of them.

        """
        labels = table.column("label").to_pylist()
        known = table.column("known_at").cast(pa.timestamp("us", "UTC")).cast(pa.int64()).to_pylist()
        columns = (table.column(name).to_pylist() for name in ("platform", "asset_id"))
        new = [(at, p, a, LABELS[label]) for at, p, a, label in zip(known, *columns, labels, strict=True)]
        self.due = sorted([*self.due, *new])
        wanted = {(platform, asset) for _, platform, asset, _ in new}
        if wanted and names:
            self.rows.update((name, first + k) for k, name in enumerate(names) if name in wanted)
        for name in wanted - self.rows.keys():
            self.rows[name] = -1

    def begin(self, ledger: Ledger) -> None:
        """Of rows that are there before the first label it is not known what they showed when they came."""
        self.since = ledger.first + ledger.end
        self.arriving = grown(self.arriving, ledger.end)
        self.arriving[: ledger.end] = np.nan

    def see(self, ledger: Ledger, low: int, names: list[Account], first: int) -> None:
        """Keep what new rows show, by what is counted so far."""
        self.arriving = grown(self.arriving, ledger.end)
        self.arriving[low : ledger.end] = _arriving(
            ledger.codes[low : ledger.end], LEARNT_FROM, ledger.singles, ledger.in_window, ledger.in_baseline
        )
        if self.rows:
            self.rows.update((name, first + low + k) for k, name in enumerate(names) if name in self.rows)

    def forget(self, gone: int, first: int) -> None:
        """Follow a ledger that has dropped its first rows; `first` is the row of the stream that is its first now."""
        self.arriving = self.arriving[gone:].copy()
        self.rows = {name: row if row >= first else -1 for name, row in self.rows.items()}

    def features(self, standing: Standing, rows: I64) -> F64:
        """float64[rows, FEATURES] of rows in memory (places)."""
        evidence = np.stack([getattr(standing, name)[rows].astype(np.float64) for name in EVIDENCE], axis=1)
        return np.concatenate([self.arriving[rows].astype(np.float64), evidence], axis=1)

    def learn(self, standing: Standing, group: I64, first: int, now_us: int, found: float) -> None:
        """Use the labels that are known by now, and train a model anew when it is time.

        Args:
            standing: about the rows in memory. group: int64[rows], of each. first: row of the stream of the first of them.
            now_us: event time. found: share of the window's sign-ups that stand at limit or above: the prior is no less.

        """
        known = 0
        while known < len(self.due) and self.due[known][0] <= now_us:
            known += 1
        if known:
            self._take(known, standing, group, first)
        wait = self.rules.every_days * DAY_US
        if len(self.examples) == 0 or now_us - self.trained_us < wait:
            return
        self.trained_us = now_us
        self.examples = self.examples.between(max(0, len(self.examples) - MOST_EXAMPLES), len(self.examples))
        self.examples.regroup(group, first)
        prior = min(0.5, max(self.rules.prior, found))
        self.model = train(self.examples, self.rules, self.number + 1, now_us, prior)
        self.trained = len(self.examples) if self.model else 0
        if (one := self.model) is not None:
            self.number += 1
            self.made.append(
                {"version": one.version, "made_us": now_us, "operation": one.bad, "genuine": one.good, "prior": prior}
            )

    def train_again(self) -> None:
        """The model that holds, from what it was learnt from: so no state on disk holds anything that could run."""
        if self.trained:
            last = self.made[-1]
            learnt = self.examples.between(0, self.trained)
            self.model = train(learnt, self.rules, self.number, last["made_us"], last["prior"])

    def _take(self, known: int, standing: Standing, group: I64, first: int) -> None:
        used, self.due = self.due[:known], self.due[known:]
        row = np.array([self.rows[platform, asset] for _, platform, asset, _ in used]) - first
        there = np.flatnonzero((row >= 0) & (row + first >= self.since))
        self.late += len(used) - len(there)
        account = np.array([account_hash(used[k][1], used[k][2], self.key) for k in there.tolist()], np.uint64)
        bad = np.array([used[k][3] == 1 for k in there.tolist()], np.bool_)
        self.examples.add(self.features(standing, row[there]), bad, account, group[row[there]], row[there] + first)
        still = {(platform, asset) for _, platform, asset, _ in self.due}
        self.rows = {name: row for name, row in self.rows.items() if name in still}

    def scored(self, standing: Standing, rows: I64, first: int) -> F64:
        """How likely each row (place; `first` is that of the stream) is made by a hand; NaN where there is no model."""
        found, seen = np.full(len(rows), math.nan), rows + first >= self.since
        if self.model is not None:
            found[seen] = self.model.probability(self.features(standing, rows[seen]))
        return found
