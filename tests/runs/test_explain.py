from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from samehand.errors import InputError, NotFoundError
from samehand.runs import explain_account, explain_pair
from tests.report.made_runs import edge, member, network, receipt, write
from tests.runs.conftest import Detected


def _strongest(detected: Detected) -> dict[str, Any]:
    edges = detected.run.table("edges").sort_by([("p_value", "ascending")])
    return dict(edges.slice(0, 1).to_pylist()[0])


def test_a_pair_opens_to_the_posts_that_tie_it_with_their_texts_and_times(detected: Detected) -> None:
    strongest = _strongest(detected)
    found = explain_pair(str(detected.run.path), strongest["asset_a"], strongest["asset_b"])
    texts = {row["post_id"]: row["text"] for row in detected.world.posts.select(["post_id", "text"]).to_pylist()}

    assert strongest in found.edges
    assert len(found.receipts) == sum(row["co_activities"] for row in found.edges)
    assert [row["at_a"] for row in found.receipts] == sorted(row["at_a"] for row in found.receipts)
    for row in found.receipts:
        assert row["apart_s"] == abs((row["at_a"] - row["at_b"]).total_seconds()) <= row["window_s"]
        assert (row["text_a"], row["text_b"]) == (texts[row["post_a"]], texts[row["post_b"]])
    (held,) = found.networks
    assert held["size"] > 2


def test_the_order_of_the_two_accounts_does_not_matter(detected: Detected) -> None:
    strongest = _strongest(detected)
    one, two = (
        explain_pair(str(detected.run.path), strongest[a], strongest[b])
        for a, b in (("asset_a", "asset_b"), ("asset_b", "asset_a"))
    )

    assert (one.edges, one.receipts) == (two.edges, two.receipts)
    assert one.accounts == two.accounts[::-1]


def test_an_account_is_named_by_its_id_its_platform_and_id_or_its_handle(detected: Detected) -> None:
    account = _strongest(detected)["asset_a"]
    handles = {row["asset_id"]: row["handle"] for row in detected.world.assets.to_pylist()}
    names = [account, f"twitter:{account}", handles[account], f"@{handles[account].upper()}"]
    found = [explain_account(str(detected.run.path), name) for name in names]

    assert found == [found[0]] * 4
    assert found[0].accounts == ({"platform": "twitter", "asset_id": account, "handle": handles[account]},)


def test_an_account_by_itself_shows_its_strongest_ties_and_says_how_many_there_are(detected: Detected) -> None:
    account = _strongest(detected)["asset_a"]
    found = explain_account(str(detected.run.path), account, ties=3)

    assert len(found.edges) == 3
    assert any(note.startswith("showing 3 of ") for note in found.notes)
    assert [row["p_value"] for row in found.edges] == sorted(row["p_value"] for row in found.edges)
    assert all(account in (row["asset_a"], row["asset_b"]) for row in (*found.edges, *found.receipts))


def test_two_of_different_networks_are_tied_by_nothing(detected: Detected) -> None:
    members = detected.run.table("members").to_pylist()
    other = next(row for row in members if row["network_id"] != members[0]["network_id"])
    found = explain_pair(str(detected.run.path), members[0]["asset_id"], other["asset_id"])

    assert (found.edges, found.receipts, found.networks) == ((), (), ())
    assert any("never together themselves" in note for note in found.notes)


def test_an_unknown_account_is_refused_with_near_names(detected: Detected) -> None:
    account = _strongest(detected)["asset_a"]
    with pytest.raises(NotFoundError) as error:
        explain_account(str(detected.run.path), account[:-1] + "x")
    assert account in str(error.value)

    with pytest.raises(NotFoundError, match=r"edges\.parquet list the \d+ who are"):
        explain_account(str(detected.run.path), "?")


def test_an_account_in_no_network_is_not_found(detected: Detected) -> None:
    organic = next(row["asset_id"] for row in detected.world.truth.to_pylist() if row["role"] == "organic")

    with pytest.raises(NotFoundError, match=r"is in no network .* has no tie"):
        explain_pair(str(detected.run.path), _strongest(detected)["asset_a"], organic)


def test_a_run_that_is_not_there_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="is no run"):
        explain_account(str(tmp_path), "a")


def _two_platforms(folder: Path) -> str:
    tables = {
        "networks": [network("N1", 2)],
        "members": [member("N1", "7", platform="x"), member("N1", "7", platform="y")],
        "edges": [edge("7", "7", platform_b="y")],
        "receipts": [receipt("7", "7", "example.org/a", 0.0, platform_b="y", post_a=None)],
    }
    write(folder, {"dataset": {"path": str(folder / "gone")}}, **tables)
    return str(folder)


