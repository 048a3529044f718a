"""`samehand import` as a script sees it: output, errors and exit codes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from samehand.cli import main
from samehand.records import Dataset
from samehand.sources import format_named
from tests.fake_mastodon import TOKEN as MASTODON
from tests.fake_mastodon import fake_mastodon
from tests.fake_pds import PASSWORD, fake_pds
from tests.fake_synapse import TOKEN, FakeSynapse, fake_synapse, json_fault
from tests.sources.files import written

SHARES = (
    "account_id,post_id,url_id,timestamp",
    "a,1,u,1600000000",
    "b,2,u,1600000005",
    "a,1,v,1600000000",
    "c,3,u,soon",
)


def _run(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[int | str | None, str, str]:
    with pytest.raises(SystemExit) as ended:
        main([str(argument) for argument in arguments])
    output = capsys.readouterr()
    return ended.value.code, output.out, output.err


def test_the_counts_are_told_to_people(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = written(tmp_path / "a.csv", SHARES)

    code, out, err = _run(capsys, "import", "coortweet", path, "--into", tmp_path / "d")

    assert (code, err) == (0, "")
    assert out.splitlines() == [
        f"{path}: read 4 = kept 2 + merged 1 + rejected 1",
        "  rejected 1: timestamp is no time that can be read",
        "  times are multiples of 1 s",
        f"{tmp_path / 'd'} holds 2 assets, 2 posts, 3 activities, 1 rejects",
    ]


def test_a_file_already_held_is_said_to_change_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = written(tmp_path / "a.csv", SHARES)
    _run(capsys, "import", "coortweet", path, "--into", tmp_path / "d")

    code, out, _ = _run(capsys, "import", "coortweet", path, "--into", tmp_path / "d")

    assert code == 0
    assert out.startswith(f"{path}: held already (as a.csv); nothing changed\n")


def test_json_is_one_object_with_the_same_counts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = written(tmp_path / "a.csv", SHARES)

    code, out, _ = _run(capsys, "import", "coortweet", path, "--into", tmp_path / "d", "--json")
    facts = json.loads(out)

    assert code == 0
    assert facts["rows"] == {"assets": 2, "posts": 2, "activities": 3, "rejects": 1}
    assert facts["time_resolution"] == 1.0
    file = facts["files"][0]
    assert (file["path"], file["held"], file["format"]) == (str(path), False, "coortweet")
    assert [file[name] for name in ("read", "kept", "merged", "rejected")] == [4, 2, 1, 1]
    assert file["reasons"] == {"timestamp is no time that can be read": 1}


def test_what_differs_is_unreadable_or_kept_aside_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = ("post_id,asset_id,posted_at,text,like_count,mood", "1,a,1600000000,x,many,calm", "1,a,1600000000,y,2,")
    path = written(tmp_path / "a.csv", lines)

    _, out, _ = _run(capsys, "import", "table", path, "--into", tmp_path / "d")

    assert "  1 rows differed in text; the first value stays" in out
    assert "  1 values of like_count could not be read and are null" in out
    assert "  kept aside in extras/source-0000.parquet: mood" in out


def test_only_the_commonest_reasons_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ragged = tuple(",".join("x" * width) for width in range(5, 12))
    path = written(tmp_path / "a.csv", (*SHARES, *ragged))

    _, out, _ = _run(capsys, "import", "coortweet", path, "--into", tmp_path / "d")

    assert out.count("  rejected 1: ") == 5
    assert "  and 3 more reasons: see the table rejects" in out


def test_every_option_reaches_the_reader(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pairs = ("object_id,account_id,content_id,timestamp_share", "o,a,1,2021-07-01 12:00")
    options = ["--platform", "forum", "--trace", "url", "--timezone", "Europe/Berlin"]
    path = written(tmp_path / "a.csv", pairs)
    _run(capsys, "import", "coortweet", path, "--into", tmp_path / "d", *options)
    row = Dataset.open(tmp_path / "d").table("activities").to_pylist()[0]

    assert (row["platform"], row["trace"], row["at"].hour) == ("forum", "url", 10)


def test_a_map_and_a_table_reach_the_reader(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    toml = written(tmp_path / "map.toml", '[columns]\nasset_id = "who"\n')
    path = written(tmp_path / "a.csv", ("who", "a"))

    code, _, _ = _run(capsys, "import", "table", path, "--into", tmp_path / "d", "--table", "assets", "--map", toml)

    assert (code, Dataset.open(tmp_path / "d").rows("assets")) == (0, 1)


def test_bad_input_is_exit_2_with_a_message_on_stderr(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = _run(capsys, "import", "coortweet", tmp_path / "no.csv", "--into", tmp_path / "d")

    assert (code, out) == (2, "")
    assert err == f"samehand: {tmp_path / 'no.csv'} is not there; check the path\n"


def test_a_guessed_map_goes_to_stderr_with_exit_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = written(tmp_path / "a.csv", ("user,created_at", "a,1600000000"))

    code, out, err = _run(capsys, "import", "table", path, "--into", tmp_path / "d", "--json")

    assert (code, out) == (2, "")
    assert '[columns]\nasset_id = "user"\nposted_at = "created_at"\n' in err


def test_help_names_the_formats(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = _run(capsys, "import", "--help")

    assert code == 0
    assert (
        "Formats: coortweet, x-archive, toolkit, ira, reddit, x-api, 4cat, telegram, bluesky, mastodon, table"
        in " ".join(out.split())
    )


def test_every_option_is_documented() -> None:
    docs = (Path(__file__).parents[2] / "docs" / "formats.md").read_text(encoding="utf-8")

    assert all(
        option in docs for option in ("--into", "--table", "--map", "--platform", "--trace", "--timezone", "--json")
    )


@pytest.fixture
def fake() -> Iterator[FakeSynapse]:
    with fake_synapse() as server:
        yield server


def test_a_servers_users_are_told_like_a_files_rows(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, fake: FakeSynapse
) -> None:
    monkeypatch.setenv("SAMEHAND_SYNAPSE_TOKEN", TOKEN)
    fake.add("anna", ("10.0.0.1", "A", 0))
    fake.add("guest", is_guest=True)

    code, out, err = _run(capsys, "import", "synapse", f"{fake.url}/", "--into", tmp_path / "d")

    assert (code, err) == (0, "")
    assert out.splitlines() == [
        f"{fake.url}: read 3 = kept 2 + merged 0 + rejected 1",
        "  rejected 1: a guest, who has not signed up",
        "  1 users are admins of the server",
        "  1 users have no connection that the server still knows: their sign-ups have neither ip nor user_agent",
        f"{tmp_path / 'd'} holds 2 assets, 1 logins, 2 signups, 1 rejects",
    ]


@pytest.mark.parametrize(
    ("token", "arguments", "told"),
    [
        ("", ["http://localhost:1"], "put the access token of a server admin into the variable SAMEHAND_SYNAPSE_TOKEN"),
        (TOKEN, ["localhost"], "no address of a server"),
        (TOKEN, ["http://127.0.0.1:1"], "cannot be reached"),
        (TOKEN, ["http://a.example", "http://b.example"], "name one server"),
        (TOKEN, ["http://localhost:1", "--table", "signups"], "takes --platform only"),
        (TOKEN, ["http://localhost:1", "--timezone", "UTC"], "takes --platform only"),
    ],
)
def test_a_server_that_cannot_be_asked_is_bad_usage(
    token: str,
    arguments: list[str],
    told: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SAMEHAND_SYNAPSE_TOKEN", token)

    code, _, err = _run(capsys, "import", "synapse", *arguments, "--into", tmp_path / "d")

    assert code == 2
    assert told in err
    assert TOKEN not in err
    assert not (tmp_path / "d").exists()


def test_mastodons_name_asks_a_server_at_a_url_and_reads_files_at_a_path(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SAMEHAND_MASTODON_TOKEN", MASTODON)
    file = written(tmp_path / "statuses.json", format_named("mastodon").shapes[0].example)
    with fake_mastodon() as server:
        server.add("anna")
        asked = _run(capsys, "import", "mastodon", server.url, "--into", tmp_path / "asked")
    read = _run(capsys, "import", "mastodon", file, "--into", tmp_path / "read")

    assert (asked[0], read[0]) == (0, 0)
    assert "holds 2 assets, 2 signups" in asked[1]
    assert "2 posts" in read[1]


def test_a_wrong_token_is_bad_input(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, fake: FakeSynapse
) -> None:
    monkeypatch.setenv("SAMEHAND_SYNAPSE_TOKEN", "syt_wrong")

    code, _, err = _run(capsys, "import", "synapse", fake.url, "--into", tmp_path / "d")

    assert (code, "does not know the token (HTTP 401 M_UNKNOWN_TOKEN" in err, "syt_wrong" in err) == (2, True, False)


def test_a_server_that_fails_is_a_failed_job(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, fake: FakeSynapse
) -> None:
    monkeypatch.setenv("SAMEHAND_SYNAPSE_TOKEN", TOKEN)
    fake.faults["/_synapse/admin/v2/users"] = [json_fault(200, {"users": "none"})]

    code, _, err = _run(capsys, "import", "synapse", fake.url, "--into", tmp_path / "d")

    assert (code, "did not list its users" in err) == (1, True)


def test_what_a_pds_tells_has_a_line_for_each_table(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SAMEHAND_ATPROTO_ADMIN", PASSWORD)
    with fake_pds() as fake:
        fake.publish(fake.add("anna"), "app.bsky.feed.post", text="hello")
        fake.takedowns[fake.add("bob")] = "k1"
        lines = []
        for _ in range(2):
            code, out, err = _run(capsys, "import", "atproto", fake.url, "--into", tmp_path / "d")
            assert (code, err) == (0, "")
            lines.append(out.splitlines())

    assert [line for line in lines[0] if "times are multiples" not in line] == [
        f"{fake.url}: read 2 = kept 2 + merged 0 + rejected 0",
        "  1 accounts are takendown: the server lists nothing that they published",
        f"{fake.url} posts: read 1 = kept 1 + merged 0 + rejected 0",
        f"{tmp_path / 'd'} holds 2 assets, 1 posts, 2 signups",
    ]
    assert [line.rpartition(": ")[2] for line in lines[1]][:2] == [
        f"held already (as {host}); nothing changed"
        for host in (fake.url.removeprefix("http://"), f"{fake.url.removeprefix('http://')} posts")
    ]
