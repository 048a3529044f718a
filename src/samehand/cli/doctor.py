"""`samehand doctor`: does this installation work, and what does it stand on."""

from __future__ import annotations

import platform
from dataclasses import asdict

import click

from samehand import __version__
from samehand.cli.main import emit, say
from samehand.evaluation import Installation, Machine, SelfTest, examine_installation, examine_machine, run_self_test

__all__ = ["doctor"]

_GIB = 1 << 30


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def doctor(as_json: bool) -> int:
    """Check that samehand works here: its libraries, the machine, and a small detection whose answer is known.

    Exits with 0 when all is well and with 1 when something is not, and says what.
    """
    installed, machine = examine_installation(), examine_machine()
    tested: SelfTest | None = None
    problems = [f"{name} is not installed; install samehand again" for name in installed.missing]
    if not problems:
        say("searching a small made-up world (the first time its kernels are compiled, which takes up to a minute)")
        tested, wrong = _tested()
        problems += wrong
    result = {
        "samehand": __version__,
        "python": platform.python_version(),
        "libraries": dict(installed.libraries),
        "extras": {name: {"complete": not lacking, "missing": lacking} for name, lacking in installed.extras.items()},
        "machine": asdict(machine),
        "self_test": {**asdict(tested), "passed": tested.passed} if tested else None,
        "warnings": machine.tight,
        "problems": problems,
        "ok": not problems,
    }
    emit(result, as_json=as_json, text=_as_text(installed, machine, tested, problems))
    return 1 if problems else 0


def _tested() -> tuple[SelfTest | None, list[str]]:
    try:
        tested = run_self_test()
    except Exception as error:  # whatever it is, telling of it is this command's work
        return None, [f"the small detection failed: {type(error).__name__}: {error}"]
    if tested.passed:
        return tested, []
    return tested, [
        f"the small detection found {tested.team_found} of {tested.team} planted accounts and "
        f"{tested.others_found} others; it should find all {tested.team} and no other: please report this"
    ]


def _as_text(installed: Installation, machine: Machine, tested: SelfTest | None, problems: list[str]) -> str:
    memory = "unknown" if machine.memory_free is None else f"{machine.memory_free / _GIB:.1f} GiB"
    lines = [
        f"samehand {__version__}, Python {platform.python_version()}",
        "libraries: " + ", ".join(f"{name} {version or 'MISSING'}" for name, version in installed.libraries.items()),
        *_extras(installed),
        f"machine: {machine.cores} cores, {memory} of memory free, "
        f"{machine.disk_free / _GIB:.1f} GiB free in the temporary folder",
    ]
    if tested is not None:
        lines.append(
            f"small detection: {tested.team_found} of {tested.team} planted accounts found and "
            f"{tested.others_found} of {tested.others} others, in {tested.seconds:.1f} s"
        )
    lines += [f"warning: {words}" for words in machine.tight]
    lines += [f"problem: {words}" for words in problems] or ["all is well"]
    return "\n".join(lines)


def _extras(installed: Installation) -> list[str]:
    return [
        f"extra {name}: " + (f"install it with pip install 'samehand[{name}]'" if lacking else "installed")
        for name, lacking in installed.extras.items()
    ]
