"""Growth on small platforms by hand: who comes in, who stays out, what a reviewer changes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from samehand.expansion import Answers, ExpansionParameters, Grown, Holdings, Shared, grow
from samehand.expansion.growing import _Growth, _Ranked
from samehand.expansion.scoring import ADMIN, score
from tests.expansion.made_up import crowd, hand, holdings_of, login, names, number, post


def _grown(holdings: Holdings, *seeds: str, answers: Answers | None = None, **parameters: Any) -> Grown:
    chosen = tuple(number(holdings, name) for name in seeds)
    return grow(Shared.of(holdings, []), chosen, ExpansionParameters(**parameters), answers)


def _included(holdings: Holdings, grown: Grown) -> set[str]:
    return names(holdings, [one.asset for one in grown.inclusions])


@pytest.fixture(scope="module")
def platform() -> Holdings:
    """A hand of 12, two pages that it runs, a big page that one of it helps to run, activists who do what it does."""
    runs = [{"asset_id": f"o{k}", "role": "admin", "target_id": f"page{k % 2}"} for k in range(4)]
    runs += [{"asset_id": name, "role": "admin", "target_id": "big"} for name in ("o1", "c30", "c40", "c50", "c60")]
    runs += [{"asset_id": f"a{k}", "role": "admin", "target_id": "cause"} for k in range(4)]
    runs += [{"asset_id": f"c{k}", "role": "admin", "target_id": f"club{k // 2}"} for k in range(300, 500)]
    runs += [{"asset_id": f"c{k}", "role": "follower", "target_id": "page0"} for k in range(600, 700)]
    runs += [{"asset_id": f"a{k}", "role": "member", "target_id": "page1"} for k in range(12)]
    kinds = {"page0": "page", "page1": "page", "big": "page", "cause": "group"}
    kinds |= {f"club{k // 2}": "group" for k in range(300, 500)}
    posts = [
        post(f"{who}{k}{n}", f"{who}{k}", minute=n, media_hashes=[f"id:m{n}"], urls=[f"https://a.example/{n}"])
        for who in "oa"
        for k in range(12)
        for n in range(4)
    ]
    posts += [post(f"c{k}", f"c{k}", media_hashes=[f"id:c{k}"], urls=[f"https://c{k}.example/"]) for k in range(300)]
    office = [login(f"a{k}", ip="office", device=f"adev{k}") for k in range(12)]
    return holdings_of(
        assets=[{"asset_id": name, "kind": kind} for name, kind in kinds.items()], relations=runs,
        logins=[*crowd(), *hand(), *office], posts=posts,
    )  # fmt: skip


@pytest.fixture(scope="module")
def grown(platform: Holdings) -> Grown:
    return _grown(platform, "o0", "o1", "o2")


def test_the_rest_of_the_hand_and_its_pages_come_in(platform: Holdings, grown: Grown) -> None:
    assert {f"o{k}" for k in range(3, 12)} | {"page0", "page1"} <= _included(platform, grown)


def test_nobody_else_comes_in(platform: Holdings, grown: Grown) -> None:
    assert {name for name in _included(platform, grown) if not name.startswith("o")} == {"page0", "page1"}


def test_activists_who_share_links_images_and_hours_stay_out_and_are_counted(grown: Grown) -> None:
    assert grown.reasons["shares only what anybody may share: images, texts, links, moments"] >= 12


def test_followers_stay_out_and_are_counted(grown: Grown) -> None:
    assert grown.reasons["only follows or joined what is of the network, or is followed or joined by it"] >= 100


def test_a_big_page_that_a_member_helps_to_run_stays_out_and_is_counted(grown: Grown) -> None:
    assert grown.reasons["run mostly by others than members"] == 1


def test_every_inclusion_has_a_path_that_ends_at_a_seed(platform: Holdings, grown: Grown) -> None:
    shared = Shared.of(platform, [])
    by_asset = {one.asset: one for one in grown.inclusions}
    for one in grown.inclusions:
        steps = [one]
        while steps[-1].through in by_asset:
            steps.append(by_asset[steps[-1].through])
        assert steps[-1].through in grown.seeds
        things = [step for step in steps if shared.attribute[step.row] != ADMIN]
        assert one.hop == len(things) <= 2


def test_every_inclusion_passes_the_rate_of_its_hop(grown: Grown) -> None:
    tried = [one for one in grown.inclusions if one.among]
    assert len(tried) >= 9
    assert all((one.q_value or 0) <= 0.05 for one in tried)
    assert all((one.local_fdr or 0) <= 0.1 for one in tried)
    assert all(one.p_value for one in tried)


def test_a_page_most_of_whose_staff_are_members_bears_no_chance(platform: Holdings, grown: Grown) -> None:
    (page,) = [one for one in grown.inclusions if one.asset == number(platform, "page1")]

    assert (page.among, page.p_value, page.q_value, page.local_fdr) == ("", None, None, None)


def test_the_same_seed_grows_the_same_network(platform: Holdings, grown: Grown) -> None:
    assert _grown(platform, "o0", "o1", "o2") == grown


def test_whom_a_reviewer_said_no_to_is_never_taken_in(platform: Holdings) -> None:
    found = _grown(platform, "o0", "o1", "o2", answers=Answers(no=(number(platform, "o5"),)))

    assert "o5" not in _included(platform, found)
    assert found.reasons["a reviewer said no"] == 1


def test_a_no_weakens_what_led_to_it_and_a_yes_is_a_seed(platform: Holdings) -> None:
    before = {one.asset: one.total for one in _grown(platform, "o0", "o1", "o2").inclusions if one.round == 1}
    no = tuple(number(platform, f"o{k}") for k in (5, 8))
    found = _grown(platform, "o0", "o1", "o2", answers=Answers(yes=(number(platform, "o3"),), no=no))

    assert number(platform, "o3") in found.seeds
    after = {one.asset: one.total for one in found.inclusions}
    assert any(after.get(asset, 0) < total for asset, total in before.items())


def test_a_tip_of_genuine_people_takes_nobody_in(platform: Holdings) -> None:
    assert _grown(platform, "c0", "c100", "c300").inclusions == []


def test_answers_count_in_the_hop_that_takes_the_asset_in_and_in_no_other() -> None:
    holdings = holdings_of(logins=[*crowd(2000), *hand(20)])
    before = _grown(holdings, "o0", "o1", "o2")
    taken = [one.asset for one in before.inclusions[: before.hops[0].included]]
    answers = Answers(yes=(taken[0], number(holdings, "c7")), no=(taken[1], taken[2], number(holdings, "c9")))

    after = _grown(holdings, "o0", "o1", "o2", answers=answers)

    assert (after.hops[0].yes, after.hops[0].no) == (1, 2)
    assert all((hop.yes, hop.no) == (0, 0) for hop in after.hops[1:])


def test_a_no_lowers_the_precision_of_its_hop_and_enough_of_them_end_the_growth() -> None:
    holdings = holdings_of(logins=[*crowd(2000), *hand(20)])
    before = _grown(holdings, "o0", "o1", "o2").hops[0]
    taken = [one.asset for one in _grown(holdings, "o0", "o1", "o2").inclusions[: before.included]]
    one, four = (
        _grown(holdings, "o0", "o1", "o2", answers=Answers(no=tuple(taken[:count]))).hops[0] for count in (1, 4)
    )

    precision = [hop.precision or 0 for hop in (before, one, four)]
    assert precision[0] > precision[1] > precision[2] > 0
    assert precision[2] < 0.9
    found = _grown(holdings, "o0", "o1", "o2", answers=Answers(no=tuple(taken[:4])), hops=4)
    assert found.stopped.startswith("hop 1")


def test_a_hop_that_took_nobody_in_has_no_precision(platform: Holdings) -> None:
    (hop,) = _grown(platform, "c0", "c100", "c300").hops

    assert (hop.included, hop.precision) == (0, None)


def _with_staff(backed: int) -> Holdings:
    """Two pages of four who run each: some of these post what the operator's others post."""
    runs = [
        {"asset_id": name, "role": "admin", "target_id": f"p{page}"}
        for page in range(2)
        for name in (f"o{page}", *(f"s{page}{k}" for k in range(3)))
    ]
    shared = [*(f"o{k}" for k in range(12)), *(f"s0{k}" for k in range(backed))]
    posts = [
        post(f"{who}{n}", who, minute=n, media_hashes=[f"id:m{n}"], urls=[f"https://a.example/{n}"])
        for who in shared
        for n in range(4)
    ]
    posts += [post(f"c{k}", f"c{k}", media_hashes=[f"id:c{k}"], urls=[f"https://c{k}.example/"]) for k in range(300)]
    own = [login(f"s{page}{k}", ip=f"flat{page}{k}", device=f"sdev{page}{k}") for page in range(2) for k in range(3)]
    clubs = [{"asset_id": f"c{k}", "role": "admin", "target_id": f"club{k // 3}"} for k in range(300, 600)]
    return holdings_of(
        assets=[{"asset_id": name, "kind": "page"} for name in ("p0", "p1", *(f"club{k}" for k in range(100, 200)))],
        relations=[*runs, *clubs], logins=[*crowd(), *hand(), *own], posts=posts,
    )  # fmt: skip


