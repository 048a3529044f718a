from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from samehand.errors import InputError, NotFoundError
from samehand.records import Dataset, Run
from samehand.runs import DetectParameters, detect
from samehand.sources import Options, import_files
from samehand.sources.pictures import pdq_of

OPTIONS = Options(format="images")


def _picture(path: Path, seed: int, size: tuple[int, int] = (400, 300), quality: int = 95) -> Path:
    """A made-up picture of soft blobs; the same seed gives the same picture at any size."""
    rough = np.random.default_rng(seed).integers(0, 256, (9, 12, 3), dtype=np.uint8)
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(rough).resize((800, 600), Image.Resampling.BICUBIC).resize(size).save(path, quality=quality)
    return path


def _bits(hashed: str) -> np.ndarray:
    return np.unpackbits(np.frombuffer(bytes.fromhex(hashed.removeprefix("pdq:")), np.uint8))


@pytest.fixture
def posts(tmp_path: Path) -> Path:
    lines = [
        f"forum,{day}{name},{name},2024-05-{day + 1:02d}T12:00:0{k}Z,original"
        for day in range(12)
        for k, name in enumerate("abcde")
    ]
    (tmp_path / "posts.csv").write_text("\n".join(["platform,post_id,asset_id,posted_at,kind", *lines]) + "\n")
    import_files([tmp_path / "posts.csv"], tmp_path / "data", Options(format="table"))
    return tmp_path / "data"


def test_the_same_picture_smaller_and_in_another_format_has_a_near_hash_and_another_picture_has_not(
    tmp_path: Path,
) -> None:
    one = pdq_of(_picture(tmp_path / "a.png", 1))
    again = pdq_of(_picture(tmp_path / "b.jpg", 1, (200, 150), 40))
    other = pdq_of(_picture(tmp_path / "c.png", 2))

    assert (_bits(one) != _bits(again)).sum() <= 31
    assert (_bits(one) != _bits(other)).sum() > 90


def test_images_of_a_folder_belong_to_the_posts_that_their_names_begin_with(posts: Path, tmp_path: Path) -> None:
    folder = tmp_path / "pictures"
    _picture(folder / "0a.png", 1)
    _picture(folder / "0b_2.jpg", 2)
    _picture(folder / "elsewhere.png", 3)
    (folder / "notes.txt").write_text("no picture")
    (folder / "1a.png").write_bytes(b"no picture either")
    Image.new("RGB", (64, 64)).save(folder / "2a.png")
    report = import_files([folder], posts, OPTIONS)
    source = report.files[0].source
    media = Dataset.open(posts).table("media").to_pylist()

    assert (source.read, source.kept, source.rejected) == (6, 3, 3)
    assert dict(source.reasons) == {
        "no image that can be read": 1, "too little in the picture to tell it from others": 1, "no image by its name": 1,
    }  # fmt: skip
    assert {row["media_id"].partition("#")[0]: row["post_id"] for row in media} == {
        "0a.png": "0a",
        "0b_2.jpg": "0b",
        "elsewhere.png": None,
    }
    assert any("id of no post" in note for note in source.notes)


def test_a_folder_that_is_held_changes_nothing(posts: Path, tmp_path: Path) -> None:
    _picture(tmp_path / "pictures" / "0a.png", 1)
    import_files([tmp_path / "pictures"], posts, OPTIONS)
    before = Dataset.open(posts).hash

    assert import_files([tmp_path / "pictures"], posts, OPTIONS).files[0].held
    assert Dataset.open(posts).hash == before


def test_accounts_that_post_one_picture_in_many_sizes_share_it(posts: Path, tmp_path: Path) -> None:
    for day in range(12):
        for k, name in enumerate("abcde"):
            _picture(tmp_path / "pictures" / f"{day}{name}.jpg", day, (300 + 20 * k, 220 + 15 * k), 90 - 8 * k)
    import_files([tmp_path / "pictures"], posts, OPTIONS)
    detect(posts, tmp_path / "run", DetectParameters(traces=("image",)))
    run = Run.open(tmp_path / "run")
    (family,) = [one for one in run.info["families"] if one["trace"] == "image"]
    assert family["objects"] == 12
    assert family["accounts"] == 5


def test_bad_paths_and_options_are_refused_and_nothing_changes(posts: Path, tmp_path: Path) -> None:
    before = Dataset.open(posts).hash
    (tmp_path / "empty").mkdir()
    with pytest.raises(NotFoundError, match="not there"):
        import_files([tmp_path / "nowhere"], posts, OPTIONS)
    with pytest.raises(InputError, match="holds no image files"):
        import_files([tmp_path / "empty"], posts, OPTIONS)
    assert Dataset.open(posts).hash == before


def test_a_table_of_media_is_hashed_from_the_files_that_it_names_unless_it_brings_hashes(
    posts: Path, tmp_path: Path
) -> None:
    _picture(tmp_path / "pictures" / "one.png", 1)
    given = "pdq:" + "0" * 64
    lines = [
        "platform,media_id,post_id,path,hash", "forum,m1,0a,pictures/one.png,", f"forum,m2,0b,,{given}",
        "forum,m3,0c,pictures/gone.png,",
    ]  # fmt: skip
    (tmp_path / "media.csv").write_text("\n".join(lines) + "\n")
    report = import_files([tmp_path / "media.csv"], posts, Options(format="table", table="media"))
    hashes = {row["media_id"]: row["hash"] for row in Dataset.open(posts).table("media").to_pylist()}

    assert hashes == {"m1": pdq_of(tmp_path / "pictures" / "one.png"), "m2": given, "m3": None}
    assert dict(report.files[0].source.unreadable) == {"path": 1}
