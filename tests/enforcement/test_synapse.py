"""The connector to Synapse does what it is asked once, and says what it could not do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from samehand.enforcement import Act, Batch, Connector, SynapseConnector, carry_out
from samehand.errors import InputError, JobError, NotFoundError
from samehand.sources import PlatformApi
from tests.fake_synapse import ADMIN, TOKEN, FakeSynapse, fake_synapse, json_fault

SUSPEND = "/_synapse/admin/v1/suspend/"
STATE = "/_synapse/admin/v2/users/"


@pytest.fixture
def fake() -> Iterator[FakeSynapse]:
    with fake_synapse() as server:
        yield server


@contextmanager
def _connected(fake: FakeSynapse) -> Iterator[Connector]:
    with PlatformApi(fake.url, TOKEN, sleep=lambda pause_s: None) as api:
        yield SynapseConnector(api)


def test_an_account_is_suspended_and_reinstated(fake: FakeSynapse) -> None:
    anna = fake.add("anna")

    with _connected(fake) as connector:
        acts = [connector.act(anna, "suspend"), connector.act(anna, "reinstate")]
        state = connector.state(anna)

    assert acts == [Act(anna, "suspend", "done"), Act(anna, "reinstate", "done")]
    assert fake.sent == [(SUSPEND + anna, {"suspend": True}), (SUSPEND + anna, {"suspend": False})]
    assert not state.suspended


def test_what_is_done_already_is_not_sent_again(fake: FakeSynapse) -> None:
    anna, bo = fake.add("anna", suspended=True), fake.add("bo")

    with _connected(fake) as connector:
        acts = [connector.act(anna, "suspend"), connector.act(bo, "reinstate")]

    assert acts == [Act(anna, "suspend", "already"), Act(bo, "reinstate", "already")]
    assert fake.sent == []


def test_admins_and_the_tokens_own_user_are_refused(fake: FakeSynapse) -> None:
    other = fake.add("other", admin=True)
    fake.users[ADMIN]["suspended"] = True

    with _connected(fake) as connector:
        acts = [
            act for user in (ADMIN, other) for act in (connector.act(user, "suspend"), connector.act(user, "reinstate"))
        ]

    assert {act.outcome for act in acts} == {"failed"}
    assert [act.detail for act in acts[::2]] == [
        "refused: it is the user whose token is used",
        "refused: it is an admin of the server",
    ]
    assert fake.sent == []


def test_a_deactivated_account_is_refused(fake: FakeSynapse) -> None:
    gone = fake.add("gone", deactivated=True)

    with _connected(fake) as connector:
        act = connector.act(gone, "reinstate")

    assert (act.outcome, act.detail.split(",")[0]) == ("failed", "refused: it is deactivated")


@pytest.mark.parametrize(
    ("account", "told"),
    [
        ("@nobody:fake.test", "the server has no such user (HTTP 404 M_NOT_FOUND User not found)"),
        ("anna", "it is no Matrix user id"),
        ("../../suspend/@anna:fake.test", "it is no Matrix user id"),
    ],
)
def test_who_is_no_user_of_the_server_is_a_failed_act(fake: FakeSynapse, account: str, told: str) -> None:
    with _connected(fake) as connector:
        act = connector.act(account, "suspend")
        with pytest.raises(InputError):
            connector.state(account)

    assert (act.outcome, act.detail.startswith(told)) == ("failed", True)


def test_a_reversal_that_fails_is_told(fake: FakeSynapse) -> None:
    anna = fake.add("anna", suspended=True)
    fake.faults[SUSPEND + anna] = [json_fault(500, {"errcode": "M_UNKNOWN", "error": "Internal server error"})] * 5

    with _connected(fake) as connector:
        batch = carry_out(connector, [anna], "reinstate")

    detail = "the account stands as before (HTTP 500 M_UNKNOWN Internal server error)"
    assert batch == Batch((Act(anna, "reinstate", "failed", detail),), ())
    assert not batch.complete
    assert fake.users[anna]["suspended"]


def test_an_act_is_tried_again_while_the_server_is_busy(fake: FakeSynapse) -> None:
    anna = fake.add("anna")
    fake.faults[SUSPEND + anna] = [json_fault(429, Retry_After="1"), json_fault(502)]

    with _connected(fake) as connector:
        assert connector.act(anna, "suspend") == Act(anna, "suspend", "done")


def test_an_act_whose_reply_was_lost_is_done_when_the_server_says_that_the_user_stands_so(fake: FakeSynapse) -> None:
    anna = fake.add("anna", suspended=True)
    fake.faults[STATE + anna] = [json_fault(200, {"suspended": False, "admin": False})]
    fake.faults[SUSPEND + anna] = [json_fault(500)] * 5

    with _connected(fake) as connector:
        assert connector.act(anna, "suspend") == Act(anna, "suspend", "done")


@pytest.mark.parametrize("body", [{}, {"user_@anna:fake.test_suspended": False}])
def test_an_act_that_the_server_does_not_confirm_has_failed(fake: FakeSynapse, body: dict[str, bool]) -> None:
    anna = fake.add("anna")
    fake.faults[SUSPEND + anna] = [json_fault(200, body)]

    with _connected(fake) as connector:
        assert connector.act(anna, "suspend").outcome == "failed"


@pytest.mark.parametrize("fault", [(200, {}, b"<html>"), json_fault(200, {"suspended": "no", "admin": False})])
def test_nothing_is_sent_where_the_state_is_not_known(
    fake: FakeSynapse, fault: tuple[int, dict[str, str], bytes]
) -> None:
    anna = fake.add("anna")
    fake.faults[STATE + anna] = [fault, fault]

    with _connected(fake) as connector:
        act = connector.act(anna, "suspend")
        with pytest.raises(JobError, match="does not tell how the user stands"):
            connector.state(anna)

    assert (act.outcome, fake.sent) == ("failed", [])


def test_a_server_that_goes_away_leaves_failed_acts_behind(fake: FakeSynapse) -> None:
    anna = fake.add("anna")
    with PlatformApi(fake.url, TOKEN, sleep=lambda pause_s: None) as api:
        connector = SynapseConnector(api)
        api.url = "http://127.0.0.1:1"

        act = connector.act(anna, "suspend")

    assert (act.outcome, act.detail.split(" (")[0]) == ("failed", "http://127.0.0.1:1 cannot be reached")


def test_a_token_that_is_no_admins_makes_no_connector(fake: FakeSynapse) -> None:
    fake.users[ADMIN]["admin"] = False

    with pytest.raises(InputError, match="not as an admin's"), _connected(fake):
        pass


def test_a_thrown_switch_leaves_the_rest_as_it_is(fake: FakeSynapse) -> None:
    users = [fake.add(f"user{number}") for number in range(5)]
    told: list[Act] = []

    with _connected(fake) as connector:
        batch = carry_out(connector, users, "suspend", stopped=lambda: len(told) == 2, told=told.append)

    assert (batch.acts, batch.left, batch.complete) == (tuple(told), tuple(users[2:]), False)
    assert [fake.users[user]["suspended"] for user in users] == [True, True, False, False, False]


def test_one_failure_does_not_keep_others_from_being_acted_on(fake: FakeSynapse) -> None:
    users = [fake.add("anna"), "@nobody:fake.test", fake.add("bo"), "@anna:fake.test"]

    with _connected(fake) as connector:
        batch = carry_out(connector, users, "suspend")

    assert [act.outcome for act in batch.acts] == ["done", "failed", "done"]
    assert [act.account for act in batch.with_outcome("failed")] == ["@nobody:fake.test"]


def test_a_user_that_is_not_there_is_not_found(fake: FakeSynapse) -> None:
    with _connected(fake) as connector, pytest.raises(NotFoundError):
        connector.state("@nobody:fake.test")
