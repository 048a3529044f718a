"""What of a release machines can use: a bundle of STIX 2.1, and a table in the columns of the kill chain that Meta publishes.

Accounts are those that many follow, under their ids, beside their platform and what was done: a hash matches nothing, and its
platform and the decision it was in would help to find who it is. Sites are those that members link to almost alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

import pyarrow as pa

from samehand.authenticity import SHARED_HOSTS
from samehand.casework import Authorised, Finding
from samehand.exchange import TECHNIQUES, Tlp, decision_objects, defang, phase_name
from samehand.records import disarm_techniques
from samehand.traces import canonical_url, registered_domain

__all__ = ["kill_chain_of", "own_sites", "stix_of"]

MOSTLY: Final = 0.9
PLATFORMS: Final = SHARED_HOSTS | {
    "blogger.com", "blogspot.com", "dailymotion.com", "discord.com", "douyin.com", "facebook.net", "fb.me", "fb.watch",
    "flickr.com", "gab.com", "gettr.com", "goo.gl", "line.me", "livejournal.com", "mastodon.online", "mastodon.social",
    "mewe.com", "mstdn.jp", "mstdn.social", "naver.com", "ow.ly", "parler.com", "pinterest.com", "pixiv.net", "qq.com",
    "quora.com", "redd.it", "rumble.com", "signal.me", "snapchat.com", "soundcloud.com", "substack.com", "t.cn",
    "telegra.ph", "telegram.dog", "telegram.org", "threads.com", "truthsocial.com", "tumblr.com", "twitch.tv",
    "vimeo.com", "vk.me", "vk.ru", "vkontakte.ru", "wa.me", "weibo.cn", "whatsapp.net", "wikipedia.org",
    "wordpress.com", "xiaohongshu.com", "yahoo.com", "zhihu.com",
}  # fmt: skip
"""Sites on which anybody has a page: of no operation's own, and their pages may be about anybody."""
KILL_CHAIN: Final = ("Tactic", "Technique", "Procedure", "Indicator")
LONGEVITY, ENGAGING, DISGUISING, ACQUIRING = 9, 6, 1, 0
PHASE_OF: Final[Mapping[str, int]] = {
    "same_names": DISGUISING, "same_bios": DISGUISING, "same_avatars": DISGUISING, "shared_logins": ACQUIRING,
    "shared_admins": ACQUIRING, "creation": ACQUIRING,
}  # fmt: skip
"""The phase that a finding belongs to; the others are of how it engages."""


def stix_of(
    done: Sequence[Authorised], findings: Sequence[Finding], shown: Mapping[tuple[str, str], str], *, organisation: str,
    release_id: str, at: datetime, tlp: Tlp = "clear",
) -> dict[str, Any]:  # fmt: skip
    """A bundle of what was decided.

    Args:
        done: decisions that were carried out. findings: of their case. shown: platform and id of each account that it
            names -> as whom; who is not in it is left out. organisation: who says so. release_id: of which the bundle is.
            at: when. tlp: how it is marked.

    """
    objects: dict[str, dict[str, Any]] = {}
    for one in done:
        members = tuple(
            replace(member, asset_id=shown[(member.platform, member.asset_id)])
            for member in one.members
            if member.asset_id is not None and not member.cleared and (member.platform, member.asset_id) in shown
        )
        decision = replace(one.decision, digest=f"{release_id}:{one.decision.decision_id}")
        public = replace(one, decision=decision, members=members)
        for item, _ in decision_objects(public, findings, tlp=tlp, organisation=organisation, at=at):
            objects.setdefault(item["id"], item)
    return {"type": "bundle", "id": f"bundle--{release_id}", "objects": list(objects.values())}


def own_sites(posts: Iterable[Mapping[str, Any]], members: Set[tuple[str, str]], k: int) -> list[str]:
    """Sites that at least k members link to, and of all accounts that do nine in ten are members; no platform is one.

    Where fewer than k others link to anything, whoever else links to a site is not known, and none is own.
    """
    linking: dict[str, set[tuple[str, str]]] = {}
    for row in posts:
        for url in row["urls"] or ():
            link = canonical_url(url)
            if site := registered_domain(link) if link else None:
                linking.setdefault(site, set()).add((row["platform"], row["asset_id"]))
    if len(set().union(*linking.values()) - members) < k:
        return []
    return sorted(
        site
        for site, accounts in linking.items()
        if site not in PLATFORMS and len(accounts & members) >= max(k, MOSTLY * len(accounts))
    )


def kill_chain_of(findings: Sequence[Finding], sites: Sequence[str]) -> pa.Table:
    """Rows of the kill chain: techniques that findings show, and sites, defanged.

    Args:
        findings: of the case. sites: of the operation's own, as `own_sites` has them.

    """
    names = disarm_techniques()
    rows = []
    for name in sorted({one.finding for one in findings if not one.of_account and one.state in ("some", "strong")}):
        if technique := TECHNIQUES.get(name):
            phase = phase_name(PHASE_OF.get(name, ENGAGING))
            rows.append((phase, f"{technique} {names[technique].name}", name.replace("_", " "), ""))
    for site in sites:
        rows.append(
            (phase_name(ACQUIRING), "Acquiring domains", "A site that its accounts link to almost alone", defang(site))
        )
    schema = pa.schema([(name, pa.string()) for name in KILL_CHAIN])
    return pa.Table.from_pylist([dict(zip(KILL_CHAIN, row, strict=True)) for row in rows], schema)
