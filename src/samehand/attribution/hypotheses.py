"""Who could be behind a network: five rivals that are always all weighed, so that none wins for want of the others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, get_args

__all__ = ["HYPOTHESES", "IN_WORDS", "Hypothesis"]

Hypothesis = Literal["state_directed", "aligned_volunteers", "spam_for_hire", "genuine_movement", "false_flag"]
HYPOTHESES: Final[tuple[Hypothesis, ...]] = get_args(Hypothesis)
IN_WORDS: Final[Mapping[Hypothesis, str]] = {
    "state_directed": "a state directs it", "aligned_volunteers": "volunteers who side with a state run it by themselves",
    "spam_for_hire": "a firm runs it for whoever pays", "genuine_movement": "people who mean it act together",
    "false_flag": "somebody makes it look like a state's",
}  # fmt: skip
