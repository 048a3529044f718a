"""`samehand tip`: leads from outside, taken in, looked up, opened as cases, handed on, and taken back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

import click
from tqdm import tqdm

from samehand.casework import Casework
from samehand.cli.days import Day, today
from samehand.cli.main import emit
from samehand.cli.sharing import COMMANDS
from samehand.cli.store import now, store_option
from samehand.errors import UsageError
from samehand.exchange import (
    FORMS,
    RELIABILITIES,
    TIP_FORMATS,
    TLPS,
    Form,
    Grade,
    Indicator,
    Tip,
    TipDraft,
    Tips,
    Tlp,
    bundle_of,
    defang,
    indicator_table,
    misp_event,
    read_tips,
    tip_objects,
)
from samehand.records import private_file
from samehand.store import open_store

__all__ = ["tip"]


@click.group()
def tip() -> None:
    """Tips: leads from peers, researchers and users; a tip proves nothing, and nothing is done on it without a case."""


@contextmanager
def _tips(where: str) -> Iterator[Tips]:
    with open_store(where) as store:
        yield Tips(Casework(store, now))


def _line(one: Tip) -> str:
    state = (
        "taken back" if one.retracted_at else "its time is over" if not one.counts(today()) else f"until {one.until}"
    )
    case = f", case {one.case_id}" if one.case_id else ""
    return (
        f"tip {one.tip_id} [{one.source}, {one.reliability}{one.credibility}, TLP:{one.tlp.upper()}, {state}{case}] "
        f"{one.title}: {one.indicators:,} indicators" + (f", {one.revoked:,} taken back" if one.revoked else "")
    )


def _named(one: Indicator) -> str:
    value = (
        f"{one.platform}:{one.value}"
        if one.kind == "account"
        else defang(one.value)
        if one.kind in ("domain", "url", "ip", "email")
        else one.value
    )
    step = f" ({one.procedure or one.technique})" if one.procedure or one.technique else ""
    return f"{one.kind} {value}{step}" + (" - taken back" if one.revoked else "")


@tip.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--source",
    default="",
    help="Whose tip it is; needed where the file does not say, and where it takes something back.",
)
@click.option(
    "--reliability",
    type=click.Choice(list(RELIABILITIES)),
    help="Of the source, A to F (Admiralty), F if not given, whatever the file says of itself.",
)
@click.option("--credibility", type=click.IntRange(1, 6), help="Of what it says, 1 to 6 (Admiralty); 6 if not given.")
@click.option(
    "--tlp",
    type=click.Choice(TLPS),
    help="Whom it may be told; a narrower marking of the file counts. Amber if nobody says.",
)
@click.option("--until", type=Day(), help="The day from which it does not count; a year from now if nobody says.")
@click.option("--form", type=click.Choice(TIP_FORMATS), help="How the files are written; told from each if not given.")
@click.option("--as", "by", required=True, metavar="NAME", help="Who takes it in.")
@store_option
def import_tips(
    files: tuple[Path, ...], source: str, reliability: str | None, credibility: int | None, tlp: Tlp | None, until: date | None,
    form: str | None, by: str, where: str, as_json: bool,
) -> None:  # fmt: skip
    """Take in FILES: STIX 2.1, MISP events, Meta's tables of indicators, or one value a line; all of them or none."""
    drafts: list[tuple[Path, TipDraft]] = []
    for path in tqdm(files, unit=" files", delay=1, disable=None):
        drafts += [(path, one) for one in read_tips(path, form)]
    grade = Grade(source=source, reliability=reliability or "", credibility=credibility, tlp=tlp, until=until)
    with _tips(where) as tips:
        taken = tips.take([one for _, one in drafts], by, grade)
    lists = [
        {
            "path": str(path), "tip": one.tip_id, "title": one.title, "new": one.new, "read": one.read, "kept": one.kept,
            "merged": one.merged, "rejected": one.rejected, "revoked": one.revoked,
            "reasons": dict(Counter(refused.reason for refused in one.refused)), "changes": list(one.changes),
        }
        for (path, _), one in zip(drafts, taken, strict=True)
    ]  # fmt: skip
    counts = {
        name: sum(getattr(one, name) for one in taken) for name in ("read", "kept", "merged", "rejected", "revoked")
    }
    lines = [
        f"tip {one.tip_id} {one.title}: {_counted(asdict(one))}"
        + (f"; {one.refused[0].reason} (row {one.refused[0].row})" if one.refused else "")
        + "".join(f"\n  {change}" for change in one.changes)
        for one in taken
    ]
    if len(taken) > 1:
        lines.append(f"{len(taken):,} tips: {_counted(counts)}")
    lines.append("a tip is a lead: `samehand tip show N`, then `samehand tip case N --as NAME` opens a case")
    emit({**counts, "tips": lists}, as_json=as_json, text="\n".join(lines))


def _counted(counts: Mapping[str, int]) -> str:
    return " + ".join(f"{name} {counts[name]:,}" for name in ("read", "kept", "merged", "rejected")).replace(
        " + ", " = ", 1
    )


