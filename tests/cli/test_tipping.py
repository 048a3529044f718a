"""`samehand tip` as somebody at a shell uses it."""

from __future__ import annotations

import json
import uuid
from pathlib import Path

import pytest

from tests.cli.conftest import Run

LIST = (
    "Tactic,Technique,Procedure,Indicator\n0. Acquiring assets,0.6 Acquiring domains,,kite[.]com\n,,,\n"
    "0. Acquiring assets,,,t[.]me/kites\n"
)
COUNTS = ("read", "kept", "merged", "rejected")


@pytest.fixture
def store(tmp_path: Path) -> tuple[str, str]:
    return ("--store", str(tmp_path / "s.sqlite"))


@pytest.fixture
def listed(tmp_path: Path) -> Path:
    (tmp_path / "kites.csv").write_text(LIST, "utf-8")
    return tmp_path / "kites.csv"


def test_files_are_taken_in_at_once_counted_looked_up_and_taken_back(
    run: Run, store: tuple[str, str], listed: Path, tmp_path: Path
) -> None:
    (tmp_path / "plain.txt").write_text("kite[.]com\n", "utf-8")
    done = run(
        "tip", "import", listed, tmp_path / "plain.txt", "--source", "A peer", "--tlp", "green", "--as", "dia", *store
    )
    assert [done[name] for name in COUNTS] == [4, 3, 0, 1]
    assert [(one["tip"], one["new"], one["reasons"]) for one in done["tips"]] == [
        (1, True, {"the row is empty": 1}),
        (2, True, {}),
    ]
    assert run("tip", "import", listed, "--source", "A peer", "--as", "dia", *store)["kept"] == 0

    assert [one["tip"]["tip_id"] for one in run("tip", "find", "https://KITE.com/", *store)["matches"]] == [2, 1]
    assert run("tip", "find", "kites", "--platform", "telegram", *store)["matches"][0]["indicator"]["kind"] == "account"
    assert "tip 1 [A peer, F6, TLP:GREEN" in run("tip", "list", *store, text=True)
    assert "domain kite[.]com (0.6 Acquiring domains)" in run("tip", "show", "1", *store, text=True)
    run("tip", "retract", "1", "--why", "Wrong.", "--as", "dia", *store)
    assert [one["tip"]["tip_id"] for one in run("tip", "find", "kite.com", *store)["matches"]] == [2]
    assert run("tip", "forget", "--before", "2030-01-01", "--as", "dia", *store)["erased"] == 3


@pytest.mark.parametrize(
    ("form", "name"), [("stix", "o.json"), ("misp", "o.json"), ("kill-chain", "o.csv"), ("indicators", "o.csv")]
)
def test_a_tip_leaves_as_far_as_its_marking_lets_it(
    run: Run, store: tuple[str, str], listed: Path, tmp_path: Path, form: str, name: str
) -> None:
    for tlp in ("clear", "red", "amber+strict"):
        run("tip", "import", listed, "--source", tlp, "--tlp", tlp, "--as", "dia", *store)
    out = tmp_path / name
    assert run("tip", "export", "1", "--to", form, "--out", out, *store)["indicators"] == 2
    assert "kite" in out.read_text("utf-8")
    out.unlink()
    for number, tlp in ((2, "RED"), (3, "AMBER+STRICT")):
        said = run("tip", "export", str(number), "--to", form, "--out", out, *store, code=2)
        assert f"marked TLP:{tlp}: it does not leave" in said
        assert not out.exists()
    again = tmp_path / "again.sqlite"
    run("tip", "export", "1", "--to", form, "--out", out, *store)
    assert run("tip", "import", out, "--source", "x", "--as", "dia", "--store", again)["kept"] == 2


def test_a_list_that_comes_again_under_tlp_red_leaves_no_more(
    run: Run, store: tuple[str, str], listed: Path, tmp_path: Path
) -> None:
    take = ("tip", "import", listed, "--source", "A peer", "--as", "dia", *store)
    run(*take, "--tlp", "clear")
    assert "it is marked TLP:RED now, not TLP:CLEAR" in run(*take, "--tlp", "red", text=True)
    out = tmp_path / "o.json"
    assert "marked TLP:RED" in run("tip", "export", "1", "--to", "stix", "--out", out, *store, code=2)
    assert [one["changes"] for one in run(*take)["tips"]] == [[]]


