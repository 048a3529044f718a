"""What is posted: genuine talk with its memes and links, a cause that many share, and the operation's own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from samehand.simulation.assets.operation import Operation
from samehand.simulation.assets.parameters import HOUR_S
from samehand.simulation.assets.stage import Post, Stage
from samehand.simulation.words import vocabulary

__all__ = ["draw_talk"]

_ZIPF = 2.5


@dataclass
class _Pools:
    """Links, tags and images that go round in each community; lines that many say."""

    words: list[str]
    urls: list[list[str]]
    tags: list[list[str]]
    memes: list[list[str]]
    slogans: list[str]


def _pools(stage: Stage) -> _Pools:
    def each(kind: str, count: int, ending: str = "") -> list[list[str]]:
        return [[stage.name(kind) + ending for _ in range(count)] for _ in range(stage.world.communities)]

    urls = each("p", 150)
    sites = [f"{stage.name('news')}.example" for _ in range(60)]
    linked = [[f"https://{sites[int(60 * stage.rng.random() ** 2)]}/{path}" for path in some] for some in urls]
    words = [str(word) for word in vocabulary(stage.rng, "latin", 2_000).to_pylist()]
    pools = _Pools(words, linked, each("tag", 25), each("m", 60), [])
    pools.slogans = [_sentence(stage, words) for _ in range(30)]
    return pools


def _sentence(stage: Stage, words: Sequence[str]) -> str:
    chosen = (len(words) * stage.rng.random(int(stage.rng.integers(6, 15))) ** 1.5).astype(int).tolist()
    return " ".join(words[k] for k in chosen)


def _some(stage: Stage, among: Sequence[str]) -> str:
    """One of them; the first are popular."""
    return among[int(len(among) * stage.rng.random() ** _ZIPF)]


def draw_talk(stage: Stage, operation: Operation) -> None:
    """Let everybody post."""
    pools = _pools(stage)
    theirs = set(operation.assets)
    hot = [stage.moment(20) for _ in range(12)]
    for number, asset in enumerate(stage.assets):
        if number not in theirs:
            count = int(stage.rng.integers(10, 31)) if asset.kind != "account" else int(stage.rng.geometric(0.2))
            _genuine(stage, pools, operation, number, count, hot)
    _campaign(stage, pools, operation, hot)


def _ordinary(stage: Stage, pools: _Pools, number: int, at: float) -> Post:
    rng, community = stage.rng, stage.assets[number].community
    if rng.random() < 0.1:
        community = int(rng.integers(stage.world.communities))
    return Post(
        number, at,
        _some(stage, pools.slogans) if rng.random() < 0.03 else _sentence(stage, pools.words),
        urls=(_some(stage, pools.urls[community]),) if rng.random() < 0.25 else (),
        tags=(_some(stage, pools.tags[community]),) if rng.random() < 0.35 else (),
        media=(_some(stage, pools.memes[community]) if rng.random() < 0.5 else stage.name("m"),) if rng.random() < 0.3 else (),
    )  # fmt: skip


def _genuine(stage: Stage, pools: _Pools, operation: Operation, number: int, count: int, hot: list[float]) -> None:
    """Everyday posts; activists also act at hot hours, and pass on what the operation made."""
    rng, asset = stage.rng, stage.assets[number]
    for _ in range(count):
        stage.posts.append(_ordinary(stage, pools, number, stage.moment(asset.hour)))
    if asset.role != "activist":
        return
    for at in hot:
        if rng.random() < 0.6:
            post = _ordinary(stage, pools, number, at + float(rng.exponential(HOUR_S / 2)))
            post.tags = (pools.tags[0][0],)
            post.urls = (_some(stage, pools.urls[0]),)
            if operation.media and rng.random() < 0.15:
                post.media = (_some(stage, operation.media),)
            if operation.sites and rng.random() < 0.1:
                post.urls = (f"https://{_some(stage, operation.sites)}/{int(rng.integers(40))}",)
            stage.posts.append(post)


def _campaign(stage: Stage, pools: _Pools, operation: Operation, hot: list[float]) -> None:
    """The operation's posts: cover, and its cause with its own images, sites and lines, some at the same moment."""
    rng, mistakes = stage.rng, stage.world.mistakes
    lines = [_sentence(stage, pools.words) for _ in range(max(5, len(operation.assets) // 3))]
    slots = [stage.moment(4) for _ in range(40)]
    for number in operation.assets:
        for _ in range(int(rng.integers(8, 26))):
            moment = stage.moment(4)
            if rng.random() < mistakes.together:
                moment = slots[int(rng.integers(len(slots)))] + float(rng.uniform(0, 40))
            elif rng.random() < 0.2:
                moment = hot[int(rng.integers(len(hot)))] + float(rng.exponential(HOUR_S / 2))
            post = _ordinary(stage, pools, number, moment)
            if rng.random() < mistakes.copying:
                post.text = lines[int(rng.integers(len(lines)))]
            if rng.random() < mistakes.media:
                post.media = (operation.media[int(rng.integers(len(operation.media)))],)
            if rng.random() < mistakes.domain:
                post.urls = (f"https://{_some(stage, operation.sites)}/{int(rng.integers(40))}",)
            stage.posts.append(post)
