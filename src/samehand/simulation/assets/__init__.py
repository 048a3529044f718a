"""Pages, groups and accounts with known truth: genuine communities, and an operation that makes some mistakes.

In: a scenario's name and a seed, or AssetParameters. Out: an AssetWorld with the tables of a dataset, the truth about each
asset, and what a tip may name. Nothing here knows how anybody would look for the operation.
"""

from samehand.simulation.assets.parameters import AssetParameters, Mistakes
from samehand.simulation.assets.scenarios import ASSET_SCENARIOS, asset_scenario
from samehand.simulation.assets.world import AssetWorld, draw_assets, write_assets

__all__ = [
    "draw_assets",
    "asset_scenario",
    "ASSET_SCENARIOS",
    "write_assets",
    "AssetWorld",
    "AssetParameters",
    "Mistakes",
]
