"""`samehand case retention`, `erase`, `hold`, `export`: what is kept of persons, how long, and what may leave the house."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from pathlib import Path

import click

from samehand.casework import Casework, Retention, erase_account, export_case, hold, read_retention, release
from samehand.cli.main import emit
from samehand.cli.store import account_of, now, store_option, worker
from samehand.errors import NotFoundError, UsageError
from samehand.store import open_store

__all__ = ["KEEPING"]


@click.command()
@click.option("--rules", type=click.Path(path_type=Path), help="A TOML file of days; the shipped rules if not given.")
@click.option("--run", "running", is_flag=True, help="Erase it; without this, only say what is due.")
@click.option("--as", "by", metavar="NAME", help="Who erases; needed with --run.")
@store_option
def retention(rules: Path | None, running: bool, by: str | None, where: str, as_json: bool) -> None:
    """Say what is to be erased of cases that have ended, and erase it."""
    if running and not by:
        raise UsageError("to erase, say who does: --as NAME")
    days = read_retention(rules)
    with open_store(where) as store:
        clock = Retention(Casework(store, now), days)
        found = clock.run(by) if running and by else clock.due()
    lines = [f"case {one.case_id}: {one.count:,} {one.what}, since {one.since:%Y-%m-%d}" for one in found]
    emit({"erased": running, "due": [asdict(one) for one in found]}, as_json=as_json,
         text="\n".join(lines) or "nothing is due")  # fmt: skip


@click.command()
@click.argument("account")
@worker
@store_option
def erase(account: str, by: str, where: str, as_json: bool) -> None:
    """Erase ACCOUNT (platform:asset id) from every case; the log stays whole."""
    platform, asset = account_of(account)
    with open_store(where) as store:
        cases = erase_account(Casework(store, now), platform, asset, by)
    emit({"cases": cases}, as_json=as_json, text=f"erased from {len(cases)} cases")


@click.command("hold")
@click.argument("case_id", type=int)
@click.option("--why", required=True, help="The reason.")
@worker
@store_option
def hold_case(case_id: int, why: str, by: str, where: str, as_json: bool) -> None:
    """Keep all that a case holds beyond its time, until it is released."""
    with open_store(where) as store:
        done = hold(Casework(store, now), case_id, why, by)
    emit(asdict(done), as_json=as_json, text=f"case {case_id} is on hold")


@click.command("release")
@click.argument("case_id", type=int)
@worker
@store_option
def release_case(case_id: int, by: str, where: str, as_json: bool) -> None:
    """Let the clock of a case run again."""
    with open_store(where) as store:
        done = release(Casework(store, now), case_id, by)
    emit(asdict(done), as_json=as_json, text=f"case {case_id} is not on hold")


@click.command()
@click.argument("case_id", type=int)
@click.option("--out", type=click.Path(path_type=Path), required=True, help="A new .json file.")
@click.option("--texts", is_flag=True, help="With what people noted, which may name somebody.")
@worker
@store_option
def export(case_id: int, out: Path, texts: bool, by: str, where: str, as_json: bool) -> None:
    """Write a case with its findings, decisions and log; reviewers bear pseudonyms of this export only."""
    if out.exists():
        raise UsageError(f"{out} is there already; choose another file")
    if not out.parent.is_dir():
        raise NotFoundError(f"{out.parent}: there is no such folder")
    with open_store(where) as store:
        told = export_case(Casework(store, now), case_id, by, texts=texts)
    with open(os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        json.dump(told, file, ensure_ascii=False, indent=1)
    emit({"case": case_id, "path": str(out)}, as_json=as_json, text=f"{out}: case {case_id}")


KEEPING = (retention, erase, hold_case, release_case, export)
