from __future__ import annotations

import threading
import time

import pytest

from samehand.engine import LocalEngine


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_results_come_in_the_order_of_the_blocks_whichever_ends_first(threads: int) -> None:
    blocks = [(k, k + 1) for k in range(25)]

    def work(low: int, high: int) -> tuple[int, int]:
        time.sleep(0.002 * (low % 3))
        return low, high

    assert list(LocalEngine(threads).map_blocks(work, blocks)) == blocks


def test_an_error_in_a_block_reaches_the_caller() -> None:
    def work(low: int, high: int) -> int:
        return 1 // (low - 3)

    with pytest.raises(ZeroDivisionError):
        list(LocalEngine(2).map_blocks(work, [(k, k + 1) for k in range(9)]))


def test_few_results_wait_in_memory_at_once() -> None:
    done, lock = [0], threading.Lock()

    def work(low: int, high: int) -> int:
        with lock:
            done[0] += 1
        return low

    results = LocalEngine(2).map_blocks(work, [(k, k + 1) for k in range(100)])
    next(results)
    time.sleep(0.2)

    assert done[0] <= 2 * 2 + 1
    assert list(results) == list(range(1, 100))


def test_no_blocks_are_no_work() -> None:
    assert list(LocalEngine(2).map_blocks(lambda low, high: low, [])) == []


def test_an_engine_uses_every_core_it_is_allowed_unless_told() -> None:
    assert LocalEngine().threads >= 1
    assert LocalEngine(3).threads == 3
