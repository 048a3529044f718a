"""One process at a time carries a decision out on a platform: a second one would take what the first has in hand for what a
crash left.

Who begins takes a lease, and takes it anew with every batch. A process that was killed is known to be gone where it ran on
this machine, so that the next one begins at once; one of another machine is waited for until its lease ends.
"""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Final

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, Session, mapped_column

from samehand.errors import UsageError
from samehand.store import Base, Moment

__all__ = ["LeaseRow", "alone", "let_go", "take_lease"]

LEASE: Final = timedelta(minutes=30)
_running: set[tuple[str, int, str]] = set()
_guard = threading.Lock()


class LeaseRow(Base):
    """Who carries a decision out on a platform, and until when that stands."""

    __tablename__ = "execution_leases"

    decision_id: Mapped[int] = mapped_column(ForeignKey("decisions.decision_id"), primary_key=True, autoincrement=False)
    platform: Mapped[str] = mapped_column(String(40), primary_key=True)
    holder: Mapped[str] = mapped_column(String(120))
    until: Mapped[datetime] = mapped_column(Moment)


def _born(pid: int) -> str:
    """When a process of this machine began, in the kernel's ticks; empty where it is not there, or nobody knows."""
    try:
        told = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace")
    except OSError:
        return ""
    return told.rpartition(")")[2].split()[19]


@cache
def _machine() -> str:
    try:  # numbers of processes are of a namespace: two containers of one machine have their own
        boot = Path("/proc/sys/kernel/random/boot_id").read_text("utf-8").strip()
        return f"{boot}:{os.readlink('/proc/self/ns/pid')}"
    except OSError:
        return socket.gethostname()[:60]


def _me() -> str:
    return f"{_machine()}/{os.getpid()}/{_born(os.getpid())}"


def _is_gone(holder: str) -> bool:
    """Whether a process is known to have ended."""
    machine, pid, born = holder.split("/")
    return machine == _machine() and bool(_born(os.getpid())) and _born(int(pid)) != born


def take_lease(session: Session, decision_id: int, platform: str, now: datetime) -> None:
    """Take or renew the lease of this process, in the transaction at hand.

    Raises:
        UsageError: another process has it.

    """
    row = session.get(LeaseRow, (decision_id, platform), with_for_update=True)
    if row is None:
        row = LeaseRow(decision_id=decision_id, platform=platform, holder=_me(), until=now)
        session.add(row)
    elif row.holder != _me() and row.until > now and not _is_gone(row.holder):
        raise UsageError(
            f"another process carries decision {decision_id} out on {platform}; wait until it has ended, or until "
            f"{row.until:%Y-%m-%d %H:%M} UTC"
        )
    row.holder, row.until = _me(), now + LEASE
    session.flush()


def let_go(session: Session, decision_id: int, platform: str) -> None:
    """End the lease of this process, if it has it."""
    row = session.get(LeaseRow, (decision_id, platform), with_for_update=True)
    if row is not None and row.holder == _me():
        session.delete(row)


@contextmanager
def alone(store_id: str, decision_id: int, platform: str) -> Iterator[None]:
    """Within this process, too, only one at a time.

    Raises:
        UsageError: another thread is at it.

    """
    key = (store_id, decision_id, platform)
    with _guard:
        if key in _running:
            raise UsageError(f"decision {decision_id} is being carried out on {platform} here already")
        _running.add(key)
    try:
        yield
    finally:
        with _guard:
            _running.discard(key)
