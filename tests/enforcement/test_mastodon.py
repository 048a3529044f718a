"""The connector to Mastodon does what it is asked once, and says what it could not do.

The server here answers as Mastodon's documentation says; none of Mastodon's own was at hand.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from samehand.enforcement import Act, Connector, Execution, MastodonConnector, carry_out
from samehand.enforcement.connector import Action
from samehand.enforcement.mastodon import SuspendBy
from samehand.errors import InputError, JobError, MissingExtraError, NotFoundError, UsageError
from samehand.sources import Patience
from samehand.store import open_store
from tests.casework.scenes import Office, accounts, founded
from tests.enforcement.test_execution import _answered, _approved
from tests.fake_mastodon import MODERATOR, OWN, TOKEN, FakeMastodon, Fault, fake_mastodon

QUICK = Patience(timeout_s=0.5, attempts=3, first_wait_s=0.01, longest_wait_s=330)
LOST = Fault(done=True)
SILENT = Fault(done=True, silent=True)
FAILED = Fault(500, body={"error": "We're sorry, but something went wrong"})
VERIFY = "/api/v1/accounts/verify_credentials"


@pytest.fixture
def fake() -> Iterator[FakeMastodon]:
    with fake_mastodon() as server:
        yield server


@contextmanager
def _connected(
    fake: FakeMastodon, by: SuspendBy = "disable", waits: list[float] | None = None
) -> Iterator[MastodonConnector]:
    waited = [] if waits is None else waits
    connector = MastodonConnector(fake.url, TOKEN, suspend_by=by, patience=QUICK, sleep=waited.append)
    try:
        yield connector
    finally:
        connector.close()


def _path(account: str, verb: str = "") -> str:
    return f"/api/v1/admin/accounts/{account}" + (f"/{verb}" if verb else "")


PAIRS: list[tuple[SuspendBy, Action, Action, str, str]] = [
    ("disable", "suspend", "reinstate", "disable", "enable"),
    ("suspend", "suspend", "reinstate", "suspend", "unsuspend"),
    ("disable", "limit", "unlimit", "silence", "unsilence"),
    ("suspend", "limit", "unlimit", "silence", "unsilence"),
]


@pytest.mark.parametrize(("by", "action", "undo", "done", "undone"), PAIRS)
def test_an_account_is_acted_on_and_as_before_once_it_is_undone(
    fake: FakeMastodon, by: SuspendBy, action: Action, undo: Action, done: str, undone: str
) -> None:
    anna = fake.add("anna")
    before = dict(fake.accounts[anna])

    with _connected(fake, by) as connector:
        acts = [connector.act(anna, one) for one in (action, action, undo, undo)]

    assert acts == [
        Act(anna, action, "done"), Act(anna, action, "already"), Act(anna, undo, "done"), Act(anna, undo, "already"),
    ]  # fmt: skip
    assert fake.strikes == [(anna, done), (anna, undone)]
    assert fake.accounts[anna] == before
    assert {agent.partition("/")[0] for agent in fake.agents} == {"samehand"}


@pytest.mark.parametrize("by", ["disable", "suspend"])
@pytest.mark.parametrize(
    "role",
    [MODERATOR, MODERATOR | {"permissions": "1"}, MODERATOR | {"permissions": None}, {}, "admin", "moderator", 7],
)
def test_staff_are_refused_and_whoever_may_be(fake: FakeMastodon, role: Any, by: SuspendBy) -> None:
    other = fake.add("other", role=role)

    with _connected(fake, by) as connector:
        acts = [connector.act(other, action) for action in ("suspend", "limit", "reinstate")]

    assert {(act.outcome, act.detail) for act in acts} == {("failed", "refused: it is of the server's staff")}
    assert fake.strikes == []


def test_the_tokens_own_account_is_refused(fake: FakeMastodon) -> None:
    with _connected(fake) as connector:
        act = connector.act(OWN, "limit")

    assert (act.outcome, act.detail) == ("failed", "refused: it is the account whose token is used")


def test_a_role_of_the_old_words_that_is_no_staff_is_acted_on(fake: FakeMastodon) -> None:
    anna = fake.add("anna", role="user")
    fake.accounts[anna]["role"] = "user"

    with _connected(fake) as connector:
        assert not connector.state(anna).admin


def test_an_account_of_another_server_is_limited_or_suspended_and_never_disabled(fake: FakeMastodon) -> None:
    far = fake.add("far", domain="far.test", role=None, email=None)

    with _connected(fake) as connector:
        acts = [connector.act(far, "suspend"), connector.act(far, "reinstate"), connector.act(far, "limit")]
    with _connected(fake, "suspend") as connector:
        acts.append(connector.act(far, "suspend"))

    assert [act.outcome for act in acts] == ["failed", "failed", "done", "done"]
    assert acts[0].detail.startswith("refused: it is of another server")
    assert fake.strikes == [(far, "silence"), (far, "suspend")]


def test_what_others_suspended_counts_as_suspended_and_is_not_undone_by_enabling(fake: FakeMastodon) -> None:
    anna = fake.add("anna", suspended=True)

    with _connected(fake) as connector:
        acts = [connector.act(anna, "suspend"), connector.act(anna, "reinstate")]

    assert [act.outcome for act in acts] == ["already", "failed"]
    assert acts[1].detail.startswith("refused: it is suspended on the server, by others")
    assert fake.strikes == []


def test_who_is_only_disabled_is_suspended_where_that_is_mastodons_own(fake: FakeMastodon) -> None:
    anna = fake.add("anna", disabled=True)

    with _connected(fake, "suspend") as connector:
        acts = [connector.act(anna, "suspend"), connector.act(anna, "reinstate")]

    assert [act.outcome for act in acts] == ["done", "done"]
    assert (fake.accounts[anna]["disabled"], fake.accounts[anna]["suspended"]) == (True, False)


@pytest.mark.parametrize("action", ["challenge", "unchallenge", "remove"])
def test_what_mastodon_has_no_way_to_do_is_not_done(fake: FakeMastodon, action: Action) -> None:
    anna = fake.add("anna")
    with _connected(fake) as connector:
        act = connector.act(anna, action)

    assert (act.outcome, act.detail) == ("failed", f"Mastodon has no way to {action}")


@pytest.mark.parametrize("account", ["", "anna", "0101", "-1", "1/action", "../1", "٣", "@anna@fake.test", "1" * 20])
def test_what_is_no_number_is_no_account(fake: FakeMastodon, account: str) -> None:
    with _connected(fake) as connector:
        act = connector.act(account, "limit")
        with pytest.raises(InputError, match="which is a number"):
            connector.state(account)

    assert act.outcome == "failed"


def test_an_account_that_is_not_there_is_not_found(fake: FakeMastodon) -> None:
    with _connected(fake) as connector:
        act = connector.act("999", "limit")
        with pytest.raises(NotFoundError):
            connector.state("999")

    assert act == Act("999", "limit", "failed", "the server has no such account")


@pytest.mark.parametrize("by", ["disable", "suspend"])
@pytest.mark.parametrize(
    "faults",
    [[LOST], [SILENT], [Fault(500, done=True)], [Fault(200, done=True, body=b"<html>")], [Fault(302, done=True)],
     [Fault(500)], [Fault(502), Fault(503)], [Fault()], [Fault(silent=True)], [Fault(429)], [Fault(429), LOST]],
)  # fmt: skip
def test_an_act_takes_effect_once_whatever_happens_to_its_replies(
    fake: FakeMastodon, faults: list[Fault], by: SuspendBy
) -> None:
    anna = fake.add("anna")
    fake.faults[_path(anna, "action")] = list(faults)

    with _connected(fake, by) as connector:
        act = connector.act(anna, "suspend")

    assert (act, fake.strikes) == (Act(anna, "suspend", "done"), [(anna, by)])


def test_limits_are_waited_for_as_long_as_the_server_asks(fake: FakeMastodon) -> None:
    anna = fake.add("anna")
    reset = (datetime.now(UTC) + timedelta(seconds=200)).isoformat()
    fake.faults[_path(anna)] = [Fault(429, headers={"Retry-After": "7"}), Fault(429)]
    fake.faults[_path(anna, "action")] = [Fault(429, headers={"X-RateLimit-Reset": reset})]
    waits: list[float] = []

    with _connected(fake, waits=waits) as connector:
        act = connector.act(anna, "limit")

    assert act.outcome == "done"
    assert waits[:2] == [7.0, 0.02]
    assert 150 < waits[2] < 203


def test_limits_are_not_waited_for_without_an_end(fake: FakeMastodon) -> None:
    anna, bo = fake.add("anna"), fake.add("bo")
    fake.faults[_path(anna)] = [Fault(429)] * 3
    fake.faults[_path(bo)] = [Fault(429, headers={"Retry-After": "86400"})]
    waits: list[float] = []

    with _connected(fake, waits=waits) as connector:
        batch = carry_out(connector, [anna, bo], "limit")

    assert [act.outcome for act in batch.acts] == ["failed", "failed"]
    assert batch.acts[1].detail == "the server allows no more requests for 86,400 s"
    assert waits == [0.01, 0.02]


@pytest.mark.parametrize(
    ("fault", "tries", "told"),
    [
        (FAILED, 3, "the server failed (HTTP 500 We're sorry, but something went wrong)"),
        (Fault(403, body={"error": "This action is not allowed"}), 1, "HTTP 403 This action is not allowed"),
        (Fault(200), 1, "the server took it"),
        (Fault(302, headers={"Location": "/api/v1/accounts/verify_credentials"}), 3, "leads elsewhere"),
    ],
)
def test_an_act_that_does_not_take_effect_has_failed_and_says_why(
    fake: FakeMastodon, fault: Fault, tries: int, told: str
) -> None:
    anna = fake.add("anna")
    fake.faults[_path(anna, "action")] = [fault] * 3

    with _connected(fake) as connector:
        act = connector.act(anna, "limit")

    assert (act.outcome, fake.asked.count(_path(anna, "action"))) == ("failed", tries)
    assert act.detail.startswith("the account stands as before (")
    assert told in act.detail


@pytest.mark.parametrize(
    "wrong",
    [{"suspended": "no"}, {"disabled": None}, {"role": ...}, {"domain": ...}, {"id": "77"}, {"silenced": 0}],
)
def test_nothing_is_sent_where_the_state_is_not_told_in_full(fake: FakeMastodon, wrong: dict[str, Any]) -> None:
    anna = fake.add("anna")
    told = {name: value for name, value in (fake.accounts[anna] | wrong).items() if value is not ...}
    fake.faults[_path(anna)] = [Fault(200, body=told)] * 2

    with _connected(fake) as connector:
        act = connector.act(anna, "suspend")
        with pytest.raises(JobError, match="does not tell how the account stands"):
            connector.state(anna)

    assert (act.outcome, fake.strikes) == ("failed", [])


def test_an_act_after_which_the_account_cannot_be_read_is_no_done(fake: FakeMastodon) -> None:
    anna = fake.add("anna")
    with _connected(fake) as connector:
        fake.faults[_path(anna, "action")] = [LOST]
        connector.state(anna)
        original, reads = connector.state, iter([False])

        def blind(account: str) -> Any:
            if next(reads, True):
                return original(account)
            raise JobError("the server failed (HTTP 500)")

        connector.state = blind  # type: ignore[method-assign]
        acts = [connector.act(anna, "suspend"), connector.act(anna, "suspend")]

    assert [act.outcome for act in acts] == ["failed", "already"]
    assert fake.strikes == [(anna, "disable")]


def test_a_token_that_is_no_moderators_or_none_makes_no_connector(fake: FakeMastodon) -> None:
    with pytest.raises(InputError, match="does not know the token"):
        MastodonConnector(fake.url, "other", patience=QUICK)
    fake.own = fake.add("anna")
    with pytest.raises(InputError, match="it has to be a moderator's"):
        MastodonConnector(fake.url, TOKEN, patience=QUICK)


@pytest.mark.parametrize(
    "fault", [Fault(404), Fault(200, body=b"<html>"), Fault(200, body={"id": 7}), Fault(200, body=[1])]
)
def test_what_is_no_mastodon_makes_no_connector(fake: FakeMastodon, fault: Fault) -> None:
    fake.faults[VERIFY] = [fault]

    with pytest.raises((InputError, JobError)):
        MastodonConnector(fake.url, TOKEN, patience=QUICK)


def test_a_server_that_is_not_there_is_told_at_once() -> None:
    waits: list[float] = []
    with pytest.raises(InputError, match=r"http://127\.0\.0\.1:1 cannot be reached"):
        MastodonConnector("http://127.0.0.1:1", TOKEN, patience=QUICK, sleep=waits.append)

    assert waits == []


@pytest.mark.parametrize("url", ["http://mastodon.example", "mastodon.example", "https://a:b@mastodon.example"])
def test_a_server_that_would_show_the_token_to_others_is_refused(url: str) -> None:
    with pytest.raises(UsageError):
        MastodonConnector(url, TOKEN)


def test_a_token_that_is_also_the_name_of_a_file_is_a_token(
    fake: FakeMastodon, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / TOKEN).write_text("another\nhttps://other.example\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)

    with _connected(fake) as connector:
        assert connector.state(OWN).admin


def test_without_the_library_it_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mastodon", None)

    with pytest.raises(MissingExtraError, match=r"samehand\[mastodon\]"):
        MastodonConnector("https://mastodon.example", TOKEN)


def test_each_way_to_suspend_states_how_long_it_can_be_undone(fake: FakeMastodon) -> None:
    with _connected(fake) as gentle, _connected(fake, "suspend") as hard:
        days = (gentle.capabilities.horizon_days, hard.capabilities.horizon_days)
        words = hard.capabilities.horizon

    assert days == (None, 30)
    assert ("after 30 days" in words, "none brings back the followers" in words) == (True, True)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with open_store(f"sqlite:///{tmp_path / 'store.sqlite'}") as store:
        yield founded(store, tmp_path)


class _Numbered:
    """The connector, for a case whose accounts have other names than the server's numbers."""

    def __init__(self, connector: Connector, numbers: dict[str, str]) -> None:
        self._connector, self._numbers = connector, numbers
        self.capabilities = connector.capabilities

    def state(self, account: str) -> Any:
        return self._connector.state(self._numbers[account])

    def act(self, account: str, action: Action, *, key: str | None = None) -> Act:
        return self._connector.act(self._numbers[account], action, key=key)

    def settle(self) -> None:
        self._connector.settle()


