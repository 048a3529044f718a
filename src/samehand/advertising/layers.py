"""Lists that others made, read as layers of their own: what each row states, and whence; never mixed into the curated files.

A layer's row is one source. So it alone blocks nobody, and beside a curated entity with another source it may.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Final

from samehand.advertising.countries import country_code
from samehand.advertising.facts import (
    Answer,
    Assessment,
    Asset,
    Citation,
    Entity,
    Name,
    Question,
    Span,
    Value,
)
from samehand.advertising.followthemoney_lists import read_followthemoney
from samehand.advertising.lists import Layer, distinct, slug, web_host
from samehand.errors import FormatError, NotFoundError, UsageError

__all__ = ["LAYERS", "read_hamilton", "read_layer", "read_matrix"]

MATRIX_DAY: Final = date(2024, 2, 1)
HAMILTON_DAY: Final = date(2024, 1, 1)
ANSWERS: Final[Mapping[str, tuple[Value, Value, Value]]] = {
    "SC": ("yes", "yes", "yes"), "CaPu": ("no", "yes", "yes"), "CaPr": ("unclear", "no", "yes"), "ISFM": ("yes", "yes", "no"),
    "ISF": ("yes", "no", "no"), "ISM": ("no", "yes", "no"), "IP": ("no", "no", "no"),
}  # fmt: skip
"""What a code says of the three questions; a captured private outlet may live on the state's money or not."""
MATRIX_COLUMNS: Final = ("Country", "Media company", "Main assets", "URL", "Typology")
HAMILTON_COLUMNS: Final = ("Category", "Account Type", "Name", "Position, Notes, or Reason for Inclusion", "Twitter ID")
HANDLES: Final = {
    "Twitter ID": "twitter", "Facebook ID": "facebook", "YouTube ID": "youtube", "Instagram ID": "instagram",
    "TikTok": "tiktok", "Telegram ID": "telegram", "Threads": "threads",
}  # fmt: skip


