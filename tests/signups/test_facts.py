from __future__ import annotations

import ipaddress
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samehand.records import schema_of
from samehand.signups import COLUMNS, FACTS, FAMILIES, Fact
from samehand.signups.facts import address_levels, handle_form, handle_shape, handle_stem

BY_NAME = {fact.name: fact for fact in FACTS}


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact.name)
def test_a_fact_says_what_it_shows_and_whom_it_hits_wrongly(fact: Fact) -> None:
    assert len(fact.sees) > 10
    assert len(fact.wrongs) > 10


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact.name)
def test_what_is_missing_is_no_fact(fact: Fact) -> None:
    assert fact.read(*[None] * len(fact.columns)) is None


@pytest.mark.parametrize("fact", [f for f in FACTS if f.name not in {"pace", "hour"}], ids=lambda fact: fact.name)
def test_what_is_empty_is_no_fact(fact: Fact) -> None:
    assert fact.read(*[""] * len(fact.columns)) is None


@pytest.mark.parametrize("name", ["fit", "dial"])
@pytest.mark.parametrize("values", [("FR", None), (None, "fr-FR"), ("FR", ""), ("", "fr-FR")])
def test_half_of_a_pair_is_no_fact(name: str, values: tuple[str | None, str | None]) -> None:
    assert BY_NAME[name].read(*values) is None


def test_a_telephone_of_the_country_itself_is_no_fact_and_one_from_abroad_is() -> None:
    """Else a wave at home whose members all gave a number would look like one from elsewhere."""
    assert BY_NAME["dial"].read("FR", "FR") is None
    assert BY_NAME["dial"].read("FR", "XK") not in (None, BY_NAME["dial"].read("XK", "FR"))


def test_one_version_of_two_is_a_fact_of_its_own() -> None:
    read = BY_NAME["versions"].read

    assert len({read("9", "1"), read("9", None), read(None, "9"), read("91", None)}) == 4


def test_every_column_read_is_one_of_signups() -> None:
    assert set(COLUMNS) <= set(schema_of("signups").names)


def test_names_are_told_apart_and_every_family_has_a_fact() -> None:
    assert len({fact.name for fact in FACTS}) == len(FACTS)
    assert {fact.family for fact in FACTS} == set(FAMILIES)


@given(st.ip_addresses(v=4))
def test_a_v4_address_has_its_24_as_network(ip: ipaddress.IPv4Address) -> None:
    address, network = address_levels(str(ip))

    assert address == str(ip)
    assert network == str(ipaddress.ip_network(f"{ip}/24", strict=False).network_address).rpartition(".")[0]


_UNMAPPED = st.integers(1 << 64, 2**128 - 1).map(ipaddress.IPv6Address)


@given(_UNMAPPED)
def test_a_v6_address_has_its_64_as_network_however_it_is_written(ip: ipaddress.IPv6Address) -> None:
    levels = address_levels(str(ip))

    assert levels == address_levels(ip.exploded.upper())
    assert levels == (ip.packed.hex(), ip.packed.hex()[:16])


@given(st.ip_addresses(v=6), st.integers(0, 2**64 - 1))
def test_addresses_share_a_v6_network_exactly_where_their_first_64_bits_are_the_same(
    ip: ipaddress.IPv6Address, host: int
) -> None:
    sister = ipaddress.IPv6Address((int(ip) >> 64 << 64) | host)
    stranger = ipaddress.IPv6Address(int(ip) ^ (1 << 64))
    if ip.ipv4_mapped or sister.ipv4_mapped or stranger.ipv4_mapped:
        return

    assert address_levels(str(ip))[1] == address_levels(str(sister))[1]
    assert address_levels(str(ip))[1] != address_levels(str(stranger))[1]


@given(st.ip_addresses(v=4))
def test_a_mapped_v6_address_is_the_v4_address(ip: ipaddress.IPv4Address) -> None:
    assert address_levels(f"::ffff:{ip}") == address_levels(str(ip))


@pytest.mark.parametrize(
    "ip", ["256.1.1.1", "1.2.3", "01.2.3.4", "1.2.3.4 ", "localhost", "x" * 500, "1.2.3.4\n", "::g"]
)
def test_a_malformed_address_is_opaque(ip: str) -> None:
    assert address_levels(ip) == (ip, None)


_SMALL, _LARGE = st.sampled_from(string.ascii_lowercase), st.sampled_from(string.ascii_uppercase)
_GREEK, _DIGIT = st.sampled_from("αβγδλω"), st.sampled_from(string.digits)
_OF = {"l": _SMALL, "u": _LARGE, "x": _GREEK, "d": _DIGIT, "_": st.just("_"), ".": st.just(".")}


@given(st.data(), st.text("luxd_.", min_size=1, max_size=15))
def test_handles_of_the_same_kinds_of_letters_have_one_shape_and_one_form(data: st.DataObject, kinds: str) -> None:
    one, other = ("".join(data.draw(_OF[kind]) for kind in kinds) for _ in range(2))

    assert handle_shape(one) == handle_shape(other)
    assert handle_form(one) == handle_form(other)


@given(st.text("luxd_.", min_size=1, max_size=15), st.text("luxd_.", min_size=1, max_size=15))
def test_handles_of_other_kinds_of_letters_have_other_shapes(one: str, other: str) -> None:
    sample = str.maketrans({"l": "q", "u": "Q", "x": "λ", "d": "7"})

    assert (handle_shape(one.translate(sample)) == handle_shape(other.translate(sample))) == (one == other)


@pytest.mark.parametrize(
    ("handle", "shape", "form"),
    [
        ("Anna_84", "U1L3_D2", "UL_D2"),
        ("Annabella_84", "U1L8_D2", "UL_D2"),
        ("anna", "L4", "L"),
        ("Ёлка7", "X4D1", "XD1"),
        ("ёannaB", "X1L4U1", "XLU"),
        ("🙂🙂", "🙂🙂", "🙂🙂"),
    ],
)
def test_shapes_and_forms_as_they_are_documented(handle: str, shape: str, form: str) -> None:
    assert (handle_shape(handle), handle_form(handle)) == (shape, form)


@pytest.mark.parametrize(
    ("handle", "stem"),
    [
        ("Freedom_Maria", "freedom"),
        ("freedom99", "freedom"),
        ("_12freedom", "freedom"),
        ("ana_maria", None),
        ("1234", None),
    ],
)
def test_a_stem_is_the_first_word_of_four_letters_or_more(handle: str, stem: str | None) -> None:
    assert handle_stem(handle) == stem


@given(st.integers(2, 10**8))
def test_paces_an_octave_apart_are_told_apart_and_a_tenth_of_an_octave_is_at_most_one_step(ms: int) -> None:
    pace = BY_NAME["pace"].read

    assert int(pace(2 * ms) or "") == int(pace(ms) or "") + 2
    assert int(pace(ms + ms // 16) or "") - int(pace(ms) or "") in (0, 1)


def test_a_form_filled_in_no_time_has_a_pace() -> None:
    assert BY_NAME["pace"].read(0) == BY_NAME["pace"].read(1) == "1"
