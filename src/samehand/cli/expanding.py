"""`samehand expand`: from a tip outward, each inclusion with its path and its price."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path

import click

from samehand.casework import Casework
from samehand.cli.days import today
from samehand.cli.main import emit, say
from samehand.cli.store import NUMBER, existing, now, store_option
from samehand.errors import UsageError
from samehand.exchange import Indicator, Tips
from samehand.expansion import ExpansionParameters
from samehand.runs import Seed, read_seeds
from samehand.runs import expand as expand_dataset
from samehand.store import open_store
from samehand.traces import canonical_url, host_of

__all__ = ["expand"]

SHOWN = 10
_DEFAULTS = ExpansionParameters()
_BEGINNINGS = {"account": "asset", "url": "url", "domain": "domain", "ip": "ip"}


@click.command()
@click.argument("dataset", type=click.Path(path_type=Path))
@click.option(
    "--seeds", type=click.Path(path_type=Path),
    help="A CSV of kind (asset, url, domain, ip, device, media_hash, text) and value.",
)  # fmt: skip
@click.option("--tip", type=NUMBER, metavar="N", help="A tip of the store, in place of --seeds or beside it.")
@click.option("--host", "hosts", multiple=True, metavar="HOST",
              help="Links of the tip to this host name assets: the first part of the path is an id or a handle.")  # fmt: skip
@click.option(
    "--out", type=click.Path(path_type=Path), required=True, help="The run's folder; an older run there is replaced."
)
@click.option(
    "--answers",
    type=click.Path(path_type=Path),
    help="A CSV of platform, asset_id and answer (yes, no) that a reviewer wrote after an earlier run.",
)
@click.option(
    "--hops", type=int, default=_DEFAULTS.hops, show_default=True, help="Shared things between seed and member."
)
@click.option("--fdr", type=float, default=_DEFAULTS.fdr, show_default=True, help="False discovery rate of each hop.")
@click.option("--least-precision", type=float, default=_DEFAULTS.least_precision, show_default=True,
              help="Of a hop's inclusions, estimated; below it nothing is expanded any further.")  # fmt: skip
@click.option(
    "--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Of the networks that chance draws."
)
@store_option
def expand(
    dataset: Path, seeds: Path | None, tip: int | None, hosts: tuple[str, ...], out: Path, answers: Path | None, hops: int,
    fdr: float, least_precision: float, seed: int, where: str, as_json: bool,
) -> None:  # fmt: skip
    """Grow a network in DATASET from what a tip names, over devices, addresses and who runs what."""
    parameters = ExpansionParameters(hops=hops, fdr=fdr, least_precision=least_precision, seed=seed)
    if seeds is None and tip is None:
        raise UsageError("an expansion needs a beginning: --seeds FILE, or --tip N of the store")
    begin: Path | list[Seed] = seeds if seeds and tip is None else read_seeds(seeds) if seeds else []
    of_tip = None
    if tip is not None and isinstance(begin, list):
        more, store_id = _of_tip(tip, hosts, where)
        begin, of_tip = [*begin, *more], {"store": store_id, "number": tip}
    done = expand_dataset(dataset, out, begin, answers=answers, parameters=parameters, of_tip=of_tip, say=say)
    by_hop = ", ".join(f"hop {number}: {count:,}" for number, count in enumerate(done.hops, start=1))
    lines = [
        f"taken in: {done.included:,} ({by_hop}); named by the tip or confirmed: {done.seeds:,}, and things that are shared: "
        f"{done.objects:,}",
        f"stopped: {done.stopped}",
        *(f"left out: {count:,} {reason}" for reason, count in done.left_out.items()),
        *(f"seed not found: {words}" for words in done.unmatched[:SHOWN]),
        *(
            [f"seeds not found: {len(done.unmatched) - SHOWN:,} more, in run.json"]
            if len(done.unmatched) > SHOWN
            else []
        ),
        *(f"note: {note}" for note in done.notes),
        f"run: {out}",
    ]
    emit({**asdict(done), "path": str(out)}, as_json=as_json, text="\n".join(lines))


def _of_tip(number: int, hosts: tuple[str, ...], where: str) -> tuple[list[Seed], str]:
    """What a tip of the store names and an expansion can begin at, and the store's name.

    Raises:
        UsageError: the tip was taken back, its time is over, or nothing of it is a beginning.

    """
    with open_store(existing(where)) as store:
        tips = Tips(Casework(store, now))
        one, named = tips.tip(number), [found for found in tips.indicators(number) if found.counts(today())]
        store_id = store.store_id
    one.must_count(today())
    seeds = list(_beginnings(named, hosts))
    left = Counter(found.kind for found in named if found.kind not in _BEGINNINGS)
    if left:
        kinds = ", ".join(f"{count:,} {kind}" for kind, count in left.most_common())
        say(f"tip {number}: nothing begins at {kinds}")
    if not seeds:
        raise UsageError(f"tip {number} names no account, link, domain or address at which an expansion can begin")
    return seeds, store_id


def _beginnings(named: Iterable[Indicator], hosts: tuple[str, ...]) -> Iterator[Seed]:
    places = {host_of(canonical_url(host) or "") for host in hosts}
    for place, one in enumerate(named, start=1):
        if one.kind not in _BEGINNINGS:
            continue
        value = f"{one.platform}:{one.value}" if one.kind == "account" and one.platform else one.value
        link = (canonical_url(one.value) or "") if one.kind == "url" else ""
        first = link.partition("/")[2].split("/")[0].split("?")[0]
        if first and host_of(link) in places:
            yield Seed(place, "asset", first)
        else:
            yield Seed(place, _BEGINNINGS[one.kind], value)
