"""Counter-evidence: what could make a network's look innocent, and which findings it explains.

Each item is a row of its own on the axis `authentic`. It has no p-value: it does not say that something is beyond chance
but that there is an open reason for it. A strong item explains the independence groups that it names.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from samehand.authenticity.behaviour import answered
from samehand.authenticity.controls import Pool, rows_of
from samehand.authenticity.crowds import crowd_hours, posted_by_many
from samehand.authenticity.findings import FindingRow, State
from samehand.authenticity.material import DAY_US, Material
from samehand.coordination import UNKNOWN, Activities
from samehand.records import POST_KINDS
from samehand.traces import canonical_url, fold, registered_domain, words

__all__ = ["COUNTER_EVIDENCE", "CounterEvidence", "Scene", "SharedOwner"]

I32 = npt.NDArray[np.int32]
I64 = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

SHARED_HOSTS: Final = frozenset(
    [
        "t.me",
        "telegram.me",
        "twitter.com",
        "x.com",
        "facebook.com",
        "fb.com",
        "instagram.com",
        "youtube.com",
        "youtu.be",
        "tiktok.com",
        "vk.com",
        "ok.ru",
        "linktr.ee",
        "bit.ly",
        "t.co",
        "tinyurl.com",
        "google.com",
        "medium.com",
        "patreon.com",
        "github.com",
        "linkedin.com",
        "reddit.com",
        "discord.gg",
        "weibo.com",
        "threads.net",
        "bsky.app",
        "whatsapp.com",
    ]
)
"""Sites on which anybody has a page: naming one says nothing about an employer."""
MOST: Final = 0.6
"""From this share of the members on an item is strong."""
MANY: Final = 0.3
"""From this share on it is there at all."""
OUTSIDE: Final = 2
"""A leader, an idol, a share button has a public: so many times as many outsiders as members do the same."""
DISTINCT: Final = 2
"""How much more often members than all accounts, and than their controls, follow or repost a leader. Whom everybody
follows unites nobody, and whom the controls follow, too, explains no difference from them."""
RARE_WORD: Final = 0.02
"""Of their controls at most so many have the word that makes a brand of members' names."""
OLD_US: Final = 365 * DAY_US
MONTHS: Final = 4
OVERLAP: Final = 0.5
"""Share of the network's activity that falls on the hours of the crowd's own, on the same objects."""
_LINK: Final = re.compile(r"https?://\S+|www\.\S+|(?<=@)[\w-]+(?:\.[\w-]+)+", re.IGNORECASE)
_REPOST: Final = POST_KINDS.index("repost")
_REPLY: Final = POST_KINDS.index("reply")


@dataclass(frozen=True)
class SharedOwner:
    """An account that is known to act in the open with others of the same owner."""

    platform: str
    asset_id: str
    owner: str


@dataclass(frozen=True)
class Scene:
    """A network with what stands around it.

    members: int32, ascending; pool: its matched controls; owners: owner by account number, from outside knowledge;
    networked: bool[accounts], accounts of any network.
    """

    material: Material
    activities: Activities
    members: I32
    pool: Pool
    networked: Flags
    owners: dict[int, str]


@dataclass(frozen=True)
class Seen:
    """What an item found: the share, the same among controls (None where it is not counted), and whether it holds."""

    value: float
    expected: float | None
    state: State
    receipts: tuple[str, ...]


@dataclass(frozen=True)
class CounterEvidence:
    """One kind of counter-evidence, declared.

    Attributes:
        name: what it is called.
        title: what is looked for.
        columns: what it reads.
        explains: the independence groups that a strong one explains.
        look: None where the columns were not supplied.

    """

    name: str
    title: str
    columns: tuple[str, ...]
    explains: tuple[str, ...]
    look: Callable[[Scene], Seen | None]

    def row(self, scene: Scene) -> FindingRow:
        """What it finds about a network."""
        seen = self.look(scene)
        if seen is None:
            return FindingRow(self.name, "authentic", None, None, None, self.name, "unknown")
        explains = self.explains if seen.state == "strong" else ()
        return FindingRow(
            self.name, "authentic", seen.value, seen.expected, None, self.name, seen.state, seen.receipts, explains,
            members=len(scene.members),
        )  # fmt: skip


