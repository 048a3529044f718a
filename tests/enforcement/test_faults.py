"""Every fault that we could think of, at every step of a decision and of its reversal: what ends is whole, and once.

The table of docs/enforcement.md lists the faults of `FAULTS`; both are held against each other here.
"""

from __future__ import annotations

import re
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from samehand.casework import Decision, bring, read_entries, verify
from samehand.casework.tables import NoticeRow
from samehand.enforcement import Act, Action, Execution, Progress
from samehand.enforcement.connector import stands
from samehand.errors import JobError
from tests.casework.scenes import Office, accounts, run_of
from tests.enforcement.test_execution import CIB, Platform

COUNT, BATCH = 7, 3
DOCS = Path(__file__).parents[2] / "docs" / "enforcement.md"


class Killed(BaseException):
    """The process ends here."""


class Faulty(Platform):
    """A platform that has one fault, at one act or at one settling; afterwards it is well."""

    def __init__(self, fault: str, at: int) -> None:
        super().__init__()
        self.fault, self.at, self.acts = fault, at, 0

    def arm(self, fault: str, at: int) -> None:
        self.fault, self.at, self.acts, self.settled = fault, at, 0, 0

    def act(self, account: str, action: Action, *, key: str | None = None) -> Act:
        number, self.acts = self.acts, self.acts + 1
        match self.fault if number == self.at else "":
            case "the connector times out":
                return Act(account, action, "failed", "it took too long to answer")
            case "429: the platform is busy for longer than is waited":
                return Act(account, action, "failed", "HTTP 429")
            case "500: the platform fails":
                return Act(account, action, "failed", "HTTP 500")
            case "the reply is lost, and the act was done":
                done = super().act(account, action)
                return done if done.outcome == "already" else Act(account, action, "failed", "no reply")
            case "the process is killed before the act":
                raise Killed
            case "the process is killed after the act":
                super().act(account, action)
                raise Killed
        if self.fault == "half a batch is applied, then the platform is gone" and number >= self.at:
            return Act(account, action, "failed", "cannot be reached")
        return super().act(account, action)

    def settle(self) -> None:
        self.settled += 1
        if self.fault == "the acts cannot be kept (disk full beside the store)" and self.settled == self.at + 1:
            raise JobError("no room")


def _locked() -> Exception:
    return OperationalError("COMMIT", None, sqlite3.OperationalError("database is locked"))


def _full() -> Exception:
    return OperationalError("COMMIT", None, sqlite3.OperationalError("database or disk is full"))


OF_THE_STORE: dict[str, tuple[str, Callable[[], BaseException]]] = {
    "the database is locked": ("before", _locked),
    "the store's disk is full": ("before", _full),
    "the process is killed before a transaction ends": ("before", Killed),
    "the process is killed after a transaction ended": ("after", Killed),
}
OF_THE_PLATFORM = (
    "the connector times out", "429: the platform is busy for longer than is waited", "500: the platform fails",
    "the reply is lost, and the act was done", "half a batch is applied, then the platform is gone",
    "the process is killed before the act", "the process is killed after the act",
    "the acts cannot be kept (disk full beside the store)",
)  # fmt: skip
FAULTS = (*OF_THE_PLATFORM, *OF_THE_STORE)


@contextmanager
def _store_fault(office: Office, kind: str, at: int) -> Iterator[list[int]]:
    """The fault at the transaction of that number; the number of transactions that were begun."""
    when, fault = OF_THE_STORE[kind]
    writing, begun = office.store.writing, [0]

    @contextmanager
    def faulty() -> Iterator[Any]:
        number, begun[0] = begun[0], begun[0] + 1
        with writing() as session:
            yield session
            if (number, when) == (at, "before"):
                session.flush()
                raise fault()
        if (number, when) == (at, "after"):
            raise fault()

    office.store.writing = faulty  # type: ignore[method-assign]
    try:
        yield begun
    finally:
        office.store.writing = writing  # type: ignore[method-assign]


