"""What people sign up with: models, systems, and versions of the app that roll out while the world runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from samehand.simulation.signups.parameters import DAY_S
from samehand.simulation.signups.places import Places
from samehand.simulation.signups.rows import Array
from samehand.simulation.signups.sampling import Grouped

__all__ = ["APP", "FAMILIES", "OS", "Machines", "age_of", "family_of", "packed"]

FAMILIES: Final = ("Droid", "Pome", "Desk")
DROID, POME, DESK = range(3)
_MODELS: Final = (260, 50, 70)
_NEWEST: Final = (15, 18, 12)
OS: Final = 32
APP: Final = 256
_HARDSHIPS: Final = 3


def packed(model: Array, os: Array, app: Array) -> Array:
    """One number for model, system and version."""
    found: Array = (model * OS + os) * APP + app
    return found


def family_of(client: Array) -> Array:
    """Index into FAMILIES of each client."""
    found: Array = np.searchsorted(np.cumsum(_MODELS), client // (OS * APP), side="right")
    return found


def age_of(client: Array) -> Array:
    """How many releases behind the newest a client's system is."""
    found: Array = np.array(_NEWEST)[family_of(client).clip(0, 2)] - (client // APP) % OS
    return found


@dataclass(frozen=True)
class Machines:
    """Models by number, and when versions came out.

    Attributes:
        age: of each model in years. models: to draw one of `hardship class * 3 + family`.
        released_s: when each version of the app came out, seconds from the world's start.
        system_s: when the newest system came out.
        frozen: newest version that a system six or more releases old still runs.
        apps: share of people at home who use the app and not a browser.
        pome: share of Pome among handsets, by hardship class.

    """

    age: Array
    models: Grouped
    released_s: Array
    system_s: float
    frozen: int
    apps: float
    pome: Array

    @classmethod
    def drawn(cls, rng: np.random.Generator, days: float) -> Machines:
        """Models with their popularity, and a calendar of releases that goes on during the world."""
        family = np.repeat(np.arange(3), _MODELS)
        age = np.floor(rng.gamma(1.6, 2.0, len(family))).clip(0, 10)
        popular = rng.lognormal(0, 1.4, len(family))
        group, weight = [], []
        for hardship in range(_HARDSHIPS):
            group.append(hardship * 3 + family)
            weight.append(popular * np.exp(-age * (0.45 - 0.15 * hardship)))
        found = Grouped.of(np.concatenate(group), np.concatenate(weight), _HARDSHIPS * 3)
        gaps = rng.uniform(5, 15, 100)
        released = np.cumsum(gaps) - 500
        return cls(
            age=age,
            models=Grouped(found.items % len(family), found.total, found.first),
            released_s=released[released < days] * DAY_S,
            system_s=float(rng.uniform(-40, days)) * DAY_S,
            frozen=int(np.searchsorted(released, -float(rng.uniform(40, 200)))),
            apps=float(rng.uniform(0.55, 0.8)),
            pome=np.array([0.45, 0.3, 0.12]) * rng.uniform(0.8, 1.2),
        )

    def model(self, rng: np.random.Generator, places: Places, home: Array, mobile: Array) -> Array:
        """A model for each person: on the road a handset, at home a handset or a desk."""
        hardship = np.digitize(places.hardship[home], (0.18, 0.42))
        desk = rng.random(len(home)) > np.where(mobile, 0.97, self.apps)
        pome = rng.random(len(home)) < self.pome[hardship]
        family = np.where(desk, DESK, np.where(pome, POME, DROID))
        return self.models.draw(rng, hardship * 3 + family)

    def client(self, rng: np.random.Generator, model: Array, at_s: Array, *, late: float = 1.0) -> Array:
        """The system and the version that each model runs at a time.

        Four in five who sign up have a version of the last days, one in twenty one of long ago; `late` stretches that.
        """
        count, age = len(model), self.age[model]
        family = np.searchsorted(np.cumsum(_MODELS), model, side="right")
        behind = np.floor(age * 0.8 + rng.choice(3, count, p=(0.6, 0.28, 0.12)))
        fresh = rng.random(count) < 0.6 * np.clip((at_s - self.system_s) / (35 * DAY_S), 0, 1)
        behind = np.maximum(behind + 1 - (fresh & (age < 3)), 0).clip(0, 11)
        system = np.array(_NEWEST)[family] - behind.astype(np.int64)
        return self.updated(rng, packed(model, system, np.zeros(count, dtype=np.int64)), at_s, late=late)

    def updated(self, rng: np.random.Generator, client: Array, at_s: Array, *, late: float = 1.0) -> Array:
        """The same model and system with the version of the app that people have at a time."""
        kind = rng.choice(3, len(client), p=(0.8, 0.15, 0.05))
        lag = rng.standard_exponential(len(client)) * np.array([2.5, 20.0, 110.0])[kind] * DAY_S * late
        app = np.searchsorted(self.released_s, at_s - lag, side="right") - 1
        app = np.where(age_of(client) >= 6, np.minimum(app, self.frozen), app).clip(0, APP - 1)
        found: Array = client // APP * APP + app
        return found
