"""Real servers for the tests of acts: of Matrix, and of the AT Protocol."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.casework.conftest import _quick_keys, office  # noqa: F401 (the same people at work)
from tests.enforcement.real_pds import RealPds, node, real_pds
from tests.enforcement.real_synapse import RealSynapse, real_synapse

HOME = Path(__file__).parents[2] / ".venv-synapse"


@pytest.fixture(scope="module")
def synapse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealSynapse]:
    """A server of its own for a module; nothing is installed here."""
    if not any(HOME.glob("lib/python*/site-packages/synapse/app/homeserver.py")):
        pytest.skip("there is no Synapse (`make .venv/stamps/synapse` installs it into .venv-synapse)")
    with real_synapse(HOME / "bin" / "python", tmp_path_factory.mktemp("synapse")) as server:
        yield server


@pytest.fixture(scope="module")
def pds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealPds]:
    """A server of its own for a module; nothing is installed here."""
    program = node()
    if program is None:
        pytest.skip("there is no PDS (`make .venv/stamps/pds` installs it into .venv-pds)")
    with real_pds(program, tmp_path_factory.mktemp("pds")) as server:
        yield server