def _rows(path: Path, needed: tuple[str, ...]) -> Iterator[tuple[int, dict[str, str]]]:
    if not path.is_file():
        raise NotFoundError(f"{path}: there is no such file")
    try:
        with open(path, encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            columns = [(one or "").replace("\xa0", " ").strip() for one in reader.fieldnames or ()]
            reader.fieldnames = columns
            if missing := [one for one in needed if one not in columns]:
                raise FormatError(f"{path}: it has no column '{missing[0]}'; it needs {', '.join(needed)}")
            for row in reader:
                yield (
                    reader.line_num,
                    {key: (value or "").strip() for key, value in row.items() if isinstance(value, str)},
                )
    except UnicodeDecodeError as error:
        raise FormatError(f"{path} is no text in UTF-8") from error
    except csv.Error as error:
        raise FormatError(f"{path}: {error}; a quote that does not end swallows what follows") from error


def read_matrix(path: Path, recorded: date) -> Layer:
    """The State Media Matrix as a CSV: an outlet a country and company, its answers from the code that the row states.

    Args:
        path: with the columns Country, Media company, Main assets, URL and Typology. recorded: from when on we hold it.

    Raises:
        NotFoundError: there is no such file. FormatError: it is no such list.

    """
    held: dict[tuple[str, str], list[dict[str, str]]] = {}
    rejected: Counter[str] = Counter()
    read = 0
    for _, row in _rows(path, MATRIX_COLUMNS):
        read += 1
        code = row["Typology"].rstrip("?").strip()
        if code not in ANSWERS:
            rejected["it states no code"] += 1
        elif row["Typology"] != code:
            rejected["its code is marked as doubtful"] += 1
        elif country_code(row["Country"]) is None:
            rejected[f"'{row['Country'][:40]}' is no country that is known"] += 1
        else:
            held.setdefault((row["Country"], row["Media company"]), []).append(row)
    entities, merged = [], 0
    for (country, company), rows in held.items():
        merged += len(rows) - 1
        entities.append(_of_matrix(country, company, rows, recorded))
    return Layer("state-media-matrix", distinct(entities), read, len(held), merged, dict(rejected))


def _of_matrix(country: str, company: str, rows: list[dict[str, str]], recorded: date) -> Entity:
    code_of = country_code(country) or ""
    codes = {row["Typology"] for row in rows}
    said = ", ".join(sorted(codes))
    cited = Citation(
        "row", "state-media-matrix", f"State Media Matrix, {country}, {company}", "https://statemediamonitor.com", MATRIX_DAY,
        recorded, read=True, states=f"It states {said} for {company} of {country}.",
    )  # fmt: skip
    always, since = Span(None, None, recorded), Span(MATRIX_DAY, None, recorded)
    questions: tuple[Question, ...] = ("funding", "governance", "editorial")
    values = [{ANSWERS[code][k] for code in codes} for k in range(3)]
    answers = {
        question: Answer(next(iter(value)) if len(value) == 1 else "unclear", (cited,))
        for question, value in zip(questions, values, strict=True)
    }
    names = dict.fromkeys([company, *(row["Main assets"] for row in rows if 0 < len(row["Main assets"]) <= 80)])
    domains = dict.fromkeys(host for row in rows if (host := web_host(row["URL"])) is not None)
    return Entity(
        f"{code_of.lower()}-{slug(company)}", "outlet", code_of, "news",
        tuple(Name(always, name, "und", "official" if name == company else "alias") for name in names),
        assets=tuple(Asset(since, "domain", host, (cited,)) for host in domains),
        assessments=(Assessment(since, answers, {}, "medium", f"From the code {said} of the list.", "state-media-matrix"),),
        citations=(cited,), layer="state-media-matrix",
    )  # fmt: skip


def read_hamilton(path: Path, recorded: date) -> Layer:
    """The Hamilton list of accounts of states' media: an outlet a name, with its handles; those of officials are left out.

    It says whose media an account is, not who pays or steers it: governance is what it states. It does not tell a presenter's
    account from a paper's; what it holds stays on the machine that reads it.

    Args:
        path: with the columns Category, Account Type, Name, and handles. recorded: from when on we hold it.

    Raises:
        NotFoundError: there is no such file. FormatError: it is no such list.

    """
    rejected: Counter[str] = Counter()
    held: dict[tuple[str, str], list[dict[str, str]]] = {}
    read = 0
    for _, row in _rows(path, HAMILTON_COLUMNS):
        read += 1
        if row["Account Type"] != "Media":
            rejected["it is an account of a government or an official, not of media"] += 1
        elif country_code(row["Category"]) is None:
            rejected[f"'{row['Category'][:40]}' is no country that is known"] += 1
        elif not row["Name"]:
            rejected["it names nobody"] += 1
        else:
            held.setdefault((row["Category"], row["Name"]), []).append(row)
    entities = [_of_hamilton(country, name, rows, recorded) for (country, name), rows in held.items()]
    kept = len(held)
    return Layer(
        "hamilton-2024", distinct(entities), read, kept, sum(map(len, held.values())) - kept, dict(rejected)
    )  # fmt: skip


def _of_hamilton(country: str, name: str, rows: list[dict[str, str]], recorded: date) -> Entity:
    code_of = country_code(country) or ""
    cited = Citation(
        "row", "hamilton-2024", f"Hamilton list of accounts 2024, {country}, {name}",
        "https://github.com/ASD-at-GMF/state-media-profiles", HAMILTON_DAY, recorded, read=True,
        states=f"It counts {name} among the state media of {country}.",
    )  # fmt: skip
    always, since = Span(None, None, recorded), Span(HAMILTON_DAY, None, recorded)
    handles = dict.fromkeys(
        (platform, value.removeprefix("@").lower())
        for row in rows for column, platform in HANDLES.items() if (value := row.get(column, "")) and " " not in value
    )  # fmt: skip
    answers: dict[Question, Answer] = {
        "funding": Answer("unclear"), "governance": Answer("yes", (cited,)), "editorial": Answer("unclear")
    }  # fmt: skip
    return Entity(
        f"{code_of.lower()}-{slug(name)}", "outlet", code_of, "mixed", (Name(always, name, "und"),),
        assets=tuple(Asset(since, platform, value, (cited,)) for platform, value in handles),
        assessments=(Assessment(since, answers, {}, "low", "The list says whose it is.", "hamilton-2024"),),
        citations=(cited,), layer="hamilton-2024",
    )  # fmt: skip


LAYERS: Final[Mapping[str, Callable[[Path, date], Layer]]] = {
    "matrix": read_matrix, "hamilton": read_hamilton, "ftm": read_followthemoney
}  # fmt: skip
"""Lists that can be read, by what a command calls them."""


def read_layer(name: str, path: Path, recorded: date) -> Layer:
    """A list by its name.

    Raises:
        UsageError: no list is called so. NotFoundError, FormatError: as its reader does.

    """
    if name not in LAYERS:
        raise UsageError(f"no list is called '{name}'; write one as {' or '.join(f'{one}:FILE' for one in LAYERS)}")
    return LAYERS[name](path, recorded)
