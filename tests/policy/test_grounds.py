"""Packs say what each ground requires; what is no pack is told, and what a pack may not be is found."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import pytest

from samehand.errors import FormatError, NotFoundError
from samehand.policy import ACTIONS, Action, Pack, PackChange, compare_packs, lint_pack, parse_pack, read_pack, unmet

PACK = read_pack()


@dataclass(frozen=True)
class Shown:
    """What a case has to show."""

    verdicts: dict[str, str] = field(default_factory=lambda: {"coordinated": "strong", "inauthentic": "strong"})
    groups: dict[str, int] = field(default_factory=lambda: {"coordinated": 3, "inauthentic": 2})
    flagged: bool = True
    known_bad: bool = True
    attribution: str = "L5"


ALL = Shown()
COORDINATION = Shown({"coordinated": "strong"}, {"coordinated": 9}, known_bad=False, attribution="L0")


def _changed(old: str, new: str) -> Pack:
    assert PACK.text.count(old) >= 1
    return parse_pack(PACK.text.replace(old, new, 1), "changed")


def test_the_shipped_pack_is_sound() -> None:
    assert lint_pack(PACK) == ()
    assert set(PACK.grounds) == {
        "spam", "fake_accounts", "coordinated_inauthentic", "attributed_activity", "ban_evasion", "signup_wave",
    }  # fmt: skip


@pytest.mark.parametrize("ground", list(PACK.grounds))
def test_a_ground_is_met_up_to_what_it_allows(ground: str) -> None:
    strongest = ACTIONS.index(PACK.grounds[ground].strongest)
    for place, action in enumerate(ACTIONS):
        words = unmet(PACK, ground, action, ALL)
        assert (words == ()) == (place <= strongest)


@pytest.mark.parametrize("ground", list(PACK.grounds))
@pytest.mark.parametrize("action", ["suspend", "remove"])
def test_coordination_alone_meets_no_ground_to_suspend_or_remove(ground: str, action: Action) -> None:
    assert unmet(PACK, ground, action, COORDINATION)


@pytest.mark.parametrize(
    ("ground", "shown", "says"),
    [
        ("spam", Shown({"coordinated": "some", "inauthentic": "some"}), "coordinated is some, and has to be strong"),
        (
            "fake_accounts",
            Shown(groups={"inauthentic": 1}),
            "1 independent groups of findings are strongly inauthentic, and 2",
        ),
        ("coordinated_inauthentic", Shown(flagged=False), "no network of the case is flagged"),
        ("attributed_activity", Shown(attribution="L4"), "the operator is named at L4, and L5 is needed"),
        ("ban_evasion", Shown(known_bad=False), "nothing ties it to accounts that were taken down"),
        ("fake_accounts", Shown(verdicts={}), "coordinated is unknown, and has to be some"),
    ],
)
def test_what_is_missing_is_said(ground: str, shown: Shown, says: str) -> None:
    assert any(says in words for words in unmet(PACK, ground, "suspend", shown))


def test_a_pack_is_in_force_from_its_first_day_to_its_last() -> None:
    pack = _changed("valid_from = 2026-11-01", "valid_from = 2026-11-01\nvalid_until = 2026-11-30")

    days = [date(2026, 10, 31) + timedelta(days=k) for k in range(32)]
    assert [pack.is_in_force(day) for day in days] == [False, *[True] * 30, False]


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('pack = "platform-manipulation"\n', "", "pack has to be a text; it is missing"),
        ("valid_from = 2026-11-01", 'valid_from = "soon"', "valid_from has to be a date"),
        ("valid_from = 2026-11-01", "valid_from = 2026-11-01\nvalid_until = 2026-10-01", "valid_until is before"),
        ('strongest = "suspend"', 'strongest = "banish"', "grounds.spam: strongest is one of observe, challenge"),
        ("human = true", 'human = "yes"', "grounds.spam: human has to be true or false"),
        ('title = "Spam"', 'titel = "Spam"', "grounds.spam: nothing is called titel here"),
        (
            'axis = "coordinated", least = "strong"',
            'axis = "opinion", least = "strong"',
            "requirement 1: axis is one of",
        ),
        ('axis = "coordinated", least = "strong"', 'axis = "coordinated"', "an axis goes with"),
        ('axis = "coordinated", least = "strong"', 'least = "strong"', "an axis goes with"),
        ("groups = 2", "groups = true", "groups has to be a whole number"),
        ("[grounds.spam]", "[grounds.spam", "is no TOML"),
    ],
)
def test_what_is_no_pack_is_told_where_and_why(old: str, new: str, says: str) -> None:
    with pytest.raises(FormatError, match=r".*") as told:
        _changed(old, new)
    assert says in str(told.value)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("human = true", "human = false", "spam: it allows suspend without a person"),
        ('  { axis = "inauthentic", least = "some" },\n', "", "spam: coordination alone meets it"),
        ("  { flagged = true },\n  { attribution = \"L5\" },\n", "", ""),
        ('{ axis = "inauthentic", least = "strong", groups = 2 },\n  { flagged = true },\n  { attribution = "L5" }',
         '{ axis = "inauthentic", least = "strong" }', "attributed_activity: a removal needs"),
        ('requires = [\n  { axis = "coordinated", least = "strong" },\n  { axis = "inauthentic", least = "some" },\n]',
         "requires = []", "spam: it requires nothing"),
    ],
)  # fmt: skip
def test_what_a_pack_may_not_be_is_found(old: str, new: str, says: str) -> None:
    wrong = lint_pack(_changed(old, new))

    assert any(says in words for words in wrong) if says else wrong == ()


def test_two_versions_differ_in_what_was_changed() -> None:
    after = _changed('strongest = "suspend"', 'strongest = "limit"')
    after = parse_pack(after.text.replace("{ known_bad = true },", ""), "after")
    after = parse_pack(after.text.replace("[grounds.signup_wave]", "[grounds.wave]"), "after")

    assert set(compare_packs(PACK, after)) == {
        PackChange("spam", "strongest", "suspend", "limit"),
        PackChange("ban_evasion", "requires", "known_bad True", None),
        PackChange("signup_wave", "ground", "A wave of sign-ups", None),
        PackChange("wave", "ground", None, "A wave of sign-ups"),
    }
    assert compare_packs(PACK, PACK) == ()


def test_a_pack_is_read_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(PACK.text)

    assert read_pack(tmp_path / "mine.toml") == PACK
    with pytest.raises(NotFoundError, match="no such policy file"):
        read_pack(tmp_path / "nowhere.toml")
    (tmp_path / "odd.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(FormatError, match="no text in UTF-8"):
        read_pack(tmp_path / "odd.toml")
