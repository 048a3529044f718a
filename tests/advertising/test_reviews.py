"""What a person decided is used again until it ends, and asked again when what is known changes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from samehand.advertising import AdDecision, AdReviews, Advertiser, Entity, Gate
from samehand.errors import NotFoundError, UsageError
from samehand.policy import read_ad_pack
from samehand.store import open_store
from tests.advertising.made_up import DAY, HELD, assessed, entity, registry

WHO = Advertiser(
    advertiser_id="a1", platform="x", page_name="Kite Broadcasting House", legal_name="Kites and Sons Ltd", country="GB"
)
KITE = entity("cn-kite", assessments=(assessed("SC"),))


@dataclass
class Desk:
    """Reviews of a store, and a clock that a test moves."""

    reviews: AdReviews
    at: datetime = datetime(2026, 11, 27, 12, tzinfo=UTC)

    def record(self, **more: Any) -> Any:
        said: dict[str, Any] = {
            "decision": "allow",
            "why": "They sell kites; I called them.",
            "by": "ada",
            "days": 30,
            **more,
        }
        return self.reviews.record(said.pop("who", WHO), said.pop("gate", gate()), **said)

    def decide(self, who: Advertiser = WHO, *entities: Entity, policy: str = "neutral", on: date = DAY) -> AdDecision:
        return self.reviews.decide(who, gate(*entities, policy=policy, on=on))


def gate(*entities: Entity, policy: str = "neutral", on: date = DAY) -> Gate:
    return Gate(registry(*(entities or (KITE,))), read_ad_pack(policy, on), on, HELD)


@pytest.fixture
def desk(store_url: str) -> Iterator[Desk]:
    with open_store(store_url) as store:
        made = Desk(AdReviews(store, lambda: made.at))
        yield made


def test_what_a_person_decided_is_used_again_until_its_last_day(desk: Desk) -> None:
    assert (desk.decide().decision, desk.decide().ground) == ("review", "name-alone")
    made = desk.record()

    again = desk.decide(on=date(2026, 12, 20))
    assert (again.decision, again.ground, again.until) == ("allow", "reviewed", date(2026, 12, 27))
    assert "A person looked at it on 2026-11-27, and decided: allow." in again.message
    desk.at = made.until - timedelta(seconds=1)
    assert desk.decide().decision == "allow"
    desk.at = made.until
    assert (desk.decide().decision, desk.decide().ground) == ("review", "name-alone")


def test_a_person_may_block_whom_a_name_only_sends_to_them(desk: Desk) -> None:
    desk.record(decision="block", why="It is the same company; its register says so.")
    assert desk.decide().decision == "block"


def test_another_advertiser_or_policy_has_no_part_in_it(desk: Desk) -> None:
    desk.record()
    other = desk.decide(replace(WHO, advertiser_id="a2"))
    assert (other.decision, other.ground) == ("review", "name-alone")
    for changed in (
        replace(WHO, payer="Somebody Else"), replace(WHO, landing_url="https://kites.test.com/"), replace(WHO, country="FR"),
        replace(WHO, handle="kites", platform=WHO.platform), replace(WHO, agency="Some Agency"),
    ):  # fmt: skip
        assert (desk.decide(changed).decision, desk.decide(changed).ground) == ("review", "reopened"), changed
    assert desk.decide(policy="twitter-2019-08").decision == "review"
    assert (
        desk.decide(
            replace(WHO, ad_text="Other words", target_countries=("FR",), legal_name="KITES AND SONS LTD")
        ).decision
        == "allow"
    )


@pytest.mark.parametrize(
    "changed",
    [
        entity("cn-kite", assessments=(assessed("SC", sources=3),)), entity("cn-kite", assessments=(assessed("CaPu"),)),
        entity("cn-other", assessments=(assessed("SC"),)),
    ],
    ids=["a source more", "another answer", "another entity"],
)  # fmt: skip
def test_it_opens_again_when_what_is_known_changes(desk: Desk, changed: Entity) -> None:
    desk.record()
    opened = desk.decide(WHO, changed)

    assert (opened.decision, opened.ground) == ("review", "reopened")
    assert "what is known has changed since" in opened.message
    assert desk.decide().decision == "allow"  # as long as it is as it was


def test_a_review_that_is_ended_counts_no_more_and_stays_on_record(desk: Desk) -> None:
    made = desk.record()
    desk.reviews.end(made.review_id, "ben")

    assert desk.decide().decision == "review"
    assert desk.reviews.held() == []
    assert [one.review_id for one in desk.reviews.held(also_ended=True)] == [made.review_id]
    with pytest.raises(NotFoundError, match="no review 99"):
        desk.reviews.end(99, "ben")


def test_the_newest_review_counts(desk: Desk) -> None:
    desk.record()
    desk.record(decision="block", why="I was wrong.")
    assert desk.decide().decision == "block"


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"who": Advertiser(advertiser_id="a9", legal_name="Corner Shop")}, "nothing to review: the gate says allow"),
        ({"who": replace(WHO, advertiser_id=" ")}, "with an id"), ({"why": " "}, "say why"),
        ({"why": "k" * 5_000}, "say why"), ({"days": 0}, "1 to 366"), ({"days": 400}, "1 to 366"),
        ({"decision": "label"}, "not label"),
    ],
)  # fmt: skip
def test_a_review_that_makes_no_sense_is_not_kept(desk: Desk, more: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        desk.record(**more)
    assert desk.reviews.held(also_ended=True) == []
