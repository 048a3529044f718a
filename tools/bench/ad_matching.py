"""How well advertisers are matched, and how far the registry agrees with the State Media Matrix: writes docs/measured/ad_matching.md.

`python tools/bench/ad_matching.py --lists FOLDER`: the folder holds the Matrix and the Hamilton list; without it the parts that need
them are left out, and said. Nothing here is tuned: thresholds are in the code, cases in tests/advertising/matcher_cases.csv.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from samehand.advertising import (
    QUESTIONS,
    Advertiser,
    Assessment,
    Entity,
    Gate,
    Registry,
    Resolver,
    derive_code,
    read_hamilton,
    read_matrix,
    shipped_entities,
)
from samehand.evaluation import markdown_table, write_page
from samehand.policy import read_ad_pack

sys.path.insert(0, str(Path(__file__).parents[2]))
from tests.advertising.cases import HARD, HELD, NAMES, hard_advertiser, named_advertiser

PAGE = Path("docs/measured/ad_matching.md")
DAY = date(2026, 11, 27)
OF_MATRIX = date(2024, 2, 1)
MATRIX = "state-media-matrix"


def _asked(entity: Entity) -> Iterator[tuple[str, Advertiser]]:
    """An entity as an advertiser, once for each kind of thing that it may be known by."""
    for asset in entity.assets:
        if asset.platform == "domain" and asset.span.holds(DAY, HELD):
            yield "domain", Advertiser(landing_url=f"https://www.{asset.value}/a?b=1")
        elif asset.span.holds(DAY, HELD):
            yield "handle", Advertiser(platform=asset.platform, handle=f"@{asset.value.upper()}")
    for name in entity.names:
        if name.kind in ("legal", "official"):
            yield f"{name.kind} name and country", Advertiser(payer=name.text, country=entity.country)
            yield f"{name.kind} name alone", Advertiser(page_name=name.text)
        elif name.kind == "acronym":
            yield "acronym and country", Advertiser(page_name=name.text, country=entity.country)
            yield "acronym alone", Advertiser(page_name=name.text)
        else:
            yield "other name alone", Advertiser(page_name=name.text)


def _recall(registry: Registry) -> list[tuple[str, ...]]:
    gate = Gate(registry, read_ad_pack("twitter-2019-08", DAY), DAY, HELD)
    resolver = Resolver(registry)
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for entity in registry:
        for kind, who in _asked(entity):
            hits = resolver.hits(who, DAY, HELD)
            mine = [hit for hit in hits if hit.entity.entity_id == entity.entity_id]
            counts[kind]["asked"] += 1
            counts[kind]["found"] += bool(mine)
            counts[kind]["may decide"] += any(hit.grade == "identifier" for hit in mine)
            counts[kind][gate.decide(who).decision] += 1
    return [
        (kind, f"{c['asked']:,}", f"{c['found'] / c['asked']:.1%}", f"{c['may decide'] / c['asked']:.1%}", f"{c['block']:,}", f"{c['review']:,}")
        for kind, c in counts.items()
    ]  # fmt: skip


def _cases(registry: Registry) -> tuple[list[tuple[str, ...]], list[str]]:
    gate = Gate(registry, read_ad_pack("twitter-2019-08", DAY), DAY, HELD)
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    said = []
    for case in NAMES:
        done = gate.decide(named_advertiser(case))
        kind, wanted = case["kind"], case["expected"] or None
        counts[kind]["cases"] += 1
        counts[kind]["right"] += done.entity_id == wanted
        counts[kind][done.decision] += 1
        if done.entity_id != wanted:
            said.append(
                f"{kind}: `{case['value']}` {done.decision}, {done.entity_id or 'nobody'} (wanted {wanted or 'nobody'})"
            )
    rows: list[tuple[str, ...]] = [
        (kind, f"{c['cases']}", f"{c['right']}", f"{c['block']}", f"{c['review']}", f"{c['allow']}")
        for kind, c in counts.items()
    ]
    return rows, said


def _hamilton(registry: Registry, folder: Path) -> list[tuple[str, ...]]:
    """An outside list: how many of its outlets the registry finds by name alone, and by a handle."""
    layer = read_hamilton(folder / "Hamilton_Account_List2024.csv", DAY)
    resolver = Resolver(registry)
    rows: list[tuple[str, ...]] = []
    for country in ("CN", "RU", "IR"):
        outlets = [one for one in layer.entities if one.country == country]
        by_name = sum(bool(resolver.hits(Advertiser(page_name=one.name), DAY, HELD)) for one in outlets)
        handles = [asset for one in outlets for asset in one.assets]
        by_handle = sum(
            bool(resolver.hits(Advertiser(platform=a.platform, handle=a.value), DAY, HELD)) for a in handles
        )
        rows.append(
            (
                country,
                f"{len(outlets):,}",
                f"{by_name / len(outlets):.1%}",
                f"{len(handles):,}",
                f"{by_handle / len(handles):.1%}",
            )
        )
    return rows


def _without_matrix(assessment: Assessment) -> str | None:
    """The code that the answers fix which somebody else than the Matrix bears, too; None where one rests on the Matrix alone."""
    borne = all(
        any(one.read and one.source != MATRIX for one in assessment.answers[question].citations)
        for question in QUESTIONS
    )
    if not borne:
        return None
    return derive_code(*(assessment.answers[name].value for name in QUESTIONS)) or "not settled"


def _agreement(registry: Registry, folder: Path) -> tuple[str, list[tuple[str, ...]], list[tuple[str, ...]]]:
    """Codes of the day of the list, against the list's, over outlets each of whose answers somebody else bears, too."""
    theirs: dict[tuple[str, str], set[str]] = defaultdict(set)
    layer = read_matrix(folder / "State_Media_Matrix.csv", DAY)
    domains = {asset.value: one for one in layer.entities for asset in one.assets}
    rows: list[tuple[str, ...]] = []
    table, compared = Counter[tuple[str, str]](), 0
    for entity in registry:
        assessment = entity.assessed(OF_MATRIX, HELD)
        mine = None if assessment is None else _without_matrix(assessment)
        row = next((domains[a.value] for a in entity.assets if a.platform == "domain" and a.value in domains), None)
        if mine is None or assessment is None or row is None:
            continue
        code = row.assessments[0].code or "mixed"
        theirs[code, mine].add(entity.entity_id)
        table[code, mine] += 1
        compared += 1
        if code != mine:
            rows.append((entity.entity_id, code, mine, assessment.note))
    same = sum(count for (a, b), count in table.items() if a == b)
    said = (
        f"{same} of {compared} outlets bear the same code ({same / compared:.1%})"
        if compared
        else "no outlet can be compared"
    )
    counted: list[tuple[str, ...]] = [(a, b, f"{count}") for (a, b), count in sorted(table.items())]
    return said, counted, rows


