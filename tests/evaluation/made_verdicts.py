"""A made-up world of 16 accounts and what a made-up detector says of it: few enough to count by hand."""

from __future__ import annotations

from samehand.evaluation import Known, NamedNetwork, Verdicts
from samehand.evaluation.verdicts import Account

TRUTH: dict[Account, Known] = {
    **{("x", f"t{k}"): Known("team", "team-1") for k in range(4)},
    **{("x", f"u{k}"): Known("team", "team-2") for k in range(3)},
    **{("x", f"n{k}"): Known("newsroom", "") for k in range(2)},
    ("x", "m0"): Known("mirror", ""),
    **{("x", f"f{k}"): Known("fan", "") for k in range(2)},
    **{("x", f"o{k}"): Known("organic", "") for k in range(4)},
}


def network(words: str, *, flagged: bool = False, rank: float = 0.0, inauthentic: str = "") -> NamedNetwork:
    """A network of these accounts."""
    return NamedNetwork(frozenset(("x", word) for word in words.split()), flagged, (rank,), inauthentic)


VERDICTS = Verdicts(
    "made up",
    (
        network("t0 t1 t2 o0", flagged=True, rank=1, inauthentic="strong"),
        network("u0 o1", rank=2),
        network("n0 n1", flagged=True, rank=3, inauthentic="some"),
        network("f0 f1 o2", flagged=True, rank=3),
        network("o2 o3", rank=4),
        network("t3 stranger", rank=5),
    ),
    seconds=2.5,
)
