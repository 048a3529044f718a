"""The HTTP decision API as a platform's own code sees it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from samehand.advertising import AdContests, AdRecord, AdRepository, AdReviews, Advertiser, Gate, Recorded
from samehand.casework import Casework, read_entries, verify
from samehand.errors import JobError, NotFoundError, UsageError
from samehand.policy import read_ad_pack
from samehand.service import KeyRing, create_app, list_api_keys, make_api_key, revoke_api_key
from samehand.service.keeping import AdKeeper
from samehand.store import Store, open_store
from tests.advertising.made_up import assessed, asset, entity, link, registry
from tests.casework.scenes import Office
from tests.serving import serving_app

KITE = entity("cn-kite", assessments=(assessed("SC"),), assets=(asset("domain", "kite.test.com"),))
DESK = entity(
    "fr-desk",
    "Kite Desk Paris",
    links=(link("owned_by", "cn-kite", percent=90),),
    assets=(asset("twitter", "kitedesk"),),
)
ASKED = {"policy": "neutral", "advertiser_id": "a1", "landing_url": "https://kite.test.com/x"}


NEW = """
[[assessments]]
from = 2016-01-01
recorded = 2026-11-27
funding = { answer = "no", citations = ["law"] }
governance = { answer = "no", citations = ["law"] }
editorial = { answer = "no", citations = ["law"] }

