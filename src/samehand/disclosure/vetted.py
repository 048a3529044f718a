"""The vetted tier: what somebody who is named gets under an agreement, and what even they do not.

They get the operation as it was: ids of its accounts and posts, texts, and times to the second. Whoever is no part of it stays
hashed under the keys of this release, in texts too; addresses, telephone numbers and links to others are taken out of texts.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping, Set
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Final

from samehand.casework import SigningKey
from samehand.disclosure.pseudonyms import ReleaseKeys
from samehand.errors import UsageError
from samehand.traces import canonical_url, registered_domain

__all__ = ["HANDLING", "Plain", "Tier", "Vetted", "handling_of", "new_mark"]

HANDLING: Final = "NOT-TO-BE-PUBLISHED.txt"
LONGEST: Final = 200
LINK: Final = re.compile(
    r"(?:https?://|www\.)\S+|(?<![\w@./-])[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,}/\S*", re.IGNORECASE
)
EMAIL: Final = re.compile(r"(?<![\w.+@-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
MENTION: Final = re.compile(r"(?<![\w@])[@＠](\w(?:[\w.-]*\w)?(?:@[\w-]+(?:\.[\w-]+)+)?)")
NUMBER: Final = re.compile(r"(?:\+|\()?\d[\d ()./-]{6,}\d")
ADDRESS: Final = re.compile(r"[0-9A-Fa-f.:]{3,45}")
LEAST_DIGITS: Final = 9


@dataclass(frozen=True)
class Vetted:
    """For whom a release is that is not public.

    Attributes:
        recipient: by name; an agreement with them is there. second: whose key signs it beside its maker's.

    """

    recipient: str
    second: SigningKey

    def __post_init__(self) -> None:
        if not self.recipient.strip() or not self.recipient.isprintable() or len(self.recipient) > LONGEST:
            raise UsageError(f"a recipient is a name in one line, of {LONGEST} letters at most")


@dataclass(frozen=True)
class Tier:
    """What a release says of its tier: public, or vetted with its recipient and its mark."""

    recipient: str | None = None
    mark: str | None = None

    @property
    def name(self) -> str:
        """`public` or `vetted`."""
        return "public" if self.recipient is None else "vetted"


def new_mark() -> str:
    """What tells one copy from another: 16 letters that are in no other release."""
    return secrets.token_hex(8)


def handling_of(tier: Tier) -> str | None:
    """How whoever has it keeps it; None of a public release."""
    if tier.recipient is None:
        return None
    return (
        f"Given to {tier.recipient} under an agreement, and to nobody else. Not to be published or passed on. "
        f"Mark {tier.mark}: it is in no other copy. Rows that are taken back later are removed when the correction comes."
    )


@dataclass(frozen=True)
class Plain:
    """How texts and links of an operation are shown in the vetted tier.

    Attributes:
        members: platform and id of its accounts. handles: by platform and handle without case, whose it is. sites: of its own.
        keys: of this release.

    """

    members: Set[tuple[str, str]]
    handles: Mapping[tuple[str, str], str]
    sites: Set[str]
    keys: ReleaseKeys

    def text(self, platform: str, said: str | None) -> str | None:
        """A text with others hashed, and without what could reach anybody."""
        if said is None:
            return None
        done, at = [], 0
        for link in LINK.finditer(said):
            done += [self._words(platform, said[at : link.start()]), self._named(link.group())]
            at = link.end()
        return "".join([*done, self._words(platform, said[at:])])

    def link(self, url: str) -> str | None:
        """A page of the operation's own sites without what is asked of it, of another site its name alone; None of neither."""
        canonical = canonical_url(url if "://" in url else f"https://{url}")
        site = registered_domain(canonical) if canonical else None
        if canonical is None or site is None or _is_ip(site):
            return None
        return re.split(r"[?#]", canonical)[0] if site in self.sites else site

    def _named(self, url: str) -> str:
        shown = self.link(url)
        return shown if shown and shown.partition("/")[0] != shown else f"[link to {shown}]" if shown else "[link]"

    def _words(self, platform: str, said: str) -> str:
        said = EMAIL.sub("[e-mail address]", said)
        said = MENTION.sub(lambda found: self._mention(platform, found), said)
        said = ADDRESS.sub(lambda found: "[IP address]" if _is_ip(found.group()) else found.group(), said)
        return NUMBER.sub(
            lambda found: "[number]" if sum(map(str.isdigit, found.group())) >= LEAST_DIGITS else found.group(), said
        )

    def _mention(self, platform: str, found: re.Match[str]) -> str:
        handle = found.group(1).casefold()
        whose = self.handles.get((platform, handle))
        if whose is not None and (platform, whose) in self.members:
            return found.group()
        return "@" + self.keys.hashed("mention", platform, whose if whose is not None else f"@{handle}")


def _is_ip(said: str) -> bool:
    try:
        ip_address(said.strip(".") if ":" not in said else said)
    except ValueError:
        return False
    return any(letter.isalnum() for letter in said)
