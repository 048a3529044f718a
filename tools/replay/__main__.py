"""`make replay`: simulate the day, do what was done, and set each figure of the article beside what came of it.

Exits 1 with the lines where a figure is outside of what is allowed, or somebody of the movement was touched.
"""

from __future__ import annotations

import argparse
import csv
import json
import shutil
import sys
import tempfile
from pathlib import Path
from random import Random
from typing import Final

from samehand.evaluation import write_page
from tests.enforcement.real_pds import ADMIN_PASSWORD, RealPds, node, real_pds
from tests.fake_receiver import SECRET, receiving
from tools.replay.figures import TITLE, Page
from tools.replay.first import First, Wave
from tools.replay.office import FailedStepError, Office, Steps
from tools.replay.second import Second, serving
from tools.replay.telling import write_about
from tools.replay.worlds import (
    Cast,
    link_to_peer,
    people_of,
    raised_caps,
    rename,
    rewrite_delays,
    roles_of,
    write_known_bad,
)

SEED: Final = 1908
KNOWN, WAVE, PEOPLE = 936, 200_000, 500_000
ON_SERVER, OF_MOVEMENT = 300, 120
"""Genuine people on the real server, and those of the movement among them."""
OTHERS_SUSPENDED: Final = 0.005
"""Of a batch of the wave, how many may be anybody else's; what sells goods by the same means, mostly."""
PAGES, GROUPS, ACCOUNTS = 7, 3, 5
FOLLOWED, JOINED = 15_500, 2_200
LINK_TEAMS = ("team-4", "team-5", "team-6")
ADVERTISERS = (
    ("xinhua", "Xinhua News Agency", "XHNews", "https://www.xinhuanet.com/english/", "CN", "block"),
    ("china-daily", "China Daily", "ChinaDaily", "https://www.chinadaily.com.cn/", "CN", "block"),
    ("global-times", "Global Times", "globaltimesnews", "https://www.globaltimes.cn/", "CN", "block"),
    ("cgtn", "China Global Television Network", "CGTNOfficial", "https://www.cgtn.com/", "CN", "block"),
    ("peoples-daily", "People's Daily", "PDChina", "http://en.people.cn/", "CN", "block"),
    ("bbc", "British Broadcasting Corporation", "BBC", "https://www.bbc.co.uk/", "GB", "allow"),
    ("pbs", "Public Broadcasting Service", "PBS", "https://www.pbs.org/", "US", "allow"),
    ("npr", "National Public Radio", "NPR", "https://www.npr.org/", "US", "allow"),
    ("dw", "Deutsche Welle", "dwnews", "https://www.dw.com/", "DE", "allow"),
    ("kites", "A kite shop", "kites", "https://kites.example/", "US", "allow"),
)
"""Outlets as they present themselves, and what was to become of their ads on the day."""


def _draw(office: Office, folder: Path, scale: float) -> Cast:
    """Draw the worlds; who is who on the first platform."""
    office("simulate", "august", "--out", folder / "drawn", "--seed", str(SEED), store=False)
    office("simulate", "signups-august", "--out", folder / "s", "--seed", str(SEED), "--scale", str(scale), store=False)
    office("simulate", "assets-august", "--out", folder / "b", "--seed", str(SEED), store=False)
    rewrite_delays(folder / "s" / "truth.csv", SEED)
    first = roles_of(folder / "drawn" / "truth.csv")
    with (folder / "b" / "indicators.csv").open(encoding="utf-8", newline="") as stream:
        named = [(row["kind"], row["value"]) for row in csv.DictReader(stream)]
    kinds = {row["asset_id"]: row["kind"] for row in _rows(folder / "b" / "truth.csv")}
    pages = [value for kind, value in named if kind == "asset" and kinds[value] == "page"][:2]
    site = next(value for kind, value in named if kind == "domain")
    link_to_peer(folder / "drawn", folder / "linked", first, LINK_TEAMS, pages, site)
    return first


