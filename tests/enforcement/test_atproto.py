"""The connectors to a PDS and to Ozone do what they are asked once, and say what they could not do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

import pytest

from samehand.enforcement import Act, AtprotoConnector, Connector, OzoneConnector, OzoneSession, carry_out
from samehand.errors import InputError, JobError, NotFoundError
from samehand.sources import atproto_api
from tests.fake_pds import (
    EMIT,
    MODERATOR,
    MODERATOR_PASSWORD,
    OZONE,
    PASSWORD,
    STATUS,
    STATUSES,
    UPDATE,
    FakePds,
    fake_pds,
)
from tests.fake_server import LOST, json_fault

Joined = Callable[[FakePds], AbstractContextManager[Connector]]


@pytest.fixture
def fake() -> Iterator[FakePds]:
    with fake_pds() as server:
        yield server


@contextmanager
def _pds(fake: FakePds) -> Iterator[Connector]:
    with atproto_api(fake.url, PASSWORD) as api:
        api._sleep = lambda pause_s: None
        yield AtprotoConnector(api)


@contextmanager
def _ozone(fake: FakePds) -> Iterator[Connector]:
    with OzoneSession(fake.url, MODERATOR, MODERATOR_PASSWORD, OZONE, sleep=lambda pause_s: None) as session:
        yield OzoneConnector(session)


@dataclass(frozen=True)
class Way:
    """One of the two ways to an account, and where acts and questions go on it."""

    joined: Joined
    act: str
    state: str


WAYS = [pytest.param(Way(_pds, UPDATE, STATUS), id="pds"), pytest.param(Way(_ozone, EMIT, STATUSES), id="ozone")]
both_ways = pytest.mark.parametrize("way", WAYS)


@both_ways
def test_an_account_is_taken_down_and_reinstated(fake: FakePds, way: Way) -> None:
    anna = fake.add("anna")

    with way.joined(fake) as connector:
        acts = [connector.act(anna, "suspend", key="k1")]
        held = connector.state(anna)
        acts.append(connector.act(anna, "reinstate", key="k2"))
        free = connector.state(anna)

    assert acts == [Act(anna, "suspend", "done"), Act(anna, "reinstate", "done")]
    assert (held.suspended, free.suspended) == (True, False)
    assert [path for path, _ in fake.sent if path == way.act] == [way.act] * 2


@both_ways
def test_what_is_done_already_is_not_sent_again(fake: FakePds, way: Way) -> None:
    anna, bob = fake.add("anna"), fake.add("bob")
    fake.takedowns[anna], fake.ozone[anna] = "somebody else's", True

    with way.joined(fake) as connector:
        acts = [connector.act(anna, "suspend", key="k1"), connector.act(bob, "reinstate", key="k2")]

    assert acts == [Act(anna, "suspend", "already"), Act(bob, "reinstate", "already")]
    assert way.act not in [path for path, _ in fake.sent]


@both_ways
@pytest.mark.parametrize("account", ["anna", "@anna:fake.test", "did:plc:anna&did=x", "did:plc:", ""])
def test_what_is_no_did_is_refused_and_nothing_is_sent(fake: FakePds, way: Way, account: str) -> None:
    with way.joined(fake) as connector:
        act = connector.act(account, "suspend")
        with pytest.raises(InputError, match="it is no DID"):
            connector.state(account)

    assert (act.outcome, act.detail.split(";")[0]) == ("failed", "it is no DID")
    assert way.act not in [path for path, _ in fake.sent]


@both_ways
def test_an_account_that_nobody_knows_is_a_failed_act(fake: FakePds, way: Way) -> None:
    with way.joined(fake) as connector:
        act = connector.act("did:plc:nobody", "suspend")
        with pytest.raises(NotFoundError):
            connector.state("did:plc:nobody")

    assert (act.outcome, "no such account (HTTP 400" in act.detail) == ("failed", True)


@both_ways
def test_an_act_is_tried_again_while_the_server_is_busy(fake: FakePds, way: Way) -> None:
    anna = fake.add("anna")
    fake.faults[way.act] = [json_fault(429, Retry_After="1"), json_fault(500), json_fault(502)]

    with way.joined(fake) as connector:
        assert connector.act(anna, "suspend", key="k1") == Act(anna, "suspend", "done")


@both_ways
@pytest.mark.parametrize("lost", [1, 5])
def test_an_act_of_which_the_reply_was_lost_is_done_once(fake: FakePds, way: Way, lost: int) -> None:
    """Five are as often as it is tried: then nothing was ever answered."""
    anna = fake.add("anna")
    fake.faults[way.act] = [LOST] * lost

    with way.joined(fake) as connector:
        assert connector.act(anna, "suspend", key="k1") == Act(anna, "suspend", "done")
        assert connector.state(anna).suspended
    assert len(fake.events) == (1 if way.act == EMIT else 0)


@both_ways
def test_an_act_that_goes_on_failing_is_told(fake: FakePds, way: Way) -> None:
    anna = fake.add("anna")
    fake.takedowns[anna], fake.ozone[anna] = "k1", True
    fake.faults[way.act] = [json_fault(500, {"error": "InternalServerError", "message": "Internal Server Error"})] * 5

    with way.joined(fake) as connector:
        batch = carry_out(connector, [anna], "reinstate")

    detail = "the account stands as before (HTTP 500 InternalServerError Internal Server Error)"
    assert batch.acts == (Act(anna, "reinstate", "failed", detail),)


@both_ways
@pytest.mark.parametrize("fault", [(200, {}, b"<html>"), json_fault(200, {"takedown": {"applied": "no"}})])
def test_nothing_is_sent_where_the_state_is_not_known(
    fake: FakePds, way: Way, fault: tuple[int, dict[str, str], bytes]
) -> None:
    anna = fake.add("anna")

    with way.joined(fake) as connector:
        fake.faults[way.state] = [fault, fault]
        act = connector.act(anna, "suspend")
        with pytest.raises(JobError, match="does not tell how the account stands"):
            connector.state(anna)

    assert act.outcome == "failed"
    assert way.act not in [path for path, _ in fake.sent]


@both_ways
def test_what_it_has_no_way_to_do_is_told(fake: FakePds, way: Way) -> None:
    anna = fake.add("anna")

    with way.joined(fake) as connector:
        assert connector.act(anna, "limit").detail == f"{connector.capabilities.platform} has no way to limit"
        assert connector.capabilities.horizon_days is None
        assert "nothing is lost" in connector.capabilities.horizon


def test_a_takedown_bears_the_key_of_the_act_and_a_repeat_is_known_by_it(fake: FakePds) -> None:
    """A crash came between the act and its record: the act is done, and it was not done by somebody else before."""
    anna = fake.add("anna")

    with _pds(fake) as connector:
        acts = [connector.act(anna, "suspend", key=key) for key in ("k1", "k1", "k2")]

    assert [act.outcome for act in acts] == ["done", "done", "already"]
    subject = {"$type": "com.atproto.admin.defs#repoRef", "did": anna}
    assert fake.sent == [(UPDATE, {"subject": subject, "takedown": {"applied": True, "ref": "k1"}})]


def test_an_account_that_its_owner_has_deactivated_can_be_taken_down(fake: FakePds) -> None:
    anna = fake.add("anna")
    fake.deactivated.add(anna)

    with _pds(fake) as connector:
        assert connector.act(anna, "suspend", key="k1").outcome == "done"


@pytest.mark.parametrize("password", ["wrong", f"{PASSWORD}."])
def test_a_wrong_admin_password_makes_no_connector(fake: FakePds, password: str) -> None:
    with atproto_api(fake.url, password) as api, pytest.raises(InputError, match="does not know the admin password"):
        AtprotoConnector(api)


def test_another_server_makes_no_connector(fake: FakePds) -> None:
    fake.faults["/xrpc/com.atproto.server.describeServer"] = [(200, {}, b"<html>welcome</html>")]

    with pytest.raises(InputError, match="does not answer as a PDS does"), _pds(fake):
        pass


def test_an_event_of_ozone_says_who_did_it_and_for_which_act(fake: FakePds) -> None:
    anna = fake.add("anna")

    with _ozone(fake) as connector:
        connector.act(anna, "suspend", key="k1")

    (event,) = fake.events
    assert event["event"]["$type"] == "tools.ozone.moderation.defs#modEventTakedown"
    assert event["subject"] == {"$type": "com.atproto.admin.defs#repoRef", "did": anna}
    assert event["modTool"] == {"name": "samehand", "meta": {"batchId": "k1"}}
    assert (event["createdBy"], event["externalId"]) == (fake.moderator, "k1")


def test_a_login_that_has_ended_is_made_anew(fake: FakePds) -> None:
    anna = fake.add("anna")

    with _ozone(fake) as connector:
        fake.logins += 1  # the token of before is of no use now
        assert connector.act(anna, "suspend", key="k1").outcome == "done"
    assert fake.logins == 3


def test_a_wrong_moderator_password_makes_no_session(fake: FakePds) -> None:
    with pytest.raises(InputError, match=r"does not let the moderator in \(HTTP 401 AuthenticationRequired"):
        OzoneSession(fake.url, MODERATOR, "wrong", OZONE)


@pytest.mark.parametrize("ozone", ["did:plc:other", "ozone.test"])
def test_a_wrong_moderation_service_makes_no_connector(fake: FakePds, ozone: str) -> None:
    with (
        pytest.raises(InputError, match="SAMEHAND_OZONE_DID"),
        OzoneSession(fake.url, MODERATOR, MODERATOR_PASSWORD, ozone) as session,
    ):
        OzoneConnector(session)


def test_the_moderators_own_account_is_refused(fake: FakePds) -> None:
    fake.add("mod")

    with _ozone(fake) as connector:
        act = connector.act(fake.moderator, "suspend")

    assert act.detail == "refused: it is the moderator's own account, or the moderation service's"
    assert fake.events == []
