"""Worlds with known truth: organic accounts, crowds that are no operation, and planted teams.

In: a scenario's name and a seed, or WorldParameters. Out: a World with posts, assets, log-ins, ties, and the truth about
each account. Worlds of sign-ups (SignupParameters, SignupWorld) are drawn in `signups`, those of pages, groups and accounts
(AssetParameters, AssetWorld) in `assets`.
"""

from samehand.simulation.assets import (
    ASSET_SCENARIOS,
    AssetParameters,
    AssetWorld,
    Mistakes,
    asset_scenario,
    draw_assets,
    write_assets,
)
from samehand.simulation.attributions import TRUTHS, AttributionWorld, Found, Truth, attribution_world
from samehand.simulation.disk import write_archive, write_world
from samehand.simulation.parameters import (
    ALL_PROFILE_DATA,
    LOOKS_ONLY,
    Campaign,
    Disguise,
    Fans,
    Mirrors,
    Newsroom,
    Patriots,
    Population,
    Protest,
    Rally,
    Sessions,
    Team,
    Volunteers,
    WorldParameters,
)
from samehand.simulation.scenarios import SCENARIOS, scenario_parameters
from samehand.simulation.signups import (
    SIGNUP_SCENARIOS,
    SignupParameters,
    SignupWorld,
    draw_signups,
    signup_scenario,
    write_signups,
)
from samehand.simulation.world import World, draw_world

__all__ = [
    "TRUTHS",
    "AttributionWorld",
    "Found",
    "Truth",
    "attribution_world",
    "draw_world",
    "scenario_parameters",
    "SCENARIOS",
    "write_world",
    "write_archive",
    "World",
    "WorldParameters",
    "Team",
    "Disguise",
    "Population",
    "LOOKS_ONLY",
    "Fans",
    "Newsroom",
    "Protest",
    "Mirrors",
    "Patriots",
    "Rally",
    "Campaign",
    "Volunteers",
    "Sessions",
    "ALL_PROFILE_DATA",
    "draw_signups",
    "signup_scenario",
    "SIGNUP_SCENARIOS",
    "write_signups",
    "SignupWorld",
    "SignupParameters",
    "draw_assets",
    "asset_scenario",
    "ASSET_SCENARIOS",
    "write_assets",
    "AssetWorld",
    "AssetParameters",
    "Mistakes",
]
