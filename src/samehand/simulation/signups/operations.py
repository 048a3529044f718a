"""What is planted: an operation in waves, what was taken down of it before, and rings that sell things."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import numpy as np

from samehand.simulation.signups.parameters import DAY_S, Evasion, SignupParameters
from samehand.simulation.signups.rows import Array, Rows
from samehand.simulation.signups.sampling import between
from samehand.simulation.signups.stage import Stage
from samehand.simulation.signups.waves import Wave, draw_wave, rows_of

__all__ = ["known_bad", "operation", "operation_size", "rings", "spam_sizes"]

_RING = (40.0, 400.0)
_BEFORE_DAYS = (20.0, 200.0)


def spam_sizes(rng: np.random.Generator, parameters: SignupParameters) -> list[int]:
    """Accounts of each ring: at most 3 % of the people together."""
    sizes = [round(between(rng, _RING, log=True) * parameters.ring_scale) for _ in range(parameters.rings)]
    most = 0.03 * parameters.genuine
    return [max(1, round(size * min(1.0, most / max(sum(sizes), 1)))) for size in sizes]


def operation_size(parameters: SignupParameters, spam: int) -> int:
    """Accounts that make the operation its share of all sign-ups."""
    return round(parameters.prevalence / (1 - parameters.prevalence) * (parameters.genuine + spam))


def rings(stage: Stage, rng: np.random.Generator, sizes: list[int]) -> list[Wave]:
    """Commercial spam, each ring with particulars of its own; they go on in the baseline as well."""
    made = []
    for number, size in enumerate(sizes):
        level: Evasion = ("E0", "E1", "E2")[int(rng.choice(3, p=(0.3, 0.45, 0.25)))]
        regime = _regime(rng, "both")
        made.append(
            draw_wave(
                stage,
                rng,
                name=f"ring-{number + 1}",
                role="spam",
                level=level,
                regime=regime,
                count=size,
                first_day=0.0,
            )
        )
    return made


def _regime(rng: np.random.Generator, wanted: Literal["fresh", "stock", "both"]) -> Literal["fresh", "stock"]:
    if wanted != "both":
        return wanted
    return "fresh" if rng.random() < 0.65 else "stock"


def operation(stage: Stage, rng: np.random.Generator, count: int, known: Wave | None) -> list[Wave]:
    """The operation's waves; later ones go on using some things of the first, all of them some of a known one's."""
    parameters = stage.parameters
    if not count:
        return []
    levels, (least, most) = parameters.levels, parameters.waves
    number = max(len(levels), int(rng.integers(least, most + 1)))
    number = min(number, max(len(levels), count // 30))
    share = rng.dirichlet(np.full(number, 3.0))
    sizes = np.floor(share * count).astype(int)
    sizes[0] += count - sizes.sum()
    order: list[Evasion] = [levels[index % len(levels)] for index in range(number)]
    common = float(rng.uniform(0, 0.5))
    made: list[Wave] = []
    for index, (level, size) in enumerate(zip(order, sizes.tolist(), strict=True)):
        wave = draw_wave(
            stage,
            rng,
            name=f"wave-{index + 1}",
            role="operation",
            level=level,
            regime=_regime(rng, parameters.regime),
            count=size,
            first_day=parameters.baseline_days,
        )
        if known is not None:
            wave = wave.keeping(rng, known, between(rng, parameters.kept))
        made.append(wave.keeping(rng, made[0], common) if made else wave)
    return made


def known_bad(stage: Stage, rng: np.random.Generator, level: Evasion) -> tuple[Wave, Rows, Array]:
    """Accounts of the operator that were taken down: the wave, its rows, and when each was removed.

    They signed up 20 to 200 days before the world begins and were removed in its first weeks, most on two days.
    """
    parameters = stage.parameters
    wave = draw_wave(
        stage,
        rng,
        name="known",
        role="operation",
        level=level,
        regime="stock",
        count=parameters.known_bad,
        first_day=0.0,
    )
    back_days = between(rng, _BEFORE_DAYS)
    wave = _as_of(stage, rng, wave, -(back_days + 1))
    rows = rows_of(stage, rng, wave, -1)
    rows.at_s[:] = rows.at_s / parameters.days * back_days - (back_days + 1) * DAY_S
    own = np.flatnonzero(~np.isin(rows.client, wave.pools["client"].codes) | wave.updated)
    rows.client[own] = stage.machines.updated(rng, rows.client[own], rows.at_s[own])
    sweeps = rng.uniform(2, max(3.0, parameters.baseline_days), 2)
    spread = rng.uniform(2, max(3.0, parameters.baseline_days), len(rows))
    day = np.where(rng.random(len(rows)) < 0.7, rng.choice(sweeps, len(rows)), spread)
    removed_s = day * DAY_S + rng.random(len(rows)) * 3_600
    return wave, rows, removed_s


def _as_of(stage: Stage, rng: np.random.Generator, wave: Wave, day: float) -> Wave:
    """The wave with the versions that its kit ran on a day."""
    kit = wave.pools["client"]
    codes = stage.machines.updated(rng, kit.codes, np.full(len(kit.codes), day * DAY_S))
    return replace(wave, pools={**wave.pools, "client": replace(kit, codes=codes)})
