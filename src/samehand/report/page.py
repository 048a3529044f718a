"""The page of a run: one self-contained HTML file that loads nothing and runs nothing."""

from __future__ import annotations

import base64
import hashlib
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from samehand.errors import InputError, NotFoundError
from samehand.records import Dataset, Run, private_file
from samehand.report import wording
from samehand.report.evidence import Account, Evidence, accounts_mentioned, accounts_named, posts_read
from samehand.report.facts import RunFacts, read_facts
from samehand.report.names import Names, name_accounts
from samehand.report.views import Material, NetworkView, network_view, tie_views, trace_words

__all__ = ["FULL_NETWORKS", "Page", "find_dataset", "render_report", "write_report"]

FULL_NETWORKS: Final = 30
LISTED_NETWORKS: Final = 500
LOOSE_PAIRS: Final = 20


@dataclass(frozen=True)
class Page:
    """A finished page, and what it shows.

    Attributes:
        html: the page.
        networks, accounts: found in the run; shown: networks in full on the page.

    """

    html: str
    networks: int
    accounts: int
    shown: int


def find_dataset(run: Run) -> tuple[Dataset | None, str]:
    """Open the dataset that a run was made from, if it is where it was and has not changed since.

    Returns:
        The dataset or null, and a sentence that says why not (empty if it was found).

    """
    facts = read_facts(run)
    if not facts.path:
        return None, "The run does not say where its dataset is, so no texts and handles are shown."
    typed, beside = Path(facts.path), run.path.resolve().parent
    for folder in (typed, run.path / typed, beside / typed, beside / typed.name):
        if not (folder / "dataset.json").is_file():
            continue
        dataset = Dataset.open(folder)
        if facts.hash and dataset.hash != facts.hash:
            return None, f"The dataset '{facts.name}' has changed since the run, so no texts and handles are shown."
        return dataset, ""
    return None, f"The dataset '{facts.name}' was not where it was for the run, so no texts and handles are shown."


def _ordered(networks: pa.Table) -> list[dict[str, Any]]:
    """Networks as the page counts them: the surest first, then the larger."""
    rows: list[dict[str, Any]] = networks.to_pylist()
    return sorted(rows, key=lambda row: (row["p_value"], row["q_value"], -row["size"], row["network_id"]))


def _members(run: Run) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for row in run.table("members").to_pylist():
        found.setdefault(row["network_id"], []).append(row)
    for rows in found.values():
        rows.sort(key=lambda row: (-row["score"], row["platform"], row["asset_id"]))
    return found


def _overview(
    ordered: Sequence[Mapping[str, Any]], spans: Mapping[str, tuple[int, int, tuple[str, ...]]]
) -> list[dict[str, Any]]:
    """The rows of the table of all networks."""
    rows = []
    for number, facts in enumerate(ordered[:LISTED_NETWORKS], start=1):
        first, last, traces = spans.get(facts["network_id"], (None, None, ()))
        rows.append(
            {
                "number": number,
                "facts": facts,
                "traces": trace_words(traces) or "–",
                "first": wording.day(first) if first is not None else "–",
                "last": wording.day(last) if last is not None else "–",
                "in_full": number <= FULL_NETWORKS,
            }
        )
    return rows


def _window(seconds: object) -> str:
    """A window as the command line takes it: 10s, 10m, 1h."""
    whole = int(seconds) if isinstance(seconds, (int, float)) else 0
    for size, unit in ((3_600, "h"), (60, "m")):
        if whole >= 10 * size // 10 and whole % size == 0 and (unit == "h" or whole > 60):
            return f"{whole // size}{unit}"
    return f"{whole}s"


def _command(facts: RunFacts, *, redact: bool) -> str:
    """The command that makes the run again."""
    words = ["samehand", "detect", "DATASET" if redact or not facts.path else facts.path, "--out", "RUN"]
    given = facts.parameters
    if isinstance(traces := given.get("traces"), (list, tuple)):
        words += ["--traces", ",".join(map(str, traces))]
    if isinstance(windows := given.get("windows_s"), (list, tuple)):
        words += ["--window", ",".join(_window(window) for window in windows)]
    for name in ("fdr", "since", "until", "where", "engine", "seed"):
        value = given.get(name, facts.seed or None if name == "seed" else None)
        if value is not None and value != "":
            words += [f"--{name}", "EXPR" if redact and name == "where" else str(value)]
    return wording.cleaned(shlex.join(words))


def _names(
    shown: Sequence[Mapping[str, Any]],
    rest: Sequence[Mapping[str, Any]],
    members: Mapping[str, list[dict[str, Any]]],
    others: Sequence[Account],
    spoken: Sequence[str],
    dataset: Dataset | None,
    *,
    redact: bool,
) -> Names:
    """Names for all who are on the page; `spoken` are its free texts, which may name still others."""
    accounts = [
        (row["platform"], row["asset_id"]) for facts in (*shown, *rest) for row in members.get(facts["network_id"], ())
    ]
    named = [(row["platform"], row["asset_id"]) for facts in shown for row in members.get(facts["network_id"], ())]
    if dataset is None:
        return name_accounts([*accounts, *others], {}, redact=redact)
    profiles = accounts_named(dataset, [*(accounts if redact else named), *others])
    mentioned = accounts_mentioned(dataset, _words(spoken)) if redact else ()
    return name_accounts([*accounts, *others], profiles, redact=redact, mentioned=mentioned)


