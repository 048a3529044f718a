"""Networks and waves of runs come into cases with their findings, which are frozen as they were on that day."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from samehand.casework.audit import Entry, append, commit, opens
from samehand.casework.cases import Case, Casework, Harm, Origin, Role, is_text, members_named
from samehand.casework.corrections import corrected
from samehand.casework.statements import canonical, digest
from samehand.casework.tables import CaseRow, FindingRow, MemberRow, NetworkMemberRow, NetworkRow, ProtectedRow
from samehand.casework.tied import TIED, tied_accounts
from samehand.errors import InputError, NotFoundError, UsageError
from samehand.records import Dataset, Run
from samehand.store import put

__all__ = [
    "Brought", "Finding", "bring", "cleared_of", "families_of",
    "findings_of", "networks_of", "protect", "protected", "protected_of",
    "put_network",
    "run_digest", "unprotect",
]  # fmt: skip

SAME: Final = 0.5
"""A network that shares so many of the smaller one's accounts with a case is that case's, found again."""
SAYS_WHEN: Final = ("timings", "seconds")


@dataclass(frozen=True)
class Brought:
    """What became of one network: its name in the run, the case it is in, whether that was there before, members new to it."""

    network: str
    case: Case
    joined: bool
    added: int


@dataclass(frozen=True)
class Finding:
    """A finding of a case, as it was frozen.

    Attributes:
        case_network: number of the network in the case. network: its name in its run.
        finding, axis, state, independence_group: as in a run.
        of_account: whether it is about one account, or about the network.
        body: all columns of the run's row.

    """

    case_network: int
    network: str
    finding: str
    axis: str
    state: str
    independence_group: str
    of_account: bool
    body: dict[str, Any]


@dataclass(frozen=True)
class CaseNetwork:
    """A network or a wave of a case, as it was frozen.

    Attributes:
        case_network: its number in the case. network: its name in its run. run: the run's name. accounts: in it.
        coordinated, inauthentic, flagged: its verdict. findings: about the network as a whole,
            not about single accounts.

    """

    case_network: int
    network: str
    run: str
    accounts: int
    coordinated: str
    inauthentic: str
    flagged: bool
    findings: tuple[Finding, ...]


def run_digest(run: Run) -> str:
    """What a run is known by: everything in `run.json` but how long it took."""
    return digest({key: value for key, value in run.info.items() if key not in SAYS_WHEN})


def bring(
    casework: Casework, folder: Path, networks: Sequence[str], by: str, *, title: str = "", harm: Harm = "medium",
    case_id: int | None = None, dataset: Path | None = None,
) -> list[Brought]:  # fmt: skip
    """Bring networks, or waves, of a run into cases: one that is found again joins its case, others open one each.

    Args:
        casework: of the store.
        folder: the run.
        networks: their names in it, `tied` for accounts that it limits for their ties to accounts taken down and that no wave
            holds; all of them when empty.
        by: who brings them.
        title: of new cases; `NETWORK of RUN` if not given.
        harm: of new cases.
        case_id: the case that all of them go into, whatever they share with it.
        dataset: that the run was made from; it tells followers and posts of each account.

    Returns:
        What became of each, in order.

    Raises:
        NotFoundError: the run, a network in it, or the case is not there. UsageError: `by` may not, or the case is not open.

    """
    run = Run.open(folder)
    held = {row["network_id"]: row for row in run.table("networks").to_pylist()}
    if tied := tied_accounts(run):
        held[TIED] = tied[0]
    chosen = list(dict.fromkeys(networks)) or list(held)
    if missing := [name for name in chosen if name not in held]:
        raise NotFoundError(f"{folder} has no network {missing[0]}; it has {', '.join(list(held)[:10]) or 'none'}")
    if not chosen:
        raise UsageError(f"{folder} has no network: there is nothing to look into")
    members, findings = _by_network(run, "members", chosen), _by_network(run, "findings", chosen)
    if tied and TIED in chosen:
        members[TIED], findings[TIED] = tied[1:]
    sizes = _sizes(dataset, {(row["platform"], row["asset_id"]) for rows in members.values() for row in rows})
    origin: Origin = "wave" if run.table("decisions", ["decision"]).num_rows else "run"
    out = []
    with casework.store.writing() as session:
        casework.roster(session).allow(by, "work")
        for number in sorted({case_id} if case_id is not None else _all_found(session, members, chosen)):
            casework.held(session, number, by, "work")  # in order, so that two who bring do not wait for each other
        for name in chosen:
            accounts = [(row["platform"], row["asset_id"]) for row in members[name]]
            found = case_id if case_id is not None else _found_again(session, accounts)
            if found is None:
                row = casework.opened(
                    session, title or f"{name} of {folder.name}", by, origin=origin, origin_ref=folder.name, harm=harm
                )
            else:
                row = casework.held(session, found, by, "work")
                if row.state not in ("open", "dismissed", "enforced", "closed"):
                    raise UsageError(f"case {found} is {row.state}; what is found comes in when that is over")
                if row.state in ("dismissed", "closed"):
                    casework.move(session, row, "reopen")
                    append(session, casework.now(), [Entry("case.reopen", by, {"found": folder.name}, found)])
            added = put_network(casework, session, row, run, held[name], members[name], findings[name], sizes, by)
            out.append(Brought(name, casework.read(session, row), found is not None, added))
    return out


def _all_found(session: Session, members: dict[str, list[dict[str, Any]]], chosen: Sequence[str]) -> set[int]:
    """The cases that there are already of some networks."""
    found = (_found_again(session, [(row["platform"], row["asset_id"]) for row in members[name]]) for name in chosen)
    return {number for number in found if number is not None}


def _by_network(run: Run, table: str, chosen: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
    rows: dict[str, list[dict[str, Any]]] = {name: [] for name in chosen}
    for row in run.table(table).to_pylist():
        if row["network_id"] in rows:
            rows[row["network_id"]].append(row)
    return rows


def _sizes(
    dataset: Path | None, accounts: set[tuple[str, str]]
) -> dict[tuple[str, str], tuple[int | None, int | None]]:
    """Followers and posts of accounts, as their platform told."""
    if dataset is None:
        return {}
    table = Dataset.open(dataset).table("assets")
    table = table.filter(pc.is_in(table["asset_id"], pa.array(sorted({asset for _, asset in accounts}), pa.string())))
    columns = (table[name].to_pylist() for name in ("platform", "asset_id", "followers", "posts_count"))
    return {(platform, asset): (followers, posts) for platform, asset, followers, posts in zip(*columns, strict=True)}


def _found_again(session: Session, accounts: Sequence[tuple[str, str]]) -> int | None:
    """The case that has most of these accounts, if it has half of them, or they are half of it."""
    shared: dict[int, int] = {}
    for named in members_named(session, accounts):
        for case_id, count in session.execute(
            select(MemberRow.case_id, func.count()).join(CaseRow, CaseRow.case_id == MemberRow.case_id)
            .where(named, CaseRow.origin != "ladder").group_by(MemberRow.case_id)
        ):  # fmt: skip
            shared[case_id] = shared.get(case_id, 0) + count
    if not shared:
        return None
    best = max(shared, key=lambda case_id: (shared[case_id], -case_id))
    size = session.scalar(select(func.count()).where(MemberRow.case_id == best)) or 0
    return best if shared[best] >= SAME * min(size, len(accounts)) else None


def put_network(
    casework: Casework, session: Session, case: CaseRow, run: Run, network: dict[str, Any], members: list[dict[str, Any]],
    findings: list[dict[str, Any]], sizes: dict[tuple[str, str], tuple[int | None, int | None]], by: str,
) -> int:  # fmt: skip
    """Enter a network, its findings, and those of its accounts that the case does not have. Returns how many those are."""
    at, known_by = casework.now(), run_digest(run)
    again = session.scalar(
        select(NetworkRow).where(
            NetworkRow.case_id == case.case_id, NetworkRow.run_digest == known_by,
            NetworkRow.network_id == network["network_id"],
        )
    )  # fmt: skip
    if again is not None:
        return 0
    before = _places(session, case.case_id)
    new = [row for row in members if (row["platform"], row["asset_id"]) not in before]
    if new:
        cleared = cleared_of(session, [(one["platform"], one["asset_id"]) for one in new])
        put(session, MemberRow, [_member(one, case.case_id, sizes, cleared, at) for one in new])
    place = _places(session, case.case_id) if new else before
    inside = [place[one["platform"], one["asset_id"]] for one in members]
    row = NetworkRow(
        case_id=case.case_id, run_digest=known_by, run_name=run.path.name[:200], network_id=network["network_id"],
        size=network["size"], known=len(members) - len(new), coordinated=network["coordinated"],
        inauthentic=network["inauthentic"], flagged=network["flagged"], added_at=at,
        **_verdict_frozen(network, known_by, case.case_id, [commitment for _, commitment in inside]),
    )  # fmt: skip
    session.add(row)
    session.flush()
    links = [
        {"case_network_id": row.case_network_id, "member_id": member} for member in dict.fromkeys(m for m, _ in inside)
    ]
    put(session, NetworkMemberRow, links)
    frozen = [_frozen(one, row.case_network_id) for one in findings]
    put(session, FindingRow, frozen)
    case.changed_at, case.version = at, case.version + 1
    body = {
        "run": known_by, "network": network["network_id"], "size": network["size"], "added": len(new),
        "coordinated": network["coordinated"], "inauthentic": network["inauthentic"], "flagged": network["flagged"],
        "findings": len(frozen), "frozen": digest([row.commitment, *(one["commitment"] for one in frozen)]),
    }  # fmt: skip
    append(session, at, [Entry("network.brought", by, body, case.case_id)])
    return len(new)


def _places(session: Session, case_id: int) -> dict[tuple[str, str | None], tuple[int, str]]:
    """The accounts of a case, with their numbers and commitments."""
    columns = (MemberRow.member_id, MemberRow.commitment, MemberRow.platform, MemberRow.asset_id)
    rows = session.execute(select(*columns).where(MemberRow.case_id == case_id))
    return {(platform, asset): (member, commitment) for member, commitment, platform, asset in rows}


def cleared_of(session: Session, accounts: Sequence[tuple[str, str]]) -> set[tuple[str, str]]:
    """Those of some accounts that an appeal cleared, in whatever case."""
    cleared = select(MemberRow.platform, MemberRow.asset_id).where(MemberRow.cleared_at.is_not(None)).distinct()
    among = set(accounts)
    held = {(platform, asset) for platform, asset in session.execute(cleared) if asset and (platform, asset) in among}
    return held | (corrected(session, by_appeal=True) & among)


def protected_of(session: Session, accounts: Sequence[tuple[str, str]]) -> set[tuple[str, str]]:
    """Those of some accounts that are protected."""
    among = set(accounts)
    listed = session.execute(select(ProtectedRow.platform, ProtectedRow.asset_id))
    return {(platform, asset) for platform, asset in listed if (platform, asset) in among}


def _member(
    row: dict[str, Any], case_id: int, sizes: dict[tuple[str, str], tuple[int | None, int | None]],
    cleared: set[tuple[str, str]], at: datetime,
) -> dict[str, Any]:  # fmt: skip
    """A member's row; whom an appeal cleared comes in as a bystander, until somebody says otherwise."""
    role: Role = row["role"] if row["role"] in ("core", "amplifier", "bystander") else "core"
    role = "bystander" if (row["platform"], row["asset_id"]) in cleared else role
    salt, commitment = commit(f"{row['platform']}:{row['asset_id']}")
    followers, posts = sizes.get((row["platform"], row["asset_id"]), (None, None))
    return {
        "case_id": case_id, "platform": row["platform"], "asset_id": row["asset_id"], "role": role, "score": row["score"],
        "followers": followers, "posts": posts, "salt": salt, "commitment": commitment, "added_at": at,
    }  # fmt: skip


