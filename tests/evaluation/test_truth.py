from __future__ import annotations

import gzip
from pathlib import Path

import pyarrow as pa
import pytest

from samehand.errors import FormatError, NotFoundError
from samehand.evaluation import RoleCount, TeamCount, compare_with_truth, read_truth
from samehand.records import write_run

TRUTH = (
    "platform,asset_id,role,team",
    "x,1,organic,",
    "x,2,organic,",
    "x,3,newsroom,",
    "x,4,team,team-1",
    "x,5,team,team-1",
    "x,6,team,team-2",
    "x,7,team,team-2",
    "x,8,team,team-2",
)


def made_truth(folder: Path, lines: tuple[str, ...] = TRUTH) -> Path:
    file = folder / "truth.csv"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file


def made_run(folder: Path, *networks: tuple[str, ...], platform: str = "x") -> Path:
    """A run whose networks hold these accounts."""
    names = [f"n{number}" for number in range(1, len(networks) + 1)]
    with write_run(folder / "run") as writer:
        writer.write(
            "networks",
            pa.table(
                {
                    "network_id": pa.array(names, pa.string()),
                    "size": [len(accounts) for accounts in networks],
                    "p_value": [1e-9] * len(names),
                    "q_value": [1e-6] * len(names),
                    "coordinated": ["strong"] * len(names),
                    "inauthentic": ["unknown"] * len(names),
                    "flagged": [False] * len(names),
                    "explanation": pa.nulls(len(names), pa.string()),
                }
            ),
        )
        rows = [(name, account) for name, accounts in zip(names, networks, strict=True) for account in accounts]
        writer.write(
            "members",
            pa.table(
                {
                    "network_id": pa.array([name for name, _ in rows], pa.string()),
                    "platform": pa.array([platform] * len(rows), pa.string()),
                    "asset_id": pa.array([account for _, account in rows], pa.string()),
                    "role": pa.array(["member"] * len(rows), pa.string()),
                    "score": pa.array([1.0] * len(rows), pa.float64()),
                }
            ),
        )
    return folder / "run"


def test_members_are_counted_by_role_and_by_team(tmp_path: Path) -> None:
    compared = compare_with_truth(made_run(tmp_path, ("4", "5", "1"), ("6", "3")), made_truth(tmp_path))

    assert compared.roles == (RoleCount("newsroom", 1, 1), RoleCount("organic", 2, 1), RoleCount("team", 5, 3))
    assert compared.teams == (TeamCount("team-1", 2, 2), TeamCount("team-2", 3, 1))
    assert (compared.networks, compared.members, compared.unknown) == (2, 5, 0)
    assert compared.matched_by == "platform and asset_id"


def test_a_team_is_found_from_half_of_its_accounts_on() -> None:
    assert [TeamCount("t", 3, found).found for found in range(4)] == [False, False, True, True]
    assert TeamCount("t", 4, 2).found


def test_an_account_in_two_networks_counts_once(tmp_path: Path) -> None:
    compared = compare_with_truth(made_run(tmp_path, ("4", "5"), ("5", "6")), made_truth(tmp_path))

    assert compared.members == 3


def test_a_run_without_networks_found_nobody(tmp_path: Path) -> None:
    compared = compare_with_truth(made_run(tmp_path), made_truth(tmp_path))

    assert {row.in_networks for row in compared.roles} == {0}
    assert (compared.networks, compared.members, compared.matched_by) == (0, 0, "platform and asset_id")


def test_accounts_match_by_id_alone_where_the_platform_has_another_name(tmp_path: Path) -> None:
    run = made_run(tmp_path, ("4", "5"), platform="twitter")

    compared = compare_with_truth(run, made_truth(tmp_path))

    assert compared.matched_by == "asset_id"
    assert compared.teams[0] == TeamCount("team-1", 2, 2)


def test_members_that_the_truth_does_not_name_are_counted_apart(tmp_path: Path) -> None:
    compared = compare_with_truth(made_run(tmp_path, ("4", "99")), made_truth(tmp_path))

    assert (compared.members, compared.unknown) == (2, 1)


def test_an_id_on_two_platforms_cannot_be_matched_by_id_alone(tmp_path: Path) -> None:
    truth = made_truth(tmp_path, (*TRUTH, "y,4,organic,"))

    with pytest.raises(FormatError, match="name different platforms"):
        compare_with_truth(made_run(tmp_path, ("4", "5"), platform="twitter"), truth)


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (("platform,asset_id,role", "x,1,organic"), r"truth.csv has no column team; a truth has"),
        (("platform,asset_id,role,team", "x,1,,"), r"truth.csv, row 1: x:1 has no role"),
        (("platform,asset_id,role,team", "x,1,fan,", "x,1,fan,"), r"truth.csv, row 2: x:1 comes twice"),
        (("",), r"truth.csv has no column platform"),
    ],
)
def test_a_truth_that_cannot_be_read_says_where(tmp_path: Path, lines: tuple[str, ...], message: str) -> None:
    with pytest.raises(FormatError, match=message):
        read_truth(made_truth(tmp_path, lines))


def test_a_truth_that_is_not_there_says_who_writes_one(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="samehand simulate"):
        read_truth(tmp_path / "truth.csv")


def test_a_truth_that_is_no_text_or_packed_is_read_or_refused_with_its_columns(tmp_path: Path) -> None:
    packed, binary = tmp_path / "truth.csv.gz", tmp_path / "truth.bin"
    with gzip.open(packed, "wt", encoding="utf-8") as stream:
        stream.write("platform,asset_id,role,team\nx,a,organic,\n")
    binary.write_bytes(b"\x1f\x8b\x08\x00\xff")

    assert read_truth(packed) == {("x", "a"): ("organic", "")}
    with pytest.raises(FormatError, match="is no text"):
        read_truth(binary)
