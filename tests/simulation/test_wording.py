"""Texts that a team shares, and does not share quite."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace

import pytest

from samehand.errors import UsageError
from samehand.simulation import Team, World, WorldParameters, draw_world
from tests.simulation.reading import accounts_of, posts_of

SMALL = WorldParameters(accounts=400, activities=3_000, posts=200, urls=100, hashtags=40, authors=40, days=20.0)


def _team(**fields: object) -> World:
    plan = {"size": 12, "objects": 10, "participation": 1.0, "window_s": 7_200.0, "trace": "text", "style": "slow"}
    return draw_world(replace(SMALL, teams=(Team(**{**plan, **fields}),)), 11)  # type: ignore[arg-type]


def _texts(world: World) -> list[str]:
    return [row["text"] for row in posts_of(world, accounts_of(world, "team"), "original")]


def test_copies_are_up_to_three_words_apart_from_their_text() -> None:
    texts = _texts(_team(edits=3))
    same = Counter(texts)

    assert len(texts) == 120
    # a quarter of the copies are as they were: 30 of 120, 5 standard errors are 24
    assert 60 < len(same) < 120
    for whole in [text for text, count in same.items() if count >= 2]:
        words = set(whole.split())
        assert sum(len(words - set(text.split())) <= 3 for text in texts) == 12


def test_without_edits_copies_are_alike_to_the_letter() -> None:
    assert set(Counter(_texts(_team())).values()) == {12}


@pytest.mark.parametrize("script", ["han", "arabic"])
def test_copies_are_edited_in_their_script(script: str) -> None:
    texts = _texts(_team(edits=2, script=script))

    assert len(set(texts)) > 40
    assert not [text for text in texts if re.search("[a-z]", text)]


def test_addressed_copies_greet_somebody_by_name() -> None:
    world = _team(addressed=0.5)
    handles = {row["handle"]: row["asset_id"] for row in world.assets.to_pylist()}
    greeting = [row for row in posts_of(world, accounts_of(world, "team"), "original") if row["mentions"]]
    words = Counter(row["text"].split()[0] for row in greeting)

    # 5 standard errors of 120 x .5 are 27
    assert 33 < len(greeting) < 87
    assert len(words) == 1
    assert all(handles[row["text"].split()[1].removeprefix("@")] == row["mentions"][0] for row in greeting)


def test_a_list_is_worked_off_hours_apart_with_edits() -> None:
    world = _team(style="list", edits=2, window_s=6 * 3_600.0)
    rows = posts_of(world, accounts_of(world, "team"), "original")
    families = [
        [row for row in rows if len(set(text.split()) - set(row["text"].split())) <= 2]
        for text, count in Counter(row["text"] for row in rows).items()
        if count >= 3
    ]
    spans = [max(row["posted_at"] for row in one) - min(row["posted_at"] for row in one) for one in families]

    assert families
    assert min(span.total_seconds() for span in spans) > 3_600


@pytest.mark.parametrize(
    ("wrong", "said"),
    [({"style": "list", "edits": 0}, "list team"), ({"edits": 7}, "0 to 3 words"), ({"addressed": 2.0}, "addressed")],
)
def test_habits_that_make_no_sense_are_refused(wrong: dict[str, object], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        _team(**wrong)
