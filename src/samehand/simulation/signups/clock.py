"""When people sign up: the days of the world and the hours of a place."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from samehand.simulation.signups.parameters import DAY_S, HOUR_S
from samehand.simulation.signups.rows import Array
from samehand.simulation.signups.sampling import weighted

__all__ = ["EVENING", "NIGHT", "OFFICE", "Clock"]

_WEEKDAY = np.array(
    [
        2.2,
        1.3,
        0.8,
        0.6,
        0.6,
        0.9,
        1.8,
        3.2,
        4.2,
        4.5,
        4.6,
        4.7,
        5.2,
        5.0,
        4.7,
        4.8,
        5.1,
        5.6,
        6.1,
        6.8,
        7.2,
        7.0,
        5.6,
        3.8,
    ]
)
_WEEKEND = np.array(
    [
        3.0,
        2.0,
        1.3,
        0.9,
        0.7,
        0.8,
        1.2,
        2.0,
        3.3,
        4.6,
        5.6,
        6.0,
        6.2,
        6.1,
        6.0,
        5.9,
        5.9,
        6.0,
        6.2,
        6.5,
        6.6,
        6.2,
        5.2,
        3.9,
    ]
)
OFFICE = np.array([0.0] * 8 + [1, 3, 5, 5, 2, 3, 5, 5, 4, 2, 0.4] + [0.0] * 5)
EVENING = np.array([2.0, 1, 0.4, 0.2, 0.1, 0.1, 0.2, 0.4, 0.8, 1, 1, 1, 1.5, 1.5, 1.5, 2, 2.5, 4, 6, 8, 9, 9, 7, 4])
NIGHT = np.array([9.0, 9, 8, 7, 6, 5, 3, 1.5, 1, 0.6, 0.5, 0.5, 0.5, 0.6, 0.7, 0.8, 1, 1.2, 1.5, 2, 3, 4, 6, 8])


@dataclass(frozen=True)
class Clock:
    """How sign-ups are spread over a world.

    Attributes:
        days: length. day: weight of each day: growth, weekdays, chance. first_weekday: of the first day, 0 is Monday.
        weekday, weekend: weight of each local hour.

    """

    days: float
    day: Array
    first_weekday: int
    weekday: Array
    weekend: Array

    @classmethod
    def drawn(cls, rng: np.random.Generator, days: float, first_weekday: int) -> Clock:
        """Draw growth, the week's rhythm and the chances of single days."""
        numbers = np.arange(int(np.ceil(days)))
        growth = (1 + rng.uniform(-0.1, 0.35)) ** (numbers / 30)
        free = (numbers + first_weekday) % 7 >= 5
        part = np.minimum(1.0, days - numbers)
        return cls(
            days=days,
            day=growth * np.where(free, rng.uniform(0.85, 1.25), 1.0) * rng.lognormal(0, 0.07, len(numbers)) * part,
            first_weekday=first_weekday,
            weekday=_WEEKDAY * rng.lognormal(0, 0.08, 24),
            weekend=_WEEKEND * rng.lognormal(0, 0.08, 24),
        )

    def at(
        self, rng: np.random.Generator, offset_s: Array, day: Array | None = None, hours: Array | None = None
    ) -> Array:
        """A moment for each account, seconds from the start.

        Args:
            rng: the randomness.
            offset_s: of each account's zone; hours are local.
            day: of each account, drawn by the days' weights if not given.
            hours: weight of each local hour, the people's own by weekday or weekend if not given.

        """
        count = len(offset_s)
        day = weighted(rng, self.day, count) if day is None else day
        if hours is None:
            free = (day + self.first_weekday) % 7 >= 5
            hour = np.where(free, weighted(rng, self.weekend, count), weighted(rng, self.weekday, count))
        else:
            hour = weighted(rng, hours, count)
        at_s = day * DAY_S + (hour + rng.random(count)) * HOUR_S - offset_s
        return self.inside(at_s)

    def inside(self, at_s: Array) -> Array:
        """Moments before the start or after the end, brought to the same hour of a day within."""
        end_s = self.days * DAY_S
        back = np.where(at_s < 0, at_s + DAY_S, at_s)
        back = np.where(back >= end_s, back - np.ceil((back - end_s + 1e-3) / DAY_S) * DAY_S, back)
        found: Array = back.clip(0, end_s - 1e-3)
        return found

    def burst(self, rng: np.random.Generator, first: float, last: float, days: int) -> tuple[Array, Array]:
        """Days of a burst between two days, and their weights; now and then the burst pauses."""
        room = np.arange(int(first), max(int(last), int(first) + 1))
        days = min(days, len(room))
        spread = min(len(room), days + int(rng.integers(0, days + 1)))
        begin = int(rng.integers(0, len(room) - spread + 1))
        chosen = np.sort(rng.choice(room[begin : begin + spread], days, replace=False))
        return chosen, rng.dirichlet(np.full(days, 0.9)) + 0.02
