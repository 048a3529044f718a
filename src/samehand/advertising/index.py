"""Everything by which an entity of a registry is known again, indexed once for all days."""

from __future__ import annotations

import re
from collections import defaultdict
from contextlib import suppress
from typing import Final

from samehand.advertising.facts import Asset, Entity, Identifier, Name
from samehand.advertising.landing import handle_as_held, landing_of
from samehand.advertising.registry import Registry
from samehand.advertising.spelling import HAN, folded, latin, plain_words, words
from samehand.traces import registered_domain

__all__ = ["LEAST_LETTERS", "LEAST_LABEL", "Index", "Said", "label_of", "number_as_held"]

LEAST_LETTERS: Final = 8
"""A name of fewer letters is not looked for within another, in another spelling or transliteration."""
LEAST_SINGLE: Final = 6
"""A name of one word of fewer letters is not looked for as the first word of a longer one."""
LEAST_HAN: Final = 4
LEAST_LABEL: Final = 8
"""A domain's own part of fewer letters is borne under too many suffixes to tell anybody by."""
Said = tuple[Entity, Name]


def number_as_held(value: str) -> str:
    """A number of a register without what is only there to read it more easily."""
    return re.sub(r"[\s.\-/]", "", value).upper()


def label_of(host: str) -> str:
    """The part of a host that somebody chose (`kite` of www.kite.co.uk), as it is compared; "" where there is none."""
    registered = registered_domain(host)
    if registered is None:
        return ""
    label = registered.split(".", maxsplit=1)[0]
    with suppress(UnicodeError):
        label = label.encode().decode("idna")
    return folded(label).replace(" ", "")


class Index:
    """What a registry's entities are known by.

    Args:
        registry: of media.

    Attributes:
        domains, handles, numbers: entity and fact by what is looked up. names: by folded spelling; latin: by transliteration;
            joined: without spaces; legal: by the exact spelling of a name under which it is registered, with its legal form.
        acronyms: in capitals. starts: names of several words by the first; single: of one long word. han: by two characters.
        spellings: folded names by how many spaces they have. labels: domains by the part that somebody chose.

    """

    def __init__(self, registry: Registry) -> None:
        self.domains: dict[str, list[tuple[Entity, Asset]]] = defaultdict(list)
        self.handles: dict[tuple[str, str], list[tuple[Entity, Asset]]] = defaultdict(list)
        self.numbers: dict[tuple[str, str], list[tuple[Entity, Identifier]]] = defaultdict(list)
        self.names: dict[str, list[Said]] = defaultdict(list)
        self.latin: dict[str, list[Said]] = defaultdict(list)
        self.joined: dict[str, list[Said]] = defaultdict(list)
        self.legal: dict[tuple[str, ...], list[Said]] = defaultdict(list)
        self.single: dict[str, list[Said]] = defaultdict(list)
        self.acronyms: dict[str, list[Said]] = defaultdict(list)
        self.starts: dict[str, list[tuple[tuple[str, ...], Said]]] = defaultdict(list)
        self.han: dict[str, list[tuple[str, Said]]] = defaultdict(list)
        self.spellings: dict[int, list[str]] = defaultdict(list)
        self.labels: dict[str, list[tuple[Entity, Asset]]] = defaultdict(list)
        for entity in registry:
            self._enter(entity)
        for spelt in self.names:
            if len(spelt) >= LEAST_LETTERS and not HAN.search(spelt):
                self.spellings[spelt.count(" ")].append(spelt)

    def _enter(self, entity: Entity) -> None:
        for asset in entity.assets:
            if asset.platform == "domain":
                landing = landing_of(asset.value)
                host = asset.value.lower() if landing is None else landing.host
                self.domains[host].append((entity, asset))
                if len(label := label_of(host)) >= LEAST_LABEL:
                    self.labels[label].append((entity, asset))
            else:
                self.handles[handle_as_held(asset.platform, asset.value)].append((entity, asset))
        for number in entity.identifiers:
            if number.kind == "registration" and number.country:
                self.numbers[number.country, number_as_held(number.value)].append((entity, number))
        for name in entity.names:
            self._enter_name(entity, name)

    def _enter_name(self, entity: Entity, name: Name) -> None:
        spelt, said = folded(name.text), (entity, name)
        self.names[spelt].append(said)
        if name.kind == "acronym":
            self.acronyms[name.text.upper()].append(said)
            return
        if name.kind == "legal":
            self.legal[plain_words(name.text)].append(said)
        other = latin(name.text)
        if other and other != spelt and len(other) >= LEAST_LETTERS:
            self.latin[other].append(said)
        parts = words(name.text)
        if HAN.search(spelt):
            whole = "".join(parts)
            if len(whole) >= LEAST_HAN:
                self.han[whole[:2]].append((whole, said))
        elif len(parts) > 1 and len(spelt) >= LEAST_LETTERS:
            self.starts[parts[0]].append((parts, said))
            self.joined["".join(parts)].append(said)
        elif len(parts) == 1 and len(spelt) >= LEAST_SINGLE:
            self.single[spelt].append(said)
