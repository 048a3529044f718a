"""What a cell is, however it was written."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from samehand.exchange import INDICATOR_KINDS, IndicatorKind, defang, refang, tell
from samehand.exchange.indicators import profile_url, told_as


@pytest.mark.parametrize(
    ("cell", "kind", "value", "platform"),
    [
        ("kite[.]test[.]com", "domain", "kite.test.com", ""), ("KITE (dot) co [dot] uk", "domain", "kite.co.uk", ""),
        ("hxxps://kite[.]com/A?b=1", "url", "https://kite.com/A?b=1", ""), ("https[:]//kite[.]com/", "domain", "kite.com", ""),
        ("http://www.kite.com", "domain", "www.kite.com", ""), ("x[.]com/KiteFlyer", "account", "kiteflyer", "twitter"),
        ("https://twitter.com/@KiteFlyer?lang=en", "account", "kiteflyer", "twitter"),
        ("https[:]//t[.]me/s/Kite_News", "account", "kite_news", "telegram"),
        ("www[.]tiktok[.]com/@kite.flyer", "account", "kite.flyer", "tiktok"),
        ("https://www.facebook.com/profile.php?id=100012", "account", "100012", "facebook"),
        ("https://www.youtube.com/channel/UCabcdefghijklmnopqrstuv", "account", "UCabcdefghijklmnopqrstuv", "youtube"),
        ("https://twitter.com/kite/status/12", "url", "https://twitter.com/kite/status/12", ""),
        ("https://www.facebook.com/groups/12", "url", "https://www.facebook.com/groups/12", ""),
        ("63 accounts", "count", "63 accounts", ""), ("About 1,200 Pages", "count", "1200 pages", ""),
        ("44 Facebook Pages", "count", "44 facebook pages", ""), ("28 Groups.", "count", "28 groups", ""),
        ("About 300 accounts followed one or more of these Pages", "note",
         "About 300 accounts followed one or more of these Pages", ""),
        ("D41D8CD98F00B204E9800998ECF8427E", "hash", "d41d8cd98f00b204e9800998ecf8427e", ""),
        ("192[.]0[.]2[.]7", "ip", "192.0.2.7", ""), ("2001:DB8::1", "ip", "2001:db8::1", ""),
        ("kite[@]kite[.]com", "email", "kite@kite.com", ""), ("#SaveTheKites", "hashtag", "#savethekites", ""),
        ("+49 30 1234-567", "phone", "+49301234567", ""),
        ("http://203[.]0[.]113[.]7/mal", "url", "http://203.0.113.7/mal", ""), ("http://192.0.2.7/", "ip", "192.0.2.7", ""),
        ("http://[2001:DB8:0::7]/mal", "url", "http://[2001:db8::7]/mal", ""), ("10.20.30.0/24", "ip", "10.20.30.0/24", ""),
        ("192.0.2.7:8080", "url", "https://192.0.2.7:8080", ""), ("c" * 128, "hash", "c" * 128, ""),
        ("c" * 127, "note", "c" * 127, ""),
        ("The operation posted at night", "note", "The operation posted at night", ""),
    ],
)  # fmt: skip
def test_a_cell_is_told_from_what_is_in_it(cell: str, kind: str, value: str, platform: str) -> None:
    told = tell(cell)
    assert (told.kind, told.value, told.platform) == (kind, value, platform)


def test_a_bare_handle_is_one_of_the_platform_that_its_row_is_about() -> None:
    assert tell("@KiteFlyer", "instagram").platform == "instagram"
    assert tell("@KiteFlyer").kind == "note"


@pytest.mark.parametrize(
    "same",
    [
        ("kite.com/A", "https://kite.com/A", "HTTPS://Kite.com/A", "kite[.]COM/A"), ("2001:db8:0:0:0:0:0:1", "2001:db8::1"),
        ("пример.рф", "Пример.РФ", "xn--e1afmkfd.xn--p1ai", "xn--e1afmkfd.xn--p1ai."),
        ("https://пример.рф/Ж", "https://xn--e1afmkfd.xn--p1ai/Ж"), ("kite@пример.рф", "Kite@xn--e1afmkfd.xn--p1ai"),
        ("https://x.com/Kites", "twitter.com/kites"), ("192.0.2.7", "192.0.2.7/32", "http://192.0.2.7"),
    ],
)  # fmt: skip
def test_one_thing_has_one_form_however_it_is_written(same: tuple[str, ...]) -> None:
    assert len({tell(one) for one in same}) == 1
    assert tell(same[0]).kind != "note"


ANYTHING = st.text(max_size=60) | st.from_regex(r"[A-ZÀ-ž0-9.@:/?#\[\]]{1,40}", fullmatch=True)


@given(st.sampled_from(INDICATOR_KINDS), ANYTHING, st.sampled_from(["", "x", "YouTube"]))
@example("domain", "Kite.com..", "")
@example("account", "@@kite", "x")
@example("url", "kite.com/?u=HTTP://Other.com", "")
def test_the_one_form_is_its_own(kind: IndicatorKind, value: str, platform: str) -> None:
    once = told_as(kind, value, platform)
    assert told_as(once.kind, once.value, once.platform) == once


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("http://203.0.113.7/a.b", "http://203[.]0[.]113[.]7/a.b"), ("http://[2001:db8::7]/a", "hxxp://[2001:db8::7]/a"),
        ("https://intranet/a", "hxxps://intranet/a"), ("kite.com/?u=http://b.com", "kite[.]com/?u=http://b.com"),
    ],
)  # fmt: skip
def test_no_link_can_be_clicked_whatever_its_host_is(value: str, shown: str) -> None:
    assert defang(value) == shown
    assert refang(shown) == value


@given(st.text(max_size=300).filter(lambda text: bool(text.strip())))
@example("'" + "=" * 5)
@example("http://[::1")
def test_whatever_is_in_a_cell_it_is_something(cell: str) -> None:
    told = tell(cell)
    assert told.kind in INDICATOR_KINDS
    assert told.value or told.kind == "note"


@given(st.sampled_from(["kite.com", "https://kite.co.uk/a.b/c", "http://kite.com", "192.0.2.7"]))
def test_what_is_defanged_comes_back(value: str) -> None:
    assert refang(defang(value)) == value
    assert "." not in defang(value).split("/")[2 if "://" in value else 0].replace("[.]", "")


@pytest.mark.parametrize(
    "platform", ["twitter", "telegram", "tiktok", "instagram", "facebook", "youtube", "reddit", "vkontakte"]
)
def test_a_link_to_an_account_is_told_as_the_account(platform: str) -> None:
    link = profile_url(platform, "kiteflyer9")
    assert link is not None
    assert (tell(link).platform, tell(link).value) == (platform, "kiteflyer9")
