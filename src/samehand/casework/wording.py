"""What the person concerned is told, in their language: what was done, why, who decided, and how to contest it.

The words are in `wordings/LANGUAGE.toml`, with `$names` for what differs; the grounds' words are in the policy that two persons
signed. A notice says what a statement of reasons has to (Regulation (EU) 2022/2065, art. 17): the restriction with its scope
and duration, the facts, the ground, the use of automated means, and redress.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from importlib.resources import files
from string import Template
from typing import Any, Final, Literal

from samehand.errors import UsageError
from samehand.policy import Ground

__all__ = ["LANGUAGES", "AnswerFacts", "Decided", "NoticeFacts", "Outcome", "language_of", "word_answer", "word_notice"]

LANGUAGES: Final = ("en", "zh-Hans", "zh-Hant", "de", "es")
TRADITIONAL: Final = ("zh-hant", "zh-tw", "zh-hk", "zh-mo", "yue")
Decided = Literal["persons", "person", "machine"]
Outcome = Literal["stands", "overturned", "before", "final"]
"""Of an appeal: the decision stands; it is taken back, was so before the answer, or cannot be."""


@dataclass(frozen=True, kw_only=True)
class NoticeFacts:
    """What a notice tells of.

    Attributes:
        account, platform: whose, and where. reference: by which it is contested. contact: where to.
        at: when it was done. action: what; `reverse` for what was taken back.
        appealed: whether it was taken back because an appeal was right.
        policy, grounds: why; no grounds for a step of the ladder. others: accounts that the decision was about beside this one.
        signs: independence groups whose findings are strong. decided: by whom.
        until: the last day on which it can be undone in full, if there is one.

    """

    account: str
    platform: str
    reference: str
    contact: str
    at: datetime
    action: str
    policy: str
    grounds: Sequence[Ground]
    others: int
    signs: Sequence[str]
    decided: Decided
    until: date | None = None
    appealed: bool = False


@dataclass(frozen=True, kw_only=True)
class AnswerFacts:
    """What the answer to an appeal tells of.

    Attributes:
        account, platform: whose, and where. reference: of the notice that was contested. received: when it was.
        outcome: what came of it. reason: in the words of whoever decided; None where it was erased.

    """

    account: str
    platform: str
    reference: str
    received: datetime
    outcome: Outcome
    reason: str | None


@cache
def _words(language: str) -> Mapping[str, Any]:
    return tomllib.loads((files("samehand.casework") / "wordings" / f"{language}.toml").read_text("utf-8"))


def language_of(tag: str) -> str:
    """The language of those there are that comes nearest to a language tag (BCP 47); English where none does.

    Raises:
        UsageError: it is no language tag.

    """
    low = tag.strip().lower().replace("_", "-")
    if not low or len(low) > 35 or not all(part.isalnum() and part.isascii() for part in low.split("-")):
        raise UsageError(f"{tag!r} is no language; write one as {', '.join(LANGUAGES)}")
    if low.startswith(TRADITIONAL):
        return "zh-Hant"
    base = low.split("-")[0]
    return {"zh": "zh-Hans", "cmn": "zh-Hans"}.get(base, base if base in LANGUAGES else "en")


def _listed(words: Mapping[str, Any], said: Sequence[str]) -> str:
    if len(said) < 2:
        return "".join(said)
    return str(words["list_mark"]).join(said[:-1]) + str(words["list_end"]) + said[-1]


def word_notice(facts: NoticeFacts, language: str) -> tuple[str, str]:
    """Subject and text of a notice.

    Args:
        facts: what it tells of.
        language: one of `LANGUAGES`.

    """
    words = _words(language)
    grounds = [f"{title} ({text.rstrip('.。')})" for title, text in (one.worded(language) for one in facts.grounds)]
    signs = [words["signs"][one] for one in facts.signs if one in words["signs"]]
    values = {
        "account": facts.account, "platform": facts.platform, "reference": facts.reference, "contact": facts.contact,
        "date": f"{facts.at:%Y-%m-%d}", "act": words["acts"].get(facts.action, ""), "policy": facts.policy,
        "grounds": _listed(words, grounds or [words["ladder"]]), "others": f"{facts.others:,}", "signs": _listed(words, signs),
        "until": f"{facts.until:%Y-%m-%d}" if facts.until else "",
    }  # fmt: skip

    def said(*names: str) -> str:
        return " ".join(Template(words[name]).substitute(values) for name in names)

    if facts.action == "reverse":
        return said("restored_subject"), said("restored", *(["restored_appeal"] if facts.appealed else []))
    facts_said = ["facts" if facts.others else "facts_alone", *(["pointing"] if signs else []), "no_views"]
    paragraphs = [
        said("done"), said("why_title"), said("why", *facts_said), said("how_title"), said("found_by", facts.decided),
        said("appeal_title"), said("appeal", *(["horizon"] if facts.until else []), "courts"),
    ]  # fmt: skip
    return said("subject"), "\n\n".join(paragraphs)


def word_answer(facts: AnswerFacts, language: str) -> tuple[str, str]:
    """Subject and text of the answer to an appeal, with the reason and where else one may go (the same regulation, art. 20(5)).

    Args:
        facts: what it tells of.
        language: one of `LANGUAGES`; the reason is as it was written.

    """
    words = _words(language)
    values = {
        "account": facts.account, "platform": facts.platform, "reference": facts.reference,
        "date": f"{facts.received:%Y-%m-%d}", "reason": facts.reason or "",
    }  # fmt: skip
    names = ["answer", f"answer_{facts.outcome}", *(["answer_reason"] if facts.reason else []), "courts"]
    said = [Template(words[name]).substitute(values) for name in names]
    return Template(words["restored_subject"]).substitute(values), "\n\n".join(said)
