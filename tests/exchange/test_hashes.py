"""Hashes that two partners compare: of what nobody can guess, and of nothing else."""

from __future__ import annotations

import uuid
from pathlib import Path

import pytest

from samehand.errors import FormatError, NotFoundError, UsageError
from samehand.exchange import hashes_of, make_exchange_key, read_exchange_key
from samehand.exchange.hashes import NEVER

KEY = bytes(range(32))


def test_two_partners_find_what_both_hold_and_nothing_else() -> None:
    mine = [str(uuid.UUID(int=(k * 0x9E3779B97F4A7C15F39CC0605CEDC834) % 2**128)) for k in range(1, 20)]
    ours, theirs = hashes_of("device", mine, KEY), hashes_of("device", [*mine[15:], "d" * 3], KEY)
    assert sorted(ours.values[one] for one in ours.values.keys() & theirs.values.keys()) == sorted(mine[15:])
    assert theirs.refused == {"it could be guessed": 1}
    assert not ours.values.keys() & hashes_of("device", mine, bytes(32)).values.keys()
    assert not ours.values.keys() & hashes_of("media_hash", mine, KEY).values.keys()


@pytest.mark.parametrize("kind", NEVER)
def test_what_whoever_holds_the_key_could_try_is_never_hashed(kind: str) -> None:
    with pytest.raises(UsageError, match="tries all there are"):
        hashes_of(kind, ["192.0.2.1"], KEY)
    with pytest.raises(UsageError, match="hashes are of"):
        hashes_of("handle", ["kite"], KEY)


@pytest.mark.parametrize(
    "value", ["1234567890123456789", "a" * 40, "kiteflyer", "", "0000-0000-0000-0000-0000", "ab" * 20]
)
def test_a_value_that_can_be_guessed_is_left_out_whatever_it_is_called(value: str) -> None:
    assert hashes_of("account", [value], KEY).values == {}


@pytest.mark.parametrize(
    "value",
    [
        "firstname.lastname@mail.example", "4915112345678@s.chat.example", "tel.+49 151 1234 5678 anna",
        "https://chat.example/+49 151 12345678", "2001-0db8-85a3-0000-0000-8a2e-0370-7334", "anna.schmidt.1987.berlin",
        "annaschmidt1987berlinmitte", "did:web:anna.schmidt.example",
    ],
)  # fmt: skip
def test_what_looks_like_a_persons_is_left_out(value: str) -> None:
    assert hashes_of("device", [value], KEY).values == {}


@pytest.mark.parametrize(
    "value",
    [
        "did:plc:ewvi7nxzyoun6zhxrhs64oiz",
        "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "Zm9vL2JhcitiYXo4OTEyMzQ1Njc=",
        "A1B2C3D4-E5F6-4789-90AB-1C2D3E4F5061",
    ],
)
def test_a_value_that_nobody_guesses_is_hashed(value: str) -> None:
    assert len(hashes_of("account", [value], KEY).values) == 1


def test_a_key_is_made_once_and_read_by_its_owner_only(tmp_path: Path) -> None:
    make_exchange_key(tmp_path / "key")
    assert len(read_exchange_key(tmp_path / "key")) == 32
    assert (tmp_path / "key").stat().st_mode & 0o077 == 0
    with pytest.raises(UsageError, match="not written over"):
        make_exchange_key(tmp_path / "key")
    (tmp_path / "no").write_text("kite")
    with pytest.raises(FormatError, match="no key"):
        read_exchange_key(tmp_path / "no")
    with pytest.raises(NotFoundError):
        read_exchange_key(tmp_path / "none")
