from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from hypothesis import given
from hypothesis import strategies as st

from samehand.records import empty_table
from samehand.signups import FACTS
from samehand.signups.coding import FACT_NUMBER, code_rows, hash_of
from tests.signups.streams import OTHER_RING, decided, in_order, people, scripted, signup, stream_of, table_of

KEY, OTHER = b"k" * 32, b"q" * 32
SMALL, LARGE = "abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
ARABIC = "ابتثجحخدذرزسشصضطظعغفقكلمنهوي"


@given(st.text(max_size=20))
def test_the_same_value_of_two_facts_never_has_the_same_hash(value: str) -> None:
    names = [*FACT_NUMBER, "locale", "country", "account"]

    assert len({hash_of(name, value, KEY) for name in names}) == len(names)


@given(st.text(max_size=20), st.text(max_size=20))
def test_hashes_are_the_same_exactly_where_values_are(one: str, other: str) -> None:
    assert (hash_of("client", one, KEY) == hash_of("client", other, KEY)) == (one == other)


@given(st.text(max_size=20))
def test_another_key_gives_another_hash(value: str) -> None:
    assert hash_of("client", value, KEY) != hash_of("client", value, OTHER)


def test_no_hash_of_a_table_is_the_same_under_another_key() -> None:
    rows = people().slice(0, 500)
    one, other = code_rows(rows, KEY), code_rows(rows, OTHER)

    assert not np.intersect1d(one.facts[one.facts > 0], other.facts[other.facts > 0]).size
    assert ((one.facts == 0) == (other.facts == 0)).all()


def test_rows_are_coded_as_each_fact_reads_them_by_itself() -> None:
    rows = people().slice(0, 200)
    expected = [
        [
            0 if (value := fact.read(*(row[name] for name in fact.columns))) is None else hash_of(fact.name, value, KEY)
            for fact in FACTS
        ]
        for row in ({**row, "at": row["at"].hour} for row in rows.to_pylist())
    ]

    assert code_rows(rows, KEY).facts.tolist() == expected


def test_what_is_missing_or_empty_is_0() -> None:
    empty = dict.fromkeys(("ip", "username", "locale", "country", "device_id", "referrer", "phone_country"), "")
    coded = code_rows(table_of([signup(1, 0), signup(2, 0, **empty)]), KEY)

    assert np.flatnonzero(coded.facts.any(axis=0)).tolist() == [FACT_NUMBER["hour"]]
    assert not coded.strata.any()
    assert coded.net_type.tolist() == [-1, -1]


def test_a_column_that_is_not_there_is_missing_everywhere() -> None:
    rows = people().slice(0, 100)
    whole, partly = code_rows(rows, KEY), code_rows(rows.drop_columns(["ip", "country"]), KEY)
    without = [FACT_NUMBER[name] for name in ("address", "network", "fit", "dial")]
    rest = [k for k in range(len(FACTS)) if k not in without]

    assert not partly.facts[:, without].any()
    assert (partly.facts[:, rest] == whole.facts[:, rest]).all()


def test_no_rows_are_coded_as_none() -> None:
    assert len(code_rows(empty_table("signups"), KEY)) == 0


def _scene() -> pa.Table:
    return in_order(people(), scripted(40, 15.0))


def test_decisions_do_not_depend_on_the_key() -> None:
    one = decided(_scene())
    other = decided(_scene(), stream_of(ring=OTHER_RING))

    assert one.equals(other)
    assert pc.any(pc.equal(one["decision"], "limit")).as_py()


def _turned(alphabet: str, by: int) -> dict[str, str]:
    return {letter: alphabet[(place + by) % len(alphabet)] for place, letter in enumerate(alphabet)}


def _other_words(table: pa.Table) -> pa.Table:
    """One-to-one: every letter of names is another one of its case and script; domains, languages and links are others."""
    # small and large letters turn together: a word is the same word however it is written
    letters = str.maketrans(_turned(SMALL, 7) | _turned(LARGE, 7) | _turned(ARABIC, 5))
    columns: dict[str, Any] = {name: table[name] for name in table.column_names}
    for name in ("username", "display_name"):
        columns[name] = pa.array([None if v is None else v.translate(letters) for v in table[name].to_pylist()])
    for name in ("email_domain", "locale", "referrer"):
        columns[name] = pa.array([None if v is None else f"?{v[::-1]}" for v in table[name].to_pylist()], pa.string())
    return pa.table(columns, schema=table.schema)


def test_what_names_languages_mail_and_links_say_changes_no_decision_and_no_score() -> None:
    table = _scene()
    other = _other_words(table)

    assert pc.mean(pc.equal(table["username"], other["username"])).as_py() < 0.01
    assert decided(table).equals(decided(other))
