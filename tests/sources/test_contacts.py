"""Addresses and numbers become shapes, from which nobody is found."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samehand.sources.contacts import email_shape, phone_shape


@pytest.mark.parametrize(
    ("address", "shape"),
    [
        ("anna.lee84@Mail.Example", ("mail.example", "L4.L3D2")),
        ("a__b+7@x.org", ("x.org", "L1__L1+D1")),
        ("Žofie@x.org", ("x.org", "L5")),
        ('"odd@name"@x.org', ("x.org", '"L3@L4"')),
        ("no address", (None, None)),
        ("@x.org", (None, None)),
        ("ann@", (None, None)),
    ],
)
def test_an_address_becomes_its_domain_and_the_shape_of_its_name(
    address: str, shape: tuple[str | None, str | None]
) -> None:
    assert shape == email_shape(address)


@given(st.text(min_size=1))
def test_no_letter_or_digit_of_a_name_is_in_its_shape(name: str) -> None:
    shape = email_shape(f"{name}@x.org")[1]

    assert shape is None or {c for c in shape if c.isalpha()} <= {"L", "D"}
    assert shape is None or shape.isascii()


@pytest.mark.parametrize(
    ("number", "shape"),
    [
        ("4915112345678", ("+491511234", "DE")),
        ("+1 202 555 0123", ("+1202555", "US")),
        ("77011234567", ("+7701123", "KZ")),
        ("99999999999999", (None, None)),
        ("soon", (None, None)),
        ("", (None, None)),
    ],
)
def test_a_number_becomes_its_prefix_and_country(number: str, shape: tuple[str | None, str | None]) -> None:
    assert shape == phone_shape(number)
