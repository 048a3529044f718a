"""Entities of countries that lend their codes and nothing else: no outlet here is one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from samehand.advertising import (
    QUESTIONS,
    Answer,
    Assessment,
    Asset,
    Citation,
    Entity,
    Link,
    Name,
    Registry,
    Span,
)

DAY = date(2026, 11, 27)
HELD = date(2026, 11, 27)
OF_CODE: Mapping[str, tuple[str, str, str]] = {
    "SC": ("yes", "yes", "yes"), "CaPu": ("no", "yes", "yes"), "CaPr": ("no", "no", "yes"), "ISFM": ("yes", "yes", "no"),
    "ISF": ("yes", "no", "no"), "ISM": ("no", "yes", "no"), "IP": ("no", "no", "no"),
}  # fmt: skip
"""What fixes each code, as the field's table has it."""


def span(
    since: date | None = None, until: date | None = None, *, recorded: date = date(2020, 1, 1), withdrawn: date | None = None,
) -> Span:  # fmt: skip
    """When a fact holds."""
    return Span(since, until, recorded, withdrawn)


def cites(*sources: str, read: bool = True) -> tuple[Citation, ...]:
    """A citation a source."""
    return tuple(
        Citation(
            one,
            one,
            f"On it, by {one}",
            f"https://{one}.test/",
            date(2020, 5, 1),
            date(2020, 6, 1),
            read,
            "It says so.",
        )
        for one in sources
    )


def assessed(
    code: str = "SC", *, sources: int = 2, answers: tuple[str, str, str] | None = None, when: Span | None = None,
    safeguards: tuple[str, ...] = (), read: bool = True,
) -> Assessment:  # fmt: skip
    """An assessment that so many sources bear."""
    borne = cites(*(f"source{k}" for k in range(sources)), read=read)
    values = answers or OF_CODE[code]
    return Assessment(
        when or span(), {name: Answer(value, borne) for name, value in zip(QUESTIONS, values, strict=True)},  # type: ignore[arg-type]
        {name: Answer("yes", borne) for name in safeguards},  # type: ignore[misc]
    )  # fmt: skip


def entity(entity_id: str = "cn-kite", name: str = "Kite Broadcasting House", **more: Any) -> Entity:
    """An entity that is called something in English."""
    facts: dict[str, Any] = {"kind": "outlet", "scope": "news", **more}
    kind, scope, country = facts.pop("kind"), facts.pop("scope"), facts.pop("country", entity_id[:2].upper())
    return Entity(entity_id, kind, country, scope, facts.pop("names", (Name(span(), name, "en"),)), **facts)


def link(kind: str, target: str, *, read: bool = True, percent: float | None = None, when: Span | None = None) -> Link:
    """A link that one source bears."""
    return Link(when or span(), kind, target, percent, cites("linker", read=read))  # type: ignore[arg-type]


def asset(platform: str, value: str) -> Asset:
    """A domain or handle."""
    return Asset(span(), platform, value)


def registry(*entities: Entity) -> Registry:
    """A registry of these."""
    return Registry(entities)
