"""A claim drawn up from evidence: what it says, on what it rests, its limits, and what of it the public is told.

In: evidence and the level that is asked for. Out: plain values that are kept and signed as they are; a claim that says more
than its evidence allows is refused.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final, Literal, get_args

from samehand.attribution.countries import country_in_words
from samehand.attribution.evidence import EvidenceItem, Tells
from samehand.attribution.hypotheses import HYPOTHESES, IN_WORDS, Hypothesis
from samehand.attribution.ladder import BEARS, LEVELS, LIMITS, Level, Reached, borne, check_words, claim_text, reach
from samehand.attribution.weighing import UNIFORM, Weighed, likelihood_word, weigh
from samehand.errors import UsageError

__all__ = ["ACTOR_TYPES", "ActorType", "ClaimDraft", "claim_block", "draft_claim", "evidence_body"]

ActorType = Literal["unknown", "individuals", "company", "organisation", "state"]
ACTOR_TYPES: Final[tuple[ActorType, ...]] = get_args(ActorType)
FROM: Final[Mapping[ActorType, Level]] = {
    "unknown": "L0", "individuals": "L3", "company": "L4", "organisation": "L4", "state": "L5",
}  # fmt: skip
"""The level from which on a claim may say of what type the actor is."""
OF_ITSELF: Final[Mapping[Level, ActorType]] = {"L3": "individuals", "L4": "organisation", "L5": "state"}
UNTOLD: Final = "Evidence that bears more than is claimed here"
LONGEST: Final = 2_000


@dataclass(frozen=True, kw_only=True)
class ClaimDraft:
    """What a person says of a claim.

    Attributes:
        level: asked for. actor_type: of whom it speaks; None for what its level says by itself. limits, would_change: in the
            person's words, beside those that follow from the evidence. legal_note: who looked at it and what they say; L5 needs
            one, and it is not published.

    """

    level: Level
    actor_type: ActorType | None = None
    limits: tuple[str, ...] = ()
    would_change: tuple[str, ...] = ()
    legal_note: str = ""


def evidence_body(item: EvidenceItem) -> dict[str, Any]:
    """A piece of evidence with what its kind says, as plain values: the catalogue may change, what was weighed stays."""
    kind = item.of
    return {
        **asdict(item), "disarm": list(item.disarm), "title": kind.title, "category": kind.category, "group": item.hangs_on,
        "forgeable": kind.forgeable, "tells": kind.tells, "alternative": kind.alternative, "ratings": dict(kind.ratings),
    }  # fmt: skip


def draft_claim(
    items: Sequence[EvidenceItem], draft: ClaimDraft, *, coordinated: bool, prior: Mapping[Hypothesis, float] = UNIFORM
) -> dict[str, Any]:
    """Draw up a claim.

    Args:
        items: the evidence of a case. draft: what is asked for. coordinated: whether a network of the case acts together beyond
            chance. prior: as `weigh` has it.

    Returns:
        level, text, country and entity ("" below the level that names them), type, evidence, weighing, limits, would_change,
        alternatives, legal_note: plain values of JSON.

    Raises:
        UsageError: its evidence does not allow it, it lacks a legal note, or a person's words say more than its level.

    """
    if draft.level not in LEVELS:
        raise UsageError(f"a claim has a level, {', '.join(LEVELS)}; not {draft.level}")
    weighed = weigh(items, prior)
    reached = reach(items, weighed, coordinated=coordinated)
    _is_borne(items, draft, reached, weighed)
    level, actor = draft.level, _actor(draft)
    for name, said in (("a limit", draft.limits), ("what would change it", draft.would_change)):
        for one in said:
            if not one.strip() or len(one) > LONGEST:
                raise UsageError(f"{name} is a text of {LONGEST:,} letters at most")
            check_words(one, level, name)
    at = LEVELS.index(level)
    country = reached.where if at >= LEVELS.index("L2") else ""
    entity = reached.who if at >= LEVELS.index("L4") else ""
    return {
        "level": level, "text": claim_text(level, country_in_words(country), entity, weighed), "country": country,
        "entity": entity, "type": actor, "evidence": [evidence_body(one) for one in items], "weighing": _plain(weighed),
        "limits": [*_limits(items, level, weighed), *draft.limits],
        "would_change": [*_would_change(level, weighed), *draft.would_change], "alternatives": _alternatives(weighed),
        "legal_note": draft.legal_note,
    }  # fmt: skip


def _is_borne(items: Sequence[EvidenceItem], draft: ClaimDraft, reached: Reached, weighed: Weighed) -> None:
    """Refuse a level that the evidence does not reach, or L5 without a legal note."""
    if draft.level == "L5":
        if not reached.signable:
            lacking = [*weighed.why] if reached.where else [reached.next_needs]
            raise UsageError(
                f"L5 is not allowed: that a state directs it is {weighed.posterior['state_directed']:.2f} probable, and the "
                f"evidence reaches {reached.level}; it lacks: {'; '.join(lacking) or reached.next_needs}"
            )
        if not draft.legal_note.strip():
            raise UsageError("L5 takes a legal note: say who looked at it and what they say, with --legal-note")
        return
    may = borne(items, reached)
    if draft.level == "L3" and "L3" not in may and reached.level == "L4":
        raise UsageError(
            f"L3 is not allowed: the evidence ties the network to {reached.who}, and to no persons; add evidence of identity, "
            f"or claim {' or '.join(may[1:])}"
        )
    if draft.level not in may:
        raise UsageError(
            f"{draft.level} is not allowed: the evidence reaches {reached.level}, and lacks {reached.next_needs}; add such "
            f"evidence, or claim {reached.level}"
        )


def _actor(draft: ClaimDraft) -> ActorType:
    actor: ActorType = draft.actor_type or OF_ITSELF.get(draft.level, "unknown")
    if actor not in ACTOR_TYPES:
        raise UsageError(f"an actor is one of {', '.join(ACTOR_TYPES)}; not {actor}")
    if LEVELS.index(FROM[actor]) > LEVELS.index(draft.level):
        raise UsageError(f"a claim of level {draft.level} does not say that the actor is of type '{actor}'")
    return actor


def _plain(weighed: Weighed) -> dict[str, Any]:
    said = asdict(weighed)
    return {**said, "why": list(weighed.why)}


def _limits(items: Sequence[EvidenceItem], level: Level, weighed: Weighed) -> list[str]:
    """What the claim does not say, what it lacks, and what else each kind of its evidence could be."""
    said = [LIMITS[level]] if level in LIMITS else []
    if level == "L5" or (level not in ("L0", "L1") and weighed.leading != "state_directed"):
        said += [f"{one[0].upper()}{one[1:]}." for one in weighed.why]
    told = [one.of.alternative for one in items if _may_be_told(one.of.tells, level)]
    return said + list(dict.fromkeys(told))


def _may_be_told(tells: Tells, level: Level) -> bool:
    """Whether what a kind of evidence is about says no more than a level does."""
    return LEVELS.index(level) >= LEVELS.index(BEARS[tells])


def _would_change(level: Level, weighed: Weighed) -> list[str]:
    """Which news would make it another claim."""
    if level == "L0":
        return ["A network that is found to act together beyond chance."]
    said = ["Evidence that the accounts act together by chance, or in the open for a reason of their own."]
    if level == "L1":
        return [*said, "Technical evidence that tells of a country, beyond hours, language and sign-ups."]
    said.append("Technical evidence that points at another country: the claim would then name neither.")
    said.append("Marks that somebody planted, or proof that a piece of evidence is forged.")
    if level == "L5":
        said.append(f"The loss of its evidence of any two of these groups: {', '.join(sorted(weighed.without))}.")
    return said


def _alternatives(weighed: Weighed) -> list[dict[str, Any]]:
    return [
        {"hypothesis": name, "in_words": IN_WORDS[name], "likelihood": likelihood_word(weighed.posterior[name]),
         "against": weighed.against[name]}
        for name in HYPOTHESES if name != weighed.leading
    ]  # fmt: skip


def claim_block(body: Mapping[str, Any], version: int) -> dict[str, Any]:
    """What of a claim is published: `actor_claim` of a release.

    Below L2 it has no likelihood, no confidence and no country; below L5 it does not say how likely a state is. What was found
    is told only of open sources, and only of kinds whose tale its level bears.

    Args:
        body: as `draft_claim` made it. version: of the claim.

    Returns:
        level, text, country, entity, type, likelihood, confidence, evidence_summary, alternatives_considered, limits,
        would_change, version; None where its level does not let it say something.

    """
    level, weighing = body["level"], body["weighing"]
    weighed = LEVELS.index(level) >= LEVELS.index("L2") and (level == "L5" or weighing["leading"] != "state_directed")
    return {
        "level": level, "version": version, "text": body["text"], "country": body["country"] or None,
        "entity": body["entity"] or None, "type": body["type"],
        "likelihood": weighing["word"] if weighed else None, "confidence": weighing["confidence"] if weighed else None,
        "explanation": IN_WORDS[weighing["leading"]] if weighed else None,
        "evidence_summary": [_summary(one, level) for one in body["evidence"]],
        "alternatives_considered": _considered(body, level, weighed=weighed), "limits": list(body["limits"]),
        "would_change": list(body["would_change"]),
    }  # fmt: skip


def _considered(body: Mapping[str, Any], level: Level, *, weighed: bool) -> list[dict[str, Any]]:
    """The explanations that were weighed beside the one that is told; all of them where none is."""
    leading = body["weighing"]["leading"]
    said = {one["hypothesis"]: one["likelihood"] for one in body["alternatives"]}
    told = [name for name in HYPOTHESES if not weighed or name != leading]
    return [
        {
            "explanation": IN_WORDS[name],
            "likelihood": said.get(name) if weighed and (level == "L5" or name != "state_directed") else None,
        }
        for name in told
    ]


def _summary(one: Mapping[str, Any], level: Level) -> dict[str, Any]:
    """A piece of evidence as the public is told of it; of one that bears more than the level says, only that it is there."""
    told = _may_be_told(one["tells"], level)
    shown = told and one["source_class"] == "open" and level not in ("L0", "L1")
    return {
        "what": one["title"] if told else UNTOLD, "category": one["category"] if told else None,
        "group": one["group"] if told else None,
        "grade": f"{one['reliability']}{one['credibility']}" if told else None,
        "source_class": (one["source_class"] or None) if told else None,
        "could_be_staged": one["forgeable"] if told else None, "could_also_be": one["alternative"] if told else None,
        "disarm": list(one["disarm"]) if told else [], "found": one["said"] if shown else None,
        "source": one["source"] if shown else None,
    }  # fmt: skip
