"""`samehand serve`: the HTTP decision API on this machine, and the keys of those who may ask it."""

from __future__ import annotations

import gc
import socket
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from samehand.advertising import AdContests, AdRepository, AdReviews
from samehand.casework import Casework
from samehand.cli.main import emit, say
from samehand.cli.registries import registry_of, registry_options
from samehand.cli.store import now, store_option
from samehand.errors import JobError
from samehand.service import SCOPES_OF_KEYS, ApiKey, KeyRing, create_app, list_api_keys, make_api_key, revoke_api_key
from samehand.store import open_store

__all__ = ["serve"]

LOOPBACK = "127.0.0.1"


@click.group(invoke_without_command=True)
@click.option("--host", default=LOOPBACK, show_default=True, help="The address to listen on.")
@click.option("--port", type=click.IntRange(0, 65_535), default=8017, show_default=True, help="0 for one that is free.")
@registry_options
@store_option
@click.pass_context
def serve(
    context: click.Context,
    host: str,
    port: int,
    folder: Path | None,
    layers: tuple[str, ...],
    where: str,
    as_json: bool,
) -> None:
    """Serve the decision API until it is ended; on this machine only, unless --host says otherwise."""
    if context.invoked_subcommand is not None:
        return
    import uvicorn  # slow to load, and of no use to the keys

    registry = registry_of(folder, layers)
    with open_store(where) as store, _listening(host, port) as listener:
        if not any(not one.revoked for one in list_api_keys(store)):
            say("nobody has a key yet: samehand serve key make NAME --scope ads:decide --as NAME")
        if host not in (LOOPBACK, "::1", "localhost"):
            say(f"it listens on {host}, for whoever reaches it; put TLS in front, since keys are sent as they are")
        at = f"http://{host}:{listener.getsockname()[1]}"
        emit({"url": at}, as_json=as_json, text=f"{at}/v1/ads/decide, described by {at}/openapi.json; Ctrl-C ends it")
        app = create_app(
            registry, KeyRing(store, now), now, reviews=AdReviews(store, now), contests=AdContests(store, registry, now),
            repository=AdRepository(store, now), work=Casework(store, now),
        )  # fmt: skip
        gc.freeze()  # what is loaded by now stays: looking through it again and again takes tens of milliseconds
        uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False)).run([listener])


def _listening(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # the protocol by name: asyncio turns Nagle's delay off only for sockets that say TCP, and an answer is two writes
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(1_024)
    except OSError as error:
        listener.close()
        raise JobError(f"{host}:{port} cannot be listened on ({error.strerror}); name another --port") from error
    return listener


@serve.group()
def key() -> None:
    """API keys: who may ask, what, and how often."""


def _line(one: ApiKey) -> str:
    ended = "revoked" if one.revoked else f"until {one.expires_at:%Y-%m-%d}" if one.expires_at else "without end"
    return f"{one.name}: {', '.join(one.scopes)}, {one.rate:g} requests a second, {ended}; made by {one.made_by}"


@key.command()
@click.argument("name")
@click.option(
    "--scope", "scopes", multiple=True, required=True, type=click.Choice(SCOPES_OF_KEYS), help="What it may do."
)
@click.option("--rate", type=float, default=50.0, show_default=True, help="Requests a second.")
@click.option("--days", type=click.IntRange(1, 36_500), help="After so many days it ends; without end if not given.")
@click.option("--as", "by", required=True, metavar="NAME", help="Who makes it; a lead, once the store has a roster.")
@store_option
def make(name: str, scopes: tuple[str, ...], rate: float, days: int | None, by: str, where: str, as_json: bool) -> None:
    """Make a key for NAME; it is shown once, and cannot be read again."""
    ends = datetime.now(UTC) + timedelta(days=days) if days else None
    with open_store(where) as store:
        made, secret = make_api_key(Casework(store, now), name, scopes, by, rate=rate, expires_at=ends)
    emit(
        {**asdict(made), "key": secret},
        as_json=as_json,
        text=f"{secret}\n{_line(made)}; keep it, it is not shown again",
    )


@key.command("list")
@store_option
def list_keys(where: str, as_json: bool) -> None:
    """Show every key, but for the keys themselves."""
    with open_store(where) as store:
        found = list_api_keys(store)
    emit(
        {"keys": [asdict(one) for one in found]}, as_json=as_json, text="\n".join(map(_line, found)) or "there is none"
    )


@key.command()
@click.argument("name")
@click.option("--as", "by", required=True, metavar="NAME", help="Who ends it; a lead, once the store has a roster.")
@store_option
def revoke(name: str, by: str, where: str, as_json: bool) -> None:
    """End the key of NAME; a server that runs takes no more of it within a second."""
    with open_store(where) as store:
        done = revoke_api_key(Casework(store, now), name, by)
    emit(asdict(done), as_json=as_json, text=_line(done))
