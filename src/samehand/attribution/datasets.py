"""What the helpers ask of a dataset: times, log-ins, interfaces, stated places and infrastructure, by account.

Accounts are written `platform:asset_id`. Whoever is in the case, or labelled as operation or spam, is no genuine account.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import numpy.typing as npt

from samehand.attribution.countries import country_named
from samehand.attribution.languages import Stated, interface_of
from samehand.records import Dataset

__all__ = ["genuine_of", "infrastructure_of", "logins_of", "stated_of", "times_of"]

I64 = npt.NDArray[np.int64]


def _rows(dataset: Dataset, table: str, *columns: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for batch in dataset.batches(table, ["platform", "asset_id", *columns]):
        for row in batch.to_pylist():
            yield f"{row['platform']}:{row['asset_id']}", row


def _micros(at: datetime) -> int:
    return int(np.datetime64(at.replace(tzinfo=None), "us").astype(np.int64))


def times_of(dataset: Dataset, accounts: Collection[str]) -> dict[str, I64]:
    """When accounts posted, in microseconds UTC, in order; those that never did are left out."""
    found: dict[str, list[int]] = {}
    for name, row in _rows(dataset, "posts", "posted_at"):
        if name in accounts:
            found.setdefault(name, []).append(_micros(row["posted_at"]))
    return {name: np.sort(np.array(times, np.int64)) for name, times in sorted(found.items())}


def genuine_of(dataset: Dataset, accounts: Collection[str]) -> set[str]:
    """The accounts of a dataset that are not of the case, and that nobody labelled as operation or spam."""
    bad = {name for name, row in _rows(dataset, "labels", "label") if row["label"] != "genuine"}
    return {name for name, _ in _rows(dataset, "assets")} - bad - set(accounts)


def logins_of(dataset: Dataset) -> dict[str, set[tuple[str, str]]]:
    """From which country and kind of network each account logged in or signed up."""
    found: dict[str, set[tuple[str, str]]] = {}
    for table in ("logins", "signups"):
        for name, row in _rows(dataset, table, "country", "net_type"):
            if row["country"]:
                found.setdefault(name, set()).add((row["country"], row["net_type"] or ""))
    return found


def stated_of(dataset: Dataset) -> dict[str, Stated]:
    """Where each account says that it is, and its interface: that of its sign-up, else the language of its account."""
    locales = {name: row["locale"] for name, row in _rows(dataset, "signups", "locale") if row["locale"]}
    found = {
        name: Stated(country_named(row["location"] or ""), interface_of(locales.get(name) or row["language"]))
        for name, row in _rows(dataset, "assets", "location", "language")
    }
    return {**{name: Stated("", interface_of(tag)) for name, tag in locales.items()}, **found}


def infrastructure_of(dataset: Dataset) -> Mapping[str, set[str]]:
    """By host, address or device the accounts that linked to it, or logged in from it."""
    found: dict[str, set[str]] = {}
    for name, value in _used(dataset):
        if value:
            found.setdefault(value.casefold(), set()).add(name)
    return found


def _used(dataset: Dataset) -> Iterable[tuple[str, str]]:
    for name, row in _rows(dataset, "posts", "urls"):
        yield from ((name, _host(url)) for url in row["urls"] or ())
    for table in ("logins", "signups"):
        for name, row in _rows(dataset, table, "ip", "device_id"):
            yield name, row["ip"] or ""
            yield name, row["device_id"] or ""


def _host(url: str) -> str:
    try:
        host = urlsplit(url if "//" in url else f"//{url}").hostname or ""
    except ValueError:
        return ""
    return host.removeprefix("www.")
