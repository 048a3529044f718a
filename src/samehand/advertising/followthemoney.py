"""The registry in the words of FollowTheMoney, one JSON object a line: who, owned by whom, with which accounts.

The schema knows no assessment; ours go into `summary` in words, and stay whole in the registry's own files. Properties are of
FollowTheMoney 4: https://followthemoney.tech/explorer/
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any, Final

from samehand.advertising.facts import Entity, Link
from samehand.advertising.registry import Registry

__all__ = ["followthemoney_lines"]

SCHEMATA: Final[Mapping[str, str]] = {
    "outlet": "Organization",
    "company": "Company",
    "agency": "Company",
    "body": "PublicBody",
}
LINKS: Final[Mapping[str, tuple[str, str, str]]] = {
    "owned_by": ("Ownership", "asset", "owner"), "controlled_by": ("Directorship", "organization", "director"),
    "brand_of": ("UnknownLink", "subject", "object"), "successor_of": ("Succession", "successor", "predecessor"),
    "agency_for": ("Representation", "agent", "client"), "staff_of": ("UnknownLink", "subject", "object"),
}  # fmt: skip


def followthemoney_lines(registry: Registry, on: date, held: date) -> Iterator[str]:
    """A registry as of a day, a JSON object a line: entities, then their accounts and links, in the order of ids."""
    for entity in sorted(registry, key=lambda one: one.entity_id):
        yield json.dumps(_entity(entity, on, held), ensure_ascii=False, sort_keys=True)
        for asset in entity.assets:
            if asset.platform != "domain" and asset.span.holds(on, held):
                account = {"service": [asset.platform], "username": [asset.value], "owner": [entity.entity_id]}
                yield _line(_key("account", asset.platform, asset.value), "UserAccount", account)
        for link in entity.links:
            if link.span.holds(on, held):
                yield _line(_key(entity.entity_id, link.kind, link.target), *_link(entity, link))


def _line(key: str, schema: str, properties: Mapping[str, list[str]]) -> str:
    return json.dumps({"id": key, "schema": schema, "properties": dict(properties)}, ensure_ascii=False, sort_keys=True)


def _key(*parts: str) -> str:
    return "samehand-" + hashlib.sha256("\0".join(parts).encode()).hexdigest()[:24]


def _entity(entity: Entity, on: date, held: date) -> dict[str, Any]:
    names = [one for one in entity.names if one.span.holds(on, held)]
    found: dict[str, list[str]] = {
        "name": [one.text for one in names if one.kind in ("legal", "official")] or [entity.name],
        "alias": [one.text for one in names if one.kind in ("alias", "transliteration")],
        "weakAlias": [one.text for one in names if one.kind == "acronym"],
        "previousName": [one.text for one in entity.names if one.kind == "former"],
        "country": [entity.country.lower()],
        "website": [
            f"https://{one.value}/" for one in entity.assets if one.platform == "domain" and one.span.holds(on, held)
        ],
        "wikidataId": [one.value for one in entity.identifiers if one.kind == "wikidata"],
        "leiCode": [one.value for one in entity.identifiers if one.kind == "lei"],
        "registrationNumber": [one.value for one in entity.identifiers if one.kind == "registration"],
        "sourceUrl": sorted({one.url for one in entity.citations if one.url and one.read}),
    }
    assessment = entity.assessed(on, held)
    if assessment is not None:
        said = ", ".join(f"{name}: {answer.value}" for name, answer in assessment.answers.items())
        found["summary"] = [f"Control by the state as of {on}: {said}; code {assessment.code or 'none'}."]
    return {
        "id": entity.entity_id, "schema": SCHEMATA[entity.kind],
        "properties": {name: values for name, values in found.items() if values},
    }  # fmt: skip


def _link(entity: Entity, link: Link) -> tuple[str, dict[str, list[str]]]:
    schema, mine, theirs = LINKS[link.kind]
    found: dict[str, list[str]] = {mine: [entity.entity_id], theirs: [link.target], "role": [link.kind]}
    if link.percent is not None and schema == "Ownership":
        found["percentage"] = [f"{link.percent:g}"]
    if link.span.since:
        found["startDate"] = [link.span.since.isoformat()]
    if link.span.until:
        found["endDate"] = [(link.span.until - timedelta(days=1)).isoformat()]
    return schema, found
