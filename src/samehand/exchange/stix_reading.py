"""STIX 2.1 bundles as tips: indicators, observables, techniques and notes of one report or one bundle.

What an object says by itself is held; who made it, how it is marked and what reports name it tells of the tip. Relationships,
sightings and whatever else ties objects together are counted and not held. A bundle is somebody's word: nothing in it is run.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final, cast

import stix2
from stix2.pattern_visitor import create_pattern_object
from stix2.patterns import AndBooleanExpression, EqualityComparisonExpression, ObservationExpression

from samehand.errors import FormatError, LimitError
from samehand.exchange.drafts import (
    CREDIBILITIES,
    NO_LETTER,
    NO_TEXT,
    RELIABILITIES,
    WRITTEN_AS,
    Refused,
    TipDraft,
    Tlp,
    is_tlp,
    merged,
    narrowest,
    tlp_of,
)  # fmt: skip
from samehand.exchange.indicators import INDICATOR_KINDS, Indicator, IndicatorKind, Told, told_as, told_of
from samehand.exchange.lists import slug_of
from samehand.exchange.marking import EXTENSION, tlp_of_marking
from samehand.records import disarm_techniques

__all__ = ["read_stix", "stix_tip"]

LARGEST: Final = 512 << 20
HEADS: Final = ("report", "grouping", "campaign", "intrusion-set", "incident")
"""Objects that name the tip, the likeliest first."""
ABOUT: Final = frozenset({"identity", "marking-definition", "extension-definition", "threat-actor", "location", *HEADS})
VALUES: Final[Mapping[str, IndicatorKind]] = {
    "domain-name": "domain", "url": "url", "email-addr": "email", "ipv4-addr": "ip", "ipv6-addr": "ip",
}  # fmt: skip
WRONG: Final = "it is no object of STIX 2.1"
FIRST: Final = datetime.min.replace(tzinfo=UTC)
LONGEST_PATTERN, MOST_JOINED, DEEPEST = 50_000, 300, 50
"""Letters, operators and brackets within brackets of a pattern: the parser of patterns calls itself for each."""
QUOTED: Final = re.compile(r"'(?:[^'\\]|\\.)*'", re.DOTALL)
JOINED: Final = re.compile(r"\b(?:AND|OR|FOLLOWEDBY)\b")


def read_stix(path: Path) -> TipDraft:
    """A bundle of STIX 2.1, or a TAXII envelope of its objects.

    Raises:
        FormatError: it is none. LimitError: it is larger than 512 MiB.

    """
    if path.stat().st_size > LARGEST:
        raise LimitError(f"{path} is larger than {LARGEST >> 20} MiB; split it")
    try:
        said = json.loads(path.read_text("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise FormatError(f"{path} is no JSON") from error
    objects = said.get("objects") if isinstance(said, dict) else None
    if not isinstance(objects, list):
        raise FormatError(f"{path}: it is no STIX bundle: it has no list 'objects'")
    return stix_tip(objects, slug_of(path.name))


def stix_tip(objects: list[Any], ref: str) -> TipDraft:
    """A tip from objects of STIX.

    Args:
        objects: as JSON has them. ref: what the tip is known by where no report names it.

    """
    found: list[Indicator] = []
    refused: list[Refused] = []
    about: dict[str, dict[str, Any]] = {}
    named = {technique for one in objects if isinstance(one, dict) for technique in _named(_ours(one))}
    reasons = [_unsound(one) for one in objects]
    outdated = _outdated(objects, reasons)
    for number, (one, reason) in enumerate(zip(objects, reasons, strict=True), start=1):
        if reason is not None:
            refused.append(Refused(number, reason, _raw(one)))
        elif number in outdated:
            continue
        elif one["type"] in ABOUT or (one["type"] == "attack-pattern" and named.intersection(_techniques(one))):
            about[one["id"]] = one
        elif isinstance(told := _told(one, number), str):
            refused.append(Refused(number, told, str(one["id"])))
        else:
            found.append(told)
    kept, fewer = merged(found)
    head = next((one for kind in HEADS for one in about.values() if one["type"] == kind), {})
    return _drafted(ref, head, about, kept, objects, fewer + len(outdated), refused)


def _raw(one: Any) -> str:
    try:
        return NO_LETTER.sub("?", json.dumps(one, ensure_ascii=False)[:2_000])
    except RecursionError:
        return ""


def _outdated(objects: Sequence[Any], reasons: Sequence[str | None]) -> set[int]:
    """Rows of an object that stands here in another version: the latest counts, and one that is revoked above all."""
    rows = [number for number, reason in enumerate(reasons, start=1) if reason is None]
    ranks = {number: (objects[number - 1].get("revoked") is True, _time(objects[number - 1])) for number in rows}
    counts: dict[str, int] = {}
    for number in rows:
        before = counts.setdefault(objects[number - 1]["id"], number)
        if ranks[number] > ranks[before]:
            counts[objects[number - 1]["id"]] = number
    return set(rows).difference(counts.values())


def _time(one: Mapping[str, Any]) -> datetime:
    try:
        said = datetime.fromisoformat(str(one.get("modified")))
    except ValueError:
        return FIRST
    return said if said.tzinfo else said.replace(tzinfo=UTC)


def _drafted(
    ref: str, head: Mapping[str, Any], about: Mapping[str, Any], kept: tuple[Indicator, ...], objects: list[Any], fewer: int,
    refused: list[Refused],
) -> TipDraft:  # fmt: skip
    ours = _ours(head)
    source = about.get(str(head.get("created_by_ref")), {}).get("name", "")
    labels = head.get("labels", ()) if not ours else ours.get("labels", ())
    credibility = ours.get("credibility")
    named = ours["ref"] if isinstance(ours.get("ref"), str) else ""
    return TipDraft(
        ref=named or str(head.get("id") or ref), title=str(head.get("name") or ref)[:200],
        form=ours["form"] if ours.get("form") in WRITTEN_AS else "stix", indicators=kept, read=len(objects),
        merged=fewer + len(about),
        refused=tuple(refused), published=_day(ours.get("published") if ours else head.get("published")), source=str(source),
        reliability=ours["reliability"] if ours.get("reliability") in tuple(RELIABILITIES) else "",
        credibility=credibility if type(credibility) is int and credibility in CREDIBILITIES else None,
        tlp=_narrowest(objects), until=_day(ours.get("until")),
        labels=tuple(one for one in _texts(labels) if not is_tlp(one)), revoked=head.get("revoked") is True,
    )  # fmt: skip


def _narrowest(objects: list[Any]) -> Tlp | None:
    """The narrowest marking that any object bears: as a whole, in a part, or in a label; of those that are refused, too."""
    known = [one for one in objects if isinstance(one, dict)]
    defined = {str(one.get("id")): one for one in known if one.get("type") == "marking-definition"}
    refs = {ref for one in known for ref in _marked(one)}
    marks = [tlp_of_marking(ref) or _defined(defined.get(ref, {})) for ref in sorted(refs)]
    return narrowest((label for one in known for label in _texts(one.get("labels"))), marks)


def _marked(one: Mapping[str, Any]) -> list[str]:
    granular = one.get("granular_markings")
    parts = (
        [part.get("marking_ref") for part in granular if isinstance(part, dict)] if isinstance(granular, list) else []
    )
    return [*_texts(one.get("object_marking_refs")), *_texts(parts)]


def _defined(one: Mapping[str, Any]) -> Tlp | None:
    """The marking that somebody's own marking definition is, by its name or by what it defines."""
    said = one.get("definition")
    return narrowest(
        (), [tlp_of(text) for text in _texts([one.get("name"), said.get("tlp") if isinstance(said, dict) else ""])]
    )


