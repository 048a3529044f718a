"""The office of the casework tests."""

from tests.casework.conftest import _quick_keys, office  # noqa: F401 (the same people at work)
