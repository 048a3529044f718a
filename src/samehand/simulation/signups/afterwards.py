"""What comes after the sign-ups: logins and the devices that people and operations share, and what reviewers say of accounts.

Families have a tablet, cafes and libraries have machines that newcomers and old customers use, telephones are sold on, and
at a help desk volunteers sign people up on one tablet. Operations hold their accounts on telephones of a farm, many on each,
the more careful the fewer, or each on a device that pretends to be its own. Reviewers see a part of either, days later, and
err.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from samehand.records import TIME, schema_of
from samehand.simulation.signups.parameters import DAY_S

__all__ = ["draw_labels", "draw_logins"]

I64 = npt.NDArray[np.int64]
F64 = npt.NDArray[np.float64]

FARM: Final = {"E0": (40, 100), "E1": (15, 60), "E2": (8, 30), "E3": (1, 6), "E4": (1, 1), "": (10, 60)}
"""Bounds of the accounts on one telephone of an operation by its level; a ring that sells has none."""
DAY_US = int(DAY_S) * 1_000_000
LEAST_DELAY, MOST_DELAY = 2.0, 7.0


def draw_logins(rng: np.random.Generator, signups: pa.Table, truth: pa.Table) -> pa.Table:
    """Logins of the accounts of a world, and of older accounts on the devices that they share.

    Args:
        rng: of this alone.
        signups, truth: of the world, row by row.

    Returns:
        The columns of `logins` in order of time; addresses are unknown.

    """
    at = signups["at"].cast(pa.int64()).to_numpy()
    count, end = len(at), int(at[-1])
    own = _devices(rng, at, truth)
    often = rng.poisson(rng.uniform(1.0, 3.0), count) + 1
    who = np.repeat(np.arange(count), often)
    nth = np.arange(len(who)) - np.repeat(np.cumsum(often) - often, often)
    wait = np.where(nth == 0, rng.uniform(5e6, 60e6, len(who)), rng.exponential(4.0 * DAY_US, len(who)))
    when = at[who] + wait.astype(np.int64)
    device = own[who]
    second = (rng.random(len(who)) < 0.1) & (nth > 0) & (truth["role"].to_numpy(zero_copy_only=False)[who] == "genuine")
    device = np.where(second, count + who, device)
    shared = 10 * count
    places = max(1, count // 2_000)
    weight = rng.pareto(1.2, places) + 1.0
    weight /= weight.sum()
    public = second & (rng.random(len(who)) < 0.3)
    device = np.where(public, shared + rng.choice(places, len(who), p=weight), device)
    names = [signups["asset_id"].take(pa.array(who)).combine_chunks()]
    old_who, old_at, old_device = _customers(rng, at, shared, weight, own, int(public.sum()))
    names.append(pa.array([f"old-{k}" for k in old_who.tolist()], pa.string()))
    when, device = np.concatenate([when, old_at]), np.concatenate([device, old_device])
    kept = np.flatnonzero(when <= end)
    order = kept[np.argsort(when[kept], kind="stable")]
    mark = rng.permutation(np.arange(shared + places))
    known = {
        "platform": pa.array([signups["platform"][0].as_py()] * len(order), pa.string()),
        "asset_id": pa.chunked_array(names).combine_chunks().take(pa.array(order)),
        "at": pa.array(when[order] // 1_000 * 1_000, TIME),
        "device_id": pa.array([f"{number:x}" for number in mark[device[order]].tolist()], pa.string()),
    }
    schema = schema_of("logins")
    columns = [known.get(one.name, pa.nulls(len(order), one.type)) for one in schema]
    return pa.Table.from_arrays(columns, schema=schema)


def _devices(rng: np.random.Generator, at: I64, truth: pa.Table) -> I64:
    """Each account's own device, as a number below ten times the accounts."""
    count = len(at)
    role = np.array(truth["role"].to_pylist())
    own = np.arange(count)
    people = rng.permutation(np.flatnonzero(role == "genuine"))
    family = people[: int(0.08 * len(people))]
    for low in range(0, len(family), 4):
        some = family[low : low + int(rng.integers(2, 5))]
        own[some] = own[some[0]] if len(some) else 0
    sold = people[len(family) : len(family) + int(0.01 * len(people))]
    half = len(sold) // 2
    own[sold[:half]] = own[sold[half : 2 * half]]
    for _ in range(int(rng.integers(0, 3))):
        begin = float(rng.uniform(at[0], at[-1]))
        near = np.flatnonzero((role == "genuine") & (at >= begin) & (at < begin + rng.uniform(0.2, 2.0) * DAY_US))
        desk = rng.permutation(near)[: int(rng.integers(8, 40))]
        own[desk] = 3 * count + int(rng.integers(0, count))
    used = 4 * count
    team, level = np.array(truth["team"].to_pylist()), np.array(truth["evasion"].to_pylist())
    for name in sorted(set(team[role != "genuine"].tolist())):
        mine = np.flatnonzero((team == name) & (role != "genuine"))
        if rng.random() < 0.6:
            low, high = FARM[level[mine[0]]]
            phones = np.cumsum(rng.integers(low, high + 1, len(mine)))
            own[mine] = used + np.searchsorted(phones, np.arange(len(mine)), side="right")
            used += len(mine)
    return own


