"""A real Matrix server for the tests of acts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.enforcement.real_synapse import RealSynapse, real_synapse

HOME = Path(__file__).parents[2] / ".venv-synapse"


@pytest.fixture(scope="module")
def synapse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealSynapse]:
    """A server of its own for a module; nothing is installed here."""
    if not any(HOME.glob("lib/python*/site-packages/synapse/app/homeserver.py")):
        pytest.skip("there is no Synapse (`make .venv/stamps/synapse` installs it into .venv-synapse)")
    with real_synapse(HOME / "bin" / "python", tmp_path_factory.mktemp("synapse")) as server:
        yield server
