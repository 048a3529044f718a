"""What was said in the rooms of a Synapse server that anybody may join, as `posts`; other rooms are nobody's business."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import quote

from samehand.errors import JobError
from samehand.sources.batches import RAW_CHARACTERS, Reject
from samehand.sources.json_cells import object_in, objects_in
from samehand.sources.platform_api import PlatformApi
from samehand.sources.server_parts import Part, table_of
from samehand.sources.server_users import clean, text_or_none
from samehand.sources.synapse import SynapseUsers, is_user_id, synapse_admin
from samehand.sources.users_reader import UsersReader

__all__ = ["SynapseReader", "SynapseRooms"]

_PAGE: Final = 500
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST_MS: Final = 7_258_118_400_000  # the year 2200: beyond, a number is no time
_MESSAGE: Final = "m.room.message"
_LEFT_OUT: Final = {
    "closed": "rooms are not for anybody to join: nothing of them was read",
    "encrypted": "rooms that anybody may join are encrypted: the server cannot read them either",
}


class SynapseRooms:
    """Reads the messages of all rooms that anybody may join, room by room, the earliest first.

    Args:
        api: the server, with an admin's token.
        platform: of the rows.
        page: messages of one page.

    Attributes:
        left_out: rooms that were not read, by why.

    """

    def __init__(self, api: PlatformApi, platform: str, *, page: int = _PAGE) -> None:
        self.left_out: Counter[str] = Counter()
        self._api, self._platform, self._page = api, platform, page
        self._read = 0

    def parts(self) -> Iterator[Part]:
        """Pages of messages.

        Raises:
            JobError: the server failed on the way.

        """
        for room in self._rooms():
            if room.get("join_rules") != "public":
                self.left_out["closed"] += 1
            elif room.get("encryption") is not None:
                self.left_out["encrypted"] += 1
            elif isinstance(room.get("room_id"), str):
                yield from self._messages(room["room_id"])

    def notes(self) -> Iterator[str]:
        """How many rooms were left out."""
        yield from (f"{self.left_out[why]:,} {words}" for why, words in _LEFT_OUT.items() if self.left_out[why])

    def _rooms(self) -> Iterator[Mapping[str, Any]]:
        start: int | None = 0
        seen: set[int] = set()
        while start is not None and start not in seen:
            seen.add(start)
            answer = self._api.get("/_synapse/admin/v1/rooms", {"from": str(start), "limit": "500", "order_by": "name"})
            if not answer.ok or not isinstance((answer.body or {}).get("rooms"), list):
                raise JobError(f"{self._api.url} did not list its rooms ({answer.told}); run this again")
            assert answer.body is not None
            yield from objects_in(answer.body["rooms"])
            following = answer.body.get("next_batch")
            start = following if isinstance(following, int) else None

    def _messages(self, room: str) -> Iterator[Part]:
        path, token = f"/_synapse/admin/v1/rooms/{quote(room, safe='')}/messages", ""
        seen: set[str] = set()
        while token not in seen:
            seen.add(token)
            wish = {"dir": "f", "limit": str(self._page)} | ({"from": token} if token else {})
            answer = self._api.get(path, wish)
            if not answer.ok or not isinstance((answer.body or {}).get("chunk"), list):
                raise JobError(f"{self._api.url} did not tell the messages of a room ({answer.told}); run this again")
            assert answer.body is not None
            events = list(objects_in(answer.body["chunk"]))
            yield self._part([event for event in events if event.get("type") == _MESSAGE])
            following = answer.body.get("end")
            token = following if isinstance(following, str) and events else token

    def _part(self, messages: list[dict[str, Any]]) -> Part:
        rows, rejects = [], []
        for message in messages:
            self._read += 1
            found = _post(message)
            if isinstance(found, str):
                raw = clean(json.dumps(message, ensure_ascii=False))[:RAW_CHARACTERS]
                rejects.append(Reject(self._read, found, raw))
            else:
                rows.append({"platform": self._platform, **found})
        return Part("posts", {"posts": table_of("posts", rows)}, rejects)


def _post(message: Mapping[str, Any]) -> dict[str, Any] | str:
    """A message as a post, or why it is none."""
    sender, event, at = (message.get(name) for name in ("sender", "event_id", "origin_server_ts"))
    if not isinstance(sender, str) or not is_user_id(sender) or not isinstance(event, str):
        return "the message has no sender or no id"
    if isinstance(at, bool) or not isinstance(at, int) or not 0 < at < _LATEST_MS:
        return "origin_server_ts is no time that can be read"
    content = object_in(message, "content")
    if not content:
        return "the message was taken away"
    relation = object_in(content, "m.relates_to")
    if relation.get("rel_type") == "m.replace":
        return "a change of a message, which is kept as it was first"
    answered = object_in(relation, "m.in_reply_to").get("event_id")
    file = content.get("url")
    return {
        "post_id": event, "asset_id": sender, "posted_at": _EPOCH + timedelta(milliseconds=at),
        "kind": "reply" if isinstance(answered, str) else "original",
        "text": None if isinstance(file, str) else text_or_none(content.get("body")),
        "ref_post_id": answered if isinstance(answered, str) else None,
        "media_hashes": [f"id:{clean(file)}"] if isinstance(file, str) and file.strip() else None,
    }  # fmt: skip


class SynapseReader(UsersReader):
    """A Synapse server: its users, and what was said in the rooms that anybody may join.

    Raises:
        InputError: it is no Synapse, the token is not an admin's, or it cannot be reached.

    """

    counted = ("assets", "posts")

    def __init__(self, api: PlatformApi, platform: str) -> None:
        synapse_admin(api)
        super().__init__(SynapseUsers(api), platform)
        self._rooms = SynapseRooms(api, platform)

    def parts(self) -> Iterator[Part]:
        """Users, then messages."""
        yield from super().parts()
        yield from self._rooms.parts()

    def unreadable(self, counted: str) -> Mapping[str, int]:
        """Optional values that could not be read, by name."""
        return super().unreadable(counted) if counted == "assets" else {}

    def notes(self, counted: str) -> Iterator[str]:
        """What is to be known of users and rooms."""
        yield from super().notes(counted) if counted == "assets" else self._rooms.notes()
