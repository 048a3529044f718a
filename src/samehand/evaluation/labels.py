"""What is known of the accounts of a set: a world's truth, or a file of labels."""

from __future__ import annotations

import csv
from pathlib import Path

from samehand.errors import FormatError, NotFoundError
from samehand.evaluation.truth import Known, opened_text, read_truth
from samehand.evaluation.verdicts import Account
from samehand.records import Dataset

__all__ = ["accounts_of", "read_labels"]


def accounts_of(dataset: Dataset) -> set[Account]:
    """The accounts that a dataset names: its assets, and whoever posted or acted."""
    found: set[Account] = set()
    for table in ("assets", "posts", "activities"):
        for batch in dataset.batches(table, ["platform", "asset_id"]):
            found.update(zip(batch.column(0).to_pylist(), batch.column(1).to_pylist(), strict=True))
    return found


def _columns(file: Path) -> list[str]:
    try:
        with opened_text(file) as stream:
            return next(csv.reader(stream), [])
    except UnicodeDecodeError as error:
        raise FormatError(f"{file} is no text; labels are a CSV in UTF-8, or one in .gz") from error


def read_labels(path: str | Path, dataset: Dataset) -> dict[Account, Known]:
    """Read what is known of a dataset's accounts.

    Args:
        path: a CSV with platform, asset_id, role and team, or with asset_id and label (and platform, where ids are on
            several). A label is a role: `operation` for planted accounts, `organic` for the others.
        dataset: names the platforms of the ids. Accounts that it does not have are kept too: they are there to be found.

    Raises:
        NotFoundError: the file is not there.
        FormatError: a column or a label is missing, or an id is on two platforms of the dataset.

    """
    file = Path(path)
    if not file.is_file():
        raise NotFoundError(f"{file} is not there; name a CSV of asset_id and label, or a world's truth.csv")
    columns = _columns(file)
    if "role" in columns:
        return read_truth(file)
    missing = [name for name in ("asset_id", "label") if name not in columns]
    if missing:
        raise FormatError(f"{file} has no column {missing[0]}; labels have asset_id and label")
    platforms: dict[str, set[str]] = {}
    for platform, asset in accounts_of(dataset):
        platforms.setdefault(asset, set()).add(platform)
    known: dict[Account, Known] = {}
    with opened_text(file) as stream:
        for number, row in enumerate(csv.DictReader(stream), 1):
            asset = row["asset_id"]
            on = {row["platform"]} if row.get("platform") else platforms.get(asset, {""})
            if not row["label"] or len(on) != 1 or (key := (min(on), asset)) in known:
                raise FormatError(f"{file}, row {number}: {_fault(asset, row['label'], on)}")
            known[key] = Known(row["label"], "")
    return known


def _fault(asset: str, label: str, platforms: set[str]) -> str:
    if not label:
        return f"{asset} has no label; write operation or organic"
    if len(platforms) > 1:
        return f"{asset} is on {' and '.join(sorted(platforms))}; add a column platform"
    return f"{asset} comes twice; leave one of its rows out"
