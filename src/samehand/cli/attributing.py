"""`samehand attribute`: who may be behind a case, on which evidence, how much of it is claimed, and who was told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from samehand.attribution import (
    ACTOR_TYPES,
    BEARS,
    IN_WORDS,
    LEVELS,
    ActorType,
    ClaimDraft,
    Level,
    Reached,
    Weighed,
    evidence_kinds,
    read_evidence,
    read_evidence_file,
)
from samehand.casework import (
    Casework,
    Claim,
    ClaimEvidence,
    ClaimRecipient,
    ClaimRecipients,
    Claims,
    HeldEvidence,
)
from samehand.cli.indications import COMMANDS
from samehand.cli.main import emit
from samehand.cli.store import NUMBER, existing, now, signing, store_option, unlocked, worker
from samehand.errors import UsageError
from samehand.store import open_store

__all__ = ["attribute"]

SAID = ("kind", "said", "source", "source_class", "reliability", "credibility", "country", "entity", "group", "sha256")
"""What a piece of evidence is told by on the command line, beside its techniques."""


class CaseFirst(click.Group):
    """A group whose case may be named first: `samehand attribute 7 weigh` is `samehand attribute weigh 7`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Move a number that stands first behind the command that follows it."""
        if args and args[0].isdigit():
            number, rest, group, at = args[0], args[1:], self, 0
            while at < len(rest) and isinstance(group, click.Group) and rest[at] in group.commands:
                group, at = group.commands[rest[at]], at + 1  # type: ignore[assignment]
            if at:
                args = [*rest[:at], number, *rest[at:]]
        return super().parse_args(ctx, args)


@click.group(cls=CaseFirst)
def attribute() -> None:
    """Who is behind a case, how likely, how sure, and how much of it may be claimed; the case may stand before the command."""


for _command in COMMANDS:
    attribute.add_command(_command)


def evidence_line(one: HeldEvidence) -> str:
    """A piece of evidence in one line."""
    item = one.item
    points = "".join(f", {word}" for word in (item.country, item.entity) if word)
    out = f"; taken out: {one.why}" if one.withdrawn_at else ""
    graded = f"{item.of.category}, {item.reliability}{item.credibility}, group {item.hangs_on}{points}"
    return f"evidence {one.evidence_id} [{item.kind}, {graded}{out}] {item.said}"


def _told(one: HeldEvidence) -> dict[str, Any]:
    return {**asdict(one), "bears": BEARS[one.item.of.tells]}


@attribute.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def kinds(as_json: bool) -> None:
    """Show the kinds of evidence there are, and the most of a claim that each bears."""
    found = [
        {**asdict(one), "ratings": dict(one.ratings), "bears": BEARS[one.tells]} for one in evidence_kinds().values()
    ]
    lines = [f"{one['name']} [{one['category']}, {one['bears']} at most] {one['title']}" for one in found]
    emit({"kinds": found}, as_json=as_json, text="\n".join(lines))


@attribute.group()
def evidence() -> None:
    """The evidence of a case: what was found, whose it is, how far it is trusted, and what else it could be."""


@evidence.command()
@click.argument("case_id", type=NUMBER)
@click.option("--file", "file", type=click.Path(path_type=Path), help="TOML with [[evidence]] tables, or JSON.")
@click.option("--kind", help="One of `samehand attribute kinds`; instead of a file.")
@click.option("--said", help="What was found, in words that name nobody.")
@click.option("--source", help="Whose it is.")
@click.option(
    "--source-class", type=click.Choice(["open", "proprietary", "classified"]), help="Only open is published."
)
@click.option(
    "--reliability", type=click.Choice(list("ABCDEF")), help="Of the source, after the Admiralty; F if not said."
)
@click.option("--credibility", type=click.IntRange(1, 6), help="Of what it says, 1 to 6; 6 if not said.")
@click.option("--country", help="At which it points, as DE.")
@click.option("--entity", help="To whom it ties the network, where its kind tells of one.")
@click.option("--group", help="On what else it hangs, where that is known.")
@click.option("--disarm", multiple=True, help="A technique, as T0084.001; may be repeated.")
@click.option("--sha256", help="Of what it rests on.")
@worker
@store_option
def add(
    case_id: int, file: Path | None, disarm: tuple[str, ...], by: str, where: str, as_json: bool, **said: Any
) -> None:
    """Enter evidence in case CASE_ID: all of a --file, or one piece by its options."""
    given = {name: said[name] for name in SAID if said[name] is not None}
    if (file is None) == (not given and not disarm):
        raise UsageError("name a --file, or say one piece with --kind, --said and --source")
    items = [read_evidence({**given, "disarm": disarm}, "the options")] if file is None else read_evidence_file(file)
    with open_store(existing(where)) as store:
        done = ClaimEvidence(Casework(store, now)).add(case_id, items, by)
    emit({"evidence": [_told(one) for one in done]}, as_json=as_json, text="\n".join(map(evidence_line, done)))


@evidence.command()
@click.argument("case_id", type=NUMBER)
@click.argument("evidence_id", type=NUMBER)
@click.option("--why", required=True, help="What is wrong with it.")
@worker
@store_option
def withdraw(case_id: int, evidence_id: int, why: str, by: str, where: str, as_json: bool) -> None:
    """Take EVIDENCE_ID of case CASE_ID out: it stays to be seen, and counts no more."""
    with open_store(existing(where)) as store:
        done = ClaimEvidence(Casework(store, now)).withdraw(case_id, evidence_id, why, by)
    emit(_told(done), as_json=as_json, text=evidence_line(done))


def _weighed_lines(weighed: Weighed, reached: Reached) -> list[str]:
    order = sorted(weighed.posterior, key=lambda name: -weighed.posterior[name])
    lines = [
        f"{weighed.posterior[name]:.3f} {name}: {IN_WORDS[name]} (against it {weighed.against[name]:.1f})"
        for name in order
    ]
    lines.append(f"The leading explanation is {weighed.word}.")
    lines.append(f"Confidence is {weighed.confidence}" + (f": {'; '.join(weighed.why)}." if weighed.why else "."))
    lines += [f"without {group}: {left:.3f}" for group, left in sorted(weighed.without.items())]
    signable = ", and L5 may be signed" if reached.signable else ""
    lines.append(f"The evidence reaches {reached.level}{signable}; the next level needs {reached.next_needs}.")
    return lines


@attribute.command()
@click.argument("case_id", type=NUMBER)
@store_option
def weigh(case_id: int, where: str, as_json: bool) -> None:
    """Weigh the evidence of case CASE_ID: five explanations, confidence apart from them, and the level that it reaches."""
    with open_store(existing(where)) as store:
        weighed, reached, may = ClaimEvidence(Casework(store, now)).weigh(case_id)
    told = {"weighing": asdict(weighed), "reached": asdict(reached), "may_be_claimed": list(may)}
    emit(
        told, as_json=as_json, text="\n".join([*_weighed_lines(weighed, reached), f"May be claimed: {', '.join(may)}."])
    )


def claim_lines(one: Claim) -> list[str]:
    """A version of a claim: where it stands, what it says, and what its signers were."""
    signed = f"made by {one.made_by}" + (f", signed by {one.signer}" if one.signer else "")
    lines = [f"version {one.version} [{one.level}, {one.state}; {signed}] {one.body.get('text', 'erased')}"]
    if one.why:
        lines.append(f"  ended on {one.ended_at:%Y-%m-%d} by {one.ended_by}: {one.why}")
    return lines


def _shown(one: Claim, *, as_json: bool, after: str = "") -> None:
    emit(asdict(one), as_json=as_json, text="\n".join([*claim_lines(one), *([after] if after else [])]))


@attribute.command()
@click.argument("case_id", type=NUMBER)
@click.option(
    "--level", type=click.Choice(LEVELS), required=True, help="What is claimed; no more than the evidence reaches."
)
@click.option(
    "--type", "actor_type", type=click.Choice(ACTOR_TYPES), help="Of the actor; what its level says if not given."
)
@click.option("--limit", "limits", multiple=True, help="What it does not say, beside what follows; may be repeated.")
@click.option("--would-change", "would_change", multiple=True, help="What would change it; may be repeated.")
@click.option("--legal-note", default="", help="Who looked at it and what they say; needed for L5, and not published.")
@signing
@store_option
def claim(
    case_id: int, level: Level, actor_type: ActorType | None, limits: tuple[str, ...], would_change: tuple[str, ...],
    legal_note: str, key_file: Path, where: str, as_json: bool,
) -> None:  # fmt: skip
    """Make a version of the claim of case CASE_ID and sign it; L5 stands when another person has signed it, too."""
    draft = ClaimDraft(
        level=level, actor_type=actor_type, limits=limits, would_change=would_change, legal_note=legal_note
    )  # fmt: skip
    with open_store(existing(where)) as store:
        done = Claims(Casework(store, now)).make(case_id, draft, unlocked(key_file))
    after = f"next, by somebody else: samehand attribute sign {case_id} {done.version} --by KEY"
    _shown(done, as_json=as_json, after=after if done.state == "proposed" else "")


@attribute.command()
@click.argument("case_id", type=NUMBER)
@click.argument("version", type=NUMBER)
@signing
@store_option
def sign(case_id: int, version: int, key_file: Path, where: str, as_json: bool) -> None:
    """Sign VERSION of the claim of case CASE_ID as the second person; it stands from then on."""
    with open_store(existing(where)) as store:
        done = Claims(Casework(store, now)).sign(case_id, version, unlocked(key_file))
    _shown(done, as_json=as_json)


def _recipient_line(one: ClaimRecipient) -> str:
    news = "" if one.owed_at is None else ", is owed the news that it ended"
    if one.sent_at is not None:
        news = f", was told on {one.sent_at:%Y-%m-%d} by {one.sent_by} that it ended"
    who = f"recipient {one.recipient_id} [{one.kind}] {one.name}"
    return f"{who}: version {one.version}, given on {one.given_at:%Y-%m-%d}{news}"


@attribute.command()
@click.argument("case_id", type=NUMBER)
@click.argument("version", type=NUMBER)
@click.option("--why", required=True, help="The reason; everybody who has the version is told it.")
@signing
@store_option
def retract(case_id: int, version: int, why: str, key_file: Path, where: str, as_json: bool) -> None:
    """Take VERSION of the claim of case CASE_ID back; everybody to whom it was given is owed the news."""
    with open_store(existing(where)) as store:
        work = Casework(store, now)
        done = Claims(work).retract(case_id, version, why, unlocked(key_file))
        owed = ClaimRecipients(work).of_case(case_id, owed=True)
    lines = [*claim_lines(done), *map(_recipient_line, owed)]
    emit({**asdict(done), "owed": [asdict(one) for one in owed]}, as_json=as_json, text="\n".join(lines))


@attribute.command()
@click.argument("case_id", type=NUMBER)
@store_option
def show(case_id: int, where: str, as_json: bool) -> None:
    """Show the evidence of case CASE_ID, every version of its claim, and who has it."""
    with open_store(existing(where)) as store:
        work = Casework(store, now)
        held, claims = ClaimEvidence(work).of_case(case_id), Claims(work).of_case(case_id)
        recipients = ClaimRecipients(work).of_case(case_id)
    lines = [
        *map(evidence_line, held), *(line for one in claims for line in claim_lines(one)), *map(_recipient_line, recipients),
    ]  # fmt: skip
    told = {
        "case": case_id, "evidence": [_told(one) for one in held], "claims": [asdict(one) for one in claims],
        "recipients": [asdict(one) for one in recipients],
    }  # fmt: skip
    emit(told, as_json=as_json, text="\n".join(lines) or f"case {case_id} has no evidence and no claim")


@attribute.command()
@click.argument("case_id", type=NUMBER)
@click.argument("name")
@worker
@store_option
def give(case_id: int, name: str, by: str, where: str, as_json: bool) -> None:
    """Note that NAME, an organisation or a newsroom, gets the claim of case CASE_ID that stands, and print what to give."""
    with open_store(existing(where)) as store:
        work = Casework(store, now)
        done = ClaimRecipients(work).give(case_id, name, by)
        text = next(one.body["text"] for one in Claims(work).of_case(case_id) if one.version == done.version)
    emit({**asdict(done), "text": text}, as_json=as_json, text=f"{_recipient_line(done)}\n{text}")


def _listed(found: Sequence[ClaimRecipient], *, as_json: bool) -> None:
    emit(
        {"recipients": [asdict(one) for one in found]}, as_json=as_json, text="\n".join(map(_recipient_line, found)) or "nobody"
    )  # fmt: skip


@attribute.command()
@click.argument("case_id", type=NUMBER)
@click.option("--owed", is_flag=True, help="Those only who are still to be told that what they have has ended.")
@store_option
def recipients(case_id: int, owed: bool, where: str, as_json: bool) -> None:
    """Show everybody to whom a version of the claim of case CASE_ID was given."""
    with open_store(existing(where)) as store:
        found = ClaimRecipients(Casework(store, now)).of_case(case_id, owed=owed)
    _listed(found, as_json=as_json)


@attribute.command()
@click.argument("case_id", type=NUMBER)
@click.argument("recipient_id", type=NUMBER)
@worker
@store_option
def told(case_id: int, recipient_id: int, by: str, where: str, as_json: bool) -> None:
    """Say that RECIPIENT_ID of case CASE_ID, who was named, was told that the claim has ended."""
    with open_store(existing(where)) as store:
        done = ClaimRecipients(Casework(store, now)).told(case_id, recipient_id, by)
    emit(asdict(done), as_json=as_json, text=_recipient_line(done))
