"""From findings to a verdict: what counts, what is explained, what is flagged."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from samehand.authenticity.findings import FindingRow, State

__all__ = ["FLAG_RULE", "STATE_RULE", "Verdict", "verdict_of"]

STRONG_GROUPS: Final = 2
WHO: Final = frozenset(["creation", "profile"])
"""Groups that say who an account claims to be; without any of them there is no verdict."""

STATE_RULE: Final = (
    "unknown: what was supplied reaches fewer than half of the independence groups, or holds nothing of profiles and dates "
    "of making",
    "insufficient: nothing could be computed, because too few members or too few comparable accounts have data",
    "no: findings were computed, and neither one group is strong nor two groups are at least some",
    "some: one group is strong, or two groups are at least some, or strong groups are explained by counter-evidence",
    "strong: at least two independence groups are strong, and counter-evidence explains neither",
)
"""The states of `inauthentic`, from what is not known to what is."""
FLAG_RULE: Final = (
    "a network is flagged when it is strongly coordinated, and at least two independence groups of findings are strong and "
    "not explained by counter-evidence, and these groups are more than the strong items of counter-evidence"
)


class Verdict(NamedTuple):
    """What the findings of a network come to.

    unexplained, explained: the strong independence groups, in the order of their findings; standing: the strong items of
    counter-evidence.
    """

    inauthentic: State
    flagged: bool
    unexplained: tuple[str, ...]
    explained: tuple[str, ...]
    standing: tuple[str, ...]


def _groups(rows: Sequence[FindingRow], states: tuple[State, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(row.independence_group for row in rows if row.state in states))


def _known_enough(rows: Sequence[FindingRow]) -> bool:
    """Whether a verdict can be given: posts alone say too little of who somebody is, for him as well as against him."""
    every = {row.independence_group for row in rows}
    known = {row.independence_group for row in rows if row.state != "unknown"}
    return 2 * len(known) >= len(every) and (not every & WHO or bool(known & WHO))


def _state(rows: Sequence[FindingRow], strong: int, unexplained: int) -> State:
    states = {row.state for row in rows}
    if not _known_enough(rows):
        return "unknown"
    if states <= {"unknown", "insufficient"}:
        return "insufficient"
    if unexplained >= STRONG_GROUPS:
        return "strong"
    return "some" if strong or len(_groups(rows, ("some", "strong"))) >= STRONG_GROUPS else "no"


def verdict_of(rows: Sequence[FindingRow], coordinated: str) -> Verdict:
    """The verdict by `STATE_RULE` and `FLAG_RULE`.

    Args:
        rows: findings of both axes of one network; nothing that is unknown or insufficient speaks for or against it.
        coordinated: the network's state on the other axis.

    """
    findings = [row for row in rows if row.axis == "inauthentic"]
    standing = [row for row in rows if row.axis == "authentic" and row.state == "strong"]
    innocent = {group for row in standing for group in row.explains}
    strong = _groups(findings, ("strong",))
    unexplained = tuple(group for group in strong if group not in innocent)
    state = _state(findings, len(strong), len(unexplained))
    flagged = coordinated == "strong" and state == "strong" and len(unexplained) > len(standing)
    return Verdict(
        state, flagged, unexplained,
        tuple(group for group in strong if group in innocent), tuple(row.finding for row in standing),
    )  # fmt: skip
