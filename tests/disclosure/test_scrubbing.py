"""What is shown in clear names nobody else, and has nothing that reaches anybody, however it is written."""

from __future__ import annotations

import re

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from samehand.disclosure import Plain, ReleaseKeys, attack
from samehand.records import schema_of

KEYS = ReleaseKeys.of(b"one")
PLAIN = Plain(
    frozenset({("sim", "a1")}),
    {("sim", "h.one@kite.test"): "a1", ("sim", "kite"): "a1", ("sim", "eve"): "o1", ("sim", "王小明"): "o2"},
    frozenset({"kite.test"}), KEYS,
)  # fmt: skip
EVE, WANG = KEYS.hashed("mention", "sim", "o1"), KEYS.hashed("mention", "sim", "o2")
MAIL, IP, CALL = "[e-mail address]", "[IP address]", "[number]"


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("@h.one@kite.test hi", "@h.one@kite.test hi"), ("hi @EVE.", f"hi @{EVE}."), ("(@eve)", f"(@{EVE})"),
        ("mail eve@kite.test", "mail [e-mail address]"), ("call (852) 5550-12345 now", "call [number] now"),
        ("call +852 5550 12345 now", "call [number] now"), ("on 2019-08-19 at 12:30", "on 2019-08-19 at 12:30"),
        ("at fe80::1:2 or 10.0.0.1.", "at [IP address] or [IP address]."), ("12:30:45 and 1.2", "12:30:45 and 1.2"),
        ("HTTPS://www.Kite.test/a?b=eve@x.test#c", "kite.test/a"), ("https://kite.test", "[link to kite.test]"),
        ("https://a.other.test/eve", "[link to other.test]"), ("www.other.test/eve", "[link to other.test]"),
        ("t.other.test/eve or and/or 1.5/2", "[link to other.test] or and/or 1.5/2"), ("http://10.0.0.1/eve", "[link]"),
        ("50% of 1,000,000", "50% of 1,000,000"), ("", ""),
        # no space before an @, or after a handle
        ("感谢@eve 的支持", f"感谢@{EVE} 的支持"), ("感谢@eve的支持", f"感谢@{EVE}的支持"), ("ขอบคุณ@eve", f"ขอบคุณ@{EVE}"),
        ("شكرا@eve", f"شكرا@{EVE}"), ("RT@eve: hi", f"RT@{EVE}: hi"), ("_@eve_", f"_@{EVE}_"), ("＠ｅｖｅ", f"@{EVE}"),
        ("@\u200beve", f"@{EVE}"), ("@王小明 好", f"@{WANG} 好"), ("感谢@kite的支持", "感谢@kite的支持"),
        ("@kite王+85255501234", f"@kite王{CALL}"),
        # addresses
        ("eve＠mail.test", MAIL), ("mail eve@mail。test", f"mail {MAIL}"), ("邮箱eve@mail.test", f"邮箱{MAIL}"),
        ("o'brien@mail.test", MAIL), ("谢谢。好", "谢谢。好"), ("proxy 10.0.0.1:8080", f"proxy {IP}:8080"),
        ("IP:10.0.0.1", f"IP:{IP}"),
        ("is 2001:db8::7.", f"is {IP}."), ("from:2001:db8::7", f"from:{IP}"), ("src=85.12.3.4:443", f"src={IP}:443"),
        ("[2001:db8::7]:443", f"[{IP}]:443"), ("见…10.0.0.1。", f"见…{IP}。"), ("a::b::c and std::map", "a::b::c and std::map"),
        ("300.1.1.1", "300.1.1.1"),
        # telephone numbers, and what is none
        ("call 5550 1234", f"call {CALL}"), ("call +852\u00a05550\u00a01234", f"call {CALL}"),
        ("call +852\u20115550\u20111234", f"call {CALL}"), ("+852–5550–1234", CALL), ("電話５５５０　１２３４", f"電話{CALL}"),
        ("19.08.2019 or 08/19/2019", "19.08.2019 or 08/19/2019"), ("2019/08/19 12:30", "2019/08/19 12:30"),
        ("12:30 2019-08-19", "12:30 2019-08-19"), ("2014-2019, 20190819", "2014-2019, 20190819"),
        ("12,345,678 people", "12,345,678 people"), ("2019-08-19-85255501234", CALL),
        # links
        ("请看t.me/eve", "请看[link to t.me]"), ("пример.рф/eve", "[link to xn--e1afmkfd.xn--p1ai]"),
        ("bücher.test/eve", "[link to xn--bcher-kva.test]"), ("例子.中国/eve", "[link to xn--fsqu00a.xn--fiqs8s]"),
        ("hxxp://other.test/eve", "[link to other.test]"), ("tg://resolve?domain=eve", "[link]"),
        ("t。me/eve", "[link to t.me]"),
        ("看https://other.test/eve，很好", "看[link to other.test]，很好"),
        ("https://kite.test/u/eve@mail.test/+85255501234", f"kite.test/u/{MAIL}/{CALL}"),
        ("https://kite.test/a/%40eve", f"kite.test/a/@{EVE}"),
        ("https://kite.test/a谢谢@eve的支持", f"kite.test/a谢谢@{EVE}的支持"),
        ("https://kite.test/10.0.0.1/x", f"kite.test/{IP}/x"),
        ("https://kite.test/go/https://t.me/eve", "kite.test/go/[link to t.me]"),
    ],
)  # fmt: skip
def test_texts_are_shown_without_others_and_without_what_reaches_anybody(said: str, shown: str) -> None:
    assert PLAIN.text("sim", said) == shown


