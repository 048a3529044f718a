"""`samehand case plan`, `propose`, `sample`, `approve`: what is decided, with two signatures where it matters."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import click

from samehand.casework import CaseNetwork, Casework, Decision, Decisions, DryRun, networks_in, take_steps
from samehand.cli.main import emit
from samehand.cli.store import now, role_options, signing, store_option, unlocked, worker
from samehand.policy import ACTIONS, Action
from samehand.store import open_store

__all__ = ["COMMANDS", "decision_line", "network_lines"]

TELLING: Final = ("strong", "some")


def decision_line(one: Decision) -> str:
    """A decision in one line."""
    said = (
        f"decision {one.decision_id} of case {one.case_id} [{one.state}]: {one.action} {one.radius.accounts:,} accounts"
    )
    if one.reverses:
        said += f", which takes back decision {one.reverses}"
    elif one.grounds:
        said += f" for {', '.join(one.grounds)}"
    said += f" under {one.policy}; proposed by {one.proposer}"
    return said + (f", answered by {one.approver}" if one.approver else "")


def network_lines(one: CaseNetwork) -> list[str]:
    """A network of a case with its verdict, and below it what the verdict rests on, the strong first."""
    head = (
        f"network {one.network} of {one.run}: {one.accounts:,} accounts, coordinated {one.coordinated}, "
        f"inauthentic {one.inauthentic}{', flagged' if one.flagged else ''}"
    )
    said = [found for state in TELLING for found in one.findings if found.state == state]
    rest = Counter(found.state for found in one.findings if found.state not in TELLING)
    lines = [head, *(f"  {found.state}: {found.finding} ({found.axis}, {found.independence_group})" for found in said)]
    if rest:
        lines.append("  other findings: " + ", ".join(f"{count} {state}" for state, count in sorted(rest.items())))
    return lines


def _next(one: Decision) -> str:
    """What comes after a decision as it stands, as it is typed; "" where nothing does."""
    number = one.decision_id
    if one.state == "approved":
        return f"\nnext: samehand enforce run {number} --on PLATFORM:WHERE --platform NAME --as NAME"
    if one.state == "proposed":
        return (
            f"\nnext, by somebody else: samehand case sample {number} --as NAME, "
            f"then samehand case approve {number} --confirm '{one.confirmation}' --by KEY"
        )
    return ""


def _known(count: int | None, what: str) -> str:
    return f"{what} not known" if count is None else f"{count:,} {what}"


def _tried(one: DryRun) -> list[str]:
    reach = one.radius
    lines = [
        f"{reach.accounts:,} accounts of {reach.networks:,} networks, {_known(reach.followers, 'followers')}, "
        f"{_known(reach.posts, 'posts')} "
        f"({reach.unknown:,} accounts of which neither is known), {reach.protected:,} protected",
        f"under {one.policy}; it takes {'two persons' if one.two or one.escalated else 'one person'}"
        + (", one of them a lead" if one.escalated else ""),
    ]
    for name, words in one.unmet.items():
        lines.append(f"{name}: {'; '.join(words) or 'met'}")
    if not one.possible:
        lines.append("it cannot be proposed" + ("" if one.radius.accounts else ": it is about nobody"))
    return lines


def _what(command: Any) -> Any:
    """What is decided, and why."""
    command = role_options(command)
    command = click.option(
        "--ground", "grounds", multiple=True, required=True, help="A clause of the policy; may be repeated."
    )(command)
    return click.option("--action", type=click.Choice(ACTIONS), required=True, help="What is done.")(command)


@click.command()
@click.argument("case_id", type=int)
@_what
@store_option
def plan(
    case_id: int, action: Action, grounds: tuple[str, ...], roles: tuple[Any, ...], where: str, as_json: bool
) -> None:
    """Say how far a decision would reach, and whether its grounds are met; nothing is kept."""
    with open_store(where) as store:
        tried = Decisions(Casework(store, now)).dry_run(case_id, action, grounds, roles)
    emit({**asdict(tried), "possible": tried.possible}, as_json=as_json, text="\n".join(_tried(tried)))


@click.command()
@click.argument("case_id", type=int)
@_what
@click.option("--why", required=True, help="The reason, in your own words.")
@signing
@store_option
def propose(
    case_id: int, action: Action, grounds: tuple[str, ...], roles: tuple[Any, ...], why: str, key_file: Path, where: str,
    as_json: bool,
) -> None:  # fmt: skip
    """Propose what is done with the accounts of a case, and sign it."""
    with open_store(where) as store:
        done = Decisions(Casework(store, now)).propose(case_id, action, grounds, why, unlocked(key_file), roles)
    emit(asdict(done), as_json=as_json, text=decision_line(done) + _next(done))


@click.command()
@store_option
def proposals(where: str, as_json: bool) -> None:
    """Show the proposals that nobody has answered."""
    with open_store(where) as store:
        waiting = Decisions(Casework(store, now)).waiting()
    text = "\n".join(map(decision_line, waiting)) or "no proposal waits"
    emit({"decisions": [asdict(one) for one in waiting]}, as_json=as_json, text=text)


@click.command()
@click.argument("decision_id", type=int)
@worker
@store_option
def sample(decision_id: int, by: str, where: str, as_json: bool) -> None:
    """Show twenty accounts of a proposal, drawn at random, and what was found; to look at before it is approved."""
    with open_store(where) as store:
        work = Casework(store, now)
        shown = Decisions(work).sample(decision_id, by)
        networks = networks_in(work, Decisions(work).decision(decision_id).case_id)
    lines = [
        f"{m.platform}:{m.asset_id} {m.role}, score {m.score:.2f}"
        if m.score is not None
        else f"{m.platform}:{m.asset_id} {m.role}"
        for m in shown
    ]
    lines = [line for network in networks for line in network_lines(network)] + lines
    if networks:
        lines.append(
            "what ties one to others: samehand explain RUN ACCOUNT; of sign-ups: samehand signups explain RUN ACCOUNT"
        )
    emit(
        {"sample": [asdict(m) for m in shown], "networks": [asdict(one) for one in networks]},
        as_json=as_json,
        text="\n".join(lines),
    )


@click.command()
@click.argument("decision_id", type=int)
@click.option("--confirm", required=True, help="Action and number of accounts, typed: 'suspend 936'.")
@signing
@store_option
def approve(decision_id: int, confirm: str, key_file: Path, where: str, as_json: bool) -> None:
    """Approve somebody else's proposal, and sign it."""
    with open_store(where) as store:
        done = Decisions(Casework(store, now)).approve(decision_id, unlocked(key_file), confirm)
    emit(asdict(done), as_json=as_json, text=decision_line(done) + _next(done))


