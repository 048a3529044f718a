"""A tip as STIX 2.1: a report that names its indicators, each with a pattern where STIX has one, marked with its TLP.

Ids follow from the source, the list and what an indicator names: a list that is written again bears the same ids, and what was
taken back is the same object with `revoked`. What STIX has no place for stands in a property extension, so that the same tip
comes back from it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, time
from typing import Any, Final

from stix2.pattern_visitor import create_pattern_object

from samehand.exchange.drafts import TipDraft, Tlp
from samehand.exchange.indicators import Indicator, IndicatorKind, hash_name, profile_url
from samehand.exchange.killchain import PHASES
from samehand.exchange.marking import EXTENSION, MARKINGS, extension_definition, marking_objects, stix_id
from samehand.records import disarm_techniques

__all__ = ["CONFIDENCES", "KILL_CHAIN", "bundle_of", "identity", "pattern_of", "technique_object", "tip_objects"]

KILL_CHAIN: Final = "online-operations-kill-chain"
CONFIDENCES: Final[Mapping[int, int]] = {1: 90, 2: 70, 3: 50, 4: 30, 5: 10}
"""Credibility after the Admiralty as STIX's confidence (STIX 2.1, appendix A); 6 is none."""
HASHES: Final = {"md5": "MD5", "sha1": "SHA-1", "sha256": "SHA-256", "sha512": "SHA-512"}
KEPT: Final = (
    "kind",
    "value",
    "platform",
    "phase",
    "technique",
    "procedure",
    "comment",
    "seen",
    "disarm",
    "raw",
    "row",
    "until",
)


