"""TAXII 2.1 (OASIS, 10 June 2021): collections that partners read page by page, and through which they send tips.

A key reads the collections that somebody let it read, and no other is there for it. Objects go out as they were entered, a page
a query by key; what is sent comes in as a tip, a lead, and is answered with a status. Nothing is deleted over TAXII.
"""

# annotations are read when the routes are made, where they name what is handed in: they are not put off here
import asyncio
import json
import uuid
from collections import OrderedDict
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, FastAPI, Query, Request, Response

from samehand.errors import NotFoundError, UsageError
from samehand.exchange import Collection, Collections, SharedObject, TipDraft, Tips, Wanted, tips_of
from samehand.service.keys import ApiKey
from samehand.service.refusing import Refusal

__all__ = ["MEDIA", "PREFIX", "taxii_routes"]

MEDIA: Final = "application/taxii+json;version=2.1"
STIX: Final = "application/stix+json;version=2.1"
PREFIX: Final = "/taxii2/"
ROOT: Final = "exchange"
LARGEST: Final = 8 << 20
"""Bytes of what is sent at once."""
MOST_SENT: Final = 2_000
"""Objects of what is sent at once; each is held against the standard."""
MOST: Final = 10_000
PAGE: Final = 1_000
STATUSES: Final = 1_000
"""So many answers to what was sent are kept to be asked for again."""

Guard = Callable[..., Any]


