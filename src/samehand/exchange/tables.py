"""A tip as the tables that Meta publishes: the kill chain in four columns, or typed values; links in them cannot be clicked."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from typing import Final, Literal

from samehand.exchange.indicators import Indicator, IndicatorKind, defang, hash_name, profile_url, tell
from samehand.exchange.killchain import PHASES, phase_name
from samehand.records import neutralise

__all__ = ["FORMS", "Form", "indicator_table"]

Form = Literal["kill-chain", "indicators"]
FORMS: Final[tuple[Form, ...]] = ("kill-chain", "indicators")
TYPES: Final[Mapping[IndicatorKind, str]] = {
    "domain": "domain_name", "url": "url", "ip": "ip", "email": "email", "phone": "phone", "hashtag": "hashtag",
    "note": "text", "count": "text",
}  # fmt: skip


def indicator_table(found: Iterable[Indicator], form: Form) -> tuple[str, int]:
    """A table of indicators, and how many are left out of it.

    What its source took back is left out, and so is what the form has no cell for: of the kill chain an app or a pattern, which
    would be taken for something else; of typed values patterns and ways of working.

    Args:
        found: what it is to hold, in its order. form: `kill-chain` (Tactic, Technique, Procedure, Indicator, and Notes where
            there are any) or `indicators` (indicator_type, indicator_value, comment, ds).

    """
    rows, left = [], 0
    for one in found:
        row = None if one.revoked else _stepped(one) if form == "kill-chain" else _typed(one)
        if row is None:
            left += 1
        else:
            rows.append(row)
    head = ["indicator_type", "indicator_value", "comment", "ds"]
    if form == "kill-chain":
        noted = any(row[4] for row in rows)
        head = ["Tactic", "Technique", "Procedure", "Indicator", *(["Notes"] if noted else [])]
        rows = [row[: len(head)] for row in rows]
    file = io.StringIO()
    out = csv.writer(file, lineterminator="\n")
    out.writerow(head)
    out.writerows([neutralise(cell) for cell in row] for row in rows)
    return file.getvalue(), left


def _cell(one: Indicator) -> str | None:
    """The value as it is written, if it is told again from there."""
    if one.kind == "technique":
        return ""
    if one.kind == "account":
        page = profile_url(one.platform, one.value)
        return defang(page) if page and tell(page).value == one.value else None
    if one.kind in ("app", "pattern"):
        return None
    return defang(one.value) if one.kind in ("domain", "url", "ip", "email") else one.value


def _stepped(one: Indicator) -> list[str] | None:
    cell = _cell(one)
    if cell is None:
        return None
    phase = phase_name(one.phase) if one.phase is not None and one.phase < len(PHASES) else ""
    return [
        phase,
        one.technique,
        one.procedure,
        cell,
        one.comment,
    ]


def _typed(one: Indicator) -> list[str] | None:
    seen = one.seen.isoformat() if one.seen else ""
    if one.kind == "hash":
        return [hash_name(one.value) or "text", one.value, one.comment, seen]
    if one.kind == "app":
        return ["app", one.value, one.comment, seen]
    if one.kind == "account":
        cell = _cell(one)
        return None if cell is None else [f"{one.platform}_url", cell, one.comment, seen]
    return [TYPES[one.kind], _cell(one) or "", one.comment, seen] if one.kind in TYPES else None
