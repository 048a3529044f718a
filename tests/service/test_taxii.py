"""TAXII 2.1 as the client of its own standard's authors sees it."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
import requests
import stix2
from taxii2client.common import TokenAuth
from taxii2client.v21 import ApiRoot, Collection, Server, as_pages

from samehand.casework import Casework
from samehand.errors import InputError, UsageError
from samehand.exchange import Collections, Grade, Tips, pull_collection, share_tip, stix_tip, tip_objects
from samehand.service import KeyRing, create_app, make_api_key
from samehand.store import Store, open_store
from tests.advertising.made_up import registry
from tests.exchange.made_up import NAMED, NOON, draft
from tests.serving import serving_app

MEDIA = "application/taxii+json;version=2.1"


def _now() -> datetime:
    return datetime.now(UTC)


class Exchange:
    """A service with two collections: of peers, which the partner reads and sends through, and of others."""

    def __init__(self, store: Store) -> None:
        self.work = Casework(store, _now)
        self.collections, self.tips = Collections(self.work), Tips(self.work)
        _, self.key = make_api_key(self.work, "partner", ["taxii:read", "taxii:write"], "ada", rate=10_000)
        _, self.reader = make_api_key(self.work, "reader", ["taxii:read"], "ada", rate=10_000)
        _, self.decides = make_api_key(self.work, "decider", ["ads:decide"], "ada", rate=10_000)
        for title in ("peers", "others"):
            self.collections.make(title, "ada", clearance="green", description=f"For {title}.")
        self.collections.let("peers", "partner", "ada", may_write=True)
        self.collections.let("others", "reader", "ada")
        (taken,) = self.tips.take([draft()], "ada", Grade(source="Kite Watch", tlp="green"))
        self.tip = taken.tip_id
        share_tip(self.work, self.tip, "peers", "ada")
        self.app = create_app(registry(), KeyRing(store, _now), _now, work=self.work, every_s=0.05)
        self.url = ""

    def place(self, title: str = "peers") -> str:
        return f"{self.url}/taxii2/exchange/collections/{self.collections.titled(title).collection_id}/"

    def collection(self, title: str = "peers") -> Collection:
        return Collection(self.place(title), auth=TokenAuth(self.key))

    def get(self, path: str, key: str | None = None, **headers: str) -> httpx.Response:
        return httpx.get(
            f"{self.url}{path}", headers={"Authorization": f"Bearer {key or self.key}", "Accept": MEDIA, **headers}
        )


@pytest.fixture
def exchange(store_url: str) -> Iterator[Exchange]:
    with open_store(store_url) as store:
        made = Exchange(store)
        with serving_app(made.app) as url:
            made.url = url
            yield made


def test_the_client_finds_its_way_from_the_door_to_the_objects(exchange: Exchange) -> None:
    server = Server(f"{exchange.url}/taxii2/", user="partner", password=exchange.key)
    (root,) = server.api_roots
    assert (server.title, root.versions, root.max_content_length) == ("samehand", [MEDIA], 8 << 20)
    (peers,) = root.collections
    assert (peers.title, peers.description, peers.can_read, peers.can_write) == ("peers", "For peers.", True, True)

    objects = peers.get_objects()["objects"]
    assert {one["type"] for one in objects} >= {"report", "indicator", "note", "identity", "marking-definition"}
    for one in objects:
        stix2.parse(one)
    again = stix_tip(objects, "x")
    assert again.indicators == NAMED


def test_pages_and_filters_are_those_of_the_standard(exchange: Exchange) -> None:
    peers = exchange.collection()
    whole = peers.get_objects()["objects"]
    pages = list(as_pages(peers.get_objects, per_request=5))
    assert [one for page in pages for one in page["objects"]] == whole
    assert [page.get("more", False) for page in pages] == [True] * (len(pages) - 1) + [False]
    manifest = [one for page in as_pages(peers.get_manifest, per_request=7) for one in page["objects"]]
    assert [one["id"] for one in manifest] == [one["id"] for one in whole]
    assert manifest == sorted(manifest, key=lambda one: str(one["date_added"]))

    (report,) = peers.get_objects(type="report")["objects"]
    assert peers.get_object(report["id"])["objects"] == [report]
    assert peers.object_versions(report["id"])["versions"] == [report["modified"]]
    assert peers.get_objects(id=[report["id"]], version="all")["objects"] == [report]
    later = peers.get_objects(added_after=manifest[2]["date_added"])["objects"]
    assert later == whole[3:]
    assert peers.get_objects(added_after=manifest[-1]["date_added"]) == {}


def test_what_is_taken_back_comes_as_a_revoked_version_by_itself(exchange: Exchange) -> None:
    peers = exchange.collection()
    (report,) = peers.get_objects(type="report")["objects"]
    exchange.tips.retract(exchange.tip, "They mixed two networks up.", "ada")
    end = time.monotonic() + 20
    while not peers.get_object(report["id"])["objects"][0].get("revoked"):
        assert time.monotonic() < end
        time.sleep(0.05)
    assert len(peers.object_versions(report["id"])["versions"]) == 2


def test_what_a_partner_sends_is_a_tip_and_is_answered_with_a_status(exchange: Exchange) -> None:
    theirs = tip_objects(draft(NAMED[0], title="Theirs"), tlp="clear", source="Theirs", received=NOON)
    sent = [*theirs, {"type": "malware", "id": "x"}]
    status = exchange.collection().add_objects({"objects": sent})

    counts = (status.total_count, status.success_count, status.failure_count)
    assert (status.status, *counts) == ("complete", len(sent), len(sent) - 1, 1)
    assert "no object of STIX" in status.failures[0]["message"]
    assert exchange.get(f"/taxii2/exchange/status/{status.id}/").json()["id"] == status.id
    assert exchange.get(f"/taxii2/exchange/status/{status.id}/", exchange.reader).status_code == 404
    tip = exchange.tips.all()[0]
    assert (tip.title, tip.source, tip.tlp, tip.indicators, tip.case_id) == ("Theirs", "partner", "green", 1, None)
    assert len(exchange.collection().get_objects(type="report")["objects"]) == 1  # a lead is handed to nobody by itself


@pytest.mark.parametrize(
    ("path", "key", "headers", "status"),
    [
        ("/taxii2/", "none", {}, 401), ("/taxii2/", "decides", {}, 403), ("/taxii2/", "key", {"Accept": "text/html"}, 406),
        ("/taxii2/exchange/collections/none/", "key", {}, 404), ("/taxii2/exchange/nothing/", "key", {}, 404),
        ("PEERS", "reader", {}, 404), ("PEERSobjects/", "reader", {}, 404), ("PEERSmanifest/", "reader", {}, 404),
        ("PEERSobjects/?next=x", "key", {}, 422), ("PEERSobjects/?added_after=soon", "key", {}, 422),
        ("PEERSobjects/?limit=0", "key", {}, 422), ("PEERSobjects/?match[spec_version]=2.0", "key", {}, 404),
        ("PEERSobjects/note--none/", "key", {}, 404), ("PEERSobjects/?match[version]=soon", "key", {}, 422),
        ("PEERSobjects/?added_after=0001-01-01T00:00:00%2B23:00", "key", {}, 422),
    ],
)  # fmt: skip
def test_what_is_not_answered_is_told_as_the_standard_has_it(
    exchange: Exchange, path: str, key: str, headers: dict[str, str], status: int
) -> None:
    asked = path.replace("PEERS", exchange.place().removeprefix(exchange.url))
    secret = {"none": "smh_none", "key": exchange.key, "reader": exchange.reader, "decides": exchange.decides}[key]
    answer = exchange.get(asked, secret, **headers)
    assert (answer.status_code, answer.json()["http_status"]) == (status, str(status))
    assert answer.json()["title"]
    assert answer.headers["content-type"] == MEDIA
    if status == 401:
        assert answer.headers["www-authenticate"] == "Basic"


@pytest.mark.parametrize(
    ("content", "headers", "status"),
    [
        (b"{", {}, 400), (b"{}", {}, 422), (b'{"objects": []}', {}, 422), (b"[1]", {}, 422),
        (b'{"objects": [1]}', {"Content-Type": "application/json"}, 415), (b"[" * 100_000, {}, 400),
        (b" " * (9 << 20), {}, 413), (b'{"objects": [7, null, {}]}', {}, 202),
    ],
)  # fmt: skip
def test_whatever_is_sent_nothing_falls_over(
    exchange: Exchange, content: bytes, headers: dict[str, str], status: int
) -> None:
    said = {"Authorization": f"Bearer {exchange.key}", "Accept": MEDIA, "Content-Type": MEDIA, **headers}
    assert httpx.post(f"{exchange.place()}objects/", content=content, headers=said).status_code == status


def test_who_may_only_read_sends_nothing(exchange: Exchange) -> None:
    said = {"Authorization": f"Bearer {exchange.reader}", "Accept": MEDIA, "Content-Type": MEDIA}
    answer = httpx.post(f"{exchange.place('others')}objects/", content=b'{"objects":[{}]}', headers=said)
    assert (answer.status_code, exchange.tips.all()[0].source) == (403, "Kite Watch")
    with pytest.raises(requests.HTTPError):
        ApiRoot(f"{exchange.url}/taxii2/exchange/", auth=TokenAuth(exchange.decides)).refresh()


def test_a_collection_is_pulled_by_another_house(exchange: Exchange) -> None:
    found = list(pull_collection(exchange.place(), exchange.key))
    assert stix_tip(found, "x").indicators == NAMED
    assert (
        list(pull_collection(exchange.place(), exchange.key, user="partner", added_after="2999-01-01T00:00:00Z")) == []
    )
    with pytest.raises(UsageError, match="without TLS"):
        list(pull_collection("http://peer.example/taxii2/x/collections/1/", "s"))
    with pytest.raises(InputError, match="401"):
        list(pull_collection(exchange.place(), "wrong"))


def test_each_report_is_a_tip_and_is_taken_back_by_itself(exchange: Exchange) -> None:
    """Two tips of one collection: what one of them takes back says nothing of the other, over a whole pull and a later one."""
    gamma, delta = (
        list(tip_objects(draft(one, title=title, ref=title), tlp="green", source="House", received=NOON))
        for title, one in (("gamma", NAMED[0]), ("delta", NAMED[1]))
    )
    peers = exchange.collection()
    peers.add_objects({"objects": [*gamma, *delta]})
    assert {tip.title for tip in exchange.tips.all()} >= {"gamma", "delta"}

    gone = [{**one, "revoked": True, "modified": "2027-06-01T00:00:00.000Z"} for one in gamma
            if one["type"] in ("report", "indicator")]  # fmt: skip
    peers.add_objects({"objects": [*gone, *delta]})

    tips = {tip.title: tip for tip in exchange.tips.all()}
    assert tips["gamma"].retracted_at is not None
    assert tips["delta"].retracted_at is None
    assert len(tips) == 3


def test_what_a_partner_takes_back_that_no_report_names_is_taken_back(exchange: Exchange) -> None:
    made = tip_objects(draft(NAMED[0]), tlp="green", source="Partner", received=NOON)
    (indicator,) = [one for one in made if one["type"] == "indicator"]
    peers = exchange.collection()
    peers.add_objects({"objects": [indicator]})
    peers.add_objects({"objects": [{**indicator, "revoked": True, "modified": "2027-06-01T00:00:00.000Z"}]})

    (tip,) = [one for one in exchange.tips.all() if one.source == "partner"]
    assert (tip.indicators, tip.revoked) == (1, 1)


def test_an_envelope_has_a_bound_on_its_objects(exchange: Exchange) -> None:
    said = {"Authorization": f"Bearer {exchange.key}", "Accept": MEDIA, "Content-Type": MEDIA}
    content = json.dumps({"objects": [{}] * 2_001}).encode()
    answer = httpx.post(f"{exchange.place()}objects/", content=content, headers=said)
    assert (answer.status_code, "2,000 objects at most" in answer.text) == (413, True)


def test_keys_of_taxii_are_not_in_the_description_nor_is_any_content(exchange: Exchange) -> None:
    described: dict[str, Any] = exchange.get("/openapi.json").json()
    assert not [path for path in described["paths"] if path.startswith("/taxii2")]
    assert "kite-news" not in json.dumps(described)
