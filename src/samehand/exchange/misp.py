"""A tip as a MISP event, and MISP events as tips: the core format's JSON, with no server.

Accounts are objects of the template `user-account`; what MISP has no type for is text. Phase, procedure, raw cell and row stand
in machine tags of our own on the attribute, so that the same tip comes back.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final, cast

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
    joined,
    merged,
    narrowest,
)
from samehand.exchange.indicators import (
    INDICATOR_KINDS,
    Indicator,
    IndicatorKind,
    Told,
    hash_name,
    profile_url,
    told_as,
    told_of,
)
from samehand.exchange.killchain import PHASES
from samehand.exchange.marking import NAMESPACE
from samehand.records import disarm_techniques

__all__ = ["misp_event", "read_misp"]

LARGEST: Final = 512 << 20
TYPES: Final[Mapping[IndicatorKind, tuple[str, str]]] = {
    "domain": ("domain", "Network activity"), "url": ("url", "Network activity"), "ip": ("ip-dst", "Network activity"),
    "email": ("email", "Social network"), "app": ("mobile-application-id", "Payload delivery"),
    "phone": ("phone-number", "Other"), "pattern": ("stix2-pattern", "Payload installation"),
}  # fmt: skip
OF_TYPE: Final[Mapping[str, IndicatorKind]] = {
    "domain": "domain", "hostname": "domain", "url": "url", "link": "url", "uri": "url", "ip-dst": "ip", "ip-src": "ip",
    "email": "email", "email-src": "email", "email-dst": "email", "phone-number": "phone", "md5": "hash", "sha1": "hash",
    "sha256": "hash", "sha512": "hash", "mobile-application-id": "app", "stix2-pattern": "pattern", "text": "note",
    "comment": "note",
}  # fmt: skip
ACCOUNT: Final = re.compile(r"^(?:user-account|(?P<platform>[a-z]+)-(?:account|page|group|channel|user))$")
NAMES: Final = (
    "username",
    "user-name",
    "account-name",
    "screen-name",
    "page-name",
    "channel-name",
    "name",
    "user-id",
    "id",
)
TEMPLATE: Final = "49606b06-22f0-4ac8-8eee-2f12ad46f3d3"
OURS: Final = "samehand"
MACHINE_TAG: Final = re.compile(r'^samehand:(?P<name>[a-z-]+)=(?P<value>".*")$', re.DOTALL)
DISARM_TAG: Final = re.compile(r'^misp-galaxy:disarm-techniques="(?P<name>.*)"$')


# --- writing


def misp_event(tip: TipDraft, *, tlp: Tlp, source: str, received: datetime) -> str:
    """A tip as the JSON of a MISP event.

    Args:
        tip: what it says; of what was taken back, attributes bear `deleted`. tlp: how it is marked. source: whose it is.
        received: when it was taken in.

    """
    tags = [f"tlp:{tlp}", *tip.labels, _machine("form", tip.form)]
    tags += [_machine("ref", tip.ref)]
    if tip.reliability:
        tags.append(f'admiralty-scale:source-reliability="{tip.reliability.lower()}"')
    if tip.credibility:
        tags.append(f'admiralty-scale:information-credibility="{tip.credibility}"')
    if tip.until:
        tags.append(_machine("until", tip.until.isoformat()))
    if tip.revoked:
        tags.append(_machine("revoked", "yes"))
    event: dict[str, Any] = {
        "uuid": _uuid("event", source, tip.ref), "info": tip.title, "date": (tip.published or received.date()).isoformat(),
        "timestamp": str(int(received.timestamp())), "analysis": "2", "threat_level_id": "4", "distribution": "0",
        "Orgc": {"name": source, "uuid": _uuid("organisation", source)}, "Tag": [{"name": one} for one in tags],
        "Attribute": [], "Object": [],
    }  # fmt: skip
    if tip.published:
        event["Tag"].append({"name": _machine("published", tip.published.isoformat())})
    for one in tip.indicators:
        attribute = _attribute(one, source, tip.ref)
        if one.kind == "account":
            event["Object"].append(_account(one, attribute))
        else:
            event["Attribute"].append(attribute)
    return json.dumps({"Event": event}, ensure_ascii=False, indent=1) + "\n"


def _uuid(*parts: str) -> str:
    return str(uuid.uuid5(NAMESPACE, "\0".join(("misp", *parts))))


def _machine(name: str, value: str) -> str:
    return f"{OURS}:{name}={json.dumps(value, ensure_ascii=False)}"


def _attribute(one: Indicator, source: str, ref: str) -> dict[str, Any]:
    kind, category = TYPES.get(one.kind, ("text", "Other"))
    if one.kind == "hash":
        name = hash_name(one.value)
        kind, category = (name, "Payload delivery") if name else (kind, category)
    said = {
        "kind": one.kind, "platform": one.platform, "phase": "" if one.phase is None else str(one.phase),
        "technique": one.technique, "procedure": one.procedure, "seen": one.seen.isoformat() if one.seen else "",
        "until": one.until.isoformat() if one.until else "", "raw": one.raw, "row": str(one.row) if one.row else "",
    }  # fmt: skip
    tags = [_machine(name, value) for name, value in said.items() if value]
    tags += [f'misp-galaxy:disarm-techniques="{disarm_techniques()[found].name}"' for found in one.disarm]
    return {
        "uuid": _uuid("attribute", source, ref, *one.key), "type": kind, "category": category, "value": one.value,
        "comment": one.comment, "to_ids": False, "deleted": one.revoked, "Tag": [{"name": tag} for tag in tags],
    }  # fmt: skip


def _account(one: Indicator, attribute: dict[str, Any]) -> dict[str, Any]:
    parts = [{**attribute, "object_relation": "username"}, {"object_relation": "account-type", "value": one.platform}]
    if page := profile_url(one.platform, one.value):
        parts.append({"object_relation": "link", "value": page, "type": "link", "category": "External analysis"})
    return {
        "uuid": _uuid("object", attribute["uuid"]), "name": "user-account", "meta-category": "misc",
        "template_uuid": TEMPLATE, "template_version": "6", "deleted": one.revoked,
        "Attribute": [
            {
                "type": "text", "category": "Other", "to_ids": False, **part,
                "uuid": part.get("uuid") or _uuid(attribute["uuid"], part["object_relation"]),
            }
            for part in parts
        ],
    }  # fmt: skip


# --- reading


def read_misp(path: Path) -> list[TipDraft]:
    """Events of MISP: one, or a list of them.

    Raises:
        FormatError: it holds none. LimitError: it is larger than 512 MiB.

    """
    if path.stat().st_size > LARGEST:
        raise LimitError(f"{path} is larger than {LARGEST >> 20} MiB; split it")
    try:
        said = json.loads(path.read_text("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise FormatError(f"{path} is no JSON") from error
    if isinstance(said, dict) and isinstance(said.get("response"), list):
        said = said["response"]
    events = [one.get("Event", one) for one in (said if isinstance(said, list) else [said]) if isinstance(one, dict)]
    if not events or not all(isinstance(one, dict) and isinstance(one.get("info"), str) for one in events):
        raise FormatError(f"{path}: it is no MISP event: it has no 'Event' with an 'info'")
    return [_event(one, f"{path.name}-{number}") for number, one in enumerate(events, start=1)]


def _event(event: Mapping[str, Any], ref: str) -> TipDraft:
    tags = [_clean(one) for one in _tags(event)]
    found: list[Indicator] = []
    refused: list[Refused] = []
    for number, told in enumerate(_parts(event), start=1):
        if isinstance(told, str):
            refused.append(Refused(number, _clean(told)))
        elif NO_LETTER.search("".join((*told.key, told.comment, told.raw))):
            refused.append(Refused(number, NO_TEXT, _clean(told.value)))
        else:
            found.append(told)
    kept, fewer = merged(found)
    ours = {name: _clean(value) for name, value in _ours(tags).items()}
    organisation = event.get("Orgc")
    form = ours.get("form", "")
    return TipDraft(
        ref=ours.get("ref") or _clean(str(event.get("uuid") or ref)), title=_clean(str(event["info"]))[:200],
        form=form if form in WRITTEN_AS else "misp",
        indicators=kept, read=len(found) + len(refused), merged=fewer, refused=tuple(refused),
        published=_day(ours.get("published") if ours else event.get("date")),
        source=_clean(str(organisation.get("name", ""))) if isinstance(organisation, dict) else "",
        reliability=_reliability(tags), credibility=_credibility(tags),
        tlp=narrowest(_all_tags(event)),
        until=_day(ours.get("until")), revoked=ours.get("revoked") == "yes",
        labels=tuple(one for one in tags if not is_tlp(one) and not one.lower().startswith(("admiralty-scale:", f"{OURS}:"))),
    )  # fmt: skip


def _clean(text: str) -> str:
    return NO_LETTER.sub("?", text)


def _parts(event: Mapping[str, Any]) -> Iterator[Indicator | str]:
    """Each attribute and object: the indicator that it is, or why it is none."""
    for one in _rows(event, "Attribute"):
        yield _plain(one) if isinstance(one, dict) else "it is no attribute"
    for one in _rows(event, "Object"):
        if not isinstance(one, dict):
            yield "it is no object"
        elif ACCOUNT.fullmatch(str(one.get("name", ""))):
            yield _of_account(one)
        else:
            for part in _rows(one, "Attribute"):
                yield _plain(part) if isinstance(part, dict) else "it is no attribute"


def _rows(one: Mapping[str, Any], name: str) -> list[Any]:
    """A list of parts; what stands where a list should is a part of its own, which its reader judges."""
    said = one.get(name)
    return said if isinstance(said, list) else [] if said is None else [said]


def _plain(one: Mapping[str, Any]) -> Indicator | str:
    value, kind = one.get("value"), str(one.get("type", ""))
    if not isinstance(value, str) or not value.strip():
        return "it has no value"
    ours = _ours(_tags(one))
    if not ours and kind not in OF_TYPE:
        return f"an attribute of type {kind[:40]} is nothing that a tip holds"
    return _indicator(one, value, _told(OF_TYPE.get(kind, "note"), value), ours)


def _told(kind: IndicatorKind, value: str) -> Told:
    """A type is the sender's word for it; what the value itself is says more, but for these."""
    return told_as(kind, value) if kind in ("app", "hash", "pattern", "note") else told_of(kind, value)


