"""`samehand disclose` and `samehand release` as a script sees them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from samehand.casework.keys import make_key
from samehand.store import open_store
from tests.casework.conftest import _quick_keys  # noqa: F401 (quick passphrases)
from tests.casework.scenes import PASSPHRASE, accounts, founded
from tests.cli.conftest import Run
from tests.disclosure.test_releases import _dataset
from tests.enforcement.test_appeals import _suspended
from tests.enforcement.test_execution import Platform

ABOUT = """
title = "A network of kite accounts"
organisation = "Kite Town"
saw = "30 accounts acted as one."
know = "They shared devices."
unknown = "Who is behind them."
appeal = "Write to appeals@sim.test."
"""


def _decided(folder: Path, monkeypatch: pytest.MonkeyPatch, others: int, about: str = ABOUT) -> Path:
    """A store with a case that was carried out on 30 accounts, its dataset with so many others, and what is said of it."""
    store = folder / "s.sqlite"
    with open_store(store) as opened:
        _suspended(founded(opened, folder), folder, Platform(), 30)
    _dataset(folder / "data", accounts(30), others)
    (folder / "about.toml").write_text(about, "utf-8")
    monkeypatch.setenv("SAMEHAND_PASSPHRASE", PASSPHRASE)
    return store


def test_a_case_is_disclosed_listed_stated_and_corrected(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = _decided(tmp_path, monkeypatch, 4_000)
    of = ("--dataset", tmp_path / "data", "--store", store)
    signed = ("--about", tmp_path / "about.toml", "--by", tmp_path / "ada.key", "--out", tmp_path / "release")

    done = run("disclose", "1", *of, *signed)
    assert (done["accounts"], done["attack"]["joined"]) == (30, 0)
    assert json.loads((tmp_path / "release" / "release.json").read_text("utf-8"))["release_id"] == done["release"]
    assert [one["release"] for one in run("release", "list", "--store", store)["releases"]] == [done["release"]]
    told = run("release", "statements", "1", *of, "--out", tmp_path / "sor.json")
    assert (told["statements"], told["withdrawn"]) == (30, [])
    assert len(json.loads((tmp_path / "sor.json").read_text("utf-8"))["batches"][0]["statements"]) == 30
    out = ("--out", tmp_path / "c.csv", "--store", store)
    assert run("release", "corrections", done["release"], *out)["corrections"] == 0

    period = ("release", "counts", "--store", store, "--since", "2000-01-01", "--until")
    told = run(*period, "2100-01-01", "--out", tmp_path / "counts")
    assert (told["accounts_suspended"], told["solely_automated"], told["appeals"]["received"]) == (30, 0, 0)
    assert told["by_category"] == {"coordinated_inauthentic": 30}
    assert told["posts_removed"] is None
    own = (tmp_path / "counts" / "06_own_initiative_TC.csv").read_text("utf-8")
    assert ",account_suspension,30," in own
    assert len(list((tmp_path / "counts").glob("*.csv"))) == 10
    assert (told["xlsx"], (tmp_path / "counts" / "harmonised.xlsx").is_file()) == (True, True)
    assert not run(*period, "2100-01-01", "--out", tmp_path / "plain", "--no-xlsx")["xlsx"]
    assert not (tmp_path / "plain" / "harmonised.xlsx").exists()
    with monkeypatch.context() as without:
        without.setattr("samehand.cli.disclosing.has_xlsx", lambda: False)
        text = run(*period, "2100-01-01", "--out", tmp_path / "plain", text=True)
        assert "no harmonised.xlsx: pip install 'samehand[xlsx]'" in text
    assert "not kept" in (tmp_path / "counts" / "09_human_resources.csv").read_text("utf-8")
    empty = run(*period, "2000-02-01", "--out", tmp_path / "empty")
    assert (empty["accounts_suspended"], empty["decisions_by_signatures"]) == (0, {})
    assert "ends before it begins" in run(*period, "1999-01-01", "--out", tmp_path / "none", code=2)

    assert "no release none" in run("release", "corrections", "none", *out, code=2)
    assert "no case 9" in run("disclose", "9", *of, *signed, code=2)
    (tmp_path / "about.toml").write_text("title = 1", "utf-8")
    assert "about.toml: title" in run("disclose", "1", *of, *signed, code=2)
    make_key(tmp_path / "zoe.key", "zoe", PASSPHRASE)
    (tmp_path / "about.toml").write_text(ABOUT, "utf-8")
    assert "zoe" in run("disclose", "1", *of, *signed[:3], tmp_path / "zoe.key", *signed[4:], code=2)


def test_what_of_the_pdf_is_not_there_the_command_tells(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = _decided(tmp_path, monkeypatch, 4_000, ABOUT.replace("kite accounts", "風 箏 accounts"))
    out = ("--out", tmp_path / "release")
    making = (
        "disclose", "1", "--dataset", tmp_path / "data", "--store", store, "--about", tmp_path / "about.toml", "--by",
        tmp_path / "ada.key", *out,
    )  # fmt: skip

    assert "warning: report.pdf lacks 2 letters (風 箏); report.html has them" in run(*making, text=True)
    assert run(*making, "--pdf")["letters_missing_in_pdf"] == ["風", "箏"]
    assert not run(*making, "--no-pdf")["pdf"]
    assert "report.pdf" not in run(*making, "--no-pdf", text=True)
    monkeypatch.setattr("samehand.disclosure.releases.has_pdf", lambda: False)
    assert "no report.pdf: pip install 'samehand[pdf]' for it" in run(*making, text=True)
    assert "needs the optional library: pip install 'samehand[pdf]'" in run(*making, "--pdf", code=1)


def test_the_vetted_tier_is_for_a_named_recipient_and_signed_by_two(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = _decided(tmp_path, monkeypatch, 40)
    making = (
        "disclose", "1", "--dataset", tmp_path / "data", "--store", store, "--about", tmp_path / "about.toml", "--out",
        tmp_path / "release", "--by", tmp_path / "ada.key",
    )  # fmt: skip
    vetted = ("--tier", "vetted", "--recipient", "Kite Institute", "--by", tmp_path / "cem.key")

    assert "signed by two persons: give --by twice" in run(*making, *vetted[:4], code=2)
    assert "--tier vetted --recipient NAME" in run(*making, "--tier", "vetted", code=2)
    assert "--tier vetted --recipient NAME" in run(*making, "--recipient", "Kite Institute", code=2)
    assert "a public release is signed by one" in run(*making, "--by", tmp_path / "cem.key", code=2)
    assert "another person" in run(*making, *vetted[:5], tmp_path / "ada.key", code=2)
    assert "nothing is released" in run(*making, code=2)  # a public one finds too many among so few
    done = run(*making, *vetted)
    assert (done["tier"], done["recipient"], done["accounts"]) == ("vetted", "Kite Institute", 30)
    (known,) = run("release", "list", "--store", store)["releases"]
    assert (known["mark"], known["recipient"], known["taken_back"]) == (done["mark"], "Kite Institute", 0)
    listed = run("release", "list", "--store", store, text=True)
    assert f"(vetted, for Kite Institute, mark {done['mark']})" in listed
    assert "for Kite Institute, not to be published; its mark is" in run(*making, *vetted, text=True)