def _hard(registry: Registry) -> list[tuple[str, ...]]:
    resolver = Resolver(registry)
    rows: list[tuple[str, ...]] = []
    for case in HARD:
        on, entity, who = (
            date.fromisoformat(case["on"]),
            registry.entity(case["entity_id"]),
            hard_advertiser(case, registry),
        )
        done = Gate(registry, read_ad_pack(case["policy"], on), on, HELD, resolver=resolver).decide(who)
        right = (done.decision, done.label or "", done.ground) == (case["decision"], case["label"], case["ground"])
        label = f", *{done.label}*" if done.label else ""
        rows.append((
            entity.name, case["policy"], case["on"], case["countries"], f"{done.decision}{label}", done.ground, done.code or "–",
            "" if right else f"wanted {case['decision']}, {case['ground']}",
        ))  # fmt: skip
    return rows


def main(lists: Path | None) -> None:
    """Measure and write the page."""
    registry = Registry(shipped_entities().values())
    stats = registry.stats(DAY, HELD)
    rows, missed = _cases(registry)
    page = [
        f"The registry: {stats.entities:,} entities, {stats.outlets:,} of them assessed, in {stats.countries} countries; two independent sources that "
        f"were read or more for {stats.two:,}, one for {stats.one:,}, none for {stats.none:,}.",
        "## By what an entity is found\n\nEach entity as an advertiser that shows one thing of it. A name alone may only send to a person; so its *may "
        "decide* is none by design, but where a legal name comes with its country.",
        markdown_table(("known by", "asked", "found", "may decide", "block", "review"), _recall(registry)),
        "## Names in five scripts, disguises, and innocents\n\ntests/advertising/matcher_cases.csv, written by hand: right is the entity that was meant, or nobody. Nobody innocent is blocked.",
        markdown_table(("kind", "cases", "right", "block", "review", "allow"), rows),
        "Otherwise than meant:\n\n" + "\n".join(f"- {one}" for one in missed),
        "## Hard cases\n\nEntity, policy and day; the last column is empty where it is as the field's notes would have it.",
        markdown_table(("entity", "policy", "on", "shown in", "decision", "ground", "code", "otherwise than meant"), _hard(registry)),
    ]  # fmt: skip
    if lists is None:
        page.append("The parts that need the Matrix and the Hamilton list were left out.")
    else:
        said, counted, differ = _agreement(registry, lists)
        page += [
            "## An outside list\n\nThe media of the Hamilton list against the curated registry alone: by name, and by handle. Names are weak: most of these "
            "accounts are local papers, soft brands and presenters, whom only a layer or a payer's name gives away.",
            markdown_table(("country", "outlets", "found by name", "handles", "found by handle"), _hamilton(registry, lists)),
            f"## Agreement with the State Media Matrix\n\nOn {OF_MATRIX}, over outlets each of whose three answers rests on somebody else, too: {said}.",
            markdown_table(("the Matrix", "ours", "outlets"), counted),
            "Where they differ, and why:",
            markdown_table(("entity", "the Matrix", "ours", "why"), differ),
        ]  # fmt: skip
    write_page(PAGE, "Matching of advertisers", "make bench (tools/bench/ad_matching.py)", page)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--lists", type=Path)
    main(parser.parse_args().lists)
