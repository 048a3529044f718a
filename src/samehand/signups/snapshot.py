"""A stream's state on disk: plain arrays and JSON, whole or not there, readable by its owner only."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from samehand.errors import InputError, NotFoundError
from samehand.policy import SignupPolicy
from samehand.records import replaced_folder
from samehand.signups.ladder import Caps
from samehand.signups.learning import Examples, Learner
from samehand.signups.ledger import Index, Ledger
from samehand.signups.links import Clusters
from samehand.signups.logins import Crowds, Logins
from samehand.signups.profiles import Profile
from samehand.signups.recidivism import KeyRing, KnownBad
from samehand.signups.standing import Standing
from samehand.signups.stream import SignupStream, StandingWave

__all__ = ["load_stream", "save_stream"]

FORMAT = 5
_INDICES = ("facts_index", "local_index")
_ROWS = ("codes", "strata", "at_us", "net_type", "known", "previous")
_COUNTS = {"singles": "facts_index", "locals_": "local_index"}
_LEARNER = ("due", "trained", "trained_us", "number", "made", "late", "since")
_CROWDS = ("device", "row", "new", "all", "crowd")


def _ledger_arrays(ledger: Ledger) -> dict[str, Any]:
    arrays: dict[str, Any] = {name: getattr(ledger, name)[: ledger.end] for name in _ROWS}
    arrays |= {name: getattr(ledger, name)[: getattr(ledger, index).count] for name, index in _COUNTS.items()}
    arrays["latest"] = ledger.latest
    for name in _INDICES:
        index: Index = getattr(ledger, name)
        arrays[f"{name}.keys"], arrays[f"{name}.numbers"] = index.keys, index.numbers
    return arrays


def _wave(wave: StandingWave) -> tuple[dict[str, Any], dict[str, Any]]:
    plain = {k: v for k, v in vars(wave).items() if k not in ("members", "profile")}
    arrays = {f"profile.{one.name}": getattr(wave.profile, one.name) for one in fields(Profile)}
    return plain, {"members": wave.members, **arrays}


def save_stream(stream: SignupStream, path: str | Path) -> None:
    """Write the state into a folder; what stood there is replaced when the new one is whole."""
    ledger = stream.ledger
    arrays = _ledger_arrays(ledger)
    arrays |= {f"standing.{one.name}": getattr(stream.standing, one.name)[: ledger.end] for one in fields(Standing)}
    arrays |= {f"known.{one.name}": getattr(stream.known, one.name) for one in fields(KnownBad)}
    if stream.known_profile is not None:
        arrays |= {f"tie.{one.name}": getattr(stream.known_profile, one.name) for one in fields(Profile)}
    if stream.ring_profile is not None:
        arrays |= {f"ring.{one.name}": getattr(stream.ring_profile, one.name) for one in fields(Profile)}
    plain_waves = []
    for wave in stream.found.values():
        plain, parts = _wave(wave)
        plain_waves.append(plain)
        arrays |= {f"wave{wave.number}.{name}": value for name, value in parts.items()}
    arrays |= {f"clusters.{one.name}": getattr(stream.clusters, one.name) for one in fields(Clusters)}
    learnt, more = _of_learner(stream.learner, ledger.end)
    crowded, others = _of_crowds(stream.crowds)
    arrays |= more | others
    meta = {
        "format": FORMAT,
        "policy": json.loads(json.dumps(asdict(stream.policy))),
        "keys": stream.ring.marks,
        "ledger": {name: getattr(ledger, name) for name in
                   ("window_us", "baseline_us", "first", "begin", "middle", "end", "counted", "in_window", "in_baseline")},
        "counts": {name: getattr(ledger, name).count for name in _INDICES},
        "stream": {name: getattr(stream, name) for name in
                   ("suspends", "epoch_end", "started_us", "last_us", "forget_from", "fresh_from", "known_count", "known_day",
                    "ring_size")},
        "withdrawn": sorted(stream.withdrawn),
        "vouches": stream.vouches.spoken,
        "caps": {"day": stream.caps.day, "used": sorted(stream.caps.used.items())},
        "waves": plain_waves,
        "of_cluster": [(cluster, wave.number) for cluster, wave in stream.of_cluster.items()],
        "looked": sorted(stream.looked.items()),
        "standing": [wave.number for wave in stream.waves],
        "learner": learnt,
        "crowds": crowded,
        "tied": stream.known_profile is not None,
        "ringed": stream.ring_profile is not None,
    }  # fmt: skip
    names = pa.table(
        {
            "platform": pa.array([p for p, _ in stream.names], pa.string()).dictionary_encode(),
            "asset_id": pa.array([a for _, a in stream.names], pa.string()),
        }
    )
    with replaced_folder(Path(path)) as folder:
        np.savez(folder / "arrays.npz", **arrays)
        pq.write_table(names, folder / "names.parquet")
        (folder / "state.json").write_text(json.dumps(meta), encoding="utf-8")


def _of_learner(learner: Learner | None, end: int) -> tuple[dict[str, Any] | None, dict[str, Any]]:
    """What a learner holds but for its model, which is learnt anew from the same examples."""
    if learner is None:
        return None, {}
    plain = {name: getattr(learner, name) for name in _LEARNER}
    plain["rows"] = [[*name, row] for name, row in learner.rows.items()]
    arrays = {f"examples.{one.name}": getattr(learner.examples, one.name) for one in fields(Examples)}
    return plain, {"arriving": learner.arriving[:end], **arrays}


def _learner(plain: dict[str, Any], arrays: Any, stream: SignupStream) -> Learner:
    learner = Learner(stream.policy.learning, stream.ring.newest)
    for name in _LEARNER:
        setattr(learner, name, plain[name])
    learner.due = [(at, platform, asset, bad) for at, platform, asset, bad in plain["due"]]
    learner.rows = {(platform, asset): row for platform, asset, row in plain["rows"]}
    learner.arriving = arrays["arriving"]
    learner.examples = Examples(**{one.name: arrays[f"examples.{one.name}"] for one in fields(Examples)})
    learner.train_again()
    return learner


def _of_crowds(crowds: Crowds | None) -> tuple[dict[str, Any] | None, dict[str, Any]]:
    if crowds is None:
        return None, {}
    arrays = {f"waiting.{one.name}": getattr(crowds.waiting, one.name) for one in fields(Logins)}
    arrays |= {f"crowds.{name}": getattr(crowds, name) for name in _CROWDS}
    for name in ("pairs", "devices"):
        index: Index = getattr(crowds, name)
        arrays[f"crowds.{name}.keys"], arrays[f"crowds.{name}.numbers"] = index.keys, index.numbers
    for place, (keys, counts) in enumerate(crowds.past):
        arrays[f"crowds.past{place}.keys"], arrays[f"crowds.past{place}.counts"] = keys, counts
    plain = {"block": crowds.block, "past": len(crowds.past), "counts": [crowds.pairs.count, crowds.devices.count]}
    return plain, arrays


def _crowds(plain: dict[str, Any], arrays: Any, stream: SignupStream) -> Crowds:
    crowds = Crowds(stream.policy.logins, stream.ledger.window_us, block=plain["block"])
    crowds.waiting = Logins(**{one.name: arrays[f"waiting.{one.name}"] for one in fields(Logins)})
    for name in _CROWDS:
        setattr(crowds, name, arrays[f"crowds.{name}"])
    for name, count in zip(("pairs", "devices"), plain["counts"], strict=True):
        setattr(crowds, name, Index(arrays[f"crowds.{name}.keys"], arrays[f"crowds.{name}.numbers"], count))
    past = range(plain["past"])
    crowds.past = [(arrays[f"crowds.past{k}.keys"], arrays[f"crowds.past{k}.counts"]) for k in past]
    return crowds


def _profile(arrays: Any, prefix: str) -> Profile:
    parts = {one.name: arrays[f"{prefix}.{one.name}"] for one in fields(Profile)}
    return Profile(**{**parts, "size": int(parts["size"])})


def load_stream(path: str | Path, policy: SignupPolicy, ring: KeyRing) -> SignupStream:
    """Read a state that `save_stream` wrote.

    Raises:
        NotFoundError: there is none. InputError: another policy, other keys or a later samehand made it.

    """
    folder = Path(path)
    if not (folder / "state.json").is_file():
        raise NotFoundError(f"{folder}: there is no state of sign-ups here")
    meta = json.loads((folder / "state.json").read_text(encoding="utf-8"))
    if meta["format"] != FORMAT:
        raise InputError(f"{folder}: this state is of another samehand (format {meta['format']}); replay the sign-ups")
    if meta["policy"] != json.loads(json.dumps(asdict(policy))):
        raise InputError(f"{folder}: this state was made under policy {meta['policy']['version']}; replay the sign-ups")
    if meta["keys"] != ring.marks:
        raise InputError(f"{folder}: this state was made under other keys; give its key file, or replay the sign-ups")
    stream = SignupStream(policy, ring, suspends=bool(meta["stream"]["suspends"]))
    for name, value in meta["stream"].items():
        setattr(stream, name, value)
    with np.load(folder / "arrays.npz", allow_pickle=False) as arrays:
        _fill_ledger(stream.ledger, meta, arrays)
        for one in fields(Standing):
            setattr(stream.standing, one.name, arrays[f"standing.{one.name}"])
        stream.known = KnownBad(**{one.name: arrays[f"known.{one.name}"] for one in fields(KnownBad)})
        stream.known_profile = _profile(arrays, "tie") if meta["tied"] else None
        stream.ring_profile = _profile(arrays, "ring") if meta["ringed"] else None
        for one in fields(Clusters):
            value = arrays[f"clusters.{one.name}"]
            setattr(stream.clusters, one.name, int(value) if value.ndim == 0 else value)
        for plain in meta["waves"]:
            prefix = f"wave{plain['number']}"
            plain["makers"], plain["facts"] = tuple(plain["makers"]), tuple(plain["facts"])
            stream.found[plain["number"]] = StandingWave(
                members=arrays[f"{prefix}.members"], profile=_profile(arrays, f"{prefix}.profile"), **plain
            )
        stream.of_cluster = {number: stream.found[wave] for number, wave in meta["of_cluster"]}
        stream.looked = dict(meta["looked"])
        stream.waves = [stream.found[number] for number in meta["standing"]]
        if meta["learner"] is not None:
            stream.learner = _learner(meta["learner"], arrays, stream)
        if meta["crowds"] is not None:
            stream.crowds = _crowds(meta["crowds"], arrays, stream)
    stream.caps = Caps(meta["caps"]["day"], Counter({int(rung): count for rung, count in meta["caps"]["used"]}))
    stream.withdrawn = set(meta["withdrawn"])
    stream.vouches.spoken = [((n[0], n[1]), (v[0], v[1]), at) for n, v, at in meta["vouches"]]
    names = pq.read_table(folder / "names.parquet")
    stream.names = list(zip(names["platform"].to_pylist(), names["asset_id"].to_pylist(), strict=True))
    stream.name_accounts(0)
    return stream


def _fill_ledger(ledger: Ledger, meta: dict[str, Any], arrays: Any) -> None:
    for name, value in meta["ledger"].items():
        setattr(ledger, name, value)
    for name in (*_ROWS, *_COUNTS, "latest"):
        setattr(ledger, name, arrays[name])
    for name in _INDICES:
        setattr(ledger, name, Index(arrays[f"{name}.keys"], arrays[f"{name}.numbers"], meta["counts"][name]))
