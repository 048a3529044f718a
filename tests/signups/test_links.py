from __future__ import annotations

import math
from collections import Counter
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from samehand.signups import FACTS, FAMILIES
from samehand.signups.coding import FACT_NUMBER, NET_TYPES, CodedRows
from samehand.signups.ledger import BASELINE, WINDOW, Ledger
from samehand.signups.links import (
    DAMPED,
    DIFFERENT,
    JOINS,
    MOST,
    MOST_ELSEWHERE,
    NEIGHBOURS,
    STRONG,
    STRONG_NATS,
    WEAKEST,
    Clusters,
)
from samehand.signups.profiles import MAKERS, NOW, STRATUM_PRIOR

I64 = npt.NDArray[np.int64]
WINDOW_US, BASELINE_US = 1_000, 10_000
BLOCKING = ("client", "device", "domain", "mail", "phone", "shape", "form", "stem", "picture", "network", "zone", "fit",
            "channel", "versions")  # fmt: skip
NOBODYS = ("hosting", "vpn", "tor")


def _rows(facts: list[dict[str, int]], strata: list[tuple[int, int]], net: list[str], at: list[int]) -> CodedRows:
    coded = np.zeros((len(facts), len(FACTS)), np.uint64)
    for row, known in enumerate(facts):
        for name, value in known.items():
            coded[row, FACT_NUMBER[name]] = 1_000 * (1 + FACT_NUMBER[name]) + value
    places = np.array(strata, np.uint64).reshape(-1, 2)
    coded_strata = np.where(places > 0, places + np.array([90_000, 95_000], np.uint64), 0).astype(np.uint64)
    types = np.array([NET_TYPES.index(name) if name else -1 for name in net], np.int8)
    return CodedRows(coded, coded_strata, types, np.array(at, np.int64))


def _ledger(rows: CodedRows) -> Ledger:
    ledger = Ledger(WINDOW_US, BASELINE_US)
    ledger.arrive(rows)
    ledger.advance(int(rows.at_us[-1]) + 1)
    return ledger


class _Twin:
    """The evidence of pairs as the documentation words it, counted from the rows themselves."""

    def __init__(self, rows: CodedRows, ledger: Ledger) -> None:
        self.rows, self.middle, n = rows, ledger.middle, len(rows)
        self.people = {WINDOW: n - ledger.middle, BASELINE: ledger.middle}
        self.short = ledger.middle < 1_000
        self.seen: Counter[tuple[int, ...]] = Counter()
        for row in range(n):
            age = WINDOW if row >= ledger.middle else BASELINE
            strata = [int(s) for s in rows.strata[row] if s]
            self.seen.update((age, s) for s in strata)
            for value in (int(v) for v in rows.facts[row] if v):
                self.seen.update([(age, value), *((age, value, s) for s in strata)])

    def nats_of(self, value: int, i: int, j: int) -> float:
        """-ln of the usual share, at large or among the rows' own, two of the window being they themselves."""
        now = NOW * (self.seen[WINDOW, value] - 2 + 0.5) / (self.people[WINDOW] + 1)
        base = 0.0 if self.short else (self.seen[BASELINE, value] + 0.5) / (self.people[BASELINE] + 1)
        share = max(now, base)
        for row in (i, j):
            for s in (int(one) for one in self.rows.strata[row] if one):
                if not self.seen[WINDOW, value, s] + self.seen[BASELINE, value, s]:
                    continue
                here = (self.seen[WINDOW, value, s] - 2 + STRATUM_PRIOR * share) / (
                    self.seen[WINDOW, s] + STRATUM_PRIOR
                )
                before = (self.seen[BASELINE, value, s] + STRATUM_PRIOR * share) / (
                    self.seen[BASELINE, s] + STRATUM_PRIOR
                )
                share = max(share, NOW * here, before)
        return -math.log(min(1.0, share))

    def evidence(self, i: int, j: int) -> float:
        said: dict[str, float] = {}
        for place, fact in enumerate(FACTS):
            if fact.name == "hour":
                continue
            a, b = int(self.rows.facts[i, place]), int(self.rows.facts[j, place])
            if a and b:
                nats = min(MOST, self.nats_of(a, i, j)) if a == b else -DIFFERENT
                said[fact.family] = max(said.get(fact.family, -math.inf), nats)
        said = {family: said.get(family, 0.0) for family in FAMILIES}
        network = self.rows.facts[:, FACT_NUMBER["network"]]
        kind = int(self.rows.net_type[i])
        if network[i] and network[i] == network[j] and not (kind >= 0 and NET_TYPES[kind] in NOBODYS):
            said["network"] = max(said[name] for name in ("network", "contact", "channel", "client"))
            said |= {"contact": 0.0, "channel": 0.0, "client": 0.0}
        if said["device"] > 1:
            said["client"] = 0.0
        if sum(said[family] >= STRONG_NATS for family in MAKERS) < 2:
            return 0.0
        elsewhere = sum(nats for family, nats in said.items() if family not in MAKERS)
        return DAMPED * (sum(said[family] for family in MAKERS) + min(elsewhere, MOST_ELSEWHERE))

    def links(self) -> dict[tuple[int, int], float]:
        blocking = [FACT_NUMBER[name] for name in BLOCKING]
        found = {}
        for j, i in combinations(range(self.middle, len(self.rows)), 2):
            if not any(self.rows.facts[i, f] == self.rows.facts[j, f] != 0 for f in blocking):
                continue
            nats = self.evidence(i, j) - math.log(max(2, self.people[WINDOW]))
            if nats >= WEAKEST:
                found[i, j] = nats
        return found


