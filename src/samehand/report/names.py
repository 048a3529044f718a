"""What accounts are called on the page: handles and ids, or pseudonyms where it is redacted."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from samehand.report.evidence import Account
from samehand.report.wording import cleaned, shortened

__all__ = ["Names", "name_accounts"]

_LINK: Final = re.compile(r"(?i)\b(?:https?://|www\.)\S+|\b[\w.-]+\.[a-z]{2,}/\S*")
_LONG_NUMBER: Final = re.compile(r"\d{6,}")
_SITE: Final = re.compile(r"(?i)\b(?:[\w-]+\.)+[a-z][a-z-]+\b")
_AUTHOR: Final = re.compile(r"(?<=\baccount )\S*[\d_:]\S*")
_HANDLE: Final = re.compile(r"@\w+")
_MARKS: Final = (
    (_LINK, "[link]"),
    (_SITE, "[site]"),
    (_HANDLE, "[account]"),
    (_AUTHOR, "[account]"),
    (_LONG_NUMBER, "[id]"),
)
MOST_NAMES: Final = 20_000


@dataclass(frozen=True)
class Names:
    """Names for the accounts of a page.

    Attributes:
        redact: whether pseudonyms stand for accounts.
        pseudonyms: A1, A2 ... by account, in the order of the page.
        profiles: handle and display name by account, where the dataset has them.

    """

    redact: bool
    pseudonyms: Mapping[Account, str]
    profiles: Mapping[Account, Mapping[str, Any]] = field(default_factory=dict)
    _known: re.Pattern[str] | None = None
    _spoken: Mapping[str, str] = field(default_factory=dict)

    def label(self, account: Account) -> str:
        """The name that stands in tables: pseudonym, handle, or id."""
        if self.redact:
            return self.pseudonyms.get(account, "another account")
        handle = self.profiles.get(account, {}).get("handle")
        return shortened(cleaned(f"@{handle}" if handle else account[1]), 60)

    def about(self, account: Account) -> str:
        """What the page says besides the label: display name and id; nothing when redacted."""
        if self.redact:
            return ""
        profile = self.profiles.get(account, {})
        identity = f"{account[0]}:{account[1]}"
        shown = profile.get("display_name")
        return shortened(cleaned(f"{shown} · {identity}" if shown else identity), 120)

    def scrub(self, text: str) -> str:
        """The text; when redacted, names, long numbers and links in it give way to pseudonyms and marks."""
        text = cleaned(text)
        if not self.redact:
            return text
        if self._known is not None:
            text = self._known.sub(lambda match: self._spoken[match.group()], text)
        for pattern, mark in _MARKS:
            text = pattern.sub(mark, text)
        return text


def name_accounts(
    accounts: Iterable[Account],
    profiles: Mapping[Account, Mapping[str, Any]],
    *,
    redact: bool,
    mentioned: Iterable[str] = (),
) -> Names:
    """Number the accounts in the order given, and keep what the dataset calls them.

    Args:
        accounts: those of the page.
        profiles: what the dataset knows of them.
        redact: whether pseudonyms stand for them.
        mentioned: ids and handles of others, which redacted texts must not say either.

    """
    pseudonyms: dict[Account, str] = {}
    for account in accounts:
        pseudonyms.setdefault(account, f"A{len(pseudonyms) + 1}")
    spoken: dict[str, str] = {}
    if redact:
        for account, pseudonym in list(pseudonyms.items())[:MOST_NAMES]:
            profile = profiles.get(account, {})
            handle, shown = profile.get("handle"), profile.get("display_name")
            for said in (f"{account[0]}:{account[1]}", account[1], handle and f"@{handle}", handle, shown):
                if said and len(said) > 2:
                    spoken.setdefault(said, pseudonym)
        for said in mentioned:
            spoken.setdefault(said, "[account]")
    longest_first = sorted(spoken, key=lambda said: (-len(said), said))
    known = re.compile("|".join(rf"(?<!\w){re.escape(said)}(?!\w)" for said in longest_first)) if spoken else None
    return Names(redact, pseudonyms, profiles, known, spoken)
