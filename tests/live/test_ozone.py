"""On Bluesky's whole stack a decision goes through Ozone: who is taken down is shut out and hidden, until it is undone."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import httpx
import pytest

from samehand.casework import Decision, bring
from samehand.enforcement import Act, Execution, OzoneConnector, OzoneSession
from samehand.store import open_store
from tests.casework.scenes import Office, founded, run_of
from tests.enforcement.real_pds import Person, RealPds

pytestmark = pytest.mark.live

LOG = logging.getLogger(__name__)  # `--log-cli-level=INFO` shows how long it took
MODERATOR, MODERATOR_PASSWORD = "mod-authority.test", "hunter2"
"""Whom dev-env makes a moderator."""
TEAM = 12
LONGEST_S = 60
"""What Ozone decides is handed on in the background."""
Told = tuple[int, str | None]
FINE: Told = (200, None)
TAKEN_DOWN: Told = (401, "AccountTakedown")
HIDDEN: Told = (400, "Account has been suspended")


@pytest.fixture
def session(stack: RealPds) -> Iterator[OzoneSession]:
    with OzoneSession(stack.url, MODERATOR, MODERATOR_PASSWORD, stack.places["ozoneDid"]) as made:
        yield made


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    monkeypatch.setattr("samehand.casework.keys.SCRYPT_N", 1 << 4)
    with open_store(f"sqlite:///{tmp_path}/store.sqlite") as store:
        yield founded(store, tmp_path)


def _profile(stack: RealPds, person: Person) -> Told:
    """What the AppView shows of somebody to everybody: the HTTP status, and the error in words."""
    appview = stack.places["bsky"].replace("localhost", "127.0.0.1")
    asked = httpx.get(f"{appview}/xrpc/app.bsky.actor.getProfile", params={"actor": person.did}, trust_env=False)
    return asked.status_code, asked.json().get("message")


def _wait_for(stack: RealPds, people: Sequence[Person], *, login: Told, shown: Told) -> None:
    """Wait until everybody is let in, and shown, as is wanted."""
    end = time.monotonic() + LONGEST_S
    for person in people:
        while (found := (person.login(), _profile(stack, person))) != (login, shown):
            assert time.monotonic() < end, found
            time.sleep(0.2)


def _answered(office: Office, decision: Decision) -> Decision:
    office.decisions.sample(decision.decision_id, "cem")
    return office.decisions.approve(decision.decision_id, office.keys["cem"], decision.confirmation)


def _batches(session: OzoneSession, did: str) -> list[tuple[str, str, str]]:
    """Ozone's own log of an account, the newest first: what was done, with which tool, and in which batch."""
    body = session.get("tools.ozone.moderation.queryEvents", {"subject": did}).body or {}
    events = [(one["event"]["$type"], one["modTool"]) for one in body["events"] if "modTool" in one]
    return [(kind.partition("#")[2], tool["name"], tool["meta"]["batchId"]) for kind, tool in events]


def test_the_servers_listen_on_this_machine_only(stack: RealPds) -> None:
    assert set(stack.listening_on()) == {"127.0.0.1"}


def test_a_decision_goes_through_ozone_and_is_undone(
    stack: RealPds, session: OzoneSession, office: Office, tmp_path: Path
) -> None:
    team = stack.sign_up_all([f"mum{number}" for number in range(TEAM)])
    bystander = stack.sign_up("bystander")
    _wait_for(stack, [*team, bystander], login=FINE, shown=FINE)
    # findings that were made up: that a team is found on a live server is the matter of test_pds_server.py
    bring(office.casework, run_of(tmp_path / "run", {"N1": [person.did for person in team]}), ["N1"], "dia")
    proposed = office.decisions.propose(1, "suspend", ["coordinated_inauthentic"], "One hand.", office.keys["dia"])
    execution = Execution(office.casework, OzoneConnector(session), "sim")

    decision = _answered(office, proposed)
    begun = time.monotonic()
    progress = execution.run(decision.decision_id, "dia")
    LOG.info("%d acts were done and confirmed in %.1f s", progress.done, time.monotonic() - begun)

    assert (progress.done, progress.already, progress.complete) == (TEAM, 0, True)
    _wait_for(stack, team, login=TAKEN_DOWN, shown=HIDDEN)
    assert (bystander.login(), _profile(stack, bystander)) == (FINE, FINE)

    reversal = office.decisions.propose_reversal(proposed.decision_id, "A choir.", office.keys["dia"])
    undone = execution.run(_answered(office, reversal).decision_id, "dia")

    assert (undone.done, undone.complete) == (TEAM, True)
    _wait_for(stack, team, login=FINE, shown=FINE)
    keys = [_batches(session, person.did) for person in team]
    assert [[what for what, _, _ in one] for one in keys] == [["modEventReverseTakedown", "modEventTakedown"]] * TEAM
    batches = {batch for one in keys for _, tool, batch in one if tool == "samehand"}
    assert len(batches) == 2 * TEAM
    assert all(batch.startswith(office.store.store_id) for batch in batches)


def test_an_act_is_done_once_and_whom_nobody_knows_is_told(stack: RealPds, session: OzoneSession) -> None:
    person = stack.sign_up("anna")
    _wait_for(stack, [person], login=FINE, shown=FINE)
    anna = person.did
    connector = OzoneConnector(session)

    acts = [connector.act(anna, "suspend", key=key) for key in ("k1", "k1", "k2")]
    nobody = connector.act("did:plc:aaaaaaaaaaaaaaaaaaaaaaaa", "suspend")
    own = connector.act(session.did, "suspend")

    assert acts == [Act(anna, "suspend", outcome) for outcome in ("done", "already", "already")]
    assert [batch for _, _, batch in _batches(session, anna)] == ["k1"]
    assert (nobody.outcome, nobody.detail.partition(" (")[0]) == ("failed", "Ozone knows no such account")
    assert own.detail == "refused: it is the moderator's own account, or the moderation service's"
