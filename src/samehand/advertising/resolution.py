"""From an advertiser to the entities that it is, belongs to, or links to; each hit says by what, and what it may decide.

Two grades. An *identifier* (a domain, a handle on its platform, a registration number, an official name with its country) may
decide. A *name* (the same name without a country, another spelling, a transliteration, a name within a longer one) may only
send to a person: one name is borne by many. No hit at all is no reason for anything.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from datetime import date
from typing import Final, Literal, TypeVar

from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA

from samehand.advertising.countries import country_code
from samehand.advertising.facts import Asset, Entity, Identifier
from samehand.advertising.index import LEAST_LABEL, LEAST_LETTERS, Index, Said, handle_as_held, label_of, number_as_held
from samehand.advertising.registry import Registry
from samehand.advertising.spelling import HAN, LONGEST_NAME, folded, latin, words
from samehand.traces import canonical_url, registered_domain

__all__ = ["ADVERTISER_FIELDS", "Advertiser", "Hit", "Resolver"]

By = Literal[
    "domain", "handle", "registration", "name with country", "name", "transliteration", "spelling", "within", "acronym",
    "look-alike domain",
]  # fmt: skip
Grade = Literal["identifier", "name"]
Role = Literal["itself", "agency", "promoter"]
FactT = TypeVar("FactT", Asset, Identifier)
NAMES: Final = ("payer", "beneficiary", "legal_name", "page_name")
PROVEN: Final = ("payer", "beneficiary", "legal_name", "agency")
"""Names that somebody had to prove when they opened an account; what a page calls itself is not one."""
APART: Final = ("payer", "beneficiary", "agency")
"""Who may be somebody else than the advertiser."""
LIKE: Final = 90.0
WORD_LIKE: Final = 80.0
SHORT_ACRONYM: Final = 3
UPPER: Final = re.compile(r"\b[A-ZА-Я][A-ZА-Я0-9+]{1,9}\b")


@dataclass(frozen=True, kw_only=True)
class Advertiser:
    """Who wants to buy an ad, as a platform knows them; what it does not know is "".

    Attributes:
        advertiser_id: the platform's. legal_name, payer, beneficiary, agency, page_name: names. handle: on `platform`.
        registration: the number in `country`'s register of companies. landing_url: where the ad leads.
        country: a code of ISO 3166-1, or an English name. target_countries: where it is to be shown.
        ad_text: not used for any decision.

    """

    advertiser_id: str = ""
    legal_name: str = ""
    payer: str = ""
    beneficiary: str = ""
    agency: str = ""
    platform: str = ""
    handle: str = ""
    page_name: str = ""
    registration: str = ""
    landing_url: str = ""
    country: str = ""
    target_countries: tuple[str, ...] = ()
    ad_text: str = ""

    @property
    def is_somebody(self) -> bool:
        """Whether it says who it is, and not only where the ad leads."""
        return any(
            getattr(self, name).strip() for name in ("legal_name", "payer", "beneficiary", "handle", "page_name")
        )


ADVERTISER_FIELDS: Final = tuple(one.name for one in fields(Advertiser))


@dataclass(frozen=True)
class Hit:
    """An entity that an advertiser may be.

    Attributes:
        entity: which. by: what is the same. field: in which field. value: what the registry holds. grade: what it may decide.
        role: what the advertiser is to it. score: how alike, 100 for the same.

    """

    entity: Entity
    by: By
    field: str
    value: str
    grade: Grade
    role: Role
    score: float = 100.0


class Resolver:
    """Finds entities of a registry as they were on a day.

    Args:
        registry: of media; what it holds is indexed once, and which of it held on a day is asked of what is found.

    """

    def __init__(self, registry: Registry) -> None:
        self._index = Index(registry)

    def hits(self, who: Advertiser, on: date, held: date) -> tuple[Hit, ...]:
        """Every entity that an advertiser may be, the surest first, each once a role.

        Beside an identifier of the advertiser's own its other names say nothing; who pays and who gains are asked apart. A name
        that an entity bore once stays a name of it: whoever uses it still means the entity.

        Args:
            who: as the platform knows them. on: the day. held: as the registry held it on this day.

        """
        asked = _Asked(self._index, who, on, held)
        own = list(asked.own())
        found = [*own, *asked.linked(own), *asked.agency()]
        if any(one.grade == "identifier" and one.role == "itself" for one in found):
            found = [one for one in found if one.grade == "identifier" or one.field in APART]
        best: dict[tuple[str, str], Hit] = {}
        for one in sorted(found, key=lambda hit: (hit.grade == "name", -hit.score)):
            best.setdefault((one.entity.entity_id, one.role), one)
        return tuple(best.values())


class _Asked:
    """One advertiser, asked about on one day."""

    def __init__(self, index: Index, who: Advertiser, on: date, held: date) -> None:
        self.index, self.who, self.on, self.held = index, who, on, held
        self.country = country_code(who.country) or who.country.strip().upper()

    def _now(self, found: Iterable[tuple[Entity, FactT]]) -> Iterator[tuple[Entity, FactT]]:
        """What held on the day."""
        return ((entity, fact) for entity, fact in found if fact.span.holds(self.on, self.held))

    def _known(self, found: Iterable[Said]) -> Iterator[Said]:
        """Names that the registry held, whenever they were borne."""
        return ((entity, name) for entity, name in found if name.span.is_known(self.held))

    # --- who it is

    def own(self) -> Iterator[Hit]:
        """What the advertiser says of itself."""
        who = self.who
        if who.handle.strip():
            for entity, asset in self._now(self.index.handles.get(handle_as_held(who.platform, who.handle), ())):
                yield Hit(entity, "handle", "handle", asset.value, "identifier", "itself")
        if who.registration.strip() and self.country:
            number = (self.country, number_as_held(who.registration))
            for entity, held in self._now(self.index.numbers.get(number, ())):
                yield Hit(entity, "registration", "registration", held.value, "identifier", "itself")
        for field in NAMES:
            if name := getattr(who, field).strip():
                yield from self._named(name, field, "itself")

    def agency(self) -> Iterator[Hit]:
        """Whom the agency is that places the ad."""
        if self.who.agency.strip():
            yield from self._named(self.who.agency, "agency", "agency")

    def _named(self, name: str, field: str, role: Role) -> Iterator[Hit]:
        yield from self._same(name, field, role)
        yield from self._within(name, field, role)
        yield from self._alike(name, field, role)

    def _same(self, name: str, field: str, role: Role) -> Iterator[Hit]:
        """The same name, or its transliteration."""
        spelt, other = folded(name), latin(name)
        for entity, held in self._known(self.index.names.get(spelt, ())):
            here = entity.country == self.country
            if held.kind == "acronym" or len(spelt) <= SHORT_ACRONYM:
                if here and name.strip().upper() == name.strip():
                    yield Hit(entity, "acronym", field, held.text, "name", role)
            elif here and held.kind in ("official", "former") and field in PROVEN:
                yield Hit(entity, "name with country", field, held.text, "identifier", role)
            else:
                yield Hit(entity, "name", field, held.text, "name", role)
        found = [*self.index.latin.get(spelt, ())]
        if other != spelt:
            found += [*self.index.latin.get(other, ()), *self.index.names.get(other, ())]
        for entity, held in self._known(found):
            if held.kind != "acronym":
                yield Hit(entity, "transliteration", field, held.text, "name", role, 95.0)

    def _within(self, name: str, field: str, role: Role) -> Iterator[Hit]:
        """A name of an entity within a longer name."""
        parts = words(name)
        found: list[Said] = []
        for k, part in enumerate(parts):
            for wanted, said in self.index.starts.get(part, ()):
                if len(parts) > len(wanted) and parts[k : k + len(wanted)] == wanted:
                    found.append(said)
        whole = "".join(parts)
        if HAN.search(whole):
            for k in range(len(whole) - 1):
                for text, said in self.index.han.get(whole[k : k + 2], ()):
                    if len(whole) > len(text) and whole.startswith(text, k):
                        found.append(said)
        for entity, held in self._known(found):
            yield Hit(entity, "within", field, held.text, "name", role, 90.0)
        if len(parts) > 1:
            yield from self._acronym_within(name, field, role)

    def _acronym_within(self, name: str, field: str, role: Role) -> Iterator[Hit]:
        """An acronym within a longer name: of the same country, or one that only one entity bears, written as one."""
        for one in UPPER.findall(name[:LONGEST_NAME]):
            bearers = self.index.acronyms.get(one, [])
            distinct = len(one) > SHORT_ACRONYM and len(bearers) == 1 and not name.isupper()
            for entity, held in self._known(bearers):
                if distinct or entity.country == self.country:
                    yield Hit(entity, "acronym", field, held.text, "name", role, 85.0)

    def _alike(self, name: str, field: str, role: Role) -> Iterator[Hit]:
        """Another spelling of the whole name: as many words, each like its own."""
        spelt = folded(name)
        if len(spelt) < LEAST_LETTERS or spelt in self.index.names or HAN.search(spelt):
            return
        mine, among = spelt.split(), self.index.spellings.get(spelt.count(" "), [])
        for other, score, _ in process.extract(spelt, among, scorer=fuzz.ratio, score_cutoff=LIKE, limit=3):
            if all(fuzz.ratio(one, its) >= WORD_LIKE for one, its in zip(mine, other.split(), strict=True)):
                for entity, held in self._known(self.index.names[other]):
                    yield Hit(entity, "spelling", field, held.text, "name", role, score)

    # --- where it leads

    def linked(self, own: Iterable[Hit]) -> Iterator[Hit]:
        """Whose domain the ad leads to; whoever says that they are somebody else promotes it."""
        host = _host(self.who.landing_url)
        if host is None:
            return
        mine = {hit.entity.entity_id for hit in own}
        here = False
        for entity, asset in self._at(host):
            here = True
            yield Hit(entity, "domain", "landing_url", asset.value, "identifier", self._leading(entity, mine))
        if not here:
            for entity, asset in self._like(host):
                yield Hit(
                    entity, "look-alike domain", "landing_url", asset.value, "name", self._leading(entity, mine), 85.0
                )

    def _leading(self, entity: Entity, mine: set[str]) -> Role:
        return "promoter" if self.who.is_somebody and entity.entity_id not in mine else "itself"

    def _like(self, host: str) -> Iterator[tuple[Entity, Asset]]:
        """Whose domain looks like a host that is nobody's: under another suffix, in look-alike letters, or one letter off."""
        label, known = label_of(host), self.index.labels
        if len(label) < LEAST_LABEL:
            return
        like = [label] if label in known else process.extract(label, known.keys(), scorer=OSA.distance, score_cutoff=1)
        for one in like:
            yield from self._now(known[one if isinstance(one, str) else one[0]])

    def _at(self, host: str) -> Iterator[tuple[Entity, Asset]]:
        """Who holds a host, or the nearest domain above it."""
        parts = host.split(".")
        for k in range(len(parts) - 1):
            found = list(self._now(self.index.domains.get(".".join(parts[k:]), ())))
            if found:
                yield from found
                return


def _host(url: str) -> str | None:
    """The host of a link, without `www.`; None where there is none to go to."""
    canonical = canonical_url(url) if url.strip() else None
    if canonical is None or registered_domain(canonical) is None:
        return None
    return re.split(r"[/:?#]", canonical.partition("://")[2] or canonical, maxsplit=1)[0]
