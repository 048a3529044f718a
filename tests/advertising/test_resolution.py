"""From an advertiser to an entity: identifiers decide, names send to a person, look-alikes go by."""

from __future__ import annotations

from typing import Any

import pytest

from samehand.advertising import Advertiser, Hit, Identifier, Name, Resolver
from tests.advertising.made_up import DAY, HELD, asset, entity, registry, span

KITE = entity(
    "cn-kite", "Kite Global Television Network",
    names=(
        Name(span(), "Kite Global Television Network", "en", "legal"), Name(span(), "KGTN", "en", "acronym"),
        Name(span(), "Kite Berlin GmbH", "de", "legal"), Name(span(), "Kitework", "en"),
        Name(span(), "风筝国际电视台", "zh-Hans", "legal"), Name(span(), "Змей Сегодня", "ru", "alias"),
        Name(span(), "Paper Kite Nine", "en", "former"),
    ),
    assets=(asset("domain", "kgtn.test.com"), asset("twitter", "KGTNOfficial")),
    identifiers=(Identifier(span(), "registration", "HRB 12-345", "DE"),),
)  # fmt: skip
ABC = entity(
    "au-abc", names=(Name(span(), "Austral Broadcasting Corporation", "en"), Name(span(), "ABC", "en", "acronym"))
)
RESOLVER = Resolver(registry(KITE, ABC))


def _hits(**who: Any) -> list[Hit]:
    return list(RESOLVER.hits(Advertiser(**who), DAY, HELD))


def _found(**who: Any) -> list[tuple[str, str, str, str]]:
    return [(one.entity.entity_id, one.by, one.grade, one.role) for one in _hits(**who)]


@pytest.mark.parametrize(
    ("who", "by"),
    [
        ({"landing_url": "https://www.kgtn.test.com/news?id=1"}, "domain"),
        ({"landing_url": "live.kgtn.test.com"}, "domain"),
        ({"platform": "X", "handle": "@kgtnofficial"}, "handle"),
        ({"platform": "twitter", "handle": "https://twitter.com/KGTNOfficial/"}, "handle"),
        ({"registration": "hrb12345", "country": "DE"}, "registration"),
        ({"payer": "Kite Global Television Network Co., Ltd.", "country": "CN"}, "name with country"),
        ({"legal_name": "风筝国际电视台", "country": "CN"}, "name with country"),
        ({"beneficiary": "KITE BERLIN G.m.b.H.", "country": "China"}, "name with country"),
        ({"platform": "X (Twitter)", "handle": "＠KGTNOfficial\u200b"}, "handle"),
        ({"platform": "", "handle": "https://x.com/KGTNOfficial/status/1?lang=en"}, "handle"),
        ({"platform": "x.com", "handle": "@@KGTNOfficial"}, "handle"),
        ({"landing_url": "https://twitter.com/KGTNOfficial/status/1"}, "handle"),
        ({"landing_url": "https://l.facebook.com/l.php?u=https%3A%2F%2Fkgtn.test.com%2Fa"}, "domain"),
        ({"landing_url": "https://kgtn-test-com.translate.goog/a?_x_tr_sl=zh"}, "domain"),
        ({"landing_url": "https://web.archive.org/web/2020/https://kgtn.test.com/a"}, "domain"),
        ({"landing_url": "https://www.google.com/url?q=https://kgtn.test.com&sa=D"}, "domain"),
        ({"landing_url": "https://kgtn.test.com/?u=https://kites.example.com/"}, "domain"),
    ],
)
def test_an_identifier_may_decide(who: dict[str, Any], by: str) -> None:
    assert _found(**who) == [("cn-kite", by, "identifier", "itself")]


@pytest.mark.parametrize(
    ("who", "by"),
    [
        ({"legal_name": "Kite Global Television Network"}, "name"),
        ({"legal_name": "Kite Global Television Network", "country": "US"}, "name"),
        ({"page_name": "Kite Global Television Network", "country": "CN"}, "name"),  # a page calls itself what it likes
        ({"page_name": "風箏國際電視台"}, "name"),
        ({"page_name": "Zmei Segodnya"}, "transliteration"),
        ({"page_name": "Kite Globall Televison Network"}, "spelling"),
        ({"legal_name": "Kite Global Television Network (Harbour) Ltd"}, "within"),
        ({"page_name": "今日风筝国际电视台频道"}, "within"),
        ({"page_name": "KGTN Culture Express"}, "acronym"),
        ({"payer": "KGTN", "country": "US"}, "acronym"),
        ({"payer": "kgtn", "country": "CN"}, "acronym"),
        ({"page_name": "KiteGlobalTelevisionNetwork"}, "name"),
        ({"beneficiary": "Paper Kite Nine", "country": "cn"}, "name"),
        ({"legal_name": "Kitework Ltd", "country": "CN"}, "name"),
        ({"legal_name": "Kite Berlin", "country": "CN"}, "name"),
        ({"legal_name": "Kitework Culture", "country": "CN"}, "within"),
        ({"legal_name": "Kite Gl0bal Television Network", "country": "CN"}, "name"),
    ],
)
def test_a_name_may_only_send_to_a_person(who: dict[str, Any], by: str) -> None:
    assert _found(**who) == [("cn-kite", by, "name", "itself")]


