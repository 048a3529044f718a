"""Findings in the past of accounts: a long silence with another voice after it, and profiles that were rewritten."""

from __future__ import annotations

import unicodedata
from collections import Counter
from functools import lru_cache
from itertools import islice
from math import sqrt
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from samehand.authenticity.controls import Pool
from samehand.authenticity.findings import Detector, Measure
from samehand.authenticity.material import DAY_US, REWRITTEN, Material
from samehand.authenticity.sets import Mean
from samehand.records import POST_KINDS
from samehand.traces import spoken, words

__all__ = ["HISTORY_DETECTORS", "breaks"]

I32 = npt.NDArray[np.int32]
I64 = npt.NDArray[np.int64]

SILENCE_US: Final = 60 * DAY_US
SPAN_US: Final = 90 * DAY_US
"""An account whose posts span less cannot be seen to fall silent and to come back."""
POSTS_NEEDED: Final = 10
LOOKED_AT: Final = 30
"""Posts of each side of the silence that are compared."""
LETTERS_NEEDED: Final = 20
WORDS_NEEDED: Final = 40
SAME_VOICE: Final = 0.1
"""Cosine of the counts of words: the function words of one language alone give more."""
ITSELF: Final = 0.2
"""Cosine of one half of a side with its other half, below which a side has no voice to compare; texts without spaces,
where whole clauses are one word, and very few posts fall under it."""
CLIENT_SHARE: Final = 0.8
NEAR_WAKING_US: Final = 30 * DAY_US
REWRITE_US: Final = 7 * DAY_US
"""Two fields rewritten within it make a rewritten profile: one name changed is anybody's."""
_REPOST: Final = POST_KINDS.index("repost")


@lru_cache(maxsize=4096)
def _script(letter: str) -> str:
    """The script of a letter, as the first word of its Unicode name; Kanji and Kana are what Japanese is written in."""
    return unicodedata.name(letter, "").partition(" ")[0]


def _scripts(texts: list[str]) -> tuple[str, int]:
    """The script of most letters, and how many letters there are."""
    count: Counter[str] = Counter()
    for letter, n in Counter("".join(texts)).items():
        if letter.isalpha():
            count[_script(letter)] += n
    return (max(count, key=lambda name: count[name]), sum(count.values())) if count else ("", 0)


def _cosine(one: Counter[str], other: Counter[str]) -> float:
    dot = sum(n * other[word] for word, n in one.items())
    return dot / sqrt(sum(n * n for n in one.values()) * sum(n * n for n in other.values()))


def _counted(texts: list[str]) -> Counter[str]:
    return Counter(word for text in texts for word in words(text))


def _like_itself(texts: list[str]) -> bool:
    """Whether one half of the posts speaks like the other: where no word ever returns, nothing can be said."""
    one, other = _counted(texts[::2]), _counted(texts[1::2])
    return min(one.total(), other.total()) >= WORDS_NEEDED // 2 and _cosine(one, other) >= ITSELF


def _voice_breaks(before: list[str], after: list[str]) -> list[str]:
    """Whether script or vocabulary differ; words are equal or not, nothing else about them counts."""
    found = []
    (old, letters), (new, others) = _scripts(before), _scripts(after)
    if old != new and min(letters, others) >= LETTERS_NEEDED:
        found.append("another script")
    if _like_itself(before) and _like_itself(after) and _cosine(_counted(before), _counted(after)) < SAME_VOICE:
        found.append("another vocabulary")
    return found


def _texts(material: Material, rows: I32) -> list[str]:
    own = rows[material.posts.kind[rows] != _REPOST]
    if material.posts.text is None or not len(own):
        return []
    folded, _ = spoken(material.posts.text.take(pa.array(own)))
    return [text for text in folded.to_pylist() if text is not None]


def _main_client(material: Material, rows: I32) -> int:
    client = material.posts.client[rows]
    client = client[client >= 0]
    if not len(client):
        return -1
    count = np.bincount(client)
    return int(count.argmax()) if count.max() >= CLIENT_SHARE * len(client) else -1


