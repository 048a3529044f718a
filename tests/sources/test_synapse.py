"""Users of a Synapse server become assets, sign-ups and logins, and each of them is accounted for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from samehand.errors import InputError, JobError, UsageError
from samehand.records import Dataset
from samehand.sources import FileReport, PlatformApi, import_server
from samehand.sources.platform_api import USER_AGENT
from samehand.sources.server_users import ServerUser
from samehand.sources.synapse import SynapseUsers
from tests.fake_synapse import MADE_MS, TOKEN, FakeSynapse, fake_synapse, json_fault
from tests.sources.files import rows

USERS = "/_synapse/admin/v2/users"
DAY_MS = 86_400_000


@pytest.fixture
def fake() -> Iterator[FakeSynapse]:
    with fake_synapse() as server:
        yield server


def _imported(fake: FakeSynapse, into: Path, platform: str | None = None) -> tuple[FileReport, Dataset]:
    with PlatformApi(fake.url, TOKEN, sleep=lambda pause_s: None) as api:
        report = import_server("synapse", api, into, platform=platform)
    return report.files[0], Dataset.open(into)


def _time(after_ms: int) -> datetime:
    return datetime.fromtimestamp((MADE_MS + after_ms) / 1000, UTC)


def test_a_user_is_an_asset_a_signup_and_its_logins(fake: FakeSynapse, tmp_path: Path) -> None:
    threepids = [
        {"medium": "email", "address": "second@other.org", "added_at": 2},
        {"medium": "email", "address": "anna.lee84@Mail.org", "added_at": 1},
        {"medium": "msisdn", "address": "4915112345678", "added_at": 3},
    ]
    later, first = ("10.0.0.9", "Element iOS", 9_500), ("10.0.0.1", "Element Web", 700)
    fake.add("anna", later, first, avatar_url="mxc://fake.test/cat", threepids=threepids)

    report, dataset = _imported(fake, tmp_path / "d")

    assert (report.source.read, report.source.kept, report.source.rejected) == (2, 2, 0)
    key = {"platform": "matrix", "asset_id": "@anna:fake.test"}
    asset, signup = rows(dataset, "assets")[1], rows(dataset, "signups")[1]
    assert {name: value for name, value in asset.items() if value is not None} == {
        **key, "kind": "account", "handle": "anna", "display_name": "Anna", "created_at": _time(1000),
        "avatar_hash": "id:mxc://fake.test/cat", "status": "active",
    }  # fmt: skip
    assert {name: value for name, value in signup.items() if value is not None} == {
        **key, "at": _time(1000), "ip": "10.0.0.1", "user_agent": "Element Web", "email_domain": "mail.org",
        "email_pattern": "L4.L3D2", "phone_prefix": "+491511234", "phone_country": "DE", "username": "anna",
        "display_name": "Anna", "avatar_hash": "id:mxc://fake.test/cat",
    }  # fmt: skip
    logins = rows(dataset, "logins", "asset_id", "at", "ip", "user_agent")
    assert [tuple(row.values()) for row in logins] == [
        ("@anna:fake.test", _time(1700), "10.0.0.1", "Element Web"),
        ("@anna:fake.test", _time(10_500), "10.0.0.9", "Element iOS"),
    ]


def test_no_address_or_number_gets_into_the_dataset(fake: FakeSynapse, tmp_path: Path) -> None:
    threepids = [
        {"medium": "email", "address": "verysecretname@x.org"},
        {"medium": "msisdn", "address": "4915112345678"},
    ]
    fake.add("anna", threepids=threepids)
    fake.add("bridge", threepids=threepids, appservice_id="irc")

    _, dataset = _imported(fake, tmp_path / "d")

    everything = json.dumps([dataset.table(name).to_pylist() for name in dataset.manifest.tables], default=str)
    assert "x.org" in everything
    assert "verysecretname" not in everything
    assert "12345678" not in everything


def test_all_pages_are_read_in_the_order_of_signing_up(fake: FakeSynapse) -> None:
    names = [fake.add(f"user{number}") for number in range(7)]

    with PlatformApi(fake.url, TOKEN) as api:
        found = [user.user_id for user in SynapseUsers(api, page=3) if isinstance(user, ServerUser)]

    assert found == ["@root:fake.test", *names]
    assert fake.asked.count(USERS) == 3


def test_who_is_no_signup_is_rejected_with_its_reason(fake: FakeSynapse, tmp_path: Path) -> None:
    fake.add("1234", is_guest=True)
    fake.add("greeter", user_type="bot")
    fake.add("irc_ann", appservice_id="irc")
    fake.add("old", creation_ts=None)
    fake.users["broken"] = {"name": 7}
    fake.add("support", user_type="support")

    report, dataset = _imported(fake, tmp_path / "d")

    assert (report.source.read, report.source.kept, report.source.merged, report.source.rejected) == (7, 2, 0, 5)
    assert dict(report.source.reasons) == {
        "a guest, who has not signed up": 1,
        "a user of type 'bot'": 1,
        "a user of an application service, such as a bridge or a bot": 1,
        "creation_ts is no time that can be read": 1,
        "the value has no user id": 1,
    }
    assert [(row["row"], json.loads(row["raw"])["name"]) for row in rows(dataset, "rejects")] == [
        (2, "@1234:fake.test"), (3, "@greeter:fake.test"), (4, "@irc_ann:fake.test"), (5, "@old:fake.test"), (6, 7),
    ]  # fmt: skip


def test_the_status_of_a_user_is_the_furthest_of_its_states(fake: FakeSynapse, tmp_path: Path) -> None:
    for name, states in {
        "gone": ("deactivated", "suspended"), "held": ("suspended", "locked"), "shut": ("locked", "shadow_banned"),
        "alone": ("shadow_banned",),
    }.items():  # fmt: skip
        fake.add(name, **dict.fromkeys(states, True))

    report, dataset = _imported(fake, tmp_path / "d")

    assert [row["status"] for row in rows(dataset, "assets")] == [
        "active", "deactivated", "suspended", "locked", "shadow_banned",
    ]  # fmt: skip
    assert "1 users are deactivated: the server has forgotten their addresses and numbers" in report.source.notes
    assert "1 users are admins of the server" in report.source.notes


def test_a_signup_whose_connection_is_of_a_later_day_is_counted(fake: FakeSynapse, tmp_path: Path) -> None:
    fake.add("early", ("10.0.0.1", "A", 0))
    fake.add("late", ("10.0.0.2", "B", DAY_MS + 1))

    report, _ = _imported(fake, tmp_path / "d")

    assert [note.split(" that may")[0][:44] for note in report.source.notes if "connection" in note] == [
        "1 users have no connection that the server s",
        "1 users' earliest connection was last used m",
    ]


def test_the_imports_own_connections_are_no_logins(fake: FakeSynapse, tmp_path: Path) -> None:
    fake.connections["@root:fake.test"] = [{"ip": "127.0.0.1", "user_agent": USER_AGENT, "last_seen": MADE_MS}]

    _, dataset = _imported(fake, tmp_path / "d")

    assert dataset.rows("logins") == 0


def test_a_second_import_of_the_same_users_changes_nothing(fake: FakeSynapse, tmp_path: Path) -> None:
    fake.add("anna", ("10.0.0.1", "A", 0))
    first, before = _imported(fake, tmp_path / "d")

    second, after = _imported(fake, tmp_path / "d")

    assert (first.held, second.held) == (False, True)
    assert second.source == first.source
    assert after.manifest == before.manifest


def test_a_second_import_adds_only_what_is_new(fake: FakeSynapse, tmp_path: Path) -> None:
    fake.add("anna", ("10.0.0.1", "A", 0))
    _imported(fake, tmp_path / "d")
    fake.users["@anna:fake.test"]["displayname"] = "Someone else"
    fake.connections["@anna:fake.test"].append({"ip": "10.0.0.2", "user_agent": "A", "last_seen": MADE_MS + DAY_MS})
    fake.add("bo", ("10.0.0.3", "B", 0))

    report, dataset = _imported(fake, tmp_path / "d")

    source = report.source
    assert (source.read, source.kept, source.merged, dict(source.differing)) == (3, 1, 2, {"display_name": 1})
    assert [row["display_name"] for row in rows(dataset, "signups")] == ["Root", "Anna", "Bo"]
    assert [row["ip"] for row in rows(dataset, "logins")] == ["10.0.0.1", "10.0.0.2", "10.0.0.3"]
    host = fake.url.removeprefix("http://")
    assert [one.file for one in dataset.manifest.sources] == [host, f"{host}#2"]


def test_the_same_users_under_another_platform_are_others(fake: FakeSynapse, tmp_path: Path) -> None:
    _imported(fake, tmp_path / "d")

    report, dataset = _imported(fake, tmp_path / "d", platform="school")

    assert (report.held, report.source.options) == (False, {"platform": "school"})
    assert [row["platform"] for row in rows(dataset, "signups")] == ["matrix", "school"]


def test_a_user_of_whom_the_server_does_not_tell_is_rejected(fake: FakeSynapse, tmp_path: Path) -> None:
    for name in ("anna", "bo", "cy"):
        fake.add(name)
    fake.faults[f"{USERS}/@anna:fake.test"] = [json_fault(500)] * 5
    fake.faults[f"{USERS}/@bo:fake.test"] = [json_fault(404)]
    fake.faults["/_synapse/admin/v1/whois/@cy:fake.test"] = [(200, {}, b"<html>")]

    report, _ = _imported(fake, tmp_path / "d")

    assert dict(report.source.reasons) == {
        "the server does not tell about it (HTTP 500)": 1,
        "the server does not tell about it (HTTP 404)": 1,
        "the server's answer about it is no JSON object": 1,
    }


def test_a_server_that_goes_on_failing_ends_the_job_and_nothing_is_written(fake: FakeSynapse, tmp_path: Path) -> None:
    for number in range(12):
        fake.faults[f"{USERS}/{fake.add(f'user{number}')}"] = [json_fault(503)] * 5

    with pytest.raises(JobError, match="failed 10 times in a row"):
        _imported(fake, tmp_path / "d")

    assert not (tmp_path / "d").exists()


def test_a_page_that_is_no_list_of_users_ends_the_job(fake: FakeSynapse, tmp_path: Path) -> None:
    fake.faults[USERS] = [json_fault(200, {"users": None})]

    with pytest.raises(JobError, match="did not list its users"):
        _imported(fake, tmp_path / "d")


def test_a_server_that_lists_no_guests_is_asked_for_the_others(fake: FakeSynapse, tmp_path: Path) -> None:
    fake.faults[USERS] = [json_fault(400, {"errcode": "M_INVALID_PARAM"})]

    report, _ = _imported(fake, tmp_path / "d")

    assert report.source.read == 1
    assert "the server does not list guests, so that nobody knows how many were left out" in report.source.notes


def test_names_that_no_table_can_hold_are_mended(fake: FakeSynapse, tmp_path: Path) -> None:
    fake.add("anna", displayname="a\ud800b\0c")
    fake.add("guest", displayname="\udfff", is_guest=True)

    _, dataset = _imported(fake, tmp_path / "d")

    assert rows(dataset, "assets")[1]["display_name"] == "a?bc"


def test_times_of_connections_that_cannot_be_read_are_counted(fake: FakeSynapse, tmp_path: Path) -> None:
    fake.add("anna")
    fake.connections["@anna:fake.test"] = [{"ip": "10.0.0.1", "last_seen": last} for last in ("soon", True, 10**18, -1)]

    report, dataset = _imported(fake, tmp_path / "d")

    assert (dict(report.source.unreadable), dataset.rows("logins")) == ({"last_seen": 4}, 0)


@pytest.mark.parametrize(
    ("path", "fault", "told"),
    [
        ("/_synapse/admin/v1/server_version", json_fault(404), "does not answer as Synapse does"),
        ("/_synapse/admin/v1/server_version", (200, {}, b"<html>welcome</html>"), "does not answer as Synapse does"),
        ("/_matrix/client/v3/account/whoami", json_fault(401), "does not know the token"),
        ("/_matrix/client/v3/account/whoami", json_fault(200, {}), "does not say whose the token is"),
        ("/_synapse/admin/v1/users/@root:fake.test/admin", json_fault(403), "not as an admin's"),
        ("/_synapse/admin/v1/users/@root:fake.test/admin", json_fault(200, {"admin": False}), "not as an admin's"),
    ],
)
def test_a_server_that_will_not_do_is_refused_before_anything_is_read(
    path: str, fault: tuple[int, dict[str, str], bytes], told: str, fake: FakeSynapse, tmp_path: Path
) -> None:
    fake.faults[path] = [fault]

    with pytest.raises(InputError, match=told):
        _imported(fake, tmp_path / "d")

    assert USERS not in fake.asked


def test_a_platform_with_a_colon_is_refused(fake: FakeSynapse, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no name of a platform"):
        _imported(fake, tmp_path / "d", platform="a:b")
