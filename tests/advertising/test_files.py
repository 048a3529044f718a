"""A registry's files are read whole, or not at all with a reason that says where."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from samehand.advertising import parse_entity, read_entities
from samehand.errors import FormatError, InputError, LimitError, NotFoundError

KITE = """
id = "cn-kite"
kind = "outlet"
country = "CN"
scope = "news"
recorded = 2026-11-27

[[names]]
text = "Kite Broadcasting House"
language = "en"

[[names]]
text = "风筝广播"
language = "zh-Hans"
kind = "alias"

[[assets]]
platform = "domain"
value = "kite.test"
citations = ["paper"]

[[links]]
kind = "owned_by"
target = "cn-kite-group"
percent = 51
from = 2019-01-01
citations = ["paper"]

[[assessments]]
from = 2019-01-01
until = 2024-01-01
note = "Its owner names the editors."
funding = { answer = "yes", citations = ["paper"] }
governance = { answer = "yes", citations = ["paper"] }
editorial = { answer = "unclear" }
[assessments.safeguards]
statute = { answer = "no", citations = ["paper"] }

[[citations]]
name = "paper"
source = "paper.test"
title = "On Kite"
url = "https://paper.test/kite"
published = 2019-02-01
accessed = 2026-11-27
read = true
states = "The state pays Kite and names its board."
"""


def test_an_entity_is_read_with_all_that_is_said_of_it() -> None:
    one = parse_entity(KITE, "cn/cn-kite.toml")

    assert (one.entity_id, one.name, one.country, one.scope) == ("cn-kite", "Kite Broadcasting House", "CN", "news")
    assert [(name.text, name.kind) for name in one.names] == [
        ("Kite Broadcasting House", "official"),
        ("风筝广播", "alias"),
    ]
    assert [(link.kind, link.target, link.percent, link.read) for link in one.links] == [
        ("owned_by", "cn-kite-group", 51, True)
    ]
    (assessment,) = one.assessments
    assert {name: answer.value for name, answer in assessment.answers.items()} == {
        "funding": "yes", "governance": "yes", "editorial": "unclear"
    }  # fmt: skip
    assert (assessment.span.since, assessment.span.until, assessment.span.recorded) == (
        date(2019, 1, 1), date(2024, 1, 1), date(2026, 11, 27)
    )  # fmt: skip
    assert assessment.read[0].states == "The state pays Kite and names its board."
    assert assessment.code is None


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('id = "cn-kite"', 'id = "Kite"', "id: "),
        ('country = "CN"', 'country = "China"', "country: "), ('country = "CN"', 'country = "CN"\nstate = "Russia"', "state: "),
        ('scope = "news"', 'scope = "opinion"', "scope: "),
        ("recorded = 2026-11-27\n\n[[names]]", "\n[[names]]", "recorded: it is missing"),
        ('kind = "outlet"', 'kind = "outlet"\ncode = "SC"', "code: nothing is called so here"),
        ("accessed = 2026-11-27\n", "", "citations.1.accessed: it is missing"),
        ("published = 2019-02-01", 'published = "2019"', "citations.1.published: it has to be a day"),
        ("read = true", 'read = "yes"', "citations.1.read: it has to be true or false"),
        ('states = "The state pays Kite and names its board."', 'states = ""', "citations.1.states: it is empty"),
        ('kite.test"\ncitations = ["paper"]', 'kite.test"\ncitations = ["book"]', "nothing is cited as 'book'"),
        ("until = 2024-01-01", "until = 2018-01-01", "never holds"),
        ('editorial = { answer = "unclear" }', 'editorial = { answer = "maybe" }', "assessments.1.editorial.answer: "),
        ('editorial = { answer = "unclear" }\n', "", "assessments.1.editorial: it is missing"),
        ("percent = 51", "percent = 151", "links.1.percent"),
        ('text = "风筝广播"', 'text = "\\u202eKite"', "marks that are not seen"),
        ('text = "风筝广播"', f'text = "{"k" * 1_000}"', "names.2.text: it is too long"),
        ("[[names]]", "[[names]", "is no TOML"),
    ],
)  # fmt: skip
def test_a_file_that_is_not_sound_is_refused_with_its_place(old: str, new: str, said: str) -> None:
    assert old in KITE
    with pytest.raises(FormatError, match=r"cn/cn-kite\.toml") as error:
        parse_entity(KITE.replace(old, new, 1), "cn/cn-kite.toml")
    assert said in str(error.value)


def test_a_citation_that_is_there_twice_is_refused() -> None:
    with pytest.raises(FormatError, match="two citations are called 'paper'"):
        parse_entity(KITE + KITE[KITE.index("[[citations]]") :], "x")


def test_a_name_of_a_million_letters_is_refused_before_it_is_read() -> None:
    with pytest.raises(LimitError, match="longer than 1 MiB"):
        parse_entity(KITE.replace("Kite Broadcasting House", "k" * 1_100_000), "x")


def _folder(folder: Path, **texts: str) -> Path:
    (folder / "cn").mkdir(parents=True)
    for name, text in texts.items():
        (folder / "cn" / f"{name.replace('_', '-')}.toml").write_text(text, "utf-8")
    return folder


def test_of_a_folder_with_one_bad_file_nothing_is_read(tmp_path: Path) -> None:
    good = _folder(tmp_path / "good", cn_kite=KITE)
    assert list(read_entities(good)) == ["cn-kite"]

    (good / "cn" / "cn-other.toml").write_text(KITE.replace('country = "CN"', ""), "utf-8")
    with pytest.raises(FormatError, match=r"cn/cn-other.toml: country: it is missing"):
        read_entities(good)


def test_a_file_bears_the_id_that_it_holds(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"belongs into cn/cn-kite\.toml"):
        read_entities(_folder(tmp_path, cn_kait=KITE))


def test_a_folder_that_is_not_there_or_holds_nothing_is_told_of(tmp_path: Path) -> None:
    for folder in (tmp_path / "none", tmp_path):
        with pytest.raises(NotFoundError):
            read_entities(folder)
    (tmp_path / "cn").mkdir()
    (tmp_path / "cn" / "cn-kite.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(InputError, match="UTF-8"):
        read_entities(tmp_path)
