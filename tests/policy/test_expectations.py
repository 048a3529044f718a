"""What precision to expect of each rung."""

from __future__ import annotations

from dataclasses import replace

from samehand.policy import RUNGS, SHARES, expected_precision, read_signup_policy


def test_every_rung_of_the_shipped_policy_is_measured_at_three_shares() -> None:
    found = expected_precision(read_signup_policy())

    assert [one.name for one in found] == list(RUNGS)
    assert all(len(one.precision) == len(SHARES) for one in found)


def test_precision_rises_with_the_share_of_operations() -> None:
    for one in expected_precision(read_signup_policy()):
        assert list(one.precision) == sorted(one.precision)


def test_a_higher_rung_is_reached_by_no_more_of_the_operations() -> None:
    recalls = [one.recall for one in expected_precision(read_signup_policy())]

    assert recalls == sorted(recalls, reverse=True)


def test_nothing_is_promised_of_a_policy_that_nobody_measured() -> None:
    assert expected_precision(replace(read_signup_policy(), version="mine-1")) == []
