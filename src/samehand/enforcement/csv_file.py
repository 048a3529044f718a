"""Acts written into a CSV file, for a platform that takes its orders so: what stands is what the file's last line says.

Columns: at (UTC), platform, account, action. A line is written once and never changed; a last line that a crash left broken
off is cut away when the file is opened again, and its act is done anew.
"""

from __future__ import annotations

import contextlib
import csv
import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Final, Self

from samehand.enforcement.connector import UNDOES, AccountState, Act, Action, Capabilities, after, stands
from samehand.errors import FormatError, JobError, NotFoundError

__all__ = ["CsvConnector"]

HEADER: Final = ("at", "platform", "account", "action")
CAPABILITIES: Final = Capabilities(
    "csv", frozenset({"challenge", "limit", "suspend", "remove", "unchallenge", "unlimit", "reinstate"}), None,
    "what the file says can be taken back by a further line; what whoever reads it did meanwhile is theirs to undo",
)  # fmt: skip


class CsvConnector:
    """A CSV file as a `Connector`.

    Args:
        path: of the file; made if it is not there.
        platform: whose accounts they are.
        now: the clock.

    Raises:
        NotFoundError: the file's folder is not there. FormatError: it is another kind of file.

    """

    def __init__(self, path: Path, platform: str, now: Callable[[], datetime]) -> None:
        self._path, self._platform, self._now = path, platform, now
        self._standing: dict[str, AccountState] = {}
        if not path.parent.is_dir():
            raise NotFoundError(f"{path.parent}: there is no such folder for the acts")
        if path.is_dir():
            raise FormatError(f"{path} is a folder, and acts are written into a file; name one in it")
        self._mend()
        self._read()
        self._file = open(path, "a", encoding="utf-8", newline="")  # noqa: SIM115 (closed by `close`)
        self._writer = csv.writer(self._file, lineterminator="\n")
        if not path.stat().st_size:
            self._writer.writerow(HEADER)

    def _mend(self) -> None:
        """Cut away a last line that was broken off."""
        if not self._path.is_file():
            return
        with open(self._path, "rb+") as file:
            held = file.read()
            whole = held.rfind(b"\n") + 1
            if whole < len(held):
                file.truncate(whole)

    def _read(self) -> None:
        if not self._path.is_file() or not self._path.stat().st_size:
            return
        with open(self._path, encoding="utf-8", newline="") as file:
            rows = csv.reader(file)
            if tuple(next(rows)) != HEADER:
                raise FormatError(f"{self._path} is no file of acts: its first line is not {','.join(HEADER)}")
            for number, row in enumerate(rows, start=2):
                if len(row) != len(HEADER) or row[3] not in CAPABILITIES.actions:
                    raise FormatError(f"{self._path}, row {number}: it is no act")
                if row[1] == self._platform:
                    self._put(row[2], row[3])

    def _put(self, account: str, action: Action) -> None:
        self._standing[account] = after(self.state(account), action)

    @property
    def capabilities(self) -> Capabilities:
        """Everything, since the file takes everything."""
        return CAPABILITIES

    def state(self, account: str) -> AccountState:
        """How an account stands, as the file says; one that it does not name stands as any."""
        return self._standing.get(account) or AccountState(account, suspended=False, deactivated=False, admin=False)

    def act(self, account: str, action: Action, *, key: str | None = None) -> Act:  # noqa: ARG002
        """Write a line, unless the account stands so already."""
        if action in UNDOES and account not in self._standing:
            return Act(account, action, "failed", "the file says nothing of it; is it the file in which it was done?")
        state = self.state(account)
        if stands(state, action):
            return Act(account, action, "already")
        if state.deactivated:
            return Act(account, action, "failed", "it is removed, which nothing undoes")
        try:
            self._writer.writerow((self._now().strftime("%Y-%m-%dT%H:%M:%SZ"), self._platform, account, action))
        except OSError as error:
            return Act(account, action, "failed", f"the file cannot be written ({error.strerror})")
        self._put(account, action)
        return Act(account, action, "done")

    def settle(self) -> None:
        """Bring what was written onto the disk.

        Raises:
            JobError: it cannot be.

        """
        try:
            self._file.flush()
            os.fsync(self._file.fileno())
        except OSError as error:
            raise JobError(f"{self._path} cannot be written ({error.strerror}); make room and go on") from error

    def close(self) -> None:
        """End the file; what could not be settled was told then, and is done again from the store's record."""
        with contextlib.suppress(OSError):
            self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
