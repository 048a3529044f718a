"""A platform's API is asked with patience, and tells what it was not able to do."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import Message
from email.utils import format_datetime
from typing import Any

import pytest

from samehand.errors import InputError, UsageError
from samehand.sources import Answer, Patience, PlatformApi
from tests.fake_server import LOST, FakeServer, Fault, serving
from tests.fake_synapse import ADMIN, TOKEN, FakeSynapse, fake_synapse, json_fault

WHOAMI = "/_matrix/client/v3/account/whoami"


@pytest.fixture
def fake() -> Iterator[FakeSynapse]:
    with fake_synapse() as server:
        yield server


def _asked(fake: FakeSynapse, **patience: float) -> tuple[Answer, list[float]]:
    waits: list[float] = []
    with PlatformApi(fake.url, TOKEN, patience=Patience(**patience), sleep=waits.append) as api:  # type: ignore[arg-type]
        return api.get(WHOAMI), waits


def test_a_good_answer_is_its_json_object(fake: FakeSynapse) -> None:
    answer, waits = _asked(fake)

    assert (answer.ok, answer.body, waits) == (True, {"user_id": ADMIN}, [])


def test_a_busy_server_is_asked_again_after_the_pause_that_it_names(fake: FakeSynapse) -> None:
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=20))
    fake.faults[WHOAMI] = [
        json_fault(429, {"errcode": "M_LIMIT_EXCEEDED"}, Retry_After="7"),
        json_fault(429, {"retry_after_ms": 1500}),
        json_fault(503, Retry_After=soon),
        json_fault(502, Retry_After="when it suits"),
    ]

    answer, waits = _asked(fake)

    assert answer.ok
    assert (waits[0], waits[1], waits[3]) == (7.0, 1.5, 4.0)
    assert 5 < waits[2] <= 20


def test_pauses_double_and_attempts_end(fake: FakeSynapse) -> None:
    fake.faults[WHOAMI] = [json_fault(500, {"error": "Internal server error"})] * 9

    answer, waits = _asked(fake, attempts=4)

    assert (answer.status, answer.ok, waits) == (500, False, [0.5, 1.0, 2.0])
    assert answer.told == "HTTP 500 Internal server error"


def test_a_server_that_asks_for_too_long_a_pause_is_not_asked_again(fake: FakeSynapse) -> None:
    fake.faults[WHOAMI] = [json_fault(429, Retry_After="3600")]

    answer, waits = _asked(fake)

    assert (answer.status, waits) == (429, [])


@pytest.mark.parametrize("data", [b"<html>", b"[1, 2]", b"", b"\xff\xfe"])
def test_an_answer_that_is_no_json_object_is_not_ok(fake: FakeSynapse, data: bytes) -> None:
    fake.faults[WHOAMI] = [(200, {}, data)]

    answer, _ = _asked(fake)

    assert (answer.ok, answer.body, answer.told) == (False, None, "HTTP 200, and no JSON object")


def test_the_token_follows_no_redirect(fake: FakeSynapse) -> None:
    with fake_synapse() as other:
        fake.faults[WHOAMI] = [json_fault(302, Location=f"{other.url}{WHOAMI}")]
        answer, _ = _asked(fake)

        assert (answer.status, other.asked) == (302, [])


def test_a_server_that_is_not_there_is_not_waited_for() -> None:
    with fake_synapse() as gone:
        url = gone.url
    waits: list[float] = []

    with (
        PlatformApi(url, TOKEN, sleep=waits.append) as api,
        pytest.raises(InputError, match="cannot be reached") as caught,
    ):
        api.get(WHOAMI)

    assert waits == []
    assert TOKEN not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("matrix.example.org", "no address of a server"),
        ("ftp://matrix.example.org", "no address of a server"),
        ("file:///etc/passwd", "no address of a server"),
        ("https://", "no address of a server"),
        ("https://host:99999", "no address of a server"),
        ("https://root:secret@host", "no name and password"),
        ("https://host/?access_token=a", "leave out what follows"),
    ],
)
def test_what_is_no_address_of_a_server_is_refused(url: str, told: str) -> None:
    with pytest.raises(UsageError, match=told) as caught:
        PlatformApi(url, TOKEN)

    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("token", ["", "  ", "a b", "a\nb", "tökén"])
def test_what_is_no_token_is_refused_and_not_repeated(token: str) -> None:
    with pytest.raises(UsageError, match="set it again") as caught:
        PlatformApi("https://host", token)

    assert not token.strip() or token not in str(caught.value)


def test_no_address_of_an_account_gets_into_a_log(fake: FakeSynapse, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        _asked(fake)

    assert WHOAMI not in caplog.text


@dataclass
class Listener(FakeServer):
    """Notes who says to be asking, and how often something was done."""

    said: list[str | None] = field(default_factory=list)

    def refused(self, path: str, headers: Message) -> Fault | None:
        self.said.append(headers["Authorization"])
        return None

    def answer(self, path: str, asked: dict[str, list[str]], body: Any) -> tuple[int, Any]:
        return 200, {"asked": asked, "body": body}


@pytest.fixture
def listener() -> Iterator[Listener]:
    fake = Listener()
    with serving(fake):
        yield fake


def test_a_caller_is_told_by_a_token_by_name_and_password_or_not_at_all(listener: Listener) -> None:
    for api in (
        PlatformApi(listener.url, "syt_1"),
        PlatformApi(listener.url, "a pass: wörd", user="admin"),
        PlatformApi(listener.url, None),
    ):
        with api:
            assert api.get("/x").ok

    assert listener.said == ["Bearer syt_1", "Basic YWRtaW46YSBwYXNzOiB3w7ZyZA==", None]


def test_a_parameter_may_have_several_values(listener: Listener) -> None:
    with PlatformApi(listener.url, None) as api:
        assert api.get("/x", {"dids": ["a", "b"], "limit": "2"}).body == {
            "asked": {"dids": ["a", "b"], "limit": ["2"]}, "body": None,
        }  # fmt: skip


def test_a_procedure_of_which_the_reply_was_lost_is_called_again(listener: Listener) -> None:
    listener.faults["/do"] = [json_fault(503), LOST]

    with PlatformApi(listener.url, None, sleep=lambda pause_s: None) as api:
        assert api.post("/do", {"a": 1}).body == {"asked": {}, "body": {"a": 1}}

    assert listener.sent == [("/do", {"a": 1})] * 3


def test_a_password_with_a_line_break_is_refused(listener: Listener) -> None:
    with pytest.raises(UsageError, match="the password is empty, or holds"):
        PlatformApi(listener.url, "pass\nword", user="admin")
