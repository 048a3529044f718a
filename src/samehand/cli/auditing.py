"""`samehand audit`: the log of all that was decided and done."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import click

from samehand.casework import read_entries, verify, verify_with_heads, write_head
from samehand.cli.main import emit
from samehand.cli.store import now, signing, store_option, unlocked
from samehand.errors import JobError
from samehand.store import open_store

__all__ = ["audit"]


@click.group()
def audit() -> None:
    """The audit log: shown, signed for, and gone over."""


@audit.command("verify")
@click.option(
    "--head",
    "heads",
    type=click.Path(path_type=Path),
    help="A file of heads that left the store; shows a cut-off end too.",
)
@store_option
def verify_log(heads: Path | None, where: str, as_json: bool) -> None:
    """Go over the whole log: any edit, deletion, insertion and reordering is found, and the command fails."""
    with open_store(where) as store, store.reading() as session:
        if heads is None:
            found, window = verify(session), None
        else:
            beside = verify_with_heads(session, store, heads)
            found, window = beside.verification, beside.open_entries
    lines = [f"entry {one.number}: {one.what}" for one in found.breaks]
    if found.holds:
        lines.append(f"{found.entries:,} entries hold; the last is {found.hash}")
    lines.append(
        "without a file of heads (--head) a cut-off end is not seen" if window is None
        else f"{window:,} entries came after the last head: of these alone a loss would not be seen"
    )  # fmt: skip
    result = {
        "entries": found.entries, "hash": found.hash, "holds": found.holds, "breaks": [asdict(one) for one in found.breaks],
        "open_entries": window,
    }  # fmt: skip
    emit(result, as_json=as_json, text="\n".join(lines))
    if not found.holds:
        raise JobError(f"the log was tampered with, in {len(found.breaks)} places")


@audit.command()
@click.argument("file", type=click.Path(path_type=Path))
@signing
@store_option
def head(file: Path, key_file: Path, where: str, as_json: bool) -> None:
    """Sign the log's end and add it to FILE, which is kept away from the store."""
    with open_store(where) as store:
        number = write_head(store, unlocked(key_file), file, now())
    emit({"entries": number, "path": str(file)}, as_json=as_json, text=f"{file}: signed up to entry {number:,}")


@audit.command()
@click.option("--case", "case_id", type=int, help="Of one case.")
@click.option("--most", type=click.IntRange(1), default=100, show_default=True, help="The newest entries.")
@store_option
def show(case_id: int | None, most: int, where: str, as_json: bool) -> None:
    """Show the log's newest entries; accounts and texts are in it as commitments only."""
    with open_store(where) as store, store.reading() as session:
        entries = read_entries(session, case_id, most=most)
    lines = [
        f"{one['number']} {one['at']:%Y-%m-%d %H:%M:%S} {one['actor']} {one['kind']} {json.dumps(one['body'], sort_keys=True)}"
        for one in entries
    ]
    emit({"entries": entries}, as_json=as_json, text="\n".join(lines))
