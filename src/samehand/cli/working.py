"""`samehand case`: cases, and who works on them."""

from __future__ import annotations

import csv
from dataclasses import asdict
from pathlib import Path
from typing import Any, get_args

import click

from samehand.casework import (
    HARMS,
    STATES,
    WAITING,
    Case,
    Casework,
    Decisions,
    Harm,
    Role,
    bring,
    networks_in,
    protect,
    protected,
    unprotect,
)
from samehand.cli.deciding import COMMANDS, decision_line, network_lines
from samehand.cli.keeping import KEEPING
from samehand.cli.main import emit
from samehand.cli.staffing import key, policy, reviewers
from samehand.cli.store import account_of, now, store_option, worker
from samehand.errors import FormatError, NotFoundError, UsageError
from samehand.exchange import Tips
from samehand.records import Run
from samehand.store import open_store

__all__ = ["case"]


@click.group()
def case() -> None:
    """Cases: what was found, who looks into it, and what is decided, with two signatures where it matters."""


def _line(one: Case) -> str:
    accounts = ", ".join(f"{count:,} {role}" for role, count in one.members.items() if count) or "no accounts"
    held = f", {one.assignee}'s" if one.assignee else ""
    held += f", locked by {one.lock_holder}" if one.lock_holder else ""
    held += ", on hold" if one.hold else ""
    return f"case {one.case_id} [{one.state}, {one.harm} harm{held}] {one.title}: {accounts}"


def _shown(one: Case, *, as_json: bool) -> None:
    emit(asdict(one), as_json=as_json, text=_line(one))


@case.command("open")
@click.argument("title")
@click.option(
    "--harm", type=click.Choice(HARMS), default="medium", show_default=True, help="By which queues are sorted."
)
@worker
@store_option
def open_case(title: str, harm: Harm, by: str, where: str, as_json: bool) -> None:
    """Open a case by hand."""
    with open_store(where) as store:
        _shown(Casework(store, now).open(title, by, harm=harm), as_json=as_json)


@case.command("bring")
@click.argument("run", type=click.Path(path_type=Path))
@click.argument("networks", nargs=-1)
@click.option(
    "--case",
    "case_id",
    type=int,
    help="The case they all go into; else that of the tip at which the run begins, else each joins its own, or opens one.",
)
@click.option("--title", default="", help="Of new cases.")
@click.option("--harm", type=click.Choice(HARMS), default="medium", show_default=True, help="Of new cases.")
@click.option("--dataset", type=click.Path(path_type=Path), help="Tells followers and posts of each account.")
@worker
@store_option
def bring_networks(
    run: Path, networks: tuple[str, ...], case_id: int | None, title: str, harm: Harm, dataset: Path | None, by: str,
    where: str, as_json: bool,
) -> None:  # fmt: skip
    """Bring NETWORKS of a RUN into cases with their findings, all of the run's if none is named."""
    with open_store(where) as store:
        work = Casework(store, now)
        into = case_id if case_id is not None else _case_of_tip(work, run)
        done = bring(work, run, networks, by, title=title, harm=harm, case_id=into, dataset=dataset)
    lines = [
        f"{one.network}: {'joins' if one.joined else 'opens'} case {one.case.case_id}, {one.added:,} accounts new to it"
        for one in done
    ]
    emit({"brought": [asdict(one) for one in done]}, as_json=as_json, text="\n".join(lines))


def _case_of_tip(work: Casework, run: Path) -> int | None:
    """The case that was opened from the tip of this store at which a run begins; None where there is none."""
    tip = Run.open(run).info.get("tip")
    if not isinstance(tip, dict) or tip.get("store") != work.store.store_id:
        return None
    return Tips(work).tip(int(tip["number"])).case_id