def _rows(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def _settle(server: RealPds, folder: Path, cast: Cast) -> tuple[Cast, list[str]]:
    """Sign the operation and three hundred people up on the server; who is who under the server's ids, and the people."""
    people = people_of(cast, OF_MOVEMENT, ON_SERVER - OF_MOVEMENT, SEED)
    everybody = [*cast.of("team"), *people]
    made = server.sign_up_all([f"u{name}" for name in everybody])
    names = {name: person.did for name, person in zip(everybody, made, strict=True)}
    rename(folder / "linked", folder / "a", names)
    return cast.renamed(names), [names[name] for name in people]


def _gate(office: Office, folder: Path, page: Page) -> None:
    """Who may buy ads on the day after the notice."""
    file, out = folder / "advertisers.csv", folder / "ads.csv"
    with file.open("w", encoding="utf-8", newline="") as stream:
        header = ("advertiser_id", "legal_name", "platform", "handle", "landing_url", "country")
        csv.writer(stream).writerows([header, *((*one[:2], "twitter", *one[2:5]) for one in ADVERTISERS)])
    office("ads", "check", file, "--policy", "twitter-2019-08", "--on", "2019-09-01", "--out", out, store=False)
    told = {row["advertiser_id"]: row["decision"] for row in _rows(out)}
    for word, what in (
        ("block", "state-controlled media whose ads are refused"),
        ("allow", "public broadcasters and others who may buy ads"),
    ):
        wanted = {one[0] for one in ADVERTISERS if one[5] == word}
        page.exactly(what, None, len(wanted), len({name for name in wanted if told[name] == word}))


def _wave_lines(page: Page, wave: Wave, scale: float) -> None:
    page.given("sign-ups of people beside the wave", None, wave.people)
    reported = WAVE if scale == 1 else None
    page.at_least(
        "accounts of the wave that two persons suspended as one batch", reported, wave.planted, wave.suspended, 0.9
    )
    others, most = sum(wave.innocent.values()), OTHERS_SUSPENDED * wave.suspended
    page.found("others among those suspended", None, 0, others, f"{OTHERS_SUSPENDED:.1%} of them or fewer",
               lambda one: one <= most)  # fmt: skip
    page.found("- of these, commercial spam", None, 0, wave.innocent.get("spam", 0), "", lambda _: True)
    genuine = wave.innocent.get("genuine", 0)
    page.found("- of these, genuine people", None, 0, genuine, "5 or fewer", lambda one: one <= 5)
    page.found(
        "genuine people whom the machine limited", None, 0, wave.people_limited, "50 or fewer", lambda one: one <= 50
    )
    page.given("newcomers of the movement's protest, and dissidents behind VPN and Tor", None, wave.movement)
    page.nobody("- of these limited or suspended by anybody", wave.movement_touched, wave.movement)
    page.share("share of the wave stopped before its first post", wave.stopped, 0.9)
    for (low, high), (count, done) in wave.before.items():
        if high:
            page.share(f"- of those who post after {low / 3600:.4g} to {high / 3600:.4g} hours", done / count, 0.85)
    silent = wave.before.get((0.0, 0.0), (0, 0))
    page.share("- of those who never post: stopped at all", silent[1] / max(1, silent[0]), 0.9)


def _first_day(first: First, server: RealPds, cast: Cast, people: list[str], page: Page) -> set[str]:
    """Find the operation among everybody, and suspend it on the server; who was suspended."""
    operation, movement = set(cast.of("team")), set(cast.of("protest"))
    page.given("accounts of the operation", KNOWN, len(operation))
    page.given("people of the movement in the same streets and weeks", None, len(movement))
    page.given("genuine people on the real server", None, len(people))
    members = first.detect()
    page.at_least(
        "accounts found to act as one and to be inauthentic", KNOWN, len(operation), len(members & operation), 0.85
    )
    page.nobody("other accounts among them", len(members - operation), len(members))
    page.nobody("- of these, accounts of the movement", len(members & movement), len(movement))
    first.suspend(f"atproto:{server.url}")
    down = _down(server)
    page.exactly("accounts suspended on the real server, of those found", None, len(members), len(down & members))
    page.nobody("other accounts suspended on the real server", len(down - members), len(people))
    return members


def _down(server: RealPds) -> set[str]:
    return {did for did, state in server.repos().items() if state == "takendown"}


def _contain(first: First, members: set[str], cast: Cast, page: Page, scale: float) -> None:
    """Hold the sign-ups of the same days against those who were suspended, and suspend the wave."""
    folder = first.folder
    drawn = [row["asset_id"] for row in _rows(folder / "s" / "known_bad.csv")]
    names = {old: new for old, new in zip(drawn, cast.in_order("team"), strict=True) if new in members}
    write_known_bad(folder / "s" / "known_bad.csv", folder / "known_bad.csv", names)
    shipped = (Path("src") / "samehand" / "policy" / "packs" / "signups.toml").read_text(encoding="utf-8")
    policy = folder / "incident.toml"
    policy.write_text(raised_caps(shipped, "incident-1"), encoding="utf-8")
    first.contain(policy, folder / "known_bad.csv")
    _wave_lines(page, first.wave(), scale)


def _second_day(first: First, second: Second, members: set[str], page: Page) -> None:
    """The tip, over TAXII; what the second platform makes of it; and what it does."""
    links = first.links(members)
    token = first.send_tip(links, "second")
    with serving(first.office) as url:
        collection = first.office("tip", "collection", "list")["collections"][0]["collection_id"]
        tip = second.take_tip(f"{url}/taxii2/exchange/collections/{collection}/", token)
    said = second.expand(tip)
    page.exactly(
        "things that the tip names, found on the second platform", None, len(links), said["seeds"] + said["objects"]
    )
    truth = {row["asset_id"]: row for row in _rows(second.folder / "b" / "truth.csv")}
    found = [name for some in second.found.values() for name in some]
    ours = {kind: {name for name, row in truth.items() if row["role"] == "team" and row["kind"] == kind}
            for kind in ("page", "group", "account")}  # fmt: skip
    for kind, reported in (("page", PAGES), ("group", GROUPS), ("account", ACCOUNTS)):
        right = ours[kind].intersection(second.found.get(kind, ()))
        page.exactly(
            f"{kind}s of the operation in the network that the tip led to", reported, len(ours[kind]), len(right)
        )
        if second.named[kind]:
            page.given(f"- of these, {kind}s that the tip itself names", None, second.named[kind])
    page.nobody("others taken in", sum(truth[name]["role"] != "team" for name in found), len(found))
    activists = {name for name, row in truth.items() if row["role"] == "activist"}
    page.nobody("- of these, the movement's", len(activists.intersection(found)), len(activists))
    reach = second.count_audience()
    followed, joined = second.audience_of(ours["page"], "follower"), second.audience_of(ours["group"], "member")
    page.near("accounts that followed one or more of the pages", FOLLOWED, followed, reach["followers_ge1"], 0.01)
    page.near("accounts that joined one or more of the groups", JOINED, joined, reach["members_ge1"], 0.01)
    with receiving() as platform:
        for name in truth:
            platform.add(name)
        second.remove(f"{platform.url}/acts", SECRET, f"{platform.url}/accounts?id={{account}}")
        down = {name for name, facts in platform.standing.items() if facts["suspended"]}
    page.exactly(
        "pages, groups and accounts taken down through the webhook",
        PAGES + GROUPS + ACCOUNTS,
        len(found),
        len(down & set(found)),
    )
    page.nobody("others taken down there", len(down - set(found)), len(truth) - len(found))


def _appeal(first: First, server: RealPds, members: set[str], cast: Cast, page: Page) -> str:
    """One account of those found was somebody's whose password was stolen; its owner appeals, and is right. Whose it was."""
    account = next(one for one in cast.in_order("team") if one in members)
    recalled = first.hear_appeal(account, f"atproto:{server.url}")
    down = _down(server)
    page.given("accounts among them that were taken over from their owners", None, 1)
    page.exactly("accounts given back after an appeal", None, 1, len(members - down))
    page.exactly("- of these, that of the person who appealed", None, 1, int(account not in down))
    page.found("objects revoked at the peer for it", None, None, recalled["revoked"], "1 or more", lambda one: one >= 1)
    return account


def _claim(second: Second, page: Page) -> None:
    """Who is behind what the second platform found: the evidence is planted, the level of the claim is found."""
    second.steps.say("weighing who is behind it")
    level = second.claim(Path(__file__).with_name("evidence.toml"))
    page.exactly("level of the claim, L0 to L5, on planted evidence (3: linked to individuals)", 3, 3, level)


def _audited(right: list[bool]) -> dict[str, int]:
    """What somebody finds who knows the truth of twenty accounts, drawn at random."""
    seen = Random(SEED).sample(right, min(20, len(right)))
    return {"sampled": len(seen), "inauthentic": sum(seen), "authentic": len(seen) - sum(seen), "unclear": 0}


def _answer(right: list[bool], given_back: str) -> tuple[str, str]:
    """What a release answers to the objection, in figures, and what became of it."""
    found = (
        f"Of {len(right):,} accounts in it, {sum(right):,} are the operator's, as somebody found who knew the truth of all. "
        "Nobody was chosen by what they said or believe."
    )
    return found, "1 account was given back to its owner." if given_back else "Nothing: nobody appealed and was right."


def _disclose(
    first: First, second: Second, members: set[str], operation: set[str], given_back: str, page: Page
) -> None:
    """Tell the public: one release for each platform, attacked before it is written."""
    first.steps.say("telling the public")
    reach = second.count_audience()
    told = {"followers_ge1": reach["followers_ge1"], "members_ge1": reach["members_ge1"]}
    theirs = [name in operation for name in sorted(members - {given_back})]
    found = sorted(name for some in second.found.values() for name in some)
    # fifteen assets are so few that nothing may tell one from the next
    cases: tuple[tuple[Office, int, str, str, dict[str, int], list[bool], int], ...] = (
        (first.office, first.case, "a", "An operation against a movement", {}, theirs, 5),
        (first.office, first.wave_case, "s", "They sign up again", {}, first.suspended_rightly(), 5),
        (
            second.office,
            second.case,
            "b",
            "Pages, groups and accounts of one hand",
            told,
            [*map(second.is_theirs, found)],
            15,
        ),
    )
    for office, case, dataset, title, audience, right, k in cases:
        about, out = first.folder / f"about-{dataset}.toml", first.folder / f"release-{dataset}"
        found_then, changed = _answer(right, given_back if dataset == "a" else "")
        write_about(
            about, title, f"The {office.name} platform", found=found_then, changed=changed, audience=audience,
            audited=_audited(right),
        )  # fmt: skip
        data = ("--dataset", first.folder / dataset, "--k", str(k), "--about", about)
        office("disclose", str(case), *data, "--by", office.key("ada"), "--out", out)
        body = json.loads((out / "release.json").read_text(encoding="utf-8"))
        page.exactly(f'accounts that the release "{title}" speaks of', None, len(right), body["counts"]["accounts"])
        page.nobody("- found again by joining on ids", body["privacy"]["attack"]["joined_on_ids"], len(right))
        again = round(body["privacy"]["attack"]["found_again"], 4)
        page.found("- share of small accounts found again", None, None, again, "1% or less", lambda one: one <= 0.01)


def replay(folder: Path, scale: float) -> Page:
    """The whole day; the page of it."""
    steps, page = Steps(), Page()
    first = First(Office("first", folder / "first"), folder, steps)
    second = Second(Office("second", folder / "second"), folder, steps)
    steps.say("founding two offices")
    first.office.found()
    second.office.found()
    steps.say("drawing the worlds")
    cast = _draw(first.office, folder, scale)
    program = node()
    if program is None:
        raise FailedStepError("there is no PDS here; `make replay` installs one")
    with tempfile.TemporaryDirectory() as data:
        steps.say("starting the server, and signing everybody up")
        with real_pds(program, Path(data)) as server:
            cast, people = _settle(server, folder, cast)
            first.office.environment["SAMEHAND_ATPROTO_ADMIN"] = ADMIN_PASSWORD
            members = _first_day(first, server, cast, people, page)
            _contain(first, members, cast, page, scale)
            _second_day(first, second, members, page)
            _gate(first.office, folder, page)
            given_back = _appeal(first, server, members, cast, page)
    _claim(second, page)
    _disclose(first, second, members, set(cast.of("team")), given_back, page)
    steps.say("done")
    page.took(round(steps.seconds / 60, 1), 30)
    return page


def main() -> int:
    """Replay, write the page, and say what missed."""
    asked = argparse.ArgumentParser(prog="make replay", description=__doc__)
    asked.add_argument("--out", type=Path, default=Path("replay"), help="A folder; an earlier one is replaced.")
    asked.add_argument("--scale", type=float, default=1.0, help="Of the sign-ups; below 1 to try it.")
    asked.add_argument("--page", type=Path, help="Also write the page there, for the docs.")
    given = asked.parse_args()
    shutil.rmtree(given.out, ignore_errors=True)
    given.out.mkdir(parents=True)
    page = replay(given.out.resolve(), given.scale)
    page.write(given.out)
    if given.page:
        write_page(given.page, TITLE, f"make replay PAGE={given.page}", page.markdown())
    print((given.out / "page.md").read_text(encoding="utf-8"))
    for one in page.missed:
        print(f"missed: {one.what}: {one.found} found, {one.allowed} of {one.planted}", file=sys.stderr)
    return 1 if page.missed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except FailedStepError as error:
        print(error, file=sys.stderr)
        sys.exit(1)
