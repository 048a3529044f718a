"""`samehand expand` and `samehand audience` as somebody types them, on a drawn platform and on broken files."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from samehand.cli import main
from samehand.store import open_store
from tests.casework.scenes import founded


def _run(capsys: pytest.CaptureFixture[str], *arguments: str | Path, code: int = 0) -> tuple[dict[str, Any], str]:
    with pytest.raises(SystemExit) as ended:
        main([*map(str, arguments), "--json"])
    out, said = capsys.readouterr()
    assert ended.value.code == code, said
    return (json.loads(out) if out.strip() else {}), said


def _csv(file: Path, rows: Sequence[tuple[str, ...]]) -> Path:
    with file.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows(rows)
    return file


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("world") / "august"
    with pytest.raises(SystemExit):
        main(["simulate", "assets-august", "--out", str(folder), "--seed", "4", "--scale", "0.3", "--json"])
    return folder


@pytest.fixture(scope="module")
def truth(world: Path) -> dict[str, dict[str, str]]:
    with (world / "truth.csv").open(encoding="utf-8", newline="") as stream:
        return {row["asset_id"]: row for row in csv.DictReader(stream)}


@pytest.fixture(scope="module")
def seeds(world: Path, truth: dict[str, dict[str, str]]) -> Path:
    pages = [name for name, row in truth.items() if (row["role"], row["kind"]) == ("team", "page")]
    return _csv(world.parent / "seeds.csv", [("kind", "value"), *(("asset", name) for name in pages[:3])])


@pytest.fixture(scope="module")
def run(world: Path, seeds: Path) -> Path:
    out = world.parent / "run"
    with pytest.raises(SystemExit) as ended:
        main(["expand", str(world), "--seeds", str(seeds), "--out", str(out), "--json"])
    assert ended.value.code == 0
    return out


def test_seven_pages_three_groups_and_five_accounts_come_from_three_pages(
    run: Path, truth: dict[str, dict[str, str]]
) -> None:
    members = [row["asset_id"] for row in pq.read_table(run / "members.parquet").to_pylist()]

    assert {truth[name]["role"] for name in members} == {"team"}
    assert len(members) >= 13


def test_the_network_is_judged_on_the_second_axis(run: Path) -> None:
    (network,) = pq.read_table(run / "networks.parquet").to_pylist()

    assert (network["coordinated"], network["inauthentic"], network["flagged"]) == ("strong", "strong", True)
    findings = pq.read_table(run / "findings.parquet").to_pylist()
    strong = {
        row["independence_group"] for row in findings if row["axis"] == "inauthentic" and row["state"] == "strong"
    }
    assert len(strong) >= 2


def test_every_included_asset_has_a_path_whose_receipts_are_rows_of_the_dataset(run: Path, world: Path) -> None:
    members = pq.read_table(run / "members.parquet").to_pylist()
    steps = pq.read_table(run / "path.parquet").to_pylist()

    assert {row["asset_id"] for row in steps} == {row["asset_id"] for row in members if row["role"] == "included"}
    for row in steps:
        for receipt in row["receipts"]:
            table, place = receipt.split(":")
            assert int(place) < pq.read_metadata(world / f"{table}.parquet").num_rows


def test_a_no_keeps_an_asset_out_and_a_yes_makes_a_seed(
    run: Path, world: Path, seeds: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    included = [row for row in pq.read_table(run / "members.parquet").to_pylist() if row["role"] == "included"]
    yes, no = included[0], included[1]
    rows = [
        ("platform", "asset_id", "answer"),
        *((one["platform"], one["asset_id"], word) for one, word in ((yes, "yes"), (no, "no"))),
    ]
    answers = _csv(tmp_path / "answers.csv", rows)
    _run(capsys, "expand", world, "--seeds", seeds, "--answers", answers, "--out", tmp_path / "again")

    roles = {row["asset_id"]: row["role"] for row in pq.read_table(tmp_path / "again" / "members.parquet").to_pylist()}
    assert roles[yes["asset_id"]] == "confirmed"
    assert no["asset_id"] not in roles


def test_a_seed_that_is_nowhere_is_told_and_broken_files_are_refused_with_their_place(
    world: Path, truth: dict[str, dict[str, str]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mine = next(name for name, row in truth.items() if row["role"] == "team")
    nowhere = _csv(tmp_path / "nowhere.csv", [("kind", "value"), ("asset", "no such"), ("text", "hi")])
    _, said = _run(capsys, "expand", world, "--seeds", nowhere, "--out", tmp_path / "run", code=2)
    assert "nothing that it names is in" in said
    assert "row 2, asset no such: is no asset" in said
    assert not (tmp_path / "run").exists()
    some = _csv(tmp_path / "some.csv", [("kind", "value"), ("asset", "no such"), *[("asset", mine)] * 2])
    done, _ = _run(capsys, "expand", world, "--seeds", some, "--out", tmp_path / "run")
    assert (done["seeds"], len(done["unmatched"])) == (1, 1)
    assert "1 of the seeds say what an earlier one says" in " ".join(done["notes"])
    _, said = _run(capsys, "expand", world, "--seeds", tmp_path, "--out", tmp_path / "other", code=2)
    assert "is a folder; name the file of seeds in it" in said
    _, said = _run(capsys, "expand", world, "--out", tmp_path / "other", code=2)
    assert "--seeds FILE, or --tip N" in said

    wrong = _csv(tmp_path / "wrong.csv", [("kind", "value"), ("colour", "red")])
    _, said = _run(capsys, "expand", world, "--seeds", wrong, "--out", tmp_path / "other", code=2)
    assert "row 2, kind: 'colour'" in said
    wrong.write_text('kind,value\nasset,"open\n', encoding="utf-8")
    _, said = _run(capsys, "expand", world, "--seeds", wrong, "--out", tmp_path / "other", code=2)
    assert "look for a quote that is not closed" in said
    wrong.write_bytes(b"kind,value\nasset,\xff\n")
    _, said = _run(capsys, "expand", world, "--seeds", wrong, "--out", tmp_path / "other", code=2)
    assert "is no text in UTF-8" in said
    assert not (tmp_path / "other").exists()
    _, said = _run(capsys, "expand", world, "--seeds", nowhere, "--hops", "0", "--out", tmp_path / "other", code=2)
    assert "--hops is 1 or more" in said


def test_a_tip_of_the_store_is_a_beginning(
    run: Path, world: Path, seeds: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store = tmp_path / "store.sqlite"
    with open_store(store) as opened:
        founded(opened, tmp_path)
    pages = [line.split(",")[1] for line in seeds.read_text(encoding="utf-8").split()[1:]]
    links = tmp_path / "links.txt"
    links.write_text("".join(f"https://metabook[.]example/{page}/posts\n" for page in pages), encoding="utf-8")
    tip = ("tip", "import", links, "--source", "A peer", "--as", "dia", "--store", store)
    _run(capsys, *tip)
    out = tmp_path / "from-tip"

    _run(capsys, "expand", world, "--tip", "1", "--host", "www.metabook.example", "--store", store, "--out", out)

    assert pq.read_table(out / "members.parquet").equals(pq.read_table(run / "members.parquet"))
    made, _ = _run(capsys, "tip", "case", "1", "--as", "dia", "--store", store)
    brought, _ = _run(capsys, "case", "bring", out, "--dataset", world, "--as", "dia", "--store", store)
    assert brought["brought"][0]["case"]["case_id"] == made["case"]
    _, said = _run(capsys, "expand", world, "--tip", "1", "--store", store, "--out", tmp_path / "no", code=2)
    assert "the tip: nothing that it names is in" in said
    _run(capsys, "tip", "retract", "1", "--why", "It was wrong.", "--as", "dia", "--store", store)
    _, said = _run(capsys, "expand", world, "--tip", "1", "--store", store, "--out", tmp_path / "no", code=2)
    assert "tip 1 does not count any more" in said


def test_a_run_is_explained_by_its_paths_and_its_page_accuses_nobody_under_innocence(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    step = pq.read_table(run / "path.parquet").to_pylist()[0]
    told, _ = _run(capsys, "explain", run, step["asset_id"])
    assert told["path"][0]["object_id"] == step["object_id"]
    with pytest.raises(SystemExit):
        main(["explain", str(run), step["asset_id"]])
    text, _ = capsys.readouterr()
    assert "reached, step 1: from" in text
    innocent = [line for line in text.splitlines() if "could be innocent" in line]
    assert len(innocent) == 2
    assert not any("trong" in line or "lagged" in line for line in innocent)
    assert "is anybody real:" in text

    page = tmp_path / "page.html"
    with pytest.raises(SystemExit):
        main(["report", str(run), "--html", str(page), "--json"])
    shown = page.read_text(encoding="utf-8")
    assert "How each was reached" in shown
    assert "this question was not looked at" not in shown
    assert "holds no receipts" not in shown
    with pytest.raises(SystemExit):
        main(["report", str(run), "--html", str(page), "--redact", "--json"])
    assert step["object_id"] not in page.read_text(encoding="utf-8").split("How each was reached")[1].split("<h4>")[0]


def test_an_account_may_be_named_by_its_handle(world: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = pq.read_table(world / "assets.parquet", columns=["asset_id", "handle"]).to_pylist()
    named = next(row for row in rows if row["handle"] and row["handle"] != row["asset_id"])
    seeds = _csv(tmp_path / "seeds.csv", [("kind", "value"), ("asset", f"@{named['handle'].upper()}")])
    done, _ = _run(capsys, "expand", world, "--seeds", seeds, "--out", tmp_path / "run")

    assert (done["seeds"], done["unmatched"]) == (1, [])


def test_the_audience_is_a_union_of_accounts(
    world: Path, truth: dict[str, dict[str, str]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mine = [(name,) for name, row in truth.items() if row["role"] == "team" and row["kind"] in ("page", "group")]
    targets = _csv(tmp_path / "targets.csv", [("asset_id",), *mine])
    done, _ = _run(capsys, "audience", world, "--targets", targets, "--out", tmp_path / "audience.csv")

    whole = {row["measure"]: row["value"] for row in done["rows"] if row["target_id"] is None}
    assert (whole["followers_ge1"], whole["members_ge1"]) == (15_500, 2_200)
    by_page = sum(row["value"] for row in done["rows"] if row["target_id"] and row["measure"] == "followers_ge1")
    assert by_page > 15_500
    _, said = _run(capsys, "audience", world, "--targets", targets, "--out", tmp_path / "audience.xyz", code=2)
    assert "use .csv" in said
    _, said = _run(capsys, "audience", world, "--targets", targets, "--out", tmp_path / "no" / "a.csv", code=2)
    assert "there is no such folder for the counts" in said
    nobody = _csv(tmp_path / "nobody.csv", [("asset_id",), ("no such",)])
    _, said = _run(capsys, "audience", world, "--targets", nobody, "--out", tmp_path / "a.csv", code=2)
    assert "no target is in" in said
    assert not (tmp_path / "a.csv").exists()


@pytest.mark.parametrize("name", ["no", "there"])
def test_a_file_that_is_not_there_is_said(
    name: str, world: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, said = _run(
        capsys, "audience", world, "--targets", tmp_path / f"{name}.csv", "--out", tmp_path / "a.csv", code=2
    )

    assert f"{name}.csv: there is no such file of targets" in said


def test_what_the_dataset_does_not_hold_is_null_and_not_none(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    relations = tmp_path / "relations.csv"
    _csv(
        relations,
        [("platform", "asset_id", "role", "target_id"), ("p", "a", "follower", "x"), ("p", "b", "follower", "x")],
    )
    _run(capsys, "import", "table", relations, "--into", tmp_path / "data", "--table", "relations")
    targets = _csv(tmp_path / "targets.csv", [("asset_id",), ("x",)])

    done, _ = _run(capsys, "audience", tmp_path / "data", "--targets", targets, "--out", tmp_path / "a.json")

    whole = {row["measure"]: (row["value"], row["high"]) for row in done["rows"] if row["target_id"] is None}
    assert whole["followers_ge1"] == (2, 2)
    assert whole["viewers"] == (None, None)
    assert whole["any"] == (2, None)
    assert (whole["ads"], whole["events"]) == ((None, None), (None, None))