def _spoken(facts: RunFacts, shown: Sequence[Mapping[str, Any]], findings: Sequence[Mapping[str, Any]]) -> list[str]:
    return [
        *facts.notes,
        *(note for source in facts.sources for note in (*source.notes, *source.reasons)),
        *(step.reason for step in facts.steps),
        *(network["explanation"] or "" for network in shown),
        *(text for said in facts.verdicts.values() for text in said),
        *(finding["finding"] for finding in findings),
    ]


def _words(texts: Sequence[str]) -> set[str]:
    """Whatever in the texts could be an account's id or handle."""
    found: set[str] = set()
    for word in " ".join(texts).split():
        bare = word.strip(".,;:!?()[]'\"")
        found |= {bare, bare.removeprefix("@"), bare.partition(":")[2]}
    return {word for word in found if len(word) > 2}


def _networks(
    shown: Sequence[Mapping[str, Any]],
    verdicts: Mapping[str, Sequence[str]],
    members: Mapping[str, list[dict[str, Any]]],
    findings: Sequence[Mapping[str, Any]],
    evidence: Evidence,
    names: Names,
    dataset: Dataset | None,
    paths: Sequence[Mapping[str, Any]] = (),
) -> list[NetworkView]:
    materials = []
    for facts in shown:
        identity = facts["network_id"]
        about = [row for row in findings if row["network_id"] == identity]
        said = verdicts.get(identity, ())
        steps = [row for row in paths if row["network_id"] == identity]
        things, total = evidence.things(identity)
        materials.append(Material(facts, said, members.get(identity, []), about, things, total, steps))
    wanted = {
        (activity.account[0], activity.post_id)
        for material in materials
        for thing in material.things
        for activity in thing.examples
        if activity.post_id
    }
    posts = posts_read(dataset, wanted) if dataset and not names.redact else {}
    return [
        network_view(number, material, evidence, names, posts) for number, material in enumerate(materials, start=1)
    ]


def _paths(run: Run) -> list[dict[str, Any]]:
    """Rows of `path`, of a run that expands; runs of earlier versions have no such table."""
    try:
        rows: list[dict[str, Any]] = run.table("path").to_pylist()
    except NotFoundError:
        return []
    return rows


def _shown(value: object) -> object:
    """Whatever the template puts out: text that is not markup of our own loses its control characters."""
    return wording.cleaned(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _environment(names: Names) -> Environment:
    environment = Environment(
        loader=PackageLoader("samehand.report"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        {name: getattr(wording, name) for name in ("odds", "share", "significant", "duration", "cleaned", "shortened")}
    )
    environment.filters["counted"] = wording.counted
    environment.filters["scrub"] = names.scrub
    environment.filters["whole"] = lambda number: "–" if number is None else f"{number:,}"
    return environment


def render_report(run: Run, dataset: Dataset | None, *, redact: bool = False, without: str = "") -> Page:
    """Make the page of a run.

    Args:
        run: the run.
        dataset: what it was made from; without it no texts and handles are shown.
        redact: pseudonyms (A1, A2 ... in the order of the page) for accounts; no texts, links or object ids.
        without: a sentence on why there is no dataset, shown on the page.

    Raises:
        InputError: the run's tables cannot be read.

    """
    facts = read_facts(run)
    ordered, members = _ordered(run.table("networks")), _members(run)
    findings = run.table("findings").to_pylist()
    shown = ordered[:FULL_NETWORKS]
    style = resources.files("samehand.report").joinpath("templates/style.css").read_text(encoding="utf-8")
    with Evidence(run) as evidence:
        loose, loose_total = evidence.loose_ties(LOOSE_PAIRS)
        others = [account for tie in loose for account in (tie.a, tie.b)]
        spoken = _spoken(facts, shown, findings)
        names = _names(shown, ordered[FULL_NETWORKS:], members, others, spoken, dataset, redact=redact)
        views = _networks(shown, facts.verdicts, members, findings, evidence, names, dataset, _paths(run))
        overview = _overview(ordered, evidence.spans())
    accounts = len({(row["platform"], row["asset_id"]) for rows in members.values() for row in rows})
    html = _environment(names).get_template("report.html.j2").render(
        facts=facts,
        networks=views,
        overview=overview,
        total=len(ordered),
        accounts=accounts,
        loose=tie_views(loose, names),
        loose_total=loose_total,
        redact=redact,
        without=without,
        command=_command(facts, redact=redact),
        style=Markup(style),
        style_hash=base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
    )  # fmt: skip
    return Page(html, len(ordered), accounts, len(views))


def write_report(
    run: Run, dataset: Dataset | None, path: str | Path, *, redact: bool = False, without: str = ""
) -> Page:
    """Write the page of a run, readable by its owner only, whole or not at all.

    Args:
        run: the run.
        dataset: what it was made from, or null.
        path: the HTML file to write; its folder must be there.
        redact: as in `render_report`.
        without: as there.

    Raises:
        InputError: the folder of `path` is not there, or the run's tables cannot be read.

    """
    file = Path(path)
    if not file.absolute().parent.is_dir():
        raise InputError(f"{file.parent} is not there; make it, or name another file with --html")
    page = render_report(run, dataset, redact=redact, without=without)
    private_file(file, page.html)
    return page