@case.command("list")
@click.option("--assignee", help="Whose; everybody's if not given.")
@click.option(
    "--state", "states", multiple=True, type=click.Choice(STATES), help="In which state; those that wait if not given."
)
@store_option
def list_cases(assignee: str | None, states: tuple[Any, ...], where: str, as_json: bool) -> None:
    """Show the cases that wait, the most harmful first, and of these the oldest."""
    with open_store(where) as store:
        cases = Casework(store, now).queue(assignee=assignee, states=states or WAITING)
    emit(
        {"cases": [asdict(one) for one in cases]}, as_json=as_json, text="\n".join(map(_line, cases)) or "no case waits"
    )


@case.command()
@click.argument("case_id", type=int)
@click.option("--accounts", is_flag=True, help="Its accounts too; that you saw them is in the log.")
@click.option("--as", "by", metavar="NAME", help="Who looks; needed with --accounts.")
@store_option
def show(case_id: int, accounts: bool, by: str | None, where: str, as_json: bool) -> None:
    """Show a case: its networks with what was found, its decisions and notes."""
    if accounts and not by:
        raise UsageError("to see the accounts, say who looks: --as NAME")
    with open_store(where) as store:
        work = Casework(store, now)
        one, notes = work.case(case_id), work.notes(case_id)
        members = work.view_members(case_id, by) if accounts and by else []
        decisions, networks = Decisions(work).of_case(case_id), networks_in(work, case_id)
    lines = [
        _line(one),
        *(line for network in networks for line in network_lines(network)),
        *map(decision_line, decisions),
        *(f"{note.at:%Y-%m-%d %H:%M} {note.author}: {note.text or '(erased)'}" for note in notes),
        *(f"{m.platform}:{m.asset_id or '(erased)'} {m.role}{', protected' if m.protected else ''}" for m in members),
    ]
    result = {
        "case": asdict(one), "networks": [asdict(network) for network in networks],
        "notes": [asdict(note) for note in notes], "decisions": [asdict(d) for d in decisions],
        "members": [asdict(m) for m in members],
    }  # fmt: skip
    emit(result, as_json=as_json, text="\n".join(lines))


@case.command()
@click.argument("case_id", type=int)
@click.argument("text")
@worker
@store_option
def note(case_id: int, text: str, by: str, where: str, as_json: bool) -> None:
    """Note TEXT in a case."""
    with open_store(where) as store:
        done = Casework(store, now).note(case_id, text, by)
    emit(asdict(done), as_json=as_json, text=f"case {case_id}: note {done.note_id}")


@case.command()
@click.argument("case_id", type=int)
@click.argument("to", required=False)
@worker
@store_option
def assign(case_id: int, to: str | None, by: str, where: str, as_json: bool) -> None:
    """Give a case TO somebody, or to nobody."""
    with open_store(where) as store:
        _shown(Casework(store, now).assign(case_id, to, by), as_json=as_json)


@case.command()
@click.argument("case_id", type=int)
@worker
@store_option
def lock(case_id: int, by: str, where: str, as_json: bool) -> None:
    """Keep everybody else from changing a case, for half an hour or until it is unlocked."""
    with open_store(where) as store:
        _shown(Casework(store, now).lock(case_id, by), as_json=as_json)


@case.command()
@click.argument("case_id", type=int)
@worker
@store_option
def unlock(case_id: int, by: str, where: str, as_json: bool) -> None:
    """Let others change a case again."""
    with open_store(where) as store:
        _shown(Casework(store, now).unlock(case_id, by), as_json=as_json)


@case.command()
@click.argument("case_id", type=int)
@click.argument("harm", type=click.Choice(HARMS))
@worker
@store_option
def rate(case_id: int, harm: Harm, by: str, where: str, as_json: bool) -> None:
    """Say how much HARM a case is about."""
    with open_store(where) as store:
        _shown(Casework(store, now).rate(case_id, harm, by), as_json=as_json)


