"""What of texts, profiles and links is shown in clear: the operation's own, without others and without what reaches anybody.

Patterns are matched on a folded text of the same length (full-width letters, odd spaces and hyphens), so that what is kept
stays as it was written. Letters of ASCII bound a word here: Chinese, Japanese and Thai have no spaces.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from ipaddress import IPv6Address
from typing import Any, Final
from urllib.parse import unquote

from samehand.disclosure.pseudonyms import ReleaseKeys
from samehand.traces import canonical_url, registered_domain

__all__ = ["MENTION", "NAME_PARTS", "Plain", "folded", "is_telling", "names_of_others"]

Account = tuple[str, str]
Step = tuple[re.Pattern[str], Callable[[re.Match[str]], str | None]]
"""What is looked for, and what stands for it: None leaves it."""

UNSEEN: Final = re.compile(r"[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]|(?<=[@＠])[\u200c\u200d]+")
"""What no reader sees, and what would hide a handle or a number from a pattern."""
IDEOGRAPHIC_DOT: Final = re.compile(r"(?<=[0-9A-Za-z])[。｡](?=[0-9A-Za-z])")
NO_SPACES: Final = (
    r"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
"""Letters of scripts that are written without spaces."""
LABEL: Final = rf"(?:(?![{NO_SPACES}])[\w-]){{1,63}}"
REST: Final = r"""[^\s，。！？、；“”「」『』《》【】<>"]*"""
LINK: Final = re.compile(
    rf"[a-z][a-z0-9+.-]{{0,19}}://{REST}|www\.{REST}|(?<![A-Za-z0-9@./_-])(?:"
    rf"[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{{2,}}|{LABEL}(?:\.{LABEL}){{0,8}}\.(?:xn--[a-z0-9-]+|(?![{NO_SPACES}])[^\W\d_]{{2,}})"
    rf"|[\w-]{{1,63}}(?:\.[\w-]{{1,63}}){{0,8}}\.[{NO_SPACES}]{{2,}})(?::\d+)?/{REST}",
    re.IGNORECASE,
)
SCHEME: Final = re.compile(r"^[a-z][a-z0-9+.-]*://")
EMAIL: Final = re.compile(rf"(?:(?<![\w.+'@-])|(?<=[{NO_SPACES}]))(?:(?![{NO_SPACES}])[\w.+'-])+@[\w-]+(?:\.[\w-]+)+")
MENTION: Final = re.compile(r"@(\w(?:[\w.-]*\w)?(?:@[\w-]+(?:\.[\w-]+)+)?)")
IPV6: Final = re.compile(r"(?<![A-Za-z0-9])[0-9A-Fa-f:]{3,}")
IPV4: Final = re.compile(r"(?<!\d)\d{1,3}(?:\.\d{1,3}){3,}(?!\d)")
NUMBER: Final = re.compile(r"[+(]*\d[\d ()./-]{5,}\d")
LEAST_DIGITS, LEAST_DIGITS_PLUS = 8, 7
MONTH, DAY, YEAR = r"(?:0?[1-9]|1[0-2])", r"(?:0?[1-9]|[12]\d|3[01])", r"(?:19|20)\d\d"
DATE: Final = rf"(?:{YEAR}[-./]{MONTH}[-./]{DAY}|{DAY}[-./]{MONTH}[-./]{YEAR}|{MONTH}[-./]{DAY}[-./]{YEAR})"
DATES: Final = re.compile(
    rf"(?<![\d+])(?<!\d[-./]){DATE}(?: ?- ?{DATE})?(?:[ T]\d{{1,2}}:\d\d(?::\d\d)?)?(?!\d|[-./]\d)"
)
NO_NUMBER: Final = re.compile(rf"{YEAR} ?[-/] ?{YEAR}|{YEAR}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])")
"""Two years, or a date without signs: like a telephone number, and none."""
NO_WORD: Final = r"(?<![A-Za-z0-9])(?![A-Za-z]+(?![A-Za-z0-9_.:-]))"
NAME_PARTS: Final = tuple(
    re.compile(NO_WORD + part)
    for part in (
        r"[A-Za-z0-9_](?:[A-Za-z0-9_.:-]*[A-Za-z0-9_])?", r"[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?", r"[A-Za-z0-9_]+",
        r"[A-Za-z0-9]+(?:_+[A-Za-z0-9]+)*",
    )
)  # fmt: skip
"""What could be an id or a handle within a text, the longest first; a word of letters alone could be anything."""
LEAST_ID: Final = 6


class _Folds(dict[int, str]):
    """By code of a letter the ASCII letter that it is compatible with (NFKC), or itself."""

    def __missing__(self, code: int) -> str:
        letter = chr(code)
        plain = unicodedata.normalize("NFKC", letter)
        if unicodedata.category(plain[0]) == "Pd" or plain == "\u2212":
            plain = "-"
        elif letter.isspace() and letter not in "\n\r\t":
            plain = " "
        # punctuation that ends a link keeps its shape
        keep = len(plain) != 1 or not plain.isascii() or letter in "，！？；"
        self[code] = letter if keep else plain
        return self[code]


FOLDS: Final = _Folds()


def folded(said: str) -> str:
    """A text of the same length with the ASCII letters that its letters stand for."""
    return said if said.isascii() else IDEOGRAPHIC_DOT.sub(".", said.translate(FOLDS))


def is_telling(name: str) -> bool:
    """Whether a name that stands in a text without an `@` says whose it is: no word of letters, and no count."""
    return len(name) >= LEAST_ID if name.isdecimal() else not name.isalpha() and any(map(str.isalpha, name))


def names_of_others(accounts: Iterable[Mapping[str, Any]], clear: Set[str]) -> dict[str, Account]:
    """By id and handle, without case, whose it is, of all accounts but those that are shown in clear.

    Args:
        accounts: rows of `assets`. clear: ids of those that are shown as they are.

    """
    names: dict[str, Account] = {}
    ours: set[str] = set()
    for row in accounts:
        both = [str(one).casefold() for one in (row["asset_id"], row["handle"]) if one]
        if row["asset_id"] in clear:
            ours.update(both)
        else:
            names.update(dict.fromkeys(both, (row["platform"], row["asset_id"])))
    return {name: whose for name, whose in names.items() if name not in ours}


@dataclass(frozen=True)
class Plain:
    """How texts and links of accounts in clear are shown.

    Attributes:
        members: platform and id of those that are shown in clear. handles: by platform and handle without case, whose it is.
        sites: the operation's own, whose pages are shown. keys: of this release. names: of others, by what is telling.

    """

    members: Set[Account]
    handles: Mapping[Account, str]
    sites: Set[str]
    keys: ReleaseKeys
    names: Mapping[str, Account] = field(default_factory=dict)

    @classmethod
    def of(
        cls, accounts: Sequence[Mapping[str, Any]], clear: Set[Account], sites: Set[str], keys: ReleaseKeys
    ) -> Plain:
        """Of the accounts of a dataset, of whom some are shown in clear."""
        handles = {(row["platform"], row["handle"].casefold()): row["asset_id"] for row in accounts if row["handle"]}
        names = names_of_others(accounts, {asset_id for _, asset_id in clear})
        return cls(clear, handles, sites, keys, {name: whose for name, whose in names.items() if is_telling(name)})

    def text(self, platform: str, said: str | None) -> str | None:
        """A text with others hashed, and without what could reach anybody."""
        if said is None:
            return None
        # names once more in the end: what is taken out beside one uncovers it
        steps: list[Step] = [
            (LINK, lambda found: self._linked(platform, found.group())), (EMAIL, lambda _: "[e-mail address]"),
            (MENTION, lambda found: self._mention(platform, found)), *self._others, (IPV4, _without_ipv4),
            (IPV6, _without_ipv6), (DATES, lambda found: found.group()), (NUMBER, _without_number), *self._others,
        ]  # fmt: skip
        return _scrubbed(UNSEEN.sub("", said), steps)

    def link(self, url: str | None, platform: str = "") -> str | None:
        """A page of the operation's own sites without what is asked of it, of another site its name alone; None of neither."""
        if not url:
            return None
        url = folded(UNSEEN.sub("", url))
        canonical = canonical_url(url if "://" in url else f"https://{url}")
        site = registered_domain(canonical) if canonical else None
        if canonical is None or site is None or re.fullmatch(r"[0-9.]+", site):
            return None
        if site not in self.sites:
            return _scrubbed(site, self._others)
        host, slash, path = re.split(r"[?#]", SCHEME.sub("", canonical))[0].partition("/")
        # a list of links is parted by ", "
        said = (self.text(platform, unquote(path)) or "").replace(", ", ",%20")
        return f"{_scrubbed(host, self._others)}{slash}{said}"

    def _linked(self, platform: str, url: str) -> str:
        shown = self.link(url, platform)
        return shown if shown and "/" in shown else f"[link to {shown}]" if shown else "[link]"

    def _mention(self, platform: str, found: re.Match[str]) -> str:
        """A mention; where letters of another script follow a handle that is known, they are no part of it."""
        run = found.group(1)
        # who is named with a server is nobody of the same name here
        latin = re.match(r"[A-Za-z0-9_.-]+", run) if "@" not in run else None
        tried = [one for full in (run, latin.group() if latin else run) for one in (full, full.rstrip("_.-"))]
        handle = next((one for one in tried if (platform, one.casefold()) in self.handles), run)
        whose, rest = self.handles.get((platform, handle.casefold())), self.text(platform, run[len(handle) :])
        if whose is not None and (platform, whose) in self.members:
            return f"@{handle}{rest}"
        hashed = self.keys.hashed("mention", platform, whose if whose is not None else f"@{handle.casefold()}")
        return f"@{hashed}{rest}"

    @property
    def _others(self) -> list[Step]:
        """What names others without an `@`, the longest parts first."""
        return [(part, self._other) for part in NAME_PARTS] if self.names else []

    def _other(self, found: re.Match[str]) -> str | None:
        whose = self.names.get(found.group().casefold())
        return self.keys.hashed("mention", *whose) if whose else None


def _scrubbed(said: str, steps: Sequence[Step], plain: str | None = None) -> str:
    """A text in which each step has put something else for what it finds; no later step reads that again.

    Args:
        said: as it was written. steps: in their order. plain: the text folded, where that is known.

    """
    if not steps or not said:
        return said
    plain = folded(said) if plain is None else plain
    (pattern, shown), *later = steps
    done, at = [], 0
    for found in pattern.finditer(plain):
        if (instead := shown(found)) is not None:
            done += [_scrubbed(said[at : found.start()], later, plain[at : found.start()]), instead]
            at = found.end()
    return "".join([*done, _scrubbed(said[at:], later, plain[at:])])


def _without_ipv6(found: re.Match[str]) -> str | None:
    run = found.group()
    for kept in (len(run), len(run.rstrip(":"))):
        if any(map(str.isalnum, run)) and _is_ipv6(run[:kept]):
            return "[IP address]" + run[kept:]
    return None


def _is_ipv6(said: str) -> bool:
    try:
        IPv6Address(said)
    except ValueError:
        return False
    return True


def _without_ipv4(found: re.Match[str]) -> str | None:
    return "[IP address]" if all(int(part) < 256 for part in found.group().split(".")) else None


def _without_number(found: re.Match[str]) -> str | None:
    run = found.group()
    least = LEAST_DIGITS_PLUS if "+" in run else LEAST_DIGITS
    if sum(map(str.isdigit, run)) < least or NO_NUMBER.fullmatch(run):
        return None
    return "[number]"