def _quoted(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def pattern_of(one: Indicator) -> str | None:
    """The pattern that an indicator is; None where STIX has none for it (prose, counts, hashtags, telephone numbers)."""
    value = _quoted(one.value)
    simple: Mapping[IndicatorKind, str] = {
        "domain": "domain-name:value", "url": "url:value", "email": "email-addr:value", "app": "software:name",
        "ip": f"ipv{6 if ':' in one.value else 4}-addr:value",
    }  # fmt: skip
    if one.kind == "pattern":
        return one.value if _is_pattern(one.value) else None
    if one.kind == "account":
        return f"[user-account:account_login = {value} AND user-account:account_type = {_quoted(one.platform)}]"
    if one.kind == "hash":
        name = hash_name(one.value)
        return f"[file:hashes.'{HASHES[name]}' = {value}]" if name else None
    return f"[{simple[one.kind]} = {value}]" if one.kind in simple else None


def _is_pattern(text: str) -> bool:
    try:
        create_pattern_object(text, version="2.1")
    except Exception:
        return False
    return True


def identity(name: str) -> dict[str, Any]:
    """An organisation, by its name."""
    return {
        "type": "identity", "spec_version": "2.1", "id": stix_id("identity", name), "created": "2026-11-27T00:00:00.000Z",
        "modified": "2026-11-27T00:00:00.000Z", "name": name, "identity_class": "organization",
    }  # fmt: skip


def technique_object(technique_id: str) -> dict[str, Any]:
    """A technique of DISARM, by the id that the MISP galaxy gives it.

    Raises:
        KeyError: there is none of that id.

    """
    one = disarm_techniques()[technique_id]
    return {
        "type": "attack-pattern", "spec_version": "2.1", "id": f"attack-pattern--{one.uuid}",
        "created": "2024-11-22T00:00:00.000Z", "modified": "2024-11-22T00:00:00.000Z", "name": one.name,
        "kill_chain_phases": [{"kill_chain_name": "disarm", "phase_name": one.tactic.lower().replace(" ", "-")}],
        "external_references": [{"source_name": "DISARM", "external_id": technique_id}],
    }  # fmt: skip


def tip_objects(
    tip: TipDraft, *, tlp: Tlp, source: str, received: datetime, changed: datetime | None = None
) -> Iterator[dict[str, Any]]:
    """Every object of a tip, what others refer to first.

    Args:
        tip: what it says. tlp: how it is marked. source: whose it is. received: when it was taken in, the time that its objects
            bear as created. changed: when it last was, their time as modified.

    """
    who = identity(source)
    yield who
    yield marking_objects(tlp)
    yield extension_definition(who["id"])
    yield from (technique_object(one) for one in sorted({one for found in tip.indicators for one in found.disarm}))
    head = {
        "spec_version": "2.1", "created_by_ref": who["id"], "created": _moment(received),
        "modified": _moment(changed or received), "object_marking_refs": [MARKINGS[tlp]],
    }  # fmt: skip
    report = stix_id("report", source, tip.ref)
    refs: list[str] = []
    for one in tip.indicators:
        made = _indicator(one, tip, source, head)
        refs.append(made["id"])
        yield made
        for technique in one.disarm:
            yield {
                **head, "type": "relationship", "id": stix_id("relationship", made["id"], technique),
                "relationship_type": "indicates", "source_ref": made["id"], "target_ref": technique_object(technique)["id"],
            }  # fmt: skip
    yield _report(tip, report, refs or [who["id"]], head, received)


def _indicator(one: Indicator, tip: TipDraft, source: str, head: Mapping[str, Any]) -> dict[str, Any]:
    pattern = pattern_of(one)
    kind = "note" if pattern is None else "indicator"
    made: dict[str, Any] = {
        **head,
        "type": kind,
        "id": stix_id(kind, source, tip.ref, *one.key),
        "extensions": _kept(one),
    }
    if one.revoked or tip.revoked:
        made["revoked"] = True
    if one.procedure or one.technique:
        name = one.procedure or one.technique
        made["external_references"] = [{"source_name": KILL_CHAIN, "description": name}]
    if one.kind == "account" and (page := profile_url(one.platform, one.value)):
        made.setdefault("external_references", []).append({"source_name": one.platform, "url": page})
    if pattern is None:
        return {**made, "content": one.value, "object_refs": [head["created_by_ref"]]}
    made |= {
        "pattern": pattern,
        "pattern_type": "stix",
        "valid_from": _moment(one.seen) if one.seen else head["created"],
    }
    if one.until is not None and _moment(one.until) > made["valid_from"]:
        made["valid_until"] = _moment(one.until)
    if one.comment:
        made["description"] = one.comment
    if one.phase is not None and one.phase < len(PHASES):
        name = f"{one.phase}-{PHASES[one.phase].lower().replace(' ', '-')}"
        made["kill_chain_phases"] = [{"kill_chain_name": KILL_CHAIN, "phase_name": name}]
    if (confidence := CONFIDENCES.get(tip.credibility or 6)) is not None:
        made["confidence"] = confidence
    return made


def _kept(one: Indicator) -> dict[str, Any]:
    said = {name: getattr(one, name) for name in KEPT}
    plain = {name: value.isoformat() if isinstance(value, date) else value for name, value in said.items()}
    return _extension(
        {name: value for name, value in plain.items() if value not in ("", None, (), 0) or name == "phase"}
    )


def _extension(said: Mapping[str, Any]) -> dict[str, Any]:
    told = {
        name: list(value) if isinstance(value, tuple) else value for name, value in said.items() if value is not None
    }
    return {EXTENSION: {"extension_type": "property-extension", **told}}


def _report(tip: TipDraft, report: str, refs: list[str], head: Mapping[str, Any], received: datetime) -> dict[str, Any]:
    said = {
        "ref": tip.ref, "form": tip.form, "reliability": tip.reliability or None, "credibility": tip.credibility,
        "until": tip.until.isoformat() if tip.until else None, "labels": tip.labels or None,
        "published": tip.published.isoformat() if tip.published else None,
    }  # fmt: skip
    labels = list(tip.labels)
    if tip.reliability:
        labels.append(f'admiralty-scale:source-reliability="{tip.reliability.lower()}"')
    if tip.credibility:
        labels.append(f'admiralty-scale:information-credibility="{tip.credibility}"')
    made = {
        **head, "type": "report", "id": report, "name": tip.title, "report_types": ["indicator"], "object_refs": refs,
        "published": _moment(tip.published or received), "extensions": _extension(said),
    }  # fmt: skip
    if labels:
        made["labels"] = labels
    if tip.revoked:
        made["revoked"] = True
    return made


def _moment(when: date | datetime) -> str:
    at = when if isinstance(when, datetime) else datetime.combine(when, time(), UTC)
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def bundle_of(objects: Iterable[Mapping[str, Any]]) -> str:
    """A bundle of objects, each once, in the order in which they came."""
    once = {str(one["id"]): one for one in objects}
    made = {"type": "bundle", "id": stix_id("bundle", *sorted(once)), "objects": list(once.values())}
    return json.dumps(made, ensure_ascii=False, indent=1) + "\n"
