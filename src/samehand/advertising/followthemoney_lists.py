"""Lists in the schema of FollowTheMoney, one JSON object a line, held as a layer: organisations, accounts, who owns whom.

Nobody here read what such a list rests on, and it assesses nobody: what follows from it goes to a person.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Final

from samehand.advertising.countries import country_code
from samehand.advertising.facts import (
    LINKS,
    Asset,
    Citation,
    Entity,
    EntityKind,
    Identifier,
    Link,
    LinkKind,
    Name,
    NameKind,
    Span,
)
from samehand.advertising.lists import Layer, distinct, slug, web_host
from samehand.errors import FormatError, NotFoundError

__all__ = ["read_followthemoney"]

LAYER: Final = "followthemoney"
KINDS: Final[Mapping[str, EntityKind]] = {
    "Organization": "outlet", "LegalEntity": "company", "Company": "company", "PublicBody": "body", "Asset": "company"
}  # fmt: skip
NAMED: Final[Mapping[str, NameKind]] = {
    "name": "official", "alias": "alias", "weakAlias": "acronym", "previousName": "former"
}  # fmt: skip
NUMBERED: Final[Mapping[str, str]] = {"wikidataId": "wikidata", "leiCode": "lei", "registrationNumber": "registration"}
LINKED: Final[Mapping[str, tuple[LinkKind, str, str]]] = {
    "Ownership": ("owned_by", "asset", "owner"), "Directorship": ("controlled_by", "organization", "director"),
    "Succession": ("successor_of", "successor", "predecessor"), "Representation": ("agency_for", "agent", "client"),
    "UnknownLink": ("brand_of", "subject", "object"),
}  # fmt: skip
OURS: Final = re.compile(r"[a-z]{2}-[a-z0-9]+(-[a-z0-9]+)*")
LONGEST_LINE: Final = 1 << 20


@dataclass
class _Taken:
    """What was read so far: entities by the list's ids, and what waits until all of them are known."""

    entities: dict[str, Entity] = field(default_factory=dict)
    accounts: list[dict[str, list[str]]] = field(default_factory=list)
    links: list[tuple[str, dict[str, list[str]]]] = field(default_factory=list)
    rejected: Counter[str] = field(default_factory=Counter)
    read: int = 0
    repeated: int = 0


def read_followthemoney(path: Path, recorded: date) -> Layer:
    """A list in FollowTheMoney's schema, one JSON object a line: organisations, their accounts, and who owns whom.

    Of the layer's rows, organisations are kept; accounts and links that join one are merged. Persons are left out, and so are
    links to whoever is not in the list.

    Args:
        path: of the list. recorded: from when on we hold it.

    Raises:
        NotFoundError: there is no such file. FormatError: a line is no such object; the message names it.

    """
    if not path.is_file():
        raise NotFoundError(f"{path}: there is no such file")
    taken = _Taken()
    with open(path, "rb") as file:
        for number, line in enumerate(iter(lambda: file.readline(LONGEST_LINE + 1), b""), start=1):
            if line.strip():
                _take(taken, *_object(line, f"{path}, line {number}"), recorded)
    joined = _join_accounts(taken, recorded) + _join_links(taken, recorded)
    held = distinct(list(taken.entities.values()))
    known = {key: one.entity_id for key, one in zip(taken.entities, held, strict=True)}
    entities = tuple(_aimed(one, known) for one in held)
    return Layer(LAYER, entities, taken.read, len(entities), joined + taken.repeated, dict(taken.rejected))


def _object(line: bytes, where: str) -> tuple[str, str, dict[str, list[str]]]:
    """Id, schema and properties of a line."""
    said = f"{where}: it is no object of FollowTheMoney"
    if len(line) > LONGEST_LINE:
        raise FormatError(f"{said}: it is longer than {LONGEST_LINE // 1024:,} KiB")
    try:
        one = json.loads(line)
    except ValueError as error:
        raise FormatError(f"{said}: it is no JSON") from error
    shape = isinstance(one, dict) and isinstance(one.get("id"), str) and isinstance(one.get("schema"), str)
    properties = one.get("properties") if shape else None
    if not isinstance(properties, dict):
        raise FormatError(f"{said}: it needs id, schema and properties")
    listed = {name: values if isinstance(values, list) else [values] for name, values in properties.items()}
    return one["id"], one["schema"], {
        name: [value.strip() for value in values if isinstance(value, str) and value.strip()]
        for name, values in listed.items()
    }  # fmt: skip


