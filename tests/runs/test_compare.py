from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from samehand.errors import NotFoundError
from samehand.runs import compare_runs
from tests.report.made_runs import member, network, write
from tests.runs.conftest import Detected


def _run(folder: Path, networks: Mapping[str, str], **info: Any) -> str:
    """A run of networks, each a word whose letters are its members."""
    write(
        folder,
        info,
        networks=[network(name, len(members)) for name, members in networks.items()],
        members=[member(name, account) for name, members in networks.items() for account in members],
    )
    return str(folder)


def test_a_run_beside_itself_differs_in_nothing(detected: Detected) -> None:
    found = compare_runs(str(detected.run.path), str(detected.run.path))

    assert len(found.matches) == detected.detection.networks
    assert all((match.network, match.jaccard) == (match.other, 1.0) for match in found.matches)
    assert found.members_before == found.members_after == found.members_kept == detected.detection.members
    assert (found.new, found.parameters) == ((), {})


def test_runs_with_nobody_in_common_share_nothing(tmp_path: Path) -> None:
    found = compare_runs(_run(tmp_path / "a", {"N1": "abc"}), _run(tmp_path / "b", {"N1": "xy", "N2": "z"}))

    assert [(match.network, match.other, match.shared, match.jaccard) for match in found.matches] == [
        ("N1", None, 0, 0.0)
    ]
    assert found.new == ("N1", "N2")
    assert (found.members_before, found.members_after, found.members_kept) == (3, 3, 0)


def test_a_network_is_beside_the_one_that_shares_most_members(tmp_path: Path) -> None:
    found = compare_runs(
        _run(tmp_path / "a", {"N1": "abcd", "N2": "wxyz"}),
        _run(tmp_path / "b", {"N1": "ab", "N2": "cdefg", "N3": "bwxyz"}),
    )
    one, two = found.matches

    assert (one.other, one.shared, one.jaccard) == ("N1", 2, 0.5)
    assert (two.other, two.shared, two.jaccard) == ("N3", 4, 0.8)
    assert found.new == ()


def test_empty_runs_compare(tmp_path: Path) -> None:
    found = compare_runs(_run(tmp_path / "a", {}), _run(tmp_path / "b", {"N1": "ab"}))

    assert (found.matches, found.new, found.members_kept) == ((), ("N1",), 0)


def test_parameters_and_datasets_that_differ_are_named(tmp_path: Path) -> None:
    one = _run(tmp_path / "a", {}, parameters={"fdr": 0.01, "seed": 0}, dataset={"hash": "1", "name": "june"})
    two = _run(tmp_path / "b", {}, parameters={"fdr": 0.05, "seed": 0}, dataset={"hash": "2", "name": "july"})

    assert compare_runs(one, two).parameters == {"fdr": (0.01, 0.05), "dataset": ("june", "july")}


def test_a_folder_that_is_no_run_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="is no run"):
        compare_runs(_run(tmp_path / "a", {}), str(tmp_path / "nowhere"))
