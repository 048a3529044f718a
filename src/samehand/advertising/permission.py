"""Who may decide about ads, and what the log is told: asked of whoever keeps a roster, while it is decided."""

from __future__ import annotations

from typing import Any, Final, Protocol

from sqlalchemy.orm import Session

__all__ = ["ANYBODY", "AdOffice"]


class AdOffice(Protocol):
    """Casework, which stands below this room, as it is seen from here."""

    def allow(self, session: Session, by: str) -> None:
        """Raise where somebody, by name, may not."""
        ...

    def enter(self, session: Session, by: str, what: dict[str, Any]) -> None:
        """Enter in the log what somebody did."""
        ...


class _Anybody:
    """Where a store has no roster and keeps no log."""

    def allow(self, session: Session, by: str) -> None:
        """Let anybody."""

    def enter(self, session: Session, by: str, what: dict[str, Any]) -> None:
        """Enter nothing."""


ANYBODY: Final[AdOffice] = _Anybody()