def _graded(value: float, *, holds: bool = True) -> State:
    if not holds or value < MANY:
        return "no"
    return "strong" if value >= MOST else "some"


def _domain(url: str | None) -> str | None:
    canonical = canonical_url(url) if url else None
    domain = registered_domain(canonical) if canonical else None
    return None if domain in SHARED_HOSTS else domain


def _profile_domains(material: Material, accounts: I32) -> list[set[str]]:
    """The domains that each account's profile names, by its link, a link or an e-mail address in its bio."""
    rows = pa.array(accounts)
    urls, bios = material.profiles.profile_url.take(rows).to_pylist(), material.profiles.bio.take(rows).to_pylist()
    found = []
    for url, bio in zip(urls, bios, strict=True):
        named = {_domain(url), *(_domain(link) for link in _LINK.findall(bio or ""))}
        found.append({domain for domain in named if domain})
    return found


def _link_shares(material: Material, members: I32) -> dict[str, float]:
    """The share of the links in members' own posts that lead to each domain."""
    posts = material.posts
    if posts.urls is None:
        return {}
    rows = np.concatenate([posts.of(int(a)) for a in members])
    links = pc.list_flatten(posts.urls.take(pa.array(rows[posts.kind[rows] != _REPOST]))).drop_null()
    coded = links.dictionary_encode()
    domains = [_domain(link) for link in coded.dictionary.to_pylist()]
    count: Counter[str] = Counter()
    for number, n in enumerate(np.bincount(coded.indices.to_numpy(), minlength=len(domains))):
        if (domain := domains[number]) is not None:
            count[domain] += int(n)
    return {domain: n / len(links) for domain, n in count.items()}


def _brand(scene: Scene) -> tuple[float, int]:
    """The largest share of members with one word in their names, where hardly anybody outside has it, and how many."""
    names = scene.material.profiles.display_name

    def said(accounts: I32) -> Counter[str]:
        texts = names.take(pa.array(accounts)).to_pylist()
        return Counter(word for text in texts if text for word in sorted(set(words(fold(text)))))

    own, controls = said(scene.members), _controls(scene)
    outside = said(controls)
    rare = {word: n for word, n in own.items() if outside[word] <= RARE_WORD * len(controls)}
    most = max(rare.values(), default=0)
    return most / len(scene.members), most


def _one_house(scene: Scene) -> Seen | None:
    """One site and one brand: most links of most members lead to one domain, and most names share a rare word."""
    shares = _link_shares(scene.material, scene.members)
    if not shares:
        return None
    domain, links = max(shares.items(), key=lambda item: item[1])
    if links < MOST:
        return None
    own = [_link_shares(scene.material, scene.members[k : k + 1]).get(domain, 0.0) for k in range(len(scene.members))]
    there = float(np.mean(np.array(own) >= MOST))
    share, named = _brand(scene)
    if there < MOST or share < MOST:
        return None
    said = f"{links:.0%} of links lead to {domain}; {named} members have one word in their names that few others have"
    return Seen(share, None, "strong", (said,))


def _employer(scene: Scene) -> Seen | None:
    """Openly one employer: by the domain that profiles name, else by one site and one brand."""
    named = _named_domain(scene)
    house = _one_house(scene) if named is None or named.state != "strong" else None
    return house or named


def _named_domain(scene: Scene) -> Seen | None:
    material, pool = scene.material, scene.pool
    if material.profiles.profile_url.null_count + material.profiles.bio.null_count == 2 * material.accounts:
        return None
    named = _profile_domains(material, scene.members)
    count = Counter(domain for one in named for domain in sorted(one))
    if not count:
        return Seen(0.0, None, "no", ())
    domain, n = max(count.items(), key=lambda item: item[1])
    controls = _profile_domains(material, pool.accounts[~pool.member])
    outside = sum(domain in one for one in controls) / max(len(controls), 1)
    share, links = n / len(named), _link_shares(material, scene.members).get(domain, 0.0)
    said = share >= MOST or (share >= MANY and links >= 0.5)
    own = scene.members[[domain in one for one in named]]
    state: State = "strong" if said else _graded(share)
    if share < 3 * outside:
        state = "no"
    receipts = (f"{n} profiles name {domain}; {links:.0%} of links lead there", material.listed(own))
    return Seen(share, outside, state, receipts)


