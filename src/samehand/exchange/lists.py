"""Lists of indicators as tables: the two forms that Meta publishes, and a plain list of one value a line."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any, Final

from samehand.errors import FormatError
from samehand.exchange.drafts import Refused, TipDraft, joined, merged
from samehand.exchange.indicators import Indicator, IndicatorKind, Told, refang, tell, told_of
from samehand.exchange.killchain import step_of
from samehand.sources import Limits, open_table

__all__ = ["read_plain", "read_table", "slug_of"]

KILL_CHAIN: Final = ("tactic", "technique", "procedure")
TYPED: Final = ("indicator_type", "indicator_value")
COMMENTS: Final = ("comment", "comments", "commernts", "note", "notes")
OF_TYPE: Final[Mapping[str, IndicatorKind]] = {
    "android_package_name": "app", "ios_app_id": "app", "app": "app", "domain_name": "domain", "url": "url", "ip": "ip",
    "email": "email",
}  # fmt: skip
PLATFORMS: Final = (
    (re.compile(r"\btwitter\b"), "twitter"), (re.compile(r"\btiktok\b", re.I), "tiktok"),
    (re.compile(r"\binstagram\b"), "instagram"), (re.compile(r"\btelegram\b"), "telegram"),
    (re.compile(r"\byoutube\b"), "youtube"), (re.compile(r"\bfacebook\b"), "facebook"),
)  # fmt: skip
UNREAD: Final = "none of the columns that are read says anything in it"
EMPTY: Final = "the row is empty"
MOST_RAW: Final = 2_000


def slug_of(name: str) -> str:
    """A name of a file as a name that stays: without its suffix, in ASCII, words apart by one hyphen."""
    stem = re.sub(r"\.(csv|tsv|json|jsonl|txt|gz|zst)$", "", name, flags=re.IGNORECASE)
    plain = unicodedata.normalize("NFKD", stem).encode("ascii", "ignore").decode()
    return "-".join(re.findall(r"[a-z0-9]+", plain.lower())) or "list"


def read_table(path: Path) -> TipDraft:
    """A table of indicators: `Tactic, Technique, Procedure, Indicator` or `indicator_type, indicator_value, comment, ds`.

    Headers may bear other spaces and cases, and a column of comments any of the names that are about; a row without an
    indicator names a way of working; an empty one is refused.

    Raises:
        NotFoundError: there is no such file. FormatError: it has the columns of neither form.

    """
    reader = open_table(path, Limits())
    columns = {name: " ".join(name.split()).lower() for name in reader.columns}
    known = set(columns.values())
    if known.issuperset(KILL_CHAIN):
        form, read = "kill-chain", _of_kill_chain
    elif known.issuperset(TYPED):
        form, read = "indicators", _of_type
    else:
        raise FormatError(
            f"{path}: it is no list of indicators: it needs the columns {', '.join(KILL_CHAIN)}, indicator or "
            f"{', '.join(TYPED)}, and has {', '.join(reader.columns)}"
        )
    found: list[Indicator] = []
    refused: list[Refused] = []
    notes: Counter[str] = Counter()
    for batch in reader.batches():
        refused += [Refused(one.row, one.reason, one.raw[:MOST_RAW]) for one in batch.rejects]
        for number, row in zip(batch.rows.tolist(), batch.table.to_pylist(), strict=True):
            cells = {columns[name]: str(value) for name, value in row.items() if value is not None}
            if not any(value.strip() for value in cells.values()):
                refused.append(Refused(number, EMPTY))
                continue
            told = read(cells, number, notes)
            if told.value:
                found.append(told)
            else:
                refused.append(Refused(number, UNREAD, " ".join(" ".join(cells.values()).split())[:MOST_RAW]))
    kept, fewer = merged(found)
    return TipDraft(
        ref=slug_of(path.name), title=_title(path.name), form=form, indicators=kept, read=len(found) + len(refused),
        merged=fewer, refused=tuple(refused), notes=dict(notes),
    )  # fmt: skip


def _title(name: str) -> str:
    return " ".join(name.rsplit(".", maxsplit=1)[0].replace("_", " ").split())[:200] or name[:200]


def _comment(cells: Mapping[str, str]) -> str:
    return joined(" ".join(cells.get(name, "").split()) for name in COMMENTS)


def _of_kill_chain(cells: Mapping[str, str], row: int, notes: Counter[str]) -> Indicator:
    step = step_of(cells.get("tactic", ""), cells.get("technique", ""), cells.get("procedure", ""))
    cell = cells.get("indicator", "")
    said: dict[str, Any] = {
        "phase": step.phase, "technique": step.technique, "procedure": step.procedure, "comment": _comment(cells), "row": row,
        "raw": cell,
    }  # fmt: skip
    if step.phase is not None and not cells.get("tactic", "").strip().startswith(f"{step.phase}."):
        notes["the phase is another than its tactic's number says, or written otherwise"] += 1
    if not cell.strip():
        return Indicator(
            kind="technique",
            value=step.procedure or step.technique or cells.get("tactic", "").strip() or said["comment"],
            **said,
        )
    told = tell(cell, _platform(step.procedure))
    if told.value != cell:
        notes["a value was refanged or set right"] += 1
    return Indicator(kind=told.kind, value=told.value, platform=told.platform, **said)


def _of_type(cells: Mapping[str, str], row: int, notes: Counter[str]) -> Indicator:
    cell, kind = cells.get("indicator_value", ""), cells.get("indicator_type", "").strip()
    named = OF_TYPE.get(kind.lower(), "note")
    told = Told("app", refang(cell)) if named == "app" else told_of(named, cell)
    if not cell.strip():
        told = Told("note", kind)
    if told.value != cell:
        notes["a value was refanged or set right"] += 1
    return Indicator(
        kind=told.kind, value=told.value, platform=told.platform, comment=_comment(cells), seen=_day(cells.get("ds", "")),
        raw=cell, row=row,
    )  # fmt: skip


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip()[:10])
    except ValueError:
        return None


def _platform(procedure: str) -> str:
    """Whose accounts a procedure is about: of `0.9.4 Acquiring X / Twitter accounts` Twitter's."""
    said = procedure.lower()
    return next((platform for pattern, platform in PLATFORMS if pattern.search(said)), "")


def read_plain(path: Path) -> TipDraft:
    """A list of one value a line; empty lines and those that begin with `#` and a space say nothing.

    Raises:
        FormatError: it is no text in UTF-8, or nothing in it can be told.

    """
    found: list[Indicator] = []
    refused: list[Refused] = []
    try:
        for number, line in enumerate(_lines(path), start=1):
            if not line.strip() or line.startswith("# "):
                refused.append(Refused(number, EMPTY if not line.strip() else "it is a remark", line[:MOST_RAW]))
                continue
            told = tell(line)
            found.append(Indicator(kind=told.kind, value=told.value, platform=told.platform, raw=line, row=number))
    except UnicodeDecodeError as error:
        raise FormatError(f"{path} is no text in UTF-8") from error
    if not found or all(one.kind == "note" for one in found):
        raise FormatError(f"{path}: no line of it is a domain, link, account, address or another indicator")
    kept, fewer = merged(found)
    return TipDraft(
        ref=slug_of(path.name), title=path.name[:200], form="plain", indicators=kept, read=len(found) + len(refused),
        merged=fewer, refused=tuple(refused),
    )  # fmt: skip


def _lines(path: Path) -> Iterator[str]:
    with open(path, encoding="utf-8-sig") as file:
        for line in file:
            yield line.rstrip("\r\n").replace("\0", "")
