"""Named worlds of pages, groups and accounts: parameters drawn from ranges by seed."""

from __future__ import annotations

import difflib
import zlib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

import numpy as np

from samehand.errors import UsageError
from samehand.simulation.assets.parameters import AssetParameters, Mistakes
from samehand.simulation.ranges import log_uniform

__all__ = ["ASSET_SCENARIOS", "asset_scenario"]

_Draw = Callable[[np.random.Generator], AssetParameters]


def _mistakes(rng: np.random.Generator) -> Mistakes:
    low, high = (0.35, 0.45, 0.0, 0.1, 0.05, 0.05, 0.3, 0.0), (0.9, 0.95, 0.4, 0.6, 0.4, 0.4, 0.9, 0.4)
    device, address, home, media, domain, copying, cross_admin, together = rng.uniform(low, high).tolist()
    return Mistakes(
        device=device, address=address, home=home, media=media, domain=domain, copying=copying,
        cross_admin=cross_admin, together=together,
    )  # fmt: skip


def _drawn(rng: np.random.Generator) -> AssetParameters:
    """Pages, groups and accounts; an operation of 15 to 500 of them, its carelessness drawn."""
    return AssetParameters(
        accounts=int(rng.integers(2_500, 4_501)),
        pages=int(rng.integers(180, 351)),
        groups=int(rng.integers(80, 181)),
        communities=int(rng.integers(8, 17)),
        agencies=int(rng.integers(3, 7)),
        activists=int(rng.integers(3, 6)),
        venues=int(rng.integers(30, 61)),
        publics=int(rng.integers(4, 9)),
        size=round(log_uniform(rng, 15, 500)),
        page_share=float(rng.uniform(0.15, 0.45)),
        group_share=float(rng.uniform(0.05, 0.2)),
        operators=int(rng.integers(5, 16)),
        mistakes=_mistakes(rng),
        infiltrates=bool(rng.random() < 0.5),
        contracts=bool(rng.random() < 0.4),
    )


def _quiet(rng: np.random.Generator) -> AssetParameters:
    """The same without an operation: whoever is drawn in is a mistake."""
    return replace(_drawn(rng), name="assets-quiet", size=0)


def _accounts(rng: np.random.Generator) -> AssetParameters:
    """An operation of accounts alone."""
    return replace(_drawn(rng), name="assets-accounts", page_share=0.0, group_share=0.0)


def _withheld(rng: np.random.Generator) -> AssetParameters:
    """A platform that hands over no logins."""
    return replace(_drawn(rng), name="assets-withheld", logins=False)


def _august(rng: np.random.Generator) -> AssetParameters:
    """August 2019: 7 pages, 3 groups and 5 accounts, followed by 15,500 accounts and joined by 2,200."""
    drawn = replace(_drawn(rng), name="assets-august", accounts=6_000, size=15, page_share=7 / 15, group_share=3 / 15)
    return replace(
        drawn, start=datetime(2019, 7, 1, tzinfo=UTC), days=49.0, operators=3, audience=(15_500, 2_200), looks=True,
        infiltrates=True, contracts=False,
    )  # fmt: skip


ASSET_SCENARIOS: Final[dict[str, _Draw]] = {
    "assets": _drawn,
    "assets-quiet": _quiet,
    "assets-accounts": _accounts,
    "assets-withheld": _withheld,
    "assets-august": _august,
}
"""Each scenario and how it draws its parameters; the first line of each docstring says what it is."""


def asset_scenario(name: str, seed: int, scale: float = 1.0) -> AssetParameters:
    """Draw a scenario's parameters from its ranges.

    Args:
        name: one of ASSET_SCENARIOS.
        seed: of the draw; the same name and seed give the same parameters.
        scale: factor on genuine accounts, pages, groups and venues; the operation keeps its size.

    Raises:
        UsageError: no scenario bears that name, or the scale is not above 0.

    """
    if name not in ASSET_SCENARIOS:
        near = difflib.get_close_matches(name, ASSET_SCENARIOS, n=1, cutoff=0.0)[0]
        raise UsageError(
            f"there is no scenario '{name}'; did you mean '{near}'? Scenarios are {', '.join(ASSET_SCENARIOS)}"
        )
    if not 0 < scale < float("inf"):
        raise UsageError(f"--scale is a factor above 0, not {scale}")
    drawn = ASSET_SCENARIOS[name](np.random.default_rng([seed, zlib.crc32(name.encode())]))

    def times(count: int, least: int) -> int:
        return max(least, round(count * scale))

    return replace(
        drawn, accounts=times(drawn.accounts, 100), pages=times(drawn.pages, 10), groups=times(drawn.groups, 10),
        venues=times(drawn.venues, 2),
    )  # fmt: skip
