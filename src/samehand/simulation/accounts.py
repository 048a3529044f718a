"""Tables about accounts: what they look like, were called, logged in from and are tied to; and events."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from samehand.records import empty_table
from samehand.simulation.columns import Column, as_text, strings, taken
from samehand.simulation.groups import Protest
from samehand.simulation.infrastructure import Logins
from samehand.simulation.looks import DAY_S, HOUR_S
from samehand.simulation.names import Words
from samehand.simulation.parameters import WorldParameters
from samehand.simulation.pasts import Change
from samehand.simulation.people import Integers, People
from samehand.simulation.profiles import Profiles
from samehand.simulation.tables import LANGUAGES, Names, declared, moments_column
from samehand.simulation.ties import Ties

__all__ = ["events_table", "history_table", "logins_table", "profiles_table", "relations_table"]


def _platform(world: WorldParameters, count: int) -> Column:
    return pa.array([world.platform] * count, pa.string())


def profiles_table(world: WorldParameters, people: People, names: Names, looks: Profiles) -> pa.Table:
    """The accounts in order of their ids."""
    texts = ("kind", "handle", "display_name", "bio", "avatar_hash", "profile_url", "location", "status")
    columns: dict[str, Column] = {
        "platform": _platform(world, len(people)),
        "asset_id": names.asset_id,
        "language": taken(LANGUAGES, people.script),
        "created_at": moments_column(world, looks.made_s),
        **{name: pa.array(getattr(looks, name), pa.string()) for name in texts},
        **{name: pa.array(getattr(looks, name)) for name in ("followers", "following", "posts_count")},
    }
    return declared("assets", columns, len(people)).sort_by([("platform", "ascending"), ("asset_id", "ascending")])


def history_table(
    rng: np.random.Generator,
    world: WorldParameters,
    people: People,
    names: Names,
    looks: Profiles,
    changes: Sequence[Change],
) -> pa.Table:
    """For each change two rows: the value from the account's first day on, and the one that holds since."""
    account, at_s, field, value = [], [], [], []
    for change in changes:
        old, new = _values(rng, change, people, looks)
        account += [change.account, change.account]
        at_s += [looks.made_s[change.account], change.at_s]
        field += [change.field] * (2 * len(old))
        value += [*old, *new]
    if not field:
        return empty_table("asset_history")
    who = np.concatenate(account)
    columns: dict[str, Column] = {
        "platform": _platform(world, len(who)),
        "asset_id": taken(names.asset_id, who),
        "at": moments_column(world, np.concatenate(at_s)),
        "field": strings(field),
        "value": strings(value),
    }
    table = declared("asset_history", columns, len(who))
    return table.sort_by([(name, "ascending") for name in ("asset_id", "field", "at")])


def _values(rng: np.random.Generator, change: Change, people: People, looks: Profiles) -> tuple[list[str], list[str]]:
    words, accounts = looks.words, change.account.tolist()
    if change.field == "language":
        codes = LANGUAGES.to_pylist()
        return [codes[code] for code in change.script.tolist()], [codes[people.script[account]] for account in accounts]
    if change.field == "handle":
        old = [words.one(rng) + str(int(rng.integers(10, 10_000))) for _ in accounts]
        return old, [looks.handle[account] for account in accounts]
    scripts = np.where(change.script >= 0, change.script, people.script[change.account])
    old = [" ".join(words.one(rng, int(code)).title() for _ in range(2)) for code in scripts]
    return old, [looks.display_name[account] for account in accounts]


def logins_table(world: WorldParameters, names: Names, logins: Logins) -> pa.Table:
    """Log-ins in order of account and time."""
    count = len(logins.account)
    # numbers of devices are dealt out in an order that says who came first
    device = (logins.device * 2_654_435_761 + 97) % (1 << 40)
    columns: dict[str, Column] = {
        "platform": _platform(world, count),
        "asset_id": taken(names.asset_id, logins.account),
        "at": moments_column(world, logins.at_s),
        "ip": taken(strings(logins.addresses), logins.place),
        "asn": taken(strings(logins.networks), logins.place),
        "net_type": taken(strings(logins.kinds), logins.place),
        "device_id": as_text(device.astype(np.int64)),
    }
    return declared("logins", columns, count).sort_by([("asset_id", "ascending"), ("at", "ascending")])


def relations_table(world: WorldParameters, names: Names, ties: Ties) -> pa.Table:
    """Relations in order of account and target."""
    columns: dict[str, Column] = {
        "platform": _platform(world, len(ties.account)),
        "asset_id": taken(names.asset_id, ties.account),
        "role": strings(ties.role),
        "target_id": taken(names.asset_id, ties.target),
        "since": moments_column(world, ties.since_s),
    }
    table = declared("relations", columns, len(ties.account))
    return table.sort_by([("asset_id", "ascending"), ("target_id", "ascending")])


def events_table(
    rng: np.random.Generator,
    world: WorldParameters,
    names: Names,
    words: Words,
    protests: Sequence[tuple[Protest, Integers]],
) -> pa.Table:
    """Each protest as an event with its host; more are interested than go, more go than post."""
    if not protests:
        return empty_table("events")
    count = len(protests)
    starts_s = np.array([plan.day * DAY_S for plan, _ in protests])
    going = np.array([round(len(crowd) * rng.uniform(1, 4)) for _, crowd in protests])
    columns: dict[str, Column] = {
        "platform": _platform(world, count),
        "event_id": as_text(700_000_000_003 + 1_009 * rng.permutation(count)),
        "name": strings([" ".join(words.one(rng) for _ in range(3)).capitalize() for _ in protests]),
        "host_id": taken(names.asset_id, np.array([int(crowd[0]) for _, crowd in protests])),
        "starts_at": moments_column(world, starts_s),
        "ends_at": moments_column(world, starts_s + HOUR_S * rng.uniform(2, 6, count)),
        "place": strings([words.one(rng).title() for _ in protests]),
        "interested": pa.array(np.round(going * rng.uniform(2, 8, count)).astype(np.int64)),
        "going": pa.array(going.astype(np.int64)),
    }
    return declared("events", columns, count)
