"""`samehand attribute` as a script sees it: evidence in, weighed, claimed, given, taken back; and what datasets tell."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from samehand.casework import Casework
from samehand.cli.store import now
from samehand.exchange import Grade, Indicator, TipDraft, Tips
from samehand.records import schema_of, write_dataset
from samehand.store import open_store
from tests.casework.conftest import _quick_keys  # noqa: F401 (quick passphrases)
from tests.casework.scenes import PASSPHRASE, accounts, brought, founded
from tests.cli.conftest import Run
from tests.cli.test_disclosing import ABOUT
from tests.disclosure.test_releases import _dataset as _released
from tests.enforcement.test_appeals import _suspended
from tests.enforcement.test_execution import Platform

FILE = """
[[evidence]]
kind = "unblocked_access"
said = "Log-ins without a tunnel."
source = "the platform"
reliability = "A"
credibility = 1
country = "CN"

[[evidence]]
kind = "earlier_infrastructure"
said = "Two servers."
source = "a peer"
reliability = "A"
credibility = 1
country = "CN"
entity = "Kite Works"
disarm = ["T0130"]

[[evidence]]
kind = "procurement_record"
said = "A tender."
source = "a gazette"
source_class = "open"
reliability = "A"
credibility = 1
country = "CN"
entity = "Kite Works"
"""


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Any, ...]:
    """A store with case 1, of 30 accounts."""
    with open_store(tmp_path / "s.sqlite") as opened:
        brought(founded(opened, tmp_path), tmp_path / "run")
    monkeypatch.setenv("SAMEHAND_PASSPHRASE", PASSPHRASE)
    return ("--store", tmp_path / "s.sqlite")


def test_a_claim_from_its_evidence_to_its_retraction(run: Run, store: tuple[Any, ...], tmp_path: Path) -> None:
    (tmp_path / "e.toml").write_text(FILE, "utf-8")
    by = {name: ("--by", tmp_path / f"{name}.key", *store) for name in ("ada", "cem")}
    dia = ("--as", "dia", *store)

    added = run("attribute", "1", "evidence", "add", "--file", tmp_path / "e.toml", *dia)["evidence"]
    assert [one["bears"] for one in added] == ["L2", "L4", "L4"]
    hours = ("--kind", "working_hours", "--said", "Office hours.", "--source", "us", "--reliability", "A")
    (more,) = run("attribute", "evidence", "add", "1", *hours, *dia)["evidence"]
    assert (
        run("attribute", "1", "evidence", "withdraw", more["evidence_id"], "--why", "Wrong.", *dia)["why"] == "Wrong."
    )
    weighed = run("attribute", "1", "weigh", *store)
    assert (weighed["reached"]["level"], weighed["reached"]["signable"]) == ("L4", True)
    assert weighed["may_be_claimed"] == ["L0", "L1", "L2", "L4", "L5"]
    assert weighed["weighing"]["confidence"] == "high"
    assert "Confidence is high" in run("attribute", "weigh", "1", *store, text=True)

    assert run("attribute", "1", "claim", "--level", "L2", *by["ada"])["state"] == "standing"
    state = run("attribute", "1", "claim", "--level", "L5", "--legal-note", "Counsel agrees.", *by["ada"])
    assert (state["version"], state["state"]) == (2, "proposed")
    assert "ada made version 2" in run("attribute", "1", "sign", "2", *by["ada"], code=2)
    assert run("attribute", "1", "sign", "2", *by["cem"])["signer"] == "cem"
    given = run("attribute", "1", "give", "The Kite Times", *dia)
    assert given["text"].startswith("The network is directed by the state of China.")
    taken = run("attribute", "1", "retract", "2", "--why", "The tender was forged.", *by["ada"])
    assert [one["name"] for one in taken["owed"]] == ["The Kite Times"]
    assert len(run("attribute", "1", "recipients", "--owed", *store)["recipients"]) == 1
    assert run("attribute", "1", "told", given["recipient_id"], *dia)["sent_by"] == "dia"
    assert run("attribute", "1", "recipients", "--owed", *store)["recipients"] == []
    shown = run("attribute", "1", "show", *store)
    assert [one["state"] for one in shown["claims"]] == ["superseded", "retracted"]
    assert len(shown["evidence"]) == 4
    assert "The tender was forged." in run("attribute", "show", "1", *store, text=True)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("1", "claim", "--level", "L2", "--by", "ada.key"), "L2 is not allowed: the evidence reaches L1"),
        (("9", "weigh"), "there is no case 9"),
        (("1", "evidence", "add", "--as", "dia"), "name a --file, or say one piece"),
        (("1", "evidence", "add", "--file", "none.toml", "--as", "dia"), "none.toml: there is no such file"),
        (("1", "evidence", "add", "--file", "bad.toml", "--as", "dia"), "bad.toml, evidence 2: 'x' is no kind of evidence"),
        (("1", "evidence", "add", "--file", "story.json", "--as", "dia"), "story.json, evidence 1: what a network says"),
        (("1", "evidence", "add", "--file", "no.json", "--as", "dia"), "no.json is no JSON"),
        (("1", "evidence", "add", "--kind", "working_hours", "--as", "dia"), "the options: said is a text"),
        (("1", "sign", "3", "--by", "cem.key"), "has no version 3"),
        (("1", "retract", "1", "--why", "w", "--by", "ada.key"), "has no version 1"),
        (("1", "give", "Somebody", "--as", "dia"), "does not stand"),
        (("1", "told", "4", "--as", "dia"), "has no recipient 4"),
        (("1", "hours", "--dataset", "none", "--source", "us", "--as", "dia"), "none"),
        (("1", "networks", "--dataset", "none", "--source", "us", "--blocked", "CN", "--as", "dia"), "--blocked is a country"),
        (("1", "infrastructure", "--dataset", "none", "--source", "us", "--country", "DE", "--as", "dia"), "--disclosed FILE"),
    ],
)  # fmt: skip
def test_slips_say_what_where_and_how_to_mend_it(
    run: Run,
    store: tuple[Any, ...],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
    told: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bad.toml").write_text(FILE.replace('kind = "earlier_infrastructure"', 'kind = "x"'), "utf-8")
    (tmp_path / "story.json").write_text(json.dumps([{"kind": "narrative", "said": "s", "source": "s"}]), "utf-8")
    (tmp_path / "no.json").write_text("[", "utf-8")
    assert told in run("attribute", *arguments, *store, code=2)


def _dataset(folder: Path) -> None:
    """Accounts of the case keep office hours of UTC+8 and the networks of one country; 400 others do not. All invented."""
    start, rows = datetime(2026, 3, 2, tzinfo=UTC), {name: [] for name in ("assets", "posts", "logins")}  # type: ignore[var-annotated]
    for k, name in enumerate([*accounts(30), *(f"o{n}" for n in range(400))]):
        ours = name.startswith("a")
        key = {"platform": "sim", "asset_id": name}
        language = "zh-CN" if ours or k % 40 == 0 else "en"
        rows["assets"].append({**key, "kind": "account", "location": "Ohio, USA", "language": language})
        rows["logins"].append({**key, "at": start, "ip": f"10.0.{k // 250}.{k % 250}", "net_type": "residential",
                               "country": "CN" if ours else "US", "device_id": "d-shared" if ours else None})  # fmt: skip
        for day in range(40):
            at = start + timedelta(days=day, hours=(2 + k % 6) if ours else (k * 7 + day * 5) % 24)
            if not ours or at.weekday() < 5:
                rows["posts"].append({**key, "post_id": f"{name}-{day}", "posted_at": at, "kind": "original",
                                      "urls": ["https://www.kite.test/1"] if ours else []})  # fmt: skip
    with write_dataset(folder, name="made up") as writer:
        for table, lines in rows.items():
            writer.add(table, pa.Table.from_pylist(lines, schema_of(table)))


def test_what_a_dataset_tells_is_found_kept_and_bears_no_more_than_its_kind(
    run: Run, store: tuple[Any, ...], tmp_path: Path
) -> None:
    _dataset(tmp_path / "d")
    (tmp_path / "old.txt").write_text("kite.test\nd-shared\nelsewhere.test\n", "utf-8")
    of = ("--dataset", tmp_path / "d", "--source", "the platform", "--as", "dia", *store)

    (hours,) = run("attribute", "1", "hours", *of)["found"]
    assert (hours["kind"], hours["bears"]) == ("working_hours", "L1")
    (language,) = run("attribute", "1", "languages", "--keep", *of)["found"]
    assert (language["kind"], language["bears"], language["country"]) == ("interface_language", "L1", "")
    assert run("attribute", "1", "weigh", *store)["reached"]["level"] == "L1"


def test_log_ins_and_infrastructure_are_found(run: Run, store: tuple[Any, ...], tmp_path: Path) -> None:
    _dataset(tmp_path / "d")
    (tmp_path / "old.txt").write_text("kite.test\nd-shared\nelsewhere.test\n", "utf-8")
    of = ("--dataset", tmp_path / "d", "--source", "the platform", "--as", "dia", *store)

    (blocked,) = run("attribute", "1", "networks", "--blocked", "CN=a report", "--keep", *of)["found"]
    assert (blocked["kind"], blocked["country"], blocked["bears"]) == ("unblocked_access", "CN", "L2")
    old = ("--disclosed", tmp_path / "old.txt", "--country", "CN", "--entity", "Kite Works")
    (shared,) = run("attribute", "1", "infrastructure", *old, *of)["found"]
    assert shared["said"].startswith("2 of its servers, domains or devices")
    assert run("attribute", "1", "weigh", *store)["reached"]["level"] == "L2"
    with open_store(tmp_path / "s.sqlite") as opened:
        indicator = Indicator(kind="domain", value="kite.test")
        draft = TipDraft(ref="r", title="t", form="stix", indicators=(indicator,), read=1)
        (tip,) = Tips(Casework(opened, now)).take([draft], "dia", Grade(source="a peer"))
    by_tip = ("--tip", tip.tip_id, "--country", "CN")
    assert run("attribute", "1", "infrastructure", *by_tip, *of)["found"][0]["said"].startswith("1 of its servers")


@pytest.mark.parametrize(
    ("command", "told"),
    [
        ("hours", "no posts of these accounts"), ("networks", "no log-ins with a country"),
        ("languages", "of none of these accounts both a country"), ("infrastructure", "tells no links, addresses or devices"),
    ],
)  # fmt: skip
def test_a_dataset_that_cannot_tell_says_what_it_lacks(
    run: Run, store: tuple[Any, ...], tmp_path: Path, command: str, told: str
) -> None:
    with write_dataset(tmp_path / "d", name="made up"):
        pass
    (tmp_path / "old.txt").write_text("kite.test", "utf-8")
    more = ("--disclosed", tmp_path / "old.txt", "--country", "CN") if command == "infrastructure" else ()
    of = ("--dataset", tmp_path / "d", "--source", "us", "--as", "dia", *store)
    assert told in run("attribute", "1", command, *more, *of, code=2)


def test_the_kinds_of_evidence_are_listed_with_what_each_bears(run: Run) -> None:
    bears = {one["name"]: one["bears"] for one in run("attribute", "kinds")["kinds"]}
    assert (bears["working_hours"], bears["network_origin"], bears["identity_link"]) == ("L1", "L2", "L3")


def test_a_claim_is_disclosed_and_shared_and_its_retraction_is_in_both(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_store(tmp_path / "s.sqlite") as opened:
        _suspended(founded(opened, tmp_path), tmp_path, Platform(), 30)
    _released(tmp_path / "data", accounts(30), 4_000)
    monkeypatch.setenv("SAMEHAND_PASSPHRASE", PASSPHRASE)
    store, signed = ("--store", tmp_path / "s.sqlite"), ("--by", tmp_path / "ada.key")
    (tmp_path / "e.toml").write_text(FILE, "utf-8")
    (tmp_path / "about.toml").write_text(ABOUT, "utf-8")
    run("attribute", "1", "evidence", "add", "--file", tmp_path / "e.toml", "--as", "dia", *store)
    run("attribute", "1", "claim", "--level", "L2", *signed, *store)
    run("tip", "collection", "make", "peers", "--clearance", "green", "--as", "ada", *store)
    to = ("--to", "peers", "--as", "ada", *store)
    assert "--tlp and --organisation" in run("tip", "share", "--claim", "1", *to, code=2)
    assert run("tip", "share", "--claim", "1", "--tlp", "green", "--organisation", "Kite Town", *to)["added"] == 6
    told = ("--dataset", tmp_path / "data", "--about", tmp_path / "about.toml", *signed, *store)
    run("disclose", "1", *told, "--out", tmp_path / "without", "--no-claim")
    done = run("disclose", "1", *told, "--out", tmp_path / "with")
    blocks = [
        json.loads((tmp_path / name / "release.json").read_text("utf-8"))["actor_claim"] for name in ("without", "with")
    ]
    assert blocks[0] is None
    assert (blocks[1]["level"], blocks[1]["country"], blocks[1]["version"]) == ("L2", "CN", 1)

    taken = run("attribute", "1", "retract", "1", "--why", "It was wrong.", *signed, *store)
    assert [one["kind"] for one in taken["owed"]] == ["collection", "release"]
    assert run("release", "corrections", done["release"], "--out", tmp_path / "c.csv", *store)["corrections"] == 1
    assert "actor_claim, version 1, is taken back" in (tmp_path / "c.csv").read_text("utf-8")
    assert run("tip", "recall", *store)["revoked"] == 4
    assert run("attribute", "1", "recipients", "--owed", *store)["recipients"] == []