def _campaign(scene: Scene) -> Seen | None:
    found = posted_by_many(scene.material, scene.members, scene.networked)
    if found is None:
        return None
    share = found.members / len(scene.members)
    state = _graded(share, holds=found.outsiders >= max(OUTSIDE * found.members, 10))
    said = f"one text with one link: {found.members} members, {found.outsiders} accounts of no network"
    return Seen(share, None, state, (said,) if found.members else ())


def _leader(scene: Scene) -> Seen | None:
    """Followership of one account, by who follows it or by whose posts are reposted, with a public beyond the network."""
    found = [seen for seen in (_followed(scene), _reposted(scene)) if seen is not None]
    rank = {"no": 0, "some": 1, "strong": 2}
    return max(found, key=lambda seen: (rank[seen.state], seen.value)) if found else None


def _controls(scene: Scene) -> I32:
    return np.unique(scene.pool.accounts[~scene.pool.member])


def _followed(scene: Scene) -> Seen | None:
    keys = scene.material.followed
    if keys is None:
        return None
    key = keys.key[rows_of(keys.start, scene.members.astype(np.int64))]
    if not len(key):
        return None
    controls = _controls(scene)
    count = np.bincount(key)
    like = np.bincount(keys.key[rows_of(keys.start, controls.astype(np.int64))], minlength=len(count))[: len(count)]
    rate = np.maximum(like / max(len(controls), 1), keys.users[: len(count)] / scene.material.accounts)
    holds = (keys.users[: len(count)] - count >= OUTSIDE * count) & (count / len(scene.members) >= DISTINCT * rate)
    there = np.where(holds, count, 0)
    ties = np.flatnonzero(there == there.max()).tolist()
    best = min(ties, key=lambda number: str(keys.names[number]))  # rows of relations come in any order
    share = float(count[best]) / len(scene.members) if holds[best] else 0.0
    others = int(keys.users[best] - count[best])
    said = f"{count[best]} members and {others} others follow {keys.names[best]}"
    return Seen(share, float(rate[best]), _graded(share), (said,) if share else ())


def _reposted(scene: Scene) -> Seen | None:
    posts = scene.material.posts
    reposts = (posts.kind == _REPOST) & (posts.target >= 0)
    rows = posts.order[rows_of(posts.start, scene.members.astype(np.int64))]
    rows = rows[reposts[rows]]
    if not len(rows):
        return None
    count = np.bincount(posts.target[rows])
    author = int(count.argmax())
    fans = np.unique(posts.account[reposts & (posts.target == author)])
    inside = int(np.isin(fans, scene.members).sum())
    outsiders = int((~scene.networked[fans]).sum())
    share = float(count[author]) / len(rows)
    controls = _controls(scene)
    everywhere = max(len(fans) / scene.material.accounts, int(np.isin(controls, fans).sum()) / max(len(controls), 1))
    own = inside / len(scene.members)
    state = _graded(share, holds=outsiders >= OUTSIDE * inside and own >= max(MOST, DISTINCT * everywhere))
    said = (
        f"{share:.0%} of reposts are of {scene.material.name(author)}, whom {outsiders} accounts of no network repost"
    )
    return Seen(share, None, state, (said,))


def _event(scene: Scene) -> Seen | None:
    """Whether the network is active when an event is on, or when the crowd is, on the same objects.

    Where that crowd is what members were compared with, its newcomers are in the comparison already: the item is then
    there, but never strong, and explains nothing once more.
    """
    own, crowd, crowd_accounts = crowd_hours(scene.activities, scene.members, scene.networked)
    if not own.sum():
        return None
    receipts: list[str] = []
    overlap = float(np.minimum(own / own.sum(), crowd / max(crowd.sum(), 1)).sum()) if crowd_accounts >= 20 else 0.0
    if overlap >= OVERLAP:
        receipts.append(f"{overlap:.0%} of its activity is in the hours of {crowd_accounts} others on the same objects")
    state: State = "strong" if overlap >= OVERLAP else "no"
    events = scene.material.events
    if events is not None:
        a = scene.activities
        at = a.at[a.by_account[rows_of(a.account_start, scene.members.astype(np.int64))]]
        during = np.searchsorted(events.starts, at, side="right") - np.searchsorted(np.sort(events.ends), at)
        share, always = float((during > 0).mean()), _time_of_events(scene)
        if share >= MOST and share >= 2 * always:
            state, overlap = "strong", max(overlap, share)
            receipts.append(f"{share:.0%} of its activity is during public events, which fill {always:.0%} of the time")
    state = "some" if state == "strong" and scene.pool.same_objects() else state
    return Seen(overlap, None, state, tuple(receipts))


