"""Ads that were decided about over HTTP go into the ad repository behind the answers, many in one transaction.

An answer waits for no disk: what was decided is written within a second, and all of it before an orderly end. Where the store
cannot be written, ads wait and are tried again; once too many do, no further one is taken.
"""

from __future__ import annotations

import logging
import threading
from types import TracebackType
from typing import Final, Self

from sqlalchemy.exc import SQLAlchemyError

from samehand.advertising import AdRecord, AdRepository, check_ad
from samehand.errors import InputError, JobError, SamehandError

__all__ = ["AdKeeper"]

MOST_WAITING: Final = 50_000
EVERY_S: Final = 0.5
AT_ONCE: Final = 2_000

_log = logging.getLogger(__name__)


class AdKeeper:
    """Writes ads into a repository from a thread of its own, between `with` and its end.

    Args:
        repository: that keeps them. most: that may wait. every_s: how often it writes.

    """

    def __init__(self, repository: AdRepository, *, most: int = MOST_WAITING, every_s: float = EVERY_S) -> None:
        self._repository, self._most, self._every_s = repository, most, every_s
        self._waiting: list[AdRecord] = []
        self._lock, self._ended = threading.Lock(), threading.Event()
        self._thread = threading.Thread(target=self._write_on, name="ad-keeper")

    def keep(self, record: AdRecord) -> None:
        """Take an ad to be written.

        Raises:
            UsageError: it is no record of an ad. JobError: too many wait already.

        """
        check_ad(record)
        with self._lock:
            if len(self._waiting) >= self._most:
                raise JobError(f"{self._most:,} ads wait to be written already; ask again, or without ad_id")
            self._waiting.append(record)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._thread.join()
        if not self._write():
            _log.error("%d ads could not be written into the repository", len(self._waiting))

    def _write_on(self) -> None:
        while not self._ended.wait(self._every_s):
            try:
                self._write()
            except Exception:  # the thread goes on: what waits is tried again, and the log says what went wrong
                _log.exception("%d ads wait for the repository", len(self._waiting))

    def _write(self) -> bool:
        """Write what waits; whether all of it is written. What is not stays, in its order."""
        while True:
            with self._lock:
                batch = self._waiting[:AT_ONCE]
            if not batch:
                return True
            try:
                self._repository.record(batch, decided=True)
            except (
                InputError
            ) as error:  # a version in the store was changed by somebody: the other ads are none of its matter
                self._one_by_one(batch, error)
            except (SamehandError, SQLAlchemyError) as error:
                _log.warning("%d ads wait for the repository: %s", len(self._waiting), type(error).__name__)
                return False
            with self._lock:
                del self._waiting[: len(batch)]

    def _one_by_one(self, batch: list[AdRecord], error: InputError) -> None:
        for one in batch:
            try:
                self._repository.record([one], decided=True)
            except InputError:
                _log.error("ad %s:%s is not kept: %s", one.platform, one.ad_id, error)
