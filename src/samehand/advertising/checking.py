"""A file of advertisers through the gate: every row has a decision, or a reason why it has none."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from samehand.advertising.ad_record import AdRecord, check_ad
from samehand.advertising.countries import country_code
from samehand.advertising.facts import Citation
from samehand.advertising.gate import AdDecision, Gate, Transition
from samehand.advertising.resolution import ADVERTISER_FIELDS, Advertiser
from samehand.errors import FormatError, InputError, NotFoundError, UsageError
from samehand.records import write_table
from samehand.sources import Limits, Reject, open_table

__all__ = ["CHECKED", "CheckReport", "check_file", "cited", "decided_ad", "find_advertiser"]

CHECKED: Final = pa.schema([
    ("advertiser_id", pa.string()), ("decision", pa.string()), ("label", pa.string()), ("ground", pa.string()),
    ("policy", pa.string()), ("entity_id", pa.string()), ("matched_by", pa.string()), ("path", pa.list_(pa.string())),
    ("citations", pa.list_(pa.string())), ("message", pa.string()),
])  # fmt: skip
"""The columns of what is written: a row an advertiser, in the order of the file."""
APART: Final = re.compile(r"[|;,/\n]")
MANY: Final = "target_countries"
RAN: Final = ("notified_on", "running_since")
"""When the outlet was told of the policy, and since when the campaign runs: days of a campaign that ran before."""
AD_ID: Final = "ad_id"
"""What an ad is kept by; the gate does not ask for it."""


@dataclass(frozen=True)
class CheckReport:
    """What became of a file.

    Attributes:
        read, decided, rejected: rows; read = decided + rejected. decisions, grounds: how many of each.
        rejects: the first rows that could not be read, with why. unused: columns that the gate does not know. kept: ads that
            went into a repository. unknown: the first of what was given as a country and is none.

    """

    read: int
    decided: int
    rejected: int
    decisions: Mapping[str, int]
    grounds: Mapping[str, int]
    rejects: tuple[Reject, ...]
    unused: tuple[str, ...]
    kept: int
    unknown: tuple[str, ...]


def cited(one: Citation) -> str:
    """A citation in one line: its source, title, day and address, and what it states."""
    day = f", {one.published}" if one.published else ""
    read = "" if one.read else " (not read)"
    return f"{one.source}: {one.title}{day}{read} {one.url} - {one.states}".replace("  ", " ")


def check_file(
    path: Path, out: Path, gate: Gate, *, decide: Callable[[Advertiser, Transition | None], AdDecision] | None = None,
    keep: Callable[[list[AdRecord]], object] | None = None, now: Callable[[], datetime] = lambda: datetime.now(UTC),
    told: Callable[[int], None] = lambda rows: None,  # noqa: ARG005
) -> CheckReport:  # fmt: skip
    """Decide about every row of a file of advertisers.

    Args:
        path: CSV, TSV, JSONL or Parquet with any of the columns of `Advertiser`; one that is absent or empty is not known.
            `target_countries` is a list, joined by `|` or `,` where the file holds text. `notified_on` and `running_since`
            are days, for campaigns that ran before (`Transition`).
        out: a new .csv, .jsonl or .parquet file with the columns of `CHECKED`; it is there when all of it is.
        gate: of a policy and a day. decide: asked instead of it, where reviews count.
        keep: given the ads with what was decided of them, some at a time, once all of it is decided; takes a column `ad_id`.
        now: the clock. told: called with the rows that are decided so far.

    Raises:
        NotFoundError: there is no such file. FormatError: it has no column that the gate knows. UsageError: `out` is the file
            itself or has another suffix, or an ad is none that can be kept; nothing is written then.

    """
    if out.exists() and path.exists() and out.samefile(path):
        raise UsageError(f"{out} is the file of advertisers itself; name another one to write")
    reader = open_table(path, Limits())
    known = _known(path, reader.columns)
    if keep is not None and AD_ID not in reader.columns:
        raise FormatError(f"{path} has no column {AD_ID}, by which an ad is kept")
    ads: list[AdRecord] = []
    at = now()
    memory: dict[tuple[Advertiser, Transition | None], tuple[AdDecision, dict[str, Any]]] = {}
    rows: list[dict[str, Any]] = []
    rejects: list[Reject] = []
    for batch in reader.batches():
        rejects += batch.rejects
        for number, row in zip(batch.rows.tolist(), batch.table.to_pylist(), strict=True):
            who = _advertiser(row, known)
            try:
                ran = _transition(row)
            except ValueError as error:
                rejects.append(Reject(number, str(error), ""))
                continue
            # of one that is like another in all but its id and the ad's words the gate says the same; a person may not
            key = replace(who, ad_text="", advertiser_id=who.advertiser_id if decide else "")
            if (key, ran) not in memory:
                made = gate.decide(key, ran) if decide is None else decide(key, ran)
                memory[key, ran] = made, _row(made)
            made, told_of = memory[key, ran]
            rows.append({"advertiser_id": who.advertiser_id or None, **told_of})
            if keep is not None and row[AD_ID] not in (None, ""):
                ads.append(_kept(decided_ad(str(row[AD_ID]), who, made, gate.on, at), row, path, number))
        told(len(rows))
    write_table(out, pa.Table.from_pylist(rows, CHECKED))
    if keep is not None:
        keep(ads)
    return CheckReport(
        len(rows) + len(rejects), len(rows), len(rejects), dict(Counter(row["decision"] for row in rows)),
        dict(Counter(row["ground"] for row in rows).most_common()), tuple(rejects[:10]),
        tuple(name for name in reader.columns if name not in (*ADVERTISER_FIELDS, *RAN, *(TO_KEEP if keep else ()))),
        len(ads), _unknown_places(memory),
    )  # fmt: skip


def _unknown_places(asked: Iterable[tuple[Advertiser, Transition | None]]) -> tuple[str, ...]:
    """What was given as a country and is none that is known, so that it counts as none."""
    said = dict.fromkeys(place for who, _ in asked for place in (who.country, *who.target_countries) if place.strip())
    return tuple(place[:40] for place in said if country_code(place) is None)[:10]


def _kept(one: AdRecord, row: Mapping[str, Any], path: Path, number: int) -> AdRecord:
    """An ad with what its row tells of its run: when it was shown, to how many, and what it cost."""
    told: dict[str, Any] = {}
    try:
        for name, read in OF_ITS_RUN.items():
            written = row.get(name)
            if written not in (None, ""):
                told[name] = read(written)
        kept = replace(one, **told)
        check_ad(kept)
    except (UsageError, ValueError) as error:
        raise InputError(f"{path}, row {number}: {error}") from error
    return kept


def _moment(written: Any) -> datetime:
    at = (
        written
        if isinstance(written, datetime)
        else datetime.fromisoformat(str(written).strip().replace("Z", "+00:00"))
    )
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def _count(written: Any) -> int:
    return int(str(written).strip().replace(",", ""))


OF_ITS_RUN: Final[Mapping[str, Callable[[Any], Any]]] = {
    "first_shown": _moment, "last_shown": _moment, "spend_min": float, "spend_max": float, "impressions_min": _count,
    "impressions_max": _count, "reach": _count, "clicks": _count, "currency": lambda written: str(written).strip().upper(),
    "language": str, "subject": str,
}  # fmt: skip
"""Columns that are kept with an ad, and mean nothing to the gate."""
TO_KEEP: Final = (AD_ID, *OF_ITS_RUN)


def _advertiser(row: Mapping[str, Any], known: Sequence[str]) -> Advertiser:
    values = {name: str(row[name]) for name in known if row[name] is not None and name != MANY}
    return Advertiser(**values, target_countries=_several(row.get(MANY)))


def _transition(row: Mapping[str, Any]) -> Transition | None:
    """When the outlet was told, and since when the campaign runs; None where one of them is not known.

    Raises:
        ValueError: one of them is no day.

    """
    days = []
    for name in RAN:
        written = str(row.get(name) or "").strip()
        try:
            days.append(date.fromisoformat(written[:10]) if written else None)
        except ValueError:
            raise ValueError(f"{name} is no day: {written[:40]!r}; write one as 2021-03-01") from None
    notified, running = days
    return None if notified is None or running is None else Transition(notified, running)


def _several(value: Any) -> tuple[str, ...]:
    """A list, or a text in which `|`, `;`, `/`, `,` or JSON keeps its values apart."""
    if value is None:
        return ()
    text = (
        [str(one) for one in value if one is not None]
        if isinstance(value, list)
        else APART.split(str(value).strip("[]"))
    )
    return tuple(told for one in text if (told := one.strip().strip("\"'")))


def _known(path: Path, columns: Sequence[str]) -> list[str]:
    """The columns that the gate knows.

    Raises:
        FormatError: none of them tells who an advertiser is.

    """
    known = [name for name in columns if name in ADVERTISER_FIELDS]
    if not set(known) - {"advertiser_id", "platform", "country", MANY, "ad_text"}:
        found = ", ".join("".join(one if one.isprintable() else "?" for one in name)[:40] for name in columns[:20])
        raise FormatError(f"{path} tells of nobody: it has none of {', '.join(ADVERTISER_FIELDS)}; it has {found}")
    return known


def find_advertiser(path: Path, advertiser_id: str) -> Advertiser:
    """An advertiser of a file by id.

    Raises:
        NotFoundError: there is none such, or no such file. FormatError: as `check_file` does.

    """
    reader = open_table(path, Limits())
    known = _known(path, reader.columns)
    for batch in reader.batches():
        for row in batch.table.to_pylist():
            who = _advertiser(row, known)
            if who.advertiser_id == advertiser_id:
                return who
    raise NotFoundError(f"{path} has no advertiser '{advertiser_id}'")


def decided_ad(ad_id: str, who: Advertiser, done: AdDecision, on: date, at: datetime) -> AdRecord:
    """An ad with what was decided of it, as the repository holds it; `platform` is "unknown" where nobody tells.

    Args:
        ad_id: the platform's. who, done: whom it is of, and what was decided. on: the day whose facts counted. at: when.

    """
    codes = (country_code(one) or one.upper() for one in who.target_countries)
    return AdRecord(
        platform=who.platform.strip().lower() or "unknown", ad_id=ad_id, advertiser_id=who.advertiser_id,
        advertiser=who.legal_name, page=who.handle or who.page_name, beneficiary=who.beneficiary, payer=who.payer,
        agency=who.agency, text=who.ad_text, landing_url=who.landing_url, countries=tuple(dict.fromkeys(codes)),
        decision=done.decision, ground=done.ground, policy=done.policy, entity_id=done.entity_id or "",
        label=done.label or "", code=done.code or "", path=done.path, decided_on=on.isoformat(), decided_at=at,
        sources=tuple(dict.fromkeys(one.source for one in done.citations if one.read)),
        status={"block": "blocked", "review": "waiting"}.get(done.decision, "active"),  # type: ignore[arg-type]
    )  # fmt: skip


def _row(done: AdDecision) -> dict[str, Any]:
    return {
        "decision": done.decision, "label": done.label, "ground": done.ground, "policy": done.policy,
        "entity_id": done.entity_id, "matched_by": done.matched_by, "path": list(done.path),
        "citations": [cited(one) for one in done.citations], "message": done.message,
    }  # fmt: skip
