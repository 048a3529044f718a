"""What could explain a network innocently, said with its figures: a reader must be able to weigh it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from samehand.coordination import UNKNOWN, Network, common_author, group_actions
from samehand.runs.loading import World
from samehand.runs.search import Found
from samehand.traces import registered_domain

__all__ = ["explain_network"]

I64 = npt.NDArray[np.int64]

MOSTLY = 0.6
CROWD = 20
SMALL = 5
EARLY_US = 5 * 60 * 1_000_000
DAY_US = 86_400 * 1_000_000


def _author(world: World, found: Found, objects: npt.NDArray[np.int32]) -> str | None:
    author = common_author(objects, found.births)
    if author is None or author.share < MOSTLY:
        return None
    who = world.assets[author.author].as_py()
    return (
        f"One author: {author.share:.0%} of the moments together are on posts of account {who}. "
        "Fans, staff or people with alerts switched on for that author react together without being one hand."
    )


def _site(found: Found, objects: npt.NDArray[np.int32]) -> str | None:
    for k, trace in enumerate(found.traces):
        if trace.loaded.name not in ("url", "domain"):
            continue
        own = objects[(objects >= found.offsets[k]) & (objects < found.offsets[k + 1])] - found.offsets[k]
        if len(own) < 3:
            continue
        sites = [registered_domain(key) for key in trace.loaded.objects.take(pa.array(own)).to_pylist()]
        names, counts = np.unique([site or "" for site in sites], return_counts=True)
        top = int(np.argmax(counts))
        if names[top] and counts[top] >= MOSTLY * len(own):
            return (
                f"One site: {counts[top] / len(own):.0%} of the shared links lead to {names[top]}. "
                "Its own accounts, its readers' share buttons or a feed tool would look like this."
            )
    return None


def _early(found: Found, objects: npt.NDArray[np.int32], moment_us: I64) -> str | None:
    born = found.births.birth_us[objects]
    known = born != UNKNOWN
    if known.sum() < 0.5 * len(known) or not known.any():
        return None
    delay = float(np.median(moment_us[known] - born[known]))
    if delay > EARLY_US:
        return None
    return (
        f"Fast reactors: half of the time the first of two acts within {delay / 1e6:.0f} s of the original post. "
        "Whoever is always early is together with others who are."
    )


def _on_the_clock(moments: I64) -> str | None:
    minute = moments // 60_000_000 % 60
    share = float(np.isin(minute, (0, 15, 30, 45)).mean())
    if len(moments) < 10 or share < 0.5:
        return None
    return f"On the clock: {share:.0%} of the moments fall on a full quarter of an hour, as scheduled posts do."


def explain_network(world: World, found: Found, network: Network) -> list[str]:
    """Innocent explanations to weigh, each one sentence or two with its figures; never empty."""
    fused = found.fused
    actions = group_actions(fused, network.members)
    at_i, at_j = fused.at[actions.i], fused.at[actions.j]
    inside = np.abs(at_i - at_j) <= found.windows_us[network.window]
    together, moment_us = fused.obj[actions.i[inside]], np.minimum(at_i, at_j)[inside]
    objects, moments = np.unique(together), np.unique(moment_us)
    said = [
        _author(world, found, together), _site(found, objects), _early(found, together, moment_us),
        _on_the_clock(moments),
    ]  # fmt: skip
    if len(objects) and (found.fused.sharers[objects] > CROWD).mean() >= MOSTLY:
        share = (found.fused.sharers[objects] > CROWD).mean()
        said.append(
            f"Popular things: {share:.0%} of the objects were shared by more than {CROWD} accounts; an event moves crowds."
        )
    if len(moments) and moments.max() - moments.min() <= DAY_US:
        said.append("One day: everything happened within 24 hours; an event, a launch or a campaign day does that.")
    if len(network.members) <= SMALL:
        said.append(
            "Few accounts: one person's, one newsroom's or one company's own accounts, openly run, look like this."
        )
    found_said = [line for line in said if line]
    return found_said or [
        "None of the usual innocent patterns (one author, one site, one day, the clock, popular things) fits. "
        "That is no proof of a hidden hand: acting together is not guilt."
    ]