def _stored(clusters: Clusters, rows: int) -> dict[tuple[int, int], float]:
    """Links from every row's own chain: each is there from both of its ends."""
    found = {}
    for row in range(rows):
        link = int(clusters.head[row])
        while link >= 0:
            found[row, int(clusters.to[link])] = float(clusters.nats[link])
            link = int(clusters.after[link])
    return found


@st.composite
def _worlds(draw: st.DrawFn) -> CodedRows:
    """At most 14 rows of the window that share much, behind a baseline of none, some or 1,100 rows."""
    rng = np.random.default_rng(draw(st.integers(0, 100_000)))
    now, before = draw(st.integers(2, 14)), draw(st.sampled_from([0, 40, 1_100]))
    lost, values = draw(st.sampled_from([0.0, 0.3, 0.8])), draw(st.integers(1, 6))
    facts = []
    for row in range(before + now):
        most = values if row >= before else 40
        facts.append({fact.name: int(rng.integers(0, most)) for fact in FACTS if rng.random() >= lost})
    strata = [(int(a), int(b)) for a, b in rng.integers(0, 3, (before + now, 2))]
    net = rng.choice(["", "residential", "hosting", "vpn"], before + now).tolist()
    return _rows(facts, strata, net, [0] * before + [5_000] * now)


@settings(max_examples=80)
@given(_worlds())
def test_links_are_those_of_a_twin_that_weighs_every_pair(rows: CodedRows) -> None:
    ledger, clusters = _ledger(rows), Clusters()
    clusters.extend(ledger, ledger.middle, ledger.end)
    stored, expected = _stored(clusters, len(rows)), _Twin(rows, ledger).links()

    assert {pair for pair in stored if pair[0] > pair[1]} == set(expected)
    assert [stored[pair] for pair in expected] == pytest.approx(list(expected.values()), abs=1e-9)


@settings(max_examples=40)
@given(_worlds())
def test_a_link_says_the_same_from_both_of_its_ends(rows: CodedRows) -> None:
    ledger, clusters = _ledger(rows), Clusters()
    clusters.extend(ledger, ledger.middle, ledger.end)
    stored = _stored(clusters, len(rows))

    assert stored == {(j, i): nats for (i, j), nats in stored.items()}


@settings(max_examples=40)
@given(_worlds())
def test_rows_of_a_cluster_are_linked_and_every_row_is_of_one_cluster_at_most(rows: CodedRows) -> None:
    ledger, clusters = _ledger(rows), Clusters()
    clusters.extend(ledger, ledger.middle, ledger.end)
    links = _stored(clusters, len(rows))
    of_all = [clusters.rows(number, 0).tolist() for number in range(clusters.clusters)]

    assert len({row for rows_ in of_all for row in rows_}) == sum(map(len, of_all))
    for number, members in enumerate(of_all):
        assert len(members) == clusters.size[number]
        assert (clusters.label[members] == number).all()
        assert max(links[i, j] for i, j in links if i in members and j in members) >= STRONG
        assert all(any((i, j) in links for j in members) for i in members)


@settings(max_examples=40)
@given(_worlds())
def test_who_is_left_out_is_linked_to_no_cluster_by_enough_to_join(rows: CodedRows) -> None:
    ledger, clusters = _ledger(rows), Clusters()
    clusters.extend(ledger, ledger.middle, ledger.end)
    links = _stored(clusters, len(rows))

    for row in range(ledger.middle, ledger.end):
        if clusters.label[row] >= 0:
            continue
        sums: Counter[int] = Counter()
        for (i, j), nats in links.items():
            if i == row:
                # a pair of loners that is strong enough would have begun a cluster
                assert clusters.label[j] >= 0 or nats < STRONG
                sums[int(clusters.label[j])] += math.exp(nats)  # type: ignore[assignment]
        for cluster, total in sums.items():
            assert cluster < 0 or clusters.size[cluster] < 3 or math.log(total) < JOINS


ALIKE = {"client": 1, "versions": 1, "phone": 1, "mail": 1, "shape": 1, "form": 1, "picture": 1, "pace": 1, "zone": 1}


