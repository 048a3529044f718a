"""A release is made of what was carried out, signed, refused where it would find somebody, and corrected."""

from __future__ import annotations

import hashlib
import json
import re
from datetime import UTC, datetime, time, timedelta
from fractions import Fraction
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import stix2

from samehand.casework import Appeals, Statement
from samehand.casework.keys import is_signed_by
from samehand.disclosure import Audited, Ledger, Objection, ReleaseKeys, Releases, Telling, error_estimate, read_telling
from samehand.errors import FormatError, InputError, NotFoundError, UsageError
from samehand.exchange import Collections, Wanted, share_decision, take_back
from samehand.records import Dataset, schema_of, write_dataset
from samehand.signups import KnownBad, take_corrections
from tests.casework.scenes import Office, accounts
from tests.enforcement.test_appeals import _appealed, _suspended
from tests.enforcement.test_execution import Platform
from tests.signups.streams import RING, START, scripted, stream_of

TOLD = Telling(
    title="A network of kite accounts", organisation="Kite Town", saw="30 accounts acted as one.", know="They shared devices.",
    unknown="Who is behind them.", appeal="Write to appeals@sim.test.", narratives=["Kites"],
    audience={"followers_ge1": 15_500},
    objections=[
        Objection(who="A ministry", says="People have a right to their opinions.", found="0 of 30 texts were asked for.",
                  changed="Nothing.")
    ],
    audited=Audited(sampled=20, inauthentic=18, authentic=1, unclear=1),
)  # fmt: skip


def _dataset(folder: Path, members: list[str], others: int) -> Dataset:
    draw = Random(7)
    rows = [
        {
            "platform": "sim", "asset_id": name, "kind": "account", "handle": f"h-{name}", "display_name": f"n-{name}",
            "language": draw.choice(["en", "de"]),
            "created_at": datetime(2018, 1, 1, tzinfo=UTC) + timedelta(days=draw.randrange(500)),
            "followers": 9_000 if name == "a0" else draw.randrange(300), "following": draw.randrange(300),
        }
        for name in [*members, *(f"o{k}" for k in range(others))]
    ]  # fmt: skip
    posts = [
        {
            "platform": "sim", "asset_id": row["asset_id"], "post_id": f"p{k}", "posted_at": datetime(2019, 8, 1, tzinfo=UTC),
            "kind": "original",
            "text": "secret words", "language": "en",
        }
        for k, row in enumerate(rows)
    ]  # fmt: skip
    came = [
        {"platform": "sim", "asset_id": name, "at": datetime(2019, 7, 2 + (k < 6), tzinfo=UTC), "referrer": f"invite:{k}"}
        for k, name in enumerate(members)
    ]  # fmt: skip
    with write_dataset(folder, name="made up", replace=True) as writer:
        writer.add("signups", pa.Table.from_pylist(came, schema_of("signups")))
        writer.add("assets", pa.Table.from_pylist(rows, schema_of("assets")))
        writer.add("posts", pa.Table.from_pylist(posts, schema_of("posts")))
    return Dataset.open(folder)


@pytest.fixture
def decided(office: Office, tmp_path: Path) -> Office:
    _suspended(office, tmp_path, Platform(), 30)
    return office


def _cells_of(tmp_path: Path) -> list[tuple[Any, ...]]:
    table = pq.read_table(tmp_path / "release" / "preactivity_daily.parquet")
    return [(row["created_on"], row["channel"], row["accounts"], row["posted"]) for row in table.to_pylist()]


def _make(office: Office, tmp_path: Path, **more: Any) -> Any:
    dataset = _dataset(tmp_path / "dataset", accounts(30), 4_000)
    return Releases(office.casework).make(1, dataset, TOLD, tmp_path / "release", office.keys["ada"], **more)


