"""A key is its holder's: sealed, in a file of their own, and good for what it signed and nothing else."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samehand.casework import Statement, make_key, read_key
from samehand.casework.keys import is_signed_by
from samehand.casework.statements import canonical
from samehand.errors import FormatError, InputError, NotFoundError, UsageError
from tests.casework.scenes import PASSPHRASE

SAYS = Statement("decision.answer", "store-1", {"decision": 7, "verdict": "approve"})


def test_a_key_that_is_read_again_signs_as_before(tmp_path: Path) -> None:
    made = make_key(tmp_path / "a.key", "ada", PASSPHRASE)
    read = read_key(tmp_path / "a.key", PASSPHRASE)

    assert (read.name, read.public) == ("ada", made.public)
    assert read.sign(SAYS) == made.sign(SAYS)
    assert is_signed_by(made.public, SAYS, read.sign(SAYS))


@pytest.mark.parametrize(
    "other",
    [
        Statement("decision.propose", "store-1", {"decision": 7, "verdict": "approve"}),
        Statement("decision.answer", "store-2", {"decision": 7, "verdict": "approve"}),
        Statement("decision.answer", "store-1", {"decision": 8, "verdict": "approve"}),
        Statement("decision.answer", "store-1", {"decision": 7, "verdict": "refuse"}),
        Statement("decision.answer", "store-1", {"decision": 7, "verdict": "approve", "more": None}),
    ],
)
def test_a_signature_is_good_for_nothing_else(tmp_path: Path, other: Statement) -> None:
    key = make_key(tmp_path / "a.key", "ada", PASSPHRASE)

    assert not is_signed_by(key.public, other, key.sign(SAYS))


@pytest.mark.parametrize("signature", ["", "00" * 64, "no hex", "ab"])
def test_what_is_no_signature_is_none(tmp_path: Path, signature: str) -> None:
    key = make_key(tmp_path / "a.key", "ada", PASSPHRASE)

    assert not is_signed_by(key.public, SAYS, signature)


def test_the_file_is_its_owners_and_holds_neither_seed_nor_passphrase(tmp_path: Path) -> None:
    key = make_key(tmp_path / "a.key", "ada", PASSPHRASE)
    text = key.path.read_text()

    assert key.path.stat().st_mode & 0o777 == 0o600
    assert PASSPHRASE not in text
    assert key._private.private_bytes_raw().hex() not in text


def test_a_file_that_others_may_read_is_refused(tmp_path: Path) -> None:
    key = make_key(tmp_path / "a.key", "ada", PASSPHRASE)
    key.path.chmod(0o640)

    with pytest.raises(InputError, match="chmod 600"):
        read_key(key.path, PASSPHRASE)


@pytest.mark.parametrize("part", ["sealed", "salt", "nonce", "name", "public"])
def test_a_file_that_was_changed_does_not_open(tmp_path: Path, part: str) -> None:
    key = make_key(tmp_path / "a.key", "ada", PASSPHRASE)
    held = json.loads(key.path.read_text())
    held[part] = "bob" if part == "name" else ("0" if held[part][0] != "0" else "1") + held[part][1:]
    key.path.write_text(json.dumps(held))

    with pytest.raises(InputError, match="passphrase does not open"):
        read_key(key.path, PASSPHRASE)


def test_another_passphrase_does_not_open_it(tmp_path: Path) -> None:
    make_key(tmp_path / "a.key", "ada", PASSPHRASE)

    with pytest.raises(InputError, match="passphrase does not open"):
        read_key(tmp_path / "a.key", PASSPHRASE + "!")


@pytest.mark.parametrize("text", ["", "{}", "[]", "not json", '{"format": "samehand key 9"}'])
def test_a_file_that_is_no_key_is_told(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.key"
    path.write_text(text)
    path.chmod(0o600)

    with pytest.raises(FormatError, match="no key file"):
        read_key(path, PASSPHRASE)


def test_there_has_to_be_a_file(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="no such key file"):
        read_key(tmp_path / "a.key", PASSPHRASE)


def test_a_key_is_never_written_over(tmp_path: Path) -> None:
    make_key(tmp_path / "a.key", "ada", PASSPHRASE)
    before = (tmp_path / "a.key").read_bytes()

    with pytest.raises(InputError, match="never written over"):
        make_key(tmp_path / "a.key", "ada", PASSPHRASE)
    assert (tmp_path / "a.key").read_bytes() == before


@pytest.mark.parametrize("name", ["", "a", "Ada", "ada lovelace", "ädá", "a" * 33, "-ada"])
def test_a_name_is_a_pseudonym_of_plain_letters(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match="pseudonym"):
        make_key(tmp_path / "a.key", name, PASSPHRASE)


def test_a_short_passphrase_is_none(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="12 characters"):
        make_key(tmp_path / "a.key", "ada", "short")


def test_many_commands_at_once_lose_no_pin(tmp_path: Path) -> None:
    key = make_key(tmp_path / "ada.key", "ada", PASSPHRASE)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: key.pin(f"store {number}", "founders", 1), range(40)))

    pinned = json.loads(key.path.read_text("utf-8"))["pinned"]
    assert sorted(pinned) == sorted(f"store {number}" for number in range(40))
    assert [file.name for file in tmp_path.iterdir()] == ["ada.key"]


def test_founders_who_changed_are_noticed(tmp_path: Path) -> None:
    key = make_key(tmp_path / "a.key", "ada", PASSPHRASE)
    key.pin("store-1", "f" * 64, 1)
    key.pin("store-1", "f" * 64, 3)
    key.pin("store-2", "e" * 64, 1)

    with pytest.raises(InputError, match="somebody has put others in their place"):
        read_key(key.path, PASSPHRASE).pin("store-1", "0" * 64, 3)


plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=10,
)


@given(plain, plain)
def test_values_are_the_same_bytes_if_and_only_if_they_are_the_same(one: object, other: object) -> None:
    def typed(value: object) -> object:  # True == 1 in Python, and not in JSON
        if isinstance(value, list):
            return [typed(part) for part in value]
        if isinstance(value, dict):
            return {name: typed(part) for name, part in value.items()}
        return (type(value).__name__, value)

    assert (canonical(one) == canonical(other)) == (typed(one) == typed(other))
