"""`samehand expand`: from a tip outward, over what assets share; a dataset in, a run out."""

from __future__ import annotations

import platform
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from time import perf_counter
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import scipy

from samehand import __version__
from samehand.authenticity import Judged, NetworkToJudge
from samehand.errors import FormatError, InputError, UsageError
from samehand.expansion import (
    ATTRIBUTES,
    COLUMNS,
    Answers,
    ExpansionParameters,
    Grown,
    Holdings,
    Shared,
    gather,
    grow,
)
from samehand.records import Dataset, sha256_of, write_run
from samehand.runs.expansion_tables import NETWORK, described, expansion_tables, receipts_of
from samehand.runs.loading import load_world, named
from samehand.runs.search import all_activities
from samehand.runs.seed_files import Answer, Seed, read_answers, read_seeds
from samehand.runs.verdicts import judge_groups
from samehand.traces import canonical_url, named_traces, registered_domain, spoken

__all__ = ["Expansion", "Tip", "expand", "look_up"]

Said = Callable[[str], None]
NAMED: Final = 10
"""Seeds that an error names at the most."""


@dataclass(frozen=True)
class Expansion:
    """What an expansion found, in counts, and where it lies.

    Attributes:
        path: the run's folder.
        seeds: assets at the outset. objects: things that the tip names and somebody has. members: with the seeds.
        included: taken in. hops: by hop. stopped: why it went no further. left_out: by reason.
        unmatched: seeds that match nothing, each with a reason. notes: what to know besides.

    """

    path: Path
    seeds: int
    objects: int
    members: int
    included: int
    hops: tuple[int, ...]
    stopped: str
    left_out: dict[str, int]
    unmatched: tuple[str, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Tip:
    """What a tip names, found in the data: assets, objects, and what was not found with its reason."""

    assets: tuple[int, ...]
    objects: tuple[int, ...]
    unmatched: tuple[str, ...]


def look_up(holdings: Holdings, seeds: Sequence[Seed], handles: Mapping[str, Sequence[str]] | None = None) -> Tip:
    """Find what a tip names. An asset is an id or handle, or `platform:id`; what several assets bear is not taken.

    Args:
        holdings: the dataset's. seeds: what is named.
        handles: `platform:id` of the assets that bear a handle, by handle in lower case; asked for where no id fits.

    """
    by_id, by_handle = _names(holdings, handles or {})
    names = {attribute.name: number for number, attribute in enumerate(ATTRIBUTES)}
    assets, objects, unmatched = [], [], []
    for seed in seeds:
        if seed.kind == "asset":
            found = by_id.get(seed.value) or by_handle.get(seed.value.lower().replace("@", "", 1), [])
            if len(found) == 1:
                assets.append(found[0])
            else:
                why = "is no asset of the dataset" if not found else "is more than one asset; write platform:id"
                unmatched.append(f"row {seed.row}, asset {seed.value}: {why}")
            continue
        key, unreadable = _key(seed)
        thing = holdings.lookup[names[seed.kind]].get(key) if key is not None else None
        why = unreadable if key is None else "no asset of the dataset has it"
        if thing is None:
            shown = "a text" if seed.kind == "text" else f"{seed.kind} {seed.value}"
            unmatched.append(f"row {seed.row}, {shown}: {why}")
        else:
            objects.append(thing)
    return Tip(tuple(dict.fromkeys(assets)), tuple(dict.fromkeys(objects)), tuple(unmatched))


def _names(
    holdings: Holdings, handles: Mapping[str, Sequence[str]]
) -> tuple[dict[str, list[int]], dict[str, list[int]]]:
    """Numbers of assets by id and by handle, each with the platform before it and without."""
    by_id, by_handle, numbers = dict[str, list[int]](), dict[str, list[int]](), dict[str, int]()
    for number, (where, name) in enumerate(zip(holdings.platforms.to_pylist(), holdings.ids.to_pylist(), strict=True)):
        numbers[f"{where}:{name}"] = number
        for key in (name, f"{where}:{name}"):
            by_id.setdefault(key, []).append(number)
    for handle, bearers in handles.items():
        for bearer in bearers:
            for key in (handle, f"{bearer.partition(':')[0]}:{handle}"):
                by_handle.setdefault(key, []).append(numbers[bearer])
    return by_id, by_handle


def _handles(opened: Dataset) -> dict[str, list[str]]:
    """`platform:id` of the assets that bear each handle, in lower case."""
    found: dict[str, list[str]] = {}
    for batch in opened.batches("assets", ["platform", "asset_id", "handle"]):
        for row in batch.to_pylist():
            if row["handle"]:
                found.setdefault(row["handle"].lower(), []).append(f"{row['platform']}:{row['asset_id']}")
    return found


def _key(seed: Seed) -> tuple[str | None, str]:
    """The object's key as the dataset has it, or None and why there is none."""
    if seed.kind == "url":
        return canonical_url(seed.value), "is no link; write the whole of it, as https://site.example/page"
    if seed.kind == "domain":
        link = canonical_url(seed.value)
        return (registered_domain(link) if link else None), "is no domain; write it as site.example"
    if seed.kind == "text":
        said, enough = spoken(pa.array([seed.value]))
        return (said[0].as_py() if enough[0].as_py() else None), "is too short to be compared; write all of it"
    return seed.value, ""


def _answered(holdings: Holdings, answers: Sequence[Answer], file: str | Path | None) -> Answers:
    """What a reviewer said, by number.

    Raises:
        FormatError: an answer is about no asset of the dataset: a no that hits nobody would let somebody in.

    """
    known = {holdings.name_of(number): number for number in range(len(holdings))}
    yes, no = list[int](), list[int]()
    for one in answers:
        number = known.get(f"{one.platform}:{one.asset_id}")
        if number is None:
            raise FormatError(
                f"{file}, row {one.row}: {one.platform}:{one.asset_id} is no asset of the dataset, whose platforms are "
                f"{', '.join(sorted(set(holdings.platforms.to_pylist())))}"
            )
        (yes if one.yes else no).append(number)
    return Answers(tuple(yes), tuple(no))


def _check(parameters: ExpansionParameters) -> None:
    if parameters.hops < 1:
        raise UsageError(f"--hops is 1 or more, not {parameters.hops}")
    for name, value in (("--fdr", parameters.fdr), ("--least-precision", parameters.least_precision)):
        if not 0 < value < 1:
            raise UsageError(f"{name} is above 0 and below 1, not {value:g}")


def expand(
    dataset: str | Path, out: str | Path, seeds: str | Path | Sequence[Seed], *, answers: str | Path | None = None,
    parameters: ExpansionParameters | None = None, of_tip: Mapping[str, Any] | None = None, say: Said | None = None,
) -> Expansion:  # fmt: skip
    """Grow a network from a tip and write the run.

    Args:
        dataset: the dataset's folder.
        out: the run's folder; a run that stands there is replaced when the new one is whole.
        seeds: a CSV of kind and value, see `read_seeds`; or what a tip names.
        answers: a CSV of platform, asset_id and answer that a reviewer wrote, see `read_answers`.
        parameters: the defaults when None.
        of_tip: of which store and number the seeds are, for whoever brings the run into a case.
        say: is told what is being done.

    Raises:
        InputError: the dataset is empty.
        FormatError: a file cannot be read, or nothing that it names is in the dataset; the message says where.
        UsageError: a parameter makes no sense.

    """
    parameters, say, begun = parameters or ExpansionParameters(), say or (lambda _: None), perf_counter()
    _check(parameters)
    file = seeds if isinstance(seeds, str | Path) else None
    tips, said = (
        read_seeds(seeds) if isinstance(seeds, str | Path) else list(seeds),
        read_answers(answers) if answers else [],
    )
    opened = Dataset.open(dataset)
    if not any(opened.rows(name) for name in COLUMNS):
        raise InputError(f"{dataset} holds no assets, relations, log-ins or posts; import some before expanding")
    with write_run(out) as writer:
        say("reading the dataset")
        holdings = gather({name: opened.table(name, columns) for name, columns in COLUMNS.items()})
        tip, notes = look_up(holdings, tips, _handles(opened)), [*_doubled(tips), *_missing(holdings)]
        if not tip.assets and not tip.objects:
            raise FormatError(f"{file or 'the tip'}: nothing that it names is in {dataset}; {_some(tip.unmatched)}")
        reviewed = _answered(holdings, said, answers)
        loaded = perf_counter()
        say(f"expanding from {len(tip.assets)} assets and {len(tip.objects)} things among {len(holdings)} assets")
        shared = Shared.of(holdings, list(tip.objects))
        grown = grow(shared, tip.assets, parameters, reviewed)
        notes += [*described(shared, grown), *_short(grown)]
        say("judging the network")
        judged = _judged(opened, holdings, grown, parameters.seed)
        for name, table in expansion_tables(shared, grown, reviewed, judged).items():
            writer.write(name, table)
        timings = {"load": round(loaded - begun, 3), "all": round(perf_counter() - begun, 3)}
        writer.info.update(
            {
                "dataset": _facts(opened, holdings),
                "parameters": {**asdict(parameters), "seeds_sha256": sha256_of(Path(file)) if file else None,
                               "answers_sha256": sha256_of(Path(answers)) if answers else None},
                "versions": {"samehand": __version__, "python": platform.python_version(), "numpy": np.__version__,
                             "pyarrow": pa.__version__, "scipy": scipy.__version__},
                "seed": parameters.seed,
                "tip": dict(of_tip) if of_tip else None,
                "expansion": _told(shared, grown, tip, reviewed, len(tips)),
                "verdicts": {NETWORK: list(judged.sentences)} if judged else {},
                "steps": _count(grown),
                "notes": notes,
                "timings": timings,
            }
        )  # fmt: skip
    return Expansion(
        Path(out), len(grown.seeds), len(tip.objects), len(grown.seeds) + len(grown.inclusions), len(grown.inclusions),
        tuple(hop.included for hop in grown.hops), grown.stopped, grown.reasons, tip.unmatched, tuple(notes),
    )  # fmt: skip


def _judged(opened: Dataset, holdings: Holdings, grown: Grown, seed: int) -> Judged | None:
    """What is known of those in the network who posted anything, held against accounts that are not in it; None for nobody."""
    if not grown.inclusions or not opened.rows("posts"):
        return None
    world = load_world(opened, named_traces(None), periods=False)
    inside = pa.array([holdings.name_of(k) for k in (*grown.seeds, *(one.asset for one in grown.inclusions))])
    place = pc.index_in(inside, value_set=named(world.platforms, world.assets)).drop_null()
    members = np.sort(place.to_numpy()).astype(np.int32)
    if not len(members):
        return None
    return judge_groups(opened, world, all_activities(world), [NetworkToJudge(members, "strong")], seed=seed)[0]


def _doubled(seeds: Sequence[Seed]) -> list[str]:
    doubled = len(seeds) - len({(one.kind, one.value) for one in seeds})
    return [f"{doubled:,} of the seeds say what an earlier one says, and count once"] if doubled else []


def _some(unmatched: Sequence[str]) -> str:
    more = len(unmatched) - NAMED
    return "; ".join(unmatched[:NAMED]) + (f"; and {more:,} more" if more > 0 else "")


def _short(grown: Grown) -> list[str]:
    """Whether the rest of the dataset is too small to measure chance in."""
    kinds = dict.fromkeys(kind for hop in grown.hops for kind in hop.short)
    return [
        f"the dataset has fewer than twice as many other {kind} as the network: chance is drawn from smaller networks, and "
        "ties less than it should; look at the weakest inclusions"
        for kind in kinds
    ]


def _missing(holdings: Holdings) -> list[str]:
    """What the platform did not hand over that would make a member."""
    absent = [
        attribute.name
        for number, attribute in enumerate(ATTRIBUTES)
        if attribute.grade == "operator" and not holdings.has[number].any()
    ]
    if len(absent) == sum(attribute.grade == "operator" for attribute in ATTRIBUTES):
        return [
            "there are no log-ins and no administrators in the data: behaviour alone makes no member; who acts together is "
            "what `samehand detect` finds"
        ]
    return [f"not in the data: {', '.join(absent)}"] if absent else []


def _facts(opened: Dataset, holdings: Holdings) -> dict[str, Any]:
    return {
        "path": str(opened.path), "name": opened.manifest.name, "hash": opened.hash,
        "rows": {name: opened.rows(name) for name in COLUMNS},
        "sources": [asdict(source) for source in opened.manifest.sources],
        "accounts": int(holdings.is_account.sum()), "assets": len(holdings),
    }  # fmt: skip


def _told(shared: Shared, grown: Grown, tip: Tip, answers: Answers, seeds: int) -> dict[str, Any]:
    """Seeds, hops, the stop, and who comes next; all that is no table."""
    return {
        "seeds": {"rows": seeds, "assets": len(tip.assets), "objects": len(tip.objects), "unmatched": list(tip.unmatched)},
        "answers": {"yes": len(answers.yes), "no": len(answers.no)},
        "hops": [asdict(hop) for hop in grown.hops],
        "stopped": grown.stopped,
        "inclusions": [
            {"asset": shared.all.name_of(one.asset), "hop": one.hop, "round": one.round, "nats": round(one.total, 4),
             "operator_nats": round(one.operator, 4), "among": one.among or None, "p_value": one.p_value,
             "q_value": one.q_value, "local_fdr": one.local_fdr}
            for one in grown.inclusions
        ],
        "leads": [
            {"asset": shared.all.name_of(one.asset), "nats": round(one.total, 4), "p_value": one.p_value,
             "q_value": one.q_value, "attribute": ATTRIBUTES[shared.attribute[one.row]].name,
             "object_id": shared.all.names[shared.objects[one.row]], "receipts": receipts_of(shared, one.row)}
            for one in grown.leads
        ],
    }  # fmt: skip


def _count(grown: Grown) -> list[dict[str, Any]]:
    kept, steps = len(grown.inclusions), []
    left = sum(grown.reasons.values())
    for reason, count in grown.reasons.items():
        left -= count
        steps.append({"step": "assets that share something, or look on", "trace": None, "kept": kept + left,
                      "dropped": count, "unit": "assets", "reason": reason})  # fmt: skip
    return steps