def _frozen(row: dict[str, Any], network: int) -> dict[str, Any]:
    body = canonical(row).decode()
    salt, commitment = commit(body)
    return {
        "case_network_id": network, "finding": row["finding"], "axis": row["axis"], "state": row["state"],
        "independence_group": row["independence_group"], "of_account": row["asset_id"] is not None, "body": body,
        "salt": salt, "commitment": commitment,
    }  # fmt: skip


def _verdict(network: dict[str, Any], run: str, case_id: int, members: Sequence[str]) -> str:
    """What a network's verdict was, and who is in it by commitment, in one way of writing it."""
    named = ("network_id", "size", "coordinated", "inauthentic", "flagged")
    said = {**{name: network[name] for name in named}, "run": run, "case": case_id}
    return canonical({**said, "members": digest(sorted(set(members)))}).decode()


def _verdict_frozen(network: dict[str, Any], run: str, case_id: int, members: Sequence[str]) -> dict[str, str]:
    body = _verdict(network, run, case_id, members)
    salt, commitment = commit(body)
    return {"body": body, "salt": salt, "commitment": commitment}


def networks_of(session: Session, case_id: int) -> list[NetworkRow]:
    """The networks of a case in the order in which they came, each held against what was frozen.

    Raises:
        InputError: the verdict of one, or who is in it, was changed after it came in.

    """
    rows = session.scalars(
        select(NetworkRow).where(NetworkRow.case_id == case_id).order_by(NetworkRow.case_network_id)
    ).all()
    inside: dict[int, list[str]] = {}
    of = select(NetworkMemberRow.case_network_id, MemberRow.commitment).join(
        MemberRow, MemberRow.member_id == NetworkMemberRow.member_id
    )
    for network, commitment in session.execute(of.where(MemberRow.case_id == case_id)):
        inside.setdefault(network, []).append(commitment)
    for row in rows:
        columns = {name: getattr(row, name) for name in ("network_id", "size", "coordinated", "inauthentic", "flagged")}
        same = row.body == _verdict(columns, row.run_digest, row.case_id, inside.get(row.case_network_id, []))
        if not same or not opens(row.commitment, row.salt, row.body):
            raise InputError(
                f"network {row.network_id} of case {case_id} was changed after it came in; "
                "`samehand audit verify` shows what else was"
            )
    return list(rows)


