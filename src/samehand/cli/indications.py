"""`samehand attribute hours`, `networks`, `languages`, `infrastructure`: what a dataset says of who is behind a case."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from samehand.attribution import (
    BEARS,
    EvidenceItem,
    country_in_words,
    hours_found,
    languages_found,
    networks_found,
    overlap_found,
)
from samehand.casework import Casework, ClaimEvidence
from samehand.cli.days import today
from samehand.cli.main import emit, say
from samehand.cli.store import NUMBER, existing, now, store_option, worker
from samehand.errors import FormatError, NotFoundError, UsageError
from samehand.exchange import Tips
from samehand.records import Dataset
from samehand.store import open_store

__all__ = ["COMMANDS"]

BY_TIP = ("domain", "ip")
"""Kinds of a tip's indicators that are infrastructure; a page's address tells nothing of who runs its site."""


def _looking(command: Any) -> Any:
    """What every look at a dataset takes: the case, the dataset, whose data it is, and whether what is found is kept."""
    command = click.option("--keep", is_flag=True, help="Enter what is found as evidence of the case.")(command)
    command = click.option("--source", required=True, help="Whose data it is.")(command)
    command = click.option(
        "--dataset", "folder", type=click.Path(path_type=Path), required=True, help="With the accounts of the case."
    )(command)
    return click.argument("case_id", type=NUMBER)(command)


def _looked(
    case_id: int, folder: Path, by: str, where: str, look: Callable[[Dataset, set[str]], Sequence[EvidenceItem]], *,
    keep: bool, as_json: bool,
) -> None:  # fmt: skip
    """Look at the core accounts of a case in a dataset, which is logged, and keep what is found if that is asked."""
    dataset = Dataset.open(folder)
    with open_store(existing(where)) as store:
        work = Casework(store, now)
        members = work.view_members(case_id, by)
        accounts = {
            f"{one.platform}:{one.asset_id}"
            for one in members
            if one.role == "core" and one.asset_id and not one.cleared
        }
        say(f"looking at {len(accounts):,} core accounts of case {case_id} in {folder}")
        found = look(dataset, accounts)
        kept = ClaimEvidence(work).add(case_id, found, by) if keep and found else []
    told = [{**asdict(one), "bears": BEARS[one.of.tells], "alternative": one.of.alternative} for one in found]
    lines = [
        f"{one.kind} (bears {BEARS[one.of.tells]} at most): {one.said}\n  what else it could be: {one.of.alternative}"
        for one in found
    ]
    lines += [f"kept as evidence {one.evidence_id}" for one in kept]
    result = {"found": told, "accounts": len(accounts), "kept": [one.evidence_id for one in kept]}
    emit(result, as_json=as_json, text="\n".join(lines) or "nothing that counts as evidence")


@click.command()
@_looking
@click.option("--seed", type=NUMBER, default=0, show_default=True, help="Of the draws of accounts.")
@worker
@store_option
def hours(
    case_id: int, folder: Path, source: str, keep: bool, seed: int, by: str, where: str, as_json: bool
) -> None:  # fmt: skip
    """Say which working hours and holidays the accounts of case CASE_ID keep; that names nobody by itself."""
    _looked(
        case_id,
        folder,
        by,
        where,
        lambda dataset, of: hours_found(dataset, of, source, seed=seed),
        keep=keep,
        as_json=as_json,
    )


@click.command()
@_looking
@click.option(
    "--blocked", multiple=True, metavar="CC=WHO", help="A country where the public cannot reach it, and who says so."
)
@worker
@store_option
def networks(
    case_id: int, folder: Path, source: str, keep: bool, blocked: tuple[str, ...], by: str, where: str, as_json: bool
) -> None:
    """Say from which country's networks the accounts of case CASE_ID log in, beyond genuine accounts of their interfaces."""
    said = {}
    for one in blocked:
        country, equals, who = one.partition("=")
        if not equals or not who.strip() or not country_in_words(country):
            raise UsageError(f"--blocked is a country and who says so, as CN=REPORT; not {one}")
        said[country] = who
    _looked(
        case_id,
        folder,
        by,
        where,
        lambda dataset, of: networks_found(dataset, of, source, said),
        keep=keep,
        as_json=as_json,
    )


@click.command()
@_looking
@worker
@store_option
def languages(case_id: int, folder: Path, source: str, keep: bool, by: str, where: str, as_json: bool) -> None:
    """Hold interface languages and scripts of case CASE_ID against the places that accounts name; L1 is all that this bears."""
    _looked(
        case_id, folder, by, where, lambda dataset, of: languages_found(dataset, of, source), keep=keep, as_json=as_json
    )


def _disclosed(file: Path | None, tip_id: int | None, where: str) -> list[str]:
    """What an earlier disclosure names: a value a line, or the domains and addresses of a tip that count.

    Raises:
        UsageError: the tip was taken back, or its time is over.

    """
    if (file is None) == (tip_id is None):
        raise UsageError("name the earlier disclosure: --disclosed FILE, or --tip NUMBER")
    if file is None:
        with open_store(existing(where)) as store:
            tip, draft = Tips(Casework(store, now)).draft(int(tip_id or 0))
        if not tip.counts(today()):
            raise UsageError(
                f"tip {tip_id} does not count any more: it was taken back, or its time was over on {tip.until}"
            )
        return [one.value for one in draft.indicators if one.kind in BY_TIP and one.counts(today())]
    if not file.is_file():
        raise NotFoundError(f"{file}: there is no such file")
    try:
        return [line.strip() for line in file.read_text("utf-8-sig").splitlines() if line.strip()]
    except UnicodeDecodeError as error:
        raise FormatError(f"{file} is no text in UTF-8") from error


@click.command()
@_looking
@click.option("--disclosed", "file", type=click.Path(path_type=Path), help="Hosts, addresses or devices, one a line.")
@click.option("--tip", "tip_id", type=NUMBER, help="A tip that names them, instead of a file.")
@click.option("--country", required=True, help="To which the earlier operation was attributed, as DE.")
@click.option("--entity", default="", help="To whom it was, if to anybody.")
@worker
@store_option
def infrastructure(
    case_id: int, folder: Path, source: str, keep: bool, file: Path | None, tip_id: int | None, country: str, entity: str,
    by: str, where: str, as_json: bool,
) -> None:  # fmt: skip
    """Say what rare infrastructure case CASE_ID shares with an operation that was disclosed before; --source is who did."""
    country_in_words(country)
    values = _disclosed(file, tip_id, where)
    _looked(
        case_id, folder, by, where,
        lambda dataset, of: overlap_found(dataset, of, values, source=source, country=country, entity=entity),
        keep=keep, as_json=as_json,
    )  # fmt: skip


COMMANDS = (hours, networks, languages, infrastructure)
