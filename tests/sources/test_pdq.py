from __future__ import annotations

import numpy as np
import pytest

from samehand.sources.pdq import hash_pixels


def _waves(number: int, height: int, width: int) -> np.ndarray:
    y, x = np.mgrid[0:height, 0:width]
    channels = [
        127 + 120 * np.sin((3 + number) * x / width * 6 + c) * np.cos((5 + c) * y / height * 6 + number)
        for c in range(3)
    ]
    return np.stack(channels, -1).round().astype(np.uint8)


@pytest.mark.parametrize(
    ("number", "size", "expected"),
    [
        (0, (300, 400), "aab5554aaab5ffe0aab5aab5001f001f554aaab5554aaab5554aaab5554aaab5"),
        (1, (64, 64), "aad5552aaad5ff80aad5aad5552aaad5ff80aad55f802ad555208ad5552a0ad5"),
        (2, (517, 129), "ab55ab55ab5501ffab5554aa54aafe0054aafe0054aaf4aa54aaf4aa54aaf4aa"),
    ],
)
def test_hashes_are_those_of_the_reference_implementation(number: int, size: tuple[int, int], expected: str) -> None:
    """What pdqhash 0.2.8 (the reference C++ code) gives for these pixels, taken once."""
    assert hash_pixels(_waves(number, *size)) == (expected, 100)


def test_an_empty_picture_has_no_quality() -> None:
    assert hash_pixels(np.full((100, 100, 3), 128, np.uint8))[1] == 0
