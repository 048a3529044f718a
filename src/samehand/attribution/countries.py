"""Countries by their codes of ISO 3166-1, as a sentence names them, and as accounts write where they are.

`countries.tsv` is the list of the time zone database (iso3166.tab, in the public domain), with four names written out.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Final

from samehand.errors import FormatError

__all__ = ["country_in_words", "country_named"]

WITH_ARTICLE: Final = frozenset(
    {"AE", "BS", "CF", "CZ", "DO", "FO", "GB", "GM", "KM", "KY", "MH", "MV", "NL", "PH", "SB", "TC", "US", "VG", "VI"}
)
ALSO: Final[Mapping[str, str]] = {
    "usa": "US", "u.s.a.": "US", "united states of america": "US", "uk": "GB", "great britain": "GB", "england": "GB",
    "scotland": "GB", "wales": "GB", "russian federation": "RU", "people's republic of china": "CN", "prc": "CN",
    "republic of korea": "KR", "deutschland": "DE", "türkiye": "TR", "czechia": "CZ", "the netherlands": "NL",
}  # fmt: skip


@cache
def _names() -> Mapping[str, str]:
    text = (files("samehand.attribution") / "countries.tsv").read_text("utf-8")
    return {row["code"]: row["name"] for row in csv.DictReader(text.splitlines(), delimiter="\t")}


@cache
def _codes() -> Mapping[str, str]:
    return {**{name.casefold(): code for code, name in _names().items()}, **ALSO}


def country_in_words(code: str) -> str:
    """A country as a sentence names it; "" for none.

    Raises:
        FormatError: no country has that code.

    """
    if not code:
        return ""
    if code not in _names():
        raise FormatError(f"'{code}' is no country's code; it is two capital letters of ISO 3166-1, as DE")
    return f"the {_names()[code]}" if code in WITH_ARTICLE else _names()[code]


def country_named(text: str) -> str:
    """The code of the country that a place ends with (`Berlin, Germany`), where it is written out; "" otherwise.

    Two letters are no country here: CA is California as well as Canada.
    """
    return _codes().get(text.rsplit(",", 1)[-1].strip().casefold(), "")
