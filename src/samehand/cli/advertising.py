"""`samehand ads`: who may buy ads, and what the registry of media holds."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import asdict
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import click

from samehand.advertising import (
    AdContests,
    AdDecision,
    AdRepository,
    AdReviews,
    Advertiser,
    Entity,
    Gate,
    Registry,
    Resolver,
    Transition,
    check_file,
    cited,
    followthemoney_lines,
    lint_registry,
)
from samehand.cli.ad_contests import contest
from samehand.cli.ad_repository import repository
from samehand.cli.ad_reviews import end_review, review, reviews
from samehand.cli.days import today
from samehand.cli.main import emit
from samehand.cli.registries import facts_options, registry_of, registry_option
from samehand.cli.store import existing, now
from samehand.errors import InputError, UsageError
from samehand.policy import ad_pack_names, read_ad_pack
from samehand.records import private_file
from samehand.store import open_store

__all__ = ["ads"]


@click.group()
def ads() -> None:
    """Ads: who may buy them, under which policy, on which day, and why."""


@ads.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--policy", required=True, help="A shipped policy (see `samehand ads policies`), or a TOML file.")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="A .csv, .jsonl or .parquet file.")
@click.option("--reviews", "where", metavar="STORE", help="A store whose reviews by persons and upheld contests count.")
@click.option(
    "--keep",
    "kept_in",
    metavar="STORE",
    help="A store whose ad repository keeps the ads, by the column ad_id; its reviews and upheld contests count, too.",
)
@facts_options
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def check(
    file: Path, policy: str, out: Path, where: str | None, kept_in: str | None, folder: Path | None, layers: tuple[str, ...],
    on: date | None, held: date | None, as_json: bool,
) -> None:  # fmt: skip
    """Decide about each advertiser of FILE: allow, review or block, with the ground, the evidence and words to send."""
    day = on or today()
    entities, pack = registry_of(folder, layers), read_ad_pack(policy, day)
    with ExitStack() as stack:
        asked = None
        where = where or (kept_in if kept_in is not None and Path(kept_in).is_file() else None)
        if where is not None:
            store = stack.enter_context(open_store(existing(where)))
            entities, reviewed = AdContests(store, entities, now).registry(), AdReviews(store, now)
        gate = Gate(entities, pack, day, held or today())
        if where is not None:
            asked = partial(_asked, reviewed, gate)
        keep = None
        if kept_in is not None:
            keep = partial(AdRepository(stack.enter_context(open_store(kept_in)), now).record, decided=True)
        done = check_file(file, out, gate, decide=asked, keep=keep, now=now)
    counted = ", ".join(f"{done.decisions.get(name, 0):,} {name}" for name in ("allow", "review", "block"))
    lines = [f"{out}: {done.decided:,} advertisers under {gate.pack.pack}, facts of {day}: {counted}"]
    if done.rejected:
        first = "; ".join(f"row {one.row}: {one.reason}" for one in done.rejects[:3])
        lines.append(f"{done.rejected:,} rows could not be read, and nothing is decided about them; the first: {first}")
    if done.unknown:
        lines.append(f"no country that is known, so it counts as none: {', '.join(done.unknown)}")
    if kept_in is not None:
        lines.append(f"{kept_in}: {done.kept:,} ads are kept, of {done.decided:,} rows")
    if done.unused:
        lines.append(f"columns that the gate does not use: {', '.join(done.unused)}")
    result = {**asdict(done), "policy": gate.pack.pack, "on": day.isoformat(), "path": str(out)}
    emit(result, as_json=as_json, text="\n".join(lines))


def _asked(reviewed: AdReviews, gate: Gate, who: Advertiser, ran: Transition | None) -> AdDecision:
    return reviewed.decide(who, gate, ran)


def _policy(name: str) -> dict[str, Any]:
    pack = read_ad_pack(name, today())
    rules = [{"ground": one.name, "decision": one.decision, "label": one.label, "text": one.text} for one in pack.rules]
    until = pack.valid_until.isoformat() if pack.valid_until else None
    return {
        "policy": name, "text": pack.pack, "title": pack.title, "valid_from": pack.valid_from.isoformat(),
        "valid_until": until, "rules": rules,
    }  # fmt: skip


@ads.command()
@click.option("--rules", is_flag=True, help="With the rules of each, in the order in which they are asked.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def policies(rules: bool, as_json: bool) -> None:
    """Show the policies that are shipped."""
    found = [_policy(name) for name in ad_pack_names()]
    lines = []
    for one in found:
        until = f" until {one['valid_until']}" if one["valid_until"] else ""
        lines.append(f"{one['policy']}: {one['title']}, from {one['valid_from']}{until}")
        lines += [f"  {rule['decision']} ({rule['ground']}): {rule['text']}" for rule in one["rules"] if rules]
    emit({"policies": found}, as_json=as_json, text="\n".join(lines))


@ads.group()
def registry() -> None:
    """The registry of media: who is who, who owns whom, what was assessed when, and on which citations."""


def _span(one: Any) -> str:
    return f"{one.span.since or '...'} to {one.span.until or 'now'}"


def _shown(entity: Entity, everything: Registry, on: date, held: date) -> list[str]:
    standing = everything.standing(entity.entity_id, on, held)
    lines = [
        f"{entity.entity_id}: {entity.name} ({entity.kind}, {entity.country}, {entity.scope}; {entity.layer})",
        f"on {on}, as held on {held}: {standing.code or 'no code'}, {standing.sources} independent sources read"
        + (f", by way of {' -> '.join(link.target for link in standing.path)}" if standing.path else ""),
        "names: " + "; ".join(f"{one.text} ({one.kind})" for one in entity.names),
        "assets: " + "; ".join(f"{one.platform}:{one.value}" for one in entity.assets),
    ]
    lines += [f"{one.kind} {one.target}, {_span(one)}{'' if one.read else ' (no source read)'}" for one in entity.links]
    for one in entity.assessments:
        answers = ", ".join(f"{name} {answer.value}" for name, answer in one.answers.items())
        lines.append(
            f"assessed {_span(one)}, recorded {one.span.recorded}: {answers}: {one.code or 'no code'}. {one.note}"
        )
    return [*lines, *(f"  {cited(one)}" for one in entity.citations)]


def _held(everything: Registry, held: date) -> date:
    """The day as of which a registry is asked.

    Raises:
        UsageError: it held nothing then.

    """
    everything.asked(held)
    return held


@registry.command()
@click.argument("entity_id")
@click.option("--reviews", "where", metavar="STORE", help="A store whose upheld contests count.")
@facts_options
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def show(
    entity_id: str, where: str | None, folder: Path | None, layers: tuple[str, ...], on: date | None, held: date | None,
    as_json: bool,
) -> None:  # fmt: skip
    """Show an entity with all that is held of it, and where it stands on a day."""
    everything = registry_of(folder, layers)
    if where is not None:
        with open_store(existing(where)) as store:
            everything = AdContests(store, everything, now).registry()
    entity, day, known = everything.entity(entity_id), on or today(), _held(everything, held or today())
    standing = everything.standing(entity_id, day, known)
    result = {
        "entity": asdict(entity), "on": day.isoformat(), "held": known.isoformat(), "code": standing.code,
        "sources": standing.sources, "path": [f"{link.kind} {link.target}" for link in standing.path],
    }  # fmt: skip
    emit(result, as_json=as_json, text="\n".join(_shown(entity, everything, day, known)))


@registry.command()
@click.argument("text")
@click.option("--country", default="", help="Whoever asks is of this country.")
@click.option("--platform", default="", help="Of a handle.")
@facts_options
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def find(
    text: str, country: str, platform: str, folder: Path | None, layers: tuple[str, ...], on: date | None, held: date | None,
    as_json: bool,
) -> None:  # fmt: skip
    """Find entities by TEXT: a name, a link, or a handle with its --platform; as the gate would find them."""
    everything = registry_of(folder, layers)
    who = Advertiser(
        legal_name=text, landing_url=text, handle=text if platform else "", platform=platform, country=country
    )
    hits = Resolver(everything).hits(who, on or today(), _held(everything, held or today()))
    found = {hit.entity.entity_id: hit for hit in reversed(hits)}
    lines = [f"{key}: {hit.entity.name}, by {hit.by} '{hit.value}'" for key, hit in found.items()] or [
        "nobody is found by that"
    ]
    result = [
        {"entity_id": key, "name": hit.entity.name, "by": hit.by, "grade": hit.grade} for key, hit in found.items()
    ]
    emit({"found": result}, as_json=as_json, text="\n".join(lines))


@registry.command("list")
@click.option("--country", help="Of one country only, by its code.")
@facts_options
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def list_entities(
    country: str | None, folder: Path | None, layers: tuple[str, ...], on: date | None, held: date | None, as_json: bool
) -> None:
    """Show every entity with its code of the day."""
    everything, day = registry_of(folder, layers), on or today()
    known = _held(everything, held or today())
    chosen = sorted((one for one in everything if country in (None, one.country)), key=lambda one: one.entity_id)
    found = []
    for one in chosen:
        standing = everything.standing(one.entity_id, day, known)
        found.append({
            "entity_id": one.entity_id, "name": one.name, "country": one.country, "kind": one.kind, "scope": one.scope,
            "code": standing.code, "sources": standing.sources, "layer": one.layer,
        })  # fmt: skip
    lines = [
        f"{one['entity_id']}: {one['name']}, {one['code'] or 'no code'}, {one['sources']} sources" for one in found
    ]
    emit({"entities": found}, as_json=as_json, text="\n".join(lines) or "there is none")


@registry.command()
@facts_options
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def stats(folder: Path | None, layers: tuple[str, ...], on: date | None, held: date | None, as_json: bool) -> None:
    """Count outlets, countries, codes, and how many rest on two independent sources that were read, on one, on none."""
    found = registry_of(folder, layers).stats(on or today(), held or today())
    codes = ", ".join(f"{count} {code or 'without a code'}" for code, count in found.codes.items())
    text = (
        f"{found.entities:,} entities, {found.outlets:,} of them assessed, in {found.countries:,} countries: {codes}\n"
        f"independent sources that were read: two or more {found.two:,}, one {found.one:,}, none {found.none:,}"
    )
    emit(asdict(found), as_json=as_json, text=text)


@registry.command()
@registry_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def lint(folder: Path | None, as_json: bool) -> None:
    """Say what is not sound; exits with 2 where there is an error."""
    faults = lint_registry(registry_of(folder, ()))
    errors = sum(one.weight == "error" for one in faults)
    lines = [f"{one.entity_id}: {one.weight}: {one.said}" for one in faults]
    lines.append(f"{errors:,} errors, {len(faults) - errors:,} notes")
    emit({"errors": errors, "faults": [asdict(one) for one in faults]}, as_json=as_json, text="\n".join(lines))
    if errors:
        raise InputError(f"the registry has {errors:,} errors; they are listed above")


@registry.command()
@click.option(
    "--out", type=click.Path(path_type=Path), required=True, help="A new .json or .jsonl file, one object a line."
)
@facts_options
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def export(
    out: Path, folder: Path | None, layers: tuple[str, ...], on: date | None, held: date | None, as_json: bool
) -> None:
    """Write the registry in FollowTheMoney's schema."""
    if out.suffix not in (".json", ".jsonl", ".ftm"):
        raise UsageError(f"{out} is written one JSON object a line; call it .jsonl")
    lines = list(followthemoney_lines(registry_of(folder, layers), on or today(), held or today()))
    private_file(out, "".join(f"{line}\n" for line in lines))
    emit({"objects": len(lines), "path": str(out)}, as_json=as_json, text=f"{out}: {len(lines):,} objects")


ads.add_command(repository)
for command in (contest, review, reviews, end_review):
    ads.add_command(command)