@click.command()
@click.argument("decision_id", type=int)
@click.option("--why", required=True, help="The reason, which is noted in the case.")
@signing
@store_option
def refuse(decision_id: int, why: str, key_file: Path, where: str, as_json: bool) -> None:
    """Refuse a proposal; its case is open again."""
    with open_store(where) as store:
        done = Decisions(Casework(store, now)).refuse(decision_id, unlocked(key_file), why)
    emit(asdict(done), as_json=as_json, text=decision_line(done))


@click.command()
@click.argument("decision_id", type=int)
@signing
@store_option
def withdraw(decision_id: int, key_file: Path, where: str, as_json: bool) -> None:
    """Take your own proposal back, while it has no answer."""
    with open_store(where) as store:
        done = Decisions(Casework(store, now)).withdraw(decision_id, unlocked(key_file))
    emit(asdict(done), as_json=as_json, text=decision_line(done))


@click.command()
@click.argument("decision_id", type=int)
@click.option("--why", required=True, help="The reason, in your own words.")
@signing
@store_option
def reverse(decision_id: int, why: str, key_file: Path, where: str, as_json: bool) -> None:
    """Propose to take back all that a decision did; another person approves it, and `samehand enforce run` carries it out."""
    with open_store(where) as store:
        done = Decisions(Casework(store, now)).propose_reversal(decision_id, why, unlocked(key_file))
    emit(asdict(done), as_json=as_json, text=decision_line(done) + _next(done))


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
@signing
@store_option
def ladder(run: Path, key_file: Path, where: str, as_json: bool) -> None:
    """Order the automatic steps, up to limit, that a RUN over sign-ups asks for; signed by the service's key."""
    with open_store(where) as store:
        steps = take_steps(Casework(store, now), run, unlocked(key_file))
    lines = [
        f"{decision_line(one.decision)}; left to a person: {one.left_protected:,} protected, {one.left_cleared:,} cleared"
        for one in steps
    ]
    emit({"steps": [asdict(one) for one in steps]}, as_json=as_json, text="\n".join(lines) or "nobody stands on a rung")


COMMANDS = (plan, propose, proposals, sample, approve, refuse, withdraw, reverse, ladder)
"""In the order in which they are used."""
