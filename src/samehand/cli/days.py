"""Days on the command line."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import click

__all__ = ["Day", "today"]


class Day(click.ParamType):  # type: ignore[type-arg]
    """A day, as 2021-03-01."""

    name = "day"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """Read it."""
        if isinstance(value, date):
            return value
        try:
            return date.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is no day; write one as 2021-03-01", param, ctx)


def today() -> date:
    """The day of the clock, in UTC."""
    return datetime.now(UTC).date()