def _time_of_events(scene: Scene) -> float:
    """The share of the hours of the data in which any event is on."""
    events, at = scene.material.events, scene.activities.at
    if events is None or not len(at):
        return 0.0
    hours = np.arange(int(at.min()), int(at.max()) + 1, DAY_US // 24)
    on = np.searchsorted(events.starts, hours, side="right") - np.searchsorted(np.sort(events.ends), hours)
    return float((on > 0).mean())


def _long_history(scene: Scene) -> Seen | None:
    """Old accounts, active in four months and more, whom people outside the network answer."""
    material, members = scene.material, scene.members
    posts, created = material.posts, material.profiles.created[scene.members]
    if not (created != UNKNOWN).any() or not posts.replies_known.any():
        return None
    rows = [posts.of(int(a)) for a in members]
    last = np.array([int(posts.at[r[-1]]) if len(r) else 0 for r in rows])
    months = np.array([len(np.unique(posts.at[r] // (30 * DAY_US))) for r in rows])
    old = (created != UNKNOWN) & (last - created >= OLD_US)
    lived = old & (months >= MONTHS) & answered(material, members)[members]
    share = float(lived.mean())
    said = f"{int(lived.sum())} accounts are a year old, were active in {MONTHS} months and answered from outside"
    return Seen(share, None, _graded(share), (said, material.listed(members[lived])) if lived.any() else ())


def _known_owner(scene: Scene) -> Seen | None:
    if not scene.owners:
        return None
    owner = [scene.owners.get(int(a)) for a in scene.members]
    count = Counter(one for one in owner if one is not None)
    if not count:
        return Seen(0.0, None, "no", ())
    name, n = max(count.items(), key=lambda item: item[1])
    own = scene.members[[one == name for one in owner]]
    share = n / len(owner)
    return Seen(share, None, _graded(share), (f"{n} accounts are known to be of {name}", scene.material.listed(own)))


COUNTER_EVIDENCE: Final = (
    CounterEvidence(
        "employer", "profiles that openly name one registered domain, or links to one site and a brand in the names",
        ("assets.profile_url", "assets.bio", "assets.display_name", "posts.urls"),
        ("creation", "profile", "client", "infrastructure", "rhythm"), _employer,
    ),
    CounterEvidence(
        "campaign", "one text with one link that many accounts of no network post, too", ("posts.text", "posts.urls"),
        ("client",), _campaign,
    ),
    CounterEvidence(
        "common_leader", "one account that the members follow or repost, as many outside do",
        ("relations.follower", "posts.ref_asset_id"), ("creation", "profile"), _leader,
    ),
    CounterEvidence(
        "event", "a public event at those hours, or a crowd on the same objects at the same hours", ("events.starts_at",),
        ("creation", "profile"), _event,
    ),
    CounterEvidence(
        "long_history", "old accounts with a steady past whom people outside answer",
        ("assets.created_at", "posts.ref_asset_id"), ("creation", "history", "audience"), _long_history,
    ),
    CounterEvidence(
        "known_owner", "accounts known to act together in the open (handed in)", ("context",),
        ("creation", "profile", "client", "infrastructure", "rhythm", "deletion"), _known_owner,
    ),
)  # fmt: skip


def owners_of(material: Material, context: Sequence[SharedOwner]) -> dict[int, str]:
    """The owner of each account that the context names, by account number."""
    named = {(one.platform, one.asset_id): one.owner for one in context}
    if not named:
        return {}
    pairs = zip(material.platforms.to_pylist(), material.assets.to_pylist(), strict=True)
    return {number: named[pair] for number, pair in enumerate(pairs) if pair in named}
