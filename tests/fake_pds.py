"""A small server that answers as a PDS does, and as Ozone behind it, on this machine only; it fails where it is told to."""

from __future__ import annotations

import base64
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from typing import Any

from tests.fake_server import FakeServer, Fault, json_fault, serving

PASSWORD = "a word, of the admin's"
MODERATOR, MODERATOR_PASSWORD = "mod.test", "hunter"
OZONE = "did:plc:ozone"
ADMIN_API, SERVER, OZONE_API = "/xrpc/com.atproto.admin.", "/xrpc/com.atproto.server.", "/xrpc/tools.ozone.moderation."
UPDATE, STATUS, INFOS = (
    f"{ADMIN_API}{name}" for name in ("updateSubjectStatus", "getSubjectStatus", "getAccountInfos")
)
REPOS, RECORDS = "/xrpc/com.atproto.sync.listRepos", "/xrpc/com.atproto.repo.listRecords"
EMIT, STATUSES = f"{OZONE_API}emitEvent", f"{OZONE_API}queryStatuses"


@dataclass
class FakePds(FakeServer):
    """What the server knows: accounts, how they stand, and what they published."""

    infos: dict[str, dict[str, Any]] = field(default_factory=dict)
    takedowns: dict[str, str] = field(default_factory=dict)
    deactivated: set[str] = field(default_factory=set)
    records: dict[tuple[str, str], list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    ozone: dict[str, bool] = field(default_factory=dict)
    events: list[dict[str, Any]] = field(default_factory=list)
    logins: int = 0
    moderator: str = "did:plc:mod"

    def add(self, name: str, **facts: Any) -> str:
        """An account; its DID."""
        did = f"did:plc:{name}"
        made = f"2026-11-27T10:00:{len(self.infos):02}.000Z"
        self.infos[did] = {
            "did": did,
            "handle": f"{name}.test",
            "email": f"{name}@mail.test",
            "indexedAt": made,
            **facts,
        }
        return did

    def publish(self, did: str, collection: str, **value: Any) -> str:
        """A record of an account; its address."""
        held = self.records[did, collection]
        uri = f"at://{did}/{collection}/{len(held):04}"
        made = {"$type": collection, "createdAt": "2026-11-27T11:00:00.000Z", **value}
        held.append({"uri": uri, "cid": f"cid{len(held)}", "value": made})
        return uri

    def refused(self, path: str, headers: Message) -> Fault | None:
        said = headers["Authorization"] or ""
        admin = f"Basic {base64.b64encode(f'admin:{PASSWORD}'.encode()).decode()}"
        if path.startswith(ADMIN_API) and said != admin:
            return json_fault(401, {"error": "AuthenticationRequired", "message": "Authentication Required"})
        if not path.startswith(OZONE_API):
            return None
        if said != f"Bearer token{self.logins}":
            return json_fault(400, {"error": "ExpiredToken", "message": "Token has expired"})
        if headers["atproto-proxy"] != f"{OZONE}#atproto_labeler":
            return json_fault(400, {"error": "InvalidRequest", "message": "could not resolve proxy did"})
        return None

    def answer(self, path: str, asked: dict[str, list[str]], body: Any) -> tuple[int, Any]:
        one = {name: values[0] for name, values in asked.items()}
        answers: dict[str, Any] = {
            f"{SERVER}describeServer": lambda: (200, {"did": "did:web:fake.test", "availableUserDomains": [".test"]}),
            f"{SERVER}createSession": lambda: self._session(body),
            REPOS: lambda: (200, self._repos(one)),
            RECORDS: lambda: self._records(one),
            INFOS: lambda: (200, {"infos": [self.infos[did] for did in asked["dids"] if did in self.infos]}),
            STATUS: lambda: self._status(one["did"]),
            UPDATE: lambda: self._update(body),
            STATUSES: lambda: (200, {"subjectStatuses": self._ozone_status(one["subject"])}),
            f"{OZONE_API}getRepo": lambda: (200, {"did": one["did"]}) if one["did"] in self.infos else _unknown("RepoNotFound"),
            EMIT: lambda: self._emit(body),
        }  # fmt: skip
        return answers[path]()  # type: ignore[no-any-return]

    def _session(self, body: Any) -> tuple[int, Any]:
        if body != {"identifier": MODERATOR, "password": MODERATOR_PASSWORD}:
            return 401, {"error": "AuthenticationRequired", "message": "Invalid identifier or password"}
        self.logins += 1
        return 200, {"did": self.moderator, "accessJwt": f"token{self.logins}"}

    def _repos(self, asked: dict[str, str]) -> dict[str, Any]:
        start, dids = int(asked.get("cursor", "0")), list(self.infos)
        end = start + int(asked["limit"])
        return {"repos": list(map(self._repo, dids[start:end])), **({"cursor": str(end)} if end < len(dids) else {})}

    def _repo(self, did: str) -> dict[str, Any]:
        away = "takendown" if did in self.takedowns else "deactivated" if did in self.deactivated else None
        return {"did": did, "active": away is None, **({"status": away} if away else {})}

    def _records(self, asked: dict[str, str]) -> tuple[int, Any]:
        if not self._repo(asked["repo"])["active"]:
            return _unknown("InvalidRequest")
        held = self.records[asked["repo"], asked["collection"]]
        later = [one for one in held if one["uri"].rpartition("/")[2] > asked.get("cursor", "")]
        page = later[: int(asked["limit"])]
        return 200, {"records": page, **({"cursor": page[-1]["uri"].rpartition("/")[2]} if page else {})}

    def _status(self, did: str) -> tuple[int, Any]:
        if did not in self.infos:
            return _unknown("NotFound")
        ref = self.takedowns.get(did)
        takedown = {"applied": True, "ref": ref} if ref is not None else {"applied": False}
        return 200, {"subject": {"did": did}, "takedown": takedown, "deactivated": {"applied": did in self.deactivated}}

    def _update(self, body: Any) -> tuple[int, Any]:
        did, takedown = body["subject"]["did"], body["takedown"]
        self.takedowns.pop(did, None)
        if takedown["applied"]:
            self.takedowns[did] = takedown.get("ref", "now")
        return 200, body

    def _ozone_status(self, did: str) -> list[dict[str, Any]]:
        return [{"subject": {"did": did}, "takendown": self.ozone[did]}] if did in self.ozone else []

    def _emit(self, body: Any) -> tuple[int, Any]:
        did, kind = body["subject"]["did"], body["event"]["$type"].partition("#")[2]
        if body.get("externalId") in [one.get("externalId") for one in self.events]:
            return 400, {"error": "DuplicateExternalId", "message": "An event with this id exists"}
        if self.ozone.get(did, False) == (kind == "modEventTakedown"):
            return 400, {"error": "InvalidRequest", "message": "Subject stands so already"}
        self.events.append(body)
        self.ozone[did] = kind == "modEventTakedown"
        return 200, {**body, "id": len(self.events)}


def _unknown(error: str) -> tuple[int, Any]:
    return 400, {"error": error, "message": "there is none"}


@contextmanager
def fake_pds() -> Iterator[FakePds]:
    """Run the server, with no accounts."""
    fake = FakePds()
    with serving(fake):
        yield fake
