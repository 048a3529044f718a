"""Every ad in versions that nobody changes, found again, added up, and never lost."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from sqlalchemy import delete, text, update

from samehand.advertising import AdRecord, AdRepository, AdSearch, IraAds, Recorded, ads_table
from samehand.advertising.repository import AdVersionRow
from samehand.errors import FormatError, InputError, NotFoundError, UsageError
from samehand.store import open_store
from samehand.store.database import migrations
from tests.sources.files import DATA

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)


def _ad(ad_id: str = "1", **more: Any) -> AdRecord:
    facts: dict[str, Any] = {
        "platform": "sim", "ad_id": ad_id, "advertiser_id": "kite", "advertiser": "Kite House",
        "payer": "Top Group", "text": "Look up", "landing_url": "https://kite.test/",
        "countries": ("FR", "DE"), "targeted": ("age:18+",), "excluded": ("city:Paris",),
        "first_shown": datetime(2026, 1, 10, tzinfo=UTC), "last_shown": datetime(2026, 1, 20, tzinfo=UTC), "reach": 1_000,
        "reach_by_country": {"FR": 600, "DE": 400}, "impressions_min": 2_000, "impressions_max": 3_000, "spend_min": 10.0,
        "spend_max": 20.0, "currency": "EUR", "decision": "allow", "policy": "neutral", "media_hashes": ("sha256:aa",),
    }  # fmt: skip
    return AdRecord(**{**facts, **more})


@pytest.fixture
def ads(store_url: str) -> Iterator[AdRepository]:
    with open_store(store_url) as store:
        yield AdRepository(store, lambda: NOW)


def test_a_record_is_read_again_as_it_was(ads: AdRepository) -> None:
    assert ads.record(
        [_ad(), _ad("2", first_shown=None, last_shown=None, reach=None, reach_by_country=None)]
    ) == Recorded(2, 2, 0, 0)

    (one,) = ads.versions("sim", "1")
    assert (one.record, one.version, one.recorded_at) == (_ad(), 1, NOW)
    assert ads.versions("sim", "2")[0].record.reach is None
    assert ads.count() == 2


def test_what_differs_is_a_new_version_and_what_does_not_is_none(ads: AdRepository) -> None:
    ads.record([_ad(), _ad("2")])
    assert ads.record([_ad(status="stopped"), _ad("2"), _ad("3")]) == Recorded(3, 1, 1, 1)
    assert ads.record([_ad(status="active"), _ad(status="stopped"), _ad("9")]) == Recorded(
        3, 1, 2, 0
    )  # one ad twice in a list

    assert [one.record.status for one in ads.versions("sim", "1")] == ["active", "stopped", "active", "stopped"]
    assert [one.record.ad_id for one in ads.all()] == ["2", "3", "1", "9"]


def test_an_ad_that_was_removed_keeps_its_history_and_shows_no_content(ads: AdRepository) -> None:
    ads.record([_ad()])
    removed = ads.remove("sim", "1", "Illegal goods, rule 4.", "ada").record

    assert (removed.status, removed.removal, removed.text, removed.payer, removed.advertiser) == (
        "removed",
        "Illegal goods, rule 4.",
        "",
        "",
        "",
    )
    assert (removed.first_shown, removed.targeted, removed.reach) == (_ad().first_shown, ("age:18+",), 1_000)
    assert ads.search(AdSearch(words="look"))[0] == []
    assert ads.versions("sim", "1")[0].record.text == "Look up"
    assert ads.record([_ad()]).unchanged == 1  # a later list does not bring it back
    with pytest.raises(UsageError, match="say why"):
        ads.remove("sim", "1", " ", "ada")
    with pytest.raises(NotFoundError, match="holds no ad sim:none"):
        ads.remove("sim", "none", "x", "ada")
    with pytest.raises(UsageError, match="removed already"):
        ads.remove("sim", "1", "Rule 5.", "ada")

    assert ads.restore("sim", "1", "ben").record == _ad()
    assert len(ads.versions("sim", "1")) == 3
    with pytest.raises(UsageError, match="was not removed"):
        ads.restore("sim", "1", "ben")


def test_a_decision_about_a_known_ad_loses_nothing_else_of_it(ads: AdRepository) -> None:
    ads.record([_ad()])
    at = datetime(2026, 11, 27, tzinfo=UTC)
    decided = AdRecord(
        platform="sim", ad_id="1", decision="block", ground="state-controlled", entity_id="fr-desk", payer="Kites",
        path=("fr-desk owned_by cn-kite",), status="blocked", decided_at=at,
    )  # fmt: skip
    ads.record([decided], decided=True)
    (found,) = ads.search(AdSearch(about="cn-kite"))[0]

    assert found.record == replace(
        _ad(), decision="block", policy="", ground="state-controlled", entity_id="fr-desk", payer="Kites", status="blocked",
        path=("fr-desk owned_by cn-kite",), decided_at=at,
    )  # fmt: skip
    assert ads.record([replace(decided, decided_at=at + timedelta(days=1))], decided=True).unchanged == 1
    assert len(ads.search(AdSearch(about="fr-desk"))[0]) == 1
    assert ads.search(AdSearch(about="kite"))[0] == []


@pytest.mark.parametrize(
    "change", ["payer = 'Z'", "spend_max = 0", "recorded_at = recorded_at + 1", "body = replace(body, 'Look', 'Book')"]
)
def test_a_change_is_found_wherever_ads_are_looked_at(ads: AdRepository, change: str) -> None:
    ads.record([_ad()])
    assert ads.verify() == (1, [])
    with ads.store.writing() as session:
        session.execute(text(f"UPDATE ad_versions SET {change}"))

    for look in (lambda: ads.search(AdSearch()), lambda: list(ads.all()), lambda: ads.totals("payer")):
        with pytest.raises(InputError, match="not as it was recorded"):
            look()
    assert len(ads.verify()[1]) == 1


@pytest.mark.parametrize(
    "more", [{"spend_min": -1.0}, {"spend_min": 9.0, "spend_max": 1.0}, {"impressions_min": 5, "impressions_max": 4}]
)
def test_figures_that_cannot_be_are_refused(ads: AdRepository, more: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match="at least"):
        ads.record([_ad("7", **more)])


@pytest.mark.parametrize("tampering", ["edit", "first gone", "last gone", "all gone"])
def test_a_version_that_somebody_changed_or_took_out_is_found(ads: AdRepository, tampering: str) -> None:
    ads.record([_ad()])
    ads.record([_ad(status="stopped")])
    with ads.store.writing() as session:
        if tampering == "edit":
            session.execute(update(AdVersionRow).where(AdVersionRow.version == 1).values(body=AdVersionRow.body + " "))
        elif tampering == "all gone":
            session.execute(delete(AdVersionRow))
        else:
            session.execute(delete(AdVersionRow).where(AdVersionRow.version == (1 if tampering == "first gone" else 2)))

    with pytest.raises(InputError, match="missing"):
        ads.versions("sim", "1")


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({}, ["1", "2", "3"]), ({"words": "LOOK kite"}, ["1", "3"]), ({"words": "100% off"}, ["2"]),
        ({"words": "100_ off"}, []),
        ({"country": "de"}, ["1", "3"]), ({"country": "D"}, []), ({"payer": "Top Group"}, ["1", "3"]),
        ({"status": "stopped"}, ["3"]),
        ({"decision": "block"}, ["2"]), ({"entity_id": "cn-kite"}, ["2"]), ({"currency": "USD"}, ["2"]),
        ({"platform": "other"}, []),
        ({"shown_from": datetime(2026, 1, 20, tzinfo=UTC)}, ["1", "2", "3"]),
        ({"shown_from": datetime(2026, 1, 21, tzinfo=UTC)}, ["2"]), ({"shown_until": datetime(2026, 1, 10, tzinfo=UTC)}, []),
        ({"shown_until": datetime(2026, 1, 11, tzinfo=UTC)}, ["1", "3"]),
        ({"currency": "EUR", "least_spend": 20.0}, ["1", "3"]),
        ({"currency": "EUR", "least_spend": 20.01}, []), ({"advertiser_id": "shop"}, ["2"]),
    ],
)  # fmt: skip
def test_ads_are_found_by_what_is_asked(ads: AdRepository, wanted: dict[str, Any], found: list[str]) -> None:
    other = {
        "advertiser_id": "shop", "advertiser": "Shop", "payer": "Shop", "text": "100% off",
        "countries": ("US",), "decision": "block",
        "entity_id": "cn-kite", "currency": "USD", "first_shown": datetime(2026, 2, 1, tzinfo=UTC), "last_shown": None,
    }  # fmt: skip
    ads.record([_ad(), _ad("2", **other), _ad("3", status="stopped")])

    assert [one.record.ad_id for one in ads.search(AdSearch(**wanted))[0]] == found


def test_whoever_pages_misses_no_ad_whatever_is_recorded_meanwhile(ads: AdRepository) -> None:
    ads.record([_ad(str(k)) for k in range(7)])
    seen: list[str] = []
    after: int | None = 0
    while after is not None:
        page, following = ads.search(AdSearch(), after=after, most=2)
        seen += [one.record.ad_id for one in page]
        if after == 0:
            ads.record([_ad("0", status="stopped"), _ad("new")])
        after = following

    assert seen == ["0", "1", "2", "3", "4", "5", "6", "0", "new"]
    assert len(list(ads.all())) == 8


def test_totals_add_up_by_group_and_currency_and_say_how_many_tell(ads: AdRepository) -> None:
    ads.record([
        _ad(), _ad("2", spend_min=None, spend_max=5.0, reach=None), _ad("3", currency="USD", countries=("FR",)),
        _ad("4", spend_min=None, spend_max=None, payer=""),
    ])  # fmt: skip

    by = {(one.group, one.currency): one for one in ads.totals("country")}
    assert set(by) == {("FR", "EUR"), ("DE", "EUR"), ("FR", "USD")}
    france = by["FR", "EUR"]
    assert (france.ads, france.spend_min, france.spend_max, france.told_spend) == (3, 15.0, 25.0, 2)
    assert (france.impressions_min, france.impressions_max, france.reach, france.told_reach) == (6_000, 9_000, 2_000, 2)
    assert [(one.group, one.ads) for one in ads.totals("payer", AdSearch(currency="EUR"))] == [
        ("Top Group", 2),
        ("", 1),
    ]
    assert [one.group for one in ads.totals("month")] == ["2026-01", "2026-01"]
    with pytest.raises(UsageError, match="added up by"):
        ads.totals("colour")  # type: ignore[arg-type]


def test_what_is_handed_out_has_a_row_an_ad(ads: AdRepository) -> None:
    ads.record([_ad(), _ad("2", reach_by_country=None, text="")])
    ads.record([_ad(status="stopped")])
    table = ads_table(ads.all())

    assert isinstance(table, pa.Table)
    first, second = table.to_pylist()
    assert (first["ad_id"], first["text"], first["reach_by_country"]) == ("2", None, None)
    assert (second["version"], second["status"], second["countries"]) == (2, "stopped", ["FR", "DE"])
    assert (second["reach_by_country"], second["excluded"]) == ('{"DE": 400, "FR": 600}', ["city:Paris"])


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"ad_id": ""}, "bears a platform"),
        ({"platform": "p" * 41}, "bears a platform"),
        ({"status": "gone"}, "not gone"),
        ({"last_shown": datetime(2025, 1, 1, tzinfo=UTC)}, "until before"),
    ],
)
def test_a_record_that_makes_no_sense_is_refused(ads: AdRepository, more: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        ads.record([_ad(**more)])
    with pytest.raises(UsageError, match="name the currency"):
        ads.search(AdSearch(least_spend=1.0))
    assert ads.count() == 0


# --- the ads that were released


def _ira(path: Path, ads: list[tuple[Any, ...]]) -> Path:
    with sqlite3.connect(path) as file:
        file.execute(
            "CREATE TABLE ads (id INTEGER PRIMARY KEY, pdf, image, clicks, impressions, text, url, spend_amount, "
            "spend_currency, created, ended)"
        )
        file.execute("CREATE TABLE targets (id TEXT PRIMARY KEY, name TEXT, category TEXT, prefix TEXT)")
        file.execute("CREATE TABLE ad_targets (target_id TEXT, ad_id INTEGER)")
        file.executemany("INSERT INTO ads VALUES (?, '', '', 3, 50, ?, 'https://page.test', '1.50', 'RUB', ?, ?)", ads)
        file.executemany("INSERT INTO targets VALUES (?, ?, ?, '')", [
            ("a", "location:united_states:Ohio", "location"), ("b", "exclude:kites", "exclude"),
        ])  # fmt: skip
        file.executemany("INSERT INTO ad_targets VALUES (?, 1)", [("a",), ("b",)])
    file.close()
    return path


def test_a_release_is_taken_in_whole(ads: AdRepository, tmp_path: Path) -> None:
    file = IraAds(_ira(tmp_path / "ads.db", [
        (1, " Look ", "2016-01-02T00:00:00-07:00", "2016-01-03T00:00:00-07:00"),
        (2, None, "2016-01-02T00:00:00-07:00", "2015-01-01T00:00:00-07:00"),
    ]))  # fmt: skip
    ads.record(file.records())

    one, two = (ads.versions("facebook", ad_id)[0].record for ad_id in ("1", "2"))
    assert (one.text, one.first_shown, one.countries) == ("Look", datetime(2016, 1, 2, 7, tzinfo=UTC), ("US",))
    assert (one.targeted, one.excluded, one.spend_max, one.clicks) == (
        ("location:united_states:Ohio",),
        ("exclude:kites",),
        1.5,
        3,
    )
    assert (two.last_shown, two.text) == (None, "")
    assert (file.read, file.rejected, file.turned) == (2, 0, 1)


def test_another_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.db").write_text("no database, but long enough to be taken for one " * 40)
    with pytest.raises(FormatError, match="no SQLite file"):
        IraAds(tmp_path / "x.db")
    sqlite3.connect(tmp_path / "y.db").close()
    with pytest.raises(FormatError, match="has no column"):
        IraAds(tmp_path / "y.db")
    with pytest.raises(NotFoundError):
        IraAds(tmp_path / "none.db")


@pytest.mark.data
@pytest.mark.skipif(not DATA.is_dir(), reason="the shared data folder is not there")
def test_the_release_has_its_3498_ads_and_what_they_cost(tmp_path: Path) -> None:
    with open_store(f"sqlite:///{tmp_path}/store.sqlite") as store:
        ads, file = AdRepository(store, lambda: NOW), IraAds(DATA / "ira-ads" / "russian-ads.db")
        assert ads.record(file.records()) == Recorded(3_498, 3_498, 0, 0)
        totals = {one.currency: (one.ads, round(one.spend_max, 2)) for one in ads.totals("currency")}

    assert totals == {"RUB": (2_533, 5_822_554.92), "USD": (965, 109.33)}
    assert (file.read, file.rejected, file.turned) == (3_498, 0, 202)


def test_ads_that_an_older_store_holds_are_whole_after_its_schema_was_brought_up_to_date(store_url: str) -> None:
    """The schema is taken down to where versions were hashed otherwise, which is how an older store has them, and up again."""
    from alembic import command

    with open_store(store_url) as store:
        ads = AdRepository(store, lambda: NOW)
        ads.record([_ad(entity_id="cn-kite"), _ad("2")])
        ads.record([_ad(entity_id="cn-kite", status="stopped")])
        with store.engine.begin() as connection:
            command.downgrade(migrations(connection), "0008")
            connection.execute(
                text("UPDATE ad_versions SET hash = 'older', before = CASE version WHEN 1 THEN '' ELSE 'older' END")
            )
    with open_store(store_url) as store:
        ads = AdRepository(store, lambda: NOW)
        assert ads.verify() == (3, [])
        assert [one.record.ad_id for one in ads.search(AdSearch(about="cn-kite"))[0]] == ["1"]
