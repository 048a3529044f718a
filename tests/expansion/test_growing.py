"""Growth on small platforms by hand: who comes in, who stays out, what a reviewer changes."""

from __future__ import annotations

from typing import Any

import pytest

from samehand.expansion import Answers, ExpansionParameters, Grown, Holdings, Shared, grow
from samehand.expansion.scoring import ADMIN
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
    assert all(one.q_value <= 0.05 and one.local_fdr <= 0.1 for one in grown.inclusions)


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


def test_a_hop_that_is_not_precise_enough_is_the_last() -> None:
    holdings = holdings_of(logins=[*crowd(), *hand(30)])
    no = tuple(number(holdings, f"o{k}") for k in range(3, 13))

    found = _grown(holdings, "o0", "o1", "o2", answers=Answers(no=no), hops=4)

    assert "precision" in found.stopped or "nobody" in found.stopped
    assert len(found.hops) < 4
