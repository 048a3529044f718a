from __future__ import annotations

from samehand.evaluation import Machine, SelfTest, examine_installation, examine_machine, run_self_test

GIB = 1 << 30


def test_the_self_test_finds_the_whole_team_and_nobody_else() -> None:
    tested = run_self_test()

    assert (tested.team_found, tested.others_found) == (12, 0)
    assert tested.passed
    assert tested.others > 300


def test_the_self_test_fails_on_a_missing_member_and_on_a_stranger() -> None:
    assert not SelfTest(12, 11, 400, 0, 1.0).passed
    assert not SelfTest(12, 12, 400, 1, 1.0).passed


def test_each_core_library_has_a_version() -> None:
    installed = examine_installation()

    assert {"numpy", "pyarrow", "numba", "duckdb"} <= set(installed.libraries)
    assert installed.missing == ()


def test_what_is_missing_is_named_for_the_core_and_for_each_extra() -> None:
    lines = [
        "numpy>=2.0",
        "no-such-library>=1",
        'numpy; extra == "here"',
        "no-such-thing>=4; extra == 'spark'",
        "pyarrow; extra == 'spark'",
    ]

    installed = examine_installation(lines)

    assert installed.missing == ("no-such-library",)
    assert installed.extras == {"here": (), "spark": ("no-such-thing",)}


def test_a_machine_has_cores_and_disk() -> None:
    machine = examine_machine()

    assert machine.cores >= 1
    assert machine.disk_free > 0


def test_a_tight_machine_says_what_it_has_little_of() -> None:
    assert Machine(2, 2 * GIB, 2 * GIB).tight == ()
    assert Machine(2, None, 2 * GIB).tight == ()
    assert ["memory" in words for words in Machine(2, GIB // 2, GIB // 2).tight] == [True, False]