def test_a_handle_that_nobody_has_is_hashed_too_and_no_text_is_none() -> None:
    found = PLAIN.text("sim", "@nobody and @Nobody")
    assert found is not None
    assert re.fullmatch(r"@([\w-]{43}) and @\1", found)
    assert PLAIN.text("sim", None) is None


def test_a_namesake_on_another_server_is_somebody_else() -> None:
    found = PLAIN.text("sim", "@kite@other.test")
    assert found is not None
    assert re.fullmatch(r"@\w{43}", found)


ACCOUNTS = [
    {"platform": "sim", "asset_id": "a1", "handle": "kite_1"}, {"platform": "sim", "asset_id": "77", "handle": "eve_hk"},
    {"platform": "sim", "asset_id": "8812345", "handle": "word"}, {"platform": "web", "asset_id": "9", "handle": "KITE_1"},
]  # fmt: skip


def test_who_is_named_without_a_sign_is_hashed_where_no_word_is_meant() -> None:
    plain = Plain.of(ACCOUNTS, {("sim", "a1")}, frozenset(), KEYS)
    eve, other = KEYS.hashed("mention", "sim", "77"), KEYS.hashed("mention", "sim", "8812345")
    assert plain.text("sim", "感谢EVE_HK, by eve_hk-tv") == f"感谢{eve}, by {eve}-tv"
    assert plain.text("sim", "id 8812345, 77 words, a word by kite_1") == f"id {other}, 77 words, a word by kite_1"
    assert plain.text("sim", "_eve_hk_ or 1。10.0.0.1") == f"_{eve}_ or {IP}"
    assert plain.text("sim", "eve_hk:10.0.0.1 eve_hk-85255501234") == f"{eve}:{IP} {eve}-{CALL}"
    assert plain.text("sim", "https://eve_hk.blogspot.com/x") == f"[link to {eve}.blogspot.com]"
    assert plain.text("sim", "ＡＢ①ｃ") == "ＡＢ①ｃ"  # what is kept is as it was


PIECES = (
    "@", "＠", "eve_hk", "EVE_HK", "8812345", "kite_1", "word", "_", "-", ".", ":", "/", " ", "的",
    "2019-08-19", "10.0.0.1", "::1", "+852 5550 1234",
    "https://", "t.me/", "kite.test/", "mail.test", "а", "\u200b", "“", "。", "１", "RT",
)  # fmt: skip


@settings(max_examples=300)
@given(st.lists(st.sampled_from(PIECES), max_size=12))
def test_whatever_is_written_the_attack_finds_nobody_in_what_is_shown(pieces: list[str]) -> None:
    plain = Plain.of(ACCOUNTS, {("sim", "a1")}, frozenset({"kite.test"}), KEYS)
    table = pa.table({"tweet_text": [plain.text("sim", "".join(pieces))]})
    crawl = pa.Table.from_pylist([{**row, "kind": "account"} for row in ACCOUNTS], schema_of("assets"))
    users = pa.table({"userid": pa.array([], pa.string())})
    assert attack({"users": users, "posts": table}, crawl, {}, ["a1"]).joined == 0
