"""The registry of media entities: who is who, on which day, as held on which day, and whose standing an entity shares."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from samehand.advertising.facts import Assessment, Code, Entity, Link
from samehand.errors import NotFoundError, UsageError

__all__ = ["Registry", "RegistryStats", "Standing"]


@dataclass(frozen=True)
class Standing:
    """Where an entity stands on a day: by an assessment of its own, or of one that it is tied to.

    Attributes:
        entity: whose standing it is asked. path: the links from it to `assessed`, none where these are one.
        assessed: who was assessed; None where nobody on the way was. assessment: the answers of the day.

    """

    entity: Entity
    path: tuple[Link, ...] = ()
    assessed: Entity | None = None
    assessment: Assessment | None = None

    @property
    def code(self) -> Code | None:
        """The code that follows from the answers, if they fix one."""
        return None if self.assessment is None else self.assessment.code

    @property
    def sources(self) -> int:
        """How many independent sources that were read bear the answers."""
        return 0 if self.assessment is None else len(self.assessment.read)

    @property
    def cited(self) -> bool:
        """Whether each link on the way has a citation that was read."""
        return all(one.read for one in self.path)


@dataclass(frozen=True)
class RegistryStats:
    """What a registry holds.

    Attributes:
        entities, outlets, countries: how many; outlets are those that somebody assessed.
        codes: outlets by the code of the day, "" where the answers fix none.
        two, one, none: outlets by independent sources that were read of the assessment of the day.

    """

    entities: int
    outlets: int
    countries: int
    codes: Mapping[str, int]
    two: int
    one: int
    none: int


class Registry:
    """Entities by id.

    Args:
        entities: from files or a layer; of two with one id the later counts.

    """

    def __init__(self, entities: Iterable[Entity]) -> None:
        self.entities: Mapping[str, Entity] = {one.entity_id: one for one in entities}

    @property
    def since(self) -> date | None:
        """The first day on which it held anything; None where it holds nothing."""
        return min((span.recorded for one in self for span in one.spans), default=None)

    def asked(self, held: date) -> None:
        """Refuse to say what was held on a day on which nothing was.

        Raises:
            UsageError: the message says since when there is anything.

        """
        if self.since is not None and held < self.since:
            raise UsageError(
                f"nothing is held as of {held}: the first of this registry was recorded on {self.since}; ask what is held now "
                "about that day (--on, or `on`)"
            )

    def __iter__(self) -> Iterator[Entity]:
        return iter(self.entities.values())

    def entity(self, entity_id: str) -> Entity:
        """An entity by id.

        Raises:
            NotFoundError: there is none.

        """
        if entity_id not in self.entities:
            raise NotFoundError(
                f"the registry has no entity '{entity_id}'; `samehand ads registry find` finds one by a name or link"
            )
        return self.entities[entity_id]

    def standing(self, entity_id: str, on: date, held: date) -> Standing:
        """Where an entity stands: by its own assessment where that fixes a code, else by the nearest that its links lead to.

        Of several that are as near, the one with control of what is said counts; where none on the way fixes a code, its own
        counts. A link that was not read about still leads: what follows from it is for who decides (`Standing.cited`).

        Args:
            entity_id: who. on: the day. held: as the registry held it on this day.

        Raises:
            NotFoundError: there is no such entity.

        """
        first = self.entity(entity_id)
        level: list[tuple[Entity, tuple[Link, ...]]] = [(first, ())]
        seen = {entity_id}
        unsettled: list[Standing] = []
        while level:
            found = [
                Standing(first, path, one, assessment)
                for one, path in level if (assessment := one.assessed(on, held)) is not None
            ]  # fmt: skip
            if settled := [one for one in found if one.code is not None]:
                return min(settled, key=_gravity)
            unsettled = unsettled or sorted(found, key=_gravity)
            level = [
                (self.entities[link.target], (*path, link))
                for one, path in level for link in one.linked(on, held)
                if link.target in self.entities and link.target not in seen
            ]  # fmt: skip
            seen |= {one.entity_id for one, _ in level}
        return unsettled[0] if unsettled else Standing(first)

    def stats(self, on: date, held: date) -> RegistryStats:
        """What it holds on a day."""
        assessed = [one for one in self if one.assessments]
        standings = [self.standing(one.entity_id, on, held) for one in assessed]
        sources = Counter(min(one.sources, 2) for one in standings)
        return RegistryStats(
            len(self.entities), len(assessed), len({one.country for one in assessed}),
            dict(sorted(Counter(one.code or "" for one in standings).items())), sources[2], sources[1], sources[0],
        )  # fmt: skip


def _gravity(one: Standing) -> tuple[int, bool, str]:
    assert one.assessment is not None
    assert one.assessed is not None
    order = {"yes": 0, "disputed": 1, "unclear": 2, "no": 3}
    return order[one.assessment.answers["editorial"].value], not one.cited, one.assessed.entity_id
