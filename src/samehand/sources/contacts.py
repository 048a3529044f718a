"""Addresses and telephone numbers as what a dataset may hold of them: never the address, never the whole number."""

from __future__ import annotations

from itertools import groupby

import phonenumbers

__all__ = ["email_shape", "phone_shape"]

_HIDDEN_DIGITS = 4


def email_shape(address: str) -> tuple[str | None, str | None]:
    """The domain of an e-mail address, and the shape of what stands before the @.

    Runs of letters are `L` and of digits `D` with their length, all else stays: `anna.lee84@x.org` is `x.org`, `L4.L3D2`.
    Both are null where it is no address.
    """
    local, _, domain = address.strip().rpartition("@")
    if not local or not domain:
        return None, None
    runs = [(kind, len(list(run))) for kind, run in groupby(local, _kind)]
    return domain.lower(), "".join(f"{kind}{length}" if kind in ("L", "D") else kind * length for kind, length in runs)


def _kind(character: str) -> str:
    if character.isdigit():
        return "D"
    # an unusual character could be what makes an address one person's
    return "L" if character.isalpha() else character if character.isascii() else "?"


def phone_shape(number: str) -> tuple[str | None, str | None]:
    """A number in international form less its last four digits, and its country (ISO 3166, two letters).

    `+4915112345678` is `+491511234`, `DE`. Both are null where it is no number; the country, where nobody knows it.
    """
    try:
        parsed = phonenumbers.parse(f"+{number.strip().removeprefix('+')}")
    except phonenumbers.NumberParseException:
        return None, None
    digits = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    region = phonenumbers.region_code_for_number(parsed)
    return digits[:-_HIDDEN_DIGITS], region if region and region != "001" else None
