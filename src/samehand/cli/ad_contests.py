"""`samehand ads contest`: an outlet contests what the registry says of it, and a second person decides."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from samehand.advertising import AdContest, AdContests, AdRuling
from samehand.cli.main import emit
from samehand.cli.registries import office, registry_of, registry_option
from samehand.cli.store import NUMBER, now, store_option
from samehand.errors import FormatError, NotFoundError
from samehand.store import open_store

__all__ = ["contest"]


@click.group()
def contest() -> None:
    """Contests: an outlet says what is wrong with its assessment, and somebody else than who took it in decides."""


def _line(one: AdContest) -> str:
    answered = f", answered by {one.decided_by}: {one.why}" if one.decided_by else f", taken in by {one.received_by}"
    return f"contest {one.contest_id} of {one.entity_id} [{one.state}], {one.received_at:%Y-%m-%d}{answered}"


def _text(path: Path) -> str:
    if not path.is_file():
        raise NotFoundError(f"{path}: there is no such file")
    try:
        return path.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise FormatError(f"{path} is no text in UTF-8") from error


@contest.command()
@click.argument("entity_id")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--as", "by", required=True, metavar="NAME", help="Who takes it in.")
@registry_option
@store_option
def receive(entity_id: str, file: Path, by: str, folder: Path | None, where: str, as_json: bool) -> None:
    """Take in what ENTITY_ID says against its assessment, from the text in FILE."""
    said = _text(file)
    with open_store(where) as store:
        done = AdContests(store, registry_of(folder, ()), now).receive(
            entity_id, said, by, office=office(store, "intake", "ad_contest.received")
        )
    emit(asdict(done), as_json=as_json, text=_line(done))


@contest.command("list")
@click.option("--answered", is_flag=True, help="Those too that have their answer.")
@registry_option
@store_option
def list_contests(answered: bool, folder: Path | None, where: str, as_json: bool) -> None:
    """Show the contests that nobody has answered."""
    with open_store(where) as store:
        found = AdContests(store, registry_of(folder, ()), now).waiting(also_answered=answered)
    emit(
        {"contests": [asdict(one) for one in found]}, as_json=as_json, text="\n".join(map(_line, found)) or "none waits"
    )


@contest.command()
@click.argument("contest_id", type=NUMBER)
@registry_option
@store_option
def show(contest_id: int, folder: Path | None, where: str, as_json: bool) -> None:
    """Show a contest with what the outlet said."""
    with open_store(where) as store:
        one = AdContests(store, registry_of(folder, ()), now).contest(contest_id)
    emit(asdict(one), as_json=as_json, text=f"{_line(one)}\n\n{one.said.strip()}")


@contest.command()
@click.argument("contest_id", type=NUMBER)
@click.option(
    "--uphold", "file", type=click.Path(path_type=Path), help="A TOML file of the assessments that hold from now on."
)
@click.option("--refuse", is_flag=True, help="The assessment stays.")
@click.option("--why", required=True, help="The reason, in your own words.")
@click.option("--as", "by", required=True, metavar="NAME", help="Who decides; not who took it in.")
@registry_option
@store_option
def decide(
    contest_id: int, file: Path | None, refuse: bool, why: str, by: str, folder: Path | None, where: str, as_json: bool
) -> None:
    """Answer a contest: --uphold FILE with `[[assessments]]` and `[[citations]]`, or --refuse."""
    ruling: AdRuling = "refused" if refuse else "upheld"
    text = _text(file) if file is not None else None
    with open_store(where) as store:
        contests = AdContests(store, registry_of(folder, ()), now)
        done = contests.decide(
            contest_id, ruling, why, by, assessments=text, office=office(store, "appeal", f"ad_contest.{ruling}")
        )
        touched = contests.affected(contest_id)
    lines = [_line(done)]
    if touched:
        lines.append(
            f"{len(touched):,} ads were decided about on what is corrected: samehand ads contest affected {contest_id}"
        )
    emit({**asdict(done), "affected": len(touched)}, as_json=as_json, text="\n".join(lines))


@contest.command()
@click.argument("contest_id", type=NUMBER)
@registry_option
@store_option
def affected(contest_id: int, folder: Path | None, where: str, as_json: bool) -> None:
    """Show the ads of the repository that were decided about on what a contest corrected."""
    with open_store(where) as store:
        found = AdContests(store, registry_of(folder, ()), now).affected(contest_id)
    ads = [
        {"platform": one.record.platform, "ad_id": one.record.ad_id, "decision": one.record.decision} for one in found
    ]
    text = "\n".join(f"{one['platform']}:{one['ad_id']} {one['decision']}" for one in ads) or "there is none"
    emit({"ads": ads}, as_json=as_json, text=text)
