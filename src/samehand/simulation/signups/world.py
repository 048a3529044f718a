"""A world of sign-ups: what a platform sees of them, and the truth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa

from samehand.records import TIME, empty_table, schema_of
from samehand.simulation.columns import Column, as_text, looked_up, strings
from samehand.simulation.signups.afterwards import draw_labels, draw_logins
from samehand.simulation.signups.likelihood import Odds, draw_genuine
from samehand.simulation.signups.missing import lose
from samehand.simulation.signups.operations import known_bad, operation, operation_size, rings, spam_sizes
from samehand.simulation.signups.parameters import HARD, LEVELS, SignupParameters
from samehand.simulation.signups.rows import ROLES, Array, Rows
from samehand.simulation.signups.stage import Stage
from samehand.simulation.signups.texts import moments, signups_table
from samehand.simulation.signups.waves import Wave, rows_of

__all__ = ["SIGNUP_TRUTH", "SignupWorld", "draw_signups"]

SIGNUP_TRUTH: Final = pa.schema(
    [
        pa.field("platform", pa.string(), nullable=False),
        pa.field("asset_id", pa.string(), nullable=False),
        pa.field("role", pa.string(), nullable=False),
        pa.field("team", pa.string(), nullable=False),
        pa.field("evasion", pa.string(), nullable=False),
        pa.field("regime", pa.string(), nullable=False),
        pa.field("scenario", pa.string(), nullable=False),
        pa.field("signals", pa.int64(), nullable=False),
        pa.field("first_post_at", TIME),
        pa.field("llr", pa.float64(), nullable=False),
        pa.field("clairvoyant", pa.float64(), nullable=False),
    ]
)
"""Columns of the truth about sign-ups; texts are empty where they do not apply, `first_post_at` is null for never."""


@dataclass(frozen=True)
class SignupWorld:
    """A world that was drawn.

    Attributes:
        parameters: it was drawn from.
        signups: the table of sign-ups in the order of time, in the declared columns.
        truth: SIGNUP_TRUTH, a row an account in the same order.
        known_bad: sign-ups of accounts that were taken down, with `removed_at`; empty where nothing is known.
        logins, labels: in the declared columns, by time; empty where the platform hands none over.

    """

    parameters: SignupParameters
    signups: pa.Table
    truth: pa.Table
    known_bad: pa.Table
    logins: pa.Table
    labels: pa.Table


def draw_signups(parameters: SignupParameters, seed: int) -> SignupWorld:
    """Draw a world; the same parameters and seed give the same tables."""
    streams = [np.random.default_rng([seed, 11, number]) for number in range(9)]
    stage = Stage.drawn(streams[0], parameters)
    people = draw_genuine(stage, streams[1])
    sizes = spam_sizes(streams[2], parameters)
    spam = rings(stage, streams[2], sizes)
    known, bad = _known(stage, streams[3])
    waves = operation(stage, streams[4], operation_size(parameters, sum(sizes)), known)
    planted = [*waves, *spam]
    rows = Rows.joined([*people, *(rows_of(stage, streams[5], wave, team) for team, wave in enumerate(planted))])
    del people
    rows = rows.taken(np.argsort(rows.at_s, kind="stable"))
    lost = lose(stage, streams[6], rows)
    llr, clairvoyant = Odds.measured(stage, streams[7], waves).of(rows, lost)
    asset_id = _ids(streams[8], len(rows))
    truth = _truth(stage, rows, asset_id, planted, llr, clairvoyant)
    signups = signups_table(stage, rows, asset_id, lost)
    logins, labels = empty_table("logins"), empty_table("labels")
    if parameters.logins:
        logins = draw_logins(np.random.default_rng([seed, 11, 9]), signups, truth)
    if parameters.labels:
        labels = draw_labels(np.random.default_rng([seed, 11, 10]), signups, truth)
    return SignupWorld(parameters, signups, truth, bad, logins, labels)


def _ids(rng: np.random.Generator, count: int) -> Column:
    """Numbers that grow with time, in uneven steps, as other things get numbers too."""
    return as_text(1_000_000_000_000 + np.cumsum(1 + np.floor(rng.exponential(900.0, count)).astype(np.int64)))


def _known(stage: Stage, rng: np.random.Generator) -> tuple[Wave | None, pa.Table]:
    schema = pa.schema([*schema_of("signups"), pa.field("removed_at", TIME, nullable=False)])
    if not stage.parameters.known_bad:
        return None, schema.empty_table()
    wave, rows, removed_s = known_bad(stage, rng, "E1" if rng.random() < 0.5 else "E0")
    order = np.argsort(rows.at_s, kind="stable")
    rows = rows.taken(order)
    lost = lose(stage, rng, rows)
    asset_id = as_text(700_000_000_000 + np.cumsum(1 + np.floor(rng.exponential(9e6, len(rows))).astype(np.int64)))
    table = signups_table(stage, rows, asset_id, lost)
    removed = moments(stage.parameters.start, removed_s[order])
    return wave, table.append_column(schema.field("removed_at"), pa.chunked_array([removed]))


def _truth(stage: Stage, rows: Rows, asset_id: Column, planted: list[Wave], llr: Array, clairvoyant: Array) -> pa.Table:
    def named(texts: tuple[str, ...], codes: Array) -> Column:
        return looked_up(strings(texts), codes.astype(np.int64))

    count = len(rows)
    columns = [
        named((stage.parameters.platform,), np.zeros(count)),
        asset_id,
        named(ROLES, rows.role),
        named(("", *(wave.name for wave in planted)), rows.team + 1),
        named(("", *LEVELS), rows.level + 1),
        named(("", "fresh", "stock"), rows.regime + 1),
        named(("", *HARD), rows.scenario),
        pa.array(rows.signals.astype(np.int64)),
        moments(stage.parameters.start, rows.first_post_s),
        pa.array(llr.astype(np.float64)),
        pa.array(clairvoyant.astype(np.float64)),
    ]
    return pa.Table.from_arrays(
        [column.cast(item.type) for column, item in zip(columns, SIGNUP_TRUTH, strict=True)], schema=SIGNUP_TRUTH
    )
