"""What STIX needs beside its own objects: TLP 2.0 markings by the ids that FIRST's statement gives them, and our extension."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any, Final

from samehand.exchange.drafts import Tlp

__all__ = ["EXTENSION", "MARKINGS", "NAMESPACE", "extension_definition", "marking_objects", "stix_id", "tlp_of_marking"]

NAMESPACE: Final = uuid.UUID("6c1cf7c8-70c1-5f6e-9f33-0a8f1c6f2f19")
EXTENSION: Final = "extension-definition--8b0a5f4e-2f0e-5a43-9a7e-31a4f0b6a8d1"
"""A property extension that keeps what STIX has no place for: the kind, phase, procedure, raw cell and row of an indicator."""
TLP_EXTENSION: Final = "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d"
MARKINGS: Final[Mapping[Tlp, str]] = {
    "clear": "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487",
    "green": "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb",
    "amber": "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421",
    "amber+strict": "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003",
    "red": "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1",
}
OLD_MARKINGS: Final[Mapping[str, Tlp]] = {
    "marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9": "clear",
    "marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da": "green",
    "marking-definition--f88d31f6-486f-44da-b317-01333bde0b82": "amber",
    "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed": "red",
}
"""Those of TLP 1, which STIX 2.1 itself lists; its white is clear, its amber is amber."""


def stix_id(kind: str, *parts: str) -> str:
    """The id that an object always has: of its type, and of what it is about."""
    return f"{kind}--{uuid.uuid5(NAMESPACE, chr(0).join((kind, *parts)))}"


def tlp_of_marking(ref: str) -> Tlp | None:
    """A marking by its id; None where it is none of the Traffic Light Protocol."""
    return next((tlp for tlp, known in MARKINGS.items() if known == ref), OLD_MARKINGS.get(ref))


def marking_objects(tlp: Tlp) -> dict[str, Any]:
    """The object of a marking, as FIRST's statement has it."""
    return {
        "type": "marking-definition", "spec_version": "2.1", "id": MARKINGS[tlp], "created": "2022-10-01T00:00:00.000Z",
        "name": f"TLP:{tlp.upper()}",
        "extensions": {TLP_EXTENSION: {"extension_type": "property-extension", "tlp_2_0": tlp}},
    }  # fmt: skip


def extension_definition(created_by: str) -> dict[str, Any]:
    """What tells a reader of ours apart that our extension is one."""
    return {
        "type": "extension-definition", "spec_version": "2.1", "id": EXTENSION, "created_by_ref": created_by,
        "created": "2026-11-27T00:00:00.000Z", "modified": "2026-11-27T00:00:00.000Z", "name": "samehand indicator",
        "description": "Kind, phase, procedure, raw cell and row of an indicator; source grade and expiry of a list.",
        "schema": "Properties are described in docs/exchange.md of samehand.", "version": "1.0",
        "extension_types": ["property-extension"],
    }  # fmt: skip
