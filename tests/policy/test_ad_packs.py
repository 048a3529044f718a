"""Policies of ads: the text of the day, and packs that are not sound."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from samehand.errors import FormatError, InputError, NotFoundError
from samehand.policy import ad_pack_names, parse_ad_pack, read_ad_pack

DAY = date(2026, 11, 27)
PACK = """
pack = "mine"
title = "Mine"
valid_from = 2024-01-01
sources = ["us"]
[[rules]]
name = "state"
text = "$entity is the state's."
decision = "block"
when = { codes = ["SC"] }
[[rules]]
name = "rest"
text = "A person looks at it."
decision = "review"
"""


def test_the_text_that_was_in_force_on_a_day_is_the_one_of_its_family() -> None:
    assert read_ad_pack("x-current", date(2019, 8, 19)).pack == "twitter-2019-08"
    assert read_ad_pack("x-current", date(2023, 8, 28)).pack == "twitter-2019-08"
    assert read_ad_pack("x-current", date(2023, 8, 29)).pack == "x-2023-08"
    assert read_ad_pack("x-current", DAY).pack == "x-2023-08"
    with pytest.raises(InputError, match="no text that was in force on 2019-08-18; the first is of 2019-08-19"):
        read_ad_pack("x-current", date(2019, 8, 18))


def test_a_pack_by_its_own_name_applies_on_any_day() -> None:
    assert read_ad_pack("twitter-2019-08", date(2010, 1, 1)).pack == "twitter-2019-08"
    assert {"neutral", "meta-2020", "tiktok-2024", "youtube-label"} <= set(ad_pack_names())


def test_a_file_is_a_policy_too(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(PACK, "utf-8")
    pack = read_ad_pack(str(tmp_path / "mine.toml"), DAY)

    assert [(rule.name, rule.decision, rule.codes) for rule in pack.rules] == [
        ("state", "block", frozenset({"SC"})), ("rest", "review", None)
    ]  # fmt: skip
    with pytest.raises(NotFoundError, match="there is no policy of ads 'none'"):
        read_ad_pack("none", DAY)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('codes = ["SC"]', 'codes = ["XX"]', "rules.1.when.codes"),
        ('codes = ["SC"]', 'code = ["SC"]', "rules.1.when.code"),
        ('decision = "block"', 'decision = "delete"', "rules.1.decision"),
        ('name = "rest"', 'name = "state"', "two rules are called state"),
        ('decision = "review"\n', 'decision = "review"\nwhen = { codes = ["none"] }\n', "asks for something"),
        ("valid_from = 2024-01-01", "valid_from = 2024-01-01\nvalid_until = 2023-01-01", "valid_until is before"),
        ('title = "Mine"\n', "", "title"),
        ("[[rules]]", "[[rules]", "no TOML"),
    ],
)
def test_a_pack_that_is_not_sound_is_refused_with_its_place(old: str, new: str, said: str) -> None:
    with pytest.raises(FormatError, match=r"mine\.toml") as error:
        parse_ad_pack(PACK.replace(old, new, 1), "mine.toml")
    assert said in str(error.value)
