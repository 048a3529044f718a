"""The HTTP decision API: an ASGI application over a registry, the shipped policies, and a store's API keys.

Version 1 is `/v1/...`; `/openapi.json` describes it. Every request but `/v1/health` bears a key,
`Authorization: Bearer smh_...`.
An answer that is not one is `{"error": "..."}` with 400 (not to be read), 401 (no key that counts), 403 (its scopes), 404, 413
(longer than 64 KiB), 422 (what was asked makes no sense) or 429 (its rate is used up; `Retry-After` says when there is more).
"""

from __future__ import annotations

import asyncio
import base64
import math
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, nullcontext, suppress
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Annotated, Any, Final

from fastapi import Depends, FastAPI, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from samehand import __version__
from samehand.advertising import AdContests, AdRepository, AdReviews, Registry, Transition, decided_ad, without_content
from samehand.casework import Casework
from samehand.disclosure import Releases
from samehand.errors import NotFoundError, SamehandError
from samehand.exchange import Collections, Tips, take_back
from samehand.policy import ad_pack_names, read_ad_pack
from samehand.service.chores import do_chores
from samehand.service.deciding import AdDesk
from samehand.service.keeping import AdKeeper
from samehand.service.keys import ApiKey, KeyRing, KeyScope
from samehand.service.messages import (
    AdAnswer,
    AdId,
    AdPage,
    AdQuestion,
    AdsWanted,
    Day,
    EntityAnswer,
    Fault,
    KeptAd,
    Platform,
    PolicyAnswer,
)
from samehand.service.refusing import Refusal
from samehand.service.taxii import LARGEST, MEDIA, PREFIX, taxii_routes

__all__ = ["create_app"]

LONGEST: Final = 64 * 1024
FAULTS: Final[dict[int | str, dict[str, Any]]] = {
    code: {"model": Fault, "description": said}
    for code, said in (
        (400, "No HTTP or JSON that can be read"), (401, "No key that counts"),
        (403, "Outside of the key's scopes"), (413, "Longer than 64 KiB"),
        (422, "What was asked makes no sense"), (429, "The key's rate is used up"),
        (503, "Not now: too much waits to be written"),
    )
}  # fmt: skip


