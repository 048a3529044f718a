"""Who may decide about ads: asked of whoever keeps a roster, in the transaction in which something is decided."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy.orm import Session

__all__ = ["Allowed", "whoever"]

Allowed = Callable[[Session, str], None]
"""Raises where somebody, by name, may not; casework, which knows who may, stands below this room."""


def whoever(session: Session, by: str) -> None:
    """Anybody may, where a store has no roster."""
