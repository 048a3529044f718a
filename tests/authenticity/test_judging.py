from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import asdict

import numpy as np
import pytest

from samehand.authenticity import DETECTORS, SharedOwner, findings_table
from samehand.records import schema_of
from tests.authenticity.crowds import BEGIN, DAY, TABLES, Crowd, draw_crowd, judged, states
from tests.authenticity.scenes import (
    TEAM,
    add,
    fandom,
    leader,
    newsroom,
    own_objects,
    patriots,
    planted,
    protest,
    scheduled,
    second_life,
    syndicate,
)

SEEDS = range(6)


def test_a_team_of_one_hand_is_flagged() -> None:
    for seed in SEEDS:
        one = judged(planted(seed), TEAM)[0]

        assert (one.inauthentic, one.flagged) == ("strong", True), seed
        found = states(one)
        assert [found[n] for n in ("creation", "same_avatars", "shared_logins", "one_client")] == ["strong"] * 4


@pytest.mark.parametrize("scene", [newsroom, syndicate, fandom, protest, patriots, leader])
def test_people_who_are_alike_for_a_good_reason_are_not_flagged(scene: Callable[[int], Crowd]) -> None:
    """Six crowds of each kind, all seeds fixed: none may be flagged, and none is strongly inauthentic."""
    found = [judged(scene(seed), TEAM)[0] for seed in SEEDS]

    assert [(one.flagged, one.inauthentic) for one in found if one.flagged or one.inauthentic == "strong"] == []


def test_what_is_weakly_coordinated_is_never_flagged() -> None:
    one = judged(planted(0), TEAM, coordinated="some")[0]

    assert (one.inauthentic, one.flagged) == ("strong", False)


def test_with_nothing_supplied_the_verdict_is_unknown() -> None:
    one = judged(planted(0), TEAM, without=("posts", "assets", *TABLES))[0]

    assert {row.state for row in one.findings if row.axis == "inauthentic"} == {"unknown"}
    assert (one.inauthentic, one.flagged) == ("unknown", False)


def test_posts_alone_say_too_little_of_who_somebody_is() -> None:
    """Rhythm and answers can be computed from posts; a verdict cannot, neither for a network nor against it."""
    one = judged(planted(0), TEAM, without=("assets", *TABLES))[0]

    assert any(row.state not in ("unknown", "insufficient") for row in one.findings if row.axis == "inauthentic")
    assert (one.inauthentic, one.flagged) == ("unknown", False)


def test_a_network_of_four_is_insufficient() -> None:
    one = judged(planted(0), TEAM[:4], without=TABLES[1:])[0]

    assert (one.inauthentic, one.flagged) == ("insufficient", False)


def test_known_owners_explain_what_they_explain() -> None:
    context = tuple(SharedOwner("chirp", str(1000 + a), "The Daily") for a in TEAM)
    one = judged(planted(0), TEAM, context=context)[0]

    assert (one.flagged, one.verdict.unexplained, one.verdict.standing) == (False, (), ("known_owner",))


def test_scheduled_accounts_that_woke_with_another_voice_are_found() -> None:
    for seed in range(3):
        crowd = draw_crowd(seed)
        own_objects(crowd, TEAM, seed)
        scheduled(crowd, TEAM)
        second_life(crowd, TEAM, turned=True)
        second_life(crowd, list(range(24, 300)), turned=False)
        found = states(judged(crowd, TEAM)[0])

        assert [found[n] for n in ("regular_gaps", "round_the_clock", "repurposed")] == ["strong"] * 3


def test_names_bios_handles_deletions_and_audiences_of_a_team_are_found() -> None:
    crowd = draw_crowd(1)
    own_objects(crowd, TEAM, 1)
    inside = set(TEAM)
    for account in TEAM:
        crowd.profiles[account] |= {
            "display_name": f"glory {'abc'[account % 3]}", "handle": f"glory{10_000_000 + account}",
            "bio": f"we love the river and the hills of town {account}", "followers": 0, "following": 900,
        }  # fmt: skip
        for name in ("handle", "display_name"):
            add(crowd, "asset_history", account, at=BEGIN - DAY, field=name, value="was")
        add(crowd, "relations", 200 + account % 2, role="admin", target_id=str(1000 + account))
    add(crowd, "asset_history", 400, at=BEGIN - DAY, field="handle", value="x")
    for account in range(30, 400):
        add(crowd, "relations", account, role="admin", target_id=str(1000 + account))
    for post in crowd.posts:
        post["deleted"] |= post["account"] in inside and post["at"] % 3 == 0
        if post["target"] in inside:
            post["target"] = 300
    one = judged(crowd, TEAM)[0]
    found = states(one)

    names = (
        "same_names", "same_bios", "same_handle_shapes", "default_handles", "rewritten_profiles", "shared_admins",
        "follows_many", "never_answered",
    )  # fmt: skip
    assert {name: found[name] for name in names} == dict.fromkeys(names, "strong")
    assert found["deleted_posts"] in ("some", "strong")


