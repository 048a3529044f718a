"""Commands, called as a script calls them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from samehand.cli import main

__all__ = ["Run"]

Run = Callable[..., Any]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Calls a command; its JSON, or what it says where it fails, or its text for people."""

    def call(*arguments: object, code: int = 0, text: bool = False) -> Any:
        with pytest.raises(SystemExit) as ended:
            main([*map(str, arguments), *(["--json"] if code == 0 and not text else [])])
        output = capsys.readouterr()
        assert ended.value.code == code, output.err
        return output.err if code else output.out if text else json.loads(output.out)

    return call
