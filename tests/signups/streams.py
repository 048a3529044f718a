"""Streams of sign-ups for tests: people without anything planted among them, and rows that share what a test says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from samehand.policy import DECISIONS, SignupPolicy, read_signup_policy
from samehand.records import schema_of
from samehand.signups import KeyRing, SignupStream
from samehand.simulation import SignupParameters, draw_signups

SCHEMA = schema_of("signups")
START = datetime(2019, 6, 3, tzinfo=UTC)
RING = KeyRing(("1",), (b"k" * 32,))
OTHER_RING = KeyRing(("1",), (b"q" * 32,))
DAYS = 20.0


@cache
def people(count: int = 3_000, seed: int = 5) -> pa.Table:
    """Sign-ups of people over twenty days: no operation, ring, surge or look-alike among them."""
    parameters = SignupParameters(
        genuine=count, days=DAYS, baseline_days=10.0, hard=(), rings=0, surges=0, prevalence=0.0
    )
    return draw_signups(parameters, seed).signups


def signup(number: int, day: float, **known: Any) -> dict[str, Any]:
    """A row of `signups` of which nothing is known but what is said."""
    at = START + timedelta(days=day)
    return {
        **dict.fromkeys(SCHEMA.names),
        "platform": "sim",
        "asset_id": f"planted-{number}",
        "at": at,
        **known,
    }


def table_of(rows: list[dict[str, Any]]) -> pa.Table:
    return pa.Table.from_pylist(rows, schema=SCHEMA)


def in_order(*tables: pa.Table) -> pa.Table:
    return pa.concat_tables([table.cast(SCHEMA) for table in tables]).sort_by([("at", "ascending")])


def word(rng: np.random.Generator, letters: int) -> str:
    return "".join(chr(97 + int(c)) for c in rng.integers(0, 26, letters))


@cache
def _paces() -> npt.NDArray[np.int64]:
    return np.asarray(people()["flow_ms"].drop_null().to_numpy(), np.int64)


def unlike(rng: np.random.Generator, number: int, day: float, **shared: Any) -> dict[str, Any]:
    """Somebody of the commonest country who has everything alone but for what is shared."""
    octets = rng.integers(1, 255, 3).tolist()
    own = {
        "ip": f"11.{octets[0]}.{octets[1]}.{octets[2]}",
        "net_type": "residential",
        "country": "BR",
        "locale": "pt-BR",
        "timezone": "America/Sao_Paulo",
        "device_id": f"device-{number}",
        "username": word(rng, int(rng.integers(5, 14))) + str(rng.integers(0, 10 ** int(rng.integers(1, 6)))),
        "flow_ms": int(rng.choice(_paces())),
        "phone_prefix": f"+55{rng.integers(10**5, 10**6)}",
        "phone_country": "BR",
    }
    return signup(number, day, **{**own, **shared})


def scripted(count: int, day: float, seed: int = 1, first: int = 0, hand: int = 7) -> pa.Table:
    """A script on rented machines: one odd program, one block of telephones, handles by rule, within six hours.

    Another hand has another program, telephones, handles and network; `first` numbers its accounts.
    """
    rng = np.random.default_rng(seed)
    return table_of(
        [
            unlike(
                rng, first + k, day + 0.25 * k / count, ip=f"203.{hand}.{113 + k % 7}.{1 + k % 200}", net_type="hosting",
                user_agent=f"App/1.0.{hand} (Droid 4; M-7)",
                os_version="Droid 4", app_version=f"1.0.{hand}", phone_prefix=f"+9990000{hand}",
                phone_country="XK", timezone="Asia/Tokyo",
                username=f"{word(rng, hand)}_{rng.integers(1000, 9999)}x", flow_ms=4_000 + 20 * (k % 5),
            )
            for k in range(count)
        ]
    )  # fmt: skip


def stream_of(policy: SignupPolicy | None = None, ring: KeyRing = RING, **more: Any) -> SignupStream:
    return SignupStream(policy or read_signup_policy(), ring, **more)


def decided(table: pa.Table, stream: SignupStream | None = None) -> pa.Table:
    stream = stream or stream_of()
    return pa.concat_tables([stream.feed(table), stream.finish()])


def highest(decisions: pa.Table) -> dict[str, int]:
    """The highest rung that each account reached, as a place in DECISIONS."""
    best: dict[str, int] = {}
    for asset, decision in zip(decisions["asset_id"].to_pylist(), decisions["decision"].to_pylist(), strict=True):
        best[asset] = max(best.get(asset, 0), DECISIONS.index(decision))
    return best


def places_of(table: pa.Table, asset_start: str) -> npt.NDArray[np.int64]:
    """Where in a table the accounts are whose id begins so."""
    return np.flatnonzero(pc.starts_with(table["asset_id"], asset_start).to_numpy(zero_copy_only=False)).astype(
        np.int64
    )
