from __future__ import annotations

from pathlib import Path

from samehand.report.coded import read_coded
from tests.report.made_runs import edge, member, network, receipt, write


def test_numbers_stand_for_words_in_their_order_and_accounts_of_two_platforms_are_apart(tmp_path: Path) -> None:
    names = [("b", "10"), ("a", "10"), ("b", "9")]
    edges = [
        edge(one[1], other[1], platform_a=one[0], platform_b=other[0])
        for one, other in ((names[0], names[1]), names[1:])
    ]
    run = write(
        tmp_path / "run", {}, edges=edges, networks=[network("N1", 2)], members=[member("N1", "10", platform="b")],
        receipts=[receipt("10", "9", "z", 0.0, platform_a="b", platform_b="b", post_a=None)],
    )  # fmt: skip
    coded = read_coded(run)
    first = coded.edges.column("account_a").to_pylist()

    assert [coded.words.account(number) for number in first] == [("b", "10"), ("a", "10")]
    assert sorted(names) == [coded.words.account(n) for n in sorted(map(coded.words.number_of, names))]
    assert coded.words.number_of(("a", "9")) not in {*first, *coded.edges.column("account_b").to_pylist()}
    assert coded.receipts.column("post_a").to_pylist() == [None]
    assert [coded.words.account(n) for n in coded.members.column("account").to_pylist()] == [("b", "10")]


def test_a_run_without_rows_has_no_words(tmp_path: Path) -> None:
    coded = read_coded(write(tmp_path / "run", {}))

    assert coded.words.number_of(("x", "1")) == -1
    assert coded.receipts.num_rows == 0
