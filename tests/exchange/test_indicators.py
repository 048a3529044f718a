"""What a cell is, however it was written."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from samehand.exchange import INDICATOR_KINDS, defang, refang, tell
from samehand.exchange.indicators import profile_url


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
        ("The operation posted at night", "note", "The operation posted at night", ""),
    ],
)  # fmt: skip
def test_a_cell_is_told_from_what_is_in_it(cell: str, kind: str, value: str, platform: str) -> None:
    told = tell(cell)
    assert (told.kind, told.value, told.platform) == (kind, value, platform)


def test_a_bare_handle_is_one_of_the_platform_that_its_row_is_about() -> None:
    assert tell("@KiteFlyer", "instagram").platform == "instagram"
    assert tell("@KiteFlyer").kind == "note"


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