def breaks(material: Material, account: int) -> list[str]:
    """What is different about an account after a silence of 60 days and more; empty where nothing is, or it kept none."""
    posts, habits = material.posts, material.habits
    if habits.silence_us[account] < SILENCE_US:
        return []
    woke = int(habits.woke[account])
    before = posts.order[max(int(posts.start[account]), woke - LOOKED_AT) : woke]
    after = posts.order[woke : min(int(posts.start[account + 1]), woke + LOOKED_AT)]
    found = _voice_breaks(_texts(material, before), _texts(material, after))
    old, new = _main_client(material, before), _main_client(material, after)
    if -1 not in (old, new) and old != new:
        found.append("another client")
    waking = posts.at[posts.order[woke]]
    rewrites = material.rewrites
    low, high = np.searchsorted(rewrites.account, [account, account + 1])
    near = np.abs(rewrites.at[low:high] - waking) <= NEAR_WAKING_US
    return found + [f"another {REWRITTEN[k]}" for k in np.unique(rewrites.field[low:high][near])]


def _remembered(material: Material, account: int) -> list[str]:
    """`breaks`, looked at once for each account: ordinary ones are the controls of many networks."""
    if account not in material.breaks_seen:
        material.breaks_seen[account] = breaks(material, account)
    return material.breaks_seen[account]


def _repurposed(material: Material, pool: Pool) -> Measure | None:
    posts = material.posts
    voice = posts.text is not None and posts.text.null_count < len(posts.text)
    if not voice and not (posts.client >= 0).any() and not material.rewrites.known.any():
        return None
    found = [_remembered(material, int(a)) for a in pool.accounts]
    flag = np.array([float(bool(f)) for f in found])
    known = (material.habits.span_us[pool.accounts] >= SPAN_US) & (posts.counts()[pool.accounts] >= POSTS_NEEDED)

    def receipts(members: I32, _: int) -> list[str]:
        own = members[flag[members] > 0]
        lines = []
        for m in islice(own[np.argsort(pool.accounts[own])], 10):
            days = int(material.habits.silence_us[pool.accounts[m]] // DAY_US)
            lines.append(f"{material.name(int(pool.accounts[m]))}: silent for {days} days, then {', '.join(found[m])}")
        return lines

    return Measure(known, lambda _: Mean(flag), receipts, np.ones(len(flag), np.bool_))


def rewritten(material: Material) -> npt.NDArray[np.bool_]:
    """bool[accounts], whether two fields of the profile were rewritten within a week."""
    r = material.rewrites
    out = np.zeros(material.accounts, np.bool_)
    for step in range(1, len(REWRITTEN) + 1):
        if step < len(r.account):
            pair = (r.account[step:] == r.account[:-step]) & (r.field[step:] != r.field[:-step])
            out[r.account[step:][pair & (r.at[step:] - r.at[:-step] <= REWRITE_US)]] = True
    return out


def _rewritten(material: Material, pool: Pool) -> Measure | None:
    if not material.rewrites.known.any():
        return None
    flag = rewritten(material)[pool.accounts].astype(np.float64)

    def receipts(members: I32, _: int) -> list[str]:
        own = members[flag[members] > 0]
        return [f"profile rewritten within a week: {len(own)} accounts", material.listed(pool.accounts[own])]

    return Measure(material.rewrites.known[pool.accounts], lambda _: Mean(flag), receipts)


HISTORY_DETECTORS: Final = (
    Detector(
        "repurposed", 1, "history", "fell silent for 60 days or more and came back with another voice", "share",
        ("posts.text", "posts.client", "asset_history.field"), 0.25,
        "people who move, change their phone or come back for an event", _repurposed,
    ),
    Detector(
        "rewritten_profiles", 1, "history", "had two fields of their profile rewritten within a week", "share",
        ("asset_history.field",), 0.25, "a campaign that people put into their names and bios", _rewritten,
    ),
)  # fmt: skip