def _texts(said: Any) -> list[str]:
    """The texts of what should be a list of them."""
    return [one for one in (said if isinstance(said, list) else [said]) if isinstance(one, str)]


def _unsound(one: Any) -> str | None:
    if not isinstance(one, dict) or not isinstance(one.get("type"), str) or not isinstance(one.get("id"), str):
        return WRONG
    try:
        if any(NO_LETTER.search(text) for text in _strings(one)):
            return NO_TEXT
        if one.get("pattern_type") == "stix" and _is_too_deep(str(one.get("pattern"))):
            most = f"{LONGEST_PATTERN:,} letters, {MOST_JOINED} operators and brackets {DEEPEST} deep"
            return f"its pattern is too large: it may have {most} at most"
        stix2.parse(one, allow_custom=True, version="2.1")
    except Exception as error:  # of the libraries that parse it, a few raise what they do not name
        return NO_LETTER.sub("?", f"{WRONG}: {' '.join(str(error).split())[:200]}")
    return None


def _strings(said: Any) -> Iterator[str]:
    """Every text in a value of JSON."""
    if isinstance(said, str):
        yield said
    elif isinstance(said, (list, dict)):
        for one in said.values() if isinstance(said, dict) else said:
            yield from _strings(one)


def _is_too_deep(pattern: str) -> bool:
    if len(pattern) > LONGEST_PATTERN:
        return True
    plain, deep, deepest = QUOTED.sub("", pattern), 0, 0
    for letter in plain:
        deep += (letter in "([") - (letter in ")]")
        deepest = max(deepest, deep)
    return deepest > DEEPEST or len(JOINED.findall(plain)) > MOST_JOINED


def _named(ours: Mapping[str, Any]) -> tuple[str, ...]:
    """Techniques that an indicator of ours names itself, so that their own objects tell nothing more."""
    said = ours.get("disarm")
    return tuple(one for one in _texts(said) if one in disarm_techniques()) if isinstance(said, list) else ()


def _techniques(one: Mapping[str, Any]) -> tuple[str, ...]:
    """The techniques of DISARM that an attack pattern is."""
    refs = one.get("external_references")
    ids = [ref.get("external_id") for ref in refs if isinstance(ref, dict)] if isinstance(refs, list) else []
    return tuple(found for found in _texts(ids) if found in disarm_techniques())


def _ours(one: Mapping[str, Any]) -> Mapping[str, Any]:
    said = one.get("extensions")
    found = said.get(EXTENSION) if isinstance(said, dict) else None
    return found if isinstance(found, dict) else {}