def _pair(first: dict[str, int], second: dict[str, int], net: str = "residential") -> dict[tuple[int, int], float]:
    """Links of two rows among 30 of the window, the others of which have everything alone."""
    others = [{fact.name: 100 + row for fact in FACTS} for row in range(28)]
    rows = _rows([*others, first, second], [(0, 0)] * 30, [net] * 30, [5_000] * 30)
    ledger, clusters = _ledger(rows), Clusters()
    clusters.extend(ledger, 0, ledger.end)
    return _stored(clusters, 30)


def test_a_row_with_nothing_in_common_links_to_nobody() -> None:
    assert _pair(ALIKE, dict.fromkeys(ALIKE, 2)) == {}


def test_rows_of_which_nothing_is_known_link_to_nobody() -> None:
    assert _pair({}, {}) == {}


def test_rows_alike_in_all_that_tells_of_a_maker_are_linked() -> None:
    assert set(_pair(ALIKE, ALIKE)) == {(28, 29), (29, 28)}


@pytest.mark.parametrize("family", MAKERS)
def test_one_family_alone_links_nobody_whatever_else_is_shared(family: str) -> None:
    own = [fact.name for fact in FACTS if fact.family == family or fact.family not in MAKERS]
    one = dict.fromkeys(own, 1)
    rest = {fact.name: 50 for fact in FACTS if fact.name not in own}

    assert _pair({**rest, **one}, {**dict.fromkeys(rest, 51), **one}) == {}


NETWORK = {"network": 1, "shape": 1, "form": 1, "picture": 1, "pace": 1}


@pytest.mark.parametrize("more", [{"client": 1}, {"phone": 1, "mail": 1}, {"channel": 1}])
def test_on_one_ordinary_network_client_contact_and_channel_add_nothing(more: dict[str, int]) -> None:
    without, with_more = _pair(NETWORK, NETWORK), _pair({**NETWORK, **more}, {**NETWORK, **more})

    assert without == pytest.approx(with_more)
    assert set(without) == {(28, 29), (29, 28)}


@pytest.mark.parametrize("more", [{"client": 1}, {"phone": 1, "mail": 1}])
def test_on_a_rented_machines_network_they_do(more: dict[str, int]) -> None:
    without = _pair(NETWORK, NETWORK, "hosting")
    with_more = _pair({**NETWORK, **more}, {**NETWORK, **more}, "hosting")

    assert with_more[28, 29] > without[28, 29] + 2


def test_rows_that_left_the_window_are_linked_to_no_newcomer() -> None:
    others = [{fact.name: 100 + row for fact in FACTS} for row in range(28)]
    rows = _rows([ALIKE, *others, ALIKE], [(0, 0)] * 30, ["residential"] * 30, [0] + [5_000] * 29)
    ledger, clusters = _ledger(rows), Clusters()
    clusters.extend(ledger, ledger.middle, ledger.end)

    assert (ledger.middle, clusters.links) == (1, 0)


def _many(rows: int) -> CodedRows:
    rng = np.random.default_rng(4)
    facts: list[Any] = [{fact.name: int(rng.integers(0, 60)) for fact in FACTS} for _ in range(rows)]
    for row in facts[::3]:
        row.update(ALIKE)
    return _rows(facts, [(0, 0)] * rows, ["residential"] * rows, [5_000] * rows)


@pytest.mark.parametrize("size", [1, 7, 50])
def test_clusters_are_the_same_sets_however_many_rows_are_placed_at_a_time(size: int) -> None:
    ledger = _ledger(_many(150))
    once, parts = Clusters(), Clusters()
    once.extend(ledger, 0, 150)
    for low in range(0, 150, size):
        parts.extend(ledger, low, min(low + size, 150))

    assert _stored(once, 150) == _stored(parts, 150)
    assert (once.label[:150] >= 0).tolist() == (parts.label[:150] >= 0).tolist()


def test_a_newcomer_is_held_against_no_more_than_the_last_rows_of_a_fact() -> None:
    """All share one network's telephone block and picture: each row has at most so many links to earlier rows a fact."""
    rows = _rows([{"phone": 1, "picture": 1} for _ in range(90)], [(0, 0)] * 90, [""] * 90, [5_000] * 90)
    ledger, clusters = _ledger(rows), Clusters()
    clusters.extend(ledger, 0, 90)

    earlier = Counter(i for i, j in _stored(clusters, 90) if j < i)
    assert max(earlier.values(), default=0) <= 2 * NEIGHBOURS


def test_clusters_that_meet_become_one_and_keep_every_row() -> None:
    ledger = _ledger(_many(60))
    clusters = Clusters()
    clusters.extend(ledger, 0, 60)
    before = set(np.flatnonzero(clusters.label[:60] >= 0).tolist())
    for cluster in range(clusters.clusters):
        kept = cluster
        while clusters.size[kept] and (united := clusters.unite(kept, 0)) is not None:
            kept, gone = united
            assert clusters.size[gone] == 0

    rows = [row for cluster in range(clusters.clusters) for row in clusters.rows(cluster, 0).tolist()]
    assert sorted(rows) == sorted(before)
