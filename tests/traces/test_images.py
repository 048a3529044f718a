from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from samehand.traces.images import NEAR_BITS, near_hashes
from tests.traces.posts import keys


def _written(bits: np.ndarray) -> str:
    return "pdq:" + np.packbits(bits).tobytes().hex()


def _flipped(bits: np.ndarray, rng: np.random.Generator, count: int) -> np.ndarray:
    out = bits.copy()
    out[rng.choice(256, count, replace=False)] ^= 1
    return out


def _brute_force(bits: list[np.ndarray]) -> list[int]:
    root = list(range(len(bits)))
    for a in range(len(bits)):
        for b in range(a):
            if (bits[a] != bits[b]).sum() <= NEAR_BITS and root[a] != root[b]:
                low, high = sorted((root[a], root[b]))
                root = [low if r == high else r for r in root]
    return root


@pytest.mark.parametrize("seed", range(5))
def test_images_hang_together_as_all_pairs_would_have_them(seed: int) -> None:
    rng = np.random.default_rng(seed)
    base = rng.integers(0, 2, (12, 256)).astype(np.uint8)
    bits = [_flipped(base[int(rng.integers(0, 12))], rng, int(rng.integers(0, 45))) for _ in range(90)]
    names = [_written(one) for one in bits]

    assert [names[k] for k in _brute_force(bits)] == near_hashes(pa.array(names)).to_pylist()


@pytest.mark.parametrize(("apart", "one"), [(NEAR_BITS, True), (NEAR_BITS + 1, False)])
def test_thirty_one_bits_are_near_and_thirty_two_are_not(apart: int, one: bool) -> None:
    rng = np.random.default_rng(1)
    bits = rng.integers(0, 2, 256).astype(np.uint8)
    rows = [{"media_hashes": [_written(bits)]}, {"media_hashes": [_written(_flipped(bits, rng, apart))]}]

    assert (len(set(keys("image", *rows))) == 1) is one


def test_only_pdq_hashes_have_a_distance() -> None:
    near = ["sha256:" + "0" * 64, "sha256:" + "0" * 63 + "1", "id:7", "id:8", "pdq:short"]

    assert near_hashes(pa.array(near)).to_pylist() == near


def test_two_near_images_of_one_post_count_once() -> None:
    bits = np.zeros(256, np.uint8)
    hashes = [_written(bits), _written(_flipped(bits, np.random.default_rng(0), 3))]

    assert len(keys("image", {"media_hashes": hashes})) == 1