def test_a_release_is_whole_signed_and_says_what_is_not_in_it(decided: Office, tmp_path: Path) -> None:
    made = _make(decided, tmp_path)
    folder = tmp_path / "release"
    body = json.loads((folder / "release.json").read_text("utf-8"))
    signature = json.loads((folder / "signature.json").read_text("utf-8"))

    assert (body["release_id"], body["counts"]) == (
        made.release_id,
        {
            "accounts": 30,
            "shown": 30,
            "small": 29,
            "signed_up_known": {"accounts": 30, "never_posted": 0, "posted": 30, "given_back": 0},
        },
    )
    assert body["error_estimate"]["share"] == pytest.approx(1 / 19)
    assert body["appeals"] == {"received": 0, "overturned": 0, "stand": 0, "pending": 0}
    assert body["privacy"]["attack"]["joined_on_ids"] == 0
    assert body["privacy"]["attack"]["found_again"] <= 0.01
    assert body["privacy"]["texts_left_out"] == 30
    assert body["privacy"]["epsilon"] == {"followers_ge1": 0.5}
    assert abs(body["audience"]["followers_ge1"]["value"] - 15_500) < 60
    said = Statement("release", signature["store"], signature["statement"])
    digest = hashlib.sha256((folder / "release.json").read_bytes()).hexdigest()
    assert signature["statement"] == {"release": made.release_id, "sha256": digest}
    assert is_signed_by(decided.keys["ada"].public, said, signature["signature"])
    for line in (folder / "SHA256SUMS").read_text("utf-8").splitlines():
        digest, name = line.split("  ")
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest
    for file in body["files"]:
        assert (folder / file["name"]).is_file()
        if file["name"].endswith(".parquet"):
            assert pq.read_table(folder / file["name"]).num_rows == file["rows"]
    whole = "".join(path.read_text("utf-8") for path in folder.iterdir() if path.suffix not in (".parquet", ".pdf"))
    assert "secret words" not in whole
    assert "h-a5" not in whole
    assert "People have a right to their opinions" in (folder / "objections.csv").read_text("utf-8")
    package = json.loads((folder / "datapackage.json").read_text("utf-8"))
    assert {one["path"] for one in package["resources"]} == {path.name for path in folder.glob("*.csv")}


def test_who_was_stopped_before_being_active_is_shown_as_counts_by_day_channel_and_rule(
    decided: Office, tmp_path: Path
) -> None:
    _make(decided, tmp_path)

    body = json.loads((tmp_path / "release" / "release.json").read_text("utf-8"))
    assert _cells_of(tmp_path) == [("2019-07-02", "invite", 24, 24), ("2019-07-03", "invite", 6, 6)]
    assert body["privacy"]["preactivity"] == {"told_by": "day", "cells_left_out": 0, "accounts_in_these": 0}
    assert "exact" in body["privacy"]["no_noise"]["accounts, decisions, signed_up_known"]


def test_whoever_an_appeal_cleared_is_counted_as_given_back_and_not_by_day(decided: Office, tmp_path: Path) -> None:
    appeal = _appealed(decided)
    Appeals(decided.casework).decide(appeal.appeal_id, "overturned", "It is hers.", decided.keys["eva"])
    _make(decided, tmp_path)

    body = json.loads((tmp_path / "release" / "release.json").read_text("utf-8"))
    known = body["counts"]["signed_up_known"]
    assert (body["counts"]["accounts"], known["accounts"]) == (29, 30)
    assert (known["never_posted"], known["posted"], known["given_back"]) == (0, 29, 1)
    assert _cells_of(tmp_path) == [("2019-07-02", "invite", 24, None), ("2019-07-03", "invite", 6, None)]
    page = (tmp_path / "release" / "report.html").read_text("utf-8")
    assert "Of 30 accounts that were acted on the sign-up is known: 0 of them never posted" in page
    assert "and 1 were given back after an appeal" in page


