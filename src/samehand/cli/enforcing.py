"""`samehand enforce`: approved decisions, carried out on a platform."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

import click

from samehand.casework import Casework, add_head, sign_head
from samehand.cli.main import emit, say
from samehand.cli.platforms import PLATFORMS, connected, written
from samehand.cli.store import now, store_option, unlocked, worker
from samehand.enforcement import (
    CAPABILITIES,
    WEBHOOK_SECRET,
    Execution,
    Progress,
    SignedPost,
    WebhookSecret,
    give_up,
    release_switch,
    throw_switch,
    unfinished,
)
from samehand.errors import JobError, UsageError
from samehand.store import Store, open_store

__all__ = ["enforce"]


@click.group()
def enforce() -> None:
    """Act on a platform: what was decided, once each, stopped by a switch, gone on with after a crash."""


def _line(one: Progress) -> str:
    said = f"decision {one.decision_id}: {one.done:,} done ({one.already:,} stood so), "
    said += f"{one.waiting:,} wait, {one.failed:,} failed"
    return said + ("; the switch is thrown" if one.stopped else "")


@enforce.command()
@click.argument("decision_id", type=int)
@click.option(
    "--on", "target", required=True,
    help=f"{written()}; `samehand enforce platforms` says what each can do, and what it needs in the environment.",
)  # fmt: skip
@click.option("--platform", required=True, help="Whose accounts, as the case has them; accounts of others are left.")
@click.option(
    "--batch",
    type=click.IntRange(1, 10_000),
    default=100,
    show_default=True,
    help="Acts between two looks at the switch.",
)
@click.option(
    "--pause", "pause_s", type=click.FloatRange(0), default=0.0, show_default=True, help="Seconds between two batches."
)
@click.option(
    "--heads",
    metavar="FILE|URL",
    envvar="SAMEHAND_HEADS",
    help="A file away from the store, or the URL of a signed webhook, to which the log's signed head goes before the first "
    "batch and after each; needs --heads-by.",
)
@click.option(
    "--heads-by",
    "heads_key",
    type=click.Path(path_type=Path),
    metavar="KEY",
    envvar="SAMEHAND_HEADS_BY",
    help="The key file that signs heads: the service's.",
)
@worker
@store_option
def run(
    decision_id: int, target: str, platform: str, batch: int, pause_s: float, heads: str | None, heads_key: Path | None,
    by: str, where: str, as_json: bool,
) -> None:  # fmt: skip
    """Carry out an approved decision, or go on with it where it was left; fails while an act has failed."""
    with (
        open_store(where) as store, connected(target, platform) as connector, _head_out(store, heads, heads_key) as head_out,
    ):  # fmt: skip
        say(f"{connector.capabilities.platform}: {connector.capabilities.horizon}")
        execution = Execution(Casework(store, now), connector, platform, head_out=head_out)
        done = execution.run(decision_id, by, batch=batch, pause_s=pause_s)
    tell = "\nnext: samehand appeal notices tells those who were acted on" if done.complete and done.done else ""
    emit({**asdict(done), "complete": done.complete}, as_json=as_json, text=_line(done) + tell)
    if done.stopped and not done.complete:
        raise JobError("the switch is thrown: the rest waits until it is released and this is run again")
    if done.failed:
        raise JobError(
            f"{done.failed:,} acts failed; `samehand enforce unfinished` shows why, and running it again tries again"
        )


@contextmanager
def _head_out(store: Store, heads: str | None, key_file: Path | None) -> Iterator[Callable[[], None] | None]:
    """What takes the log's head out of the store: into a file, or to a URL."""
    if heads is None and key_file is None:
        yield None
        return
    if heads is None or key_file is None:
        raise UsageError("to let the log's head leave after each batch, give both --heads and --heads-by KEY")
    key = unlocked(key_file)
    if "://" not in heads:
        yield lambda: add_head(Path(heads), sign_head(store, key, now()))
        return
    secret = WebhookSecret(os.environ.get(WEBHOOK_SECRET, ""))
    with SignedPost(heads, secret, now) as post:

        def send() -> None:
            head = sign_head(store, key, now())
            answer = post.send(f"head-{head['number']}-{head['at']}", {"type": "head", "version": 1, **head})
            if not 200 <= answer.status < 300:
                raise JobError(
                    f"the head of the log did not leave ({answer.told}); nothing more is done before it does"
                )

        yield send


@enforce.command("platforms")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def list_platforms(as_json: bool) -> None:
    """Show where decisions can be carried out, what each can do, how long it can be undone, and what it needs."""
    shown = [(f"{kind}:{PLATFORMS[kind].where}", PLATFORMS[kind].needs, able)
             for kind, ables in CAPABILITIES.items() for able in ables]  # fmt: skip
    rows = [
        {"on": on, "needs": needs, "actions": sorted(able.actions), "horizon_days": able.horizon_days,
         "horizon": able.horizon}
        for on, needs, able in shown
    ]  # fmt: skip
    lines = [
        f"{on}\n  can: {', '.join(sorted(able.actions))}\n  undone: {able.horizon}\n  needs: {needs or 'nothing'}"
        for on, needs, able in shown
    ]
    emit({"platforms": rows}, as_json=as_json, text="\n".join(lines))


@enforce.command("unfinished")
@worker
@store_option
def list_unfinished(by: str, where: str, as_json: bool) -> None:
    """Show the acts that failed: they are somebody's work. That you looked is in the log."""
    with open_store(where) as store:
        found = unfinished(Casework(store, now), by)
    lines = [
        f"decision {one.decision_id}: {one.action} {one.platform}:{one.asset_id}, {one.attempts} tries: {one.detail}"
        for one in found
    ]
    emit({"acts": [asdict(one) for one in found]}, as_json=as_json, text="\n".join(lines) or "nothing failed")


@enforce.command("give-up")
@click.argument("decision_id", type=int)
@click.option("--why", required=True, help="The reason, which is noted in the case.")
@worker
@store_option
def give_up_failed(decision_id: int, why: str, by: str, where: str, as_json: bool) -> None:
    """Say that what failed for a decision cannot be done, as on an account that is gone; run it once more, and it ends."""
    with open_store(where) as store:
        count = give_up(Casework(store, now), decision_id, by, why)
    emit({"decision": decision_id, "given_up": count}, as_json=as_json,
         text=f"decision {decision_id}: {count:,} acts given up; run it once more, so that it ends")  # fmt: skip


@enforce.command()
@click.option("--why", required=True, help="The reason.")
@worker
@store_option
def stop(why: str, by: str, where: str, as_json: bool) -> None:
    """Throw the switch: whatever is being done to anybody stops before its next batch."""
    with open_store(where) as store:
        throw_switch(Casework(store, now), by, why)
    emit(
        {"stopped": True}, as_json=as_json, text="the switch is thrown; nothing is done to anybody until it is released"
    )


@enforce.command()
@worker
@store_option
def release(by: str, where: str, as_json: bool) -> None:
    """Release the switch; what was stopped goes on when it is run again."""
    with open_store(where) as store:
        release_switch(Casework(store, now), by)
    emit({"stopped": False}, as_json=as_json, text="the switch is released")
