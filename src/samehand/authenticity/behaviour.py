"""Findings in what accounts do: rhythm, hours, clients, deletions, and who answers them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
import numpy.typing as npt

from samehand.authenticity.controls import Pool
from samehand.authenticity.findings import Detector, Measure
from samehand.authenticity.material import Material
from samehand.authenticity.sets import Leading, Mean
from samehand.records import POST_KINDS

__all__ = ["BEHAVIOUR_DETECTORS", "answered"]

F64 = npt.NDArray[np.float64]
I32 = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]

FEW_POSTS: Final = 5
OWN_POSTS: Final = 10
"""Posts of its own from which on it says something that nobody ever answered an account."""
_PRIOR: Final = 10
"""Added to followers and followed, so that small accounts have no extreme ratios."""
_REPLY: Final = POST_KINDS.index("reply")


def _marked(material: Material, pool: Pool, flag: F64, what: str) -> Callable[[I32, int], list[str]]:
    """Receipts of the members that have a mark."""

    def receipts(members: I32, _: int) -> list[str]:
        own = members[flag[members] > 0]
        return [f"{what}: {len(own)} accounts", material.listed(pool.accounts[own])] if len(own) else []

    return receipts


def _valued(
    material: Material, pool: Pool, value: F64, form: Callable[[float], str]
) -> Callable[[I32, int], list[str]]:
    """Receipts of the five members of whom most was measured."""

    def receipts(members: I32, _: int) -> list[str]:
        order = members[np.lexsort((pool.accounts[members], -value[members]))]
        return [f"{material.name(int(pool.accounts[m]))}: {form(float(value[m]))}" for m in order[:5]]

    return receipts


def _habit(material: Material, pool: Pool, habit: F64, form: Callable[[float], str]) -> Measure | None:
    """What can be told of whoever posts; where an account posts too little it is not known."""
    if not len(material.posts.account):
        return None
    value = habit[pool.accounts]
    receipts = _valued(material, pool, value, form)
    return Measure(np.isfinite(value), lambda _: Mean(np.nan_to_num(value)), receipts, np.ones(len(value), np.bool_))


def _regular(material: Material, pool: Pool) -> Measure | None:
    return _habit(material, pool, material.habits.regular, lambda v: f"{v:.0%} of gaps of one length")


def _awake(material: Material, pool: Pool) -> Measure | None:
    return _habit(material, pool, material.habits.awake, lambda v: f"{24 - v:g} quiet hours a day")


def _client(material: Material, pool: Pool) -> Measure | None:
    if not (material.posts.client >= 0).any():
        return None
    main = material.habits.client[pool.accounts]
    code = np.searchsorted(np.unique(main), main).astype(np.int32)

    def leading(places: I32) -> Leading:
        return Leading(code, np.bincount(code[places], minlength=len(np.unique(main))) / max(len(places), 1))

    def receipts(members: I32, _: int) -> list[str]:
        lead = leading(np.flatnonzero(main >= 0).astype(np.int32)).category(members)
        own = members[code[members] == lead]
        return [f"most posts sent with one client: {len(own)} accounts", material.listed(pool.accounts[own])]

    return Measure(main >= 0, leading, receipts)


def _deletion(material: Material, pool: Pool) -> Measure | None:
    if not material.posts.deletion_known.any():
        return None
    count = material.posts.counts()[pool.accounts]
    share = material.habits.deleted[pool.accounts] / np.maximum(count, 1)
    supplied = material.posts.deletion_known[pool.accounts]
    receipts = _valued(material, pool, share, lambda v: f"{v:.0%} of posts deleted")
    return Measure(supplied & (count >= FEW_POSTS), lambda _: Mean(share), receipts, supplied)


def _asymmetry(material: Material, pool: Pool) -> Measure | None:
    followers, following = material.profiles.followers[pool.accounts], material.profiles.following[pool.accounts]
    known = (followers >= 0) & (following >= 0)
    if not ((material.profiles.followers >= 0) & (material.profiles.following >= 0)).any():
        return None
    ratio = np.log2((np.maximum(following, 0) + _PRIOR) / (np.maximum(followers, 0) + _PRIOR))

    def receipts(members: I32, _: int) -> list[str]:
        order = members[np.lexsort((pool.accounts[members], -ratio[members]))]
        return [
            f"{material.name(int(pool.accounts[m]))}: follows {following[m]}, followed by {followers[m]}"
            for m in order[:5]
        ]

    return Measure(known, lambda _: Mean(ratio), receipts)


def answered(material: Material, network: I32) -> Flags:
    """bool[accounts], whether anybody who is not of the network ever replied to the account."""
    posts = material.posts
    inside = np.zeros(material.accounts, np.bool_)
    inside[network] = True
    replies = posts.kind == _REPLY
    author, target = posts.account[replies], posts.target[replies]
    out = np.zeros(material.accounts, np.bool_)
    out[target[(target >= 0) & (target < material.accounts) & ~inside[author] & (target != author)]] = True
    return out


def _unanswered(material: Material, pool: Pool) -> Measure | None:
    if not material.posts.replies_known.any():
        return None
    silent = (~answered(material, pool.network)[pool.accounts]).astype(np.float64)
    supplied = material.posts.replies_known[pool.accounts]
    known = supplied & (material.habits.own[pool.accounts] >= OWN_POSTS)
    receipts = _marked(material, pool, silent, "never answered from outside")
    return Measure(known, lambda _: Mean(silent), receipts, supplied)


BEHAVIOUR_DETECTORS: Final = (
    Detector(
        "regular_gaps", 1, "rhythm", "of an account's pauses are of one length", "share", ("posts.posted_at",), 0.25,
        "a scheduling tool, as newsrooms and weather services use", _regular,
    ),
    Detector(
        "round_the_clock", 1, "rhythm", "hours of the day in which an account is active", "hours", ("posts.posted_at",),
        4.0, "shifts of a newsroom, accounts that several people keep", _awake,
    ),
    Detector(
        "one_client", 1, "client", "send most posts with one client", "share", ("posts.client",), 0.25,
        "an employer's or a campaign's tool; a share button", _client,
    ),
    Detector(
        "deleted_posts", 1, "deletion", "of an account's posts are deleted", "share", ("posts.deleted_at",), 0.25,
        "fear: people delete what they said under pressure, and do so together", _deletion,
    ),
    Detector(
        "follows_many", 1, "audience", "doublings of followed over followers", "doublings",
        ("assets.followers", "assets.following"), 2.0, "newcomers, who follow first", _asymmetry,
    ),
    Detector(
        "never_answered", 1, "audience", "never got an answer from outside", "share",
        ("posts.kind", "posts.ref_asset_id"), 0.25, "newcomers; data in which the answers were not collected", _unanswered,
    ),
)  # fmt: skip
