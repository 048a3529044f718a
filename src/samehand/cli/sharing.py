"""`samehand tip collection`, `share`, `pull`, `hash`: what partners read, and what is read of theirs."""

from __future__ import annotations

import os
from dataclasses import asdict
from datetime import date
from pathlib import Path

import click
import pyarrow as pa

from samehand.casework import Casework
from samehand.cli.days import Day
from samehand.cli.main import emit, say
from samehand.cli.store import NUMBER, now, store_option
from samehand.errors import FormatError, NotFoundError, UsageError
from samehand.exchange import (
    CLEARANCES,
    HASHED_KINDS,
    RELIABILITIES,
    TLPS,
    Added,
    Collection,
    Collections,
    Grade,
    HashedKind,
    Tips,
    Tlp,
    hashes_of,
    make_exchange_key,
    pull_collection,
    read_exchange_key,
    recalls_owed,
    share_claim,
    share_decision,
    share_tip,
    take_back,
    tips_of,
)
from samehand.records import write_table
from samehand.service import list_api_keys
from samehand.store import open_store

__all__ = ["COMMANDS"]

TOKEN = "SAMEHAND_TAXII_TOKEN"


@click.group()
def collection() -> None:
    """Collections: what partners read over TAXII 2.1, each with who may and how far it goes."""


def _line(one: Collection) -> str:
    readers = ", ".join(f"{name}{' (may send)' if may else ''}" for name, may in one.readers.items()) or "nobody"
    return f"{one.title} [TLP:{one.clearance.upper()} at most, {one.objects:,} objects, read by {readers}] {one.collection_id}"


@collection.command()
@click.argument("title")
@click.option("--clearance", type=click.Choice(CLEARANCES), required=True, help="The narrowest marking that it takes.")
@click.option("--description", default="", help="For its readers.")
@click.option("--as", "by", required=True, metavar="NAME", help="Who makes it.")
@store_option
def make(title: str, clearance: Tlp, description: str, by: str, where: str, as_json: bool) -> None:
    """Make a collection called TITLE."""
    with open_store(where) as store:
        done = Collections(Casework(store, now)).make(title, by, clearance=clearance, description=description)
    emit(asdict(done), as_json=as_json, text=_line(done))


@collection.command()
@click.argument("title")
@click.argument("key_name")
@click.option("--send", is_flag=True, help="They may send tips through it, too.")
@click.option("--not-any-more", "ended", is_flag=True, help="They may not read it any more.")
@click.option("--as", "by", required=True, metavar="NAME", help="Who lets them.")
@store_option
def let(title: str, key_name: str, send: bool, ended: bool, by: str, where: str, as_json: bool) -> None:
    """Let the API key KEY_NAME read the collection TITLE."""
    with open_store(where) as store:
        if not any(one.name == key_name for one in list_api_keys(store)):
            raise UsageError(
                f"there is no API key called {key_name}; samehand serve key make {key_name} --scope taxii:read"
            )
        done = Collections(Casework(store, now)).let(
            title, key_name, by, may_read=not ended, may_write=send and not ended
        )
    emit(asdict(done), as_json=as_json, text=_line(done))


@collection.command("list")
@store_option
def list_collections(where: str, as_json: bool) -> None:
    """Show every collection."""
    with open_store(where) as store:
        found = Collections(Casework(store, now)).all()
    emit(
        {"collections": [asdict(one) for one in found]},
        as_json=as_json,
        text="\n".join(map(_line, found)) or "there is none",
    )


def _added(done: Added, title: str, *, as_json: bool) -> None:
    text = f"'{title}': {done.added:,} objects are new, {done.changed:,} have a new version, {done.unchanged:,} were no news"
    emit(asdict(done), as_json=as_json, text=text)


@click.command()
@click.option("--tip", "tip_id", type=NUMBER, help="A tip that is handed on, under its own marking.")
@click.option("--decision", "decision_id", type=NUMBER, help="A decision that was carried out.")
@click.option("--claim", "case_id", type=NUMBER, metavar="CASE", help="The claim of attribution of a case that stands.")
@click.option("--to", "title", required=True, metavar="TITLE", help="The collection.")
@click.option("--tlp", type=click.Choice(CLEARANCES), help="How the objects of a decision or claim are marked.")
@click.option("--organisation", help="Who says so, to partners; needed with --decision and --claim.")
@click.option("--as", "by", required=True, metavar="NAME", help="Who shares it.")
@store_option
def share(
    tip_id: int | None, decision_id: int | None, case_id: int | None, title: str, tlp: Tlp | None, organisation: str | None,
    by: str, where: str, as_json: bool,
) -> None:  # fmt: skip
    """Put a tip, the accounts of a decision with what it rests on, or a claim into a collection that partners read."""
    if sum(one is not None for one in (tip_id, decision_id, case_id)) != 1:
        raise UsageError("name a --tip or a --decision, or the case of a --claim")
    with open_store(where) as store:
        work = Casework(store, now)
        if tip_id is not None:
            done = share_tip(work, tip_id, title, by)
        else:
            if not tlp or not organisation:
                raise UsageError("a decision or a claim is shared with --tlp and --organisation")
            if decision_id is not None:
                done = share_decision(work, decision_id, title, by, tlp=tlp, organisation=organisation)
            else:
                assert case_id is not None
                done = share_claim(work, case_id, title, by, tlp=tlp, organisation=organisation)
    _added(done, title, as_json=as_json)


