"""A verdict in plain words: what was seen, what like accounts show, what could be innocent, what is not known."""

from __future__ import annotations

from collections.abc import Sequence

from samehand.authenticity.catalogue import DETECTORS
from samehand.authenticity.controls import Pool
from samehand.authenticity.counter import COUNTER_EVIDENCE
from samehand.authenticity.findings import FindingRow
from samehand.authenticity.verdict import Verdict

__all__ = ["sentences_of"]

_TITLES = {item.name: item.title for item in COUNTER_EVIDENCE}
_HEADS = {
    "unknown": "Whether anybody behind these accounts is real is unknown: too little of what could tell was supplied.",
    "insufficient": "There is too little data to say whether the accounts are what they claim to be.",
    "no": "Nothing was found that speaks against the accounts being what they claim to be.",
    "some": "Something speaks against the accounts being what they claim to be; it is not enough to act on.",
    "strong": "Independent findings speak against the accounts being what they claim to be.",
}


def _amount(value: float, unit: str) -> str:
    return f"{value:.0%}" if unit == "share" else f"{value:.1f}"


def _plain(items: Sequence[str]) -> str:
    return ", ".join(items[:-1]) + (" and " if len(items) > 1 else "") + items[-1] if items else ""


def _seen(row: FindingRow) -> str:
    detector = DETECTORS[row.finding]
    assert row.value is not None
    assert row.expected is not None
    text = (
        f"{_amount(row.value, detector.unit)} {detector.title}; of like accounts {_amount(row.expected, detector.unit)} "
        f"(p = {row.p_value:.2g}; {row.members} members, {row.controls} controls: {row.compared_with}). "
        f"Innocent reasons: {detector.innocent}."
    )
    return f"{'Strong' if row.state == 'strong' else 'Some'} ({row.independence_group}): {text}"


def _missing(rows: Sequence[FindingRow], state: str) -> str:
    return _plain([row.finding for row in rows if row.state == state])


def sentences_of(rows: Sequence[FindingRow], verdict: Verdict, pool: Pool) -> list[str]:
    """Sentences that a reviewer can repeat, the verdict first; they name no account and quote no text."""
    lines = [_HEADS[verdict.inauthentic]]
    findings = [row for row in rows if row.axis == "inauthentic"]
    lines += [_seen(row) for row in findings if row.state == "strong"]
    lines += [_seen(row) for row in findings if row.state == "some"]
    for row in rows:
        if row.axis == "authentic" and row.state in ("some", "strong"):
            explains = f", which explains {_plain(row.explains)}" if row.explains else ""
            lines.append(
                f"{row.state.capitalize()} counter-evidence ({row.finding}): {_TITLES[row.finding]}{explains}."
            )
    if quiet := _missing(findings, "no"):
        lines.append(f"No different from like accounts: {quiet}.")
    if few := _missing(findings, "insufficient"):
        lines.append(f"Too little data: {few}.")
    if dark := _missing(rows, "unknown"):
        lines.append(f"Not supplied, and so unknown: {dark}.")
    if levels := pool.levels():
        lines.append("Compared with " + "; ".join(f"{n} members: {name}" for name, n in levels.items()) + ".")
    if left := len(pool.network) - int(pool.member.sum()):
        lines.append(f"{left} members have no like accounts and were left out of the comparison.")
    if verdict.flagged:
        groups = _plain(list(verdict.unexplained))
        lines.append(f"Flagged: {groups} are strong and unexplained, and outnumber the counter-evidence.")
    return lines
