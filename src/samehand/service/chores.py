"""What has to be done again and again while a server runs: take in what was upheld, take back what was corrected."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping

from sqlalchemy.exc import SQLAlchemyError

from samehand.errors import SamehandError

__all__ = ["do_chores"]

_log = logging.getLogger(__name__)


async def do_chores(chores: Mapping[str, Callable[[], object]], every_s: float) -> None:
    """Do each of some chores, for ever; requests go on being answered meanwhile.

    One that cannot be done now, because the store is away, is tried again; the log says so.

    Args:
        chores: by what each is called in the log. every_s: so long between two rounds.

    """
    while True:
        await asyncio.sleep(every_s)
        for name, chore in chores.items():
            try:
                await asyncio.to_thread(chore)
            except (SamehandError, SQLAlchemyError) as error:
                _log.warning("%s: %s; it is tried again", name, type(error).__name__)
