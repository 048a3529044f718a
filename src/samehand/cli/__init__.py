"""The command line: one module a command group, no logic.

In: arguments. Out: exit code 0 done, 1 the job failed, 2 bad usage or bad input; with `--json` one object on stdout.
"""

from samehand.cli.main import main

__all__ = ["main"]
