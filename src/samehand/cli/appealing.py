"""`samehand appeal`: people are told what was done to them, contest it, and a third person decides."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any, TextIO

import click

from samehand.casework import (
    GROUPS,
    LANGUAGES,
    Answer,
    Appeal,
    Appeals,
    Casework,
    Notice,
    Notices,
    Ruling,
    language_of,
    write_answers,
)
from samehand.cli.main import emit
from samehand.cli.store import now, signing, store_option, unlocked, worker
from samehand.errors import FormatError, JobError, NotFoundError, UsageError
from samehand.store import open_store

__all__ = ["appeal"]

LONGEST = 1 << 20


@click.group()
def appeal() -> None:
    """Appeals: notices to those who were acted on, what they say against it, and what a third person decides."""


def _line(one: Appeal) -> str:
    whose = f"{one.platform}:{one.asset_id}" if one.asset_id else f"an account of {one.platform}"
    said = f"appeal {one.appeal_id} [{one.state}] of {whose} against decision {one.decision_id} ({one.action})"
    if one.answered_by:
        said += f", answered by {one.answered_by}"
    return said + (f"; decision {one.reversal_id} takes it back" if one.reversal_id else "")


@contextmanager
def _whole(path: Path) -> Iterator[TextIO]:
    """A file that is there when all of it is."""
    if not path.parent.is_dir():
        raise NotFoundError(f"{path.parent}: there is no such folder to write into")
    new = path.with_name(path.name + ".new")
    try:
        with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
    except OSError as error:
        raise JobError(f"{path} cannot be written ({error.strerror}); nothing counts as written") from error
    finally:
        new.unlink(missing_ok=True)


def _is_new(out: Path) -> None:
    if out.exists():
        raise UsageError(f"{out} is there already; what people are told is never written over")


def _are_worded(languages: Sequence[str]) -> None:
    if strange := [one for one in languages if language_of(one) == "en" and not one.lower().startswith("en")]:
        raise UsageError(f"there are no words in {strange[0]}; there are in {', '.join(LANGUAGES)}")


@appeal.command()
@click.option("--out", type=click.Path(path_type=Path), required=True, help="A new .jsonl file, one notice a line.")
@click.option("--contact", required=True, help="Where an appeal goes to: an address, or a page.")
@click.option(
    "--language", "languages", multiple=True, default=["en"], show_default=True,
    help=f"Of the text: {', '.join(LANGUAGES)}; may be repeated, one text below the other.",
)  # fmt: skip
@click.option("--decision", "decision_id", type=int, help="Of one decision only.")
@click.option("--horizon", "horizon_days", type=click.IntRange(1), help="Days within which it can be undone in full.")
@click.option("--again", is_flag=True, help="Those too that were written before.")
@worker
@store_option
def notices(
    out: Path, contact: str, languages: tuple[str, ...], decision_id: int | None, horizon_days: int | None, again: bool,
    by: str, where: str, as_json: bool,
) -> None:  # fmt: skip
    """Write what those who were acted on are to be told, with the reference by which each contests it."""
    _is_new(out)
    _are_worded(languages)
    with open_store(where) as store, _whole(out) as file:

        def keep(one: Notice) -> None:
            file.write(json.dumps(asdict(one), ensure_ascii=False) + "\n")

        written = Notices(Casework(store, now)).write(
            by,
            keep,
            contact=contact,
            languages=languages,
            decision_id=decision_id,
            horizon_days=horizon_days,
            again=again,
        )
    text = f"{out}: {written:,} notices"
    if not written and not again:
        text += "; none waits to be written: --again writes those that were written before"
    emit({"notices": written, "path": str(out)}, as_json=as_json, text=text)


def _text(path: Path) -> str:
    if not path.is_file():
        raise NotFoundError(f"{path}: there is no such file")
    if path.stat().st_size > LONGEST:
        raise FormatError(f"{path} is too long for an appeal: it has 64 KiB at most")
    try:
        return path.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise FormatError(f"{path} is no text in UTF-8") from error


@appeal.command()
@click.argument("reference")
@click.argument("text", type=click.Path(path_type=Path))
@click.option("--language", default="en", show_default=True, help="That the appeal is written in.")
@worker
@store_option
def receive(reference: str, text: Path, language: str, by: str, where: str, as_json: bool) -> None:
    """Take in the appeal that is in the file TEXT, by the REFERENCE of its notice."""
    said = _text(text)
    with open_store(where) as store:
        taken = Appeals(Casework(store, now)).receive(reference, said, by, language=language)
    emit({**asdict(taken), "text": None}, as_json=as_json, text=_line(taken))


@appeal.command("list")
@store_option
def list_appeals(where: str, as_json: bool) -> None:
    """Show the appeals that nobody has answered, the oldest first."""
    with open_store(where) as store:
        found = Appeals(Casework(store, now)).waiting()
    emit(
        {"appeals": [asdict(one) for one in found]},
        as_json=as_json,
        text="\n".join(map(_line, found)) or "no appeal waits",
    )


@appeal.command()
@click.argument("appeal_id", type=int)
@worker
@store_option
def show(appeal_id: int, by: str, where: str, as_json: bool) -> None:
    """Show an appeal with what the person says; that you looked is in the log."""
    with open_store(where) as store:
        found = Appeals(Casework(store, now)).view(appeal_id, by)
    emit(asdict(found), as_json=as_json, text=f"{_line(found)}\n\n{found.text or 'the text was erased'}")


@appeal.command()
@click.argument("appeal_id", type=int)
@click.option("--overturn", "ruling", flag_value="overturned", default=None, help="The person is right: it is undone.")
@click.option("--stands", "ruling", flag_value="stands", help="The decision was right.")
@click.option("--why", required=True, help="The reason, in your own words; the person is told it.")
@signing
@store_option
def decide(appeal_id: int, ruling: Ruling | None, why: str, key_file: Path, where: str, as_json: bool) -> None:
    """Answer an appeal, and sign it: --overturn, which orders the reversal with the same signature, or --stands."""
    if ruling is None:
        raise UsageError("say whether the person is right: --overturn, or --stands")
    with open_store(where) as store:
        done = Appeals(Casework(store, now)).decide(appeal_id, ruling, why, unlocked(key_file))
    text = _line(done)
    if done.reversal_id:
        text += f"; carry it out: samehand enforce run {done.reversal_id}"
    elif ruling == "overturned":
        text += "; there is nothing left to take back"
    text += "\nthe person is told: samehand appeal answers"
    emit({**asdict(done), "text": None}, as_json=as_json, text=text)


@appeal.command()
@click.option("--out", type=click.Path(path_type=Path), required=True, help="A new .jsonl file, one answer a line.")
@click.option(
    "--language", "languages", multiple=True,
    help=f"Of the text: {', '.join(LANGUAGES)}; may be repeated. That of the appeal if it is not given.",
)  # fmt: skip
@click.option("--again", is_flag=True, help="Those too that were written before.")
@worker
@store_option
def answers(out: Path, languages: tuple[str, ...], again: bool, by: str, where: str, as_json: bool) -> None:
    """Write what those who appealed are to be told: what came of it, why, and where else they may go."""
    _is_new(out)
    _are_worded(languages)
    with open_store(where) as store, _whole(out) as file:

        def keep(one: Answer) -> None:
            file.write(json.dumps(asdict(one), ensure_ascii=False) + "\n")

        written = write_answers(Casework(store, now), by, keep, languages=languages, again=again)
    text = f"{out}: {written:,} answers"
    if not written and not again:
        text += "; none waits to be written: --again writes those that were written before"
    emit({"answers": written, "path": str(out)}, as_json=as_json, text=text)


@appeal.command()
@click.option(
    "--by", "group", type=click.Choice(GROUPS), default="ground", show_default=True, help="What appeals are grouped by."
)
@store_option
def rates(group: Any, where: str, as_json: bool) -> None:
    """Show how often appeals were right, group by group."""
    with open_store(where) as store:
        found = Appeals(Casework(store, now)).overturn_rates(group)
    lines = [
        f"{one.group}: {one.notices:,} notices, {one.appeals:,} appeals, {one.answered:,} answered, "
        f"{one.overturned:,} overturned" + (f" ({one.rate:.0%})" if one.rate is not None else "")
        for one in found
    ]
    rows = [{**asdict(one), "rate": one.rate} for one in found]
    emit({"groups": rows}, as_json=as_json, text="\n".join(lines) or "nobody was told of anything")
