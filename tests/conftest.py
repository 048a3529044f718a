"""What the whole run of tests keeps account of: no test is left out in silence."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("samehand", deadline=None)  # speed is measured by `make bench`: a busy machine fails no test
settings.load_profile("samehand")

REAL = ("browser", "server")
"""Marks of tests that need a real thing which CI installs: there, not to find it is a failure."""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    needed = [mark for mark in REAL if item.get_closest_marker(mark)]
    if report.skipped and needed and os.environ.get("CI") == "true":
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"skipped under CI, where a real {needed[0]} must be there: {reason}"
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skipped = terminalreporter.stats.get("skipped", [])
    counts = Counter(mark for report in skipped for mark in ("data", *REAL) if mark in report.keywords)
    for mark, count in sorted(counts.items()):
        terminalreporter.write_line(f"left out: {count} tests marked '{mark}' did not find what they need")


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """A PostgreSQL server of the tests' own."""
    from tests.stores import postgres_server

    with postgres_server() as url:
        yield url


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.server)])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Where an empty store may be made: each test that asks for it runs on both databases."""
    from tests.stores import postgres_database

    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/store.sqlite"
    else:
        with postgres_database(request.getfixturevalue("postgres")) as url:
            yield url
