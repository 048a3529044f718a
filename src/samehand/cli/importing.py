"""`samehand import`: files of a platform or a tool, or the accounts of a server, into a dataset."""

from __future__ import annotations

import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
from tqdm import tqdm

from samehand.cli.main import emit
from samehand.errors import UsageError
from samehand.sources import (
    FORMATS,
    SERVERS,
    FileReport,
    ImportReport,
    Options,
    import_files,
    import_server,
)

__all__ = ["command"]

_REASONS_SHOWN = 5


_EPILOG = (
    f"Formats: {', '.join(FORMATS)}; see docs/formats.md for their columns. Servers, named by their URL, with what they "
    "know their admin or moderator by in the environment: "
    f"{', '.join(f'{name} ({kind.variable})' for name, kind in SERVERS.items())}."
)


@click.command("import", epilog=_EPILOG)
@click.argument("format_name", metavar="FORMAT")
@click.argument("places", metavar="PATH|URL...", nargs=-1, required=True)
@click.option(
    "--into", required=True, type=click.Path(path_type=Path), help="The dataset's folder; added to if it exists."
)
@click.option("--table", help="For format table: posts (the default), assets, signups or another table.")
@click.option("--map", "map_file", type=click.Path(path_type=Path), help="For format table: a TOML map of columns.")
@click.option("--platform", help="The platform of rows that do not say their own.")
@click.option("--trace", help="For coortweet's pairs: the trace of their objects (repost if not given).")
@click.option(
    "--timezone", metavar="TZ", help="The zone of times that name none, such as Europe/Berlin (UTC if not given)."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(
    format_name: str,
    places: tuple[str, ...],
    into: Path,
    table: str | None,
    map_file: Path | None,
    platform: str | None,
    trace: str | None,
    timezone: str | None,
    as_json: bool,
) -> None:
    """Read files, or the accounts of a server, into a dataset: all or none, every row kept, merged or rejected with a
    reason.
    """
    options = Options(format_name, table, map_file, platform, trace, timezone)
    report = _asked(places, into, options) if _is_server(format_name, places) else _read(places, into, options)
    emit(_as_json(report), as_json=as_json, text=_as_text(report))


def _is_server(format_name: str, places: tuple[str, ...]) -> bool:
    """Whether a server is to be asked; Mastodon's name is that of its files, too, so there the place decides."""
    named_as_url = places[0].startswith(("https://", "http://"))
    return format_name in SERVERS and (format_name not in FORMATS or named_as_url)


def _read(places: tuple[str, ...], into: Path, options: Options) -> ImportReport:
    paths = [Path(place) for place in places]
    total = sum(path.stat().st_size for path in paths if path.is_file())
    with tqdm(total=total, unit="B", unit_scale=True, delay=1, disable=None, file=sys.stderr) as bar:
        read: dict[Path, int] = {}

        def progress(path: Path, position: int) -> None:
            bar.update(position - read.get(path, 0))
            read[path] = position

        return import_files(paths, into, options, progress=progress)


def _asked(places: tuple[str, ...], into: Path, options: Options) -> ImportReport:
    name, kind = options.format, SERVERS[options.format]
    if options.table or options.map_file or options.trace or options.timezone:
        raise UsageError(f"'{name}' takes --platform only; what a server tells has a shape of its own")
    if len(places) != 1:
        raise UsageError(f"name one server: samehand import {name} https://{kind.platform}.example.org --into {into}")
    secret = os.environ.get(kind.variable, "")
    if not secret.strip():
        raise UsageError(f"put {kind.holds} into the variable {kind.variable}; it is not set")
    with (
        kind.api(places[0], secret) as api,
        tqdm(unit=" accounts", delay=1, disable=None, file=sys.stderr) as bar,
    ):

        def progress(read: int, total: int) -> None:
            bar.total = total or None
            bar.update(read - bar.n)

        return import_server(name, api, into, platform=options.platform, progress=progress)


def _as_json(report: ImportReport) -> dict[str, Any]:
    return {
        "dataset": str(report.dataset),
        "files": [{"path": str(file.path), "held": file.held, **asdict(file.source)} for file in report.files],
        "rows": dict(report.rows),
        "time_resolution": report.time_resolution_s,
    }


def _as_text(report: ImportReport) -> str:
    lines = [line for file in report.files for line in _file_lines(file)]
    rows = ", ".join(f"{count:,} {name}" for name, count in report.rows.items())
    return "\n".join([*lines, f"{report.dataset} holds {rows or 'no rows'}"])


def _file_lines(file: FileReport) -> list[str]:
    source = file.source
    if file.held:
        return [f"{file.path}: held already (as {source.file}); nothing changed"]
    lines = [
        f"{file.path}: read {source.read:,} = kept {source.kept:,} + merged {source.merged:,} "
        f"+ rejected {source.rejected:,}"
    ]
    shown = list(source.reasons.items())[:_REASONS_SHOWN]
    lines += [f"  rejected {count:,}: {reason}" for reason, count in shown]
    if len(source.reasons) > len(shown):
        lines.append(f"  and {len(source.reasons) - len(shown):,} more reasons: see the table rejects")
    lines += [
        f"  {count:,} rows differed in {column}; the first value stays" for column, count in source.differing.items()
    ]
    lines += [
        f"  {count:,} values of {column} could not be read and are null" for column, count in source.unreadable.items()
    ]
    if source.extras is not None:
        lines.append(f"  kept aside in {source.extras.file}: {', '.join(source.extras.columns)}")
    if source.time_resolution is not None:
        lines.append(f"  times are multiples of {source.time_resolution:g} s")
    return lines + [f"  {note}" for note in source.notes]
