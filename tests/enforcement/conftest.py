"""A real Matrix server for the tests of acts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.enforcement.real_synapse import RealSynapse, real_synapse

PYTHON = Path(__file__).parents[2] / ".venv-synapse" / "bin" / "python"


@pytest.fixture(scope="module")
def synapse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealSynapse]:
    """A server of its own for a module; nothing is installed here."""
    if not PYTHON.exists():
        pytest.skip("there is no Synapse (`make .venv/stamps/synapse` installs it into .venv-synapse)")
    with real_synapse(PYTHON, tmp_path_factory.mktemp("synapse")) as server:
        yield server