def findings_of(session: Session, case_id: int) -> list[Finding]:
    """The findings of a case, in the order in which they came, each held against what was frozen; not what was erased.

    Raises:
        InputError: one was changed after it came in; the message says which.

    """
    rows = session.execute(
        select(FindingRow, NetworkRow).join(NetworkRow, NetworkRow.case_network_id == FindingRow.case_network_id)
        .where(NetworkRow.case_id == case_id, FindingRow.body != "").order_by(FindingRow.finding_id)
    ).all()  # fmt: skip
    out = []
    for row, network in rows:
        body = json.loads(row.body)
        same = (row.finding, row.axis, row.state, row.independence_group, row.of_account) == (
            body["finding"], body["axis"], body["state"], body["independence_group"], body["asset_id"] is not None
        )  # fmt: skip
        if not same or not opens(row.commitment, row.salt, row.body):
            raise InputError(
                f"finding {row.finding_id} ({row.finding}) of case {case_id} was changed after it came in; "
                "`samehand audit verify` shows what else was"
            )
        out.append(
            Finding(
                network.case_network_id,
                network.network_id,
                row.finding,
                row.axis,
                row.state,
                row.independence_group,
                row.of_account,
                body,
            )
        )
    return out


def families_of(session: Session, case_id: int) -> dict[tuple[str, str], str]:
    """For each account of a case that is not erased, the independence groups that are strong of its networks, joined by `|`.

    Raises:
        InputError: a finding was changed after it came in.

    """
    strong: dict[int, set[str]] = {}
    for one in findings_of(session, case_id):
        if one.state == "strong" and not one.of_account:
            strong.setdefault(one.case_network, set()).add(one.independence_group)
    rows = session.execute(
        select(MemberRow.platform, MemberRow.asset_id, NetworkMemberRow.case_network_id)
        .join(NetworkMemberRow, NetworkMemberRow.member_id == MemberRow.member_id)
        .where(MemberRow.case_id == case_id, MemberRow.asset_id.is_not(None))
    )
    found: dict[tuple[str, str], set[str]] = {}
    for platform, asset_id, network in rows:
        found.setdefault((platform, str(asset_id)), set()).update(strong.get(network, ()))
    return {account: "|".join(sorted(groups)) for account, groups in found.items()}


