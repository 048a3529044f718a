"""Nine hundred and thirty-six accounts of a real PDS are taken down once each, though the process is killed twice."""

from __future__ import annotations

import logging
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from samehand.casework import bring, read_entries, verify
from samehand.enforcement import AtprotoConnector, Execution
from samehand.sources import atproto_api
from samehand.store import open_store
from tests.casework.scenes import Office, founded, run_of
from tests.enforcement.real_pds import ADMIN_PASSWORD, RealPds

pytestmark = pytest.mark.server

COUNT = 936
LOG = logging.getLogger(__name__)  # `--log-cli-level=INFO` shows how long it took

KILLED = """
    import sys
    from samehand.casework import Casework
    from samehand.enforcement import AtprotoConnector, Execution
    from samehand.sources import atproto_api
    from samehand.store import open_store
    from tests.casework.scenes import Clock

    store_url, server_url, password = sys.argv[1:]
    with open_store(store_url) as store, atproto_api(server_url, password) as api:
        connector = AtprotoConnector(api)
        print("begun", flush=True)
        Execution(Casework(store, Clock()), connector, "sim").run(1, "dia", batch=20)
"""


def _acts(office: Office) -> list[str]:
    """The accounts of the acts that the log has as done."""
    with office.store.reading() as session:
        assert verify(session).holds
        entries = read_entries(session, most=100_000)
    return [str(entry["body"]["account"]) for entry in entries if entry["kind"] == "act.done"]


def _killed_after(acts: int, office: Office, arguments: list[str]) -> float:
    """Carry the decision out in a process that is killed in the middle; how long it acted, in seconds."""
    before = len(_acts(office))
    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(KILLED), *arguments], stdout=subprocess.PIPE, text=True,
        cwd=Path(__file__).parents[2],
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert process.stdout.readline() == "begun\n"
        begun = time.monotonic()
        while len(_acts(office)) < before + acts and time.monotonic() < begun + 60:
            time.sleep(0.05)
        process.send_signal(signal.SIGKILL)
    assert before < len(_acts(office)) < COUNT
    return time.monotonic() - begun


def test_nine_hundred_and_thirty_six_takedowns_killed_twice_are_done_once_each(
    pds: RealPds, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("samehand.casework.keys.SCRYPT_N", 1 << 4)
    begun = time.monotonic()
    dids = [person.did for person in pds.sign_up_all([f"account{number}" for number in range(COUNT)])]
    LOG.info("%d accounts signed up in %.1f s", COUNT, time.monotonic() - begun)
    url = f"sqlite:///{tmp_path}/store.sqlite"
    with open_store(url) as store:
        office = founded(store, tmp_path)
        # findings that were made up: accounts without a post are found by nothing
        bring(office.casework, run_of(tmp_path / "run", {"N1": dids}), ["N1"], "dia")
        decision = office.decisions.propose(1, "suspend", ["coordinated_inauthentic"], "One hand.", office.keys["dia"])
        office.decisions.sample(1, "cem")
        office.decisions.approve(1, office.keys["cem"], decision.confirmation)

        acting_s = sum(_killed_after(200, office, [url, pds.url, ADMIN_PASSWORD]) for _ in range(2))
        begun = time.monotonic()
        with atproto_api(pds.url, ADMIN_PASSWORD) as api:
            progress = Execution(office.casework, AtprotoConnector(api), "sim").run(1, "dia")
        acting_s += time.monotonic() - begun
        LOG.info("%d acts were done and confirmed in %.1f s", COUNT, acting_s)

        assert (progress.done, progress.already, progress.complete) == (COUNT, 0, True)
        assert len(_acts(office)) == len(set(_acts(office))) == COUNT
        refs = pds.takedown_refs(dids)
        assert len({ref for ref in refs.values() if ref and ref.startswith(store.store_id)}) == COUNT
    assert pds.repos() == dict.fromkeys(dids, "takendown")
    assert pds.changes_of_standing() == dict.fromkeys(dids, 2)  # once when it signed up, and once more
