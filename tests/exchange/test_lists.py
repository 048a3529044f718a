"""Tables of indicators as they are about, and Meta's own."""

from __future__ import annotations

from pathlib import Path

import pytest

from samehand.errors import FormatError, NotFoundError
from samehand.exchange import FORMS, Indicator, TipDraft, bundle_of, indicator_table, misp_event, read_tips, tip_objects
from samehand.exchange.drafts import Refused
from samehand.exchange.killchain import step_of
from samehand.exchange.lists import slug_of
from tests.exchange.made_up import NAMED, NOON
from tests.sources.files import DATA

META = sorted((DATA / "meta-indicators").glob("*.csv"))


def _read(folder: Path, text: str, name: str = "Kite_List #1.csv") -> TipDraft:
    (folder / name).write_text(text, "utf-8")
    (found,) = read_tips(folder / name)
    return found


def test_dirty_headers_tactics_and_rows_are_read_and_counted(tmp_path: Path) -> None:
    found = _read(
        tmp_path,
        "Tactic ,Technique,Procedure,Indicator,Commernts\n"
        "0. Acqiuring Assets,0.6 Acquiring domains,0.6.2 Acquiring domains to support influence operations,kite[.]com,Spoofs\n"
        "1 Acquiring assets,0.9 Acquiring social media assets,0.9.1 Acquiring Facebook assets,63 accounts,\n"
        ",,,,\n"
        "9. Enabling longevity,9.5 Replacing infrastructure,9.5.3 Using redirect domains,KITE[.]com ,\n"
        "9. Enabling longevity,9.5 Replacing infrastructure,9.5.3 Using redirect domains,kite[.]com,again\n"
        "5. Evading detection,5.2 Camouflaging content,,,\n"
        "0. Acquiring assets,0.9 Acquiring social media accounts,0.9.2 Acquiring Instagram accounts,@kite.flyer,\n",
    )
    assert (found.read, len(found.indicators), found.merged, found.refused) == (
        7,
        5,
        1,
        (Refused(3, "the row is empty"),),
    )
    assert [(one.kind, one.platform, one.value, one.phase) for one in found.indicators] == [
        ("domain", "", "kite.com", 0), ("count", "", "63 accounts", 0), ("domain", "", "kite.com", 9),
        ("technique", "", "5.2 Camouflaging content", 5), ("account", "instagram", "kite.flyer", 0),
    ]  # fmt: skip
    assert (found.indicators[0].comment, found.indicators[0].raw, found.indicators[2].raw) == (
        "Spoofs",
        "kite[.]com",
        "KITE[.]com ",
    )
    assert (found.ref, found.title) == ("kite-list-1", "Kite List #1")


def test_what_is_said_beside_rows_that_are_merged_is_kept_and_every_row_comes_back(tmp_path: Path) -> None:
    found = _read(
        tmp_path,
        "Tactic,Technique,Procedure,Indicator,Comment,Notes,Other\n,,,kite[.]com,first,and more,\n,,,KITE.com,second,,\n"
        ",,,kite.com,first,and more,\n,,,,It posted at night,,\n,,,,,,x\n",
    )  # fmt: skip
    assert [(one.kind, one.value, one.comment) for one in found.indicators] == [
        ("domain", "kite.com", "first; and more; second"), ("technique", "It posted at night", "It posted at night"),
    ]  # fmt: skip
    assert (found.read, found.merged, [(one.row, one.raw) for one in found.refused]) == (5, 2, [(5, "x")])
    for name, text in (
        ("b.json", bundle_of(tip_objects(found, tlp="clear", source="a", received=NOON))),
        ("e.json", misp_event(found, tlp="clear", source="a", received=NOON)),
    ):
        (tmp_path / name).write_text(text, "utf-8")
        (again,) = read_tips(tmp_path / name)
        assert set(again.indicators) == set(found.indicators)


def test_typed_values_keep_their_type_where_it_says_more_than_the_value(tmp_path: Path) -> None:
    found = _read(
        tmp_path,
        "indicator_type,indicator_value,comment,ds\nandroid_package_name,com.kite.fly,,2022-04-06\ndomain_name,kite[.]com,x,2022-04-06\n"
        "ios_app_id,1623362126,,\nmd5,v21b,,\n",
    )
    assert [(one.kind, one.value) for one in found.indicators] == [
        ("app", "com.kite.fly"), ("domain", "kite.com"), ("app", "1623362126"), ("note", "v21b")
    ]  # fmt: skip
    assert str(found.indicators[0].seen) == "2022-04-06"


