"""Language and script of interfaces against stated places: only beyond genuine people who state the same, and naming nobody."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from samehand.attribution import (
    BEARS,
    EvidenceItem,
    Stated,
    country_in_words,
    country_named,
    evidence_kinds,
    genuine_of,
    infrastructure_of,
    interface_of,
    language_evidence,
    language_odds,
    logins_of,
    reach,
    stated_of,
    times_of,
    weigh,
)
from samehand.errors import FormatError
from samehand.records import Dataset, schema_of, write_dataset


def people(count: int, abroad: int, place: str = "US", home: str = "zh-Hans", usual: str = "en") -> dict[str, Stated]:
    """So many who state a place, of whom so many have the interface of somewhere else."""
    return {f"p{k}": Stated(place, home if k < abroad else usual) for k in range(count)}


def test_an_interface_that_genuine_people_of_the_place_hardly_use_is_evidence_that_points_at_no_country() -> None:
    (item,) = language_evidence(people(40, 30), people(400, 12), "the platform")
    assert (item.kind, item.country, item.entity) == ("interface_language", "", "")
    assert item.said.startswith("Of 40 accounts that say they are in the United States, 30 have the interface zh-Hans;")


def test_a_diaspora_with_the_interface_of_home_is_no_evidence() -> None:
    assert language_evidence(people(40, 30), people(400, 260), "the platform") == []
    assert language_evidence(people(40, 12), people(400, 80), "the platform") == []


def test_an_interface_that_fits_the_place_is_no_evidence_however_alike_the_accounts_are() -> None:
    assert language_evidence(people(40, 0), people(400, 150), "the platform") == []


@pytest.mark.parametrize(("accounts", "genuine"), [(9, 400), (40, 29)])
def test_few_accounts_or_few_genuine_people_of_the_place_say_nothing(accounts: int, genuine: int) -> None:
    assert language_evidence(people(accounts, accounts), people(genuine, 0), "the platform") == []


def test_who_states_no_place_does_not_count() -> None:
    assert language_odds(people(40, 30, place=""), people(400, 12)) == []


@given(st.lists(st.sampled_from(["interface_language", "signup_traits", "working_hours", "holiday_calendar"]), max_size=12),
       st.sampled_from(["CN", "RU"]), st.sampled_from("ABCDEF"), st.integers(1, 6))  # fmt: skip
def test_languages_sign_ups_and_hours_bear_no_more_than_that_accounts_act_together(
    kinds: list[str], country: str, reliability: str, credibility: int
) -> None:
    items = [
        EvidenceItem(kind=one, said="Found.", source="somebody", reliability=reliability, credibility=credibility,
                     country=country, entity="e", group=f"g{k}")
        for k, one in enumerate(kinds)
    ]  # fmt: skip
    reached = reach(items, weigh(items), coordinated=True)
    assert (reached.level, reached.where, reached.who, reached.signable) == ("L1", "", "", False)
    assert {BEARS[evidence_kinds()[one].tells] for one in kinds} <= {"L1"}


@pytest.mark.parametrize(
    ("tag", "interface"),
    [
        ("zh-Hans-CN", "zh-Hans"), ("zh_CN", "zh-Hans"), ("zh-TW", "zh-Hant"), ("zh", "zh"), ("sr-Latn-RS", "sr-Latn"),
        ("en-US", "en"), ("EN_gb", "en"), ("fil-PH", "fil"), ("es-419", "es"), ("", ""), (None, ""), ("english", ""),
    ],
)  # fmt: skip
def test_an_interface_is_what_its_tag_says_and_no_guess(tag: str | None, interface: str) -> None:
    assert interface_of(tag) == interface


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Berlin, Germany", "DE"),
        ("USA", "US"),
        ("united kingdom", "GB"),
        ("San Francisco, CA", ""),
        ("the moon", ""),
        ("", ""),
    ],
)
def test_a_place_is_a_country_only_where_it_is_written_out(text: str, code: str) -> None:
    assert country_named(text) == code


def test_a_country_has_a_name_in_a_sentence() -> None:
    assert [country_in_words(one) for one in ("DE", "NL", "KP", "")] == [
        "Germany",
        "the Netherlands",
        "North Korea",
        "",
    ]
    with pytest.raises(FormatError, match="'XX' is no country's code"):
        country_in_words("XX")


def test_a_dataset_tells_times_log_ins_interfaces_places_and_infrastructure(tmp_path: Path) -> None:
    noon = datetime(2026, 1, 2, 12, tzinfo=UTC)
    rows = {
        "assets": [{"platform": "sim", "asset_id": one, "kind": "account", "location": "Bonn, Germany", "language": "de"}
                   for one in ("a", "b", "c")],
        "posts": [{"platform": "sim", "asset_id": "a", "post_id": "1", "posted_at": noon, "kind": "original",
                   "urls": ["https://www.kite.test/x", "//[", "Kite.test"]}],
        "logins": [{"platform": "sim", "asset_id": "a", "at": noon, "ip": "10.0.0.1", "country": "DE", "net_type": "mobile"}],
        "signups": [{"platform": "sim", "asset_id": "b", "at": noon, "locale": "zh-TW", "device_id": "D1", "country": "TW"}],
        "labels": [{"platform": "sim", "asset_id": "c", "label": "spam", "source": "x", "known_at": noon}],
    }  # fmt: skip
    with write_dataset(tmp_path / "d", name="made up") as writer:
        for table, lines in rows.items():
            writer.add(table, pa.Table.from_pylist(lines, schema_of(table)))
    dataset = Dataset.open(tmp_path / "d")

    assert {name: times.tolist() for name, times in times_of(dataset, {"sim:a", "sim:b"}).items()} == {
        "sim:a": [round(noon.timestamp() * 1e6)]
    }
    assert genuine_of(dataset, {"sim:a"}) == {"sim:b"}
    assert logins_of(dataset) == {"sim:a": {("DE", "mobile")}, "sim:b": {("TW", "")}}
    assert stated_of(dataset)["sim:a"] == Stated("DE", "de")
    assert stated_of(dataset)["sim:b"] == Stated("DE", "zh-Hant")
    assert infrastructure_of(dataset) == {"kite.test": {"sim:a"}, "10.0.0.1": {"sim:a"}, "d1": {"sim:b"}}