class _Bounded:
    """Refuses bodies that are longer than any question is."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        most = _most_bytes(scope["path"])
        told = dict(scope["headers"]).get(b"content-length", b"0")
        if not told.isdigit() or int(told) > most:
            await _too_long(scope["path"])(scope, receive, send)
            return
        read, refused = 0, False

        async def bounded() -> Message:
            nonlocal read, refused
            message = await receive()
            read += len(message.get("body", b""))
            if read > most:
                refused = True
                return {"type": "http.disconnect"}
            return message

        async def answered(message: Message) -> None:
            if not refused:
                await send(message)

        await self._app(scope, bounded, answered)
        if refused:
            await _too_long(scope["path"])(scope, receive, send)


def _fault(status: int, said: str, headers: dict[str, str] | None = None, *, path: str = "") -> JSONResponse:
    """An error, as the routes under a path tell of one (TAXII 2.1, 3.6.1, or our own way)."""
    if path.startswith(PREFIX):
        return JSONResponse({"title": said, "http_status": str(status)}, status, headers, media_type=MEDIA)
    return JSONResponse({"error": said}, status, headers)


def _most_bytes(path: str) -> int:
    return LARGEST if path.startswith(PREFIX) else LONGEST


def _too_long(path: str) -> JSONResponse:
    return _fault(413, f"a request is {_most_bytes(path) // 1024:,} KiB long at most", path=path)


def create_app(
    registry: Registry, keys: KeyRing, now: Callable[[], datetime], *, reviews: AdReviews | None = None,
    contests: AdContests | None = None, repository: AdRepository | None = None, work: Casework | None = None,
    every_s: float = 5.0,
) -> FastAPI:  # fmt: skip
    """The application.

    Args:
        registry: of media. keys: who may ask. now: the clock. reviews: by persons, which count where the gate sends to one.
        contests: of outlets; what is upheld counts. repository: that keeps ads that come with an id, and is searched.
        work: casework of the store whose collections partners read over TAXII 2.1, under `/taxii2/`.
        every_s: how often it takes in what was upheld, and takes back from partners what was corrected.

    """
    desk = AdDesk(registry, now, reviews, contests)
    keeper = AdKeeper(repository) if repository else None

    @asynccontextmanager
    async def living(_: FastAPI) -> AsyncIterator[None]:
        chores = asyncio.create_task(do_chores(_chores(desk, contests, work), every_s))
        with keeper or nullcontext():
            yield
        chores.cancel()

    app = FastAPI(
        title="samehand", version=__version__, docs_url=None, redoc_url=None,  # their pages load scripts from elsewhere
        description="Who may buy ads: decisions with their ground, evidence and words.", lifespan=living,
    )  # fmt: skip
    app.add_middleware(_Bounded)
    _told_in_words(app)
    _decisions(app, keys, desk, keeper)
    _facts(app, keys, desk)
    if repository is not None:
        _ads(app, keys, repository)
    if work is not None:
        reads, writes = _checks(keys, "taxii:read"), _checks(keys, "taxii:write")
        taxii_routes(app, Collections(work), Tips(work), reads, writes, now)
    return app


def _chores(desk: AdDesk, contests: AdContests | None, work: Casework | None) -> dict[str, Callable[[], object]]:
    chores: dict[str, Callable[[], object]] = {}
    if contests is not None:
        chores["contests cannot be looked at"] = desk.renew
    if work is not None:
        chores["what was corrected cannot be taken back from partners"] = partial(take_back, work)
        chores["what was corrected cannot be marked in releases"] = Releases(work).take_corrections
    return chores


def _decisions(app: FastAPI, keys: KeyRing, desk: AdDesk, keeper: AdKeeper | None) -> None:
    @app.get("/v1/health", responses={})
    async def health() -> dict[str, str]:
        """Whether the service answers, and when it last looked whether a contest was upheld; needs no key."""
        return {"status": "ok", "version": __version__, "contests_seen_at": desk.looked_at.isoformat()}

    @app.post("/v1/ads/decide", responses=FAULTS, dependencies=[_asks(keys, "ads:decide")])
    async def decide(question: AdQuestion) -> AdAnswer:
        """Decide about an ad, and keep it where it comes with an id; what is asked about another day is not kept."""
        on, held = question.on or desk.today(), question.held or desk.today()
        transition = None
        if question.notified_on is not None and question.running_since is not None:
            transition = Transition(question.notified_on, question.running_since)
        who = question.advertiser()
        done = desk.decide(who, question.policy, on, held, transition)
        kept = keeper is not None and bool(question.ad_id) and on == held == desk.today()
        if keeper is not None and kept:
            keeper.keep(decided_ad(question.ad_id, who, done, on, desk.now()))
        return AdAnswer.of(done, question.advertiser_id, on, held, kept=kept)


def _facts(app: FastAPI, keys: KeyRing, desk: AdDesk) -> None:
    reads = [_asks(keys, "ads:read")]

    @app.get("/v1/ads/policies", responses=FAULTS, dependencies=reads)
    async def policies() -> list[PolicyAnswer]:
        """The policies that may be named."""
        found = [(name, read_ad_pack(name, desk.today())) for name in ad_pack_names()]
        return [
            PolicyAnswer(
                policy=name, pack=one.pack, title=one.title, valid_from=one.valid_from, valid_until=one.valid_until
            )
            for name, one in found
        ]  # fmt: skip

    @app.get("/v1/ads/entities/{entity_id}", responses={404: {"model": Fault}, **FAULTS}, dependencies=reads)
    async def entity(
        entity_id: str, on: Annotated[Day | None, Query()] = None, held: Annotated[Day | None, Query()] = None
    ) -> EntityAnswer:
        """An entity of the registry, and where it stands on a day."""
        day, known, registry = on or desk.today(), held or desk.today(), desk.registry
        return EntityAnswer.of(registry.entity(entity_id), registry.standing(entity_id, day, known), day, known)


def _ads(app: FastAPI, keys: KeyRing, repository: AdRepository) -> None:
    reads = [_asks(keys, "ads:read")]

    @app.get("/v1/ads/repository", responses=FAULTS, dependencies=reads)
    def search(wanted: Annotated[AdsWanted, Query()]) -> AdPage:
        """Ads of the repository as they stand now, page by page."""
        found, following = repository.search(wanted.search(), after=wanted.after, most=wanted.most)
        return AdPage(ads=[KeptAd.of(one) for one in found], after=following)

    @app.get(
        "/v1/ads/repository/{platform}/{ad_id:path}",
        responses={404: {"model": Fault}, **FAULTS}, dependencies=reads,
    )  # fmt: skip
    def versions(platform: Platform, ad_id: AdId) -> list[KeptAd]:
        """Every version of an ad, the first first; of one that was removed no version shows its content."""
        found = repository.versions(platform, ad_id)
        removed = found[-1].record.status == "removed"
        return [KeptAd.of(replace(one, record=without_content(one.record)) if removed else one) for one in found]


def _asks(keys: KeyRing, scope: KeyScope) -> Any:
    """Lets a request through whose key counts, has the scope, and has not used up its rate."""
    return Depends(_checks(keys, scope))


def _checks(keys: KeyRing, scope: KeyScope) -> Callable[[Request], Awaitable[ApiKey]]:
    """The same as a function, which gives the key."""

    async def check(request: Request) -> ApiKey:
        secret = _secret(request.headers.get("authorization", ""))
        key = keys.key(secret) if secret else None
        if key is None:
            way = "Basic" if request.url.path.startswith(PREFIX) else "Bearer"
            raise Refusal(401, "send a key that counts: Authorization: Bearer smh_...", {"WWW-Authenticate": way})
        if scope not in key.scopes:
            raise Refusal(403, f"the key {key.name} may not do that; it has the scopes {', '.join(key.scopes)}")
        wait_s = keys.wait_s(secret)
        if wait_s:
            raise Refusal(429, f"{key.rate:g} requests a second are used up", {"Retry-After": str(math.ceil(wait_s))})
        return key

    return check


def _secret(header: str) -> str:
    """The key of a request: a bearer's, a token, or the password of who is asked for a name and a password."""
    kind, _, said = header.partition(" ")
    if kind.lower() in ("bearer", "token"):
        return said.strip()
    if kind.lower() == "basic":
        with suppress(ValueError):
            return base64.b64decode(said.strip(), validate=True).decode("utf-8").partition(":")[2]
    return ""


def _told_in_words(app: FastAPI) -> None:
    """Errors as `{"error": ...}`, with the status that fits."""

    @app.exception_handler(SamehandError)
    async def refused(request: Request, error: SamehandError) -> JSONResponse:
        status = 404 if isinstance(error, NotFoundError) else 422 if error.exit_code == 2 else 503
        return _fault(status, str(error), path=request.url.path)

    @app.exception_handler(RequestValidationError)
    async def misread(request: Request, error: RequestValidationError) -> JSONResponse:
        said = [f"{'.'.join(str(part) for part in one['loc'])}: {one['msg']}" for one in error.errors()[:5]]
        return _fault(422, "; ".join(said), path=request.url.path)

    @app.exception_handler(HTTPException)
    async def http(request: Request, error: HTTPException) -> JSONResponse:
        return _fault(error.status_code, str(error.detail), dict(error.headers or {}), path=request.url.path)