[[citations]]
name = "law"
source = "parliament.test"
title = "Kite Act"
accessed = 2026-11-20
read = true
states = "A trust of readers owns it."
"""


@dataclass
class Clock:
    """A clock that a test moves."""

    at: datetime = datetime(2026, 11, 27, 12, tzinfo=UTC)
    ticks: float = 0.0

    def now(self) -> datetime:
        return self.at

    def pass_s(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)
        self.ticks += seconds


@dataclass
class Service:
    """The application over a store, and a key of each kind."""

    store: Store
    client: httpx.Client = field(default_factory=httpx.Client)
    clock: Clock = field(default_factory=Clock)

    def __post_init__(self) -> None:
        self.work = Casework(self.store, self.clock.now)
        _, self.decides = make_api_key(self.work, "decider", ["ads:decide"], "ada", rate=1_000)
        _, self.reads = make_api_key(self.work, "reader", ["ads:read"], "ada", rate=1_000)
        ring = KeyRing(self.store, self.clock.now, lambda: self.clock.ticks)
        self.reviews = AdReviews(self.store, self.clock.now)
        self.contests = AdContests(self.store, registry(KITE, DESK), self.clock.now)
        self.repository = AdRepository(self.store, self.clock.now)
        self.app = create_app(
            registry(KITE, DESK), ring, self.clock.now, reviews=self.reviews, contests=self.contests,
            repository=self.repository, every_s=0.05,
        )  # fmt: skip

    def decide(self, key: str | None = None, **question: Any) -> Any:
        headers = {"Authorization": f"Bearer {key or self.decides}"}
        return self.client.post("/v1/ads/decide", json={**ASKED, **question}, headers=headers)


@pytest.fixture
def service(store_url: str) -> Iterator[Service]:
    with open_store(store_url) as store:
        made = Service(store)
        with serving_app(made.app) as url, httpx.Client(base_url=url) as client:
            made.client = client
            yield made


def test_a_decision_comes_with_its_ground_way_evidence_and_words(service: Service) -> None:
    done = service.decide(landing_url="", platform="x", handle="@kitedesk", on="2024-06-01")

    assert done.status_code == 200
    answer = done.json()
    assert (answer["decision"], answer["ground"], answer["policy"], answer["on"]) == (
        "block",
        "state-controlled",
        "neutral",
        "2024-06-01",
    )
    assert (answer["entity_id"], answer["matched_by"], answer["path"]) == (
        "fr-desk",
        "handle: handle",
        ["fr-desk owned_by cn-kite"],
    )
    assert {one["source"] for one in answer["citations"]} == {"linker", "source0", "source1"}
    assert "Kite Desk Paris is owned by Kite Broadcasting House." in answer["message"]


def test_the_text_of_the_day_and_a_campaign_that_ran_before_count(service: Service) -> None:
    old = service.decide(policy="x-current", on="2020-01-01").json()
    assert (old["policy"], old["ground"]) == ("twitter-2019-08", "state-controlled-news-media")
    ran = service.decide(
        policy="twitter-2019-08", on="2020-01-10", notified_on="2020-01-01", running_since="2019-12-01"
    ).json()
    assert (ran["decision"], ran["ground"], ran["until"]) == ("allow", "transition", "2020-01-30")


def test_what_a_person_decided_is_answered_until_it_ends(service: Service) -> None:
    question = {"landing_url": "", "page_name": "Kite Broadcasting House", "legal_name": "Kites and Sons"}
    assert service.decide(**question).json()["ground"] == "name-alone"
    day = service.clock.at.date()
    gate = Gate(registry(KITE, DESK), read_ad_pack("neutral", day), day, day)
    who = Advertiser(advertiser_id="a1", page_name="Kite Broadcasting House", legal_name="Kites and Sons")
    service.reviews.record(who, gate, "allow", "They sell kites.", "ada", days=1)

    answer = service.decide(**question).json()
    assert (answer["decision"], answer["ground"], answer["until"]) == ("allow", "reviewed", "2026-11-28")
    service.clock.pass_s(86_401)
    assert service.decide(**question).json()["decision"] == "review"


@pytest.mark.parametrize(
    ("question", "status", "said"),
    [
        ({"policy": "none"}, 422, "there is no policy of ads 'none'"), ({"policy": "/etc/passwd"}, 422, "policy"),
        ({"policy": "x-current", "on": "2010-01-01"}, 422, "no text that was in force"), ({"on": "yesterday"}, 422, "on"),
        ({"on": "1066-01-01"}, 422, "on"), ({"colour": "red"}, 422, "colour"), ({"payer": "k" * 3_000}, 422, "payer"),
        ({"target_countries": ["CN"] * 400}, 422, "target_countries"), ({"legal_name": 7}, 422, "legal_name"),
        ({"payer": "k" * 70_000}, 413, "64 KiB"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_in_words(
    service: Service, question: dict[str, Any], status: int, said: str
) -> None:
    done = service.decide(**question)

    assert done.status_code == status
    assert said in done.json()["error"]


def test_a_body_without_a_length_is_bounded_too(service: Service) -> None:
    def parts() -> Iterator[bytes]:
        yield b'{"policy": "neutral", "payer": "'
        for _ in range(100):
            yield b"k" * 1_000
        yield b'"}'

    headers = {"Authorization": f"Bearer {service.decides}", "Content-Type": "application/json"}
    done = service.client.post("/v1/ads/decide", content=parts(), headers=headers)
    assert done.status_code == 413


# --- who may ask


def test_without_a_key_that_counts_nothing_is_answered_but_health(service: Service) -> None:
    assert service.client.get("/v1/health").json()["status"] == "ok"
    for headers in (
        {},
        {"Authorization": "Bearer smh_none"},
        {"Authorization": service.decides},
        {"Authorization": "Bearer"},
    ):
        done = service.client.post("/v1/ads/decide", json=ASKED, headers=headers)
        assert (done.status_code, done.headers["www-authenticate"]) == (401, "Bearer")


def test_a_key_does_what_its_scopes_say(service: Service) -> None:
    assert service.decide(service.reads).status_code == 403
    read = {"Authorization": f"Bearer {service.reads}"}
    assert (
        service.client.get("/v1/ads/policies", headers={"Authorization": f"Bearer {service.decides}"}).status_code
        == 403
    )
    assert "neutral" in {one["policy"] for one in service.client.get("/v1/ads/policies", headers=read).json()}
    found = service.client.get("/v1/ads/entities/fr-desk", params={"on": "2024-01-01"}, headers=read).json()
    assert (found["code"], found["path"], found["answers"]["editorial"]) == ("SC", ["owned_by cn-kite"], "yes")
    assert service.client.get("/v1/ads/entities/none", headers=read).status_code == 404


def test_a_revoked_key_and_one_at_its_end_are_refused_within_a_second(service: Service) -> None:
    _, short = make_api_key(
        service.work, "short", ["ads:decide"], "ada", expires_at=service.clock.at + timedelta(days=1)
    )
    assert [service.decide(one).status_code for one in (service.decides, short)] == [200, 200]

    revoke_api_key(service.work, "decider", "ada")
    service.clock.pass_s(1.01)
    assert [service.decide(one).status_code for one in (service.decides, short)] == [401, 200]
    service.clock.pass_s(86_400)
    assert service.decide(short).status_code == 401


def test_a_rate_that_is_used_up_says_when_there_is_more(service: Service) -> None:
    _, slow = make_api_key(service.work, "slow", ["ads:decide"], "ada", rate=2)
    _, other = make_api_key(service.work, "other", ["ads:decide"], "ada", rate=2)

    assert [service.decide(slow).status_code for _ in range(3)] == [200, 200, 429]
    assert service.decide(slow).headers["retry-after"] == "1"
    assert service.decide(other).status_code == 200
    service.clock.pass_s(0.5)
    assert [service.decide(slow).status_code for _ in range(2)] == [200, 429]
    service.clock.pass_s(60)
    assert [service.decide(slow).status_code for _ in range(3)] == [200, 200, 429]


def test_the_store_holds_no_key_and_the_log_says_who_made_them(service: Service) -> None:
    keys = list_api_keys(service.store)
    assert [(one.name, one.scopes, one.revoked) for one in keys] == [
        ("decider", ("ads:decide",), False), ("reader", ("ads:read",), False)
    ]  # fmt: skip
    assert len(service.decides) > 40
    with service.store.reading() as session:
        assert verify(session).holds
        entries = read_entries(session)
    assert [entry["kind"] for entry in entries] == ["api_key.made", "api_key.made"]
    assert service.decides not in str(entries)


@pytest.mark.parametrize(
    ("name", "scopes", "rate", "said"),
    [
        ("decider", ["ads:decide"], 1.0, "called decider already"), ("x", [], 1.0, "has scopes"),
        ("x", ["all"], 1.0, "not all"),
        ("", ["ads:read"], 1.0, "bears a name"), ("x", ["ads:read"], 0.0, "rate"), ("a\nb", ["ads:read"], 1.0, "bears a name"),
    ],
)  # fmt: skip
def test_a_key_that_makes_no_sense_is_not_made(
    service: Service, name: str, scopes: list[str], rate: float, said: str
) -> None:
    with pytest.raises(UsageError, match=said):
        make_api_key(service.work, name, scopes, "ada", rate=rate)
    with pytest.raises(NotFoundError):
        revoke_api_key(service.work, "nobody", "ada")


def test_where_there_is_a_roster_a_lead_makes_keys(office: Office) -> None:
    with pytest.raises(UsageError, match="may not"):
        make_api_key(office.casework, "x", ["ads:read"], "dia")
    with pytest.raises(NotFoundError, match="nobody called nobody"):
        make_api_key(office.casework, "x", ["ads:read"], "nobody")
    assert make_api_key(office.casework, "x", ["ads:read"], "ada")[0].made_by == "ada"


def test_the_description_lists_what_may_be_answered(service: Service) -> None:
    described = service.client.get("/openapi.json").json()
    answers = described["paths"]["/v1/ads/decide"]["post"]["responses"]
    assert set(answers) == {"200", "400", "401", "403", "413", "422", "429", "503"}
    assert "x-current" in described["components"]["schemas"]["AdQuestion"]["properties"]["policy"]["enum"]
    assert service.client.get("/docs").status_code == 404  # its page would load scripts from elsewhere


def _soon(what: Callable[[], bool]) -> None:
    """Wait until something is so, which it has to be within some seconds."""
    end = time.monotonic() + 20
    while not what():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_an_ad_that_comes_with_an_id_is_in_the_repository_soon_and_can_be_read_there(service: Service) -> None:
    assert service.decide().json()["kept"] is False
    told: dict[str, Any] = {
        "ad_id": "7", "platform": "x", "payer": "Kites", "ad_text": "Buy kites", "target_countries": ["France"],
    }  # fmt: skip
    assert service.decide(**told).json()["kept"] is True
    _soon(lambda: service.repository.count() == 1)

    headers = {"Authorization": f"Bearer {service.reads}"}
    page = service.client.get("/v1/ads/repository", params={"words": "kites", "country": "FR"}, headers=headers).json()
    (found,) = page["ads"]
    assert page["after"] is None
    assert (found["version"], found["ad"]["ad_id"], found["ad"]["decision"], found["ad"]["entity_id"]) == (
        1, "7", "review", "cn-kite",
    )  # fmt: skip
    (version,) = service.client.get("/v1/ads/repository/x/7", headers=headers).json()
    assert version == found
    assert service.client.get("/v1/ads/repository/x/8", headers=headers).status_code == 404
    refused = service.client.get(
        "/v1/ads/repository", headers={"Authorization": f"Bearer {service.decides}"}
    )  # fmt: skip
    assert refused.status_code == 403


def test_one_ad_that_cannot_be_kept_is_refused_and_keeps_none_waiting(service: Service) -> None:
    refused = service.decide(ad_id="1", platform="İ" * 40)
    assert (refused.status_code, "platform of 40 characters" in refused.json()["error"]) == (422, True)
    assert service.decide(ad_id="a/2", platform="x").json()["kept"] is True
    assert (
        service.decide(ad_id="3", platform="x", on="2026-01-01").json()["kept"] is False
    )  # what if it were another day
    _soon(lambda: service.repository.count() == 1)
    headers = {"Authorization": f"Bearer {service.reads}"}
    assert service.client.get("/v1/ads/repository/x/a/2", headers=headers).json()[0]["ad"]["decided_on"] == "2026-11-27"


def test_an_ad_whose_versions_were_changed_keeps_no_other_waiting(service: Service) -> None:
    service.repository.record([AdRecord(platform="x", ad_id="1", text="kites")])
    with service.store.writing() as session:
        session.execute(text("UPDATE ad_versions SET body = replace(body, 'kites', 'bombs')"))
    service.decide(ad_id="1", platform="x")
    service.decide(ad_id="2", platform="x")
    _soon(lambda: service.repository.count() == 2)


def test_what_was_removed_is_not_handed_out_in_older_versions(service: Service) -> None:
    service.repository.record([AdRecord(platform="x", ad_id="1", text="secret", payer="Kites")])
    service.repository.remove("x", "1", "Rule 4.", "ada")
    headers = {"Authorization": f"Bearer {service.reads}"}
    found = service.client.get("/v1/ads/repository/x/1", headers=headers)
    assert [one["ad"]["status"] for one in found.json()] == ["active", "removed"]
    assert "secret" not in found.text


def test_contests_are_followed_again_after_the_store_was_away(service: Service) -> None:
    seen = service.client.get("/v1/health").json()["contests_seen_at"]
    with service.store.writing() as session:
        session.execute(text("ALTER TABLE ad_contests RENAME TO away"))
    time.sleep(0.3)
    with service.store.writing() as session:
        session.execute(text("ALTER TABLE away RENAME TO ad_contests"))
    service.clock.pass_s(60)
    _soon(lambda: bool(service.client.get("/v1/health").json()["contests_seen_at"] != seen))


def test_whoever_guesses_keys_does_not_give_a_used_up_rate_back(store_url: str) -> None:
    clock = Clock()
    with open_store(store_url) as store:
        _, secret = make_api_key(Casework(store, clock.now), "slow", ["ads:decide"], "ada", rate=1)
        ring = KeyRing(store, clock.now, lambda: clock.ticks, most=10)
        assert ring.key(secret)
        assert (ring.wait_s(secret), ring.wait_s(secret) > 0) == (0.0, True)
        for number in range(30):
            assert ring.key(f"smh_{number}") is None
        assert ring.wait_s(secret) > 0


def test_an_orderly_end_loses_no_ad(store_url: str) -> None:
    with open_store(store_url) as store:
        made = Service(store)
        with serving_app(made.app) as url, httpx.Client(base_url=url) as client:
            made.client = client
            for number in range(50):
                made.decide(ad_id=str(number))
        assert made.repository.count() == 50


class _Failing(AdRepository):
    """A repository whose disk is full for a while."""

    full = True

    def record(self, records: Iterable[AdRecord], *, decided: bool = False) -> Recorded:
        if self.full:
            raise JobError("no space is left")
        return super().record(records, decided=decided)


def test_ads_wait_where_the_store_cannot_be_written_and_none_is_taken_that_could_not_wait(store_url: str) -> None:
    with open_store(store_url) as store:
        repository = _Failing(store, Clock().now)
        with AdKeeper(repository, most=2, every_s=0.01) as keeper:
            for number in range(2):
                keeper.keep(AdRecord(platform="x", ad_id=str(number)))
            with pytest.raises(JobError, match="2 ads wait"):
                keeper.keep(AdRecord(platform="x", ad_id="2"))
            with pytest.raises(UsageError, match="platform of 40"):
                keeper.keep(AdRecord(platform="x" * 41, ad_id="3"))
            time.sleep(0.1)
            repository.full = False
            _soon(lambda: repository.count() == 2)
            keeper.keep(AdRecord(platform="x", ad_id="2"))
        assert repository.count() == 3


def test_what_is_upheld_counts_without_a_new_start(service: Service) -> None:
    assert service.decide().json()["decision"] == "block"
    contest = service.contests.receive("cn-kite", "Our readers own us since 2016.", "ada")
    service.contests.decide(contest.contest_id, "upheld", "The Act says so.", "ben", assessments=NEW)

    _soon(lambda: bool(service.decide().json()["decision"] == "allow"))
    read = service.client.get("/v1/ads/entities/cn-kite", headers={"Authorization": f"Bearer {service.reads}"}).json()
    assert (read["code"], read["answers"]["funding"]) == ("IP", "no")
