"""Which registry a command asks, and which of its facts count."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from sqlalchemy.orm import Session

from samehand.advertising import Registry, combine, read_entities, read_layer, shipped_entities
from samehand.casework import Casework, Entry, Permission, append, is_founded
from samehand.cli.days import Day, today
from samehand.cli.main import say
from samehand.cli.store import now
from samehand.store import Store

__all__ = ["facts_options", "office", "registry_of", "registry_option", "registry_options"]


def registry_option(command: Any) -> Any:
    """Which folder of entities."""
    return click.option(
        "--registry", "folder", type=click.Path(path_type=Path), help="Another folder of entities than the shipped one."
    )(command)


def registry_options(command: Any) -> Any:
    """Which registry."""
    command = click.option(
        "--layer", "layers", multiple=True, metavar="NAME:FILE",
        help="A list of others beside the curated registry: matrix:FILE, hamilton:FILE or ftm:FILE; may be repeated.",
    )(command)  # fmt: skip
    return registry_option(command)


def facts_options(command: Any) -> Any:
    """Which facts count."""
    command = click.option("--held", type=Day(), help="As the registry held them on this day; today if not given.")(
        command
    )
    command = click.option("--on", type=Day(), help="The day whose facts count; today if not given.")(command)
    return registry_options(command)


def registry_of(folder: Path | None, layers: tuple[str, ...]) -> Registry:
    """The registry that the options name; what was read of each layer is told."""
    curated = shipped_entities() if folder is None else read_entities(folder)
    read = []
    for said in layers:
        name, _, path = said.partition(":")
        layer = read_layer(name, Path(path), today())
        left = sum(layer.rejected.values())
        say(f"{path}: read {layer.read:,} = kept {layer.kept:,} + merged {layer.merged:,} + rejected {left:,}")
        read.append(layer)
    return combine(curated.values(), read)


@dataclass(frozen=True)
class Office:
    """Who may, where the store has a roster, and the log (`samehand.advertising.AdOffice`).

    Attributes:
        work: casework of the store. permission: that it takes. kind: of the entry.

    """

    work: Casework
    permission: Permission
    kind: str

    def allow(self, session: Session, by: str) -> None:
        """Raise where somebody, by name, may not."""
        if is_founded(session):
            self.work.roster(session).allow(by, self.permission)

    def enter(self, session: Session, by: str, what: dict[str, Any]) -> None:
        """Enter in the log what somebody did."""
        append(session, self.work.now(), [Entry(self.kind, by, {"what": "advertising", **what})])


def office(store: Store, permission: Permission, kind: str) -> Office:
    """Who decides about ads in a store."""
    return Office(Casework(store, now), permission, kind)
