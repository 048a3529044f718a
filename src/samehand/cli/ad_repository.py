"""`samehand ads repository`: every ad with what was decided of it, searched, added up, and handed out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any, TypeVar, get_args

import click

from samehand.advertising import (
    AD_STATUSES,
    AdRepository,
    AdSearch,
    AdVersion,
    IraAds,
    Totalled,
    ads_table,
    country_code,
)
from samehand.cli.days import Day
from samehand.cli.main import emit
from samehand.cli.registries import office
from samehand.cli.store import existing, now, store_option
from samehand.errors import InputError, UsageError
from samehand.records import write_table
from samehand.store import open_store

__all__ = ["repository"]

Command = TypeVar("Command", bound=Callable[..., Any])


@click.group()
def repository() -> None:
    """The ad repository: every ad, in versions that nobody changes."""


def _wanted(command: Command) -> Command:
    """What ads are looked for by."""
    for option in (
        click.option("--least", "least_spend", type=float, help="It cost so much or more; needs --currency."),
        click.option("--until", "shown_until", type=Day(), help="It was shown before this day."),
        click.option("--from", "shown_from", type=Day(), help="It was shown on this day or later."),
        click.option("--currency", help="In which it was paid."),
        click.option("--country", help="It was shown there; a code of ISO 3166-1."),
        click.option("--decision", type=click.Choice(("allow", "review", "block")), help="What the gate said."),
        click.option("--status", type=click.Choice(AD_STATUSES), help="How it stands."),
        click.option("--entity", "entity_id", help="Of the registry."),
        click.option("--payer", help="Who paid, by the whole name."),
        click.option("--advertiser", "advertiser_id", help="Whose it is, by the platform's id."),
        click.option("--platform", help="Where."),
        click.option("--words", help="All of them are in it: text, names, link."),
    ):
        command = option(command)
    return command


def _search(asked: dict[str, Any]) -> AdSearch:
    def begins(day: date | None) -> datetime | None:
        return None if day is None else datetime.combine(day, time(), UTC)

    if asked["country"] is not None:
        code = country_code(asked["country"])
        if code is None:
            raise UsageError(
                f"'{asked['country']}' is no country that is known; write its code of ISO 3166-1, or its English name"
            )
        asked = {**asked, "country": code}
    first, end = asked["shown_from"], asked["shown_until"]
    if first is not None and end is not None and end <= first:
        raise UsageError(f"--until {end} is not after --from {first}; no ad was shown then")
    return AdSearch(**{**asked, "shown_from": begins(asked["shown_from"]), "shown_until": begins(asked["shown_until"])})


def _named(ad: str) -> tuple[str, str]:
    platform, _, ad_id = ad.partition(":")
    if not ad_id:
        raise UsageError(f"{ad!r} is no ad; write it as platform:id")
    return platform, ad_id


def _line(one: AdVersion) -> str:
    record = one.record
    spent = f"{record.spend_max:,.2f} {record.currency}" if record.spend_max is not None else "spend not told"
    shown = f"{record.first_shown:%Y-%m-%d}" if record.first_shown else "day not told"
    said = record.decision or "not decided about"
    return f"{record.platform}:{record.ad_id} [{record.status}, {said}] {shown}, {spent}, {record.page or record.advertiser}"


def _as_plain(one: AdVersion) -> dict[str, Any]:
    return {**asdict(one.record), "version": one.version, "recorded_at": one.recorded_at, "hash": one.hash}


@repository.command("import")
@click.argument("kind", type=click.Choice(("ira",)))
@click.argument("file", type=click.Path(path_type=Path))
@store_option
def import_ads(kind: str, file: Path, where: str, as_json: bool) -> None:  # noqa: ARG001 (one kind so far)
    """Take in ads of a FILE that somebody released: ira, the SQLite file of the ads of the Internet Research Agency."""
    ads = IraAds(file)
    with open_store(where) as store:
        done = AdRepository(store, now).record(ads.records())
    told = {**asdict(done), "read": ads.read, "rejected": ads.rejected, "turned": ads.turned}
    text = (
        f"{file}: read {ads.read:,} = added {done.added:,} + changed {done.changed:,} + unchanged {done.unchanged:,} + "
        f"rejected {ads.rejected:,}; {ads.turned:,} end before they begin, and their end is not held"
    )
    emit(told, as_json=as_json, text=text)


@repository.command()
@_wanted
@click.option("--after", type=click.IntRange(0, (1 << 62) - 1), default=0, help="The key of the page before.")
@click.option("--most", type=click.IntRange(1, 10_000), default=20, show_default=True, help="Of them.")
@store_option
def search(after: int, most: int, where: str, as_json: bool, **asked: Any) -> None:
    """Find ads as they stand now."""
    with open_store(where) as store:
        found, following = AdRepository(store, now).search(_search(asked), after=after, most=most)
    lines = [_line(one) for one in found] or ["no ad is like that"]
    if following is not None:
        lines.append(f"there are more: --after {following}")
    emit({"ads": [_as_plain(one) for one in found], "after": following}, as_json=as_json, text="\n".join(lines))


@repository.command()
@click.argument("ad")
@store_option
def show(ad: str, where: str, as_json: bool) -> None:
    """Show every version of AD (platform:id)."""
    platform, ad_id = _named(ad)
    with open_store(where) as store:
        found = AdRepository(store, now).versions(platform, ad_id)
    lines = [f"version {one.version}, {one.recorded_at:%Y-%m-%d %H:%M}: {_line(one)}" for one in found]
    emit({"versions": [_as_plain(one) for one in found]}, as_json=as_json, text="\n".join(lines))


@repository.command()
@click.argument("ad")
@click.option("--why", required=True, help="The reason, and by which rule.")
@click.option("--as", "by", required=True, metavar="NAME", help="Who says so; a reviewer, once the store has a roster.")
@store_option
def remove(ad: str, why: str, by: str, where: str, as_json: bool) -> None:
    """Say that AD (platform:id) was removed: its newest version leaves the content out, those before it stay."""
    platform, ad_id = _named(ad)
    with open_store(existing(where)) as store:
        done = AdRepository(store, now).remove(platform, ad_id, why, by, office=office(store, "work", "ad.removed"))
    emit(_as_plain(done), as_json=as_json, text=f"version {done.version}: {_line(done)}")


@repository.command()
@click.argument("ad")
@click.option("--as", "by", required=True, metavar="NAME", help="Who says so; a reviewer, once the store has a roster.")
@store_option
def restore(ad: str, by: str, where: str, as_json: bool) -> None:
    """Undo the removal of AD (platform:id): a version as it stood before."""
    platform, ad_id = _named(ad)
    with open_store(existing(where)) as store:
        done = AdRepository(store, now).restore(platform, ad_id, by, office=office(store, "work", "ad.restored"))
    emit(_as_plain(done), as_json=as_json, text=f"version {done.version}: {_line(done)}")


@repository.command()
@store_option
def verify(where: str, as_json: bool) -> None:
    """Hold every version of every ad against its hash and the one before; exits with 2 where one was changed."""
    with open_store(existing(where)) as store:
        checked, faults = AdRepository(store, now).verify()
    text = "\n".join([*faults, f"{checked:,} versions are as they were recorded"])
    emit({"versions": checked, "faults": faults}, as_json=as_json, text=text)
    if faults:
        raise InputError(f"{len(faults):,} ads are not as they were recorded; they are listed above")


@repository.command()
@_wanted
@click.option("--by", type=click.Choice(get_args(Totalled)), required=True, help="What ads are added up by.")
@store_option
def totals(by: Totalled, where: str, as_json: bool, **asked: Any) -> None:
    """Add up what ads cost and reached, currency by currency."""
    with open_store(where) as store:
        found = AdRepository(store, now).totals(by, _search(asked))
    lines = [
        f"{one.group or 'not told'}: {one.ads:,} ads, {one.spend_max:,.2f} {one.currency or '(currency not told)'} "
        f"of {one.told_spend:,} that tell, {one.impressions_max:,} impressions"
        for one in found
    ]
    emit({"totals": [asdict(one) for one in found]}, as_json=as_json, text="\n".join(lines) or "there is no ad")


@repository.command()
@_wanted
@click.option("--out", type=click.Path(path_type=Path), required=True, help="A .csv, .jsonl or .parquet file.")
@store_option
def export(out: Path, where: str, as_json: bool, **asked: Any) -> None:
    """Hand ads out as they stand now, all of them or those that are looked for."""
    with open_store(where) as store:
        table = ads_table(AdRepository(store, now).all(_search(asked)))
    write_table(out, table)
    emit({"ads": len(table), "path": str(out)}, as_json=as_json, text=f"{out}: {len(table):,} ads")
