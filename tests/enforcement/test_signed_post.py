"""What is delivered is signed so that the receiver knows who sent it, that it is whole, and that it is no replay."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samehand.enforcement import SignedGet, SignedPost, WebhookSecret, verify_webhook
from samehand.errors import InputError, UsageError
from samehand.sources import Patience
from tests.fake_receiver import SECRET, Fault, Receiver, receiving

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)
OTHER = "whsec_" + base64.b64encode(bytes(range(32))).decode()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as running:
        yield running


def _now() -> datetime:
    return datetime.now(UTC)


def test_what_is_signed_is_id_time_and_body_as_the_specification_has_it() -> None:
    headers = WebhookSecret(SECRET).headers("act-1", b'{"a":1}', NOON)

    digest = hmac.digest(base64.b64decode(SECRET.removeprefix("whsec_")), b'act-1.1795780800.{"a":1}', hashlib.sha256)
    assert headers == {
        "webhook-id": "act-1",
        "webhook-timestamp": "1795780800",
        "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
    }


@given(st.binary(max_size=200), st.integers(-299, 299))
def test_what_was_signed_lately_is_genuine(body: bytes, late_s: int) -> None:
    headers = {name.title(): value for name, value in WebhookSecret(SECRET).headers("act-1", body, NOON).items()}

    assert verify_webhook(SECRET, headers, body, NOON + timedelta(seconds=late_s)) == "act-1"


@pytest.mark.parametrize("late_s", [-301, 301, 86_400])
def test_what_was_sent_long_ago_or_ahead_is_refused(late_s: int) -> None:
    headers = WebhookSecret(SECRET).headers("act-1", b"{}", NOON)

    with pytest.raises(InputError, match="replay"):
        verify_webhook(SECRET, headers, b"{}", NOON + timedelta(seconds=late_s))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("webhook-id", "act-2"),
        ("webhook-timestamp", "1795780801"),
        ("webhook-timestamp", "noon"),
        ("webhook-signature", "v1,AAAA"),
        ("webhook-signature", ""),
        ("webhook-signature", "v1,\udcff"),
    ],
)
def test_a_header_that_was_changed_is_refused(name: str, value: str) -> None:
    headers = WebhookSecret(SECRET).headers("act-1", b"{}", NOON) | {name: value}

    with pytest.raises(InputError, match="not signed with the secret"):
        verify_webhook(SECRET, headers, b"{}", NOON)


def test_a_body_or_a_secret_that_is_another_is_refused() -> None:
    headers = WebhookSecret(SECRET).headers("act-1", b"{}", NOON)

    for secret, body in ((SECRET, b"{ }"), (OTHER, b"{}")):
        with pytest.raises(InputError, match="not signed with the secret"):
            verify_webhook(secret, headers, body, NOON)


@pytest.mark.parametrize("missing", ["webhook-id", "webhook-timestamp", "webhook-signature"])
def test_a_request_that_lacks_a_header_is_refused(missing: str) -> None:
    headers = WebhookSecret(SECRET).headers("act-1", b"{}", NOON)
    del headers[missing]

    with pytest.raises(InputError, match=missing):
        verify_webhook(SECRET, headers, b"{}", NOON)


def test_while_a_secret_is_replaced_both_are_good() -> None:
    both = WebhookSecret(f"{OTHER} {SECRET}").headers("act-1", b"{}", NOON)

    assert {verify_webhook(secret, both, b"{}", NOON) for secret in (SECRET, OTHER)} == {"act-1"}
    old = WebhookSecret(SECRET).headers("act-1", b"{}", NOON)
    assert verify_webhook(f"{OTHER} {SECRET}", old, b"{}", NOON) == "act-1"


@pytest.mark.parametrize(
    "text", ["", " ", "hunter2", "whsec_", "whsec_" + "QUFB" * 10, "whsec_" + "QUFB" * 30, "whsec_ä"]
)
def test_a_secret_that_is_short_or_none_is_refused_and_never_shown(text: str) -> None:
    with pytest.raises(UsageError, match="secret") as caught:
        WebhookSecret(text)

    assert "QUFB" not in str(caught.value)


@pytest.mark.parametrize("key", ["", "a.b", "a b", "a\r\nb", "ä", "x" * 201])
def test_a_key_that_would_blur_what_is_signed_is_refused(key: str) -> None:
    with pytest.raises(UsageError, match="key"):
        WebhookSecret(SECRET).headers(key, b"", NOON)


@pytest.mark.parametrize(
    "url",
    ["http://platform.example/acts", "ftp://platform.example", "platform.example/acts", "https://ann:pw@platform.example/",
     "http://127.0.0.1.platform.example/", "http://10.0.0.1/acts", "https://platform.example/acts#here",
     "https://platform.example/a cts", "https://", ""],
)  # fmt: skip
def test_an_address_that_others_can_read_or_that_is_none_is_refused(url: str) -> None:
    for kind in (SignedPost, SignedGet):
        with pytest.raises(UsageError):
            kind(url, WebhookSecret(SECRET), _now)


@pytest.mark.parametrize(
    "url", ["https://platform.example/acts?v=1", "http://127.0.0.1:8000", "http://[::1]/acts/", "http://localhost/"]
)
def test_https_and_this_very_machine_are_good(url: str) -> None:
    SignedPost(url, WebhookSecret(SECRET), _now).close()


def test_the_receiver_of_the_documentation_knows_what_is_genuine() -> None:
    blocks = (Path(__file__).parents[2] / "docs" / "enforcement.md").read_text(encoding="utf-8").split("```python\n")
    scope: dict[str, Any] = {}
    exec(next(block for block in blocks if "def genuine" in block).partition("```")[0], scope)
    headers = WebhookSecret(f"{OTHER} {SECRET}").headers("act-1", b"{}", _now())
    old = WebhookSecret(SECRET).headers("act-1", b"{}", _now() - timedelta(minutes=6))

    said = [scope["genuine"](SECRET, *one) for one in ((headers, b"{}"), (headers, b"[]"), (old, b"{}"))]

    assert said == [True, False, False]


def test_each_attempt_is_signed_anew_under_the_same_id(receiver: Receiver) -> None:
    receiver.add("anna")
    receiver.faults = [Fault(503), Fault(429, retry_after="7")]
    clock = iter(range(3))
    waits: list[float] = []

    def now() -> datetime:
        return _now() + timedelta(seconds=next(clock))

    with SignedPost(f"{receiver.url}/acts", WebhookSecret(SECRET), now, sleep=waits.append) as post:
        answer = post.send("act-1", {"account": "anna", "action": "suspend"})

    assert (answer.status, answer.body, waits) == (200, {"effective": True}, [0.5, 7.0])
    assert [one["webhook-id"] for one in receiver.headers] == ["act-1"] * 3
    assert {one["idempotency-key"] for one in receiver.headers} == {"act-1"}
    assert len({one["webhook-timestamp"] for one in receiver.headers}) == 3
    assert {json.dumps(one) for one in receiver.sent} == {'{"account": "anna", "action": "suspend"}'}


def test_no_redirect_is_followed(receiver: Receiver) -> None:
    receiver.add("anna")
    receiver.faults = [Fault(307)]

    with SignedPost(f"{receiver.url}/acts", WebhookSecret(SECRET), _now) as post:
        assert post.send("act-1", {"account": "anna", "action": "suspend"}).status == 307

    assert len(receiver.sent) == 1


def test_a_receiver_that_is_not_there_is_told_at_once(receiver: Receiver) -> None:
    waits: list[float] = []
    with (
        SignedPost("http://127.0.0.1:1/acts", WebhookSecret(SECRET), _now, sleep=waits.append) as post,
        pytest.raises(InputError, match="cannot be reached"),
    ):
        post.send("act-1", {})

    assert waits == []


def test_a_receiver_that_says_nothing_at_first_is_waited_for(receiver: Receiver) -> None:
    receiver.add("anna")
    receiver.faults = [Fault(silent=True)]
    patience = Patience(timeout_s=0.5, first_wait_s=0.01, at_first=True)

    with SignedPost(f"{receiver.url}/acts", WebhookSecret(SECRET), _now, patience=patience) as post:
        answer = post.send("act-1", {"account": "anna", "action": "suspend"})

    assert (answer.status, answer.repeated) == (200, True)


@pytest.mark.parametrize("account", ["anna", "a/b", "../x", "ä ?&#=%41", "@anna:sim.example", "{account}"])
def test_what_is_asked_is_signed_with_the_account_in_it(receiver: Receiver, account: str) -> None:
    receiver.add(account)

    with SignedGet(f"{receiver.url}/accounts?id={{account}}", WebhookSecret(SECRET), _now) as told:
        assert told.ask(account).body == receiver.standing[account]

    assert receiver.asked == [account]


@pytest.mark.parametrize("account", ["", ".", ".."])
def test_what_is_no_id_is_not_asked_for(receiver: Receiver, account: str) -> None:
    with (
        SignedGet(f"{receiver.url}/accounts/{{account}}", WebhookSecret(SECRET), _now) as told,
        pytest.raises(InputError, match="no account's id"),
    ):
        told.ask(account)

    assert receiver.asked == []