@click.command()
@store_option
def recall(where: str, as_json: bool) -> None:
    """Take back from partners what was corrected or retracted since; `samehand serve` does it by itself."""
    with open_store(where) as store:
        work = Casework(store, now)
        done, owed = take_back(work, again=True), recalls_owed(work)
    text = f"{done:,} objects were taken back"
    if owed:
        text += f"; {owed:,} recalls could not be done and are owed to partners: the log of errors says which"
    emit({"revoked": done, "owed": owed}, as_json=as_json, text=text)
    if owed:
        raise SystemExit(1)


@click.command()
@click.argument("url")
@click.option("--source", required=True, help="Whose collection it is.")
@click.option("--user", default="", help="The name that goes with the password; without it a token is sent.")
@click.option("--after", default="", help="Only what was added after this time, as 2026-11-27T12:00:00Z.")
@click.option("--reliability", type=click.Choice(list(RELIABILITIES)), help="Of the source, A to F; F if not said.")
@click.option("--credibility", type=click.IntRange(1, 6), help="Of what it says, 1 to 6; 6 if not said.")
@click.option("--tlp", type=click.Choice(TLPS), help="Whom it may be told; a narrower marking of theirs counts.")
@click.option("--until", type=Day(), help="The day from which it does not count; a year from now if nobody says.")
@click.option("--as", "by", required=True, metavar="NAME", help="Who takes it in.")
@store_option
def pull(
    url: str, source: str, user: str, after: str, reliability: str | None, credibility: int | None, tlp: Tlp | None,
    until: date | None, by: str, where: str, as_json: bool,
) -> None:  # fmt: skip
    """Take in the TAXII 2.1 collection at URL, a tip for each report; its password or token comes from SAMEHAND_TAXII_TOKEN."""
    secret = os.environ.get(TOKEN, "")
    if not secret:
        raise UsageError(f"say the password or token in {TOKEN}")
    objects = list(pull_collection(url, secret, user=user, added_after=after))
    if not objects:
        emit({"tips": []}, as_json=as_json, text="there is nothing new")
        return
    grade = Grade(source=source, reliability=reliability or "", credibility=credibility, tlp=tlp, until=until)
    with open_store(where) as store:
        taken = Tips(Casework(store, now)).take(
            tips_of(objects, url.rstrip("/").rsplit("/", maxsplit=1)[-1]), by, grade
        )
    names = ("read", "kept", "merged", "rejected", "revoked")
    tips = [
        {"tip": one.tip_id, "title": one.title, **{name: getattr(one, name) for name in names}, "changes": one.changes}
        for one in taken
    ]
    lines = [
        f"tip {one['tip']} {one['title']}: "
        + ", ".join([*(f"{name} {one[name]:,}" for name in names), *one["changes"]])
        for one in tips
    ]
    emit({"tips": tips}, as_json=as_json, text="\n".join(lines))


@click.command("key")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def exchange_key(file: Path, as_json: bool) -> None:
    """Make a key that two partners hold, for hashes that only they can compare; hand it over in another way than the hashes."""
    make_exchange_key(file)
    emit({"path": str(file)}, as_json=as_json, text=f"{file}: a key, for you and one partner")


@click.command("hash")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--kind",
    type=click.Choice(HASHED_KINDS),
    required=True,
    help="Of the values: device, media_hash, avatar_hash, account.",
)
@click.option(
    "--key", "key_file", type=click.Path(path_type=Path), required=True, help="The key of `samehand tip key`."
)
@click.option("--out", type=click.Path(path_type=Path), help="A .csv, .jsonl or .parquet file of hashes, to hand over.")
@click.option(
    "--against", type=click.Path(path_type=Path), help="A partner's file of hashes: which of our values they hold."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def hash_values(
    file: Path, kind: HashedKind, key_file: Path, out: Path | None, against: Path | None, as_json: bool
) -> None:  # fmt: skip
    """Hash the values of FILE, one a line, under a key: to hand the hashes over (--out), or to compare them (--against)."""
    from samehand.sources import Limits, open_table

    if (out is None) == (against is None):
        raise UsageError("name --out to hand hashes over, or --against to compare them with a partner's")
    if not file.is_file():
        raise NotFoundError(f"{file}: there is no such file")
    try:
        values = [line.strip() for line in file.read_text("utf-8-sig").splitlines() if line.strip()]
    except UnicodeDecodeError as error:
        raise FormatError(f"{file} is no text in UTF-8; save it as UTF-8") from error
    made = hashes_of(kind, values, read_exchange_key(key_file))
    left = sum(made.refused.values())
    if left:
        say(f"{left:,} values are left out: {', '.join(made.refused)}")
    if out is not None:
        write_table(out, pa.table({"kind": [kind] * len(made.values), "hash": sorted(made.values)}))
        emit(
            {"hashed": len(made.values), "left": left, "path": str(out)},
            as_json=as_json,
            text=f"{out}: {len(made.values):,} hashes",
        )
        return
    assert against is not None
    theirs = {str(row["hash"]) for batch in open_table(against, Limits()).batches() for row in batch.table.to_pylist()}
    same = sorted(value for digest, value in made.values.items() if digest in theirs)
    emit({"matches": same, "left": left}, as_json=as_json, text="\n".join(same) or "none of them is theirs")


COMMANDS = (collection, share, recall, pull, exchange_key, hash_values)
