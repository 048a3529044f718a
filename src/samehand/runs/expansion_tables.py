"""A network that was grown, as the tables of a run: its members, the path to each, and what else ties it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from samehand.authenticity import Judged, findings_table
from samehand.expansion import ATTRIBUTES, Answers, Grown, Inclusion, Shared
from samehand.records import schema_of

__all__ = ["NETWORK", "described", "expansion_tables", "receipts_of"]

NETWORK = "N1"
INNOCENT = (
    "People who share a home, an office or an employer share devices, addresses and administration, too.\n"
    "A publisher, an agency or a party runs many accounts, pages and groups in the open."
)


def expansion_tables(
    shared: Shared, grown: Grown, answers: Answers, judged: Judged | None = None
) -> dict[str, pa.Table]:
    """Tables `networks`, `members`, `path` and `findings`; without rows where nobody was taken in.

    Args:
        shared, grown, answers: what was grown.
        judged: what is said of the network on the second axis; None where nothing is known.

    """
    if not grown.inclusions:
        return {}
    by_asset = {one.asset: one for one in grown.inclusions}
    members = [
        _member(shared, asset, "confirmed" if asset in answers.yes else "seed", 0.0) for asset in grown.seeds
    ] + [_member(shared, one.asset, "included", one.total) for one in grown.inclusions]
    steps = [
        row
        for one in grown.inclusions
        for row in _steps(shared, by_asset, one, {"network_id": NETWORK, **_named(shared, one.asset)})
    ]
    p_value, q_value, _ = _weakest(grown)
    network = {
        "network_id": NETWORK, "size": len(members), "p_value": p_value, "q_value": q_value,
        "coordinated": "strong", "inauthentic": judged.inauthentic if judged else "unknown",
        "flagged": bool(judged and judged.flagged),
        "explanation": INNOCENT,
    }  # fmt: skip
    rows = {"networks": [network], "members": members, "path": steps, "findings": _findings(shared, grown)}
    tables = {name: pa.Table.from_pylist(some, schema=schema_of(name)) for name, some in rows.items()}
    if judged:
        tables["findings"] = pa.concat_tables([findings_table([judged], [NETWORK]), tables["findings"]])
    return tables


def described(shared: Shared, grown: Grown) -> list[str]:
    """What a reader of a run is told first of its network; nothing where nobody was taken in."""
    if not grown.inclusions:
        return []
    inside = [*grown.seeds, *(one.asset for one in grown.inclusions)]
    pages = sum(not shared.all.is_account[k] for k in inside)
    return [
        f"{len(inside) - pages} accounts, {pages} pages and groups from {len(grown.seeds)} seeds; {_weakest(grown)[2]}; "
        "`samehand explain RUN ASSET` tells how each was reached"
    ]


def _weakest(grown: Grown) -> tuple[float, float, str]:
    """P and q of the weakest inclusion that was tried, and what is said of it."""
    tried = [
        (one.q_value, one.p_value) for one in grown.inclusions if one.q_value is not None and one.p_value is not None
    ]
    if not tried:
        return 1.0, 1.0, "all came in by who runs what, and none was tried against chance"
    q_value, p_value = max(tried)
    untried = len(grown.inclusions) - len(tried)
    further = f"; {untried} came in by who runs what, or what the tip names, and are as sure as that" if untried else ""
    return p_value, q_value, f"p and q are those of the weakest inclusion{further}"


def _named(shared: Shared, asset: int) -> dict[str, str]:
    return {"platform": shared.all.platforms[asset].as_py(), "asset_id": shared.all.ids[asset].as_py()}


def _member(shared: Shared, asset: int, role: str, score: float) -> dict[str, Any]:
    return {"network_id": NETWORK, **_named(shared, asset), "role": role, "score": score}


def receipts_of(shared: Shared, row: int, *others: int) -> list[str]:
    """`table:row` of a holding, and of the holdings of the same object by other assets."""
    table = ATTRIBUTES[shared.attribute[row]].table
    low, high = np.searchsorted(shared.objects, [shared.objects[row], shared.objects[row] + 1])
    of_others = [int(shared.rows[k]) for k in range(low, high) if shared.assets[k] in others]
    return [f"{table}:{place}" for place in dict.fromkeys([int(shared.rows[row]), *of_others])]


def _steps(
    shared: Shared, by_asset: dict[int, Inclusion], last: Inclusion, common: dict[str, str]
) -> list[dict[str, Any]]:
    """The steps that lead to an inclusion, from the seed on."""
    chain = [last]
    while chain[-1].through in by_asset:
        chain.append(by_asset[chain[-1].through])
    rows = []
    for number, one in enumerate(reversed(chain), start=1):
        kind, thing = int(shared.attribute[one.row]), int(shared.objects[one.row])
        begin = _named(shared, one.through) if one.through >= 0 else {"platform": None, "asset_id": None}
        end = _named(shared, one.asset)
        said = next(((nats, members) for row, nats, members in one.support if row == one.row), (0.0, 0))
        rows.append(
            {
                **common, "step": number, "attribute": ATTRIBUTES[kind].name, "object_id": shared.all.names[thing],
                "from_platform": begin["platform"], "from_asset_id": begin["asset_id"], "to_platform": end["platform"],
                "to_asset_id": end["asset_id"], "holders": int(shared.all.holders[thing]), "members": said[1],
                "base_rate": float(shared.all.holders[thing] / max(1, shared.all.has[kind].sum())), "nats": said[0],
                "receipts": receipts_of(shared, one.row, one.through),
            }
        )  # fmt: skip
    return rows


def _how(one: Inclusion) -> str:
    return {
        "all": f"tied to {one.members} members beyond chance",
        "tied": f"backed by {one.members} members beyond what ties strangers",
        "staff": "runs what the tip names with few others, and is backed beyond chance among them",
        "": "in the same hand by who runs what, or by a device of the tip: not tried against chance",
    }[one.among]


def _findings(shared: Shared, grown: Grown) -> list[dict[str, Any]]:
    """For each inclusion its price, and one row for each attribute that ties it."""
    rows = []
    for one in grown.inclusions:
        common = {"network_id": NETWORK, "asset_id": one.asset, "axis": "coordinated"}
        common["asset_id"] = shared.all.ids[one.asset].as_py()
        rows.append(
            {
                **common, "finding": f"{_how(one)}, hop {one.hop}", "value": one.total,
                "p_value": one.p_value, "independence_group": "expansion", "state": "strong",
                "receipts": receipts_of(shared, one.row, one.through),
            }
        )  # fmt: skip
        for row, nats, members in one.support:
            attribute, thing = ATTRIBUTES[shared.attribute[row]], int(shared.objects[row])
            rows.append(
                {
                    **common,
                    "finding": f"{attribute.title} {shared.all.names[thing]}, as {members} members and "
                    f"{int(shared.all.holders[thing])} assets in all",
                    "value": nats, "independence_group": attribute.family, "state": "some",
                    "receipts": receipts_of(shared, row),
                }
            )  # fmt: skip
    return rows
