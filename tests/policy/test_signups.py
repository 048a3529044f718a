from __future__ import annotations

import itertools
import re
from importlib.resources import files
from pathlib import Path

import pytest

from samehand.errors import FormatError, NotFoundError
from samehand.policy import DECISIONS, RUNGS, read_signup_policy

SHIPPED = files("samehand.policy").joinpath("packs/signups.toml").read_text(encoding="utf-8")


def _changed(old: str, new: str) -> str:
    """The shipped policy with one line of it changed; `old` is a pattern that begins with its table."""
    text, count = re.subn(old, new, SHIPPED, count=1, flags=re.DOTALL)
    assert count == 1
    return text


def _set(table: str, key: str, value: str) -> str:
    return _changed(rf"(\[{re.escape(table)}\][^\[]*?\n{key} = )[^\n#]+", rf"\g<1>{value} ")


def _refusal(tmp_path: Path, text: str | bytes) -> str:
    file = tmp_path / "policy.toml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(FormatError) as refused:
        read_signup_policy(file)
    assert str(refused.value).startswith(str(file))
    return str(refused.value).removeprefix(str(file))


def test_the_shipped_policy_has_a_rung_for_every_decision_but_the_mildest() -> None:
    policy = read_signup_policy()

    assert tuple(policy.ladder) == RUNGS == DECISIONS[1:]
    assert policy.version == "signups-3"


