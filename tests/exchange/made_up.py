"""Tips of invented operations."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from samehand.exchange import Indicator, TipDraft

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)
NAMED = (
    Indicator(
        kind="domain", value="kite-news.test", phase=0, technique="0.6 Acquiring domains",
        procedure="0.6.2 Acquiring domains to support influence operations", comment="Spoofs a paper",
        raw="kite-news[.]test", row=1,
    ),
    Indicator(kind="account", value="kiteflyer", platform="twitter", phase=0, raw="https://x[.]com/KiteFlyer", row=2),
    Indicator(kind="url", value="https://kite-news.test/a'b\\c?d=1", seen=date(2024, 5, 1), row=3),
    Indicator(kind="hash", value="d" * 64, row=4), Indicator(kind="ip", value="192.0.2.7", row=5),
    Indicator(kind="ip", value="2001:db8::1", row=6), Indicator(kind="email", value="kite@kite-news.test", row=7),
    Indicator(kind="app", value="test.kite.app", row=8), Indicator(kind="count", value="63 accounts", row=9),
    Indicator(kind="hashtag", value="#风筝", row=10), Indicator(kind="note", value="It posted at night.", row=11),
    Indicator(kind="phone", value="+4930123456", row=12),
    Indicator(kind="technique", value="1.2 Posing", technique="1.2 Posing", phase=1),
    Indicator(kind="pattern", value="[domain-name:value LIKE 'kite%']", row=13, until=date(2027, 5, 1)),
    Indicator(kind="domain", value="old.test", revoked=True, disarm=("T0013",), row=14),
)  # fmt: skip
"""One of each kind, and one that was taken back."""


def draft(*indicators: Indicator, **more: Any) -> TipDraft:
    """A list of these."""
    found = indicators or NAMED
    said: dict[str, Any] = {
        "ref": "kite-2026",
        "title": "Kite network",
        "form": "kill-chain",
        "read": len(found),
        **more,
    }
    return TipDraft(indicators=found, **said)
