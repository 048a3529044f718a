"""`samehand enforce`: approved decisions, carried out on a platform."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

import click

from samehand.casework import Casework
from samehand.cli.main import emit, say
from samehand.cli.store import now, store_option, worker
from samehand.enforcement import (
    OZONE_DID,
    OZONE_HANDLE,
    OZONE_PASSWORD,
    AtprotoConnector,
    Connector,
    CsvConnector,
    Execution,
    OzoneConnector,
    OzoneSession,
    Progress,
    SynapseConnector,
    release_switch,
    throw_switch,
    unfinished,
)
from samehand.errors import JobError, UsageError
from samehand.sources import ATPROTO_ADMIN, SYNAPSE_TOKEN, PlatformApi, atproto_api
from samehand.store import open_store

__all__ = ["enforce"]


@click.group()
def enforce() -> None:
    """Act on a platform: what was decided, once each, stopped by a switch, gone on with after a crash."""


@contextmanager
def _connected(target: str, platform: str) -> Iterator[Connector]:
    kind, _, where = target.partition(":")
    if kind == "csv" and where:
        with CsvConnector(Path(where), platform, now) as connector:
            yield connector
    elif kind == "synapse" and where:
        with PlatformApi(where, _secret(SYNAPSE_TOKEN, "the token of a Synapse admin")) as api:
            yield SynapseConnector(api)
    elif kind == "atproto" and where:
        with atproto_api(where, _secret(ATPROTO_ADMIN, "the admin password of a PDS")) as api:
            yield AtprotoConnector(api)
    elif kind == "ozone" and where:
        with _ozone(where) as session:
            yield OzoneConnector(session)
    else:
        raise UsageError(f"a platform is written csv:PATH, synapse:URL, atproto:URL or ozone:URL, not {target}")


def _ozone(where: str) -> OzoneSession:
    wanted = {OZONE_HANDLE: "a moderator's handle", OZONE_PASSWORD: "a moderator's password", OZONE_DID: "Ozone's DID"}
    return OzoneSession(where, *(_secret(variable, what) for variable, what in wanted.items()))


def _secret(variable: str, what: str) -> str:
    if not os.environ.get(variable):
        raise UsageError(f"{what} is needed: set {variable}")
    return os.environ[variable]


def _line(one: Progress) -> str:
    said = f"decision {one.decision_id}: {one.done:,} done ({one.already:,} stood so), "
    said += f"{one.waiting:,} wait, {one.failed:,} failed"
    return said + ("; the switch is thrown" if one.stopped else "")


@enforce.command()
@click.argument("decision_id", type=int)
@click.option(
    "--on",
    "target",
    required=True,
    help="csv:PATH; synapse:URL with an admin's token in SAMEHAND_SYNAPSE_TOKEN; atproto:URL of a PDS with its admin "
    "password in SAMEHAND_ATPROTO_ADMIN; or ozone:URL of a moderator's PDS with SAMEHAND_OZONE_HANDLE, "
    "SAMEHAND_OZONE_PASSWORD and SAMEHAND_OZONE_DID.",
)
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
@worker
@store_option
def run(
    decision_id: int, target: str, platform: str, batch: int, pause_s: float, by: str, where: str, as_json: bool
) -> None:
    """Carry out an approved decision, or go on with it where it was left; fails while an act has failed."""
    with open_store(where) as store, _connected(target, platform) as connector:
        say(f"{connector.capabilities.platform}: {connector.capabilities.horizon}")
        execution = Execution(Casework(store, now), connector, platform)
        done = execution.run(decision_id, by, batch=batch, pause_s=pause_s)
    emit({**asdict(done), "complete": done.complete}, as_json=as_json, text=_line(done))
    if done.failed:
        raise JobError(
            f"{done.failed:,} acts failed; `samehand enforce unfinished` shows why, and running it again tries again"
        )


@enforce.command("unfinished")
@store_option
def list_unfinished(where: str, as_json: bool) -> None:
    """Show the acts that failed: they are somebody's work."""
    with open_store(where) as store:
        found = unfinished(Casework(store, now))
    lines = [
        f"decision {one.decision_id}: {one.action} {one.platform}:{one.asset_id}, {one.attempts} tries: {one.detail}"
        for one in found
    ]
    emit({"acts": [asdict(one) for one in found]}, as_json=as_json, text="\n".join(lines) or "nothing failed")


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