def _of_account(one: Mapping[str, Any]) -> Indicator | str:
    parts = {str(part.get("object_relation")): part for part in _listed(one, "Attribute")}
    named = next((parts[name] for name in NAMES if name in parts and isinstance(parts[name].get("value"), str)), None)
    if named is None:
        return f"a {one.get('name')} that bears no name"
    found = ACCOUNT.fullmatch(str(one["name"]))
    platform = (found["platform"] if found else "") or str(parts.get("account-type", {}).get("value", ""))
    told, ours = told_as("account", named["value"], platform), _ours(_tags(named))
    if not ours:
        said = [
            f"{name}: {part['value']}" for name, part in parts.items() if part is not named and _says_more(name, part)
        ]
        named = {**named, "comment": joined([str(named.get("comment") or ""), str(one.get("comment") or ""), *said])}
    return _indicator(named, named["value"], told, ours, deleted=one.get("deleted") is True)


def _says_more(name: str, part: Mapping[str, Any]) -> bool:
    return name != "account-type" and isinstance(part.get("value"), str) and bool(part["value"].strip())


def _indicator(
    one: Mapping[str, Any], value: str, told: Told, ours: Mapping[str, str], *, deleted: bool = False
) -> Indicator:
    names = {technique.name: technique.technique_id for technique in disarm_techniques().values()}
    disarm = [names[m["name"]] for tag in _tags(one) if (m := DISARM_TAG.match(tag)) and m["name"] in names]
    common: dict[str, Any] = {
        "comment": str(one.get("comment") or ""), "disarm": tuple(disarm), "revoked": deleted or one.get("deleted") is True,
        "seen": _day(ours.get("seen")), "until": _day(ours.get("until")),
    }  # fmt: skip
    if ours.get("kind") in INDICATOR_KINDS:
        told, phase = told_as(cast(Any, ours["kind"]), value, ours.get("platform", "")), _number(ours.get("phase"))
        common |= {
            "phase": phase if phase in range(len(PHASES)) else None, "technique": ours.get("technique", ""),
            "procedure": ours.get("procedure", ""), "row": _number(ours.get("row")) or 0,
        }  # fmt: skip
        value = ours.get("raw", "") if told.kind == ours["kind"] else ours.get("raw") or value
    return Indicator(kind=told.kind, value=told.value, platform=told.platform, raw=value, **common)