@pytest.mark.parametrize(("p_value", "taken"), [(0.004, True), (0.04, False)])
def test_who_runs_a_page_of_the_tip_with_few_others_is_tried_among_these(p_value: float, *, taken: bool) -> None:
    """Seven run a page of the tip, o0 not counted: one that one time in 25 is backed as strongly by luck is no find."""
    holdings = _with_staff(1)
    shared = Shared.of(holdings, [])
    seeds = tuple(number(holdings, name) for name in ("p0", "p1", "o0"))
    growth = _Growth(shared, ExpansionParameters(), Answers(), seeds, [])
    scores = score(shared, growth.circle())
    who = np.array([number(holdings, name) for name in ("s00", "s01", "o1", "o2")])
    rows = np.array([int(np.flatnonzero(shared.assets == one)[0]) for one in who])
    much = np.ones(4)
    ranked = _Ranked(who, rows, much, much, much, much > 1, np.array([p_value, 1.0, 1.0, 0.0001]))

    found = growth._staff_of_seeds(ranked, scores, 1, 1)

    assert names(holdings, [one.asset for one in found]) == ({"s00"} if taken else set())
    assert [one.q_value for one in found] == [pytest.approx(7 * p_value)] * taken
    assert [(one.among, one.p_value) for one in found] == [("staff", p_value)] * taken


