"""From an advertiser to the entities that it is, belongs to, or links to; each hit says by what, and what it may decide.

Two grades. An *identifier* (a domain, a handle on its platform, a registration number, a legal name with its country) may
decide. A *name* (the same name without a country, a brand, another spelling, a transliteration, a name within a longer one) may
only send to a person: one name is borne by many. No hit at all is no reason for anything.
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
from samehand.advertising.index import LEAST_LABEL, LEAST_LETTERS, Index, Said, label_of, number_as_held
from samehand.advertising.landing import handle_as_held, landing_of
from samehand.advertising.registry import Registry
from samehand.advertising.spelling import HAN, LONGEST_NAME, folded, latin, plain_words, without_form, words

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
OF_ONESELF: Final = ("legal_name", "payer", "beneficiary", "handle", "page_name", "registration")
APART: Final = ("payer", "beneficiary", "agency")
"""Who may be somebody else than the advertiser."""
LIKE: Final = 90.0
WORD_LIKE: Final = 80.0
WHOLE: Final = ("name", "transliteration", "acronym", "name with country")
"""Ways in which a name is the whole of an entity's name."""
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
        return any(getattr(self, name).strip() for name in OF_ONESELF)


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
        if field in PROVEN:
            parts = plain_words(name)
            for entity, held in self._known([*self.index.legal.get(parts, ()), *self._formless(parts)]):
                if entity.country == self.country:
                    yield Hit(entity, "name with country", field, held.text, "identifier", role)
        bearers = self.index.acronyms.get(name.strip().upper(), [])
        for entity, held in self._known(self.index.names.get(spelt, ())):
            if held.kind != "acronym" and len(spelt) > SHORT_ACRONYM:
                yield Hit(entity, "name", field, held.text, "name", role)
            elif held.kind != "acronym" and entity.country == self.country and name.isupper():
                yield Hit(entity, "acronym", field, held.text, "name", role)
        distinct = (
            name.isupper() and len(name.strip()) > SHORT_ACRONYM and len({one.entity_id for one, _ in bearers}) == 1
        )
        for entity, held in self._known(bearers):
            here = entity.country == self.country and (name.isupper() or len(name.strip()) > SHORT_ACRONYM)
            if here or distinct:
                yield Hit(entity, "acronym", field, held.text, "name", role)
        found = [*self.index.latin.get(spelt, ())]
        if other != spelt:
            found += [*self.index.latin.get(other, ()), *self.index.names.get(other, ())]
        for entity, held in self._known(self.index.joined.get(spelt, ()) if " " not in spelt else ()):
            yield Hit(entity, "name", field, held.text, "name", role, 97.0)
        for entity, held in self._known(found):
            if held.kind != "acronym":
                yield Hit(entity, "transliteration", field, held.text, "name", role, 95.0)

    def _formless(self, parts: tuple[str, ...]) -> Iterable[Said]:
        """Legal names that the registry holds without a form, of a name that bears one."""
        bare = without_form(parts)
        return self.index.legal.get(bare, ()) if bare != parts else ()

    def _within(self, name: str, field: str, role: Role) -> Iterator[Hit]:
        """A name of an entity within a longer name; one of a single word as the first, in the same country."""
        parts = words(name)
        found: list[Said] = []
        if len(parts) > 1:
            found += [said for said in self.index.single.get(parts[0], ()) if said[0].country == self.country]
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
            bearers = [*self.index.acronyms.get(one, []), *self._short_names(one)]
            distinct = len(one) > SHORT_ACRONYM and len(bearers) == 1 and not name.isupper()
            for entity, held in self._known(bearers):
                if distinct or entity.country == self.country:
                    yield Hit(entity, "acronym", field, held.text, "name", role, 85.0)

    def _short_names(self, one: str) -> Iterable[Said]:
        """Names as short as an acronym, which are one by their look (`RT`)."""
        found = self.index.names.get(one.casefold(), ()) if len(one) <= SHORT_ACRONYM else ()
        return [said for said in found if said[1].kind != "acronym"]

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
        """Whose domain or page the ad leads to; whoever says that they are somebody else promotes it."""
        landing = landing_of(self.who.landing_url)
        if landing is None:
            return
        mine = self._mine(own)
        here = False
        for entity, asset in self._at(landing.host):
            here = True
            yield Hit(entity, "domain", "landing_url", asset.value, "identifier", self._leading(entity, mine))
        if not here:
            for entity, asset in self._like(landing.host):
                role = self._leading(entity, mine)
                yield Hit(entity, "look-alike domain", "landing_url", asset.value, "name", role, 85.0)
        if landing.platform:
            for entity, asset in self._now(self.index.handles.get((landing.platform, landing.name), ())):
                yield Hit(entity, "handle", "landing_url", asset.value, "identifier", self._leading(entity, mine))

    def _mine(self, own: Iterable[Hit]) -> set[str]:
        """Whom the advertiser says that it is: by an identifier, or by all of a name, if none that it had to prove differs."""
        proven = [name for name in PROVEN if name not in APART and getattr(self.who, name).strip()]
        return {
            hit.entity.entity_id for hit in own
            if hit.grade == "identifier" or (hit.by in WHOLE and (hit.field in PROVEN or not proven))
        }  # fmt: skip

    def _leading(self, entity: Entity, mine: set[str]) -> Role:
        return "promoter" if self.who.is_somebody and entity.entity_id not in mine else "itself"

    def _like(self, host: str) -> Iterator[tuple[Entity, Asset]]:
        """Whose domain looks like a host that is nobody's: under another suffix, in look-alike letters, or one letter off."""
        label, known = label_of(host), self.index.labels
        parts = host.split(".")
        for k in range(len(parts) - 1, 1, -1):  # `kite.com.offers.example`: a domain as the beginning of another
            if found := list(self._now(self.index.domains.get(".".join(parts[:k]), ()))):
                yield from found
                return
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
