"""The attributes that assets may share, each a declaration: what it is, which family of evidence, and of what grade."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

__all__ = ["ATTRIBUTES", "FAMILIES", "SEED_KINDS", "STAFF_ROLES", "Attribute"]

Grade = Literal["operator", "behaviour"]


@dataclass(frozen=True)
class Attribute:
    """A kind of thing that two assets can have in common.

    Attributes:
        name: in tables and on the command line.
        title: what those who share it did, for people.
        family: attributes of one family may be one fact seen twice: the best of them counts, others by half.
        grade: `operator` is what only those who work an asset leave (who runs it, from where, on what); `behaviour` is
            what an asset does, which others may do with it. Behaviour alone never makes a member.
        table: where its rows are.

    """

    name: str
    title: str
    family: str
    grade: Grade
    table: str


ATTRIBUTES: Final = (
    Attribute("device", "logged in on the device", "infrastructure", "operator", "logins"),
    Attribute("ip", "logged in from the address", "infrastructure", "operator", "logins"),
    Attribute("asn", "logged in from the network", "infrastructure", "operator", "logins"),
    Attribute("admin", "is tied by administration:", "administration", "operator", "relations"),
    Attribute("media_hash", "posted the image", "media", "behaviour", "posts"),
    Attribute("text", "posted the", "texts", "behaviour", "posts"),
    Attribute("url", "posted the link", "links", "behaviour", "posts"),
    Attribute("domain", "linked to the site", "links", "behaviour", "posts"),
    Attribute("moment", "posted the same as others in the", "co-activity", "behaviour", "posts"),
)
"""Followers and members are an audience, and hashtags are everybody's: neither is here."""

FAMILIES: Final = tuple(dict.fromkeys(one.family for one in ATTRIBUTES))
SEED_KINDS: Final = ("asset", "url", "domain", "ip", "device", "media_hash", "text")
STAFF_ROLES: Final = ("admin", "moderator")

BY_NAME: Final[Mapping[str, int]] = {one.name: number for number, one in enumerate(ATTRIBUTES)}