def _tags(one: Mapping[str, Any]) -> list[str]:
    """The names of its tags; some write one that stands alone without its list, or a name without its tag."""
    names = [tag.get("name") if isinstance(tag, dict) else tag for tag in _rows(one, "Tag")]
    return [name for name in names if isinstance(name, str)]


def _all_tags(event: Mapping[str, Any]) -> list[str]:
    """Those of an event, its objects and every attribute."""
    objects = _listed(event, "Object")
    parts = [part for one in (event, *objects) for part in _listed(one, "Attribute")]
    return [name for one in (event, *objects, *parts) for name in _tags(one)]


def _listed(one: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    return [part for part in _rows(one, name) if isinstance(part, dict)]


def _ours(tags: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for tag in tags:
        if machine := MACHINE_TAG.match(tag):
            try:
                value = json.loads(machine["value"])
            except ValueError:
                continue
            if isinstance(value, str):
                found[machine["name"]] = value
    return found


def _scale(tags: list[str], name: str) -> str:
    begins = f'admiralty-scale:{name}="'
    return next((one.removeprefix(begins).rstrip('"') for one in tags if one.startswith(begins)), "")


def _reliability(tags: list[str]) -> str:
    said = _scale(tags, "source-reliability").upper()[:1]
    return said if said and said in RELIABILITIES else ""


def _credibility(tags: list[str]) -> int | None:
    said = _number(_scale(tags, "information-credibility"))
    return said if said in CREDIBILITIES else None


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() and len(text) < 10 else None


def _day(value: Any) -> date | None:
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError:
        return None