def test_one_word_in_anothers_place_everywhere_changes_nothing() -> None:
    crowd, other = planted(3), planted(3)
    second_life(crowd, list(range(100)), turned=True)
    second_life(other, list(range(100)), turned=True)
    alphabet = str.maketrans(
        "abcdefghiklmnoprstuvz", "zabcdefghiklmnoprstuv"
    )  # letters move: words go to others, one to one
    for profile in other.profiles:
        profile["display_name"] = profile["display_name"].translate(alphabet)
        profile["bio"] = profile["bio"] and profile["bio"].translate(alphabet)
    for post in other.posts:
        post["text"] = post["text"].translate(alphabet)

    assert asdict(judged(crowd, TEAM)[0]) == asdict(judged(other, TEAM)[0])


def test_the_order_of_rows_decides_nothing() -> None:
    crowd = planted(4)
    for account in range(0, 200, 3):
        add(crowd, "asset_history", account, at=BEGIN - DAY * account, field="handle", value="was")
        add(crowd, "relations", account, role="follower", target_id=str(account % 7))

    assert asdict(judged(crowd, TEAM)[0]) == asdict(judged(crowd, TEAM[::-1], shuffle=1)[0])


def test_a_run_repeats_and_another_seed_draws_anew() -> None:
    crowd = planted(5)
    first, again, other = (judged(crowd, TEAM, seed=seed)[0] for seed in (1, 1, 2))

    assert asdict(first) == asdict(again)
    assert [row.p_value for row in first.findings] != [row.p_value for row in other.findings]


def test_whom_everybody_follows_explains_nothing() -> None:
    crowd = planted(6)
    for account in range(crowd.accounts):
        add(crowd, "relations", account, role="follower", target_id="everybodys_darling")
    one = judged(crowd, TEAM)[0]

    assert (states(one)["common_leader"], one.flagged) == ("no", True)


def test_pseudonyms_are_no_handles() -> None:
    crowd = planted(6)
    for number, profile in enumerate(crowd.profiles):
        profile["handle"] = f"{number * 7919 + 10**11:012d}"
    found = states(judged(crowd, TEAM)[0])

    assert (found["default_handles"], found["same_handle_shapes"]) == ("unknown", "unknown")


def test_the_other_networks_are_the_second_comparison() -> None:
    """Three more networks of the same make: against them a team's tool is nothing special, its days still are."""
    crowd = planted(2)
    others = [list(range(low, low + 24)) for low in (30, 60, 90)]
    inside = {a for other in others for a in other}
    for post in crowd.posts:
        if post["account"] in inside:
            post["client"] = "farm"
    found = {row.finding: row for row in judged(crowd, TEAM, *others)[0].findings}

    assert (found["one_client"].state, found["one_client"].compared_with[:12]) == ("no", "members of o")
    assert found["creation"].state == "strong"


def test_the_rows_are_those_of_the_table_and_the_sentences_quote_nobody() -> None:
    crowd = planted(7)
    found = judged(crowd, TEAM, list(range(100, 130)))
    table = findings_table(found, ["N1", "N2"])

    assert table.schema == schema_of("findings")
    assert table.num_rows == sum(len(one.findings) for one in found)
    assert not [s for one in found for s in one.sentences if re.search("chirp:", s)]
    assert found[0].sentences[-1].startswith("Flagged: creation, profile, client and infrastructure are strong")


def test_every_declaration_says_what_it_reads_and_what_else_it_could_be() -> None:
    assert [
        d.name for d in DETECTORS.values() if not (d.columns and d.innocent and d.title and d.least_effect > 0)
    ] == []


def test_a_hub_address_of_strangers_says_little() -> None:
    crowd = planted(8)
    crowd.tables["logins"] = []
    for account in range(crowd.accounts):
        if account in TEAM or account % 4 == 0:
            add(crowd, "logins", account, at=BEGIN, ip="100.64.0.1", device_id=f"d{account}")
        else:
            add(crowd, "logins", account, at=BEGIN, ip=f"10.0.{account % 250}.1", device_id=f"d{account}")

    assert states(judged(crowd, TEAM)[0])["shared_logins"] in ("no", "some")


def test_what_is_there_for_few_members_stays_open() -> None:
    crowd = planted(9)
    for profile in crowd.profiles[4:]:
        profile["created_at"] = None
    for profile in crowd.profiles:
        profile["bio"] = None
    found = states(judged(crowd, np.array(TEAM))[0])

    assert (found["creation"], found["same_bios"]) == ("insufficient", "unknown")