def test_a_copy_of_the_shipped_policy_reads_as_the_shipped_one(tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_text(SHIPPED, encoding="utf-8")

    assert read_signup_policy(file) == read_signup_policy()


def test_the_shipped_policy_suspends_nobody_by_itself() -> None:
    assert not read_signup_policy().ladder["suspend"].automatic


def test_a_changed_number_is_the_one_that_is_read(tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_text(_set("ladder.limit", "log_odds", "5"), encoding="utf-8")

    assert read_signup_policy(file).ladder["limit"].log_odds == 5.0


TABLES = {
    "time": ("epoch_minutes", "window_days", "baseline_days", "least_baseline_days"),
    "waves": ("false_discovery_rate", "least_members", "strong_nats"),
    "ladder.observe": ("log_odds", "families", "members", "venue"),
    "ladder.suspend": ("log_odds", "families", "members", "venue"),
    "caps": ("challenge", "limit", "review", "suspend"),
    "known_bad": ("expires_days", "hops", "prior_odds"),
    "vouching": ("vouchers", "standing_days", "a_month"),
}
KEYS = [(table, key) for table, keys in TABLES.items() for key in keys]


@pytest.mark.parametrize(("table", "key"), KEYS)
def test_a_missing_key_is_refused_by_table_and_name(tmp_path: Path, table: str, key: str) -> None:
    said = _refusal(tmp_path, _changed(rf"(\[{re.escape(table)}\][^\[]*?\n){key} = [^\n]+\n", r"\g<1>"))

    assert f"{table}: {key} is missing" in said


@pytest.mark.parametrize(("table", "key"), KEYS)
def test_a_text_where_a_number_or_a_flag_belongs_is_refused_by_table_and_name(
    tmp_path: Path, table: str, key: str
) -> None:
    assert f"{table}.{key} = 'much': write " in _refusal(tmp_path, _set(table, key, '"much"'))


@pytest.mark.parametrize("table", [*TABLES, "ladder.challenge", "ladder.limit", "ladder.review"])
def test_a_missing_table_is_refused_by_name(tmp_path: Path, table: str) -> None:
    said = _refusal(tmp_path, _changed(rf"\[{re.escape(table)}\][^\[]*", ""))

    assert f"{table}: there is no such table" in said


@pytest.mark.parametrize("table", TABLES)
def test_a_key_that_means_nothing_is_refused_by_table_and_name(tmp_path: Path, table: str) -> None:
    said = _refusal(tmp_path, _changed(rf"(\[{re.escape(table)}\][^\n]*\n)", r"\g<1>colour = 3" + "\n"))

    assert f"{table}: 'colour' means nothing here" in said


@pytest.mark.parametrize(
    ("table", "key", "value", "said"),
    [
        ("time", "epoch_minutes", "0", "time.epoch_minutes: has to be at least 1"),
        ("time", "epoch_minutes", "1.5", "time.epoch_minutes = 1.5: write a whole number"),
        ("time", "epoch_minutes", "true", "time.epoch_minutes = True: write a whole number"),
        ("time", "window_days", "0", "time.window_days: has to be more than 0"),
        ("time", "window_days", "nan", "time.window_days = nan: write a number"),
        ("time", "baseline_days", "-1", "time.baseline_days: has to be more than 0"),
        ("time", "least_baseline_days", "-7", "time.least_baseline_days: has to be 0 or more"),
        ("waves", "false_discovery_rate", "0", "waves.false_discovery_rate: has to be between 0 and 1"),
        ("waves", "false_discovery_rate", "1", "waves.false_discovery_rate: has to be between 0 and 1"),
        ("waves", "least_members", "1", "waves.least_members: has to be at least 2"),
        ("ladder.limit", "log_odds", "inf", "ladder.limit.log_odds = inf: write a number"),
        ("ladder.limit", "venue", "0", "ladder.limit.venue = 0: write true or false"),
        ("caps", "limit", "-1", "caps.limit = -1: write a whole number from 0 on"),
        ("known_bad", "hops", "3", "known_bad.hops: has to be 0, 1 or 2"),
        ("vouching", "vouchers", "0", "vouching.vouchers: has to be at least 1"),
    ],
)  # fmt: skip
def test_a_number_out_of_range_is_refused_by_table_and_name(
    tmp_path: Path, table: str, key: str, value: str, said: str
) -> None:
    assert said in _refusal(tmp_path, _set(table, key, value))


@pytest.mark.parametrize("key", ["log_odds", "families", "members"])
@pytest.mark.parametrize(("lower", "higher"), list(itertools.pairwise(RUNGS)))
def test_a_rung_that_asks_for_less_than_the_one_below_is_refused(
    tmp_path: Path, lower: str, higher: str, key: str
) -> None:
    said = _refusal(tmp_path, _set(f"ladder.{lower}", key, "40"))

    assert f"ladder.{higher}.{key}: asks for less than ladder.{lower}" in said


@pytest.mark.parametrize("rung", ["limit", "review", "suspend"])
def test_a_policy_that_goes_beyond_a_challenge_for_what_one_place_explains_is_refused(
    tmp_path: Path, rung: str
) -> None:
    assert f"ladder.{rung}.venue: " in _refusal(tmp_path, _set(f"ladder.{rung}", "venue", "true"))


def test_a_suspension_for_one_family_of_evidence_is_refused(tmp_path: Path) -> None:
    text = re.sub(r"families = \d", "families = 1", SHIPPED)

    assert "ladder.suspend.families: a suspension takes two" in _refusal(tmp_path, text)


@pytest.mark.parametrize("line", ["known_bad = false", ""])
def test_a_suspension_without_a_tie_to_accounts_taken_down_is_refused(tmp_path: Path, line: str) -> None:
    text = re.sub(r"known_bad = true[^\n]*", line, SHIPPED)

    assert "ladder.suspend.known_bad: a suspension takes a tie" in _refusal(tmp_path, text)


def test_an_unknown_rung_is_refused_with_those_that_there_are(tmp_path: Path) -> None:
    said = _refusal(tmp_path, SHIPPED.replace("[ladder.limit]", "[ladder.jail]"))

    assert "ladder: 'jail' is no rung; the rungs are observe, challenge, limit, review, suspend" in said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (SHIPPED.replace('version = "signups-3"', ""), "version is missing"),
        (SHIPPED.replace('version = "signups-3"', 'version = ""'), "version is missing"),
        (SHIPPED.replace('version = "signups-3"', "version = 1"), "version is missing"),
        (SHIPPED + "\n[colours]\nred = 1\n", "'colours' means nothing here"),
        ("ladder = 3\n" + re.sub(r"\[ladder[^\[]*", "", SHIPPED), "ladder: there is no such table"),
        ("version = ", "is no TOML"),
        (b"\xff\xfe\x00", "cannot be read as a policy"),
    ],
)  # fmt: skip
def test_what_is_no_policy_is_refused(tmp_path: Path, text: str | bytes, said: str) -> None:
    assert said in _refusal(tmp_path, text)


def test_a_policy_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match=r"none\.toml: there is no such policy file"):
        read_signup_policy(tmp_path / "none.toml")
