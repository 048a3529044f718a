"""What a tip names: one indicator a row, its value as it is compared, its cell as it was written.

Values come defanged, in prose, or as a link to a profile. What can be told from the cell itself is told; what cannot is a note,
and stays in words. Nothing here says that whom an indicator names did anything.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal, get_args

from ada_url import idna

from samehand.traces import registered_domain

__all__ = [
    "INDICATOR_KINDS", "Indicator", "IndicatorKind", "Told", "defang", "hash_name", "profile_url", "refang", "tell", "told_as",
    "told_of",
]  # fmt: skip

IndicatorKind = Literal[
    "account", "app", "count", "domain", "email", "hash", "hashtag", "ip", "note", "pattern", "phone", "technique", "url"
]  # fmt: skip
INDICATOR_KINDS: Final[tuple[IndicatorKind, ...]] = get_args(IndicatorKind)
LONGEST_VALUE: Final = 8_192


@dataclass(frozen=True, kw_only=True)
class Indicator:
    """One thing that a tip names.

    Attributes:
        kind: what it is. An `account` has a platform; a `count` says how many of what (`63 accounts`); a `technique` names a
            way of working only; a `note` is prose; a `pattern` is one of STIX that is no plain comparison.
        value: as it is compared: refanged, in lower case where case says nothing. platform: of an account, else "".
        phase: of the online operations kill chain (0 to 9), None where none is told. technique, procedure: as `0.9` and
            `0.9.4 Acquiring X / Twitter accounts`. comment: what the source says beside it. seen: the day that it names.
        disarm: techniques of DISARM. raw: the cell as it was written. row: in its file, from 1; 0 where there are no rows.
        until: the day from which it does not count any more. revoked: whether its source took it back.

    """

    kind: IndicatorKind
    value: str
    platform: str = ""
    phase: int | None = None
    technique: str = ""
    procedure: str = ""
    comment: str = ""
    seen: date | None = None
    disarm: tuple[str, ...] = ()
    raw: str = ""
    row: int = 0
    until: date | None = None
    revoked: bool = False

    @property
    def key(self) -> tuple[str, str, str, str, str]:
        """By which two rows of one tip are one."""
        return self.kind, self.platform, self.value, self.technique, self.procedure

    def counts(self, day: date) -> bool:
        """Whether it counts on a day: its source did not take it back, and its own time is not over."""
        return not self.revoked and (self.until is None or day < self.until)


@dataclass(frozen=True)
class Told:
    """What a cell is: kind, value, and platform of an account."""

    kind: IndicatorKind
    value: str
    platform: str = ""


BRACKETED_DOT: Final = re.compile(r"\s*[\[({]\s*(?:\.|dot)\s*[\])}]\s*", re.IGNORECASE)
HALF_BRACKETED_DOT: Final = re.compile(r"\[\.|\.\]")
BRACKETED_AT: Final = re.compile(r"\s*[\[({]\s*(?:@|at)\s*[\])}]\s*", re.IGNORECASE)
BRACKETED_COLON: Final = re.compile(r"[\[({]\s*:\s*[\])}]")
DEFANGED_SCHEME: Final = re.compile(r"^h(?:xx|XX|\*\*|tt)p(s?)(?:\[:\]|:)//", re.IGNORECASE)


def refang(text: str) -> str:
    """A value without what keeps it from being clicked."""
    plain = HALF_BRACKETED_DOT.sub(".", BRACKETED_DOT.sub(".", BRACKETED_AT.sub("@", text.strip())))
    plain = BRACKETED_COLON.sub(":", plain)
    return DEFANGED_SCHEME.sub(lambda found: f"http{found[1].lower()}://", plain)


SCHEME: Final = re.compile(r"^([a-z][a-z0-9+.-]*)://", re.IGNORECASE)


def defang(value: str) -> str:
    """A value that nothing turns into a link: its host's dots in brackets; where it has none, `hxxp`."""
    found = SCHEME.match(value)
    scheme, rest = (found[0], value[found.end() :]) if found else ("", value)
    host, slash, path = rest.partition("/")
    shown = host.replace(".", "[.]")
    if shown == host:
        scheme = re.sub("^http", "hxxp", scheme, flags=re.IGNORECASE)
    return f"{scheme}{shown}{slash}{path}"


