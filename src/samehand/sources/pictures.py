"""Image files that belong to a dataset's posts: their PDQ hashes, as rows of the table `media`."""

from __future__ import annotations

import hashlib
import re
import warnings
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
from PIL import Image, UnidentifiedImageError

from samehand.errors import InputError, NotFoundError
from samehand.records import Dataset, Source, schema_of, sha256_of, write_dataset
from samehand.sources.pdq import hash_pixels

__all__ = ["IMAGES", "LEAST_QUALITY", "pdq_of", "read_pictures"]

IMAGES: Final = "images"
SUFFIXES: Final = frozenset([".jpg", ".jpeg", ".png", ".gif", ".webp", ".bmp", ".tif", ".tiff", ".avif", ".jfif"])
FORMATS: Final = ("JPEG", "PNG", "GIF", "WEBP", "BMP", "TIFF", "AVIF")
"""What is opened, whatever a file is called: others have decoders that run programs."""
LEAST_QUALITY: Final = 50
"""Below this PDQ's own measure says that there is too little in a picture to tell it from others (0 to 100)."""
LONGEST_SIDE: Final = 512
_NUMBERED: Final = re.compile(r"(.+)[_-][^_-]+")


def pdq_of(path: Path) -> str:
    """The PDQ hash of an image file, `pdq:` and 64 hexadecimal digits; of a moving picture its first frame.

    Raises:
        InputError: it is no image that can be read, it is larger than is safe to open, or there is too little in it.

    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(path, formats=FORMATS) as image:
                image.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
                small = image.convert("RGB")
                small.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
                pixels = np.ascontiguousarray(np.asarray(small, np.uint8))
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise InputError("larger than is safe to open") from error
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError, RuntimeError, MemoryError) as error:
        raise InputError("no image that can be read") from error
    hashed, quality = hash_pixels(pixels)
    if quality < LEAST_QUALITY:
        raise InputError("too little in the picture to tell it from others")
    return f"pdq:{hashed}"


def _files(path: Path) -> list[Path]:
    """The files of a folder, in the order of their names, or the file itself."""
    return sorted(file for file in path.rglob("*") if file.is_file()) if path.is_dir() else [path]


def _named_so(file: Path) -> bool:
    return file.suffix.lower() in SUFFIXES


def _identity(path: Path, files: list[Path]) -> str:
    whole = hashlib.sha256()
    for file in files:
        whole.update(f"{file.relative_to(path) if path.is_dir() else file.name}\0{sha256_of(file)}\n".encode())
    return whole.hexdigest()


def _post_of(stem: str, posts: frozenset[str]) -> str | None:
    """The post whose id the file's name is, or begins with (`17_2`, `17-2`)."""
    if stem in posts:
        return stem
    numbered = _NUMBERED.fullmatch(stem)
    return numbered[1] if numbered and numbered[1] in posts else None


def _rows(path: Path, files: list[Path], platform: str, posts: frozenset[str]) -> Iterator[dict[str, str | None] | str]:
    for file in files:
        if path.is_dir() and not _named_so(file):
            yield "no image by its name"
            continue
        try:
            hashed = pdq_of(file)
        except InputError as error:
            yield str(error)
            continue
        # two folders may have files of one name
        name = file.relative_to(path).as_posix() if path.is_dir() else file.name
        name = f"{name}#{sha256_of(file)[:12]}"
        yield {
            "platform": platform, "media_id": name, "post_id": _post_of(file.stem, posts), "asset_id": None,
            "path": str(file), "hash": hashed,
        }  # fmt: skip


def read_pictures(paths: list[Path], into: Path, platform: str | None) -> list[Source]:
    """Hash image files into the table `media`; one source for each path, a folder that is held already changes nothing.

    A file belongs to the post whose id is its name without the suffix, or that followed by `_` or `-` and something
    (`17.jpg`, `17_2.png`). What cannot be used is rejected with its reason.

    Args:
        paths: image files, or folders of them.
        into: a dataset that has the posts.
        platform: of the posts; the dataset's own where it has one only.

    Returns:
        The source of each path.

    Raises:
        NotFoundError: a path is not there, or the dataset is not.
        InputError: a folder holds no image, or the platform has to be named.

    """
    for path in paths:
        if not path.exists():
            raise NotFoundError(f"{path} is not there; check the path")
    dataset = Dataset.open(into)
    table = dataset.table("posts", ["platform", "post_id"])
    there = sorted(set(table.column("platform").unique().to_pylist()))
    if platform is None and len(there) != 1:
        raise InputError(f"{into} has posts of {len(there)} platforms; name theirs with --platform")
    platform = platform or there[0]
    names, ids = table.column("platform").to_pylist(), table.column("post_id").to_pylist()
    posts = frozenset(post for name, post in zip(names, ids, strict=True) if name == platform)
    held = {source.sha256 for source in dataset.manifest.sources if source.format == IMAGES}
    work = [(path, files, _identity(path, files)) for path in paths for files in [_files(path)]]
    for path, files, _ in work:
        if path.is_dir() and not any(map(_named_so, files)):
            raise InputError(f"{path} holds no image files ({', '.join(sorted(SUFFIXES))})")
    fresh = {identity: (path, files) for path, files, identity in reversed(work) if identity not in held}
    if fresh:
        _write(fresh, into, platform, posts)
    sources = {one.sha256: one for one in Dataset.open(into).manifest.sources if one.format == IMAGES}
    return [sources[identity] for _, _, identity in work]


def _write(fresh: dict[str, tuple[Path, list[Path]]], into: Path, platform: str, posts: frozenset[str]) -> None:
    with write_dataset(into) as writer:
        for identity, (path, files) in fresh.items():
            source = writer.source(
                Source(writer.unique_name(path.name), IMAGES, identity, "media", {"platform": platform})
            )
            found = list(_rows(path, files, platform, posts))
            rows = [row for row in found if isinstance(row, dict)]
            source.add("media", pa.Table.from_pylist(rows, schema=schema_of("media")))
            bad = [(k, row, str(files[k - 1])) for k, row in enumerate(found, 1) if isinstance(row, str)]
            source.reject(bad)
            loose = sum(row["post_id"] is None for row in rows)
            notes = (
                (f"{loose:,} images bear the id of no post; name them like POSTID.jpg or POSTID_2.jpg",)
                if loose
                else ()
            )
            source.facts = replace(
                source.facts, rejected=len(bad), reasons=dict(Counter(reason for _, reason, _ in bad)), notes=notes
            )