def _customers(
    rng: np.random.Generator, at: I64, shared: int, weight: F64, own: I64, newcomers: int
) -> tuple[I64, I64, I64]:
    """Older accounts on shared machines (some three to each newcomer there) and on families' devices: who, when, where."""
    visits = rng.poisson(3.0 * newcomers * weight)
    place = shared + np.repeat(np.arange(len(weight)), visits)
    who = np.repeat(np.arange(len(weight)), visits) * 1_000 + rng.integers(
        0, np.maximum(2, np.repeat(visits, visits) // 3)
    )
    device, size = np.unique(own, return_counts=True)
    home = np.repeat(device[(size > 1) & (device < len(at))], 2)
    device = np.concatenate([place, home])
    who = np.concatenate([who, 10**9 + np.arange(len(home))])
    return who, rng.uniform(at[0], at[-1], len(who)).astype(np.int64), device


def draw_labels(rng: np.random.Generator, signups: pa.Table, truth: pa.Table) -> pa.Table:
    """What reviewers say: of a part of the accounts, two to seven days later, some of it wrong.

    Of the operation's and the rings' accounts that they see, 5 to 10 in a hundred are held to be genuine; of all that they
    label as made by a hand, so many are people.

    Returns:
        The columns of `labels`, by the time when each is known.

    """
    at, role = signups["at"].cast(pa.int64()).to_numpy(), np.array(truth["role"].to_pylist())
    wrong = float(rng.uniform(0.05, 0.10))
    seen = {"genuine": float(rng.uniform(0.2, 0.4)), "operation": float(rng.uniform(0.3, 0.6)), "spam": 0.5}
    looked = rng.random(len(at)) < np.array([seen[one] for one in role])
    said = role.astype(np.object_)
    made = np.flatnonzero(looked & (role != "genuine"))
    said[made[rng.random(len(made)) < wrong]] = "genuine"
    people = np.flatnonzero(looked & (role == "genuine"))
    mistaken = rng.permutation(people)[: round(wrong * (said[made] != "genuine").sum())]
    said[mistaken] = rng.choice(["operation", "spam"], len(mistaken))
    rows = np.flatnonzero(looked)
    known = at[rows] + (rng.uniform(LEAST_DELAY, MOST_DELAY, len(rows)) * DAY_US).astype(np.int64)
    order = np.argsort(known, kind="stable")
    rows, known = rows[order], known[order]
    table = {
        "platform": signups["platform"].take(pa.array(rows)),
        "asset_id": signups["asset_id"].take(pa.array(rows)),
        "label": pa.array(said[rows].tolist(), pa.string()),
        "source": pa.array(["review"] * len(rows), pa.string()),
        "known_at": pc.cast(pa.array(known // 1_000 * 1_000), TIME),
    }
    return pa.table(table, schema=schema_of("labels"))
