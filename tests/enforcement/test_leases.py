"""Two processes do not carry one decision out beside each other, and one that was killed is not waited for."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from samehand.enforcement import Act, Action
from samehand.enforcement.leases import LEASE, LeaseRow, _born, _machine
from samehand.errors import UsageError
from tests.casework.scenes import Office
from tests.enforcement.test_execution import Platform, _approved, _execution


def _held(office: Office, holder: str, minutes: float = 5.0) -> None:
    with office.store.writing() as session:
        until = office.clock() + timedelta(minutes=minutes)
        session.add(LeaseRow(decision_id=1, platform="sim", holder=holder, until=until))


def _leases(office: Office) -> int:
    with office.store.reading() as session:
        return session.query(LeaseRow).count()


@pytest.fixture
def other() -> Iterator[int]:
    """A process of somebody else that lives."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        yield process.pid
        process.kill()


def test_what_another_living_process_has_in_hand_is_left_to_it(office: Office, tmp_path: Path, other: int) -> None:
    decision, platform = _approved(office, tmp_path), Platform()
    _held(office, f"{_machine()}/{other}/{_born(other)}")

    with pytest.raises(UsageError, match="another process carries decision 1 out on sim"):
        _execution(office, platform).run(decision.decision_id, "dia")
    assert (platform.sent, _leases(office)) == ([], 1)


def test_a_process_that_is_gone_is_not_waited_for(office: Office, tmp_path: Path, other: int) -> None:
    decision, platform = _approved(office, tmp_path), Platform()
    _held(office, f"{_machine()}/{other}/12345")  # its number is another's by now

    assert _execution(office, platform).run(decision.decision_id, "dia").complete
    assert _leases(office) == 0


def test_a_process_of_another_machine_is_waited_for_until_its_lease_ends(office: Office, tmp_path: Path) -> None:
    decision, platform = _approved(office, tmp_path), Platform()
    _held(office, f"elsewhere/{os.getpid()}/1", minutes=LEASE.seconds / 60)
    with pytest.raises(UsageError, match="wait until it has ended"):
        _execution(office, platform).run(decision.decision_id, "dia")

    office.clock.pass_by(seconds=LEASE.seconds)
    assert _execution(office, platform).run(decision.decision_id, "dia").complete


def test_two_threads_do_not_do_it_beside_each_other(office: Office, tmp_path: Path) -> None:
    decision = _approved(office, tmp_path)
    refused: list[str] = []

    class Nosy(Platform):
        def act(self, account: str, action: Action, *, key: str | None = None) -> Act:
            if not self.sent:
                thread = Thread(target=beside)
                thread.start()
                thread.join()
            return super().act(account, action)

    platform: Any = Nosy()

    def beside() -> None:
        with pytest.raises(UsageError) as told:
            _execution(office, platform).run(decision.decision_id, "dia")
        refused.append(str(told.value))

    assert _execution(office, platform).run(decision.decision_id, "dia").complete
    assert refused == ["decision 1 is being carried out on sim here already"]
    assert len(platform.sent) == 30