def networks_in(casework: Casework, case_id: int) -> list[CaseNetwork]:
    """The networks of a case in the order in which they came, with their verdicts and what these rest on.

    Raises:
        NotFoundError: there is no such case. InputError: something was changed after it came in.

    """
    with casework.store.reading() as session:
        casework.row(session, case_id)
        whole = [one for one in findings_of(session, case_id) if not one.of_account]
        return [
            CaseNetwork(
                row.case_network_id, row.network_id, row.run_name, row.size, row.coordinated, row.inauthentic, row.flagged,
                tuple(one for one in whole if one.case_network == row.case_network_id),
            )
            for row in networks_of(session, case_id)
        ]  # fmt: skip


def protect(casework: Casework, accounts: Iterable[tuple[str, str, str]], by: str) -> int:
    """Put accounts on the list of those whom nothing is done to without a lead.

    Args:
        casework: of the store.
        accounts: platform, asset id, and why.
        by: who says so.

    Returns:
        How many were not on it.

    """
    with casework.store.writing() as session:
        casework.roster(session).allow(by, "work")
        held = {tuple(one) for one in session.execute(select(ProtectedRow.platform, ProtectedRow.asset_id))}
        at, new = casework.now(), {}
        for platform, asset, why in accounts:
            if not 0 < len(platform) <= 40 or not asset or not all(map(is_text, (platform, asset, why))):
                raise UsageError(f"{platform[:40]}:{asset[:80]!r} is no account: a platform has 40 characters at most")
            if (platform, asset) not in held:
                new[platform, asset] = {
                    "platform": platform, "asset_id": asset, "why": why[:200], "added_at": at, "added_by": by
                }  # fmt: skip
        put(session, ProtectedRow, list(new.values()))
        if new:
            append(session, casework.now(), [Entry("protected", by, {"accounts": len(new)})])
        return len(new)