def _take(taken: _Taken, key: str, schema: str, said: dict[str, list[str]], recorded: date) -> None:
    taken.read += 1
    if schema == "UserAccount":
        taken.accounts.append(said)
    elif schema in LINKED:
        taken.links.append((schema, said))
    elif schema == "Person":
        taken.rejected["it is a person"] += 1
    elif schema not in KINDS:
        taken.rejected[f"a {schema[:40]} is nothing that the registry holds"] += 1
    elif key in taken.entities:
        taken.repeated += 1
    else:
        places = (*said.get("country", ()), *said.get("jurisdiction", ()))
        country = next((code for one in places if (code := country_code(one))), None)
        if country is None or not said.get("name"):
            taken.rejected["it has no name, or no country that is known"] += 1
        else:
            taken.entities[key] = _taken_entity(key, schema, country, said, recorded)


def _taken_entity(key: str, schema: str, country: str, said: dict[str, list[str]], recorded: date) -> Entity:
    always = Span(None, None, recorded)
    hosts = dict.fromkeys(host for one in said.get("website", ()) if (host := web_host(one)) is not None)
    return Entity(
        key if OURS.fullmatch(key) else f"{country.lower()}-{slug(said['name'][0])}", KINDS[schema], country, "mixed",
        tuple(Name(always, text, "und", kind) for name, kind in NAMED.items() for text in said.get(name, ())),
        identifiers=tuple(
            Identifier(always, kind, value, country if kind == "registration" else None)  # type: ignore[arg-type]
            for name, kind in NUMBERED.items() for value in said.get(name, ())
        ),
        assets=tuple(Asset(always, "domain", host) for host in hosts),
        citations=_taken_citations(said, recorded), layer=LAYER,
    )  # fmt: skip


def _taken_citations(said: dict[str, list[str]], recorded: date) -> tuple[Citation, ...]:
    return tuple(
        Citation(
            f"source{k}", web_host(url) or LAYER, "Source of a list in FollowTheMoney's schema", url, None, recorded,
            read=False, states="The list names it; nobody here read it.",
        )
        for k, url in enumerate(said.get("sourceUrl", ()))
    )  # fmt: skip


def _join_accounts(taken: _Taken, recorded: date) -> int:
    joined = 0
    for said in taken.accounts:
        owner = next((one for one in said.get("owner", ()) if one in taken.entities), None)
        names = said.get("username", ())
        if owner is None or not names or not said.get("service"):
            taken.rejected["an account of nobody in the list, or without service or name"] += 1
            continue
        joined += 1
        entity = taken.entities[owner]
        mine = (
            Asset(Span(None, None, recorded), said["service"][0].lower(), name.removeprefix("@").lower())
            for name in names
        )
        taken.entities[owner] = replace(entity, assets=(*entity.assets, *mine))
    return joined


def _join_links(taken: _Taken, recorded: date) -> int:
    joined = 0
    for schema, said in taken.links:
        kind, mine, theirs = LINKED[schema]
        kind = next((one for one in LINKS if one in said.get("role", ())), kind)
        first = next((one for one in said.get(mine, ()) if one in taken.entities), None)
        second = next((one for one in said.get(theirs, ()) if one in taken.entities), None)
        if first is None or second is None or first == second:
            taken.rejected["a link of somebody who is not in the list"] += 1
            continue
        joined += 1
        when = Span(_day(said.get("startDate"), last=False), _day(said.get("endDate"), last=True), recorded)
        link = Link(when, kind, second, _percent(said.get("percentage")), _taken_citations(said, recorded))
        taken.entities[first] = replace(taken.entities[first], links=(*taken.entities[first].links, link))
    return joined


def _aimed(one: Entity, known: Mapping[str, str]) -> Entity:
    """An entity whose links name entities as the registry calls them."""
    return replace(one, links=tuple(replace(link, target=known[link.target]) for link in one.links))


def _percent(said: list[str] | None) -> float | None:
    found = re.match(r"(\d{1,3}(?:\.\d+)?)\s*%?$", (said or [""])[0])
    return float(found[1]) if found and float(found[1]) <= 100 else None


def _day(said: list[str] | None, *, last: bool) -> date | None:
    """The first day of a date that may be a year or a month only; of an end the day after its last."""
    found = re.match(r"(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?", (said or [""])[0])
    if found is None:
        return None
    year, month, day = (int(one) if one else None for one in found.groups())
    assert year is not None
    with suppress(ValueError, OverflowError):
        if not last:
            return date(year, month or 1, day or 1)
        if day:
            return date(year, month or 1, day) + timedelta(days=1)
        return date(year + (1 if not month or month == 12 else 0), 1 if not month or month == 12 else month + 1, 1)
    return None