HOST: Final = r"(?:[\w-]+\.)+[\w-]{2,}"
DOMAIN: Final = re.compile(rf"^{HOST}$")
URL: Final = re.compile(rf"^(?:https?://)?(?:[^\s/@]+@)?{HOST}(?::\d+)?(?:[/?#]\S*)?$", re.IGNORECASE)
EMAIL: Final = re.compile(rf"^[\w.+-]+@{HOST}$")
HASHTAG: Final = re.compile(r"^[#＃][^\W_][\w]*$")
ADDRESS_URL: Final = re.compile(
    r"^(?:https?://)?(?:[^\s/@]+@)?(?:\d{1,3}(?:\.\d{1,3}){3}|\[[0-9a-f:.]+\])(?::\d+)?(?:[/?#]\S*)?$", re.IGNORECASE
)
ANY_URL: Final = re.compile(rf"{SCHEME.pattern}[^\s/?#]\S*$", re.IGNORECASE)
AUTHORITY: Final = re.compile(r"(?P<user>[^/?#]*@)?(?P<host>\[[^\]/?#]*\]|[^/?#:]*)(?P<rest>.*)", re.DOTALL)
HEX: Final = re.compile(r"^[0-9a-f]+$", re.IGNORECASE)
HASH_NAMES: Final = {32: "md5", 40: "sha1", 64: "sha256", 128: "sha512"}
PHONE: Final = re.compile(r"^\+\d[\d \-()]{6,18}\d$")
COUNTED: Final = "|".join(
    f"{one}s?" for one in (
        "account", "page", "group", "channel", "profile", "website", "domain", "event", "user", "app", "blog", "subreddit",
        "video", "post",
    )
)  # fmt: skip
COUNT: Final = re.compile(
    rf"^(?!.*\b(?:joined|followed|liked)\b)"
    rf"(?:about|around|over|nearly|approximately|more than|at least|~)?\s*(\d[\d,.]*)\s+"
    rf"((?:[\w/()]+\s+){{0,3}}(?:{COUNTED})(?:\s+(?:on|and|across)\b.{{0,80}})?)\.?$",
    re.IGNORECASE,
)
HANDLE: Final = r"(?P<name>[\w.\-]{1,100})"
PROFILES: Final[tuple[tuple[str, re.Pattern[str]], ...]] = tuple(
    (platform, re.compile(rf"^(?:https?://)?(?:www\.|m\.|mobile\.|old\.)?{path}/?(?:\?[^/]*)?$", re.IGNORECASE))
    for platform, path in (
        ("twitter", rf"(?:twitter|x)\.com/@?{HANDLE}"), ("telegram", rf"(?:t|telegram)\.me/(?:s/)?@?{HANDLE}"),
        ("tiktok", rf"tiktok\.com/@{HANDLE}"), ("instagram", rf"instagram\.com/{HANDLE}"),
        ("facebook", rf"(?:[\w-]+\.)?(?:facebook|fb)\.com/{HANDLE}"),
        ("facebook", r"(?:[\w-]+\.)?facebook\.com/profile\.php\?id=(?P<name>\d+)"),
        ("youtube", rf"youtube\.com/(?:@|c/|user/|channel/){HANDLE}"), ("reddit", rf"reddit\.com/u(?:ser)?/{HANDLE}"),
        ("vkontakte", rf"(?:vk\.com|vkontakte\.ru)/{HANDLE}"), ("odnoklassniki", rf"ok\.ru/(?:profile/)?{HANDLE}"),
        ("medium", rf"medium\.com/@{HANDLE}"), ("pinterest", rf"(?:[\w-]+\.)?pinterest\.com/{HANDLE}"),
        ("threads", rf"threads\.(?:net|com)/@{HANDLE}"), ("bluesky", rf"bsky\.app/profile/{HANDLE}"),
    )
)  # fmt: skip
NO_HANDLE: Final = frozenset({
    "about", "channel", "events", "explore", "groups", "hashtag", "home", "i", "intent", "joinchat", "media", "people", "photo",
    "photo.php", "pages", "p", "permalink.php", "posts", "profile.php", "reel", "search", "share", "status", "story.php", "tr",
    "watch", "wall", "video", "videos",
})  # fmt: skip
"""Parts of a path that a platform keeps for itself."""
PAGES: Final = {
    "twitter": "https://twitter.com/", "telegram": "https://t.me/", "tiktok": "https://www.tiktok.com/@",
    "instagram": "https://www.instagram.com/", "facebook": "https://www.facebook.com/", "reddit": "https://www.reddit.com/user/",
    "vkontakte": "https://vk.com/", "odnoklassniki": "https://ok.ru/", "medium": "https://medium.com/@",
    "pinterest": "https://www.pinterest.com/", "threads": "https://www.threads.net/@", "bluesky": "https://bsky.app/profile/",
}  # fmt: skip
SAME_PLATFORMS: Final = {"x": "twitter", "vk": "vkontakte", "ok": "odnoklassniki"}
CASED: Final = re.compile(r"^UC[\w-]{22}$")
"""A channel of YouTube: its id tells upper from lower case."""


def profile_url(platform: str, value: str) -> str | None:
    """The link to an account's page; None where we do not know how its platform writes them."""
    if platform == "youtube":
        return f"https://www.youtube.com/{'channel/' if CASED.fullmatch(value) else '@'}{value}"
    return f"{PAGES[platform]}{value}" if platform in PAGES else None