def _told(one: dict[str, Any], row: int) -> Indicator | str:
    """The indicator that an object is, or why it is none."""
    try:
        return _held(one, row) or f"a {one['type']} says nothing that a tip holds by itself"
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        return f"{WRONG}: {' '.join(str(error).split())[:200]}"


def _held(one: dict[str, Any], row: int) -> Indicator | None:
    """The indicator that an object is; None where it is none."""
    ours = _ours(one)
    common: dict[str, Any] = {"revoked": one.get("revoked") is True, "row": row, "raw": str(one["id"])}
    if ours.get("kind") in INDICATOR_KINDS and isinstance(ours.get("value"), str):
        return _as_kept(ours, revoked=common["revoked"])
    if one["type"] == "indicator":
        if not isinstance(one["pattern"], str):
            raise TypeError("its pattern is no text")
        common |= {"comment": _words(one), "seen": _day(one.get("valid_from")), "until": _day(one.get("valid_until"))}
        told = _of_pattern(one["pattern"]) if one.get("pattern_type") == "stix" else None
        told = told or Told("pattern", one["pattern"])
        return Indicator(kind=told.kind, value=told.value, platform=told.platform, **{**common, "raw": one["pattern"]})
    if one["type"] == "attack-pattern":
        return _technique(one, common)
    if one["type"] == "note":
        return Indicator(kind="note", value=" ".join(one["content"].split()), **common)
    told = _observable(one)
    return None if told is None else Indicator(kind=told.kind, value=told.value, platform=told.platform, **common)


def _words(one: Mapping[str, Any]) -> str:
    return " ".join(" ".join(str(one.get(name, "")).split()) for name in ("name", "description")).strip()


def _technique(one: Mapping[str, Any], common: Mapping[str, Any]) -> Indicator:
    return Indicator(kind="technique", value=str(one["name"]), disarm=_techniques(one), comment="", **common)


def _observable(one: Mapping[str, Any]) -> Told | None:
    if one["type"] in VALUES:
        return told_of(VALUES[one["type"]], str(one["value"]))
    if one["type"] == "user-account":
        value = one.get("account_login") or one.get("user_id") or one.get("display_name")
        return told_as("account", str(value), str(one.get("account_type", ""))) if value else None
    if one["type"] == "file" and isinstance(one.get("hashes"), dict):
        value = next(
            (one["hashes"][name] for name in ("SHA-256", "SHA-512", "SHA-1", "MD5") if name in one["hashes"]), None
        )
        return told_as("hash", str(value)) if value else None
    if one["type"] == "software":
        return Told("app", str(one["name"]))
    return None


def _of_pattern(pattern: str) -> Told | None:
    """What a pattern compares, where it is one plain comparison, or an account's name with its platform."""
    try:
        made = create_pattern_object(pattern, version="2.1")
    except Exception:
        return None
    if not isinstance(made, ObservationExpression):
        return None
    inner = made.operand
    parts = inner.operands if isinstance(inner, AndBooleanExpression) else [inner]
    said: dict[str, str] = {}
    for one in parts:
        if not isinstance(one, EqualityComparisonExpression) or one.negated:
            return None
        path = ".".join(str(getattr(step, "property_name", step)) for step in one.lhs.property_path)
        said[f"{one.lhs.object_type_name}:{path}"] = str(one.rhs.value)
    account = said.pop("user-account:account_login", None) or said.pop("user-account:user_id", None)
    if account:
        platform = said.pop("user-account:account_type", "")
        return told_as("account", account, platform) if not said else None
    return _compared(said)


def _compared(said: Mapping[str, str]) -> Told | None:
    if len(said) != 1:
        return None
    ((what, value),) = said.items()
    kind, _, path = what.partition(":")
    if kind in VALUES and path == "value":
        return told_of(VALUES[kind], value)
    if kind == "file" and path.startswith("hashes."):
        told = told_as("hash", value)
        return told if told.kind == "hash" else None
    return Told("app", value) if what == "software:name" else None


def _as_kept(ours: Mapping[str, Any], *, revoked: bool) -> Indicator:
    """An indicator as we wrote it."""

    def text(name: str) -> str:
        return ours[name] if isinstance(ours.get(name), str) else ""

    def number(name: str) -> int | None:
        return ours[name] if isinstance(ours.get(name), int) and not isinstance(ours[name], bool) else None

    phase, row = number("phase"), number("row") or 0
    told = told_as(cast(Any, ours["kind"]), text("value"), text("platform"))
    return Indicator(
        kind=told.kind, value=told.value, platform=told.platform,
        phase=phase if phase is not None and 0 <= phase <= 9 else None, technique=text("technique"),
        procedure=text("procedure"), comment=text("comment"), seen=_day(ours.get("seen")), until=_day(ours.get("until")),
        disarm=_named(ours),
        raw=text("raw") or ("" if told.kind == ours["kind"] else text("value")),
        row=row if 0 <= row < 1 << 31 else 0, revoked=revoked,
    )  # fmt: skip


def _day(value: Any) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError:
        return None
