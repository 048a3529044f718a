"""The ledger: rows of posts as they are thought up, and the numbers of what they name."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from samehand.simulation.people import Integers, Reals

__all__ = ["ORIGINAL", "REPLY", "REPOST", "Ledger", "Rows"]

ORIGINAL, REPOST, REPLY = 0, 1, 2


@dataclass(frozen=True)
class Rows:
    """Posts, one entry each; -1 stands for nothing.

    Attributes:
        account: who. at_s: when, in seconds since the world's start. kind: ORIGINAL, REPOST or REPLY.
        source: number of the repostable post that this row is. target: number of the one that it reposts or answers.
        url, tag, tag2, text, mention: numbers of address, hashtags, shared text (-1: words of its own), account.
        resolution_s: to how many seconds the time is cut.
        script: that it is written in (-1: the account's own). client: number of the tool that it was posted through
            (-1: the account's own). edits: words of the shared text that this copy changes. greeting: number of a
            word before the name of who is mentioned.
        deleted_s: when it was deleted, in seconds since the world's start; NaN for never.

    """

    account: Integers
    at_s: Reals
    kind: Integers
    source: Integers
    target: Integers
    url: Integers
    tag: Integers
    tag2: Integers
    text: Integers
    mention: Integers
    resolution_s: Integers
    script: Integers
    client: Integers
    edits: Integers
    greeting: Integers
    deleted_s: Reals

    @classmethod
    def of(
        cls,
        account: Integers,
        at_s: Reals,
        kind: int = ORIGINAL,
        *,
        source: Integers | None = None,
        target: Integers | None = None,
        url: Integers | None = None,
        tag: Integers | None = None,
        tag2: Integers | None = None,
        text: Integers | None = None,
        resolution_s: int = 1,
    ) -> Rows:
        """Rows of one kind; what is not named is nothing."""
        none = np.full(len(account), -1, dtype=np.int64)

        def column(given: Integers | None) -> Integers:
            return none if given is None else given

        return cls(
            account=account,
            at_s=at_s,
            kind=np.full(len(account), kind, dtype=np.int64),
            source=column(source),
            target=column(target),
            url=column(url),
            tag=column(tag),
            tag2=column(tag2),
            text=column(text),
            mention=none,
            resolution_s=np.full(len(account), resolution_s, dtype=np.int64),
            script=none,
            client=none,
            edits=np.zeros(len(account), dtype=np.int64),
            greeting=none,
            deleted_s=np.full(len(account), np.nan),
        )

    def __len__(self) -> int:
        return len(self.account)

    def take(self, rows: npt.NDArray[np.bool_] | Integers) -> Rows:
        """Some of the rows, by mask or by number."""
        return Rows(**{name: getattr(self, name)[rows] for name in self.__dataclass_fields__})

    @staticmethod
    def joined(parts: list[Rows]) -> Rows:
        """All rows of all parts."""
        names = Rows.__dataclass_fields__
        return Rows(**{name: np.concatenate([getattr(part, name) for part in parts]) for name in names})

    def with_mentions(self, mention: Integers) -> Rows:
        """The same rows, naming these accounts."""
        return replace(self, mention=mention)

    def with_edits(self, edits: Integers) -> Rows:
        """The same rows, so many words of each copy changed."""
        return replace(self, edits=edits)

    def through(self, client: int | Integers) -> Rows:
        """The same rows, posted through this tool."""
        return replace(self, client=np.broadcast_to(np.asarray(client, dtype=np.int64), len(self)))

    def written_in(self, script: int | Integers) -> Rows:
        """The same rows, in this script."""
        return replace(self, script=np.broadcast_to(np.asarray(script, dtype=np.int64), len(self)))

    def greeting_someone(self, greeting: Integers, mention: Integers) -> Rows:
        """The same rows, each that has a greeting beginning with it and a name."""
        return replace(self, greeting=greeting, mention=np.where(greeting >= 0, mention, self.mention))


@dataclass
class Ledger:
    """Hands out numbers for posts, addresses, hashtags and texts, and keeps the rows.

    Attributes:
        owner, born_s: of each repostable post. urls, tags: how many there are. scripts: of each shared text.
        tools, greetings: how many there are. sites: numbers of addresses that lie on one site of a group's.
        rows: parts of the world.

    """

    owner: list[Integers] = field(default_factory=list)
    born_s: list[Reals] = field(default_factory=list)
    sources: int = 0
    urls: int = 0
    tags: int = 0
    scripts: list[int] = field(default_factory=list)
    tools: int = 0
    greetings: int = 0
    sites: list[Integers] = field(default_factory=list)
    rows: list[Rows] = field(default_factory=list)

    def new_sources(self, owner: Integers, born_s: Reals) -> Integers:
        """Number new repostable posts; their own rows are added by whoever writes them."""
        self.owner.append(owner)
        self.born_s.append(born_s)
        self.sources += len(owner)
        return np.arange(self.sources - len(owner), self.sources, dtype=np.int64)

    def new_urls(self, count: int) -> Integers:
        """Number new addresses."""
        self.urls += count
        return np.arange(self.urls - count, self.urls, dtype=np.int64)

    def new_tags(self, count: int) -> Integers:
        """Number new hashtags."""
        self.tags += count
        return np.arange(self.tags - count, self.tags, dtype=np.int64)

    def new_texts(self, count: int, script: int) -> Integers:
        """Number new texts that several posts will bear."""
        self.scripts += [script] * count
        return np.arange(len(self.scripts) - count, len(self.scripts), dtype=np.int64)

    def new_tool(self) -> int:
        """Number a client that one group uses and few others do."""
        self.tools += 1
        return self.tools - 1

    def new_greetings(self, count: int) -> Integers:
        """Number new words to greet with."""
        self.greetings += count
        return np.arange(self.greetings - count, self.greetings, dtype=np.int64)

    def new_site(self, urls: Integers) -> int:
        """Put these addresses on one site of their own, and number it."""
        self.sites.append(urls)
        return len(self.sites) - 1

    def add(self, rows: Rows) -> None:
        """Keep rows."""
        if len(rows):
            self.rows.append(rows)