def test_a_batch_that_ends_half_applied_is_gone_on_with_and_taken_back(
    fake: FakeMastodon, office: Office, tmp_path: Path
) -> None:
    decision = _approved(office, tmp_path, count=12)
    numbers = {name: fake.add(name) for name in accounts(12)}
    ids = list(numbers.values())
    fake.accounts[ids[0]]["disabled"] = True
    fake.faults[_path(ids[1], "action")] = [LOST, SILENT]
    fake.faults[_path(ids[2], "action")] = [FAILED] * 9
    fake.faults[_path(ids[3])] = [FAILED] * 9

    def run(decision_id: int) -> tuple[int, int, int]:
        with _connected(fake) as connector:
            execution = Execution(office.casework, _Numbered(connector, numbers), "sim", sleep=lambda pause_s: None)
            progress = execution.run(decision_id, "dia", batch=5)
        return progress.done, progress.already, progress.failed

    runs = [run(decision.decision_id), run(decision.decision_id)]
    struck = list(fake.strikes)
    reversal = _answered(office, office.decisions.propose_reversal(1, "It was a fandom.", office.keys["dia"]))
    runs.append(run(reversal.decision_id))

    assert runs == [(10, 1, 2), (12, 1, 0), (11, 0, 0)]
    assert sorted(struck) == sorted((number, "disable") for number in ids[1:])
    assert [number for number in ids if fake.accounts[number]["disabled"]] == [ids[0]]