def test_days_of_sign_up_on_which_nobody_else_was_made_are_told_by_month(decided: Office, tmp_path: Path) -> None:
    members = accounts(30)
    rows = [
        {
            "platform": "sim", "asset_id": name, "kind": "account", "language": "en", "followers": 7, "following": 7,
            "created_at": datetime(2019, 7, 25 if name in members else 1 + number % 20, tzinfo=UTC),
        }
        for number, name in enumerate([*members, *(f"o{k}" for k in range(4_000))])
    ]  # fmt: skip
    came = [
        {"platform": "sim", "asset_id": name, "at": datetime(2019, 7, 25, tzinfo=UTC), "referrer": "direct"}
        for name in members
    ]
    with write_dataset(tmp_path / "wave", name="made up", replace=True) as writer:
        writer.add("signups", pa.Table.from_pylist(came, schema_of("signups")))
        writer.add("assets", pa.Table.from_pylist(rows, schema_of("assets")))
        writer.add("posts", pa.Table.from_pylist([], schema_of("posts")))
    dataset = Dataset.open(tmp_path / "wave")
    made = Releases(decided.casework).make(1, dataset, TOLD, tmp_path / "release", decided.keys["ada"])

    body = json.loads((tmp_path / "release" / "release.json").read_text("utf-8"))
    assert _cells_of(tmp_path) == [("2019-07", "direct", 30, 0)]
    assert body["privacy"]["preactivity"]["told_by"] == "month"
    assert body["counts"]["signed_up_known"]["never_posted"] == 30
    assert made.attack.share < 0.01 < made.attack.knowing_who
    assert "By month, by the way they came" in (tmp_path / "release" / "report.html").read_text("utf-8")


def test_the_bundle_is_sound_stix_and_neither_it_nor_the_kill_chain_names_anybody_small(
    decided: Office, tmp_path: Path
) -> None:
    _make(decided, tmp_path, keys=ReleaseKeys.of(b"one"))
    text = (tmp_path / "release" / "stix.json").read_text("utf-8")
    bundle = stix2.parse(text, allow_custom=True)
    named = set(re.findall(r"user_id = '([^']+)'", text))

    assert {one["type"] for one in bundle["objects"]} >= {"identity", "attack-pattern", "indicator", "grouping"}
    assert named == {"a0"}  # 9,000 follow it; platform and decision of the others would help to find them
    assert ReleaseKeys.of(b"one").hashed("account", "sim", "a2") not in text
    chain = (tmp_path / "release" / "kill_chain.csv").read_text("utf-8").splitlines()
    assert chain[0] == "Tactic,Technique,Procedure,Indicator"
    assert not any(f"'{name}'" in text or name in "".join(chain) for name in accounts(30)[1:])


def test_an_appeal_that_is_right_is_a_row_of_corrections_and_no_row_of_the_next_release(
    decided: Office, tmp_path: Path
) -> None:
    releases = Releases(decided.casework)
    made = _make(decided, tmp_path, keys=ReleaseKeys.of(b"one"))
    appeal = _appealed(decided)
    Appeals(decided.casework).decide(appeal.appeal_id, "overturned", "It is hers.", decided.keys["eva"])

    assert (releases.take_corrections(), releases.take_corrections()) == (1, 0)
    (row,) = releases.corrections(made.release_id).to_pylist()
    assert row["userid"] == ReleaseKeys.of(b"one").hashed("account", "sim", "a2")
    assert row["corrected_at"] == datetime.combine(
        decided.clock().date(), time.min, UTC
    )  # the minute would tell who it is
    assert row["userid"] in (tmp_path / "release" / "users.csv").read_text("utf-8")
    again = _make(decided, tmp_path, keys=ReleaseKeys.of(b"two"))
    assert again.accounts == 29
    assert ReleaseKeys.of(b"two").hashed("account", "sim", "a2") not in (tmp_path / "release" / "users.csv").read_text(
        "utf-8"
    )
    assert releases.corrections(again.release_id).num_rows == 0
    with pytest.raises(NotFoundError, match="no release"):
        releases.corrections("none")


def test_what_would_find_somebody_is_not_written(decided: Office, tmp_path: Path) -> None:
    dataset = _dataset(tmp_path / "small", accounts(30), 0)
    with pytest.raises(InputError, match="nothing is released"):
        Releases(decided.casework).make(1, dataset, TOLD, tmp_path / "release", decided.keys["ada"])
    assert not (tmp_path / "release").exists()


def test_with_the_same_keys_and_draws_a_release_repeats(decided: Office, tmp_path: Path) -> None:
    def users(name: str) -> str:
        ledger = Ledger(Fraction(1), Random(3).randrange)
        _make(decided, tmp_path / name, keys=ReleaseKeys.of(b"replay"), ledger=ledger)
        body = json.loads((tmp_path / name / "release" / "release.json").read_text("utf-8"))
        return (tmp_path / name / "release" / "users.csv").read_text("utf-8") + str(body["audience"])

    assert users("a") == users("b")


