"""What targets spent on ads, currency by currency, and the events that they held."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from samehand.audience.counting import Target

__all__ = ["count_events", "count_spending"]


def _of(table: pa.Table, column: str, targets: Sequence[Target]) -> pa.Table:
    keys = pc.binary_join_element_wise(table.column("platform"), table.column(column), ":")
    return table.filter(
        pc.fill_null(pc.is_in(keys, value_set=pa.array([one.key for one in targets], pa.string())), False)
    )


def count_spending(ads: pa.Table, targets: Sequence[Target]) -> list[dict[str, Any]]:
    """Ads of targets by currency, in the currency's letters' order; an ad without a currency is under null.

    Args:
        ads: platform, ad_id, advertiser_id, spend, currency; an advertiser's id is its page's.
        targets: whose ads.

    Returns:
        currency, ads, spend (null where none of them says one), without_spend. Currencies are never added up.

    """
    mine = _of(ads, "advertiser_id", targets)
    found = []
    for currency in sorted(pc.unique(mine.column("currency")).to_pylist(), key=lambda one: (one is None, one)):
        column = mine.column("currency")
        rows = mine.filter(pc.is_null(column) if currency is None else pc.fill_null(pc.equal(column, currency), False))
        spend = sorted(value for value in rows.column("spend").to_pylist() if value is not None)
        found.append(
            {"currency": currency, "ads": rows.num_rows, "spend": sum(spend) if spend else None,
             "without_spend": rows.num_rows - len(spend)}
        )  # fmt: skip
    return found


def count_events(events: pa.Table, targets: Sequence[Target]) -> dict[str, int | None]:
    """Events that targets held, and how many said they were interested or going.

    These are sums over events, as platforms hand them over: one person may be in several. Null where none says it.
    """
    mine = _of(events, "host_id", targets)
    return {
        "events": mine.num_rows,
        "interested": pc.sum(mine.column("interested")).as_py(),
        "going": pc.sum(mine.column("going")).as_py(),
    }
