"""Every code under every policy, and what no policy may do."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from samehand.advertising import CODES, SCOPES, AdDecision, Advertiser, Entity, Gate, Link, Name, Transition
from samehand.errors import UsageError
from samehand.policy import AdPack, ad_pack_names, read_ad_pack
from tests.advertising.made_up import DAY, HELD, assessed, asset, cites, entity, link, registry, span

ANSWERS: dict[str, tuple[str, str, str]] = {
    "whoever pays": ("disputed", "yes", "yes"), "whoever governs": ("unclear", "disputed", "no"),
    "unclear": ("unclear", "unclear", "unclear"), "disputed": ("yes", "yes", "disputed"),
}  # fmt: skip
FREE = ("ISFM", "ISF", "ISM", "IP", "whoever governs")

Row = tuple[str, str | None, str]
REVIEW: dict[str, Row] = {
    "CaPu": ("review", None, "captured"), "CaPr": ("review", None, "captured"), "unclear": ("review", None, "not-settled"),
    "disputed": ("review", None, "not-settled"),
}  # fmt: skip
TABLE: dict[str, dict[str, Row]] = {
    "twitter-2019-08": {
        "SC": ("block", None, "state-controlled-news-media"),
        "whoever pays": ("block", None, "state-governed-and-steered"), **REVIEW,
        **dict.fromkeys(FREE, ("allow", None, "independent-public-media")),
    },
    "x-2023-08": {
        "SC": ("block", None, "state-controlled-media"),
        "whoever pays": ("block", None, "state-governed-and-steered"), **REVIEW,
        **dict.fromkeys(FREE, ("allow", None, "not-state-controlled")),
    },
    "meta-2020": {
        "SC": ("allow", "State-controlled media", "editorial-control"),
        "whoever pays": ("allow", "State-controlled media", "state-governed-and-steered"), **REVIEW,
        "disputed": ("allow", None, "control-disputed"),
        "ISFM": ("review", None, "independence-not-shown"), "ISM": ("review", None, "independence-not-shown"),
        "ISF": ("allow", None, "not-controlled"), "IP": ("allow", None, "not-controlled"),
        "whoever governs": ("review", None, "not-settled"),
    },
    "tiktok-2024": {
        "SC": ("block", None, "shown-abroad"),
        "whoever pays": ("block", None, "state-governed-and-steered-abroad"),
        **REVIEW, **dict.fromkeys(FREE, ("allow", None, "not-controlled")),
    },
    "youtube-label": {
        "SC": ("allow", "Funded in whole or in part by the government of China", "funded-by-government"),
        "CaPu": ("allow", "Publicly funded media of China", "publicly-funded"), "CaPr": ("allow", None, "not-funded"),
        "disputed": ("allow", "Funded in whole or in part by the government of China", "funded-by-government"),
        "unclear": ("review", None, "not-settled"), "whoever pays": ("review", None, "not-settled"),
        **dict.fromkeys(FREE, ("allow", "Public broadcast service of China", "public-broadcast-service")),
        "whoever governs": ("review", None, "not-settled"),
    },
    "neutral": {
        "SC": ("block", None, "state-controlled"),
        "whoever pays": ("block", None, "state-governed-and-steered"),
        **REVIEW, **dict.fromkeys(FREE, ("allow", None, "independent-media")),
    },
}  # fmt: skip
"""Under each policy, of an outlet in the news that two sources bear, whose ad is shown abroad: decision, label, ground."""
TABLE["x-current"] = TABLE["x-2023-08"]
EXEMPT_BY_SCOPE = {"twitter-2019-08": {"entertainment", "sports", "travel"}}


def _outlet(code: str, scope: str = "news", **more: Any) -> Entity:
    facts = assessed(answers=ANSWERS[code]) if code in ANSWERS else assessed(code)
    return entity(
        "cn-kite", assessments=(more.pop("assessment", facts),), assets=(asset("domain", "kite.test.com"),), scope=scope,
        scope_citations=cites("guide"), **more,
    )  # fmt: skip


def _decide(
    pack: AdPack | str, *entities: Entity, transition: Transition | None = None, on: date = DAY, **who: Any
) -> AdDecision:
    policy = read_ad_pack(pack, on) if isinstance(pack, str) else pack
    known = {"landing_url": "https://kite.test.com/a", "target_countries": ("FR",), **who}
    return Gate(registry(*entities), policy, on, HELD).decide(Advertiser(**known), transition)


def test_the_table_is_about_every_policy_that_is_shipped() -> None:
    assert set(TABLE) == set(ad_pack_names())
    assert all(set(rows) == {*CODES, *ANSWERS} for rows in TABLE.values())


@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize("code", [*CODES, *ANSWERS])
@pytest.mark.parametrize("pack", TABLE)
def test_every_code_scope_and_policy_has_its_decision(pack: str, code: str, scope: str) -> None:
    done = _decide(pack, _outlet(code, scope))

    expected = TABLE[pack][code]
    if scope in EXEMPT_BY_SCOPE.get(pack, ()):
        expected = ("allow", None, "solely-entertainment")
    assert (done.decision, done.label, done.ground) == expected
    assert (done.entity_id, done.code) == ("cn-kite", None if code in ANSWERS else code)


@pytest.mark.parametrize("pack", [name for name in TABLE if TABLE[name]["CaPu"][0] == "review"])
def test_a_public_outlet_with_a_statute_and_an_assessment_from_outside_is_let_off(pack: str) -> None:
    both = _outlet("CaPu", assessment=assessed("CaPu", safeguards=("statute", "external_assessment")))
    one = _outlet("CaPu", assessment=assessed("CaPu", safeguards=("statute",)))

    assert (_decide(pack, both).decision, _decide(pack, both).ground) == ("allow", "safeguarded")
    assert _decide(pack, one).decision == "review"


@pytest.mark.parametrize("code", ["ISFM", "ISM"])
def test_meta_asks_an_owned_outlet_for_both_keys(code: str) -> None:
    both = _outlet(code, assessment=assessed(code, safeguards=("statute", "external_assessment")))
    assert (_decide("meta-2020", both).decision, _decide("meta-2020", both).ground) == ("allow", "independence-shown")


def test_where_the_ad_is_shown_decides_where_a_policy_asks() -> None:
    kite = _outlet("SC")

    def said(pack: str, *countries: str) -> tuple[str, str]:
        done = _decide(pack, kite, target_countries=countries)
        return done.decision, done.ground

    assert said("tiktok-2024", "CN") == ("allow", "shown-at-home")
    assert said("tiktok-2024", "China", "cn") == ("allow", "shown-at-home")
    assert said("tiktok-2024", "CN", "TW") == ("block", "shown-abroad")
    assert said("tiktok-2024") == ("review", "place-not-known")
    assert said("meta-2020", "FR", "United States") == ("block", "editorial-control-in-the-us")
    assert _decide("tiktok-2024", kite, target_countries=("CN",)).label == "China state-controlled media"


# --- what no policy may do


@pytest.mark.parametrize("pack", [name for name, rows in TABLE.items() if rows["SC"][0] == "block"])
def test_nobody_is_blocked_on_a_name_or_on_fewer_than_two_sources(pack: str) -> None:
    kite = _outlet("SC", assessment=assessed("SC"))
    named = _decide(pack, kite, landing_url="", page_name="Kite Broadcasting House", country="CN")
    assert (named.decision, named.ground) == ("review", "name-alone")

    for poor in (assessed("SC", sources=1), assessed("SC", sources=3, read=False)):
        done = _decide(pack, _outlet("SC", assessment=poor))
        assert (done.decision, done.ground) == ("review", "too-few-sources")


def test_nobody_is_labelled_on_a_name() -> None:
    done = _decide("youtube-label", _outlet("SC"), landing_url="", page_name="Kite Broadcasting House")
    assert (done.decision, done.label, done.ground) == ("review", None, "name-alone")


def test_nobody_is_exempt_without_a_source() -> None:
    unread = _outlet("IP", assessment=assessed("IP", read=False))
    assert (_decide("neutral", unread).decision, _decide("neutral", unread).ground) == ("review", "exemption-not-shown")

    travel = entity(
        "cn-kite", scope="travel", assets=(asset("domain", "kite.test.com"),), assessments=(assessed("SC"),)
    )
    assert _decide("twitter-2019-08", travel).ground == "exemption-not-shown"


def _owned(*links: Link) -> tuple[Entity, Entity]:
    top = entity("cn-top", "Top Group", assessments=(assessed("SC"),))
    return entity("de-kite", assets=(asset("domain", "kite.test.com"),), links=links), top


def test_an_owner_blocks_where_the_way_to_it_is_cited_and_the_way_is_shown() -> None:
    done = _decide("twitter-2019-08", *_owned(link("owned_by", "cn-top", percent=100)))

    assert (done.decision, done.entity_id, done.path) == ("block", "de-kite", ("de-kite owned_by cn-top",))
    assert "Kite Broadcasting House is owned by Top Group." in done.message
    assert "the state of China" in done.message
    assert {one.source for one in done.citations} == {"linker", "source0", "source1"}

    unread = _decide("twitter-2019-08", *_owned(link("owned_by", "cn-top", read=False)))
    assert (unread.decision, unread.ground) == ("review", "link-not-shown")


def test_the_state_that_is_named_is_the_one_that_runs_the_outlet_wherever_that_is() -> None:
    exile = _outlet("SC", country="DE", state="RU")

    assert "The state of Russia pays" in _decide("neutral", exile).message
    assert _decide("tiktok-2024", exile, target_countries=("RU",)).label == "Russia state-controlled media"
    assert _decide("tiktok-2024", exile, target_countries=("DE",)).ground == "shown-abroad"


def test_content_of_a_blocked_outlet_that_others_promote_is_stopped_where_the_policy_says_so() -> None:
    other: dict[str, Any] = {"legal_name": "Bright Marketing FZE", "country": "AE"}

    def said(pack: str, code: str) -> tuple[str, str]:
        done = _decide(pack, _outlet(code), **other)
        return done.decision, done.ground

    assert said("x-2023-08", "SC") == ("block", "promotes-state-media")
    assert said("twitter-2019-08", "SC") == ("review", "third-party-link")
    for pack in ("neutral", "meta-2020", "tiktok-2024"):
        assert said(pack, "SC") == ("review", "third-party-link")
    assert said("youtube-label", "SC") == ("allow", "third-party-link")
    assert said("x-2023-08", "IP") == ("allow", "not-state-controlled")


@pytest.mark.parametrize("pack", ["twitter-2019-08", "neutral", "meta-2020", "tiktok-2024"])
def test_an_agency_is_no_outlet_of_its_own_ad(pack: str) -> None:
    who: dict[str, Any] = {
        "landing_url": "",
        "legal_name": "Corner Shop",
        "agency": "Kite Broadcasting House",
        "country": "CN",
    }
    done = _decide(pack, _outlet("SC", names=(Name(span(), "Kite Broadcasting House", "en", "legal"),)), **who)
    assert (done.decision, done.ground) == ("review", "third-party-link")


def test_an_agency_and_staff_are_affiliated_under_x() -> None:
    agency = _decide(
        "x-2023-08",
        _outlet("SC", names=(Name(span(), "Kite Broadcasting House", "en", "legal"),)),
        landing_url="",
        legal_name="Corner Shop",
        agency="Kite Broadcasting House",
        country="CN",
    )
    assert (agency.decision, agency.ground) == ("block", "affiliated-with-state-media")

    desk = entity("cn-desk", "Kite Desk", assets=(asset("twitter", "kitedesk"),), links=(link("staff_of", "cn-kite"),))
    staff = _decide("x-2023-08", _outlet("SC"), desk, landing_url="", platform="x", handle="kitedesk")
    assert (staff.decision, staff.ground) == ("block", "affiliated-with-state-media")


def test_a_body_that_publishes_no_news_is_not_asked() -> None:
    ministry = entity(
        "cn-kite", kind="body", assets=(asset("domain", "kite.test.com"),), links=(link("owned_by", "cn-top"),)
    )
    for pack in TABLE:
        done = _decide(pack, ministry, entity("cn-top", "Top", assessments=(assessed("SC"),)))
        assert (done.decision, done.ground) == ("allow", "not-news-media"), pack


def test_who_is_nobody_that_the_registry_holds_is_allowed() -> None:
    done = _decide("neutral", _outlet("SC"), landing_url="https://shop.test.com", legal_name="Corner Shop")
    assert (done.decision, done.ground, done.entity_id, done.citations) == ("allow", "no-match", None, ())


def test_the_gravest_of_several_counts() -> None:
    free = entity("fr-air", "Air House", assessments=(assessed("IP"),), assets=(asset("twitter", "airhouse"),))
    done = _decide("x-2023-08", _outlet("SC"), free, platform="x", handle="airhouse")

    assert (done.decision, done.entity_id) == ("block", "cn-kite")


# --- campaigns that ran before


def test_a_campaign_that_ran_before_the_notice_may_go_on_for_thirty_days() -> None:
    kite = _outlet("SC")
    ran, new = (Transition(date(2026, 11, 1), since) for since in (date(2026, 10, 1), date(2026, 11, 2)))

    allowed = _decide("twitter-2019-08", kite, transition=ran, on=date(2026, 11, 30))
    assert (allowed.decision, allowed.ground, allowed.until) == ("allow", "transition", date(2026, 11, 30))
    assert "may go on until 2026-11-30" in allowed.message
    assert _decide("twitter-2019-08", kite, transition=ran, on=date(2026, 12, 1)).decision == "block"
    assert _decide("twitter-2019-08", kite, transition=new, on=date(2026, 11, 30)).decision == "block"
    assert _decide("x-2023-08", kite, transition=ran, on=date(2026, 11, 2)).decision == "block"
    not_yet = Transition(date(2026, 12, 15), date(2026, 10, 1))
    assert _decide("twitter-2019-08", kite, transition=not_yet, on=date(2026, 11, 30)).decision == "block"


def test_what_is_refused_is_told_with_its_sources_and_how_to_contest_it() -> None:
    done = _decide("neutral", _outlet("SC"))

    assert "source0, 2020-05-01; source1, 2020-05-01" in done.message
    assert "may contest it" in done.message
    assert "$" not in done.message


# --- where it is shown, and what is held


@pytest.mark.parametrize(
    ("shown", "ground"),
    [
        (("CHN",), "shown-at-home"), (("China", "CN-BJ"), "shown-at-home"), (("CN", "fr"), "shown-abroad"),
        (("worldwide", "FRA"), "shown-abroad"), (("CN", "worldwide"), "place-not-known"), ((), "place-not-known"),
    ],
)  # fmt: skip
def test_a_place_that_is_not_known_is_no_place(shown: tuple[str, ...], ground: str) -> None:
    assert _decide("tiktok-2024", _outlet("SC"), target_countries=shown).ground == ground


@pytest.mark.parametrize("shown", [(), ("WORLDWIDE",), ("840",)])
def test_a_block_in_one_country_is_not_dodged_by_naming_none(shown: tuple[str, ...]) -> None:
    assert _decide("meta-2020", _outlet("SC"), target_countries=shown).decision == "review"
    assert _decide("meta-2020", _outlet("SC"), target_countries=("US-CA",)).decision == "block"


def test_of_two_that_are_allowed_the_label_counts() -> None:
    free = entity("fr-air", "Air House", assessments=(assessed("IP"),), assets=(asset("twitter", "airhouse"),))
    kite = _outlet("SC", names=(Name(span(), "Kite Broadcasting House", "en", "legal"),))
    done = _decide(
        "meta-2020",
        free,
        kite,
        landing_url="",
        platform="x",
        handle="airhouse",
        payer="Kite Broadcasting House",
        country="CN",
    )
    assert (done.decision, done.label, done.entity_id) == ("allow", "State-controlled media", "cn-kite")


def test_what_was_held_before_anything_was_is_not_answered() -> None:
    with pytest.raises(UsageError, match="nothing is held as of 2019-12-31"):
        Gate(registry(_outlet("SC")), read_ad_pack("neutral", DAY), DAY, date(2019, 12, 31))


@pytest.mark.parametrize(
    "who", [{"legal_name": "Kite Broadcasting House"}, {"page_name": "Kite Broadcasting House", "country": "US"}]
)
def test_an_outlet_under_its_own_name_and_domain_is_itself(who: dict[str, Any]) -> None:
    done = _decide("twitter-2019-08", _outlet("SC"), **who)
    assert (done.decision, done.ground) == ("block", "state-controlled-news-media")
    other = _decide(
        "twitter-2019-08", _outlet("SC"), **{**who, "legal_name": "Corner Shop", "page_name": "Kite Broadcasting House"}
    )
    assert (other.decision, other.ground) == ("review", "third-party-link")


@pytest.mark.parametrize("pack", ad_pack_names())
def test_a_shop_that_links_to_an_outlet_is_not_told_that_it_is_one(pack: str) -> None:
    outlet = entity(
        "cn-kite",
        assessments=(assessed(answers=("disputed", "yes", "yes")),),
        assets=(asset("domain", "kite.test.com"),),
    )
    done = _decide(pack, outlet, legal_name="Corner Shop", country="US", target_countries=("US",))
    assert done.decision != "block"
    assert "bought by somebody else" in done.message or done.ground == "third-party-link"


def test_a_name_that_is_only_alike_is_told_no_verdict_about_the_outlet() -> None:
    for code, ground in (("SC", "name-alone"), ("CaPr", "name-alone")):
        done = _decide("twitter-2019-08", _outlet(code), landing_url="", legal_name="Kite Broadcasting House Karaoke")
        assert (done.decision, done.ground) == ("review", ground)
        assert "the state of" not in done.message.split("Policy:")[0]
    free = _decide("twitter-2019-08", _outlet("IP"), landing_url="", legal_name="Kite Broadcasting House Karaoke")
    assert free.decision == "allow"
    assert free.message.startswith("Something of the advertiser is like Kite Broadcasting House")


def test_who_watches_an_outlet_is_not_the_outlet() -> None:
    watchdog: dict[str, Any] = {"page_name": "Kite Broadcasting House Watch", "legal_name": "A Society of Readers"}
    done = _decide("twitter-2019-08", _outlet("SC"), **watchdog)
    assert (done.decision, done.ground) == ("review", "third-party-link")
