"""Notices say the same in every language, and leave nothing out."""

from __future__ import annotations

import tomllib
from datetime import UTC, date, datetime
from importlib.resources import files
from string import Template
from typing import Any

import pytest

from samehand.casework.wording import LANGUAGES, NoticeFacts, language_of, word_notice
from samehand.errors import UsageError
from samehand.policy import read_pack

PACK = read_pack()
GROUND = PACK.ground("coordinated_inauthentic")


def _facts(**more: Any) -> NoticeFacts:
    facts: dict[str, Any] = {
        "account": "a1", "platform": "sim", "reference": "ABCD-EFGH-JKMN", "contact": "appeals@sim.test",
        "at": datetime(2026, 11, 27, 12, tzinfo=UTC), "action": "suspend", "policy": PACK.version, "grounds": (GROUND,),
        "others": 935, "signs": ("creation", "profile"), "decided": "persons",
    }  # fmt: skip
    return NoticeFacts(**{**facts, **more})


def _wordings(language: str) -> dict[str, Any]:
    return tomllib.loads((files("samehand.casework") / "wordings" / f"{language}.toml").read_text("utf-8"))


def _leaves(words: dict[str, Any], under: str = "") -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in words.items():
        found |= _leaves(value, f"{under}{name}.") if isinstance(value, dict) else {f"{under}{name}": value}
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_the_same_sentences_with_the_same_values(language: str) -> None:
    english, other = _leaves(_wordings("en")), _leaves(_wordings(language))

    assert set(other) == set(english)
    assert all(value.strip() for value in other.values())
    values = {name: set(Template(value).get_identifiers()) for name, value in other.items()}
    assert values == {name: set(Template(value).get_identifiers()) for name, value in english.items()}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_ground_of_the_shipped_policy_is_worded_in_every_language(language: str) -> None:
    titles = [ground.worded(language)[0] for ground in PACK.grounds.values()]
    if language != "en":
        differ = [ground.name for ground in PACK.grounds.values() if language not in ground.translations]
        assert differ == []
    assert all(titles)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_notice_tells_what_why_who_decided_and_how_to_contest_it(language: str) -> None:
    subject, text = word_notice(_facts(until=date(2026, 12, 27)), language)
    words = _wordings(language)

    assert "a1" in subject
    for said in ("2026-11-27", "935", "ABCD-EFGH-JKMN", "appeals@sim.test", PACK.version, "2026-12-27"):
        assert said in text
    assert words["acts"]["suspend"] in text
    assert GROUND.worded(language)[0] in text
    assert words["signs"]["creation"] in text
    assert words["persons"] in text
    assert words["no_views"] in text
    assert "$" not in text + subject


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_a_machine_did_is_said_to_be_a_machines(language: str) -> None:
    words = _wordings(language)
    text = word_notice(_facts(decided="machine", grounds=(), action="limit"), language)[1]

    assert words["machine"] in text
    assert words["persons"] not in text
    assert words["ladder"] in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_taken_back_is_told_and_an_appeal_that_was_right_is_told_so(language: str) -> None:
    words = _wordings(language)

    assert words["restored_appeal"] not in word_notice(_facts(action="reverse"), language)[1]
    assert words["restored_appeal"] in word_notice(_facts(action="reverse", appealed=True), language)[1]


def test_one_account_alone_is_not_said_to_have_acted_with_others() -> None:
    text = word_notice(_facts(others=0, signs=()), "en")[1]

    assert "others" not in text
    assert "kinds of signs" not in text


@pytest.mark.parametrize(
    ("tag", "language"),
    [("de-AT", "de"), ("ZH_tw", "zh-Hant"), ("zh-HK", "zh-Hant"), ("zh", "zh-Hans"), ("zh-Hans-SG", "zh-Hans"),
     ("es-419", "es"), ("fr", "en"), ("yue", "zh-Hant"), ("EN", "en")],
)  # fmt: skip
def test_a_language_tag_leads_to_the_nearest_language(tag: str, language: str) -> None:
    assert language_of(tag) == language


@pytest.mark.parametrize("tag", ["", "  ", "de--", "x" * 40, "dé"])
def test_what_is_no_language_tag_is_refused(tag: str) -> None:
    with pytest.raises(UsageError, match="no language"):
        language_of(tag)