def test_a_file_that_is_broken_is_named_and_nothing_of_the_others_is_taken(
    run: Run, store: tuple[str, str], listed: Path, tmp_path: Path
) -> None:
    (tmp_path / "broken.json").write_text('{"type": "bundle"', "utf-8")
    said = run("tip", "import", listed, tmp_path / "broken.json", "--source", "x", "--as", "dia", *store, code=2)
    assert "broken.json is no JSON" in said
    assert run("tip", "list", *store)["tips"] == []
    assert "say whose tip it is" in run("tip", "import", listed, "--as", "dia", *store, code=2)
    assert "no tip 9" in run("tip", "show", "9", *store, code=2)


def test_partners_are_let_read_what_is_shared_with_them(run: Run, store: tuple[str, str], listed: Path) -> None:
    run("tip", "import", listed, "--source", "A peer", "--tlp", "green", "--as", "dia", *store)
    run("tip", "collection", "make", "peers", "--clearance", "green", "--as", "ada", *store)
    assert "no API key called partner" in run(
        "tip", "collection", "let", "peers", "partner", "--as", "ada", *store, code=2
    )
    run("serve", "key", "make", "partner", "--scope", "taxii:read", "--as", "ada", *store)
    assert run("tip", "collection", "let", "peers", "partner", "--send", "--as", "ada", *store)["readers"] == {
        "partner": True
    }
    assert run("tip", "share", "--tip", "1", "--to", "peers", "--as", "ada", *store)["added"] == 6
    assert "6 objects, read by partner (may send)" in run("tip", "collection", "list", *store, text=True)
    run("tip", "retract", "1", "--why", "Wrong.", "--as", "dia", *store)
    assert run("tip", "recall", *store)["revoked"] == 3
    assert run("tip", "collection", "let", "peers", "partner", "--not-any-more", "--as", "ada", *store)["readers"] == {}
    assert "name a --tip or a --decision" in run("tip", "share", "--to", "peers", "--as", "ada", *store, code=2)
    assert "no collection 'none'" in run("tip", "share", "--tip", "1", "--to", "none", "--as", "ada", *store, code=2)


def test_two_houses_compare_devices_without_showing_them(run: Run, tmp_path: Path) -> None:
    mine, theirs = tmp_path / "mine.txt", tmp_path / "theirs.txt"
    same = str(uuid.uuid4())
    mine.write_text(f"{uuid.uuid4()}\n{same}\n12345\n", "utf-8")
    theirs.write_text(f"{same}\n{uuid.uuid4()}\n", "utf-8")
    run("tip", "key", tmp_path / "key")
    of = ("--kind", "device", "--key", tmp_path / "key")
    assert run("tip", "hash", theirs, *of, "--out", tmp_path / "h.csv")["hashed"] == 2
    assert same not in (tmp_path / "h.csv").read_text("utf-8")
    assert run("tip", "hash", mine, *of, "--against", tmp_path / "h.csv") == {"matches": [same], "left": 1}
    assert "name --out" in run("tip", "hash", mine, *of, code=2)
    assert "not written over" in run("tip", "key", tmp_path / "key", code=2)


def test_a_pull_asks_for_its_token(run: Run, store: tuple[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SAMEHAND_TAXII_TOKEN", raising=False)
    said = run("tip", "pull", "https://peer.invalid/x/", "--source", "x", "--as", "dia", *store, code=2)
    assert "SAMEHAND_TAXII_TOKEN" in said
    monkeypatch.setenv("SAMEHAND_TAXII_TOKEN", "secret")
    said = run("tip", "pull", "http://peer.invalid/x/", "--source", "x", "--as", "dia", *store, code=2)
    assert "without TLS" in said
    assert "secret" not in json.dumps(said)