@pytest.mark.parametrize(
    "who",
    [
        {"legal_name": "Global Television Network", "country": "CA"}, {"page_name": "Kite Surf School"}, {"page_name": "KGTM"},
        {"page_name": "Kite Local Television Network"}, {"page_name": "kgtn culture express"}, {"legal_name": "ABC Bakery"},
        {"legal_name": "ABC"}, {"legal_name": "ABC", "country": "NG"}, {"page_name": "ABC Bakery", "country": "NG"},
        {"landing_url": "https://kites.example.com/share?u=https://kgtn.test.com/"}, {"page_name": "kgtn"},
        {"handle": "https://twitter.com/kites/likes/KGTNOfficial"}, {"legal_name": "Kitework Culture", "country": "US"},
        {"landing_url": "https://notkgtn.test.com"},
        {"handle": "KGTNOfficial", "platform": "tiktok"}, {"handle": "KGTNOfficial"},
        {"registration": "HRB 12345", "country": "AT"},
        {"registration": "HRB 12345"}, {"ad_text": "Kite Global Television Network"}, {}, {"landing_url": "not a link at all"},
    ],
)  # fmt: skip
def test_who_only_looks_alike_is_not_hit(who: dict[str, Any]) -> None:
    assert _hits(**who) == []


def test_an_acronym_that_many_bear_is_asked_for_its_country() -> None:
    assert _found(legal_name="ABC", country="AU") == [("au-abc", "acronym", "name", "itself")]


def test_beside_an_identifier_other_names_say_nothing_but_who_pays_does() -> None:
    own = {"platform": "twitter", "handle": "kgtnofficial"}

    assert _found(**own, page_name="Austral Broadcasting Corporation") == [
        ("cn-kite", "handle", "identifier", "itself")
    ]
    assert _found(**own, payer="Austral Broadcasting Corporation") == [
        ("cn-kite", "handle", "identifier", "itself"), ("au-abc", "name", "name", "itself")
    ]  # fmt: skip


def test_who_says_that_they_are_somebody_else_promotes_where_the_ad_leads() -> None:
    landing = {"landing_url": "https://kgtn.test.com/x"}

    assert _found(**landing, legal_name="Bright Marketing FZE", country="AE") == [
        ("cn-kite", "domain", "identifier", "promoter")
    ]
    assert _found(**landing) == [("cn-kite", "domain", "identifier", "itself")]
    own = _found(**landing, legal_name="Kite Global Television Network", country="CN")
    assert own == [("cn-kite", "name with country", "identifier", "itself")]
    watchdog = {"page_name": "Kite Global Television Network Watch", "legal_name": "A Society of Readers"}
    assert ("cn-kite", "domain", "identifier", "promoter") in _found(**landing, **watchdog)
    assert _found(**landing, registration="HRB 1", country="FR") == [("cn-kite", "domain", "identifier", "promoter")]


def test_an_agency_is_no_client() -> None:
    assert _found(agency="Kite Global Television Network", country="CN") == [
        ("cn-kite", "name with country", "identifier", "agency")
    ]


def test_names_of_a_million_letters_and_of_both_directions_are_read() -> None:
    assert (
        _hits(legal_name="k" * 1_000_000, payer="\u202eKite\u202c" * 1_000, page_name="شركة Kite \u05d0\u05d1 ٣") == []
    )


LOOKED_AT = entity(
    "cn-kites",
    "Kites",
    assets=(asset("domain", "paperkites.test.com"), asset("domain", "kite.com"), asset("domain", "windtv24.com")),
)


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("https://windtv24.info/a", True), ("http://www.w1ndtv24.co.uk", True), ("windtv42.com", True),
        ("https://windtvv24.com", True), ("https://windtv24.com.offers.example/", True),
        ("https://kite.com.offers.example", True), ("https://" + "wіndtv24".encode("idna").decode() + ".com/a", True),
        ("https://kite.info", False), ("https://windtv.com", False), ("https://mywindtv24news.com", False),
        ("https://windtv24.example.org", False),
    ],
)  # fmt: skip
def test_a_domain_that_looks_like_one_sends_to_a_person(url: str, found: bool) -> None:
    resolver = Resolver(registry(LOOKED_AT))
    hits = [(one.by, one.grade) for one in resolver.hits(Advertiser(landing_url=url), DAY, HELD)]
    assert hits == ([("look-alike domain", "name")] if found else [])


def test_a_domain_of_somebody_in_the_registry_looks_like_nobody_elses() -> None:
    theirs = entity("fr-wind", "Wind", assets=(asset("domain", "windtv24.fr"),))
    hits = Resolver(registry(LOOKED_AT, theirs)).hits(Advertiser(landing_url="https://windtv24.fr"), DAY, HELD)
    assert [(one.entity.entity_id, one.by) for one in hits] == [("fr-wind", "domain")]
