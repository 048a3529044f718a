"""On a real PDS a team is found by what it does, taken down by a decision of two persons, and given back by another."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from samehand.casework import Appeals, Decision, Notices, bring
from samehand.cli import main
from samehand.enforcement import AtprotoConnector, Execution
from samehand.records import Dataset
from samehand.sources import ATPROTO_ADMIN, atproto_api
from samehand.store import open_store
from tests.casework.scenes import Office, founded
from tests.enforcement.pds_town import PEOPLE, TEAM, Town, town_on
from tests.enforcement.real_pds import ADMIN_PASSWORD, AT_ONCE, POST, Person, RealPds

pytestmark = pytest.mark.server

TAKEN_DOWN = (401, "AccountTakedown")
FINE = (200, None)


@pytest.fixture(scope="module")
def town(pds: RealPds) -> Town:
    return town_on(pds)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with open_store(f"sqlite:///{tmp_path}/store.sqlite") as store:
        yield founded(store, tmp_path)


@pytest.fixture
def connector(pds: RealPds) -> Iterator[AtprotoConnector]:
    with atproto_api(pds.url, ADMIN_PASSWORD) as api:
        yield AtprotoConnector(api)


def _job(*arguments: str) -> None:
    with pytest.raises(SystemExit) as ended:
        main([*arguments, "--json"])
    assert ended.value.code == 0


def _imported(town: Town, into: Path, monkeypatch: pytest.MonkeyPatch) -> Dataset:
    monkeypatch.setenv(ATPROTO_ADMIN, ADMIN_PASSWORD)
    _job("import", "atproto", town.server.url, "--into", str(into))
    return Dataset.open(into)


def _answered(office: Office, decision: Decision) -> Decision:
    office.decisions.sample(decision.decision_id, "cem")
    return office.decisions.approve(decision.decision_id, office.keys["cem"], decision.confirmation)


def _posting(person: Person) -> tuple[int, str | None]:
    return person.post("hello")


def _all(people: tuple[Person, ...], act: Callable[[Person], tuple[int, str | None]]) -> set[tuple[int, str | None]]:
    """What all of them were told, some at a time."""
    with ThreadPoolExecutor(AT_ONCE) as threads:
        return set(threads.map(act, people))


def _shown(server: RealPds, person: Person) -> int:
    """How many posts everybody is shown of somebody; -1 where the server knows no such account any more."""
    status, answer = server.get("repo.listRecords", repo=person.did, collection=POST, limit="100")
    return len(answer["records"]) if status == 200 else -1


def test_the_servers_listen_on_this_machine_only(pds: RealPds) -> None:
    assert pds.listening_on() == ["127.0.0.1"] * 2


def test_every_account_and_post_is_read_once(town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dataset = _imported(town, tmp_path / "d", monkeypatch)
    again = _imported(town, tmp_path / "d", monkeypatch)

    assert again.manifest == dataset.manifest
    assert dataset.rows("assets") == dataset.rows("signups") == PEOPLE + TEAM
    accounts, posts = dataset.manifest.sources
    assert (accounts.read, accounts.kept) == (PEOPLE + TEAM, PEOPLE + TEAM)
    assert posts.read == posts.kept == dataset.rows("posts") == town.posts
    kinds = dataset.table("posts", ["kind"]).column("kind").to_pylist()
    assert set(kinds) == {"original", "repost", "reply"}


def test_the_team_that_is_found_is_taken_down_and_given_back_and_people_are_left_alone(
    town: Town, office: Office, connector: AtprotoConnector, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _imported(town, tmp_path / "d", monkeypatch)
    _job("detect", str(tmp_path / "d"), "--out", str(tmp_path / "run"))
    (network,) = pq.read_table(tmp_path / "run" / "networks.parquet").to_pylist()
    members = pq.read_table(tmp_path / "run" / "members.parquet").column("asset_id").to_pylist()
    assert (network["coordinated"], network["inauthentic"], network["flagged"]) == ("strong", "strong", True)
    assert sorted(members) == town.dids("team")

    case = bring(office.casework, tmp_path / "run", [network["network_id"]], "dia")[0].case.case_id
    proposed = office.decisions.propose(
        case, "suspend", ["coordinated_inauthentic"], "One program drives them.", office.keys["dia"]
    )
    decision = _answered(office, proposed)
    execution = Execution(office.casework, connector, "bluesky")
    progress = execution.run(decision.decision_id, "dia")

    assert (progress.done, progress.already, progress.complete) == (TEAM, 0, True)
    assert _all(town.team, Person.login) == _all(town.team, _posting) == {TAKEN_DOWN}
    assert {_shown(town.server, person) for person in town.team} == {-1}
    assert _all(town.people, Person.login) == _all(town.people, _posting) == {FINE}
    assert {did for did, status in town.server.repos().items() if status == "takendown"} == set(members)

    first, *others = town.team
    told: dict[str, str] = {}
    Notices(office.casework).write(
        "dia", lambda one: told.update({one.asset_id: one.reference}), contact="appeals@town.test"
    )
    assert set(told) == set(members)
    appeal = Appeals(office.casework).receive(told[first.did], "Somebody used my phone.", "dia")
    ruled = Appeals(office.casework).decide(appeal.appeal_id, "overturned", "She showed it.", office.keys["eva"])
    given_back = execution.run(ruled.reversal_id or 0, "dia")
    assert (given_back.done, given_back.complete) == (1, True)
    assert (first.login(), _posting(first)) == (FINE, FINE)
    assert _all(tuple(others), Person.login) == {TAKEN_DOWN}

    reversal = office.decisions.propose_reversal(decision.decision_id, "They were a choir.", office.keys["dia"])
    undone = execution.run(_answered(office, reversal).decision_id, "dia")

    assert (undone.done, undone.already, undone.complete) == (TEAM - 1, 0, True)  # the first was given back already
    assert _all(town.team, Person.login) == _all(town.team, _posting) == {FINE}
    assert min(_shown(town.server, person) for person in town.team) > 0
    assert set(town.server.repos().values()) == {"active"}
    assert office.decisions.decision(decision.decision_id).state == "reversed"


def test_a_status_that_was_changed_is_read(
    town: Town, connector: AtprotoConnector, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = town.team[0]
    assert connector.act(one.did, "suspend", key="k1").outcome == "done"
    try:
        dataset = _imported(town, tmp_path / "d", monkeypatch)
    finally:
        assert connector.act(one.did, "reinstate", key="k2").outcome == "done"

    statuses = {row["asset_id"]: row["status"] for row in dataset.table("assets").to_pylist()}
    assert {did for did, status in statuses.items() if status != "active"} == {one.did}
    assert "1 accounts are takendown" in dataset.manifest.sources[0].notes[0]
    assert one.did not in dataset.table("posts", ["asset_id"]).column("asset_id").to_pylist()


def test_who_is_no_account_of_the_server_is_not_acted_on(connector: AtprotoConnector) -> None:
    acts = [connector.act(account, "suspend") for account in ("did:plc:nobody", "anna.test")]

    assert [act.outcome for act in acts] == ["failed"] * 2
    assert [act.detail.partition(" (")[0].partition(";")[0] for act in acts] == [
        "the server has no such account",
        "it is no DID",
    ]
