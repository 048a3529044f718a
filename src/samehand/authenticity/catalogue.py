"""The findings there are, each a declaration."""

from __future__ import annotations

from typing import Final

from samehand.authenticity.behaviour import BEHAVIOUR_DETECTORS
from samehand.authenticity.findings import Detector
from samehand.authenticity.history import HISTORY_DETECTORS
from samehand.authenticity.infrastructure import INFRASTRUCTURE_DETECTORS
from samehand.authenticity.profiles import PROFILE_DETECTORS

__all__ = ["DETECTORS"]

DETECTORS: Final[dict[str, Detector]] = {
    detector.name: detector
    for detector in (*PROFILE_DETECTORS, *BEHAVIOUR_DETECTORS, *INFRASTRUCTURE_DETECTORS, *HISTORY_DETECTORS)
}
"""Every finding on the axis `inauthentic` by name, in the order in which they are computed and listed."""
