"""What `run.json` says, read with tolerance: what is missing, or is something else, is left out of the page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from samehand.records import Run

__all__ = ["Family", "RunFacts", "SourceFacts", "Step", "read_facts"]


@dataclass(frozen=True)
class SourceFacts:
    """One file that was read; counts in rows of the file, `reasons` says why how many were rejected."""

    file: str
    format: str
    table: str
    read: int | None
    kept: int | None
    merged: int | None
    rejected: int | None
    time_resolution_s: float | None
    reasons: Mapping[str, int]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Step:
    """One filter step, and why rows fell out."""

    step: str
    trace: str
    kept: int | None
    dropped: int | None
    unit: str
    reason: str


@dataclass(frozen=True)
class Family:
    """What was looked at on one trace."""

    trace: str
    numbers: Mapping[str, int | None]


@dataclass(frozen=True)
class TextListFacts:
    """Accounts (`platform:id`) that post the same rare texts, which makes no network."""

    accounts: tuple[str, ...]
    texts: int
    occasions: int | None
    median_lag_s: float | None


@dataclass(frozen=True)
class RunFacts:
    """A run's own account of itself; null or empty where it does not say. verdicts: sentences by network_id."""

    name: str
    path: str
    hash: str
    rows: Mapping[str, int]
    sources: tuple[SourceFacts, ...]
    time_resolution_s: float | None
    first_post: str
    last_post: str
    parameters: Mapping[str, Any]
    versions: Mapping[str, str]
    seed: str
    steps: tuple[Step, ...]
    families: tuple[Family, ...]
    notes: tuple[str, ...]
    timings: Mapping[str, float]
    verdicts: Mapping[str, tuple[str, ...]]
    lists: tuple[TextListFacts, ...]


FAMILY_NUMBERS = (
    "accounts",
    "activities",
    "objects",
    "pairs_in_family",
    "candidate_pairs",
    "edges",
    "groups_tested",
    "networks",
)


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _items(value: object) -> list[Mapping[str, Any]]:
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []


def _texts(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,) if value else ()
    return tuple(str(item) for item in value) if isinstance(value, (list, tuple)) else ()


def _whole(value: object) -> int | None:
    return int(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def _real(value: object) -> float | None:
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def _counts(value: object) -> dict[str, int]:
    return {str(name): count for name, count in _mapping(value).items() if _whole(count) is not None}


def _when(value: object) -> str:
    """A time as the page shows it; ISO text or microseconds since 1970."""
    if isinstance(value, (int, float)):
        return f"{datetime.fromtimestamp(value / 1e6, UTC):%Y-%m-%d %H:%M}"
    try:
        return f"{datetime.fromisoformat(str(value)).astimezone(UTC):%Y-%m-%d %H:%M}" if value else ""
    except ValueError:
        return str(value)


def _source(facts: Mapping[str, Any]) -> SourceFacts:
    return SourceFacts(
        file=str(facts.get("file") or "rows written by a program"),
        format=str(facts.get("format") or ""),
        table=str(facts.get("table") or ""),
        read=_whole(facts.get("read")),
        kept=_whole(facts.get("kept")),
        merged=_whole(facts.get("merged")),
        rejected=_whole(facts.get("rejected")),
        time_resolution_s=_real(facts.get("time_resolution", facts.get("time_resolution_s"))),
        reasons=_counts(facts.get("reasons")),
        notes=_texts(facts.get("notes")),
    )


def _step(facts: Mapping[str, Any]) -> Step:
    return Step(
        step=str(facts.get("step") or ""),
        trace=str(facts.get("trace") or ""),
        kept=_whole(facts.get("kept")),
        dropped=_whole(facts.get("dropped")),
        unit=str(facts.get("unit") or ""),
        reason=str(facts.get("reason") or ""),
    )


def read_facts(run: Run) -> RunFacts:
    """Read what the page needs from a run's `run.json`."""
    dataset = _mapping(run.info.get("dataset"))
    return RunFacts(
        name=str(dataset.get("name") or run.path.absolute().name),
        path=str(dataset.get("path") or ""),
        hash=str(dataset.get("hash") or ""),
        rows=_counts(dataset.get("rows")),
        sources=tuple(_source(item) for item in _items(dataset.get("sources"))),
        time_resolution_s=_real(dataset.get("time_resolution_s")),
        first_post=_when(dataset.get("first_post")),
        last_post=_when(dataset.get("last_post")),
        parameters=_mapping(run.info.get("parameters")),
        versions={str(name): str(version) for name, version in _mapping(run.info.get("versions")).items()},
        seed=str(run.info.get("seed", _mapping(run.info.get("parameters")).get("seed", ""))),
        steps=tuple(_step(item) for item in _items(run.info.get("steps"))),
        families=tuple(
            Family(str(item.get("trace") or ""), {name: _whole(item.get(name)) for name in FAMILY_NUMBERS})
            for item in _items(run.info.get("families"))
        ),
        notes=_texts(run.info.get("notes")),
        timings={str(name): float(s) for name, s in _mapping(run.info.get("timings")).items() if _real(s) is not None},
        verdicts={str(name): _texts(said) for name, said in _mapping(run.info.get("verdicts")).items()},
        lists=tuple(
            TextListFacts(
                _texts(item.get("accounts")), len(_texts(item.get("texts"))), _whole(item.get("occasions")),
                _real(item.get("median_lag_s")),
            )
            for item in _items(run.info.get("lists"))
        ),
    )  # fmt: skip