def test_a_name_that_fits_accounts_of_two_platforms_is_asked_for_again(tmp_path: Path) -> None:
    run = _two_platforms(tmp_path / "run")
    with pytest.raises(InputError, match="'7' names several accounts: x:7, y:7"):
        explain_account(run, "7")

    assert len(explain_pair(run, "x:7", "y:7").edges) == 1


def test_without_its_dataset_a_run_still_explains_but_shows_no_texts(tmp_path: Path, detected: Detected) -> None:
    shutil.copytree(detected.run.path, tmp_path / "run")
    info = json.loads((tmp_path / "run" / "run.json").read_text(encoding="utf-8"))
    info["dataset"]["path"] = str(tmp_path / "gone")
    (tmp_path / "run" / "run.json").write_text(json.dumps(info), encoding="utf-8")
    found = explain_account(str(tmp_path / "run"), _strongest(detected)["asset_a"])

    assert found.receipts
    assert {row["text_a"] for row in found.receipts} == {None}
    assert any("no texts and handles are shown" in note for note in found.notes)


def test_a_receipt_without_a_post_is_shown_without_a_text(tmp_path: Path) -> None:
    (row,) = explain_pair(_two_platforms(tmp_path / "run"), "x:7", "y:7").receipts

    assert (row["post_a"], row["text_a"]) == (None, None)


def test_a_run_that_was_moved_with_its_dataset_still_knows_handles(
    detected: Detected, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its dataset was typed as a relative path, from another folder; now both lie elsewhere, side by side."""
    shutil.copytree(detected.run.path, tmp_path / "moved" / "run")
    shutil.copytree(detected.dataset.path, tmp_path / "moved" / detected.dataset.path.name)
    info = json.loads((tmp_path / "moved" / "run" / "run.json").read_text())
    info["dataset"]["path"] = f"elsewhere/{detected.dataset.path.name}"
    (tmp_path / "moved" / "run" / "run.json").write_text(json.dumps(info))
    monkeypatch.chdir(tmp_path)
    row = _strongest(detected)
    assets = detected.dataset.table("assets", ["asset_id", "handle"]).to_pylist()
    handle = next(asset["handle"] for asset in assets if asset["asset_id"] == row["asset_a"])

    found = explain_account(str(tmp_path / "moved" / "run"), f"@{handle}")

    assert found.accounts[0]["asset_id"] == row["asset_a"]


def test_without_the_dataset_a_handle_is_refused_with_the_reason(detected: Detected, tmp_path: Path) -> None:
    shutil.copytree(detected.run.path, tmp_path / "run")
    info = json.loads((tmp_path / "run" / "run.json").read_text())
    info["dataset"]["path"] = "gone"
    (tmp_path / "run" / "run.json").write_text(json.dumps(info))

    with pytest.raises(NotFoundError, match="handles are not known"):
        explain_account(str(tmp_path / "run"), "@somebody")


def test_two_members_who_never_met_are_told_through_whom_they_belong(tmp_path: Path) -> None:
    tables = {
        "networks": [network("N1", 4)],
        "members": [member("N1", name) for name in "abcd"],
        "edges": [
            edge("a", "c", bits=20.0),
            edge("b", "c", bits=9.0),
            edge("a", "d", bits=8.0),
            edge("b", "d", bits=30.0),
        ],
        "receipts": [receipt("a", "c", "example.org/a", 0.0)],
    }
    write(tmp_path / "run", {"dataset": {"path": str(tmp_path / "gone")}}, **tables)
    found = explain_pair(str(tmp_path / "run"), "a", "b")

    assert (found.edges, found.between) == ((), ("x:c", "x:d"))
    assert any("never together themselves" in note for note in found.notes)


def test_one_account_named_twice_is_bad_input(detected: Detected) -> None:
    member = detected.run.table("members").to_pylist()[0]["asset_id"]

    with pytest.raises(InputError, match="the same account"):
        explain_pair(str(detected.run.path), member, member)


def test_an_account_of_a_network_comes_with_the_networks_verdict_in_sentences(detected: Detected) -> None:
    member = detected.run.table("members").to_pylist()[0]
    (network,) = explain_account(str(detected.run.path), member["asset_id"]).networks

    assert network["verdict"] == detected.run.info["verdicts"][member["network_id"]]
    assert len(network["verdict"]) >= 2
