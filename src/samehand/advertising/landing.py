"""Where an ad leads: its host once known redirectors are looked through, and the page of a platform that it may be.

A link may go by way of a redirector, a translator or a cache that bears the address it goes to; these are looked through. A
shortener bears none: whither it leads is not known, and nothing is asked of the network.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qs, unquote, urlsplit

from samehand.advertising.spelling import UNSEEN
from samehand.traces import canonical_url, host_of, registered_domain

__all__ = ["Landing", "handle_as_held", "landing_of", "platform_as_held"]

BEARING: Final = {
    "l.facebook.com": ("u",), "lm.facebook.com": ("u",), "l.instagram.com": ("u",), "google.com": ("url", "q"),
    "vk.com": ("to",), "youtube.com": ("q",), "steamcommunity.com": ("url",), "translate.google.com": ("u",),
    "out.reddit.com": ("url",),
}  # fmt: skip
"""Redirectors, and the parameters in which each bears the address that it goes to."""
WRAPPED: Final = re.compile(r"^(?P<host>[a-z0-9-]+)\.(?:translate\.goog|cdn\.ampproject\.org)$")
"""Hosts that bear another one with its dots as hyphens, and its hyphens twice."""
WITHIN: Final = re.compile(
    r"^(?:web\.archive\.org/web/[0-9a-z_*]+/|google\.com/amp/(?:s/)?|archive\.(?:ph|is|today)/(?:[0-9]+/)?)"
    r"(?P<url>(?:https?:/+)?[^/?#]+\..*)$"
)
"""Archives and caches whose path is the address that was kept."""
DEEPEST: Final = 4
PLATFORMS: Final = {
    "twitter.com": "twitter", "x.com": "twitter", "facebook.com": "facebook", "fb.com": "facebook",
    "instagram.com": "instagram", "youtube.com": "youtube", "tiktok.com": "tiktok", "t.me": "telegram",
    "telegram.me": "telegram", "vk.com": "vkontakte", "threads.net": "threads",
}  # fmt: skip
SAME: Final = {
    "x": "twitter", "fb": "facebook", "ig": "instagram", "insta": "instagram", "yt": "youtube", "tg": "telegram",
    "x/twitter": "twitter", "twitter/x": "twitter", "x (twitter)": "twitter", "twitter (x)": "twitter",
    "x (formerly twitter)": "twitter", "meta": "facebook", "vk": "vkontakte",
}  # fmt: skip
BEFORE: Final = frozenset({"c", "channel", "user", "pages", "pg", "s", "people"})
"""Parts of a path that stand before a name."""
NO_NAME: Final = frozenset({
    "about", "ads", "amp", "away.php", "explore", "groups", "hashtag", "home", "i", "intent", "joinchat", "l.php", "p",
    "permalink.php", "photo.php", "profile.php", "reel", "search", "share", "sharer", "sharer.php", "status", "story.php",
    "watch",
})  # fmt: skip
"""First parts of a path that a platform keeps for itself."""


@dataclass(frozen=True)
class Landing:
    """Where an ad leads: the host, and the platform and name of the page there; both "" where it is nobody's page."""

    host: str
    platform: str = ""
    name: str = ""


def landing_of(url: str) -> Landing | None:
    """Where a link leads; None where it leads nowhere."""
    canonical = canonical_url(url) if url.strip() else None
    for _ in range(DEEPEST):
        inner = None if canonical is None else _borne(canonical)
        if inner is None:
            break
        canonical = inner
    if canonical is None or registered_domain(canonical) is None:
        return None
    platform, name = _page(canonical)
    return Landing(host_of(canonical), platform, name)


def _borne(canonical: str) -> str | None:
    """The address that a redirector bears; None where it is none, or bears none."""
    host = host_of(canonical)
    if wrapped := WRAPPED.fullmatch(host):
        plain = re.sub(r"(?<!-)-(?!-)", ".", wrapped["host"]).replace("--", "-")
        return canonical_url(f"https://{plain}{canonical[len(host) :]}")
    if within := WITHIN.match(canonical):
        return canonical_url(unquote(within["url"]))
    if host in BEARING:
        asked = parse_qs(urlsplit(f"https://{canonical}").query)
        said = next((asked[name][0] for name in BEARING[host] if name in asked), "")
        return canonical_url(said) if re.match(r"https?:", said) else None
    return None


def _page(canonical: str) -> tuple[str, str]:
    """The platform and the name of the page that a link leads to."""
    host = host_of(canonical)
    domain = re.sub(r"^(?:m|mobile|old|[a-z]{2}(?:-[a-z]{2})?)\.", "", host)
    platform = PLATFORMS.get(domain, "")
    if not platform:
        return "", ""
    parts = [part for part in canonical[len(host) :].split("?")[0].split("/") if part]
    while parts and parts[0].lower() in BEFORE:
        parts = parts[1:]
    name = parts[0].removeprefix("@").lower() if parts else ""
    return ("", "") if not name or name in NO_NAME or name.startswith("#") else (platform, name)


def platform_as_held(platform: str) -> str:
    """A platform by the name that the registry has for it."""
    known = " ".join(unicodedata.normalize("NFKC", platform).lower().split())
    return SAME.get(known) or PLATFORMS.get(known.removeprefix("www.")) or known


def handle_as_held(platform: str, handle: str) -> tuple[str, str]:
    """A handle as it is looked up: without @ and unseen marks, or from the link to its page; a link names its own platform."""
    plain = UNSEEN.sub("", unicodedata.normalize("NFKC", handle)).strip()
    if "/" in plain:
        canonical = canonical_url(plain)
        of_page = ("", "") if canonical is None else _page(canonical)
        return of_page if of_page[0] else (platform_as_held(platform), plain.lower())
    return platform_as_held(platform), plain.lstrip("@").lower()