@tip.command("list")
@store_option
def list_tips(where: str, as_json: bool) -> None:
    """Show every tip, the newest first."""
    with _tips(where) as tips:
        found = tips.all()
    emit(
        {"tips": [asdict(one) for one in found]}, as_json=as_json, text="\n".join(map(_line, found)) or "there is none"
    )


@tip.command()
@click.argument("number", type=int)
@click.option("--most", type=click.IntRange(1), default=50, show_default=True, help="Indicators to show.")
@store_option
def show(number: int, most: int, where: str, as_json: bool) -> None:
    """Show tip NUMBER with what it names."""
    with _tips(where) as tips:
        one, found = tips.tip(number), list(tips.indicators(number))
    kinds = Counter(indicator.kind for indicator in found)
    lines = [_line(one), ", ".join(f"{count:,} {kind}" for kind, count in kinds.most_common())]
    lines += [f"  {_named(indicator)}" for indicator in found[:most]]
    if len(found) > most:
        lines.append(f"  and {len(found) - most:,} more: --most {len(found)}")
    result = {**asdict(one), "kinds": kinds, "named": [asdict(indicator) for indicator in (found if as_json else ())]}
    emit(result, as_json=as_json, text="\n".join(lines))


@tip.command()
@click.argument("value")
@click.option("--platform", default="", help="Of an account's bare name.")
@store_option
def find(value: str, platform: str, where: str, as_json: bool) -> None:
    """Say which tips that count name VALUE: a domain, link, account, address or hash, defanged or not."""
    with _tips(where) as tips:
        found = tips.find(value, platform)
    lines = [f"{_line(one.tip)}\n  {_named(one.indicator)}" for one in found] or ["no tip that counts names it"]
    result = {"matches": [{"tip": asdict(one.tip), "indicator": asdict(one.indicator)} for one in found]}
    emit(result, as_json=as_json, text="\n".join(lines))


@tip.command()
@click.argument("number", type=int)
@click.option("--as", "by", required=True, metavar="NAME", help="Who opens it, by their name on the roster.")
@store_option
def case(number: int, by: str, where: str, as_json: bool) -> None:
    """Open a case from tip NUMBER."""
    with _tips(where) as tips:
        opened = tips.open_case(number, by)
    emit({"tip": number, "case": opened}, as_json=as_json, text=f"case {opened} is open, from tip {number}")


@tip.command()
@click.argument("number", type=int)
@click.option("--why", required=True, help="The reason.")
@click.option("--as", "by", required=True, metavar="NAME", help="Who takes it back.")
@store_option
def retract(number: int, why: str, by: str, where: str, as_json: bool) -> None:
    """Take tip NUMBER back: it is found no more, opens no case, and its case is told."""
    with _tips(where) as tips:
        done = tips.retract(number, why, by)
    emit(asdict(done), as_json=as_json, text=_line(done))


@tip.command()
@click.option(
    "--before", type=Day(), required=True, help="Tips whose time was over, or that were taken back, before this day."
)
@click.option("--as", "by", required=True, metavar="NAME", help="Who erases it.")
@store_option
def forget(before: date, by: str, where: str, as_json: bool) -> None:
    """Erase what old tips name; that they were there, and how much they named, stays."""
    with _tips(where) as tips:
        erased = tips.forget(before, by)
    emit({"erased": erased}, as_json=as_json, text=f"{erased:,} indicators were erased")


@tip.command()
@click.argument("number", type=int)
@click.option(
    "--to", "form", type=click.Choice(("stix", "misp", *FORMS)), required=True,
    help="STIX 2.1, a MISP event, or a table of Meta's: kill-chain or indicators.",
)  # fmt: skip
@click.option("--out", type=click.Path(path_type=Path), required=True, help="A file, .json or .csv.")
@store_option
def export(number: int, form: str, out: Path, where: str, as_json: bool) -> None:
    """Write tip NUMBER to a file, as far as its marking lets it leave."""
    with _tips(where) as tips:
        one, draft = tips.draft(number)
    if one.tlp in ("red", "amber+strict"):
        raise UsageError(f"tip {number} is marked TLP:{one.tlp.upper()}: it does not leave this house in any form")
    written, left = len(draft.indicators), 0
    text = _written(one, draft, form)
    if form in FORMS:
        text, left = indicator_table(draft.indicators, form)
    private_file(out, text)
    said = f"{out}: {written - left:,} indicators of tip {number}, TLP:{one.tlp.upper()}"
    if left:
        said += f"; {left:,} are left out, which the form has no cell for or their source took back"
    emit({"path": str(out), "indicators": written - left, "left": left, "tlp": one.tlp}, as_json=as_json, text=said)


def _written(one: Tip, draft: TipDraft, form: str | Form) -> str:
    if form == "misp":
        return misp_event(draft, tlp=one.tlp, source=one.source, received=one.received_at)
    marked: dict[str, Any] = {
        "tlp": one.tlp,
        "source": one.source,
        "received": one.received_at,
        "changed": one.changed_at,
    }
    return bundle_of(tip_objects(draft, **marked)) if form == "stix" else ""


for command in COMMANDS:
    tip.add_command(command)
