"""What each kind of platform lets be done, known without asking any of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from samehand.enforcement import atproto, csv_file, mastodon, ozone, synapse, webhook
from samehand.enforcement.connector import Capabilities

__all__ = ["CAPABILITIES"]

CAPABILITIES: Final[Mapping[str, tuple[Capabilities, ...]]] = {
    "csv": (csv_file.CAPABILITIES,),
    "synapse": (synapse.CAPABILITIES,),
    "atproto": (atproto.CAPABILITIES,),
    "ozone": (ozone.CAPABILITIES,),
    "webhook": (webhook.DELIVERED, webhook.CONFIRMED),
    "mastodon": (mastodon.DISABLING,),
    "mastodon-suspend": (mastodon.SUSPENDING,),
}
"""By kind; more than one where it depends on what the platform is set up for."""
