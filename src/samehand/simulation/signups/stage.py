"""The stage of a world: everything that is there before anybody signs up."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from samehand.simulation.signups.clock import Clock
from samehand.simulation.signups.machines import Machines
from samehand.simulation.signups.names import Names
from samehand.simulation.signups.networks import Networks
from samehand.simulation.signups.parameters import SignupParameters
from samehand.simulation.signups.places import Places
from samehand.simulation.signups.rows import Array
from samehand.simulation.signups.things import Things

__all__ = ["Stage"]


@dataclass(frozen=True)
class Stage:
    """Places, networks, machines, names and things of one world, and its people's habits.

    Attributes:
        kinds: share of people by kind of network; mobile carriers' CGNAT is within `mobile` by the country's share.
        diaspora: share of people with the language of another country. travellers: who sign up abroad.
        astray: share of devices with a wrong time zone. at_home: share of VPN users with an exit in their own country.
        exits: weight of each country as a VPN's or Tor's exit.
        reused: share of people whose device somebody else has signed up with, and who share the address with them.
        posting, first_post_s, first_post_sigma: share of people who ever post, and when.
        missing: rate of each field that gets lost.

    """

    parameters: SignupParameters
    places: Places
    networks: Networks
    machines: Machines
    names: Names
    things: Things
    clock: Clock
    kinds: Array
    diaspora: float
    travellers: float
    astray: float
    at_home: float
    exits: Array
    reused: float
    posting: float
    first_post_s: float
    first_post_sigma: float
    missing: tuple[tuple[str, float], ...]

    @classmethod
    def drawn(cls, rng: np.random.Generator, parameters: SignupParameters) -> Stage:
        """Draw the stage."""
        people = parameters.genuine
        places = Places.drawn(rng)
        return cls(
            parameters=parameters,
            places=places,
            networks=Networks.drawn(rng, places, people),
            machines=Machines.drawn(rng, parameters.days),
            names=Names.drawn(rng),
            things=Things.drawn(rng, places, people),
            clock=Clock.drawn(rng, parameters.days, parameters.start.weekday()),
            # residential, mobile, hosting, vpn, tor, education
            kinds=rng.dirichlet(np.array([50, 38, 1.8, 6, 0.5, 3]) * 2),
            diaspora=float(rng.uniform(0.02, 0.06)),
            travellers=float(rng.uniform(0.01, 0.03)),
            astray=float(rng.uniform(0.004, 0.02)),
            at_home=float(rng.uniform(0.3, 0.6)),
            exits=places.weight * rng.lognormal(0, 1.0, len(places.weight)),
            reused=float(rng.uniform(0.015, 0.04)),
            posting=float(rng.uniform(0.3, 0.55)),
            first_post_s=float(np.exp(rng.uniform(np.log(1_200), np.log(20_000)))),
            first_post_sigma=float(rng.uniform(1.6, 2.3)),
            missing=tuple((name, float(rate * rng.uniform(0.5, 1.5))) for name, rate in parameters.missing),
        )
