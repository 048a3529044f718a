"""Writes the pages of docs/ that follow from the code: commands.md, traces.md, tables.md and signals.md.

`python -m tools.docs` writes them (`make docs`); a test compares what is written with what would be.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click
import pyarrow as pa

from samehand.cli.main import root
from samehand.records import DATASET_TABLES, KEYS, RUN_TABLES
from samehand.signups import FACTS, FAMILIES
from samehand.traces import PERIOD_TRACE, TRACES, Trace

DOCS = Path(__file__).parents[1] / "docs"
MADE = "<!-- made by `make docs`; change the code, not this page -->\n"


def pages() -> dict[str, str]:
    """Each generated page by its file name."""
    return {
        "commands.md": commands_page(),
        "traces.md": traces_page(),
        "tables.md": tables_page(),
        "signals.md": signals_page(),
    }


def commands(command: click.Command = root, name: str = "samehand") -> Iterator[tuple[str, click.Command]]:
    """Every command with its full name, groups before what is in them."""
    yield name, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for word in command.list_commands(context):
            inner = command.get_command(context, word)
            assert inner is not None
            yield from commands(inner, f"{name} {word}")


def options(command: click.Command) -> list[click.Option]:
    """The options of a command, in the order of its declaration."""
    return [parameter for parameter in command.params if isinstance(parameter, click.Option)]


def commands_page() -> str:
    """Every command, argument and option of the command line."""
    lines = [
        "# Commands\n",
        MADE,
        "Every command takes `--help`. With `--json` it prints one JSON object on stdout; progress and notes go to stderr.",
        "It exits with 0 when it is done, 1 when the job failed, 2 on bad usage or bad input, with a message that says what,",
        "where and how to mend it.\n",
    ]
    lines += [line for name, command in commands() if name != "samehand" for line in _command(name, command)]
    return "\n".join(lines)


def _command(name: str, command: click.Command) -> Iterator[str]:
    pieces = command.collect_usage_pieces(click.Context(command, info_name=name))
    yield f"## `{name}`\n"
    yield f"```\n{' '.join([name, *pieces])}\n```\n"
    yield _paragraphs(command.help or "") + "\n"
    if command.epilog:
        yield _paragraphs(command.epilog) + "\n"
    if options(command):
        yield "| option | default | what it does |\n|---|---|---|"
        yield "\n".join(_option(option) for option in options(command)) + "\n"


def _paragraphs(text: str) -> str:
    blocks = re.split(r"\n\s*\n", text.strip())
    return "\n\n".join(" ".join(block.split()) for block in blocks)


def _option(option: click.Option) -> str:
    names = ", ".join(option.opts)
    value = "" if option.is_flag else f" {option.make_metavar(click.Context(click.Command('docs')))}"
    default = option.to_info_dict()["default"]
    given = "needed" if option.required else "" if option.is_flag or default in (None, ()) else f"`{default}`"
    return f"| `{_cell(names + value)}` | {_cell(given)} | {_cell(option.help or '')} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def signals_page() -> str:
    """What each signal of a sign-up sees, and whom it hits by mistake."""
    lines = [
        "# Signals of a sign-up\n",
        MADE,
        "A signal is a fact that sign-ups may share. Facts are compared for being the same, after a keyed hash; none is read",
        "for what it says. Facts of one *family* are one piece of evidence. A field that a platform does not supply is none:",
        "it counts neither for nor against anybody, and `samehand signups replay` says which fields were missing.\n",
        "Never used: what somebody writes or believes, the origin of a name, a language by itself, followers or friends. A",
        "network, a VPN, a country, a language or a burst alone never brings anybody further than a challenge, and never by",
        "itself: a wave is held together by two families of makers (device, client, contact, name, picture, pace), one of\n"
        "them has to fit an account that is challenged, two one that is limited, see [ladder](ladder.md).\n",
        "Every signal hits genuine people too. The last column says whom, and `samehand signups explain` repeats it; what is",
        "done about them: [known false positives](false_positives.md).\n",
    ]
    for family in FAMILIES:
        lines += [f"## {family}\n", "| signal | reads | it shows that they | it hits by mistake |", "|---|---|---|---|"]
        lines += [
            f"| `{fact.name}` | {', '.join(f'`{column}`' for column in fact.columns)} | {fact.sees} | {fact.wrongs} |"
            for fact in FACTS
            if fact.family == family
        ]
        lines.append("")
    return "\n".join(lines)


def traces_page() -> str:
    """Every trace with the example that also tests it."""
    lines = [
        "# Traces\n",
        MADE,
        "A trace is a behaviour that makes activities comparable across accounts: two accounts that leave the same trace",
        "on the same object within a window are co-active. Each is declared once, with the columns that it reads and examples",
        "that also are its test. What a row of the example yields is its object; *nothing* means that it ties nobody.\n",
        "Choose some of them with `samehand detect --traces url,text`; all are searched if none is named.\n",
    ]
    lines += [line for trace in TRACES.values() for line in _trace(trace)]
    lines += [
        f"## `{PERIOD_TRACE}`: began its sessions in the same odd period\n",
        "Reads when an account posts, and no object. Sessions begin after ten minutes of silence. Two accounts are held",
        "against the rhythm that both have at one and the same period of 40 minutes to eight hours, beside each one's own",
        "background; the clock and the day (whole numbers a day) are left out. It shows one tool, not one hand, so a pair",
        "must share a rare thing besides. In `edges` its window is the period.\n",
        "## `fused`: all of them as one\n",
        "Not a trace to ask for. A pair that shares things of several traces has a row `fused` besides, in which a pair of",
        "posts counts once, for the rarest thing that the two share, and one sitting is one thing.\n",
    ]
    return "\n".join(lines)


def _trace(trace: Trace) -> Iterator[str]:
    yield f"## `{trace.name}`: {trace.title}\n"
    yield f"Reads {', '.join(f'`{column}`' for column in trace.columns)} of `{trace.table}`.\n"
    if not trace.fused:
        yield "Judged for pairs alone: it backs a network that other traces make, and makes none by itself.\n"
    yield "| row | object |\n|---|---|"
    for post, found in trace.example:
        yield f"| `{_cell(_plain(post))}` | {'*nothing*' if found is None else f'`{_cell(found)}`'} |"
    yield ""


def _plain(post: Mapping[str, object]) -> str:
    return ", ".join(f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in post.items())


def tables_page() -> str:
    """Every column of every table, with its type and what it holds."""
    with (Path(__file__).parent / "columns.toml").open("rb") as stream:
        words: dict[str, dict[str, str]] = tomllib.load(stream)
    unknown = set(words) - set(DATASET_TABLES) - set(RUN_TABLES) - {"common"}
    if unknown:
        raise SystemExit(f"tools/columns.toml describes a table that is not there: {sorted(unknown)[0]}")
    lines = [
        "# Tables\n",
        MADE,
        "A dataset and a run are folders with one Parquet file a table (in a dataset a folder of parts where it is large),",
        "each there even when it is empty. Times are microseconds in UTC, ids are text, *list* is a list of texts. A column",
        "with * is never null. Datasets may hold further columns; they are kept aside in `extras/`.\n",
        "## Tables of a dataset\n",
        *(line for name, schema in DATASET_TABLES.items() for line in _table(name, schema, words)),
        "## Tables of a run\n",
        *(line for name, schema in RUN_TABLES.items() for line in _table(name, schema, words)),
    ]
    return "\n".join(lines)


def _table(name: str, schema: pa.Schema, words: dict[str, dict[str, str]]) -> Iterator[str]:
    own = words.get(name, {})
    stale = set(own) - set(schema.names) - {"_"}
    if stale:
        raise SystemExit(f"tools/columns.toml describes a column that is not there: {name}.{sorted(stale)[0]}")
    yield f"### `{name}`\n"
    key = f" One row for each {' and '.join(f'`{column}`' for column in KEYS[name])}." if name in KEYS else ""
    yield own.get("_", "") + key + "\n"
    yield "| column | type | what it holds |\n|---|---|---|"
    for field in schema:
        told = own.get(field.name) or words["common"].get(field.name)
        if told is None:
            raise SystemExit(f"tools/columns.toml says nothing about the column {name}.{field.name}")
        yield f"| `{field.name}`{'' if field.nullable else ' *'} | {_type(field.type)} | {_cell(told)} |"
    yield ""


def _type(kind: Any) -> str:
    names = {"string": "text", "int64": "integer", "double": "number", "bool": "true or false", "list": "list"}
    return "time" if pa.types.is_timestamp(kind) else names[re.match(r"\w+", str(kind))[0]]  # type: ignore[index]


def main() -> None:
    """Write the pages."""
    for name, text in pages().items():
        (DOCS / name).write_text(text.rstrip("\n") + "\n", encoding="utf-8")
        print(f"docs/{name}")


if __name__ == "__main__":
    main()
