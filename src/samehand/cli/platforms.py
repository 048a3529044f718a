"""The platforms that `samehand enforce` reaches, by kind: how each is written, what it needs, how it is opened."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from samehand.cli.main import say
from samehand.cli.store import now
from samehand.enforcement import (
    OZONE_DID,
    OZONE_HANDLE,
    OZONE_PASSWORD,
    WEBHOOK_SECRET,
    WEBHOOK_STATE,
    AtprotoConnector,
    Connector,
    CsvConnector,
    MastodonConnector,
    OzoneConnector,
    OzoneSession,
    SignedGet,
    SignedPost,
    SynapseConnector,
    WebhookConnector,
    WebhookSecret,
)
from samehand.errors import UsageError
from samehand.sources import ATPROTO_ADMIN, MASTODON_TOKEN, SYNAPSE_TOKEN, PlatformApi, atproto_api

__all__ = ["PLATFORMS", "PlatformKind", "connected", "written"]


@dataclass(frozen=True)
class PlatformKind:
    """A kind of platform.

    Attributes:
        where: what its place is, PATH or URL.
        needs: what has to be in the environment, in words; empty if nothing.
        opened: opens the connector to a place, for a platform's accounts.

    """

    where: str
    needs: str
    opened: Callable[[str, str], AbstractContextManager[Connector]]


def connected(target: str, platform: str) -> AbstractContextManager[Connector]:
    """The connector to a platform.

    Args:
        target: `KIND:PLACE`.
        platform: whose accounts they are.

    Raises:
        UsageError: there is no such kind, or the environment lacks what it needs; and what the connector raises.

    """
    kind, _, where = target.partition(":")
    if kind not in PLATFORMS or not where:
        raise UsageError(f"a platform is written {written()}, not {target}")
    return PLATFORMS[kind].opened(where, platform)


def written() -> str:
    """How platforms are written."""
    *most, last = (f"{kind}:{one.where}" for kind, one in PLATFORMS.items())
    return f"{', '.join(most)} or {last}"


def _environment(variable: str, what: str) -> str:
    value = os.environ.get(variable, "")
    if not value.strip():
        raise UsageError(f"{what} is needed: set {variable}")
    return value


@contextmanager
def _csv(where: str, platform: str) -> Iterator[Connector]:
    with CsvConnector(Path(where), platform, now) as connector:
        yield connector


@contextmanager
def _synapse(where: str, platform: str) -> Iterator[Connector]:  # noqa: ARG001
    with PlatformApi(where, _environment(SYNAPSE_TOKEN, "the token of a Synapse admin")) as api:
        yield SynapseConnector(api)


@contextmanager
def _atproto(where: str, platform: str) -> Iterator[Connector]:  # noqa: ARG001
    with atproto_api(where, _environment(ATPROTO_ADMIN, "the admin password of a PDS")) as api:
        yield AtprotoConnector(api)


@contextmanager
def _ozone(where: str, platform: str) -> Iterator[Connector]:  # noqa: ARG001
    wanted = {OZONE_HANDLE: "a moderator's handle", OZONE_PASSWORD: "a moderator's password", OZONE_DID: "Ozone's DID"}
    with OzoneSession(where, *(_environment(variable, what) for variable, what in wanted.items())) as session:
        yield OzoneConnector(session)


@contextmanager
def _webhook(where: str, platform: str) -> Iterator[Connector]:
    secret = WebhookSecret(_environment(WEBHOOK_SECRET, "the secret that the receiver has"))
    state = os.environ.get(WEBHOOK_STATE)
    with ExitStack() as opened:
        post = opened.enter_context(SignedPost(where, secret, now))
        told = opened.enter_context(SignedGet(state, secret, now)) if state else None
        connector = WebhookConnector(post, platform, now, told=told)
        yield connector
        say(f"webhook: {connector.counted}")


@contextmanager
def _mastodon(where: str, platform: str) -> Iterator[Connector]:  # noqa: ARG001
    token = _environment(MASTODON_TOKEN, "the token of a Mastodon moderator")
    with closing(MastodonConnector(where, token)) as connector:
        yield connector


@contextmanager
def _mastodon_suspend(where: str, platform: str) -> Iterator[Connector]:  # noqa: ARG001
    token = _environment(MASTODON_TOKEN, "the token of a Mastodon moderator")
    with closing(MastodonConnector(where, token, suspend_by="suspend")) as connector:
        yield connector


PLATFORMS: Final[Mapping[str, PlatformKind]] = {
    "csv": PlatformKind("PATH", "", _csv),
    "synapse": PlatformKind("URL", f"an admin's token in {SYNAPSE_TOKEN}", _synapse),
    "atproto": PlatformKind("URL", f"a PDS's admin password in {ATPROTO_ADMIN}", _atproto),
    "ozone": PlatformKind(
        "URL", f"of a moderator's PDS, with {OZONE_HANDLE}, {OZONE_PASSWORD} and Ozone's DID in {OZONE_DID}", _ozone
    ),
    "webhook": PlatformKind(
        "URL", f"a secret in {WEBHOOK_SECRET}; optional, where accounts' states are told: {WEBHOOK_STATE}", _webhook
    ),
    "mastodon": PlatformKind("URL", f"a moderator's token in {MASTODON_TOKEN}; samehand[mastodon]", _mastodon),
    "mastodon-suspend": PlatformKind(
        "URL", f"a moderator's token in {MASTODON_TOKEN}; samehand[mastodon]", _mastodon_suspend
    ),
}
