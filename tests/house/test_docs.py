"""The docs say what there is: generated pages are up to date, and no page names a command or option that is not there."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import click
import pytest

from samehand.records import DATASET_TABLES, RUN_TABLES
from samehand.signups import FACTS
from samehand.traces import TRACES
from tools.docs import DOCS, commands, options, pages

ROOT = DOCS.parent
WRITTEN = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])
COMMANDS = dict(commands())
CODE = re.compile(r"```.*?```|`[^`\n]+`", re.DOTALL)
CALL = re.compile(r"(?<![\w/.-])(?:\.venv/bin/)?samehand ([^\n`#;]*)")
GENERAL = {"--help", "-h", "--version"}


@pytest.mark.parametrize("name", list(pages()))
def test_a_generated_page_is_up_to_date(name: str) -> None:
    written = (DOCS / name).read_text(encoding="utf-8") if (DOCS / name).is_file() else ""

    assert pages()[name].rstrip("\n") + "\n" == written, f"docs/{name} is out of date: run `make docs` and commit it"


def test_every_command_and_option_is_on_its_page() -> None:
    page = (DOCS / "commands.md").read_text(encoding="utf-8")
    sections = {part.split("`")[0]: part for part in page.split("\n## `")[1:]}

    assert [name for name in COMMANDS if name not in {*sections, "samehand"}] == []
    for name, command in COMMANDS.items():
        for option in options(command):
            assert name == "samehand" or f"`{option.opts[0]}" in sections[name], f"{name} {option.opts[0]}"


def test_every_command_and_option_says_what_it_does() -> None:
    silent = [name for name, command in COMMANDS.items() if not command.help]
    silent += [
        f"{name} {option.opts[0]}"
        for name, command in COMMANDS.items()
        for option in options(command)
        if not option.help
    ]

    assert silent == []


def test_every_trace_is_documented_with_its_title_and_examples() -> None:
    page = (DOCS / "traces.md").read_text(encoding="utf-8")

    assert [trace.name for trace in TRACES.values() if f"## `{trace.name}`: {trace.title}\n" not in page] == []
    without = [trace.name for trace in TRACES.values() if not any(found for _, found in trace.example)]
    assert without == ["fast_repost"]  # a post alone is not fast: it takes its original


def test_every_column_of_every_table_is_documented() -> None:
    page = (DOCS / "tables.md").read_text(encoding="utf-8")
    sections = {part.split("`")[0]: part for part in page.split("\n### `")[1:]}

    missing = [
        f"{table}.{column}"
        for table, schema in {**DATASET_TABLES, **RUN_TABLES}.items()
        for column in schema.names
        if f"| `{column}`" not in sections[table]
    ]
    assert missing == []


def _spoken_calls(text: str) -> list[str]:
    """What follows `samehand` in the code of a page, one string a call; a line that ends in a backslash goes on."""
    code = "\n".join(found[0] for found in CODE.finditer(text)).replace("\\\n", " ")
    return [found[1].strip() for found in CALL.finditer(code)]


def _faults(call: str) -> list[str]:
    words = call.split()
    name, command = "samehand", COMMANDS["samehand"]
    while words and isinstance(command, click.Group) and re.fullmatch(r"[a-z][a-z-]*", words[0]):
        name = f"{name} {words.pop(0)}"
        if name not in COMMANDS:
            return [f"there is no command `{name}`"]
        command = COMMANDS[name]
    known = GENERAL | {word for option in options(command) for word in (*option.opts, *option.secondary_opts)}
    named = re.findall(r"(?<!\S)\[?(--[a-z][a-z-]*)", " ".join(words))
    return [f"`{name}` has no option {word}" for word in named if word not in known]


@pytest.mark.parametrize("page", WRITTEN, ids=lambda page: str(page.relative_to(ROOT)))
def test_no_page_names_a_command_or_option_that_is_not_there(page: Path) -> None:
    faults = [fault for call in _spoken_calls(page.read_text(encoding="utf-8")) for fault in _faults(call)]

    assert faults == []


def test_a_wrong_command_or_option_in_a_page_would_be_seen() -> None:
    text = "`samehand detct x` and\n```\nsamehand import table a.csv --into d --colour\n.venv/bin/samehand doctor --json\n```"

    assert [_faults(call) for call in _spoken_calls(text)] == [
        ["there is no command `samehand detct`"],
        ["`samehand import` has no option --colour"],
        [],
    ]


@pytest.mark.parametrize("page", WRITTEN, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\(([^)#\s]+)", page.read_text(encoding="utf-8"))
    lost = [target for target in targets if "://" not in target and not (page.parent / target).exists()]

    assert lost == []


def test_every_signal_is_documented_with_whom_it_hits() -> None:
    page = (DOCS / "signals.md").read_text(encoding="utf-8")

    assert [fact.name for fact in FACTS if f"| `{fact.name}` |" not in page or fact.wrongs not in page] == []


def test_every_key_of_the_policy_is_on_the_page_of_the_ladder() -> None:
    page = (DOCS / "ladder.md").read_text(encoding="utf-8")
    tables = tomllib.loads((ROOT / "src/samehand/policy/packs/signups.toml").read_text(encoding="utf-8"))
    rungs = {f"ladder.RUNG.{key}" for rung in tables.pop("ladder").values() for key in rung}
    keys = {f"{table}.{key}" for table, values in tables.items() if isinstance(values, dict) for key in values}

    assert sorted(key for key in rungs | keys if f"`{key}`" not in page) == []