def test_reasons_count_everybody_who_shares_something_once(platform: Holdings, grown: Grown) -> None:
    assert all(count > 0 for count in grown.reasons.values())
    assert sum(grown.reasons.values()) <= len(platform) - len(grown.seeds) - len(grown.inclusions)


def test_many_faint_ties_are_a_reason_of_their_own() -> None:
    """Of 2,000 people 200 are named: that somebody shares an address with one of these says 2.4 nats, with three of them 7."""
    logins = [login(f"c{k}", ip=f"home{k}", device=f"dev{k}") for k in range(2000)]
    logins += [login(who, ip=f"office{k}") for k in range(3) for who in ("x", f"c{k}")]
    holdings = holdings_of(logins=logins)

    reasons = _grown(holdings, *(f"c{k}" for k in range(200))).reasons

    assert reasons == {"many faint ties, and no one thing of 3 nats": 1}


def test_a_network_larger_than_what_it_is_held_against_is_said() -> None:
    runs = [{"asset_id": f"o{k}", "role": "admin", "target_id": f"page{k}"} for k in range(12)]
    runs += [{"asset_id": f"c{k}", "role": "admin", "target_id": f"club{k}"} for k in range(6)]
    pages = [f"page{k}" for k in range(12)] + [f"club{k}" for k in range(6)]
    holdings = holdings_of(
        assets=[{"asset_id": name, "kind": "page"} for name in pages], relations=runs, logins=[*crowd(), *hand()]
    )

    grown = _grown(holdings, *(f"page{k}" for k in range(8)))

    assert grown.hops[0].short == ("pages and groups",)


def test_the_order_of_rows_changes_nobody() -> None:
    logins = [*crowd(), *hand()]
    one, other = holdings_of(logins=logins), holdings_of(logins=logins[::-1])

    first, second = (_grown(holdings, "o0", "o1", "o2") for holdings in (one, other))

    assert [(one.ids[k.asset].as_py(), k.total, k.p_value) for k in first.inclusions] == [
        (other.ids[k.asset].as_py(), k.total, k.p_value) for k in second.inclusions
    ]
