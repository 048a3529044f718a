from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from samehand.traces.duplicates import LEAST_WORDS, SIMILARITY, same_words, similar_texts
from samehand.traces.voice import MINIMUM_CHARACTERS, WORD, fold, informative
from samehand.traces.words import number_words
from tests.traces.posts import found, keys

_LATIN = [f"{a}{b}{c}" for a in "bdfg" for b in "aeio" for c in "klmn"]
_HAN = [chr(0x4E00 + i) for i in range(64)]
_DOCUMENTS = st.lists(st.lists(st.integers(0, 63), max_size=30), min_size=1, max_size=12)


def _clusters(texts: list[str]) -> list[int]:
    return [int(root) for root in similar_texts(number_words(pa.array(texts, pa.string())))]


def _drawn(rng: np.random.Generator, words: list[str], between: str, count: int) -> list[str]:
    """Originals and copies of them with a few words changed."""
    texts: list[str] = []
    for _ in range(count):
        base = rng.integers(0, len(words), int(rng.integers(6, 25))).tolist()
        for _ in range(int(rng.integers(1, 5))):
            copy = list(base)
            for _ in range(int(rng.integers(0, 4))):
                copy[int(rng.integers(0, len(copy)))] = int(rng.integers(0, len(words)))
            texts.append(between.join(words[i] for i in copy))
    return [texts[i] for i in rng.permutation(len(texts))]


def _brute_force(texts: list[str], width: int) -> list[int]:
    """The same clusters from all pairs, by sets of tuples."""
    words = [list(text) if width == 3 else text.split() for text in texts]
    weight = 1 / 3 if width == 3 else 1.0
    sets = [
        {tuple(w[i : i + width]) for i in range(len(w) - width + 1)}
        if len(w) * weight > LEAST_WORDS - 0.01 and len(set(w)) * weight > LEAST_WORDS - 1.01
        else set()
        for w in words
    ]
    root = list(range(len(texts)))

    def top(x: int) -> int:
        return x if root[x] == x else top(root[x])

    for a in range(len(texts)):
        for b in range(a):
            both, either = len(sets[a] & sets[b]), len(sets[a] | sets[b])
            if words[a] == words[b] or (sets[a] and sets[b] and both >= SIMILARITY * either):
                low, high = sorted((top(a), top(b)))
                root[high] = low
    return [top(x) for x in range(len(texts))]


@pytest.mark.parametrize(("words", "between", "width"), [(_LATIN * 8, " ", 2), (_HAN * 8, "", 3)], ids=["words", "han"])
def test_nearly_all_that_all_pairs_would_join_is_joined_and_nothing_else(
    words: list[str], between: str, width: int
) -> None:
    """Seeds 0-9; MinHash may miss a pair that is just alike enough, but never joins what all pairs would not."""
    missed = total = 0
    for seed in range(10):
        rng = np.random.default_rng(seed)
        spread = [f"{word}{k}" if width == 2 else chr(0x4E00 + k) for k, word in enumerate(words)]
        texts = _drawn(rng, spread, between, 120)
        wanted, got = _brute_force(texts, width), _clusters(texts)
        for k, root in enumerate(got):
            assert wanted[k] == wanted[root]
        total += sum(root != k for k, root in enumerate(wanted))
        missed += sum(got[k] != got[root] for k, root in enumerate(wanted))

    assert total > 500
    assert missed <= 0.03 * total


@settings(deadline=None, max_examples=150)
@given(documents=_DOCUMENTS, seed=st.integers(0, 10**6), script=st.sampled_from([(_LATIN, " "), (_HAN, "")]))
def test_nonsense_in_the_place_of_words_changes_no_number(
    documents: list[list[int]], seed: int, script: tuple[list[str], str]
) -> None:
    words, between = script
    renamed = [words[i] for i in np.random.default_rng(seed).permutation(len(words))]
    one = number_words(pa.array([between.join(words[i] for i in d) for d in documents]))
    two = number_words(pa.array([between.join(renamed[i] for i in d) for d in documents]))

    assert one.word.tolist() == two.word.tolist()
    assert one.informative.tolist() == two.informative.tolist()
    assert similar_texts(one).tolist() == similar_texts(two).tolist()


@settings(deadline=None, max_examples=200)
@given(texts=st.lists(st.one_of(st.none(), st.text(), st.text("ab 日本ก🙂,.", max_size=30)), max_size=8))
def test_words_are_the_runs_of_letters_and_the_floor_is_the_one_that_is_documented(texts: list[str | None]) -> None:
    folded = [None if text is None else fold(text) for text in texts]
    said = number_words(pa.array(folded, pa.string()))

    assert len(said) == len(texts)
    for k, text in enumerate(folded):
        letters = sum(len(run) for run in WORD.findall(text or ""))
        count = int(said.start[k + 1] - said.start[k])
        assert (count > 0) == (letters > 0)
        assert count <= letters
        assert bool(said.informative[k]) == informative(text or "")


def test_words_are_numbered_by_first_appearance_across_chunks() -> None:
    texts = [f"w{k % 70_000} w{k % 7}" for k in range(120_000)]
    said = number_words(pa.array(texts))
    numbers: dict[str, int] = {}
    expected = [numbers.setdefault(word, len(numbers)) for text in texts for word in text.split()]

    assert expected == said.word.tolist()


def test_texts_of_the_same_words_are_one_whatever_the_signs_between() -> None:
    said = number_words(pa.array(["brel dovan kiru mest", "dovan brel", "brel, dovan! kiru mest 🙂", "", None]))

    assert same_words(said).tolist() == [0, 1, 0, -1, -1]


def test_a_template_with_slots_is_one_object() -> None:
    said = "we the people of {} demand that you vote no on the bill of monday"
    texts = [{"text": said.format(name)} for name in ("brel", "dovan kiru", "mest", "velor an der brel")]

    assert len(set(keys("text", *texts))) == 1


def test_two_sentences_that_share_a_turn_of_phrase_are_two_objects() -> None:
    one = "as far as i can see the brel dovan is not at all kiru"
    other = "as far as i can see nobody went out to mest and velor today"

    assert len(set(keys("text", {"text": one}, {"text": other}))) == 2


def test_quotes_of_one_post_in_the_same_words_are_not_one_text_and_of_two_posts_are() -> None:
    row = {"kind": "quote", "text": "brel dovan kiru mest"}

    assert len(found("text", {**row, "ref_post_id": "1"}, {**row, "ref_post_id": "1"})) == 1
    assert len(found("text", {**row, "ref_post_id": "1"}, {**row, "ref_post_id": "2"})) == 2


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"text": "🙂 🙂🙂 !!"}, "only links, mentions, emoji or signs"),
        ({"text": "https://example.org/a @velor"}, "only links, mentions, emoji or signs"),
        ({"text": "yes"}, "too little said"),
        ({"text": None}, "no text"),
        ({"kind": "repost", "text": "brel dovan kiru mest"}, "a repost"),
    ],
)
def test_what_falls_out_is_counted_by_its_reason(row: dict[str, object], reason: str) -> None:
    assert dict(found("text", row).dropped) == {reason: 1}


def test_a_short_han_text_is_the_same_only_when_it_is_the_same() -> None:
    base = "".join(_HAN[:MINIMUM_CHARACTERS])

    assert len(set(keys("text", {"text": base}, {"text": base + _HAN[20]}))) == 2
