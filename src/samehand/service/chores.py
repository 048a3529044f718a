"""What has to be done again and again while a server runs: take in what was upheld, take back what was corrected."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping

__all__ = ["do_chores"]

_log = logging.getLogger(__name__)


async def do_chores(chores: Mapping[str, Callable[[], object]], every_s: float) -> None:
    """Do each of some chores, for ever; requests go on being answered meanwhile.

    One that fails, because the store is away or for whatever reason, stops no other and is tried again; the log says so, by the
    kind of error alone, since what an error says may name somebody.

    Args:
        chores: by what each is called in the log. every_s: so long between two rounds.

    """
    while True:
        await asyncio.sleep(every_s)
        for name, chore in chores.items():
            try:
                await asyncio.to_thread(chore)
            except Exception as error:  # a chore that ends for good would end recalls and reversals
                _log.warning("%s: %s; it is tried again", name, type(error).__name__)
