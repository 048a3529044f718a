"""What is done to some accounts of a crowd: planted networks, and people who are alike for a good reason."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.authenticity.crowds import BEGIN, DAY, DAYS, HOUR, OBJECTS, Crowd, draw_crowd, word

TEAM = list(range(24))
Row = dict[str, Any]


def own_objects(crowd: Crowd, members: list[int], seed: int, *, share: float = 0.6, crowd_share: float = 0.03) -> None:
    """Let members turn to a topic of their own, one object a day; some of the crowd touch it, too."""
    rng, inside = np.random.default_rng([11, seed]), set(members)
    for post in crowd.posts:
        day = (post["at"] - BEGIN) // DAY
        if post["obj"] is not None and rng.random() < (share if post["account"] in inside else crowd_share):
            post["obj"] = OBJECTS + int(day % DAYS)


def add(crowd: Crowd, table: str, account: int, **cells: Any) -> None:
    """A row of a table about an account."""
    row = {"platform": "chirp", "asset_id": crowd.profiles[account]["asset_id"], **cells}
    crowd.tables.setdefault(table, []).append(row)


def everybody_logs_in(crowd: Crowd, seed: int) -> None:
    """Homes of two or three, and a carrier's few addresses for all."""
    rng = np.random.default_rng([13, seed])
    for account in range(crowd.accounts):
        home = int(rng.integers(crowd.accounts // 2))
        add(crowd, "logins", account, at=BEGIN, ip=f"10.{home // 200}.{home % 200}.7", device_id=f"d{account}")
        add(crowd, "logins", account, at=BEGIN, ip=f"100.64.0.{int(rng.integers(3))}", device_id=f"d{account}")


def made_together(crowd: Crowd, members: list[int], seed: int, *, days: float = 2.0, before: float = 60.0) -> None:
    rng = np.random.default_rng([17, seed])
    for account in members:
        crowd.profiles[account]["created_at"] = BEGIN - int((before + rng.uniform(0, days)) * DAY)


def one_client(crowd: Crowd, members: list[int], client: str) -> None:
    inside = set(members)
    for post in crowd.posts:
        if post["account"] in inside:
            post["client"] = client


def planted(seed: int) -> Crowd:
    """A team of one hand: made on two days, one picture, one device, one tool."""
    crowd = draw_crowd(seed)
    own_objects(crowd, TEAM, seed)
    everybody_logs_in(crowd, seed)
    made_together(crowd, TEAM, seed)
    one_client(crowd, TEAM, "farm")
    for account in TEAM:
        crowd.profiles[account]["avatar_hash"] = "pdq:" + "ab" * 32
        add(crowd, "logins", account, at=BEGIN, ip="192.0.2.1", device_id=f"rack{account % 3}")
    return crowd


def newsroom(seed: int) -> Crowd:
    """One employer, openly: its site in every profile, one tool, one office, accounts made together."""
    crowd = planted(seed)
    for account in TEAM:
        crowd.profiles[account] |= {
            "profile_url": "https://www.daily.example.com/staff",
            "bio": f"reporter of the daily newspaper of the city {word(account)}",
        }
    return crowd


def syndicate(seed: int) -> Crowd:
    """Stations of one house: no site in their profiles, but its brand in their names and its site in their links."""
    crowd = planted(seed)
    for account in TEAM:
        crowd.profiles[account]["display_name"] = f"velorcast {word(account)} news"
    inside = set(TEAM)
    for number, post in enumerate(crowd.posts):
        if post["account"] in inside:
            post["urls"] = [f"https://velorcast.example.com/story/{number % 60}"]
    return crowd


def fandom(seed: int) -> Crowd:
    """Fans who joined around a debut with the idol's picture, and follow the idol as many others do."""
    rng, crowd = np.random.default_rng([19, seed]), draw_crowd(seed)
    own_objects(crowd, TEAM, seed)
    made_together(crowd, TEAM, seed, days=5)
    for account in TEAM:
        crowd.profiles[account]["avatar_hash"] = "pdq:" + "cd" * 32
        crowd.profiles[account]["display_name"] = f"idol {word(account % 5)}"
    for account in [*TEAM, *rng.choice(np.arange(len(TEAM), 500), 120, replace=False).tolist()]:
        add(crowd, "relations", account, role="follower", target_id="idol")
    return crowd


def protest(seed: int) -> Crowd:
    """A surge of newcomers with proposed handles; some of them are the network, the others touch the same things."""
    rng, crowd = np.random.default_rng([23, seed]), draw_crowd(seed)
    newcomers = [*TEAM, *range(len(TEAM), 160)]
    own_objects(crowd, newcomers, seed, share=0.7)
    for account in newcomers:
        crowd.profiles[account] |= {
            "handle": word(int(rng.integers(3000))) + str(rng.integers(10**7, 10**8)),
            "created_at": BEGIN - int(rng.uniform(0, 6) * DAY),
            "avatar_hash": "id:default",
            "followers": int(rng.integers(5)),
        }
    return crowd


def patriots(seed: int) -> Crowd:
    """People of all ages of account who share a word and a flag."""
    rng, crowd = np.random.default_rng([29, seed]), draw_crowd(seed)
    own_objects(crowd, TEAM, seed)
    for account in TEAM:
        said = " ".join(word(int(w)) for w in rng.integers(3000, size=rng.integers(3, 9)))
        crowd.profiles[account]["bio"] = f"proud homeland {said}"
        crowd.profiles[account]["display_name"] += " homeland"
        crowd.profiles[account]["avatar_hash"] = "pdq:" + "ef" * 32
    return crowd


def leader(seed: int) -> Crowd:
    """Everybody in it mostly reposts one account, which many others repost, too; many joined for it."""
    rng, crowd = np.random.default_rng([31, seed]), draw_crowd(seed)
    own_objects(crowd, TEAM, seed)
    made_together(crowd, TEAM[:14], seed, days=7, before=20)
    inside, fans = set(TEAM), set(rng.choice(np.arange(24, 500), 150, replace=False).tolist())
    for post in crowd.posts:
        if rng.random() < (0.8 if post["account"] in inside else 0.1 if post["account"] in fans else 0.0):
            post |= {"kind": "repost", "target": 499}
    return crowd


def scheduled(crowd: Crowd, members: list[int]) -> None:
    """Let members post every half hour, day and night, in place of what they posted."""
    inside = set(members)
    crowd.posts = [post for post in crowd.posts if post["account"] not in inside]
    like = dict(crowd.posts[0])
    for account in members:
        for k in range(60):
            at = BEGIN + (k % 6) * (DAY + HOUR * 5 // 12) + (k // 6) * 5 * HOUR // 2 + account * 1_000_000
            day = (at - BEGIN) // DAY
            crowd.posts.append(like | {"account": account, "at": at, "obj": OBJECTS + int(day), "kind": "original"})


def second_life(crowd: Crowd, members: list[int], *, turned: bool) -> None:
    """Give accounts posts of half a year before; turned: in other words and with another client."""
    for account in members:
        for k in range(15):
            said = " ".join(("old" + word(3100 + j)) if turned else word(j + 1) for j in range(9))
            crowd.posts.append(
                {
                    "account": account, "at": BEGIN - 200 * DAY + k * DAY, "kind": "original",
                    "client": "older" if turned else "android", "text": said, "urls": [], "target": None,
                    "deleted": False, "obj": None,
                }
            )  # fmt: skip
