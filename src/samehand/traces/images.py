"""Near-duplicate images: PDQ hashes at most 31 of 256 bits apart are one object (Facebook's PDQ, "The TMK+PDQF Video-Hashing
Algorithm and the PDQ Image-Hashing Algorithm", 2019, which recommends that distance).

Candidates come from multi-index hashing (Norouzi, Punjani and Fleet 2012): of 16 pieces of 16 bits, two hashes that are
31 bits apart have one piece that differs in one bit at most, so every near pair is looked at.
"""

from __future__ import annotations

import re
from typing import Any, Final

import numba as nb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from samehand.traces.forests import settle, unite

__all__ = ["NEAR_BITS", "near_hashes"]

I32 = npt.NDArray[np.int32]
I64 = npt.NDArray[np.int64]
U16 = npt.NDArray[np.uint16]
U64 = npt.NDArray[np.uint64]

NEAR_BITS: Final = 31
PREFIX: Final = "pdq:"
PIECES = 16
_HASH: Final = re.compile(r"pdq:[0-9a-f]{64}")


@nb.njit(cache=True)
def _bits(x: np.uint64) -> int:
    x = x - ((x >> np.uint64(1)) & np.uint64(0x5555555555555555))
    x = (x & np.uint64(0x3333333333333333)) + ((x >> np.uint64(2)) & np.uint64(0x3333333333333333))
    x = (x + (x >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return int((x * np.uint64(0x0101010101010101)) >> np.uint64(56))


@nb.njit(cache=True)
def _near(words: U64, a: int, b: int, most: int) -> bool:
    apart = 0
    for w in range(4):
        apart += _bits(words[a, w] ^ words[b, w])
    return apart <= most


@nb.njit(cache=True)
def _clusters(words: U64, pieces: U16, most: int) -> I32:
    """The first of the hashes that each hangs together with; hashes in order of first appearance."""
    n = len(words)
    parent = np.arange(n).astype(np.int32)
    for p in range(pieces.shape[1]):
        piece = pieces[:, p]
        order = np.argsort(piece, kind="mergesort")
        start = np.searchsorted(piece[order], np.arange(65537))
        for t in range(n):
            for flip in range(17):
                other = np.int64(piece[t]) ^ (np.int64(1) << flip if flip < 16 else np.int64(0))
                for q in range(start[other], start[other + 1]):
                    u = order[q]
                    if u < t and _near(words, u, t, most):
                        unite(parent, u, t)
    settle(parent)
    return parent


def near_hashes(keys: pa.Array[Any]) -> pa.Array[Any]:
    """The same keys, with each PDQ hash replaced by the first one in its order that it hangs together with.

    Other keys, and what only looks like a hash, stay as they are: they have no distance.

    Args:
        keys: string array, typed hashes (`pdq:`, `sha256:`, `id:`), never null.

    """
    coded = keys.dictionary_encode()
    names: list[str] = coded.dictionary.to_pylist()
    lowered = [name.lower() if name.startswith(PREFIX) else name for name in names]
    hashes = [k for k, name in enumerate(lowered) if _HASH.fullmatch(name)]
    if not hashes:
        return keys
    raw = bytes.fromhex("".join(lowered[k][len(PREFIX) :] for k in hashes))
    pieces = np.frombuffer(raw, ">u2").reshape(-1, PIECES).astype(np.uint16)
    words = np.ascontiguousarray(pieces).view(np.uint64)
    for k, root in zip(hashes, _clusters(words, pieces, NEAR_BITS).tolist(), strict=True):
        lowered[k] = lowered[hashes[root]]
    return pa.array(lowered, pa.string()).take(coded.indices)