def taxii_routes(
    app: FastAPI, collections: Collections, tips: Tips, reads: Guard, writes: Guard, now: Callable[[], datetime]
) -> None:
    """Put the routes of TAXII into an application.

    Args:
        app: the application. collections, tips: what is read, and where what is sent goes.
        reads, writes: let a key through that may, and give it. now: the clock.

    """
    routes = APIRouter(prefix=PREFIX.rstrip("/"), dependencies=[Depends(_accepts)], include_in_schema=False)
    statuses: OrderedDict[str, dict[str, Any]] = OrderedDict()

    def collection(collection_id: str, key: ApiKey, *, write: bool = False) -> Collection:
        found = next((one for one in collections.of_key(key.name) if one.collection_id == collection_id.lower()), None)
        if found is None:
            raise NotFoundError("there is no such collection")
        if write and not found.readers[key.name]:
            raise Refusal(403, f"the key {key.name} may not send anything through '{found.title}'")
        return found

    @routes.get("/")
    def discovery(request: Request, key: Annotated[ApiKey, Depends(reads)]) -> Response:  # noqa: ARG001 (lets through)
        root = f"{str(request.base_url).rstrip('/')}{PREFIX}{ROOT}/"
        return _answer({"title": "samehand", "default": root, "api_roots": [root]})

    @routes.get(f"/{ROOT}/")
    def api_root(key: Annotated[ApiKey, Depends(reads)]) -> Response:  # noqa: ARG001 (lets through)
        return _answer({"title": "Exchange with partners", "versions": [MEDIA], "max_content_length": LARGEST})

    @routes.get(f"/{ROOT}/status/{{status_id}}/")
    def status(status_id: str, key: Annotated[ApiKey, Depends(reads)]) -> Response:
        found = statuses.get(f"{key.name} {status_id}")
        if found is None:
            raise NotFoundError("there is no such status, or it is too old")
        return _answer(found)

    @routes.get(f"/{ROOT}/collections/")
    def all_collections(key: Annotated[ApiKey, Depends(reads)]) -> Response:
        return _answer({"collections": [_collection(one, key) for one in collections.of_key(key.name)]})

    @routes.get(f"/{ROOT}/collections/{{collection_id}}/")
    def one_collection(collection_id: str, key: Annotated[ApiKey, Depends(reads)]) -> Response:
        return _answer(_collection(collection(collection_id, key), key))

    @routes.get(f"/{ROOT}/collections/{{collection_id}}/manifest/")
    def manifest(
        collection_id: str, asked: Annotated[_Asked, Depends()], key: Annotated[ApiKey, Depends(reads)]
    ) -> Response:
        found, following = collections.page(collection(collection_id, key).collection_id, asked.wanted(), asked.most)
        entries = [
            {"id": one.stix_id, "date_added": _moment(one.added_at), "version": one.version, "media_type": STIX}
            for one in found
        ]
        return _page([json.dumps(one) for one in entries], found, following)

    @routes.get(f"/{ROOT}/collections/{{collection_id}}/objects/")
    def objects(
        collection_id: str, asked: Annotated[_Asked, Depends()], key: Annotated[ApiKey, Depends(reads)]
    ) -> Response:
        found, following = collections.page(collection(collection_id, key).collection_id, asked.wanted(), asked.most)
        return _page([one.body for one in found], found, following)

    @routes.get(f"/{ROOT}/collections/{{collection_id}}/objects/{{object_id}}/")
    def one_object(
        collection_id: str, object_id: str, asked: Annotated[_Asked, Depends()], key: Annotated[ApiKey, Depends(reads)]
    ) -> Response:
        place = collection(collection_id, key).collection_id
        found, following = collections.page(place, asked.wanted(object_id), asked.most)
        if not found and not asked.narrows:
            raise NotFoundError("there is no such object in the collection")
        return _page([one.body for one in found], found, following)

    @routes.get(f"/{ROOT}/collections/{{collection_id}}/objects/{{object_id}}/versions/")
    def versions(
        collection_id: str, object_id: str, asked: Annotated[_Asked, Depends()], key: Annotated[ApiKey, Depends(reads)]
    ) -> Response:
        place = collection(collection_id, key).collection_id
        found, following = collections.page(place, asked.wanted(object_id, versions=("all",)), asked.most)
        if not found and not asked.narrows:
            raise NotFoundError("there is no such object in the collection")
        return _page([json.dumps(one.version) for one in found], found, following, name="versions")

    @routes.post(f"/{ROOT}/collections/{{collection_id}}/objects/")
    async def send(collection_id: str, request: Request, key: Annotated[ApiKey, Depends(writes)]) -> Response:
        if request.headers.get("content-type", "").replace(" ", "") != MEDIA:
            raise Refusal(415, f"what is sent is {MEDIA}")
        place = collection(collection_id, key, write=True)
        try:
            envelope = json.loads(await request.body())
        except (ValueError, RecursionError) as error:
            raise Refusal(400, "what is sent is no JSON") from error
        sent = envelope.get("objects") if isinstance(envelope, dict) else None
        if not isinstance(sent, list) or not sent:
            raise Refusal(422, "an envelope has a list 'objects' with an object or more")
        if len(sent) > MOST_SENT:
            raise Refusal(413, f"an envelope has {MOST_SENT:,} objects at most; send them in several")

        def take() -> dict[str, Any]:
            drafts = tips_of(sent, f"taxii {place.collection_id}")
            taken = [tips.take_from(key.name, one, tlp=place.clearance).tip_id for one in drafts]
            return _status(sent, drafts, taken, now())

        told = await asyncio.to_thread(take)  # it may take a second, and others are answered meanwhile
        statuses[f"{key.name} {told['id']}"] = told
        while len(statuses) > STATUSES:
            statuses.popitem(last=False)
        return _answer(told, 202)

    app.include_router(routes)


