"""`samehand ads review`: what a person decides of an advertiser whom the gate sent to them."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from pathlib import Path

import click

from samehand.advertising import AdReview, AdReviews, Gate, Reviewed, find_advertiser
from samehand.cli.days import today
from samehand.cli.main import emit
from samehand.cli.registries import facts_options, office, registry_of
from samehand.cli.store import NUMBER, now, store_option
from samehand.policy import read_ad_pack
from samehand.store import open_store

__all__ = ["end_review", "review", "reviews"]


def _line(one: AdReview) -> str:
    return (
        f"review {one.review_id}: {one.decision} advertiser {one.advertiser_id or '(no id)'} under {one.policy} "
        f"until {one.until:%Y-%m-%d}, by {one.by}: {one.why}"
    )


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.argument("advertiser_id")
@click.option("--policy", required=True, help="A shipped policy, or a TOML file.")
@click.option("--decision", type=click.Choice(("allow", "block")), required=True, help="What you decide.")
@click.option("--why", required=True, help="The reason, in your own words.")
@click.option(
    "--days", type=click.IntRange(1, 366), default=180, show_default=True, help="After so many days it is asked again."
)
@click.option("--as", "by", required=True, metavar="NAME", help="Who decides; a reviewer, once the store has a roster.")
@facts_options
@store_option
def review(
    file: Path, advertiser_id: str, policy: str, decision: Reviewed, why: str, days: int, by: str, folder: Path | None,
    layers: tuple[str, ...], on: date | None, held: date | None, where: str, as_json: bool,
) -> None:  # fmt: skip
    """Decide about ADVERTISER_ID of FILE, whom the gate sends to a person; `ads check --reviews` uses it until it ends."""
    day = on or today()
    gate = Gate(registry_of(folder, layers), read_ad_pack(policy, day), day, held or today())
    who = find_advertiser(file, advertiser_id)
    with open_store(where) as store:
        kept = AdReviews(store, now)
        done = kept.record(who, gate, decision, why, by, days=days, office=office(store, "approve", "ad.reviewed"))
    emit(asdict(done), as_json=as_json, text=_line(done))


@click.command()
@click.option("--ended", is_flag=True, help="Those too that ended.")
@store_option
def reviews(ended: bool, where: str, as_json: bool) -> None:
    """Show the reviews that count."""
    with open_store(where) as store:
        found = AdReviews(store, now).held(also_ended=ended)
    emit(
        {"reviews": [asdict(one) for one in found]},
        as_json=as_json,
        text="\n".join(map(_line, found)) or "there is none",
    )


@click.command("end-review")
@click.argument("review_id", type=NUMBER)
@click.option("--as", "by", required=True, metavar="NAME", help="Who ends it; a reviewer, once the store has a roster.")
@store_option
def end_review(review_id: int, by: str, where: str, as_json: bool) -> None:
    """End a review now, so that the advertiser is sent to a person again."""
    with open_store(where) as store:
        done = AdReviews(store, now).end(review_id, by, office=office(store, "approve", "ad.review_ended"))
    emit(asdict(done), as_json=as_json, text=_line(done))
