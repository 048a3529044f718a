"""Sites are an operation's own where its accounts link to them almost alone, as far as that can be known."""

from __future__ import annotations

from typing import Any

import pytest

from samehand.disclosure import own_sites

MEMBERS = {("sim", f"a{number}") for number in range(9)}


def _linking(site: str, members: int, others: int) -> list[dict[str, Any]]:
    names = [*(f"a{number}" for number in range(members)), *(f"o{number}" for number in range(others))]
    return [{"platform": "sim", "asset_id": name, "urls": [f"https://{site}/page"]} for name in names]


ELSEWHERE = _linking("theirs.test", 0, 9)


@pytest.mark.parametrize(
    ("members", "others", "own"), [(9, 1, ["kite.test"]), (9, 2, []), (5, 0, ["kite.test"]), (4, 0, [])]
)
def test_a_site_is_own_where_nine_in_ten_who_link_to_it_are_members(members: int, others: int, own: list[str]) -> None:
    assert own_sites([*_linking("kite.test", members, others), *ELSEWHERE], MEMBERS, 5) == own


@pytest.mark.parametrize(
    "site", ["twitter.com", "mobile.twitter.com", "x.com", "t.me", "vk.com", "weibo.com", "telegram.org"]
)
def test_no_platform_is_own(site: str) -> None:
    assert own_sites([*_linking(site, 9, 0), *ELSEWHERE], MEMBERS, 5) == []


def test_no_site_is_own_where_nobody_else_is_known_who_could_have_linked_to_it() -> None:
    assert own_sites([*_linking("kite.test", 9, 0), *_linking("theirs.test", 0, 4)], MEMBERS, 5) == []
