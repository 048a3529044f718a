"""How much may be claimed: six levels, each with what it needs, and the strongest words that its text may use."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, get_args

from samehand.attribution.evidence import EvidenceItem, Tells
from samehand.attribution.hypotheses import IN_WORDS
from samehand.attribution.weighing import LIKELY, WORDS, Weighed
from samehand.errors import UsageError

__all__ = ["BEARS", "LEVELS", "Level", "Reached", "borne", "check_words", "claim_text", "names_a_state", "reach"]

Level = Literal["L0", "L1", "L2", "L3", "L4", "L5"]
LEVELS: Final[tuple[Level, ...]] = get_args(Level)
VERBS: Final[Mapping[Level, str]] = {
    "L0": "We make no claim about these accounts.", "L1": "These accounts act together; who is behind them is not known.",
    "L2": "The network originates in {where}.", "L3": "The network has links to individuals associated with {where}.",
    "L4": "The network is run by {who}.", "L5": "The network is directed by the state of {where}.",
}  # fmt: skip
LIMITS: Final[Mapping[Level, str]] = {
    "L2": "That it originates there says nothing of who ordered it.",
    "L3": "That people are linked to it says nothing of who ordered it.",
    "L4": "That somebody runs it says nothing of a state that ordered it.",
    "L5": "Two persons signed this claim; it stands until what it rests on is shown to be otherwise.",
}
BEARS: Final[Mapping[Tells, Level]] = {"nothing": "L1", "origin": "L2", "identity": "L3", "entity": "L4"}
"""The most of a claim that evidence bears by what it tells of, however much of it there is: hours, languages and sign-ups
name nobody."""
LIKELIHOOD: Final = re.compile("|".join([*(re.escape(word) for _, word in WORDS), "likely", "probab"]), re.IGNORECASE)
CONFIDENCE: Final = re.compile("confiden", re.IGNORECASE)
BY_A_STATE: Final = re.compile(
    r"state[- ](?:backed|sponsored|directed|run|controlled|linked)|(?:direct|order|command|sponsor|commission|control)ed by"
    r"|on (?:behalf|orders|the orders) of|state directs|government (?:directs|runs|orders)",
    re.IGNORECASE,
)
HELD_BACK: Final = re.compile(
    r"\b(?:not?|nobody|nothing|none|never|neither|unknown|whether|cannot|without|if)\b", re.IGNORECASE
)


@dataclass(frozen=True)
class Reached:
    """The level that evidence reaches by itself.

    Attributes:
        level: L0 to L4; L5 only with a sign-off, from L2 on. where, who: the country and entity, "" below the level that names
            them. next_needs: what the next level lacks. signable: whether L5 may be signed.

    """

    level: Level
    where: str
    who: str
    next_needs: str
    signable: bool


def reach(items: Sequence[EvidenceItem], weighed: Weighed, *, coordinated: bool) -> Reached:
    """The level that a case's evidence reaches.

    Hours, languages and sign-up traits never name an actor: a country is named by technical evidence of its kind alone.

    Args:
        items: the evidence. weighed: what it comes to. coordinated: whether a network was found beyond chance.

    """
    if not coordinated:
        return Reached("L0", "", "", "a network that acts together beyond chance", signable=False)
    naming = [one for one in items if one.of.tells != "nothing" and one.country]
    where = _agreed([one.country for one in naming])
    technical = [one for one in naming if one.of.category == "technical" and one.country == where]
    if not where or not technical:
        said = (
            "technical evidence that tells of a country, beyond hours, language and sign-ups, and does not point at two"
        )
        return Reached("L1", "", "", said, signable=False)
    signable = names_a_state(weighed)
    who = _entity(naming, where)
    if not who and not any(one.of.tells == "identity" and one.country == where for one in naming):
        return Reached("L2", where, "", "a link to persons, or two independent ties to whoever runs it", signable)
    if not who:
        return Reached(
            "L3", where, "", "ties of infrastructure, ownership or records to one entity, in two groups", signable
        )
    return Reached(
        "L4", where, who, "a signed claim that the state directs it, likely or more, with high confidence", signable
    )


def borne(items: Sequence[EvidenceItem], reached: Reached) -> tuple[Level, ...]:
    """The levels that may be claimed, L5 among them where it may be signed.

    They are no staircase: who runs a network may be known without any link to persons, and L3 is not claimed then.

    Args:
        items: the evidence. reached: what `reach` says of it.

    """
    persons = any(one.of.tells == "identity" and one.country == reached.where for one in items)
    holds: Mapping[Level, bool] = {
        "L0": True, "L1": reached.level != "L0", "L2": bool(reached.where), "L3": bool(reached.where) and persons,
        "L4": bool(reached.who), "L5": reached.signable,
    }  # fmt: skip
    return tuple(level for level in LEVELS if holds[level])


def names_a_state(weighed: Weighed) -> bool:
    """Whether evidence bears that a state directs it: likely or more, and with high confidence."""
    likely = weighed.leading == "state_directed" and weighed.posterior["state_directed"] >= LIKELY
    return likely and weighed.confidence == "high"


def _agreed(countries: Sequence[str]) -> str:
    """The one country at which all point; "" where there are several, or none."""
    distinct = set(countries)
    return distinct.pop() if len(distinct) == 1 else ""


def _entity(naming: Sequence[EvidenceItem], where: str) -> str:
    """The entity to which evidence of two groups ties the network."""
    tied: dict[str, set[str]] = {}
    for one in naming:
        if one.of.tells == "entity" and one.entity and one.country == where:
            tied.setdefault(one.entity, set()).add(one.hangs_on)
    return next((who for who, groups in sorted(tied.items()) if len(groups) >= 2), "")


def check_words(text: str, level: Level, where: str) -> None:
    """Refuse words of a person that say more than a level lets them, or hold a likelihood and a confidence in one sentence.

    A sentence that denies, or leaves open, may name what it does not claim.

    Raises:
        UsageError: the message begins with `where`.

    """
    for sentence in re.split(r"(?<=[.!?;])\s+", text):
        if LIKELIHOOD.search(sentence) and CONFIDENCE.search(sentence):
            raise UsageError(f"{where}: a likelihood and a confidence stand in two sentences: '{sentence[:80]}'")
        if level != "L5" and BY_A_STATE.search(sentence) and not HELD_BACK.search(sentence):
            raise UsageError(
                f"{where}: a claim of level {level} does not say that a state directs it: '{sentence[:80]}'"
            )


def claim_text(level: Level, where: str, who: str, weighed: Weighed) -> str:
    """A claim in words: no verb stronger than its level, and a likelihood never in one sentence with a confidence.

    Args:
        level: of the claim. where, who: as they are written in a sentence. weighed: what it rests on.

    """
    sentences = [VERBS[level].format(where=where, who=who)]
    if level in LIMITS:
        sentences.append(LIMITS[level])
    if level in ("L0", "L1"):
        return " ".join(sentences)
    if weighed.leading == "state_directed" and (level != "L5" or not names_a_state(weighed)):
        sentences.append("Whether a state directs it is not claimed.")  # what it lacks would say how likely it is
        return " ".join(sentences)
    second = sorted(weighed.posterior, key=lambda name: -weighed.posterior[name])[1]
    sentences.append(f"Of five explanations that were weighed, it is {weighed.word} that {IN_WORDS[weighed.leading]}.")
    sentences.append(f"Our confidence in that is {weighed.confidence}.")
    if level == "L5" or second != "state_directed":
        sentences.append(f"The next in line is that {IN_WORDS[second]}.")
    if weighed.why:
        sentences.append(f"What it lacks: {'; '.join(weighed.why)}.")
    return " ".join(sentences)
