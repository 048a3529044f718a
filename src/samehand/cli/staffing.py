"""`samehand case key`, `reviewers` and `policy`: who takes part, and under which policy."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from samehand.casework import (
    Casework,
    Roster,
    add_reviewer,
    adopt,
    adopt_ladder,
    change_roles,
    found_roster,
    make_key,
    read_roster,
    remove_reviewer,
    retire,
    try_pack,
)
from samehand.cli.main import emit
from samehand.cli.store import now, passphrase_for, signers, signing, store_option, unlocked
from samehand.errors import UsageError
from samehand.policy import compare_packs, lint_pack, read_pack, read_signup_policy
from samehand.store import open_store

__all__ = ["key", "policy", "reviewers"]


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--name", required=True, help="A pseudonym: small letters, digits, - and _; never a person's name.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def key(file: Path, name: str, as_json: bool) -> None:
    """Make a signing key in FILE, sealed with a passphrase; it stays with its holder, never in the store."""
    made = make_key(file, name, passphrase_for(name, new=True))
    emit({"name": name, "public": made.public, "path": str(file)}, as_json=as_json,
         text=f"{file}: {name}'s key, readable by you only. Public key {made.public}")  # fmt: skip


@click.group()
def reviewers() -> None:
    """Who may do what: a roster of signed statements."""


def _told(people: dict[str, Any], *, as_json: bool) -> None:
    lines = [f"{name}: {', '.join(one['roles']) or 'left'}" for name, one in people.items()]
    emit({"reviewers": list(people.values())}, as_json=as_json, text="\n".join(lines))


def _people(roster: Roster) -> dict[str, Any]:
    return {name: asdict(person) for name, person in roster.people.items()}


@reviewers.command()
@click.argument("first", type=click.Path(path_type=Path))
@click.argument("second", type=click.Path(path_type=Path))
@store_option
def found(first: Path, second: Path, where: str, as_json: bool) -> None:
    """Found a store: the holders of the keys FIRST and SECOND, two persons, lead from now on."""
    with open_store(where) as store:
        _told(_people(found_roster(store, unlocked(first), unlocked(second), now())), as_json=as_json)


@reviewers.command()
@click.argument("new", type=click.Path(path_type=Path))
@click.option(
    "--role", "given", multiple=True, required=True, help="viewer, investigator, reviewer, appeals, lead, service."
)
@signers
@store_option
def add(new: Path, given: tuple[str, ...], key_files: tuple[Path, ...], where: str, as_json: bool) -> None:
    """Put the holder of the key NEW on the roster; they sign, and so does a lead, two where NEW is to decide anything."""
    with open_store(where) as store:
        leads = [unlocked(file) for file in key_files]
        _told(_people(add_reviewer(store, leads, unlocked(new), given, now())), as_json=as_json)


@reviewers.command()
@click.argument("name")
@click.option("--role", "given", multiple=True, required=True, help="Every role that they have from now on.")
@signers
@store_option
def change(name: str, given: tuple[str, ...], key_files: tuple[Path, ...], where: str, as_json: bool) -> None:
    """Give NAME other roles; nobody does so for themselves, and two leads do where NAME is let decide more."""
    with open_store(where) as store:
        leads = [unlocked(file) for file in key_files]
        _told(_people(change_roles(store, leads, name, given, now())), as_json=as_json)


@reviewers.command()
@click.argument("name")
@signing
@store_option
def remove(name: str, key_file: Path, where: str, as_json: bool) -> None:
    """Take all roles from NAME, who leaves; what they signed stays theirs."""
    with open_store(where) as store:
        _told(_people(remove_reviewer(store, unlocked(key_file), name, now())), as_json=as_json)


@reviewers.command("list")
@store_option
def list_reviewers(where: str, as_json: bool) -> None:
    """Show who is on the roster, every signature gone over."""
    with open_store(where) as store, store.reading() as session:
        _told(_people(read_roster(session, store.store_id)), as_json=as_json)


@click.group()
def policy() -> None:
    """The policy that decisions cite: read, compared, signed by two."""


@policy.command()
@click.argument("file", type=click.Path(path_type=Path), required=False)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def lint(file: Path | None, as_json: bool) -> None:
    """Say what is not sound in a policy FILE, the shipped one if none is given."""
    pack = read_pack(file)
    wrong = lint_pack(pack)
    emit(
        {"version": pack.version, "wrong": wrong}, as_json=as_json, text="\n".join(wrong) or f"{pack.version} is sound"
    )
    if wrong:
        raise UsageError(f"{pack.version} is not sound, in {len(wrong)} places")


@policy.command("show")
@click.argument("file", type=click.Path(path_type=Path), required=False)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def show_policy(file: Path | None, as_json: bool) -> None:
    """Print a policy FILE, the shipped one if none is given; to look at, or to change and sign."""
    pack = read_pack(file)
    emit({"version": pack.version, "text": pack.text}, as_json=as_json, text=pack.text.rstrip())


@policy.command()
@click.argument("before", type=click.Path(path_type=Path))
@click.argument("after", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def diff(before: Path, after: Path, as_json: bool) -> None:
    """Say what differs between the policies BEFORE and AFTER, ground by ground."""
    changes = compare_packs(read_pack(before), read_pack(after))
    lines = [f"{one.ground}, {one.what}: {one.before or 'nothing'} -> {one.after or 'nothing'}" for one in changes]
    emit({"changes": [asdict(one) for one in changes]}, as_json=as_json, text="\n".join(lines) or "nothing differs")


@policy.command("try")
@click.argument("file", type=click.Path(path_type=Path))
@store_option
def try_policy(file: Path, where: str, as_json: bool) -> None:
    """Say what the policy FILE would have changed in past decisions and cases; nothing is kept."""
    pack = read_pack(file)
    with open_store(where) as store:
        trial = try_pack(Casework(store, now), pack)
    lines = [f"{trial.tried:,} decisions were gone over; {len(trial.decisions):,} would differ under {pack.version}"]
    lines += [
        f"decision {one.decision_id} of case {one.case_id}, {one.action} for {', '.join(one.grounds)}: "
        f"{one.still:,} of {one.accounts:,} accounts ({'; '.join(one.why)})"
        for one in trial.decisions
    ]
    lines += [f"case {one.case_id} would bear {_borne(one.then)}, and bears {_borne(one.now)}" for one in trial.cases]
    emit(asdict(trial), as_json=as_json, text="\n".join(lines))


def _borne(actions: dict[str, Any]) -> str:
    return ", ".join(f"{action} for {ground}" for ground, action in actions.items()) or "nothing"


@policy.command()
@click.argument("file", type=click.Path(path_type=Path), required=False)
@signing
@store_option
def sign(file: Path | None, key_file: Path, where: str, as_json: bool) -> None:
    """Sign a policy FILE, the shipped one if none is given; the second person to do so puts it in force."""
    pack = read_pack(file)
    with open_store(where) as store:
        signed = adopt(store, pack, unlocked(key_file), now())
    _signed(pack.version, signed, f"in force from {pack.valid_from}", as_json=as_json)


@policy.command("sign-ladder")
@click.argument("file", type=click.Path(path_type=Path), required=False)
@signing
@store_option
def sign_ladder(file: Path | None, key_file: Path, where: str, as_json: bool) -> None:
    """Sign a policy FILE of sign-ups, the shipped one if none is given; two leads let the service take its steps."""
    rules = read_signup_policy(file)
    with open_store(where) as store:
        signed = adopt_ladder(store, rules, unlocked(key_file), now())
    _signed(rules.version, signed, "the service may take its steps up to limit", as_json=as_json)


def _signed(version: str, signed: tuple[str, ...], then: str, *, as_json: bool) -> None:
    """Who has signed a policy, and what follows once two have."""
    force = len(signed) > 1
    text = f"{version}: signed by {', '.join(signed)}; {then if force else 'another person has to sign it too'}"
    emit({"version": version, "signed": signed, "in_force": force}, as_json=as_json, text=text)


@policy.command("retire")
@click.argument("version")
@signing
@store_option
def retire_policy(version: str, key_file: Path, where: str, as_json: bool) -> None:
    """Take a VERSION out of force; what was decided under it stays."""
    with open_store(where) as store:
        retire(store, version, unlocked(key_file), now())
    emit({"version": version, "in_force": False}, as_json=as_json, text=f"{version}: retired")
