"""An act that is delivered to a platform of one's own takes effect once, whatever is lost on the way, and is told as it is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from samehand.enforcement import (
    AccountState,
    Act,
    Connector,
    Execution,
    SignedGet,
    SignedPost,
    WebhookConnector,
    WebhookSecret,
    carry_out,
    unfinished,
)
from samehand.enforcement.connector import UNDOES, Action
from samehand.errors import JobError, NotFoundError, UsageError
from samehand.sources import Patience
from samehand.store import open_store
from tests.casework.scenes import Office, accounts, founded
from tests.enforcement.test_execution import _answered, _approved
from tests.fake_receiver import SECRET, Fault, Receiver, receiving

QUICK = Patience(timeout_s=0.5, attempts=3, first_wait_s=0.01, at_first=True)
LOST = Fault(when="after")
SILENT = Fault(silent=True, when="after")


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as running:
        yield running


def _now() -> datetime:
    return datetime.now(UTC)


@contextmanager
def _connected(receiver: Receiver, *, tells: bool) -> Iterator[WebhookConnector]:
    secret = WebhookSecret(SECRET)
    with (
        SignedPost(f"{receiver.url}/acts", secret, _now, patience=QUICK) as post,
        SignedGet(f"{receiver.url}/accounts?id={{account}}", secret, _now, patience=QUICK) as told,
    ):
        yield WebhookConnector(post, "sim", _now, told=told if tells else None)


@pytest.mark.parametrize("tells", [False, True])
@pytest.mark.parametrize("action", ["challenge", "limit", "suspend"])
def test_an_act_is_delivered_and_taken_back(receiver: Receiver, action: Action, tells: bool) -> None:
    receiver.add("anna")
    undo = next(one for one, undone in UNDOES.items() if undone == action)

    with _connected(receiver, tells=tells) as connector:
        acts = [connector.act("anna", action, key="1"), connector.act("anna", undo, key="2")]
        state = connector.state("anna")

    assert acts == [Act("anna", action, "done"), Act("anna", undo, "done")]
    assert (receiver.effective, any(receiver.standing["anna"].values())) == ({"1": 1, "2": 1}, False)
    assert state == AccountState("anna", suspended=False, deactivated=False, admin=False)


def test_what_is_sent_is_as_documented(receiver: Receiver) -> None:
    receiver.add("anna")
    with _connected(receiver, tells=False) as connector:
        connector.act("anna", "limit", key="store-7")

    sent = receiver.sent[0]
    at = datetime.strptime(sent.pop("at"), "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    assert abs((_now() - at).total_seconds()) < 60
    assert sent == {
        "type": "act", "version": 1, "key": "store-7", "platform": "sim", "account": "anna", "action": "limit",
    }  # fmt: skip
    assert (receiver.headers[0]["idempotency-key"], receiver.headers[0]["webhook-id"]) == ("store-7", "store-7")


@pytest.mark.parametrize("tells", [False, True])
@pytest.mark.parametrize(
    "faults",
    [
        [Fault(429, retry_after="0")], [Fault(500)], [Fault(503), Fault(502)], [Fault(silent=True)],
        [LOST], [SILENT], [Fault(500, "after")], [LOST, SILENT], [LOST, Fault(429, "after")],
    ],
)  # fmt: skip
def test_an_act_takes_effect_once_whatever_happens_to_the_first_attempts(
    receiver: Receiver, faults: list[Fault], tells: bool
) -> None:
    receiver.add("anna")
    receiver.faults = list(faults)

    with _connected(receiver, tells=tells) as connector:
        act = connector.act("anna", "suspend", key="1")

    assert act == Act("anna", "suspend", "done")
    assert (receiver.effective, receiver.standing["anna"]["suspended"]) == ({"1": 1}, True)
    assert len(receiver.sent) == len(faults) + 1


@pytest.mark.parametrize("fault", [LOST, SILENT, Fault(500, "after"), Fault(302, "after")])
def test_an_act_whose_every_reply_is_lost_is_done_where_the_platform_tells_so(receiver: Receiver, fault: Fault) -> None:
    receiver.add("anna")
    receiver.faults = [fault] * 3

    with _connected(receiver, tells=True) as connector:
        act = connector.act("anna", "suspend", key="1")

    assert (act, receiver.effective) == (Act("anna", "suspend", "done"), {"1": 1})


def test_an_act_whose_every_reply_is_lost_has_failed_where_nobody_tells_and_tried_again_is_no_second_one(
    receiver: Receiver,
) -> None:
    receiver.add("anna")
    receiver.faults = [LOST] * 3

    with _connected(receiver, tells=False) as connector:
        acts = [connector.act("anna", "suspend", key="1") for _ in range(2)]

    assert [act.outcome for act in acts] == ["failed", "already"]
    assert receiver.effective == {"1": 1}
    assert (connector.deliveries, connector.effective, connector.repeats) == (1, 0, 1)


@pytest.mark.parametrize("status", [200, 409])
@pytest.mark.parametrize("tells", [False, True])
def test_a_delivery_that_the_receiver_had_before_is_a_repeat(receiver: Receiver, status: int, tells: bool) -> None:
    receiver.add("anna")
    receiver.repeat_status = status

    with _connected(receiver, tells=tells) as first:
        acts = [first.act("anna", "suspend", key="1")]
    with _connected(receiver, tells=tells) as second:
        acts.append(second.act("anna", "suspend", key="1"))

    assert [act.outcome for act in acts] == ["done", "already"]
    assert (receiver.effective, first.counted) == ({"1": 1}, "1 delivered: 1 effective, 0 no news, 0 unsaid")
    assert second.repeats == (0 if tells else 1)


def test_a_conflict_that_says_nothing_is_no_delivery(receiver: Receiver) -> None:
    receiver.add("anna")
    receiver.faults = [Fault(409)]

    with _connected(receiver, tells=False) as connector:
        act = connector.act("anna", "suspend", key="1")

    assert (act.outcome, connector.deliveries) == ("failed", 0)
    assert act.detail.startswith("the receiver did not take the act over (HTTP 409")


def test_a_receiver_that_does_not_say_whether_it_was_news_has_taken_the_act_over(receiver: Receiver) -> None:
    receiver.add("anna")
    receiver.mute = True

    with _connected(receiver, tells=False) as connector:
        act = connector.act("anna", "suspend", key="1")

    assert (act.outcome, connector.counted) == ("done", "1 delivered: 0 effective, 0 no news, 1 unsaid")


def test_an_undoing_is_delivered_by_a_process_that_delivered_nothing_else(receiver: Receiver) -> None:
    receiver.add("anna", suspended=True)

    with _connected(receiver, tells=False) as connector:
        with pytest.raises(JobError, match="nothing was delivered about this one"):
            connector.state("anna")
        act = connector.act("anna", "reinstate")

    assert (act.outcome, receiver.standing["anna"]["suspended"]) == ("done", False)


def test_each_call_without_a_key_has_one_of_its_own(receiver: Receiver) -> None:
    users = [receiver.add(name) for name in ("anna", "bo", "cem")]
    receiver.faults_of["bo"] = [LOST]

    with _connected(receiver, tells=False) as connector:
        batch = carry_out(connector, users, "suspend")

    assert (batch.complete, set(receiver.effective.values()), len(receiver.effective)) == (True, {1}, 3)


@pytest.mark.parametrize("status", [302, 400, 401, 404, 410, 422])
def test_an_act_that_the_receiver_does_not_take_over_has_failed_and_is_not_repeated(
    receiver: Receiver, status: int
) -> None:
    receiver.add("anna")
    receiver.faults = [Fault(status)]

    with _connected(receiver, tells=False) as connector:
        act = connector.act("anna", "suspend", key="1")

    assert (act.outcome, len(receiver.sent), receiver.effective) == ("failed", 1, {})


def test_a_platform_that_says_done_and_tells_otherwise_has_not_done_it(receiver: Receiver) -> None:
    receiver.add("anna")
    receiver.lie = True

    with _connected(receiver, tells=True) as connector:
        act = connector.act("anna", "suspend", key="1")

    assert act == Act("anna", "suspend", "failed", "the account stands as before (HTTP 200)")


def test_nothing_is_sent_where_the_account_stands_so_is_removed_or_is_not_there(receiver: Receiver) -> None:
    receiver.add("anna", suspended=True)
    receiver.add("gone", removed=True)
    with _connected(receiver, tells=True) as connector:
        acts = [connector.act(name, "suspend") for name in ("anna", "gone", "nobody")]
        with pytest.raises(NotFoundError):
            connector.state("nobody")

    assert [act.outcome for act in acts] == ["already", "failed", "failed"]
    assert receiver.sent == []


def test_nothing_is_sent_where_the_platform_does_not_tell_how_the_account_stands(receiver: Receiver) -> None:
    receiver.standing["anna"] = {"suspended": False}

    with _connected(receiver, tells=True) as connector:
        act = connector.act("anna", "suspend")

    assert (act.outcome, receiver.sent) == ("failed", [])
    assert act.detail.startswith("the platform does not tell how the account stands")


def test_a_platform_that_cannot_be_asked_after_an_act_leaves_it_to_be_tried_again(receiver: Receiver) -> None:
    receiver.add("anna")
    with _connected(receiver, tells=True) as connector:
        receiver.faults = [LOST] * 3
        act = connector.act("anna", "suspend", key="1")
        receiver.faults_of["state of anna"] = [Fault(500)] * 3
        unsaid = connector.act("anna", "limit", key="2")
        again = connector.act("anna", "limit", key="2")

    assert [act.outcome, unsaid.outcome, again.outcome] == ["done", "failed", "done"]
    assert receiver.effective == {"1": 1, "2": 1}


def test_a_secret_that_is_another_is_told(receiver: Receiver) -> None:
    receiver.add("anna")
    with SignedPost(f"{receiver.url}/acts", WebhookSecret("whsec_" + "QkJC" * 16), _now) as post:
        act = WebhookConnector(post, "sim", _now).act("anna", "suspend")

    assert (act.outcome, "not signed with the secret" in act.detail, receiver.sent) == ("failed", True, [])


def test_a_key_that_cannot_be_signed_is_bad_usage(receiver: Receiver) -> None:
    with _connected(receiver, tells=False) as connector, pytest.raises(UsageError, match="key"):
        connector.act("anna", "suspend", key="1.2")


def test_what_done_means_is_said(receiver: Receiver) -> None:
    with _connected(receiver, tells=False) as deaf, _connected(receiver, tells=True) as told:
        words = (deaf.capabilities.horizon, told.capabilities.horizon)

    assert ("done means delivered" in words[0], "done means that the platform was asked" in words[1]) == (True, True)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with open_store(f"sqlite:///{tmp_path / 'store.sqlite'}") as store:
        yield founded(store, tmp_path)


def _run(office: Office, connector: Connector, decision: int) -> tuple[int, int, int]:
    progress = Execution(office.casework, connector, "sim", sleep=lambda pause_s: None).run(decision, "dia", batch=7)
    return progress.done, progress.already, progress.failed


@pytest.mark.parametrize("tells", [False, True])
def test_a_batch_that_ends_half_applied_is_gone_on_with_and_each_act_takes_effect_once(
    receiver: Receiver, office: Office, tmp_path: Path, tells: bool
) -> None:
    decision = _approved(office, tmp_path, count=12)
    names = [receiver.add(name) for name in accounts(12)]
    for name in names[::3]:
        receiver.faults_of[name] = [LOST] * 9  # whatever is tried in this run, no answer comes
    receiver.faults_of[names[1]] = [Fault(500)] * 9

    with _connected(receiver, tells=tells) as connector:
        first = _run(office, connector, decision.decision_id)
        waiting = unfinished(office.casework, "dia")
    with _connected(receiver, tells=tells) as connector:
        second = _run(office, connector, decision.decision_id)

    assert (first, second[::2]) == ((11, 0, 1) if tells else (7, 0, 5), (12, 0))
    assert len(waiting) == first[2]
    assert (set(receiver.effective.values()), len(receiver.effective)) == ({1}, 12)
    assert all(receiver.standing[name]["suspended"] for name in names)


@pytest.mark.parametrize("tells", [False, True])
def test_a_reversal_takes_back_what_a_lost_reply_hid_and_leaves_what_stood_before(
    receiver: Receiver, office: Office, tmp_path: Path, tells: bool
) -> None:
    decision = _approved(office, tmp_path, count=12)
    names = [receiver.add(name) for name in accounts(12)]
    receiver.standing[names[0]]["suspended"] = True
    receiver.faults_of[names[1]] = [LOST] * 2
    receiver.faults_of[names[2]] = [SILENT] * 4

    with _connected(receiver, tells=tells) as connector:
        done = _run(office, connector, decision.decision_id)
        reversal = office.decisions.propose_reversal(decision.decision_id, "It was a fandom.", office.keys["dia"])
        _answered(office, reversal)
        undone = _run(office, connector, reversal.decision_id)

    assert (done, undone) == ((12, 1, 0), (11, 0, 0))
    assert [name for name in names if receiver.standing[name]["suspended"]] == [names[0]]
