"""What a sign-up shows: each fact with its family, how it is read off a row, and whom it hits by mistake.

A fact is compared for being the same, never read for what it says: the value goes through a keyed hash before anything
counts it. What is missing is no fact.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

__all__ = ["FACTS", "FAMILIES", "Fact", "Family", "address_levels", "handle_form", "handle_shape", "handle_stem"]

Family = Literal["network", "device", "client", "contact", "name", "picture", "pace", "place", "channel", "hour"]
FAMILIES: Final[tuple[Family, ...]] = (
    "network", "device", "client", "contact", "name", "picture", "pace", "place", "channel", "hour",
)  # fmt: skip
"""Families are counted as independent of one another: facts of one say one thing."""

Read = Callable[..., str | None]
LEAST_STEM = 4
_MAPPED = bytes(10) + b"\xff\xff"
_V4 = re.compile(r"(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\Z", re.ASCII)
_RUN = re.compile(r"[a-z]+|[A-Z]+|[0-9]+|[^\W\d_a-zA-Z]+|.", re.DOTALL)
_WORD = re.compile(r"[^\W\d_]+")


def address_levels(ip: str | None) -> tuple[str | None, str | None]:
    """A full address and its network: /24 of version 4, /64 of version 6; only the address where it is malformed."""
    if not ip:
        return None, None
    if (four := _V4.match(ip)) and all(len(part) == 1 or part[0] != "0" for part in four.groups()):
        return (ip, ip[: ip.rindex(".")]) if all(int(part) < 256 for part in four.groups()) else (ip, None)
    try:
        packed = socket.inet_pton(socket.AF_INET6, ip)
    except (OSError, ValueError):
        return ip, None
    if packed[:12] == _MAPPED:
        return address_levels(socket.inet_ntoa(packed[12:]))
    return packed.hex(), packed[:8].hex()


def _kind(run: str) -> str:
    first = run[0]
    if first.isdecimal():
        return "D"
    if "a" <= first <= "z":
        return "L"
    if "A" <= first <= "Z":
        return "U"
    return "X" if first.isalpha() else first


def handle_shape(name: str | None) -> str | None:
    """Runs of small letters, capitals, digits and other letters with their lengths: `Anna_84` is `U1L3_D2`."""
    if not name:
        return None
    return "".join(kind + str(len(run)) if (kind := _kind(run)) in "DLUX" else kind for run in _RUN.findall(name))


def handle_form(name: str | None) -> str | None:
    """The same without the lengths of words, but with those of numbers: `Anna_84` is `UL_D2`."""
    if not name:
        return None
    return "".join(f"D{len(run)}" if (kind := _kind(run)) == "D" else kind for run in _RUN.findall(name))


def handle_stem(name: str | None) -> str | None:
    """The first word of a handle in small letters, where it has four letters or more."""
    word = _WORD.search(name or "")
    return word.group().lower() if word and len(word.group()) >= LEAST_STEM else None


def _joined(*parts: str | None) -> str | None:
    return "\x1f".join(part or "" for part in parts) if all(parts) else None


def _abroad(country: str | None, phone_country: str | None) -> str | None:
    """A telephone of the country itself is no fact: it says only that somebody gave a number."""
    return _joined(country, phone_country) if country != phone_country else None


def _versions(os_version: str | None, app_version: str | None) -> str | None:
    return "\x1f".join((os_version or "", app_version or "")) if os_version or app_version else None


def _same(value: str | None) -> str | None:
    return value or None


def _picture(value: str | None) -> str | None:
    return value or None


def _pace(flow_ms: int | None) -> str | None:
    """Half octaves of the time that the forms took."""
    return str((max(1, int(flow_ms)) ** 2).bit_length()) if flow_ms is not None else None


def _hour(hour: int | None) -> str | None:
    """The hour of the day, UTC: what is usual then is known country by country."""
    return str(hour) if hour is not None else None


@dataclass(frozen=True)
class Fact:
    """One thing that sign-ups may share.

    Attributes:
        name: short, as in reasons and in the policy file.
        family: facts of one family are one piece of evidence.
        columns: of the `signups` table.
        read: columns' values -> the value compared; None where there is nothing to compare.
        sees: what it shows, as a reviewer reads it.
        wrongs: the genuine people whom it hits.

    """

    name: str
    family: Family
    columns: tuple[str, ...]
    read: Read
    sees: str
    wrongs: str


FACTS: Final[tuple[Fact, ...]] = (
    Fact("address", "network", ("ip",), lambda ip: address_levels(ip)[0], "signed up from the same address",
         "a household, a school, an office, a mobile network whose thousands of customers share one address"),
    Fact("network", "network", ("ip",), lambda ip: address_levels(ip)[1], "signed up from the same network (/24, /64)",
         "the same, and everybody behind one VPN exit"),
    Fact("asn", "network", ("asn",), _same, "came through the same provider", "the customers of a country's one provider"),
    Fact("client", "client", ("user_agent",), _same, "used the same program and version",
         "owners of one popular telephone; an office or a school that bought one make"),
    Fact("versions", "client", ("os_version", "app_version"), _versions, "had the same versions of system and app",
         "people with old telephones, who cannot update; everybody in the days after a release"),
    Fact("device", "device", ("device_id",), _same, "signed up on the same device",
         "a family's tablet, a cybercafe, a telephone sold on"),
    Fact("domain", "contact", ("email_domain",), _same, "have mail at the same domain",
         "an organisation, a school, a provider"),
    Fact("mail", "contact", ("email_pattern",), _same, "have mail addresses of the same shape",
         "an organisation that makes addresses by rule; people with names of like length"),
    Fact("phone", "contact", ("phone_prefix",), _same, "have telephone numbers of one block",
         "a family's contract, a company's telephones, cards sold to travellers or refugees"),
    Fact("shape", "name", ("username",), handle_shape, "have handles of exactly the same shape",
         "people who took the handle that the platform proposed"),
    Fact("form", "name", ("username",), handle_form, "have handles made in the same way", "the same, and people of one habit"),
    Fact("stem", "name", ("username",), handle_stem, "have handles that begin with the same word",
         "namesakes; a movement's members who put its word into their handle"),
    Fact("display", "name", ("display_name",), handle_form, "have names written in the same way", "most people of one country"),
    Fact("picture", "picture", ("avatar_hash",), _picture, "bear the same picture",
         "a movement's badge, a flag, a pop star, the platform's own proposals"),
    Fact("zone", "place", ("timezone",), _same, "have the same time zone set", "everybody who lives there"),
    Fact("fit", "place", ("country", "locale"), _joined, "have the same language set in the same country",
         "migrants, travellers, refugees, and everybody behind a VPN"),
    Fact("dial", "place", ("country", "phone_country"), _abroad, "have telephones of one country in another",
         "refugees with a card from abroad, travellers, people behind a VPN"),
    Fact("hour", "hour", ("at",), _hour, "signed up at an hour at which few of their country or language do",
         "people on night shifts, emigrants who keep the hours of home, everybody awake for one event"),
    Fact("channel", "channel", ("referrer",), _same, "came by the same link, code or store",
         "whoever heard the same talk, or was invited by the same friend"),
    Fact("pace", "pace", ("flow_ms",), _pace, "filled in the forms in the same time",
         "people with a password manager; a class that does it step by step together"),
)  # fmt: skip
"""Every fact, in the order in which rows are coded."""
