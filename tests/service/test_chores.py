"""Chores go on, whatever one of them comes to."""

from __future__ import annotations

import asyncio

import pytest

from samehand.errors import JobError
from samehand.service.chores import do_chores


def test_a_chore_that_fails_stops_neither_the_others_nor_itself(caplog: pytest.LogCaptureFixture) -> None:
    done: list[str] = []

    def broken() -> None:
        done.append("broken")
        raise KeyError("somebody's name") if len(done) % 2 else JobError("the store is away")

    async def some_rounds() -> None:
        task = asyncio.create_task(do_chores({"recalls": broken, "reversals": lambda: done.append("whole")}, 0.001))
        while done.count("whole") < 3:
            await asyncio.sleep(0.001)
        task.cancel()

    asyncio.run(asyncio.wait_for(some_rounds(), 20))

    assert done[:6] == ["broken", "whole"] * 3
    assert "recalls: KeyError; it is tried again" in caplog.text
    assert "somebody's name" not in caplog.text