class _Asked:
    """The filters of a request (TAXII 2.1, 3.4)."""

    def __init__(
        self,
        limit: Annotated[int, Query(ge=1)] = PAGE,
        next: Annotated[str, Query()] = "",
        added_after: Annotated[str, Query()] = "",
        ids: Annotated[str, Query(alias="match[id]")] = "",
        types: Annotated[str, Query(alias="match[type]")] = "",
        versions: Annotated[str, Query(alias="match[version]")] = "",
        spec_version: Annotated[str, Query(alias="match[spec_version]")] = "",
    ) -> None:
        if next and not (next.isdecimal() and len(next) < 19):
            raise UsageError("'next' is what the page before gave")
        if spec_version and "2.1" not in spec_version.split(","):
            raise NotFoundError("objects are of STIX 2.1 only")
        self.most = min(limit, MOST)
        self._after, self._added_after = int(next or 0), _day(added_after)
        self._ids, self._types = _listed(ids), _listed(types)
        self._versions = _listed(versions) or ("last",)
        for one in self._versions:
            if one not in ("first", "last", "all"):
                _day(one)

    @property
    def narrows(self) -> bool:
        """Whether it asks for a part only, of which there may be none."""
        return bool(self._after or self._added_after or self._types or self._versions != ("last",))

    def wanted(self, object_id: str | None = None, versions: tuple[str, ...] | None = None) -> Wanted:
        """The same for a collection."""
        return Wanted(
            after=self._after, added_after=self._added_after, ids=self._ids if object_id is None else (object_id,),
            types=self._types, versions=versions or self._versions,
        )  # fmt: skip


def _listed(text: str) -> tuple[str, ...]:
    return tuple(one.strip() for one in text.split(",") if one.strip())[:1_000]


def _day(text: str) -> datetime | None:
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text.replace("Z", "+00:00"))
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise UsageError(f"'{text[:40]}' is no time; write one as 2026-11-27T12:00:00.000000Z") from error


def _accepts(request: Request) -> None:
    """Refuse who cannot read TAXII 2.1."""
    accepted = [one.replace(" ", "") for one in request.headers.get("accept", "*/*").split(",")]
    known = {MEDIA, "application/taxii+json", "application/*", "*/*"}
    if not any(one in known or one.split(";q=")[0] in known for one in accepted):
        raise Refusal(406, f"answers are {MEDIA}")


def _answer(content: Any, status: int = 200) -> Response:
    return Response(json.dumps(content, ensure_ascii=False), status, media_type=MEDIA)


def _collection(one: Collection, key: ApiKey) -> dict[str, Any]:
    return {
        "id": one.collection_id, "title": one.title, "description": one.description, "can_read": True,
        "can_write": one.readers[key.name] and "taxii:write" in key.scopes, "media_types": [STIX],
    }  # fmt: skip


def _page(parts: list[str], found: list[SharedObject], following: int | None, *, name: str = "objects") -> Response:
    """An envelope, put together from JSON as it was entered."""
    head = "{" if following is None else f'{{"more":true,"next":"{following}",'
    body = f'{head}"{name}":[{",".join(parts)}]}}' if parts else "{}"
    headers = {}
    if found:
        headers = {
            "X-TAXII-Date-Added-First": _moment(found[0].added_at), "X-TAXII-Date-Added-Last": _moment(found[-1].added_at)
        }  # fmt: skip
    return Response(body, media_type=MEDIA, headers=headers)


def _moment(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.%f") + "Z"


def _status(sent: list[Any], drafts: list[TipDraft], taken: list[int], at: datetime) -> dict[str, Any]:
    refused = {one.row: one.reason for draft in drafts for one in draft.refused}
    held = f"held in tip {', '.join(map(str, dict.fromkeys(taken)))}: a lead"

    def told(one: Any) -> dict[str, str]:
        known = one if isinstance(one, dict) else {}
        version = known.get("modified") or known.get("created") or _moment(at)
        return {"id": str(known.get("id", "")), "version": str(version)}

    rows = list(enumerate(sent, start=1))
    return {
        "id": str(uuid.uuid4()), "status": "complete", "request_timestamp": _moment(at), "total_count": len(sent),
        "success_count": len(sent) - len(refused), "failure_count": len(refused), "pending_count": 0,
        "successes": [
            {**told(one), "message": held} for number, one in rows if number not in refused
        ],
        "failures": [{**told(one), "message": refused[number]} for number, one in rows if number in refused],
    }  # fmt: skip
