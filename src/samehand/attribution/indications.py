"""What a dataset says of who is behind some of its accounts, as evidence: hours, networks, languages, infrastructure.

Accounts are written `platform:asset_id`. Nothing found is an answer, and no evidence; where a dataset cannot tell at all, that
is an error which says what it lacks.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Final

from samehand.attribution.datasets import genuine_of, infrastructure_of, logins_of, stated_of, times_of
from samehand.attribution.evidence import EvidenceItem
from samehand.attribution.hours import hours_evidence
from samehand.attribution.languages import language_evidence
from samehand.attribution.networks import network_evidence, overlap_evidence
from samehand.errors import InputError
from samehand.records import Dataset

__all__ = ["hours_found", "languages_found", "networks_found", "overlap_found"]

LEAST_OTHERS: Final = 100
"""So many accounts outside the case have to be in a dataset that says what is rare."""


def hours_found(dataset: Dataset, accounts: Collection[str], source: str, *, seed: int = 0) -> list[EvidenceItem]:
    """Whose working hours and holidays accounts keep (`hours_evidence`).

    Raises:
        InputError: the dataset has no posts of theirs.

    """
    times = times_of(dataset, accounts)
    if not times:
        raise InputError(
            f"{dataset.path} has no posts of these accounts, so it tells no hours; name a dataset that has"
        )
    return hours_evidence(times, source, seed=seed)


def networks_found(
    dataset: Dataset, accounts: Collection[str], source: str, blocked: Mapping[str, str] | None = None
) -> list[EvidenceItem]:
    """From which networks accounts log in beyond genuine accounts that have one of their interfaces (`network_evidence`).

    Raises:
        InputError: the dataset has no log-ins with a country of theirs, or of genuine accounts of their interfaces.

    """
    logins, stated = logins_of(dataset), stated_of(dataset)
    theirs = {name: logins[name] for name in accounts if name in logins}
    if not theirs:
        raise InputError(f"{dataset.path} has no log-ins with a country of these accounts")
    interfaces = {stated[name].interface for name in theirs if name in stated} - {""}
    alike = [name for name in genuine_of(dataset, accounts) if name in logins and stated[name].interface in interfaces]
    if not alike:
        raise InputError(
            f"{dataset.path} has no log-ins of genuine accounts with the interface {', '.join(sorted(interfaces)) or 'unknown'}"
            ": there is nothing to hold these accounts against"
        )
    return network_evidence(theirs, {name: logins[name] for name in alike}, source, blocked)


def languages_found(dataset: Dataset, accounts: Collection[str], source: str) -> list[EvidenceItem]:
    """Which interfaces do not fit the places that accounts name, beyond genuine accounts that name them (`language_evidence`).

    Raises:
        InputError: none of them names a country and has an interface.

    """
    stated, genuine = stated_of(dataset), genuine_of(dataset, accounts)
    theirs = {name: stated[name] for name in accounts if name in stated}
    if not any(one.place and one.interface for one in theirs.values()):
        raise InputError(
            f"{dataset.path} tells of none of these accounts both a country (`location` of assets, written out) and an "
            "interface (`locale` of signups, or `language` of assets)"
        )
    return language_evidence(theirs, {name: stated[name] for name in genuine if name in stated}, source)


def overlap_found(
    dataset: Dataset,
    accounts: Collection[str],
    disclosed: Iterable[str],
    *,
    source: str,
    country: str,
    entity: str = "",
) -> list[EvidenceItem]:
    """Which hosts, addresses and devices of accounts an earlier disclosure names, but for those many others use.

    Args:
        dataset, accounts: whose. disclosed: values of the earlier disclosure. source, country, entity: as `overlap_evidence`.

    Raises:
        InputError: the dataset tells no infrastructure of theirs, or has too few other accounts to say what is rare.

    """
    used = infrastructure_of(dataset)
    theirs = {value for value, names in used.items() if names & set(accounts)}
    if not theirs:
        raise InputError(f"{dataset.path} tells no links, addresses or devices of these accounts")
    if (outside := len(genuine_of(dataset, accounts))) < LEAST_OTHERS:
        raise InputError(
            f"{dataset.path} has {outside:,} accounts outside the case, and {LEAST_OTHERS} at least have to show what is rare"
        )
    others = {value: len(used[value] - set(accounts)) for value in theirs}
    named = {one.strip().casefold().removeprefix("www.") for one in disclosed} - {""}
    return overlap_evidence(theirs, named, others, source=source, country=country, entity=entity)
