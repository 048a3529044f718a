"""The promise to be viewpoint-blind, over the whole chain: nonsense in the place of every word changes nothing."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from samehand.records import Run
from samehand.runs import DetectParameters, detect
from samehand.simulation import draw_world, scenario_parameters, write_world

KEPT = re.compile(r"https?://\S+|@\w+|\w+")
HAN = re.compile("[\u4e00-\u9fff]")


class _Nonsense:
    """One-to-one: the same word always by the same nonsense of its length and script; of Han, character by character."""

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)
        self.known: dict[str, str] = {}
        self.taken: set[str] = set()

    def text(self, text: str | None) -> str | None:
        return None if text is None else KEPT.sub(lambda found: self._token(found.group()), text)

    def _token(self, token: str) -> str:
        if token.startswith(("http", "@")):
            return token
        if HAN.search(token):
            return "".join(self._word(character) for character in token)
        return self._word(token)

    def _word(self, word: str) -> str:
        folded = word.lower()
        while folded not in self.known:
            drawn = "".join(self._letter(letter) for letter in folded)
            if drawn not in self.taken:
                self.known[folded] = drawn
                self.taken.add(drawn)
        return self.known[folded]

    def _letter(self, letter: str) -> str:
        if HAN.match(letter):
            return chr(int(self.rng.integers(0x4E00, 0x9000)))
        if "\u0620" <= letter <= "\u064a":
            return chr(int(self.rng.integers(0x0628, 0x063B)))
        return letter if not letter.isascii() or not letter.isalpha() else chr(int(self.rng.integers(97, 123)))


def _renamed(table: pa.Table, columns: tuple[str, ...], nonsense: _Nonsense) -> pa.Table:
    for name in columns:
        place = table.schema.get_field_index(name)
        values: list[Any] = table.column(name).to_pylist()
        changed = [
            [nonsense.text(one) for one in value] if isinstance(value, list) else nonsense.text(value)
            for value in values
        ]
        table = table.set_column(place, table.schema.field(place), pa.array(changed, table.schema.field(place).type))
    return table


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, Run]:
    """A run over a world of three scripts, and one over the same world in nonsense."""
    folder = tmp_path_factory.mktemp("viewpoint")
    world = draw_world(scenario_parameters("grid", 5, 0.15), 5)
    found = []
    nonsense = _Nonsense(11)
    for name, posts, assets in (
        ("said", world.posts, world.assets),
        (
            "nonsense",
            _renamed(world.posts, ("text", "hashtags"), nonsense),
            _renamed(world.assets, ("display_name", "bio"), nonsense),
        ),
    ):
        history = world.asset_history
        if name == "nonsense":
            mine = [
                nonsense.text(value) if field in ("display_name", "bio") else value
                for field, value in zip(
                    history.column("field").to_pylist(), history.column("value").to_pylist(), strict=True
                )
            ]
            history = history.set_column(
                history.schema.get_field_index("value"), history.schema.field("value"), pa.array(mine, pa.string())
            )
        changed = type(world)(**{**world.__dict__, "posts": posts, "assets": assets, "asset_history": history})
        write_world(changed, folder / name)
        detect(folder / name, folder / f"{name}-run", DetectParameters())
        found.append(Run.open(folder / f"{name}-run"))
    return found[0], found[1]


def test_the_nonsense_is_one_to_one_and_says_something_else() -> None:
    nonsense = _Nonsense(1)
    words = [f"velor{k}" for k in range(50)] + [chr(0x4E00 + k) for k in range(50)]
    renamed = [nonsense.text(word) for word in words]

    assert len(set(renamed)) == len(words)
    assert sum(a == b for a, b in zip(words, renamed, strict=True)) < 3
    assert nonsense.text("Brel https://example.org/velor @velor brel") == nonsense.text(
        "brel https://example.org/velor @velor brel"
    )


def test_the_world_has_something_to_find_on_both_axes(runs: tuple[Run, Run]) -> None:
    run, _ = runs

    assert run.table("networks").num_rows >= 2
    assert {"some", "strong"} & set(run.table("findings").column("state").to_pylist())
    assert run.table("edges").num_rows > 50


@pytest.mark.parametrize("table", ["edges", "networks", "members", "findings"])
def test_every_edge_member_finding_and_score_is_bit_identical(runs: tuple[Run, Run], table: str) -> None:
    run, nonsense = runs

    assert run.table(table).equals(nonsense.table(table))


def test_receipts_are_the_same_but_for_the_words_that_are_objects(runs: tuple[Run, Run]) -> None:
    run, nonsense = runs
    said, other = (one.table("receipts").to_pylist() for one in (run, nonsense))
    words = ("hashtag", "hashtag_sequence", "fused")

    assert len(said) == len(other)
    for a, b in zip(said, other, strict=True):
        same = {**b, "object_id": a["object_id"]} if a["trace"] in words else b
        assert a == same


def test_the_verdicts_in_words_are_the_same(runs: tuple[Run, Run]) -> None:
    run, nonsense = runs

    assert run.info["verdicts"] == nonsense.info["verdicts"]
    assert run.info["lists"] == nonsense.info["lists"]
