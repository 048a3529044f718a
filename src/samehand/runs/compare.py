"""Two runs side by side: which networks of the first are found again in the second."""

from __future__ import annotations

from dataclasses import dataclass

from samehand.records import Run

__all__ = ["Comparison", "Match", "compare_runs"]

Account = tuple[str, str]


@dataclass(frozen=True)
class Match:
    """A network of one run beside the one of the other that shares most members with it (None: found no more).

    shared: members in both; jaccard: shared over all members of the two.
    """

    network: str
    size: int
    other: str | None
    other_size: int
    shared: int
    jaccard: float


@dataclass(frozen=True)
class Comparison:
    """matches: one for each network of the first run; new: networks of the second that share no member with the first;
    members_before, members_after, members_kept: accounts in networks; parameters: what differs, name -> (first, second).
    """

    matches: tuple[Match, ...]
    new: tuple[str, ...]
    members_before: int
    members_after: int
    members_kept: int
    parameters: dict[str, tuple[object, object]]


def _networks(run: Run) -> dict[str, set[Account]]:
    held: dict[str, set[Account]] = {}
    for row in run.table("members", ["network_id", "platform", "asset_id"]).to_pylist():
        held.setdefault(row["network_id"], set()).add((row["platform"], row["asset_id"]))
    return held


def _match(name: str, members: set[Account], others: dict[str, set[Account]]) -> Match:
    shared = {other: len(members & inside) for other, inside in others.items()}
    best = max(shared, key=lambda other: (shared[other], -len(others[other])), default=None)
    if best is None or not shared[best]:
        return Match(name, len(members), None, 0, 0, 0.0)
    return Match(name, len(members), best, len(others[best]), shared[best], shared[best] / len(members | others[best]))


def compare_runs(first: str, second: str) -> Comparison:
    """Hold two runs beside each other.

    Args:
        first, second: run folders.

    Raises:
        NotFoundError: one of them is not there.

    """
    a, b = Run.open(first), Run.open(second)
    before, after = _networks(a), _networks(b)
    matches = tuple(_match(name, members, after) for name, members in before.items())
    everyone_before: set[Account] = set().union(*before.values())
    everyone_after: set[Account] = set().union(*after.values())
    new = tuple(name for name, members in after.items() if not members & everyone_before)
    one, two = a.info.get("parameters", {}), b.info.get("parameters", {})
    differ = {key: (one.get(key), two.get(key)) for key in sorted({*one, *two}) if one.get(key) != two.get(key)}
    if a.info.get("dataset", {}).get("hash") != b.info.get("dataset", {}).get("hash"):
        differ["dataset"] = (a.info.get("dataset", {}).get("name"), b.info.get("dataset", {}).get("name"))
    return Comparison(
        matches, new, len(everyone_before), len(everyone_after), len(everyone_before & everyone_after), differ
    )
