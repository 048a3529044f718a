"""The root command, and how errors become messages and exit codes."""

from __future__ import annotations

import importlib
import json
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from samehand import __version__
from samehand.errors import SamehandError

__all__ = ["emit", "main", "root", "say"]

COMMANDS = {
    "import": "samehand.cli.importing:command",
    "detect": "samehand.cli.detecting:detect",
    "explain": "samehand.cli.detecting:explain",
    "compare": "samehand.cli.detecting:compare",
    "paraphrases": "samehand.cli.detecting:paraphrases",
    "report": "samehand.cli.reporting:report",
    "export": "samehand.cli.reporting:export",
    "expand": "samehand.cli.expanding:expand",
    "audience": "samehand.cli.reaching:audience",
    "signups": "samehand.cli.signing_up:signups",
    "case": "samehand.cli.working:case",
    "attribute": "samehand.cli.attributing:attribute",
    "enforce": "samehand.cli.enforcing:enforce",
    "appeal": "samehand.cli.appealing:appeal",
    "audit": "samehand.cli.auditing:audit",
    "tip": "samehand.cli.tipping:tip",
    "ads": "samehand.cli.advertising:ads",
    "disclose": "samehand.cli.disclosing:disclose",
    "release": "samehand.cli.disclosing:release",
    "serve": "samehand.cli.serving:serve",
    "simulate": "samehand.cli.simulating:simulate",
    "evaluate": "samehand.cli.evaluating:evaluate",
    "doctor": "samehand.cli.doctor:doctor",
}
"""Each command and where it lives; a module is loaded only when its command is called."""


class LazyGroup(click.Group):
    """A group that imports a command's module when the command is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Every command's name, in the order of a day's work."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Load the module of one command."""
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name].partition(":")
        command = getattr(importlib.import_module(module), attribute)
        assert isinstance(command, click.Command)
        return command


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="samehand")
def root() -> None:
    """Find accounts that are moved by the same hand, and show the work."""


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def emit(result: dict[str, Any], *, as_json: bool, text: str) -> None:
    """Print a command's result: one JSON object, or the text for people. Times are ISO, paths as they are written."""
    click.echo(json.dumps(result, ensure_ascii=False, default=_plain) if as_json else text)


def say(words: str) -> None:
    """Tell on stderr what is being done."""
    click.echo(words, err=True)


def _place(filename: object) -> Path:
    """The file that somebody named, not the hidden one beside it in which it is staged."""
    path = Path(str(filename))
    return path.parent if path.name.startswith(".") else path


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit with 0, 1 or 2."""
    try:
        outcome = root.main(args=arguments, standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except click.Abort:
        click.echo("samehand: interrupted; nothing half-written stays", err=True)
        sys.exit(130)
    except SamehandError as error:
        click.echo(f"samehand: {error}", err=True)
        sys.exit(error.exit_code)
    except OSError as error:
        said = f"{_place(error.filename)}: {error.strerror}" if error.filename else str(error)
        click.echo(f"samehand: {said}", err=True)
        sys.exit(2 if isinstance(error, FileNotFoundError | NotADirectoryError | IsADirectoryError) else 1)
    sys.exit(outcome if isinstance(outcome, int) else 0)
