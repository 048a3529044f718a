"""People at work on a store of either kind."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from samehand.casework import keys as keys_module
from samehand.store import open_store
from tests.casework.scenes import Office, founded


@pytest.fixture(autouse=True, scope="session")
def _quick_keys() -> Iterator[None]:
    """A guess at a passphrase costs little here, so that a hundred keys are made in no time."""
    before, keys_module.SCRYPT_N = keys_module.SCRYPT_N, 1 << 4  # type: ignore[misc]
    yield
    keys_module.SCRYPT_N = before  # type: ignore[misc]


@pytest.fixture
def office(store_url: str, tmp_path: Path) -> Iterator[Office]:
    """A founded store, and those who work on it."""
    with open_store(store_url) as store:
        yield founded(store, tmp_path)
