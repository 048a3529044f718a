"""Lists of others: every row is kept, merged or rejected with a reason, and what one of them says blocks nobody."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from samehand.advertising import (
    Advertiser,
    Gate,
    Layer,
    Name,
    combine,
    followthemoney_lines,
    read_followthemoney,
    read_hamilton,
    read_layer,
    read_matrix,
)
from samehand.errors import FormatError, NotFoundError, UsageError
from samehand.policy import read_ad_pack
from tests.advertising.made_up import DAY, HELD, assessed, asset, entity, link, registry, span
from tests.sources.files import DATA

MATRIX = """Region,Country,Media company,Main assets,URL,Typology,Twitter Link
Asia,China,Kite House,Kite One,https://www.kite.test.com/en,SC,
Asia,China,Kite House,Kite Two,https://two.kite.test.com,SC,
Asia,China,Mixed House,Mixed,https://facebook.com/mixed,SC,
Asia,China,Mixed House,Mixed Radio,,CaPu,
Asia,Atlantis,Deep House,Deep,,SC,
Asia,China,Doubt House,Doubt,,ISFM?,
Asia,China,Silent House,Silent,,,
Europe,France,Air House,Air,https://air.test.com,ISFM,
"""
HAMILTON = """Category,Account Type,Name,"Position, Notes, or Reason for Inclusion",Twitter ID,Facebook ID,\xa0TikTok
China,Media,Kite House,,KiteOfficial,kite.fb,kitetok
China,Media,Kite House,,KiteSport,,
China,Diplomatic/Government,Some Embassy,,embassy,,
China,Media,,,nobody,,
China,Media,Lone House,Some Committee,lonehouse,,
"""


def _matrix(folder: Path, text: str = MATRIX) -> Layer:
    (folder / "matrix.csv").write_text(text, "utf-8")
    return read_matrix(folder / "matrix.csv", date(2026, 1, 1))


def _hamilton(folder: Path, text: str = HAMILTON) -> Layer:
    (folder / "hamilton.csv").write_text(text, "utf-8-sig")
    return read_hamilton(folder / "hamilton.csv", date(2026, 1, 1))


def test_rows_of_one_outlet_are_one_and_every_row_is_counted(tmp_path: Path) -> None:
    layer = _matrix(tmp_path)

    assert layer.read == layer.kept + layer.merged + sum(layer.rejected.values()) == 8
    assert layer.rejected == {
        "'Atlantis' is no country that is known": 1, "its code is marked as doubtful": 1, "it states no code": 1
    }  # fmt: skip
    kite, mixed, air = layer.entities
    assert (kite.entity_id, [one.text for one in kite.names]) == (
        "cn-kite-house",
        ["Kite House", "Kite One", "Kite Two"],
    )
    assert [one.value for one in kite.assets] == ["kite.test.com", "two.kite.test.com"]
    assert [one.assessments[0].code for one in (kite, mixed, air)] == ["SC", None, "ISFM"]
    assert mixed.assessments[0].answers["funding"].value == "unclear"
    assert mixed.assets == ()  # a page on somebody else's host is nobody's domain
    assert kite.citations[0].states == "It states SC for Kite House of China."


def test_accounts_of_one_outlet_are_one_and_those_of_officials_are_left_out(tmp_path: Path) -> None:
    layer = _hamilton(tmp_path)

    assert layer.read == layer.kept + layer.merged + sum(layer.rejected.values()) == 5
    kite, lone = layer.entities
    assert {(one.platform, one.value) for one in kite.assets} == {
        ("twitter", "kiteofficial"), ("twitter", "kitesport"), ("facebook", "kite.fb"), ("tiktok", "kitetok")
    }  # fmt: skip
    assert lone.assessments[0].answers["governance"].value == "yes"
    assert lone.assessments[0].code is None


def test_one_list_alone_blocks_nobody_and_two_together_may(tmp_path: Path) -> None:
    def said(*layers: Layer) -> tuple[str, str]:
        gate = Gate(combine([], layers), read_ad_pack("neutral", DAY), DAY, HELD)
        done = gate.decide(Advertiser(landing_url="https://kite.test.com/"))
        return done.decision, done.ground

    assert said(_matrix(tmp_path)) == ("review", "too-few-sources")
    assert said(_matrix(tmp_path), _hamilton(tmp_path)) == ("block", "state-controlled")


def test_who_is_curated_stays_as_curated(tmp_path: Path) -> None:
    ours = entity(
        "cn-kite", "Kite Broadcasting", assets=(asset("domain", "kite.test.com"),), assessments=(assessed("IP"),)
    )
    by_name = entity("fr-air", names=(Name(span(), "AIR House", "fr"),), assessments=(assessed("IP"),))
    held = combine([ours, by_name], [_matrix(tmp_path), _hamilton(tmp_path)])

    assert held.entities["cn-kite"] is ours
    assert {one.layer for one in held} == {"curated", "state-media-matrix", "hamilton-2024"}
    assert "fr-air-house" not in held.entities
    assert "cn-kite-house" in held.entities  # of the other list, which shares no domain and no name with ours


@pytest.mark.parametrize("name", ["matrix", "hamilton"])
def test_a_file_that_is_another_one_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "x.csv").write_text("a,b\n1,2\n", "utf-8")
    with pytest.raises(FormatError, match="it has no column"):
        read_layer(name, tmp_path / "x.csv", DAY)
    (tmp_path / "x.csv").write_bytes(b"Country\xff\n")
    with pytest.raises(FormatError, match="UTF-8"):
        read_layer(name, tmp_path / "x.csv", DAY)
    (tmp_path / "x.csv").write_text(MATRIX + 'Asia,"China', "utf-8")
    with pytest.raises(FormatError, match=r"quote that does not end|no column"):
        read_layer(name, tmp_path / "x.csv", DAY)
    with pytest.raises(NotFoundError):
        read_layer(name, tmp_path / "none.csv", DAY)
    with pytest.raises(UsageError, match="no list is called 'other'"):
        read_layer("other", tmp_path / "x.csv", DAY)


@pytest.mark.data
@pytest.mark.skipif(not DATA.is_dir(), reason="the shared data folder is not there")
def test_the_lists_as_they_were_published_are_read_to_the_last_row() -> None:
    matrix = read_matrix(DATA / "state-media" / "State_Media_Matrix.csv", DAY)
    hamilton = read_hamilton(DATA / "state-media" / "Hamilton_Account_List2024.csv", DAY)

    assert (matrix.read, matrix.kept, matrix.merged, sum(matrix.rejected.values())) == (1_157, 629, 523, 5)
    assert (hamilton.read, hamilton.kept, hamilton.merged, sum(hamilton.rejected.values())) == (2_546, 887, 47, 1_612)
    assert all("no country" not in reason for reason in (*matrix.rejected, *hamilton.rejected))


def _ftm(folder: Path, *objects: Any) -> Layer:
    (folder / "list.jsonl").write_text("".join(f"{json.dumps(one)}\n" for one in objects), "utf-8")
    return read_followthemoney(folder / "list.jsonl", date(2026, 1, 1))


def _object(key: str, schema: str, **properties: Any) -> dict[str, Any]:
    return {"id": key, "schema": schema, "properties": properties}


OWNERS = (
    _object("NK-1", "Organization", name=["Kite House"], country=["cn"], website=["https://www.kite.test.com/"]),
    _object(
        "NK-2", "Company", name=["Kite Berlin GmbH"], alias=["Kite B"], country=["de"], website=["http://kiteb.test.com"],
        registrationNumber=["HRB 9"], leiCode=["LEI9"],
    ),
    _object("NK-2", "Company", name=["Kite Berlin"], country=["de"]),
    _object("NK-3", "Person", name=["Somebody"], country=["de"]), _object("NK-4", "Vessel", name=["Kite"]),
    _object("NK-5", "Company", name=["Nowhere"]),
    _object("o1", "Ownership", asset=["NK-2"], owner=["NK-1"], percentage=["51 %"], startDate=["2019"], endDate=["2023-05"],
            sourceUrl=["https://register.test.com/9"]),
    _object("o2", "Ownership", asset=["NK-2"], owner=["NK-3"]),
    _object("a1", "UserAccount", service=["Twitter"], username=["@KiteBerlin"], owner=["NK-2"]),
    _object("a2", "UserAccount", service=["Twitter"], username=["@Nobody"]),
)  # fmt: skip


def test_a_list_of_owners_is_taken_in_without_persons_and_every_object_is_counted(tmp_path: Path) -> None:
    layer = _ftm(tmp_path, *OWNERS)

    assert layer.read == layer.kept + layer.merged + sum(layer.rejected.values()) == 10
    assert layer.rejected == {
        "it is a person": 1, "a Vessel is nothing that the registry holds": 1,
        "it has no name, or no country that is known": 1, "a link of somebody who is not in the list": 1,
        "an account of nobody in the list, or without service or name": 1,
    }  # fmt: skip
    house, berlin = layer.entities
    assert [(one.platform, one.value) for one in berlin.assets] == [
        ("domain", "kiteb.test.com"),
        ("twitter", "kiteberlin"),
    ]
    assert [(one.kind, one.value, one.country) for one in berlin.identifiers] == [
        ("lei", "LEI9", None), ("registration", "HRB 9", "DE"),
    ]  # fmt: skip
    (owned,) = berlin.links
    assert (owned.kind, owned.target, owned.percent) == ("owned_by", house.entity_id, 51)
    assert (owned.span.since, owned.span.until, owned.read) == (date(2019, 1, 1), date(2023, 6, 1), False)


def test_what_a_list_of_owners_ties_to_a_blocked_outlet_goes_to_a_person(tmp_path: Path) -> None:
    curated = entity("cn-kite", "Kite House", assessments=(assessed("SC"),), assets=(asset("domain", "kite.test.com"),))
    everything = combine([curated], [_ftm(tmp_path, *OWNERS)])

    day = date(2021, 6, 1)
    gate = Gate(everything, read_ad_pack("neutral", day), day, HELD)
    done = gate.decide(Advertiser(landing_url="https://kiteb.test.com/"))
    assert (done.decision, done.ground, done.path) == (
        "review", "link-not-shown", ("de-kite-berlin owned_by cn-kite",),
    )  # fmt: skip
    assert gate.decide(Advertiser(landing_url="https://kite.test.com/")).decision == "block"


def test_what_we_hand_out_comes_back_as_it_was(tmp_path: Path) -> None:
    ours = registry(
        entity(
            "cn-kite", "Kite House", names=(Name(span(), "Kite House", "en"), Name(span(), "KH", "en", "acronym")),
            assets=(asset("domain", "kite.test.com"), asset("twitter", "kitehouse")),
        ),
        entity(
            "fr-desk", "Desk", links=(link("successor_of", "cn-kite", when=span(date(2019, 1, 1), date(2022, 3, 1))),)
        ),
    )  # fmt: skip
    (tmp_path / "ours.jsonl").write_text("\n".join(followthemoney_lines(ours, date(2021, 1, 1), HELD)), "utf-8")
    again = {one.entity_id: one for one in read_followthemoney(tmp_path / "ours.jsonl", HELD).entities}

    assert again.keys() == ours.entities.keys()
    for key, one in ours.entities.items():
        assert [(name.text, name.kind) for name in again[key].names] == [(name.text, name.kind) for name in one.names]
        assert [(a.platform, a.value) for a in again[key].assets] == [(a.platform, a.value) for a in one.assets]
        assert [(n.kind, n.target, n.span.since, n.span.until) for n in again[key].links] == [
            (n.kind, n.target, n.span.since, n.span.until) for n in one.links
        ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"id": "a", "schema": "Company", "properties": {}}\n{"id": 7}', "line 2: it is no object"),
        ("not json", "line 1.*no JSON"), ("[]", "line 1.*needs id, schema and properties"),
        ('"' + "k" * 2_000_000 + '"', "line 1.*longer than 1,024 KiB"),
        ("\udcff".encode("utf-8", "surrogateescape"), "no JSON"),
    ],
)  # fmt: skip
def test_what_is_no_such_list_is_refused_with_its_line(tmp_path: Path, text: str | bytes, said: str) -> None:
    path = tmp_path / "list.jsonl"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(FormatError, match=said):
        read_layer("ftm", path, HELD)
