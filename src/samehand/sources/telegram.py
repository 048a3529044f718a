"""Telegram Desktop's export as JSON (`result.json`): one chat, or all chats of an account."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import pyarrow.compute as pc

from samehand.records import Column
from samehand.sources.batches import Reject
from samehand.sources.documents import Reading, refused
from samehand.sources.formats import Format, Records, Shape
from samehand.sources.json_cells import Cells, list_of, objects_in, text_of
from samehand.sources.json_stream import ITEM, Entry, Mark, Place
from samehand.sources.rows import Rows, first_of_each

__all__ = ["TELEGRAM"]

_STRANGE: Final = "the value is no message"
_SERVICE: Final = "a service message"
_UNSUPPORTED: Final = "the export left out what the message holds"
_COLUMNS: Final = (
    "chat_id", "id", "from_id", "from", "date", "text", "forwarded", "forwarded_from_id",
    "reply_to_message_id", "reply_to_peer_id", "via_bot", "urls", "hashtags", "mentions", "kind",
)  # fmt: skip
_LISTS: Final = ("chats", "left_chats")
_CHATS: Final = ((), *((name, "list", ITEM) for name in _LISTS))
_WALKED: Final = {
    *((name,) for name in _LISTS),
    *((name, "list") for name in _LISTS),
    *_CHATS,
    *((*chat, "messages") for chat in _CHATS),
}


def _walk(place: Place, _: bytes) -> bool:
    return place in _WALKED


def _rows(entries: Iterator[Entry]) -> Iterator[Cells | Reject]:
    """Each message, with what was said of its chat before."""
    chat: dict[str, Any] = {}
    found = False
    for place, value in entries:
        if isinstance(value, Reject):
            yield value
        elif value is Mark.OPENED:
            chat = {} if place in _CHATS else chat
            found = found or place[-1:] == ("messages",)
        elif place == ():
            yield refused(_STRANGE, value)
        elif place[:-1] in _CHATS:
            # an account's whole export begins with its address book, which is nobody's business here
            chat[place[-1]] = value if place[-1] in ("id", "type") else None
        elif place[-2:] == ("messages", ITEM):
            yield _message(value, chat)
    if not found:
        yield Reject(0, "it has no list of messages", str(sorted(chat))[:100])


def _message(message: Any, chat: dict[str, Any]) -> Cells | Reject:
    if not isinstance(message, dict) or "id" not in message:
        return refused(_STRANGE, message)
    if message.get("type") == "service":
        return refused(_SERVICE, message)
    if message.get("type") == "unsupported":
        return refused(_UNSUPPORTED, message)
    forwarded = "forwarded_from" in message or "forwarded_from_id" in message
    author = text_of(message.get("from_id"))
    return {
        **{name: text_of(message.get(name)) for name in _COLUMNS if name in message},
        "chat_id": text_of(chat.get("id")),
        # the other time is that of the clock on the wall where it was exported
        "date": text_of(message.get("date_unixtime") or message.get("date")),
        "text": _text(message.get("text")),
        "forwarded": "yes" if forwarded else None,
        "kind": _asset_kind(author or "", chat),
        **_entities(message),
    }


def _text(text: Any) -> str | None:
    """A text, or a list of texts and of objects that have one."""
    parts = text if isinstance(text, list) else [text]
    texts = [part.get("text") if isinstance(part, dict) else part for part in parts]
    return "".join(part for part in texts if isinstance(part, str))


def _entities(message: dict[str, Any]) -> Cells:
    """Links, hashtags and mentions that the app marked; exports before 2022 mark them in the text alone."""
    marked = objects_in(message.get("text_entities")) or objects_in(message.get("text"))
    by_type: dict[Any, list[str]] = {}
    for entity in marked:
        said = entity.get("href") if entity.get("type") == "text_link" else entity.get("text")
        user = entity.get("user_id")
        said = f"user{user}" if entity.get("type") == "mention_name" and user is not None else said
        by_type.setdefault(text_of(entity.get("type")), []).append(said if isinstance(said, str) else "")
    return {
        "urls": list_of(_link(url) for url in [*by_type.get("link", []), *by_type.get("text_link", [])]),
        "hashtags": list_of(tag.lstrip("#") for tag in by_type.get("hashtag", [])),
        "mentions": list_of(
            name.lstrip("@") for name in [*by_type.get("mention", []), *by_type.get("mention_name", [])]
        ),
    }


def _link(url: str) -> str:
    """A link as the app opens it: `example.org/x` is one to Telegram."""
    return url if not url.strip() or "://" in url else f"https://{url.strip()}"


def _asset_kind(author: str, chat: dict[str, Any]) -> str:
    """Ids say what wrote: `user1`, `channel2`, or a group's own id where its admins write unnamed."""
    if author.startswith("chat"):
        return "group"
    if not author.startswith("channel"):
        return "account"
    own = author.removeprefix("channel") == text_of(chat.get("id"))
    return "group" if own and str(chat.get("type")).endswith("group") else "channel"


