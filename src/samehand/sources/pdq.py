"""PDQ, the perceptual hash that platforms exchange (Facebook, "The TMK+PDQF Video-Hashing Algorithm and the PDQ
Image-Hashing Algorithm", 2019): luminance, two passes of a box filter, 64 x 64 samples, a cosine transform, 16 x 16 of its
coefficients above or below their median.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

__all__ = ["hash_pixels"]

F32 = npt.NDArray[np.float32]
F64 = npt.NDArray[np.float64]

SAMPLES, KEPT = 64, 16
LUMA = np.array([0.299, 0.587, 0.114], np.float32)


def _box(values: F32) -> F32:
    """Means along the first axis over a window of a 128th of its length, smaller at the ends."""
    n = len(values)
    width = (n + 2 * SAMPLES - 1) // (2 * SAMPLES)
    after = (width + 2) // 2 - 1
    before = width - after - 1
    sums = np.concatenate((np.zeros((1, *values.shape[1:])), np.cumsum(values, axis=0, dtype=np.float64)))
    low = np.maximum(np.arange(n) - before, 0)
    high = np.minimum(np.arange(n) + after + 1, n)
    return np.asarray((sums[high] - sums[low]) / (high - low)[:, None], np.float32)


@lru_cache(maxsize=1)
def _cosines() -> F64:
    """Rows 1 to 16 of the cosine transform of 64 values."""
    row, column = np.arange(1, KEPT + 1)[:, None], np.arange(SAMPLES)[None, :]
    return np.asarray(np.sqrt(2 / SAMPLES) * np.cos(np.pi / (2 * SAMPLES) * row * (2 * column + 1)))


def _quality(samples: F64) -> int:
    """How much there is in a picture, 0 to 100: its summed gradients, each as whole hundredths of the full range."""
    steps = [np.abs(np.diff(samples, axis=axis)) * 100 / 255 for axis in (0, 1)]
    return min(100, int(sum(np.floor(step).sum() for step in steps) // 90))


def hash_pixels(pixels: npt.NDArray[np.uint8]) -> tuple[str, int]:
    """The PDQ hash of a picture and its quality.

    Args:
        pixels: uint8[height, width, 3], red, green, blue.

    Returns:
        64 hexadecimal digits, and 0 (empty) to 100.

    """
    luma = pixels.astype(np.float32) @ LUMA
    for _ in range(2):
        luma = _box(_box(luma.T.copy()).T.copy())
    rows, columns = (((np.arange(SAMPLES) + 0.5) * side / SAMPLES).astype(np.int64) for side in luma.shape)
    samples = luma[rows][:, columns].astype(np.float64)
    kept = _cosines() @ samples @ _cosines().T
    median = np.sort(kept.ravel())[KEPT * KEPT // 2 - 1]
    bits = (kept > median).ravel()[::-1]  # the highest coefficient is written first
    return np.packbits(bits).tobytes().hex(), _quality(samples)