def _approved(office: Office, folder: Path, place: int) -> Decision:
    names = accounts(COUNT, 100 * place)
    run = run_of(folder / f"run{place}", {"N1": names}, seed=place)
    case = bring(office.casework, run, ["N1"], "dia")[0].case.case_id
    return _answered(office, office.decisions.propose(case, "suspend", CIB, "One hand.", office.keys["dia"]))


def _answered(office: Office, decision: Decision) -> Decision:
    office.decisions.sample(decision.decision_id, "cem")
    return office.decisions.approve(decision.decision_id, office.keys["cem"], decision.confirmation)


def _once(office: Office, platform: Platform, decision: Decision) -> Progress | None:
    """One call of the command; None where it fell over."""
    try:
        return Execution(office.casework, platform, "sim", sleep=lambda pause_s: None).run(
            decision.decision_id, "dia", batch=BATCH
        )
    except (JobError, Killed):
        return None


def _to_the_end(office: Office, platform: Platform, decision: Decision) -> None:
    for _ in range(4):
        progress = _once(office, platform, decision)
        if progress is not None and progress.complete:
            return
    raise AssertionError(f"decision {decision.decision_id} does not come to its end")


def _is_whole(office: Office, platform: Platform, decision: Decision, action: Action) -> None:
    """Everybody stands as was decided, was acted on once, is once in the log, and has one notice."""
    names = accounts(COUNT, 100 * (int(office.casework.case(decision.case_id).case_id) - 1))
    assert all(stands(platform.state(name), action) for name in names)
    sent = Counter(name for name, done in platform.sent if done == action and name in names)
    assert sent == Counter(names)
    with office.store.reading() as session:
        assert verify(session).holds
        told = [
            entry["body"]["account"] for entry in read_entries(session, most=100_000)
            if entry["kind"] == "act.done" and entry["body"]["decision"] == decision.decision_id
        ]  # fmt: skip
        notices = session.scalar(select(func.count()).where(NoticeRow.decision_id == decision.decision_id))
    assert (len(told), len(set(told)), notices) == (COUNT, COUNT, COUNT)
    assert office.decisions.decision(decision.decision_id).state == "done"
    assert office.casework.case(decision.case_id).state == "enforced"


@pytest.mark.parametrize("fault", OF_THE_PLATFORM)
def test_a_fault_of_the_platform_leaves_nothing_half_done(office: Office, tmp_path: Path, fault: str) -> None:
    for at in range(COUNT):
        platform = Faulty(fault, at)
        decision = _approved(office, tmp_path, at)
        _once(office, platform, decision)
        platform.arm("", 0)
        _to_the_end(office, platform, decision)
        _is_whole(office, platform, decision, "suspend")

        back = _answered(office, office.decisions.propose_reversal(decision.decision_id, "Wrong.", office.keys["dia"]))
        platform.arm(fault, at)
        _once(office, platform, back)
        platform.arm("", 0)
        _to_the_end(office, platform, back)
        _is_whole(office, platform, back, "reinstate")


@pytest.mark.parametrize("fault", OF_THE_STORE)
def test_a_fault_of_the_store_leaves_nothing_half_done(office: Office, tmp_path: Path, fault: str) -> None:
    reached = True
    for at in range(100):
        platform = Platform()
        decision = _approved(office, tmp_path, at)
        with _store_fault(office, fault, at) as transactions:
            _once(office, platform, decision)
        reached = transactions[0] > at
        _to_the_end(office, platform, decision)
        _is_whole(office, platform, decision, "suspend")

        back = _answered(office, office.decisions.propose_reversal(decision.decision_id, "Wrong.", office.keys["dia"]))
        with _store_fault(office, fault, at):
            _once(office, platform, back)
        _to_the_end(office, platform, back)
        _is_whole(office, platform, back, "reinstate")
        if not reached:
            break

    assert at == 9, "each transaction had its fault: begin, take and record three batches, the end, the lease"


def test_the_table_in_the_docs_lists_the_faults_that_are_tried() -> None:
    table = DOCS.read_text("utf-8").split("## Faults tried")[1].split("\n## ")[0]
    listed = [line.split("|")[1].strip() for line in table.splitlines() if re.match(r"\| [a-z0-9]", line)]

    assert [one for one in listed if one != "fault"] == list(FAULTS)
