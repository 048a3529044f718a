"""Work on this machine: blocks of accounts on a few threads, results in the order of the blocks."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol, TypeVar

__all__ = ["Engine", "LocalEngine"]

Result = TypeVar("Result")
Block = tuple[int, int]


class Engine(Protocol):
    """Runs a pure function over blocks of accounts."""

    def map_blocks(self, function: Callable[[int, int], Result], blocks: Sequence[Block]) -> Iterator[Result]:
        """Yield `function(low, high)` of each block, in the order given."""
        ...


class LocalEngine:
    """Threads of this process; the kernels release the interpreter's lock."""

    def __init__(self, threads: int | None = None) -> None:
        self.threads = threads or len(os.sched_getaffinity(0))

    def map_blocks(self, function: Callable[[int, int], Result], blocks: Sequence[Block]) -> Iterator[Result]:
        """Yield `function(low, high)` of each block, in the order given; at most two blocks a thread wait in memory."""
        with ThreadPoolExecutor(self.threads) as pool:
            waiting = []
            for block in blocks:
                waiting.append(pool.submit(function, *block))
                if len(waiting) > 2 * self.threads:
                    yield waiting.pop(0).result()
            for future in waiting:
                yield future.result()