def unprotect(casework: Casework, platform: str, asset_id: str, by: str, why: str) -> None:
    """Take an account off that list.

    Raises:
        NotFoundError: it is not on it. UsageError: there is no reason, or `by` is no lead.

    """
    if not why.strip():
        raise UsageError("say why it is not protected any more")
    with casework.store.writing() as session:
        casework.roster(session).allow(by, "escalate")
        row = session.get(ProtectedRow, (platform, asset_id))
        if row is None:
            raise NotFoundError(f"{platform}:{asset_id} is not on the list of protected accounts")
        session.delete(row)
        _, commitment = commit(why)
        append(session, casework.now(), [Entry("unprotected", by, {"accounts": 1, "why": commitment})])


def protected(casework: Casework, by: str) -> list[tuple[str, str, str]]:
    """The list: platform, id, and why; who looked is in the log."""
    with casework.store.writing() as session:
        casework.roster(session).allow(by, "view")
        append(session, casework.now(), [Entry("viewed", by, {"what": "protected"})])
        rows = session.execute(
            select(ProtectedRow.platform, ProtectedRow.asset_id, ProtectedRow.why)
            .order_by(ProtectedRow.platform, ProtectedRow.asset_id)
        )  # fmt: skip
        return [(row.platform, row.asset_id, row.why) for row in rows]
