"""Lists of others: every row is kept, merged or rejected with a reason, and what one of them says blocks nobody."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from samehand.advertising import Advertiser, Gate, Layer, Name, combine, read_hamilton, read_layer, read_matrix
from samehand.errors import FormatError, NotFoundError, UsageError
from samehand.policy import read_ad_pack
from tests.advertising.made_up import DAY, HELD, assessed, asset, entity, span
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