@case.command()
@click.argument("case_id", type=int)
@click.argument("account")
@click.argument("role", type=click.Choice(get_args(Role)))
@worker
@store_option
def role(case_id: int, account: str, role: Role, by: str, where: str, as_json: bool) -> None:
    """Say what ACCOUNT (platform:asset id) is in a case; a bystander is nobody to act on."""
    platform, asset = account_of(account)
    with open_store(where) as store:
        _shown(Casework(store, now).set_role(case_id, platform, asset, role, by), as_json=as_json)


def _ending(name: str, help_text: str) -> None:
    @case.command(name, help=help_text)
    @click.argument("case_id", type=int)
    @click.option("--why", required=True, help="The reason, which is noted in the case.")
    @worker
    @store_option
    def ending(case_id: int, why: str, by: str, where: str, as_json: bool) -> None:
        with open_store(where) as store:
            _shown(getattr(Casework(store, now), name)(case_id, why, by), as_json=as_json)


_ending("dismiss", "End a case without acting on anybody.")
_ending("close", "End a case whose decision was carried out.")
_ending("reopen", "Take a case up again.")


@case.command("protect")
@click.argument("file", type=click.Path(path_type=Path))
@worker
@store_option
def protect_accounts(file: Path, by: str, where: str, as_json: bool) -> None:
    """Put the accounts of FILE, a CSV of platform, asset_id and why, on the list for whom a lead has to sign."""
    if not file.is_file():
        raise NotFoundError(f"{file}: there is no such file")
    try:
        lines = file.read_text("utf-8-sig").splitlines(keepends=True)
    except UnicodeDecodeError as error:
        raise FormatError(f"{file} is no text in UTF-8") from error
    rows, accounts = csv.DictReader(lines, strict=True), []
    try:
        if not {"platform", "asset_id", "why"} <= set(rows.fieldnames or ()):
            raise FormatError(f"{file}: a list of protected accounts has the columns platform, asset_id and why")
        for row in rows:
            if not row["platform"] or not row["asset_id"] or not row["why"]:
                raise FormatError(f"{file}, line {rows.line_num}: platform, asset_id and why are all needed")
            if None in row or "\n" in row["why"]:
                raise FormatError(
                    f"{file}, line {rows.line_num}: it has more cells than columns, or a quote that does not end"
                )
            accounts.append((row["platform"], row["asset_id"], row["why"]))
    except csv.Error as error:
        raise FormatError(
            f"{file}, line {rows.line_num}: {error}; a quote that does not end swallows what follows"
        ) from error
    if not accounts:
        raise FormatError(f"{file}: it names no account")
    with open_store(where) as store:
        added = protect(Casework(store, now), accounts, by)
    emit(
        {"read": len(accounts), "added": added},
        as_json=as_json,
        text=f"{added:,} of {len(accounts):,} accounts are new to the list",
    )


@case.command("unprotect")
@click.argument("account")
@click.option("--why", required=True, help="The reason, which is in the log.")
@worker
@store_option
def unprotect_account(account: str, why: str, by: str, where: str, as_json: bool) -> None:
    """Take ACCOUNT (platform:asset id) off the list of the protected; a lead does."""
    platform, asset = account_of(account)
    with open_store(where) as store:
        unprotect(Casework(store, now), platform, asset, by, why)
    emit({"removed": 1}, as_json=as_json, text="it is not on the list any more")


@case.command("protected")
@worker
@store_option
def list_protected(by: str, where: str, as_json: bool) -> None:
    """Show the protected accounts; that you looked is in the log."""
    with open_store(where) as store:
        found = protected(Casework(store, now), by)
    lines = [f"{platform}:{asset}: {why}" for platform, asset, why in found]
    rows = [{"platform": platform, "asset_id": asset, "why": why} for platform, asset, why in found]
    emit({"accounts": rows}, as_json=as_json, text="\n".join(lines) or "nobody is on the list")


for one in (key, reviewers, policy, *COMMANDS, *KEEPING):
    case.add_command(one)
