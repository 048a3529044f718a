"""Why an account is in a network, or what ties two of them together: the posts behind it, with their times."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from samehand.errors import InputError, NotFoundError
from samehand.records import Dataset, Run
from samehand.report import find_dataset

__all__ = ["Explanation", "explain_account", "explain_pair"]


MOST_BETWEEN = 10


@dataclass(frozen=True)
class Explanation:
    """An account's place in a run, alone or with another.

    Attributes:
        accounts: platform, asset_id and handle (null when unknown) of the one or two accounts asked for.
        networks: rows of the networks that hold them (both of them, where two were asked for), each with `verdict`, the
            sentences on whether anybody in it is real.
        between: for two members of one network who were never together themselves, the members who were with both of
            them, the strongest ties first.
        edges: rows of `edges` between the two, or of the account's strongest ties.
        receipts: rows of `receipts` for those edges, with `text_a`, `text_b` (null where the dataset is gone or silent)
            and `apart_s`, in time order.
        notes: what a reader should know.
        path: rows of `path` of the one account, where the run expands from a tip: how it was reached.

    """

    accounts: tuple[dict[str, Any], ...]
    networks: tuple[dict[str, Any], ...]
    edges: tuple[dict[str, Any], ...]
    receipts: tuple[dict[str, Any], ...]
    notes: tuple[str, ...]
    between: tuple[str, ...] = ()
    path: tuple[dict[str, Any], ...] = ()


def _dataset_of(run: Run) -> tuple[Dataset | None, list[str]]:
    dataset, without = find_dataset(run)
    return dataset, [without] if without else []


def _tied_accounts(run: Run) -> set[tuple[str, str]]:
    """The members of networks, and the ends of significant pairs that are in none."""
    known: set[tuple[str, str]] = set()
    tables = (
        ("members", "platform", "asset_id"),
        ("edges", "platform_a", "asset_a"),
        ("edges", "platform_b", "asset_b"),
    )
    for table, platform, asset in tables:
        names = run.table(table, [platform, asset]).group_by([platform, asset]).aggregate([])
        known |= set(zip(names.column(platform).to_pylist(), names.column(asset).to_pylist(), strict=True))
    return known


def _hint(run: Run, dataset: Dataset | None, word: str, known: set[tuple[str, str]]) -> str:
    if not known:
        return "this run found no networks and no ties"
    if near := difflib.get_close_matches(word, sorted(pair[1] for pair in known), n=3):
        return f"near are {', '.join(near)}"
    if dataset is None:
        return "the run's dataset is not where it was, so handles are not known: name the id, which the report shows"
    return f"{run.path / 'members.parquet'} and edges.parquet list the {len(known)} who are"


def _find_account(run: Run, dataset: Dataset | None, word: str) -> tuple[str, str]:
    """The account that a word names: its id, `platform:id`, or its handle.

    Raises:
        NotFoundError: no account with a tie bears that name; near ones are named.
        InputError: it names accounts of several platforms.

    """
    known = _tied_accounts(run)
    matches = sorted(pair for pair in known if word in (pair[1], f"{pair[0]}:{pair[1]}"))
    if not matches and dataset is not None:
        assets = dataset.table("assets", ["platform", "asset_id", "handle"])
        hit = assets.filter(pc.equal(pc.utf8_lower(assets.column("handle")), word.lstrip("@").lower()))
        rows = zip(hit.column("platform").to_pylist(), hit.column("asset_id").to_pylist(), strict=True)
        matches = sorted(pair for pair in rows if pair in known)
    if not matches:
        hint = _hint(run, dataset, word, known)
        raise NotFoundError(f"account '{word}' is in no network of {run.path} and has no tie in it; {hint}")
    if len(matches) > 1:
        names = ", ".join(":".join(pair) for pair in matches)
        raise InputError(f"'{word}' names several accounts: {names}; write one of these")
    return matches[0]


def _rows_between(table: pa.Table, one: tuple[str, str], other: tuple[str, str] | None) -> pa.Table:
    def is_side(side: str, account: tuple[str, str]) -> pa.Array[Any]:
        return pc.and_(
            pc.equal(table.column(f"platform_{side}"), account[0]), pc.equal(table.column(f"asset_{side}"), account[1])
        )

    if other is None:
        return table.filter(pc.or_(is_side("a", one), is_side("b", one)))
    forth = pc.and_(is_side("a", one), is_side("b", other))
    back = pc.and_(is_side("b", one), is_side("a", other))
    return table.filter(pc.or_(forth, back))


def _texts(dataset: Dataset | None, wanted: set[str]) -> dict[tuple[str, str], str | None]:
    if dataset is None or not wanted:
        return {}
    found: dict[tuple[str, str], str | None] = {}
    values = pa.array(sorted(wanted), pa.string())
    for batch in dataset.batches("posts", ["platform", "post_id", "text"]):
        hit = batch.filter(pc.is_in(batch.column("post_id"), value_set=values))
        for platform, post, text in zip(*(column.to_pylist() for column in hit.columns), strict=True):
            found[platform, post] = text
    return found


def _with_texts(receipts: pa.Table, dataset: Dataset | None) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = receipts.sort_by([("at_a", "ascending"), ("object_id", "ascending")]).to_pylist()
    texts = _texts(dataset, {post for row in rows for post in (row["post_a"], row["post_b"]) if post})
    for row in rows:
        row["apart_s"] = abs((row["at_a"] - row["at_b"]).total_seconds())
        for side in ("a", "b"):
            row[f"text_{side}"] = texts.get((row[f"platform_{side}"], row[f"post_{side}"]))
    return rows


def _handles(dataset: Dataset | None, accounts: list[tuple[str, str]]) -> tuple[dict[str, Any], ...]:
    handles: dict[tuple[str, str], str | None] = {}
    if dataset is not None:
        assets = dataset.table("assets", ["platform", "asset_id", "handle"])
        hit = assets.filter(
            pc.is_in(assets.column("asset_id"), value_set=pa.array([a[1] for a in accounts], pa.string()))
        )
        for row in hit.to_pylist():
            handles[row["platform"], row["asset_id"]] = row["handle"]
    return tuple({"platform": p, "asset_id": a, "handle": handles.get((p, a))} for p, a in accounts)


def _networks_of(run: Run, accounts: list[tuple[str, str]]) -> tuple[dict[str, Any], ...]:
    members = run.table("members").to_pylist()
    held: dict[str, set[tuple[str, str]]] = {}
    for row in members:
        held.setdefault(row["network_id"], set()).add((row["platform"], row["asset_id"]))
    ids = {name for name, inside in held.items() if set(accounts) <= inside}
    verdicts = run.info.get("verdicts") or {}
    rows = run.table("networks").to_pylist()
    return tuple({**row, "verdict": verdicts.get(row["network_id"], [])} for row in rows if row["network_id"] in ids)


def _between(edges: pa.Table, one: tuple[str, str], other: tuple[str, str]) -> tuple[str, ...]:
    """Accounts tied with both, by the weaker of the two ties, the strongest first."""
    best: list[dict[tuple[str, str], float]] = []
    for account in (one, other):
        strength: dict[tuple[str, str], float] = {}
        for row in _rows_between(edges, account, None).to_pylist():
            ends = [(row["platform_a"], row["asset_a"]), (row["platform_b"], row["asset_b"])]
            (partner,) = [end for end in ends if end != account]
            strength[partner] = max(strength.get(partner, 0.0), row["bits"])
        best.append(strength)
    both = {partner: min(best[0][partner], best[1][partner]) for partner in best[0].keys() & best[1].keys()}
    return tuple(":".join(partner) for partner in sorted(both, key=lambda p: (-both[p], p))[:MOST_BETWEEN])


def explain_pair(run: str, account: str, other: str) -> Explanation:
    """What ties two accounts of a run together: every edge between them and the posts behind it.

    Args:
        run: the run's folder.
        account, other: ids, `platform:id`, or handles.

    Raises:
        NotFoundError: the run is not there, or an account has no tie in it.
        InputError: a name fits several accounts, or both name the same one.

    """
    opened = Run.open(run)
    dataset, notes = _dataset_of(opened)
    one, two = (_find_account(opened, dataset, word) for word in (account, other))
    if one == two:
        raise InputError(f"'{account}' and '{other}' are the same account; name one, or two that differ")
    every = opened.table("edges")
    edges = _rows_between(every, one, two)
    receipts = _rows_between(opened.table("receipts"), one, two)
    between: tuple[str, ...] = ()
    if not edges.num_rows:
        between = _between(every, one, two)
        notes.append("these two were never together themselves inside the run's windows")
    return Explanation(
        _handles(dataset, [one, two]), _networks_of(opened, [one, two]),
        tuple(edges.sort_by([("p_value", "ascending")]).to_pylist()), tuple(_with_texts(receipts, dataset)), tuple(notes),
        between,
    )  # fmt: skip


def explain_account(run: str, account: str, *, ties: int = 10) -> Explanation:
    """An account's networks and its strongest ties, with the posts behind them.

    Args:
        run: the run's folder.
        account: an id, `platform:id`, or a handle.
        ties: how many ties to show.

    Raises:
        NotFoundError: the run is not there, or the account has no tie in it.
        InputError: the name fits several accounts.

    """
    opened = Run.open(run)
    dataset, notes = _dataset_of(opened)
    one = _find_account(opened, dataset, account)
    edges = _rows_between(opened.table("edges"), one, None).sort_by([("p_value", "ascending")])
    if edges.num_rows > ties:
        notes.append(
            f"showing {ties} of {edges.num_rows} ties, the strongest first; name a second account to see one tie whole"
        )
    strongest = edges.slice(0, ties).to_pylist()
    receipts = _rows_between(opened.table("receipts"), one, None)
    keys = ("platform_a", "asset_a", "platform_b", "asset_b", "trace")
    wanted = {tuple(row[key] for key in keys) for row in strongest}
    rows = [row for row in _with_texts(receipts, dataset) if tuple(row[key] for key in keys) in wanted]
    return Explanation(
        _handles(dataset, [one]), _networks_of(opened, [one]), tuple(strongest), tuple(rows), tuple(notes),
        path=_path_to(opened, one),
    )  # fmt: skip


def _path_to(run: Run, account: tuple[str, str]) -> tuple[dict[str, Any], ...]:
    try:
        rows = run.table("path").to_pylist()
    except NotFoundError:  # runs of earlier versions have none
        return ()
    return tuple(row for row in rows if (row["platform"], row["asset_id"]) == account)
