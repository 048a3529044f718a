"""Accounts of a PDS as rows: assets with their sign-ups, posts, likes, and who follows and invited whom."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Final

import numpy as np
import pyarrow as pa

from samehand.records import Column
from samehand.sources.atproto import AtprotoAccount, AtprotoServer, atproto_admin
from samehand.sources.batches import RAW_CHARACTERS, RawBatch, Reject
from samehand.sources.bluesky import BLUESKY
from samehand.sources.json_cells import object_in, objects_in, text_of
from samehand.sources.json_stream import Entry
from samehand.sources.platform_api import PlatformApi
from samehand.sources.rows import Context, Rows
from samehand.sources.server_parts import Part, table_of
from samehand.sources.times import read_times

__all__ = ["AtprotoReader"]

_BATCH: Final = 1_000
_POSTS: Final = ("app.bsky.feed.post", "app.bsky.feed.repost")
_LIKES: Final = "app.bsky.feed.like"
_FOLLOWS: Final = "app.bsky.graph.follow"
_PROFILE: Final = "app.bsky.actor.profile"
_COUNTED: Final = {**dict.fromkeys(_POSTS, "posts"), _LIKES: "engagements", _FOLLOWS: "relations"}
_ACTIVE: Final = "active"
_NOT_SERVED: Final = "accounts are {status}: the server lists nothing that they published"


class AtprotoReader:
    """A PDS as a `ServerReader`.

    Raises:
        InputError: it is no PDS, the password is not its admin's, or it cannot be reached.

    """

    counted = ("assets", "posts", "engagements", "relations")
    total = 0

    def __init__(self, api: PlatformApi, platform: str) -> None:
        atproto_admin(api)
        self.read = 0
        self._server = AtprotoServer(api)
        self._platform = platform
        self._context = Context(platform, None, "UTC", zone_known=True, identity="")
        self._unreadable: dict[str, Counter[str]] = {name: Counter() for name in self.counted}
        self._unreadable["posts"] = self._context.unreadable
        self._away: Counter[str] = Counter()
        self._accounts: list[tuple[AtprotoAccount, dict[str, Any]]] = []
        self._lines: dict[str, list[Any]] = {name: [] for name in self.counted}
        self._rejects: dict[str, list[Reject]] = {name: [] for name in self.counted}
        self._rows: Counter[str] = Counter()

    def parts(self) -> Iterator[Part]:
        """Accounts, the earliest sign-up first, with all that each published."""
        for one in self._server.accounts():
            self.read += 1
            for _ in self._pages_of(one):
                yield from (self._flushed(name) for name in self.counted if self._waiting(name) >= _BATCH)
        yield from (self._flushed(name) for name in self.counted if self._waiting(name))

    def unreadable(self, counted: str) -> Mapping[str, int]:
        """Optional values that could not be read, by name."""
        return self._unreadable[counted]

    def notes(self, counted: str) -> Iterator[str]:
        """How many accounts the server serves nothing of."""
        if counted == "assets":
            for status, count in sorted(self._away.items()):
                yield f"{count:,} {_NOT_SERVED.format(status=status)}"

    def _waiting(self, name: str) -> int:
        return len(self._accounts if name == "assets" else self._lines[name]) + len(self._rejects[name])

    def _pages_of(self, account: AtprotoAccount | Reject) -> Iterator[None]:
        """Take an account, and a page of what it published before each step."""
        if isinstance(account, Reject):
            self._rejects["assets"].append(account)
        else:
            self._accounts.append((account, self._profile(account)))
            if account.invited_by:
                self._line("relations", (account.did, "invited_by", account.invited_by, account.made_at))
            yield from self._published(account)
        yield

    def _profile(self, account: AtprotoAccount) -> dict[str, Any]:
        """What an account says of itself; nothing where the server does not list it."""
        if account.status != _ACTIVE:
            return {}
        pages = [page for page in self._server.pages(account.did, _PROFILE) if isinstance(page, dict)]
        records = [one for page in pages for one in objects_in(page["records"])]
        return object_in(records[0], "value") if records else {}

    def _published(self, account: AtprotoAccount) -> Iterator[None]:
        if account.status != _ACTIVE:
            self._away[account.status] += 1
            return
        for collection, name in _COUNTED.items():
            for page in self._server.pages(account.did, collection):
                if isinstance(page, str):
                    self._reject(name, page, {"repo": account.did, "collection": collection})
                else:
                    self._records(name, account.did, page)
                yield

    def _records(self, name: str, did: str, page: dict[str, Any]) -> None:
        if name == "posts":
            assert BLUESKY.reading is not None
            entries: Iterator[Entry] = iter([((), page)])
            for cells in BLUESKY.reading.rows(entries):
                if isinstance(cells, Reject):
                    self._reject(name, cells.reason, cells.raw)
                else:
                    self._line(name, cells)
            return
        for record in page["records"]:
            value = object_in(record, "value")
            subject = value.get("subject") if name == "relations" else object_in(value, "subject").get("uri")
            if not isinstance(subject, str) or not subject.strip():
                self._reject(name, "the record does not say what it is about", record)
            else:
                kind = "follower" if name == "relations" else "like"
                self._line(name, (did, kind, subject, text_of(value.get("createdAt"))))

    def _line(self, name: str, line: Any) -> None:
        self._rows[name] += 1
        self._lines[name].append((self._rows[name], line))

    def _reject(self, name: str, reason: str, raw: Any) -> None:
        self._rows[name] += 1
        text = raw if isinstance(raw, str) else json.dumps(raw, ensure_ascii=True)
        self._rejects[name].append(Reject(self._rows[name], reason, text[:RAW_CHARACTERS]))

    def _flushed(self, name: str) -> Part:
        rejects, self._rejects[name] = self._rejects[name], []
        if name == "assets":
            return self._accounts_part(rejects)
        lines, self._lines[name] = self._lines[name], []
        if name == "posts":
            return self._posts_part(lines, rejects)
        since = "since" if name == "relations" else "at"
        of = "role" if name == "relations" else "kind"
        times = self._times(name, [line[3] for _, line in lines]).to_pylist()
        rows = (
            {"platform": self._platform, "asset_id": did, of: kind, "target_id": subject, since: at}
            for (_, (did, kind, subject, _)), at in zip(lines, times, strict=True)
        )
        return Part(name, {name: table_of(name, rows)}, rejects)

    def _posts_part(self, lines: list[Any], rejects: list[Reject]) -> Part:
        shape = BLUESKY.shapes[0]
        names = shape.optional
        cells = {name: pa.array([line.get(name) for _, line in lines], pa.string()) for name in names}
        numbers = np.array([number for number, _ in lines], np.int64)
        rows = Rows(RawBatch(pa.table(cells), numbers, rejects), {name: name for name in names}, self._context)
        posts = shape.read(rows)["posts"]
        return Part("posts", {"posts": posts}, rows.rejects())

    def _accounts_part(self, rejects: list[Reject]) -> Part:
        accounts, self._accounts = self._accounts, []
        times = self._times("assets", [one.made_at for one, _ in accounts]).to_pylist()
        told = [(one, profile, at) for (one, profile), at in zip(accounts, times, strict=True)]
        signups = (
            {
                **self._key(one),
                "at": at,
                "email_domain": one.email_domain,
                "email_pattern": one.email_pattern,
                "username": one.handle,
                "display_name": _text(profile, "displayName"),
                "avatar_hash": _picture(profile),
            }
            for one, profile, at in told
            if at is not None
        )
        assets = (
            {
                **self._key(one),
                "kind": "account",
                "handle": one.handle,
                "display_name": _text(profile, "displayName"),
                "bio": _text(profile, "description"),
                "created_at": at,
                "avatar_hash": _picture(profile),
                "status": one.status,
            }
            for one, profile, at in told
        )
        return Part("assets", {"assets": table_of("assets", assets), "signups": table_of("signups", signups)}, rejects)

    def _key(self, account: AtprotoAccount) -> dict[str, Any]:
        return {"platform": self._platform, "asset_id": account.did}

    def _times(self, name: str, texts: list[str | None]) -> Column:
        read = read_times(pa.array(texts, pa.string()), "UTC", None)
        what = {"assets": "indexedAt"}.get(name, "createdAt")
        self._unreadable[name][what] += int(read.unreadable.sum())
        return read.values


def _text(profile: dict[str, Any], name: str) -> str | None:
    text = profile.get(name)
    return text if isinstance(text, str) and text.strip() else None


def _picture(profile: dict[str, Any]) -> str | None:
    """The picture's address, which follows from its bytes."""
    link = text_of(object_in(profile, "avatar", "ref").get("$link"))
    return f"id:{link}" if link else None
