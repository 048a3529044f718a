"""What a release is before it has words: its tables and its STIX bundle, attacked; a function of data alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import pyarrow as pa

from samehand.casework import Authorised, Finding
from samehand.disclosure.archive import Archive, archive_of
from samehand.disclosure.attack import MOST_FOUND, Attack, attack, refuse_if_found
from samehand.disclosure.indicators import kill_chain_of, own_sites, stix_of
from samehand.disclosure.preactivity import PreActivity, Span, preactivity_of
from samehand.disclosure.pseudonyms import ReleaseKeys
from samehand.errors import InputError, UsageError
from samehand.records import Dataset

__all__ = ["Disclosed", "Draft", "draft_release"]

SPANS: Final[tuple[Span, ...]] = ("day", "month", "none")
Account = tuple[str, str]


@dataclass(frozen=True)
class Disclosed:
    """What a release is about.

    Attributes:
        done: decisions that were carried out. findings: of their case. families: what tied each of its accounts.

    """

    done: Sequence[Authorised]
    findings: Sequence[Finding]
    families: Mapping[Account, str]

    @property
    def networks(self) -> dict[Account, str]:
        """By platform and id of each account that is disclosed the decision that it was in; whoever was cleared is not there.

        Raises:
            UsageError: there is none.

        """
        found = {
            (member.platform, member.asset_id): str(one.decision.decision_id)
            for one in self.done for member in one.members if member.asset_id is not None and not member.cleared
        }  # fmt: skip
        if not found:
            raise UsageError("nothing was carried out in this case that stands; there is nothing to disclose")
        return found

    def signups(self, dataset: Dataset, k: int, span: Span) -> PreActivity:
        """Sign-ups of all accounts that were acted on, as counts; of who was cleared, too."""
        members = {
            (one.platform, one.asset_id): one for each in self.done for one in each.members if one.asset_id is not None
        }
        posts = dataset.table("posts", ["platform", "asset_id"])
        return preactivity_of(
            dataset.batches("signups", ["platform", "asset_id", "at", "referrer"]),
            {account: self.families.get(account, "") for account in members},
            posted=set(zip(posts["platform"].to_pylist(), posts["asset_id"].to_pylist(), strict=True)) & set(members),
            given_back={account for account, one in members.items() if one.cleared}, k=k, span=span,
        )  # fmt: skip


@dataclass(frozen=True)
class Draft:
    """Tables and bundle of a release.

    Attributes:
        archive, signups: what there is, and what is left out. tables: all that go out, by name. bundle: of STIX.
        as_shown: by platform and id of each account as whom it stands there. in_clear: how many of them under their own ids.
        tried: how the attack on it went.

    """

    archive: Archive
    signups: PreActivity
    tables: Mapping[str, pa.Table]
    bundle: Mapping[str, Any]
    as_shown: Mapping[Account, str]
    in_clear: int
    tried: Attack


def draft_release(
    about: Disclosed, dataset: Dataset, keys: ReleaseKeys, *, release_id: str, organisation: str, at: datetime, k: int,
    many: int, vetted: bool,
) -> Draft:  # fmt: skip
    """Draw up a release, and attack it.

    Args:
        about: what it is about. dataset: with the accounts and posts. keys, release_id, organisation, at: of the release.
        k: so many accounts are alike, or behind a count. many: followers from which on an account is shown as it was.
        vetted: whether all of them are, with their texts. Then it is attacked all the same, and refused only where the id of
            somebody else stands in it.

    Raises:
        UsageError: there is nothing to disclose. InputError: somebody would be found again, or is not in the dataset.

    """
    networks, assets = about.networks, dataset.table("assets")
    known = set(zip(assets["platform"].to_pylist(), assets["asset_id"].to_pylist(), strict=True))
    if away := len(networks.keys() - known):
        raise InputError(
            f"{away:,} of the {len(networks):,} accounts that were acted on are not in {dataset.path}, so nobody can say "
            "whether they would be found again; give the dataset of the case"
        )
    posts = dataset.table("posts")
    sites = own_sites(posts.to_pylist(), set(networks), k)
    archive = archive_of(assets, posts, networks, keys, k=k, many=many, sites=set(sites), vetted=vetted)
    as_shown, small = _as_shown(archive, assets, networks, keys, many)
    in_clear = {one: shown for one, shown in as_shown.items() if shown == one[1]}
    bundle = stix_of(
        about.done, about.findings, in_clear, organisation=organisation, release_id=release_id, at=at,
        tlp="amber" if vetted else "clear",
    )  # fmt: skip
    chain = kill_chain_of(about.findings, sites)
    # days of sign-up are told as finely as leaves nobody found again by them
    for span in SPANS:
        signups = about.signups(dataset, k, span)
        tables = {**archive.tables, "preactivity_daily": signups.table, "kill_chain": chain}
        tried = attack(tables, assets, small, in_clear.values(), bundle)
        if vetted or tried.share <= MOST_FOUND:
            break
    refuse_if_found(tried, 1.0 if vetted else MOST_FOUND)
    return Draft(archive, signups, tables, bundle, as_shown, len(in_clear), tried)


def _as_shown(
    archive: Archive, assets: pa.Table, networks: Mapping[Account, str], keys: ReleaseKeys, many: int
) -> tuple[dict[Account, str], dict[str, Account]]:
    """As whom each account stands in the tables, and who those with few followers are, by that."""
    listed = set(archive.users["userid"].to_pylist())
    as_shown: dict[Account, str] = {}
    small: dict[str, Account] = {}
    for row in assets.to_pylist():
        one = (row["platform"], row["asset_id"])
        if one in networks:
            hashed = keys.hashed("account", *one)
            as_shown[one] = hashed if hashed in listed else one[1]
            if (row["followers"] or 0) < many:
                small[as_shown[one]] = one
    return as_shown, small