def tell(cell: str, platform: str = "") -> Told:
    """What a cell is, from what is written in it; an apostrophe that keeps a spreadsheet from running it is none of it.

    Args:
        cell: as it was written, defanged or not; not empty. platform: of accounts, where the row names one: an `@handle` alone
            is one of it.

    """
    plain = " ".join(cell.split())
    value = refang(plain[1:] if plain[:1] == "'" and plain[1:2] in ("=", "+", "-", "@") else plain)[:LONGEST_VALUE]
    found = _profile(value)
    if found is not None:
        return found
    if platform and re.fullmatch(rf"@{HANDLE}", value):
        return told_as("account", value, platform)
    if HASHTAG.fullmatch(value):
        return Told("hashtag", value.lower())
    if hash_name(value):
        return told_as("hash", value)
    if EMAIL.fullmatch(value):
        return told_as("email", value)
    if address := _address(value):
        return Told("ip", address)
    if PHONE.fullmatch(value):
        return Told("phone", "+" + re.sub(r"\D", "", value))
    if counted := COUNT.fullmatch(value):
        number = counted[1].replace(",", "").rstrip(".")
        return Told("count", f"{number} {counted[2].lower()}")
    return _site(value) or Told("note", value)


def _site(value: str) -> Told | None:
    """A link, or the domain or address that is all there is of it; None where it leads nowhere."""
    if not URL.fullmatch(value) and not ADDRESS_URL.fullmatch(value):
        return told_as("domain", value) if _is_site(value) else None
    url = _url(value)
    bare = url.partition("://")[2].removesuffix("/")
    if address := _address(bare.strip("[]")):
        return Told("ip", address)
    if not _is_site(bare):
        return None
    return told_as("domain", bare) if DOMAIN.fullmatch(bare) else Told("url", url)


def _is_site(text: str) -> bool:
    """Whether a host is an address, or stands under a suffix that domains are given under."""
    authority = AUTHORITY.match(text)
    host = _host(authority["host"]) if authority else ""
    return bool(_address(host.strip("[]")) or (DOMAIN.fullmatch(host) and registered_domain(host)))


def told_of(kind: IndicatorKind, value: str) -> Told:
    """What a value is of which its sender says the kind: what it looks like says more, else it is of that kind if it can be."""
    told = tell(value)
    return told if told.kind != "note" else told_as(kind, told.value)


def told_as(kind: IndicatorKind, value: str, platform: str = "") -> Told:
    """A value of a kind in the one form in which it is compared, however it was written; a note where it is none of it."""
    if kind == "account":
        site = platform.strip().lower()
        name = value.lstrip("@") or value
        cased = site == "youtube" and CASED.fullmatch(name)
        return Told("account", name if cased else name.lower(), SAME_PLATFORMS.get(site, site))
    forms: Mapping[str, Callable[[str], str]] = {
        "hash": _hash, "ip": _address, "domain": _domain, "url": _url, "email": _email,
    }  # fmt: skip
    if kind not in forms:
        return Told(kind, value)
    form = forms[kind](value.strip())
    return Told(kind, form) if form else Told("note", value)


def hash_name(value: str) -> str | None:
    """What a hash in hex is one of (`md5`, `sha1`, `sha256`, `sha512`); None where it is none of these."""
    return HASH_NAMES.get(len(value)) if HEX.fullmatch(value) else None


def _hash(value: str) -> str:
    return value.lower() if hash_name(value) else ""


def _host(host: str) -> str:
    """A host as the net has it: in lower case, other scripts in punycode, an address in its short form."""
    if host[:1] == "[":
        return f"[{_address(host.strip('[]')) or host.strip('[]').lower()}]"
    plain = host.lower().removesuffix(".")
    if plain.isascii():
        return plain
    try:
        return idna.encode(plain).decode("ascii") or plain
    except ValueError:
        return plain


def _domain(value: str) -> str:
    host = _host(value)
    return host if DOMAIN.fullmatch(host) else ""


def _email(value: str) -> str:
    name, at, host = value.rpartition("@")
    made = f"{name.lower()}{at}{_host(host)}"
    return made if EMAIL.fullmatch(made) else ""


def _url(value: str) -> str:
    """A link with a scheme (https where it has none) and its host as the net has it; "" where it is none."""
    if not ANY_URL.fullmatch(value):
        value = f"https://{value}" if URL.fullmatch(value) or ADDRESS_URL.fullmatch(value) else ""
    scheme = SCHEME.match(value)
    parts = AUTHORITY.fullmatch(value[scheme.end() :]) if scheme else None
    if scheme is None or parts is None:
        return ""
    return f"{scheme[0].lower()}{parts['user'] or ''}{_host(parts['host'])}{parts['rest']}"


def _address(value: str) -> str:
    """An address or a range of them, in its short form; "" where it is none."""
    try:
        found = ipaddress.ip_network(value, strict=False) if "/" in value else ipaddress.ip_address(value)
    except ValueError:
        return ""
    return str(found).removesuffix("/32" if found.version == 4 else "/128")


def _profile(value: str) -> Told | None:
    for platform, pattern in PROFILES:
        found = pattern.fullmatch(value)
        if found and found["name"].lower() not in NO_HANDLE:
            return told_as("account", found["name"], platform)
    return None
