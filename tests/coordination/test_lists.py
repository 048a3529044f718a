from __future__ import annotations

import numpy as np
import pytest

from samehand.coordination import TextList, text_lists

HOUR_US = 3600 * 1_000_000


def _lists(rows: list[tuple[int, int, float]], own: list[bool] | None = None) -> tuple[TextList, ...]:
    """Sets among (account, text, hour)."""
    account, text, hour = zip(*rows, strict=True)
    kept = np.array(own if own is not None else [True] * len(rows))
    at = (np.array(hour) * HOUR_US).astype(np.int64)
    return text_lists(np.array(account, np.int32), np.array(text, np.int32), at, kept)


def _worked_off(accounts: int, texts: int) -> list[tuple[int, int, float]]:
    """Every account posts every text, each an hour after the one before, a new text every day."""
    return [(u, t, 24.0 * t + u) for t in range(texts) for u in range(accounts)]


def test_a_list_worked_off_hours_apart_is_seen_with_its_texts_occasions_and_lag() -> None:
    (found,) = _lists(_worked_off(5, 4))

    assert found.members.tolist() == [0, 1, 2, 3, 4]
    assert found.texts.tolist() == [0, 1, 2, 3]
    assert found.occasions == 4
    assert found.lag_us == HOUR_US


def test_one_common_text_ties_nobody() -> None:
    assert _lists(_worked_off(6, 1)) == ()


def test_two_accounts_are_no_set() -> None:
    assert _lists(_worked_off(2, 9)) == ()


@pytest.mark.parametrize("accounts", [10, 11])
def test_a_text_that_more_than_ten_accounts_post_is_not_rare(accounts: int) -> None:
    assert bool(_lists(_worked_off(accounts, 3))) == (accounts <= 10)


def test_posts_that_do_not_count_tie_nobody() -> None:
    rows = _worked_off(5, 4)

    assert _lists(rows, [False] * len(rows)) == ()
    assert len(_lists(rows, [u > 0 for u, _, _ in rows])[0].members) == 4


def test_texts_of_one_evening_are_one_occasion() -> None:
    (found,) = _lists([(u, t, 0.5 * t + 0.1 * u) for t in range(6) for u in range(3)])

    assert found.occasions == 1


def test_the_largest_set_comes_first_and_sets_do_not_overlap() -> None:
    more = [(u + 10, t + 50, h) for u, t, h in _worked_off(6, 3)]
    found = _lists([*_worked_off(4, 3), *more])

    assert [len(one.members) for one in found] == [6, 4]