@pytest.mark.parametrize(
    ("said", "phase"),
    [
        (("9. Enabling longevity", "9.5 Replacing", ""), 9), (("1 Acquiring assets", "0.9 Acquiring", "0.9.1 Acquiring"), 0),
        (("0 Acquiring Assets", "", ""), 0), (("acquiring ASSETS", "", ""), 0), (("7", "", ""), 7), (("", "", ""), None),
        (("44. What", "", ""), None), (("", "12.5 What", ""), None),
    ],
)  # fmt: skip
def test_a_row_stands_where_its_numbers_and_names_say(said: tuple[str, str, str], phase: int | None) -> None:
    assert step_of(*said).phase == phase


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.csv", "name,value\nx,y\n", "it needs the columns tactic"), ("a.txt", "", "is empty"),
        ("a.txt", "nothing here\nor here\n", "no line of it is a domain"),
        ("a.json", "{", "no STIX bundle .* and no MISP event"),
        ("a.json", '{"Event"', "no JSON"),
        ("a.json", '{"objects": 7}', "no list 'objects'"), ("a.json", '{"Event": {}}', "no MISP event"),
        ("a.json", "[1]", "no MISP event"),
    ],
)  # fmt: skip
def test_what_is_no_list_is_refused(tmp_path: Path, name: str, text: str, said: str) -> None:
    (tmp_path / name).write_text(text, "utf-8")
    with pytest.raises(FormatError, match=said):
        read_tips(tmp_path / name)
    with pytest.raises(NotFoundError):
        read_tips(tmp_path / "none.csv")


def test_a_plain_list_is_read_line_by_line(tmp_path: Path) -> None:
    found = _read(tmp_path, "# kites\nkite[.]com\n\nt[.]me/kites\nkite.com\n", "kites.txt")
    assert [(one.kind, one.value, one.row) for one in found.indicators] == [
        ("domain", "kite.com", 2),
        ("account", "kites", 4),
    ]
    assert (found.read, found.merged, len(found.refused)) == (5, 1, 2)


@pytest.mark.parametrize("form", FORMS)
def test_a_table_that_is_written_is_read_as_it_was(tmp_path: Path, form: str) -> None:
    held = [
        one
        for one in NAMED
        if not one.revoked and one.kind not in ("pattern", "technique" if form == "indicators" else "app")
    ]
    text, left = indicator_table(NAMED, form)  # type: ignore[arg-type]
    assert left == len(NAMED) - len(held)
    again = _read(tmp_path, text)

    def told(one: Indicator) -> tuple[object, ...]:
        return (
            (*one.key, one.phase, one.comment)
            if form == "kill-chain"
            else (one.kind, one.platform, one.value, one.comment, one.seen)
        )

    assert [told(one) for one in again.indicators] == [told(one) for one in held]
    assert "kite-news[.]test" in text
    assert "kite-news.test" not in text.replace("kite@", "")


def test_names_of_files_become_names_that_stay() -> None:
    assert slug_of("Q2_2023_Türkiye-based_CIB_network_1.csv") == "q2-2023-turkiye-based-cib-network-1"
    assert slug_of("#&.csv") == "list"


# --- Meta's own


@pytest.mark.skipif(not META, reason="the shared data is not here")
def test_every_row_of_metas_lists_is_accounted_for() -> None:
    drafts = [one for path in META for one in read_tips(path)]
    assert len(drafts) == 69
    assert len({one.ref for one in drafts}) == 69
    assert sum(one.read for one in drafts) == 11_620
    for one in drafts:
        assert one.read == len(one.indicators) + one.merged + len(one.refused)
    assert {refused.reason for one in drafts for refused in one.refused} == {"the row is empty"}
    assert sum(len(one.refused) for one in drafts) == 210
    steps = [found for one in drafts if one.form == "kill-chain" for found in one.indicators]
    assert all(found.phase is not None for found in steps)
    assert sum(found.kind == "account" for found in steps) > 500


@pytest.mark.skipif(not META, reason="the shared data is not here")
@pytest.mark.parametrize("path", META, ids=lambda path: slug_of(path.name))
def test_metas_lists_are_written_in_their_own_form_and_read_again(tmp_path: Path, path: Path) -> None:
    (found,) = read_tips(path)
    text, left = indicator_table(found.indicators, found.form)  # type: ignore[arg-type]
    again = _read(tmp_path, text)

    assert left == 0
    assert {(*one.key, one.phase, one.comment, one.seen) for one in again.indicators} == {
        (*one.key, one.phase, one.comment, one.seen) for one in found.indicators
    }