def test_what_was_not_carried_out_is_not_told(office: Office, tmp_path: Path) -> None:
    case = office.casework.open("Nothing yet", "dia")
    dataset = _dataset(tmp_path / "d", accounts(3), 10)
    with pytest.raises(UsageError, match="nothing to disclose"):
        Releases(office.casework).make(case.case_id, dataset, TOLD, tmp_path / "r", office.keys["ada"])
    with pytest.raises(UsageError):
        Releases(office.casework).make(case.case_id, dataset, TOLD, tmp_path / "r", office.keys["eva"])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("title = ", "no TOML"), ('title = "x"', "organisation: Field required"), ("colour = 1", "Field required|colour"),
        ('[audited]\nsampled = 3\ninauthentic = 1\nauthentic = 1\nunclear = 0\n', "Field required"),
    ],
)  # fmt: skip
def test_what_a_person_says_is_held_to_its_shape(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "t.toml").write_text(text, "utf-8")
    with pytest.raises(FormatError, match=said):
        read_telling(tmp_path / "t.toml")
    with pytest.raises(NotFoundError):
        read_telling(tmp_path / "none.toml")


def test_an_error_estimate_is_of_those_who_could_be_judged() -> None:
    estimate = error_estimate(Audited(sampled=100, inauthentic=94, authentic=2, unclear=4))
    assert estimate is not None
    assert (estimate.judged, estimate.wrong, round(estimate.share, 4)) == (96, 2, 0.0208)
    assert estimate.low < estimate.share < estimate.high
    assert error_estimate(None) is None
    assert error_estimate(Audited(sampled=3, inauthentic=0, authentic=0, unclear=3)) is None


def test_one_overturned_decision_reaches_memory_partners_archive_and_statement(decided: Office, tmp_path: Path) -> None:
    """Its device is held against nobody, partners read that it is revoked, the archive and the statement take it back."""
    dataset = _dataset(tmp_path / "dataset", accounts(30), 4_000)
    releases, collections = Releases(decided.casework), Collections(decided.casework)
    made = releases.make(1, dataset, TOLD, tmp_path / "release", decided.keys["ada"])
    collections.make("peers", "ada", clearance="green")
    share_decision(decided.casework, 1, "peers", "ada", tlp="green", organisation="Kite Town")
    taken_down = scripted(30, 2.0, seed=9, first=5_000).set_column(1, "asset_id", pa.array(accounts(30)))
    removed = pa.array([START + timedelta(days=3)] * 30, pa.timestamp("us", tz="UTC"))
    known = taken_down.append_column("removed_at", removed).set_column(0, "platform", pa.array(["sim"] * 30))
    stream = stream_of(known=KnownBad.of(known, RING))
    assert len(releases.statements(1, dataset).sent) == len(stream.known) == 30

    appeal = _appealed(decided)
    Appeals(decided.casework).decide(appeal.appeal_id, "overturned", "It is hers.", decided.keys["eva"])
    take_corrections(decided.store, stream)
    assert (take_back(decided.casework), releases.take_corrections()) == (1, 1)

    assert len(stream.known) == 29
    place = collections.titled("peers").collection_id
    bodies = [json.loads(one.body) for one in collections.page(place, Wanted(types=("indicator",)), 100)[0]]
    assert [body["pattern"].split("'")[1] for body in bodies if body.get("revoked")] == ["a2"]
    assert releases.corrections(made.release_id).num_rows == 1
    statements = releases.statements(1, dataset)
    assert (len(statements.sent), len(statements.withdrawn)) == (29, 1)
    assert statements.withdrawn[0] not in {one.puid for one in statements.sent}


def test_the_page_of_a_release_says_it_in_words_and_loads_nothing(decided: Office, tmp_path: Path) -> None:
    _make(decided, tmp_path)
    page = (tmp_path / "release" / "report.html").read_text("utf-8")
    for said in (
        "What we do not know",
        "People have a right to their opinions.",
        "a join on ids found 0",
        "two persons",
        "15,",
    ):
        assert said in page
    assert "<script" not in page
    assert "http" not in page.replace("http-equiv", "")