def _number_of(peer: Column) -> Column:
    return pc.replace_substring_regex(peer, r"^(user|chat|channel)", "")


def _read(rows: Rows) -> Records:
    chat, author = rows.id("chat_id", required=True), rows.id("from_id", required=True)
    forward, answered = pc.is_valid(rows.word("forwarded")), rows.id("reply_to_message_id")
    if pc.any(forward).as_py():
        rows.context.notes["forwards name no message that they are of: they tie accounts by their text"] = None
    where = pc.coalesce(_number_of(rows.id("reply_to_peer_id")), chat)
    target = pc.binary_join_element_wise(where, answered, "/")
    key = {"platform": rows.constant(rows.context.platform), "asset_id": author}
    posts = {
        **key,
        "post_id": pc.binary_join_element_wise(chat, rows.id("id", required=True), "/"),
        "posted_at": rows.time("date", required=True),
        "kind": pc.if_else(forward, "repost", pc.if_else(pc.is_valid(answered), "reply", "original")),
        "text": rows.text("text"),
        "client": rows.word("via_bot"),
        "ref_post_id": pc.if_else(forward, rows.nothing(), target),
        "ref_asset_id": pc.if_else(forward, rows.id("forwarded_from_id"), rows.nothing()),
        **{name: rows.items(name) for name in ("urls", "hashtags", "mentions")},
    }
    assets = {**key, "kind": rows.word("kind"), "display_name": rows.text("from")}
    return {"posts": rows.record("posts", posts), "assets": first_of_each(rows.record("assets", assets))}


TELEGRAM: Final = Format(
    name="telegram",
    title="Telegram Desktop's export as JSON: one chat, or all of an account's",
    platform="telegram",
    content="json",
    reading=Reading(
        expected="Telegram Desktop's `result.json`: an object with `name`, `type`, `id` and `messages`, or with `chats`",
        left_out=(_SERVICE, _UNSUPPORTED),
        walk=_walk,
        lines=False,
        rows=_rows,
    ),
    shapes=(
        Shape(
            name="chats",
            table="posts",
            required=("chat_id", "id", "from_id", "date"),
            optional=_COLUMNS,
            read=_read,
            example=(
                "{",
                ' "name": "Cats",',
                ' "type": "public_channel",',
                ' "id": 77,',
                ' "messages": [',
                '  {"id": 1, "type": "message", "date": "2024-05-01T12:00:00", "date_unixtime": "1714557600", "from": "Cats",',
                '   "from_id": "channel77", "text": ["look ", {"type": "hashtag", "text": "#cats"}],',
                '   "text_entities": [{"type": "plain", "text": "look "}, {"type": "hashtag", "text": "#cats"}]},',
                '  {"id": 2, "type": "message", "date": "2024-05-01T12:00:09", "date_unixtime": "1714557609", "from": "Cats",',
                '   "from_id": "channel77", "forwarded_from": "Dogs", "text": "dogs are fine as well", "text_entities": []}',
                " ]",
                "}",
            ),
        ),
    ),
)
