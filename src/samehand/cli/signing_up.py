"""`samehand signups`: what was decided about newcomers before their first post, and why."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from samehand.cli.main import emit, say
from samehand.policy import SHARES, expected_precision, read_signup_policy
from samehand.runs import explain_signup, replay_signups
from samehand.signups import corrections_of
from samehand.store import open_store

__all__ = ["signups"]


@click.group()
def signups() -> None:
    """Sign-ups: waves, ties to accounts taken down, and the ladder."""


@signups.command()
@click.argument("dataset", type=click.Path(path_type=Path))
@click.option(
    "--out", type=click.Path(path_type=Path), required=True, help="The run's folder; an older run there is replaced."
)
@click.option(
    "--known-bad",
    type=click.Path(path_type=Path),
    help="A CSV of accounts taken down: the columns of signups, and removed_at.",
)
@click.option("--policy", type=click.Path(path_type=Path), help="A policy file; the shipped one if not given.")
@click.option(
    "--key",
    type=click.Path(path_type=Path),
    help="The key file of what is kept as hashes; samehand.key beside the run if not given.",
)
@click.option(
    "--automatic-suspension", is_flag=True, help="Let the machine suspend where the policy's last rung is met."
)
@click.option("--no-learning", is_flag=True, help="Learn nothing from the dataset's labels.")
@click.option(
    "--store",
    "where",
    envvar="SAMEHAND_STORE",
    help="A store whose corrections count: nothing is held against accounts that were acted on wrongly.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def replay(
    dataset: Path, out: Path, known_bad: Path | None, policy: Path | None, key: Path | None, automatic_suspension: bool,
    no_learning: bool, where: str | None, as_json: bool,
) -> None:  # fmt: skip
    """Decide about the sign-ups of DATASET in order of time, each by what was known at its moment."""
    corrections = []
    if where:
        with open_store(where) as store, store.reading() as session:
            corrections = corrections_of(session)
    done = replay_signups(
        dataset, out, policy=read_signup_policy(policy), known_bad=known_bad, key=key,
        automatic_suspension=automatic_suspension, learning=not no_learning, corrections=corrections, ahead=True, say=say,
    )  # fmt: skip
    reached = ", ".join(f"{count:,} {name}" for name, count in done.decided.items())
    lines = [
        f"{done.signups:,} sign-ups, {done.waves:,} waves; by the highest rung that each reached: {reached}",
        f"run: {out}",
        *(f"note: {note}" for note in done.notes),
    ]
    emit({**asdict(done), "path": str(out)}, as_json=as_json, text="\n".join(lines))


@signups.command()
@click.option("--policy", type=click.Path(path_type=Path), help="A policy file; the shipped one if not given.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def ladder(policy: Path | None, as_json: bool) -> None:
    """Print what each rung requires, and the precision to expect of it at three shares of operations among sign-ups."""
    rules = read_signup_policy(policy)
    expected = {one.name: one for one in expected_precision(rules)}
    lines = [f"policy {rules.version}"]
    for name, rung in rules.ladder.items():
        needs = f"log odds {rung.log_odds:g}, {rung.families} families, a wave of {rung.members}"
        needs += ", a tie to accounts taken down" if rung.known_bad else ""
        needs += "" if rung.automatic else "; only with --automatic-suspension"
        one = expected.get(name)
        shares = zip(SHARES, one.precision, strict=True) if one else ()
        known = "not measured" if one is None else "reached by nobody where it was measured"
        if one and one.recall:
            known = "precision " + ", ".join(f"{p:.3f} at {share:.0%}" for share, p in shares)
        lines.append(f"  {name}: {needs}; {known}")
    result = {
        "version": rules.version,
        "rungs": {name: {**asdict(rung), "expected": asdict(expected[name]) if name in expected else None}
                  for name, rung in rules.ladder.items()},
    }  # fmt: skip
    emit(result, as_json=as_json, text="\n".join(lines))


@signups.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.argument("account")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def explain(run: Path, account: str, as_json: bool) -> None:
    """Say what was decided about ACCOUNT (asset id, or platform:asset id), when and why, and whom it may hit wrongly."""
    found = explain_signup(run, account)
    lines = [f"{found['platform']}:{found['asset_id']}, signed up {found['at']:%Y-%m-%d %H:%M:%S} UTC"]
    for step in found["steps"]:
        odds = f"log odds {step['score']:.1f}"
        lines.append(
            f"  {step['decided_at']:%Y-%m-%d %H:%M} {step['decision']} ({odds}, policy {step['policy_version']})"
        )
        lines += [f"    {reason}" for reason in step["reasons"]]
    for wave in found["waves"]:
        lines.append(
            f"wave {wave['network_id']}: {wave['size']} sign-ups, p {wave['p_value']:.2g}: {wave['explanation']}"
        )
        lines += [
            f"  {one['finding']} ({one['value']:.0%} of them)" if one["independence_group"] == "known_bad"
            else f"  {one['finding']} ({one['value']:.1f} nats)"
            for one in wave["findings"]
        ]  # fmt: skip
        lines += [f"  may hit: {words}" for words in wave["wrongs"]]
    emit(found, as_json=as_json, text="\n".join(lines))
