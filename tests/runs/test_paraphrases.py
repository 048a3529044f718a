from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from samehand.errors import InputError
from samehand.records import Run
from samehand.runs import DetectParameters, detect, find_paraphrases, universal_encoder
from tests.worlds import DAY_S, dataset_of

TEXTS = [
    "the people of this city want peace and quiet again",
    "the residents of our town wish for calm and peace once more",
    "cheap flights to the islands all through the summer",
]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Five accounts that post three texts together, one of them the other in other words, among people who do not."""
    folder = tmp_path_factory.mktemp("paraphrases")
    posts = [
        {"asset_id": name, "text": f"{TEXTS[day % 3]}", "at_s": DAY_S * day + 2.0 * k}
        for day in range(15)
        for k, name in enumerate("abcde")
    ]
    rng = np.random.default_rng(1)
    crowd = [
        {
            "asset_id": f"o{k % 120}",
            "text": f"brel dovan kiru mest velor number {k // 30}",
            "at_s": float(rng.uniform(0, 15 * DAY_S)),
        }
        for k in range(1_500)
    ]
    more = [
        {"asset_id": name, "text": f"an lip der sul brel {day} mest {day} velor", "at_s": DAY_S * day + 9_000 + 2.0 * k}
        for day in range(15)
        for k, name in enumerate("abcde")
    ]
    dataset_of(folder / "data", [*posts, *more, *crowd])
    detect(folder / "data", folder / "run", DetectParameters())
    return Run.open(folder / "run")


def _by_first_word(texts: list[str]) -> npt.NDArray[np.float32]:
    """An encoder for which texts are alike that begin alike."""
    words = sorted({text.split()[0] for text in texts})
    return np.eye(len(words), dtype=np.float32)[[words.index(text.split()[0]) for text in texts]]


def test_texts_that_an_encoder_holds_to_be_alike_are_shown_together(run: Run) -> None:
    (found,) = find_paraphrases(str(run.path), _by_first_word)

    assert found.compared >= 3
    assert any({TEXTS[0], TEXTS[1]} <= set(group) for group in found.groups)
    assert not any(TEXTS[2] in group for group in found.groups)


def test_the_encoder_of_the_optional_package_finds_the_same_said_in_other_words(run: Run) -> None:
    (found,) = find_paraphrases(str(run.path), universal_encoder())

    assert any({TEXTS[0], TEXTS[1]} <= set(group) for group in found.groups)
    assert not any({TEXTS[0], TEXTS[2]} <= set(group) for group in found.groups)


def test_a_network_that_is_not_there_is_bad_input(run: Run) -> None:
    with pytest.raises(InputError, match="has no network 'N9'"):
        find_paraphrases(str(run.path), _by_first_word, network_id="N9")


def test_without_its_dataset_a_run_has_no_texts_to_compare(run: Run, tmp_path: Path) -> None:
    import shutil

    shutil.copytree(run.path, tmp_path / "run")
    info = (tmp_path / "run" / "run.json").read_text(encoding="utf-8")
    (tmp_path / "run" / "run.json").write_text(info.replace(str(run.path.parent / "data"), "gone"), encoding="utf-8")
    with pytest.raises(InputError, match="put the dataset back"):
        find_paraphrases(str(tmp_path / "run"), _by_first_word)
