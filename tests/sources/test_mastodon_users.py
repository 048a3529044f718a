"""Users of a Mastodon server become assets, sign-ups and logins, and each of them is accounted for.

The server here answers as Mastodon's documentation says; none of Mastodon's own was at hand.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from samehand.errors import InputError, JobError
from samehand.records import Dataset
from samehand.sources import FileReport, PlatformApi, import_server
from samehand.sources.mastodon_users import MastodonUsers
from samehand.sources.server_users import ServerUser
from tests.fake_mastodon import TOKEN, FakeMastodon, Fault, fake_mastodon
from tests.sources.files import rows

LISTED = "/api/v2/admin/accounts"
MADE = datetime(2026, 5, 1, 10, tzinfo=UTC)


@pytest.fixture
def fake() -> Iterator[FakeMastodon]:
    with fake_mastodon() as server:
        yield server


def _imported(fake: FakeMastodon, into: Path) -> tuple[FileReport, Dataset]:
    with PlatformApi(fake.url, TOKEN, sleep=lambda pause_s: None) as api:
        return import_server("mastodon", api, into).files[0], Dataset.open(into)


def _seen(ip: str, at: str) -> dict[str, str]:
    return {"ip": ip, "used_at": at}


def test_a_user_is_an_asset_a_signup_and_its_logins(fake: FakeMastodon, tmp_path: Path) -> None:
    ips = [_seen("10.0.0.9", "2026-05-01T12:00:00.000Z"), _seen("10.0.0.1", "2026-05-01T10:00:00.250Z")]
    anna = fake.add("anna", email="anna.lee84@Mail.org", ips=ips, invited_by_account_id="100")

    report, dataset = _imported(fake, tmp_path / "d")

    assert (report.source.read, report.source.kept, report.source.rejected) == (2, 2, 0)
    key = {"platform": "mastodon", "asset_id": anna}
    asset, signup = rows(dataset, "assets")[0], rows(dataset, "signups")[0]
    assert {name: value for name, value in asset.items() if value is not None} == {
        **key, "kind": "account", "handle": "anna", "display_name": "Anna", "created_at": MADE, "status": "active",
        "profile_url": "https://fake.test/@anna",
    }  # fmt: skip
    assert {name: value for name, value in signup.items() if value is not None} == {
        **key, "at": MADE, "ip": "10.0.0.1", "email_domain": "mail.org", "email_pattern": "L4.L3D2", "username": "anna",
        "display_name": "Anna", "locale": "en", "referrer": "invite:100",
    }  # fmt: skip
    logins = rows(dataset, "logins", "asset_id", "at", "ip")
    assert [tuple(row.values()) for row in logins] == [
        (anna, MADE.replace(microsecond=250_000), "10.0.0.1"),
        (anna, MADE.replace(hour=12), "10.0.0.9"),
    ]


def test_no_address_and_no_request_gets_into_the_dataset(fake: FakeMastodon, tmp_path: Path) -> None:
    secret = {"email": "verysecretname@x.org", "invite_request": "my private reason"}
    fake.add("anna", **secret)
    fake.add("bo", **secret, created_at="soon")

    _, dataset = _imported(fake, tmp_path / "d")

    everything = json.dumps([dataset.table(name).to_pylist() for name in dataset.manifest.tables], default=str)
    assert "x.org" in everything
    assert "verysecretname" not in everything
    assert "private reason" not in everything


def test_all_pages_are_read_and_nobody_twice(fake: FakeMastodon) -> None:
    numbers = [fake.add(f"user{number}") for number in range(7)]
    fake.page = 3

    with PlatformApi(fake.url, TOKEN) as api:
        found = [user.user_id for user in MastodonUsers(api, page=3) if isinstance(user, ServerUser)]

    assert found == [*reversed(numbers), "100"]
    assert fake.asked.count(LISTED) == 4


def test_who_is_no_signup_is_rejected_with_its_reason(fake: FakeMastodon, tmp_path: Path) -> None:
    far, old, nameless = fake.add("far", domain="far.test"), fake.add("old", created_at=None), fake.add(" ")
    told = [fake.accounts[number] for number in (nameless, old, far, "100")]
    fake.faults[LISTED] = [Fault(200, body=[fake.accounts["100"]]), Fault(200, body=[*told, {"id": -99}, 7])]

    report, dataset = _imported(fake, tmp_path / "d")

    assert (report.source.read, report.source.kept, report.source.rejected) == (6, 1, 5)
    assert dict(report.source.reasons) == {
        "the value has no id and name of an account": 3,
        "an account of another server, who has not signed up here": 1,
        "created_at is no time that can be read": 1,
    }
    assert [row["row"] for row in rows(dataset, "rejects")] == [1, 2, 3, 5, 6]


def test_the_status_of_a_user_is_the_furthest_of_its_states_and_counted(fake: FakeMastodon, tmp_path: Path) -> None:
    on: dict[str, dict[str, Any]] = {
        "gone": {"suspended": True, "disabled": True}, "shut": {"disabled": True, "silenced": True},
        "quiet": {"silenced": True, "approved": False}, "waiting": {"approved": False, "confirmed": False},
        "new": {"confirmed": False},
    }  # fmt: skip
    for name, states in on.items():
        fake.add(name, **states)

    report, dataset = _imported(fake, tmp_path / "d")

    assert [row["status"] for row in rows(dataset, "assets")][::-1] == [
        "active", "suspended", "disabled", "silenced", "pending", "unconfirmed",
    ]  # fmt: skip
    assert "1 users are of the server's staff" in report.source.notes
    assert "1 users wait to be approved" in report.source.notes


def test_a_second_import_of_the_same_users_changes_nothing(fake: FakeMastodon, tmp_path: Path) -> None:
    fake.add("anna")
    _imported(fake, tmp_path / "d")
    report, dataset = _imported(fake, tmp_path / "d")

    assert (report.held, len(rows(dataset, "signups"))) == (True, 2)


def test_times_of_addresses_that_cannot_be_read_are_counted(fake: FakeMastodon, tmp_path: Path) -> None:
    fake.add("anna", ips=[_seen("10.0.0.1", "yesterday"), _seen("10.0.0.2", "2026-05-01T10:00:00")])

    report, dataset = _imported(fake, tmp_path / "d")

    assert (dict(report.source.unreadable), rows(dataset, "logins")) == ({"used_at": 2}, [])


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (Fault(403, body={"error": "This action is not allowed"}), "it has to be a moderator's"),
        (Fault(404, body={"error": "Not Found"}), "does not answer as Mastodon does"),
        (Fault(200, body={"accounts": []}), "does not answer as Mastodon does"),
    ],
)
def test_what_lets_nobody_see_accounts_is_bad_input_and_writes_nothing(
    fake: FakeMastodon, tmp_path: Path, fault: Fault, told: str
) -> None:
    fake.faults[LISTED] = [fault]

    with pytest.raises(InputError, match=told):
        _imported(fake, tmp_path / "d")
    assert not (tmp_path / "d").exists()


@pytest.mark.parametrize("again", [Fault(500), Fault(200, body={}), None])
def test_a_server_that_fails_on_the_way_or_goes_round_in_circles_is_a_failed_job(
    fake: FakeMastodon, tmp_path: Path, again: Fault | None
) -> None:
    page = Fault(200, body=[fake.accounts["100"]])
    fake.faults[LISTED] = [page, page, *[again or page] * 5]

    with pytest.raises(JobError, match="run this again"):
        _imported(fake, tmp_path / "d")
