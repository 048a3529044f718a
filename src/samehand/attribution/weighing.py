"""Evidence weighed: which hypothesis it leaves standing, how likely that is, and apart from it how far to trust the answer.

Analysis of competing hypotheses (Heuer 1999) ranks by what speaks against each. Beside it Bayes' rule takes one ratio for each
independence group, between 1/10 and 10, discounted by the grade of its source: ten pieces that hang on one thing are one piece.
What can be forged never tells a state from who wants to be taken for one, and lends no confidence.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp, log
from typing import Final, Literal

from samehand.attribution.evidence import EvidenceItem, Rating
from samehand.attribution.hypotheses import HYPOTHESES, Hypothesis
from samehand.errors import UsageError

__all__ = ["LIKELY", "UNIFORM", "Confidence", "Weighed", "likelihood_word", "weigh"]

Confidence = Literal["low", "moderate", "high"]
CAP: Final = log(10)
NATS: Final[Mapping[Rating, float]] = {"CC": CAP, "C": CAP / 2, "N": 0.0, "I": -CAP / 2, "II": -CAP}
AGAINST: Final[Mapping[Rating, float]] = {"CC": 0.0, "C": 0.0, "N": 0.0, "I": 1.0, "II": 2.0}
OF_SOURCE: Final = {"A": 1.0, "B": 0.8, "C": 0.6, "D": 0.4, "E": 0.2, "F": 0.4}
OF_WORD: Final = {1: 1.0, 2: 0.8, 3: 0.6, 4: 0.4, 5: 0.2, 6: 0.4}
UNIFORM: Final[Mapping[Hypothesis, float]] = dict.fromkeys(HYPOTHESES, 1 / len(HYPOTHESES))
LIKELY: Final = 0.55
WORDS: Final = (
    (0.05, "almost no chance"), (0.20, "very unlikely"), (0.45, "unlikely"), (0.55, "roughly even chance"), (0.80, "likely"),
    (0.95, "very likely"), (1.01, "almost certain"),
)  # fmt: skip
"""ICD 203's words, each with the probability below which it stands."""


def likelihood_word(probability: float) -> str:
    """A probability in the words of ICD 203 (Office of the Director of National Intelligence, 2015, table in D.6.e.2.a)."""
    return next(word for below, word in WORDS if probability < below)


@dataclass(frozen=True)
class Weighed:
    """What evidence comes to.

    Attributes:
        prior, posterior: by hypothesis. leading: the most probable. word: of its probability.
        against: by hypothesis how much speaks against it, weighed by grade; the least is the best.
        confidence: how far to trust the answer, apart from how likely it is; why: what it lacks, if it is not high.
        without: by group the probability of the leading hypothesis when that group is left out; the lower of with and without
            all that could be left on purpose.
        groups, categories: on how many of each it rests that say something.

    """

    prior: Mapping[Hypothesis, float]
    posterior: Mapping[Hypothesis, float]
    leading: Hypothesis
    word: str
    against: Mapping[Hypothesis, float]
    confidence: Confidence
    why: tuple[str, ...]
    without: Mapping[str, float]
    groups: int
    categories: int


def _weight(item: EvidenceItem) -> float:
    return min(OF_SOURCE[item.reliability], OF_WORD[item.credibility])


def _vector(item: EvidenceItem) -> dict[Hypothesis, float]:
    """What an item says of each hypothesis, in nats."""
    weight = _weight(item)
    found = {name: weight * NATS[rating] for name, rating in item.of.ratings.items()}
    if item.of.forgeable:
        found["false_flag"] = max(found["false_flag"], found["state_directed"])
    return found


def _spread(vector: Mapping[Hypothesis, float]) -> float:
    return max(vector.values()) - min(vector.values())


def _by_group(items: Sequence[EvidenceItem]) -> dict[str, tuple[EvidenceItem, dict[Hypothesis, float]]]:
    """Of each group the item that says most, the first of several."""
    found: dict[str, tuple[EvidenceItem, dict[Hypothesis, float]]] = {}
    for item in items:
        vector = _vector(item)
        held = found.get(item.hangs_on)
        if held is None or _spread(vector) > _spread(held[1]):
            found[item.hangs_on] = item, vector
    return found


def _posterior(
    prior: Mapping[Hypothesis, float], vectors: Sequence[Mapping[Hypothesis, float]]
) -> dict[Hypothesis, float]:
    nats = {name: log(prior[name]) + sum(one[name] for one in vectors) for name in HYPOTHESES}
    top = max(nats.values())
    parts = {name: exp(value - top) for name, value in nats.items()}
    return {name: part / sum(parts.values()) for name, part in parts.items()}


def weigh(items: Sequence[EvidenceItem], prior: Mapping[Hypothesis, float] = UNIFORM) -> Weighed:
    """Weigh evidence.

    Args:
        items: of a case. prior: by hypothesis, above 0, 1 together; the same for all if not given.

    Raises:
        UsageError: the prior is none.

    """
    if set(prior) != set(HYPOTHESES) or min(prior.values()) <= 0 or abs(sum(prior.values()) - 1) > 1e-9:
        raise UsageError(f"a prior gives each of {', '.join(HYPOTHESES)} a chance above 0, 1 together")
    groups = _by_group(items)
    posterior = _posterior(prior, [vector for _, vector in groups.values()])
    leading = max(HYPOTHESES, key=lambda name: posterior[name])
    without = {left: _without(prior, groups, left)[leading] for left in groups}
    against = {
        name: sum(_weight(item) * AGAINST[item.of.ratings[name]] for item, _ in groups.values()) for name in HYPOTHESES
    }  # fmt: skip
    saying = [item for item, vector in groups.values() if vector[leading] > 0]
    confidence, why = _confidence(saying, posterior[leading], without)
    return Weighed(
        dict(prior), posterior, leading, likelihood_word(posterior[leading]), against, confidence, why, without, len(saying),
        len({item.of.category for item in saying}),
    )  # fmt: skip


def _without(
    prior: Mapping[Hypothesis, float], groups: Mapping[str, tuple[EvidenceItem, dict[Hypothesis, float]]], left: str
) -> dict[Hypothesis, float]:
    """The least that each hypothesis keeps without a group, whether or not what can be forged counts."""
    kept = [found for name, found in groups.items() if name != left]
    every = _posterior(prior, [vector for _, vector in kept])
    sure = _posterior(prior, [vector for item, vector in kept if not item.of.forgeable])
    return {name: min(every[name], sure[name]) for name in HYPOTHESES}


def _confidence(
    saying: Sequence[EvidenceItem], probability: float, without: Mapping[str, float]
) -> tuple[Confidence, tuple[str, ...]]:
    """How far to trust it: high with two categories, two groups, something not to be forged, and none that bears it alone."""
    lacking = []
    if len({item.hangs_on for item in saying}) < 2:
        lacking.append("it rests on fewer than two independent groups of evidence")
    if len({item.of.category for item in saying}) < 2:
        lacking.append("it rests on fewer than two of technical, behavioural and contextual evidence")
    if all(item.of.forgeable for item in saying):
        lacking.append("all of it could have been left on purpose")
    fallen = sorted(name for name, left in without.items() if left < LIKELY)
    if probability >= LIKELY and fallen:
        lacking.append(f"it falls below likely when {' or '.join(fallen)} is left out")
    if probability < LIKELY:
        lacking.append("no hypothesis is likely")
    if not lacking:
        return "high", ()
    return ("moderate" if len(lacking) == 1 and probability >= LIKELY else "low"), tuple(lacking)
