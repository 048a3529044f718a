"""The first platform: it finds the 936, contains the 200,000, sends the tip, hears an appeal, and tells the public."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq

from samehand.records import Dataset, private_file
from tools.replay.office import Office, Steps
from tools.replay.worlds import BANDS, PEER

__all__ = ["First", "Wave"]

LEAST_SHARERS = 5
FIXED_KEY = "19" * 32
"""Of the sign-up memory, under `make replay` only: under a key that is drawn anew the numbers differ by an account."""
MOSTLY = 0.9


@dataclass(frozen=True)
class Wave:
    """What became of the sign-ups.

    Attributes:
        planted, people: accounts of the operator, and genuine people; what sells goods (`spam`) is neither.
        suspended: accounts of the operator that two persons suspended. innocent: others that they suspended, by role.
        people_limited: genuine people whom the machine limited. movement, movement_touched: newcomers of the movement's
            protest and dissidents behind VPN and Tor, and of them whom anybody limited or suspended.
        before: for each band of delays (how many, of these limited or more before the first post); silent ones under the
            band (0, 0).

    """

    planted: int
    people: int
    suspended: int
    innocent: Mapping[str, int]
    people_limited: int
    movement: int
    movement_touched: int
    before: Mapping[tuple[float, float], tuple[int, int]]

    @property
    def stopped(self) -> float:
        """The share of those who would have posted that was limited before."""
        posting = [pair for band, pair in self.before.items() if band != (0, 0)]
        return sum(done for _, done in posting) / max(1, sum(count for count, _ in posting))


@dataclass
class First:
    """The platform's work.

    Attributes:
        office: its people. folder: of the replay. steps: says what is done.
        decisions: decision number by what it is about. case: of the network.

    """

    office: Office
    folder: Path
    steps: Steps
    decisions: dict[str, int] = field(default_factory=dict)
    case: int = 0
    wave_case: int = 0

    def detect(self) -> set[str]:
        """Look for networks, and bring those that are flagged into one case; the accounts in it."""
        self.steps.say("detecting")
        run = self.folder / "run"
        self.office("detect", self.folder / "a", "--out", run, store=False)
        flagged = [row["network_id"] for row in pq.read_table(run / "networks.parquet").to_pylist() if row["flagged"]]
        opened = self.office("case", "open", "An operation against a movement", "--harm", "high", "--as", "dia")
        self.case = int(opened["case_id"])
        self.office(
            "case", "bring", run, *flagged, "--dataset", self.folder / "a", "--case", str(self.case), "--as", "dia"
        )
        members = pq.read_table(run / "members.parquet").to_pylist()
        return {row["asset_id"] for row in members if row["network_id"] in flagged}

    def suspend(self, on: str) -> int:
        """Two persons decide about the network, and it is done on the server."""
        self.steps.say("deciding about the network, and acting on the server")
        why = "One hand moves these accounts and hides: made in bursts, from one office, in one voice."
        self.decisions["network"] = int(
            self.office.decide(self.case, "suspend", "coordinated_inauthentic", why)["decision_id"]
        )
        return self._carry_out(self.decisions["network"], on, "twitter", "dia")

    def _carry_out(self, decision: int, on: str, platform: str, who: str, batch: int = 100) -> int:
        done = self.office(
            "enforce", "run", str(decision), "--on", on, "--platform", platform, "--batch", str(batch), "--as", who
        )
        return int(done["done"])

    def contain(self, policy: Path, known_bad: Path) -> None:
        """Replay the sign-ups, let the machine contain what the signed policy lets it, and two persons suspend the wave."""
        run, office = self.folder / "signups-run", self.office
        self.steps.say("replaying the sign-ups")
        private_file(self.folder / "memory.key", json.dumps({"keys": [{"name": "1", "key": FIXED_KEY}]}) + "\n")
        office(
            "signups", "replay", self.folder / "s", "--out", run, "--known-bad", known_bad, "--policy", policy, "--store",
            office.store, "--key", self.folder / "memory.key",
        )  # fmt: skip
        self.steps.say("the machine's own steps, under a policy that two persons signed")
        for lead in ("ada", "ben"):
            office("case", "policy", "sign-ladder", policy, "--by", office.key(lead))
        acts = f"csv:{self.folder / 'acts.csv'}"
        ordered = office("case", "ladder", run, "--by", office.key("robot"))
        for step in ordered["steps"]:
            self._carry_out(int(step["decision"]["decision_id"]), acts, "sim", "robot", 5000)
        self.steps.say("suspending the wave as one batch that two persons sign")
        opened = office("case", "open", "They sign up again", "--harm", "high", "--as", "dia")
        self.wave_case = int(opened["case_id"])
        office("case", "bring", run, "--case", str(self.wave_case), "--as", "dia")
        why = "Signed up by the hand whose accounts were taken down."
        self.decisions["wave"] = int(
            office.decide(self.wave_case, "suspend", "ban_evasion", why, ("core",))["decision_id"]
        )
        self._carry_out(self.decisions["wave"], acts, "sim", "dia", 5000)

    def wave(self) -> Wave:
        """Hold what was done against the truth."""
        run, truth = self.folder / "signups-run" / "decisions.parquet", self.folder / "s" / "truth.csv"
        acts = self.folder / "acts.csv"
        with duckdb.connect() as db:
            db.execute(
                """
                CREATE TABLE told AS SELECT * FROM read_csv(?, header = true,
                types = {'asset_id': 'VARCHAR', 'delay_s': 'DOUBLE'});
                """, [str(truth)],
            )  # fmt: skip
            db.execute(
                """
                CREATE TABLE stopped AS SELECT asset_id, min(decided_at) AS stopped_at, any_value("at") AS signed_up
                FROM read_parquet(?)
                WHERE decision IN ('limit', 'review', 'suspend') GROUP BY asset_id
                """, [str(run)],
            )  # fmt: skip
            db.execute(
                """
                CREATE TABLE done AS SELECT DISTINCT account AS asset_id FROM read_csv(?, header = true,
                types = {'account': 'VARCHAR'}) WHERE action = 'suspend'
                """, [str(acts)],
            )  # fmt: skip
            roles = dict(db.execute("SELECT role, count(*) FROM told GROUP BY role").fetchall())
            hit = dict(
                db.execute("SELECT role, count(*) FROM told JOIN done USING (asset_id) GROUP BY role").fetchall()
            )
            limited = db.execute(
                "SELECT count(*) FROM told JOIN stopped USING (asset_id) WHERE role = 'genuine'"
            ).fetchone()
            movement = db.execute(
                """
                SELECT count(*), count(stopped.asset_id) + count(done.asset_id) FROM told
                LEFT JOIN stopped USING (asset_id) LEFT JOIN done USING (asset_id) WHERE scenario IN ('H2', 'H6')
                """
            ).fetchone() or (0, 0)
            rows = db.execute(
                """
                SELECT delay_s, stopped_at IS NOT NULL AND
                    (delay_s IS NULL OR date_diff('second', signed_up, stopped_at) < delay_s)
                FROM told LEFT JOIN stopped USING (asset_id) WHERE role = 'operation'
                """
            ).fetchall()
        before: dict[tuple[float, float], tuple[int, int]] = {}
        for delay, in_time in rows:
            band = (0.0, 0.0) if delay is None else next(one for one in BANDS if delay <= one[1])
            count, done = before.get(band, (0, 0))
            before[band] = (count + 1, done + bool(in_time))
        others = {role: count for role, count in sorted(hit.items()) if role != "operation"}
        return Wave(
            planted=roles["operation"], people=roles["genuine"], suspended=hit.get("operation", 0), innocent=others,
            people_limited=int(limited[0] if limited else 0), movement=int(movement[0]), movement_touched=int(movement[1]),
            before=dict(sorted(before.items())),
        )  # fmt: skip

    def suspended_rightly(self) -> list[bool]:
        """For each account of the wave that two persons suspended whether it is the operator's, in order of their ids."""
        with duckdb.connect() as db:
            rows = db.execute(
                """
                SELECT role = 'operation' FROM read_csv(?, header = true, types = {'asset_id': 'VARCHAR', 'delay_s': 'DOUBLE'})
                JOIN (SELECT DISTINCT account AS asset_id FROM read_csv(?, header = true, types = {'account': 'VARCHAR'})
                      WHERE action = 'suspend') USING (asset_id) ORDER BY asset_id
                """, [str(self.folder / "s" / "truth.csv"), str(self.folder / "acts.csv")],
            ).fetchall()  # fmt: skip
        return [bool(right) for (right,) in rows]

    def links(self, members: set[str]) -> list[str]:
        """What the network pushes and others do not, that lies elsewhere: the two pages and the site shared by most."""
        posts = Dataset.open(self.folder / "a").table("posts", ["asset_id", "urls"])
        inside: dict[str, set[str]] = {}
        every: Counter[str] = Counter()
        for who, links in zip(posts.column("asset_id").to_pylist(), posts.column("urls").to_pylist(), strict=True):
            for link in links or ():
                thing = _thing(link)
                every[thing] += 1
                if who in members:
                    inside.setdefault(thing, set()).add(who)
        mine = Counter(_things(posts, members))
        ranked = sorted(inside, key=lambda thing: (-len(inside[thing]), thing))
        own = [one for one in ranked if len(inside[one]) >= LEAST_SHARERS and mine[one] >= MOSTLY * every[one]]
        pages = [thing for thing in own if thing.startswith("https://")][:2]
        sites = [thing for thing in own if not thing.startswith("https://")][:1]
        return [*pages, *sites]

    def send_tip(self, links: Sequence[str], key_name: str) -> str:
        """Put the links, and the accounts of the decision, into a collection that the peer may read; the peer's token."""
        self.steps.say("sending a tip")
        office, file = self.office, self.folder / "links.txt"
        file.write_text("".join(f"{link}\n" for link in links), encoding="utf-8")
        tip = office("tip", "import", file, "--source", "The first platform", "--reliability", "B", "--credibility", "2",
                     "--tlp", "green", "--as", "dia")  # fmt: skip
        office("tip", "collection", "make", "peers", "--clearance", "green", "--as", "ada")
        made = office("serve", "key", "make", key_name, "--scope", "taxii:read", "--rate", "100", "--as", "ada")
        office("tip", "collection", "let", "peers", key_name, "--as", "ada")
        number = str(tip["tips"][0]["tip"])
        office("tip", "share", "--tip", number, "--to", "peers", "--as", "ada")
        office("tip", "share", "--decision", str(self.decisions["network"]), "--to", "peers", "--tlp", "green",
               "--organisation", "The first platform", "--as", "ada")  # fmt: skip
        return str(made["key"])

    def hear_appeal(self, account: str, on: str) -> dict[str, Any]:
        """Write the notices, take one person's appeal, let somebody who had no part in it answer, and undo the act."""
        self.steps.say("hearing an appeal")
        office, notices, text = self.office, self.folder / "notices.jsonl", self.folder / "appeal.txt"
        office("appeal", "notices", "--out", notices, "--contact", "appeals@first.example", "--decision",
               str(self.decisions["network"]), "--as", "dia")  # fmt: skip
        told = [json.loads(line) for line in notices.read_text(encoding="utf-8").splitlines()]
        mine = next(one for one in told if one["asset_id"] == account)
        text.write_text("Somebody else had my password.\n", encoding="utf-8")
        taken = office("appeal", "receive", mine["reference"], text, "--as", "dia")
        ruled = office("appeal", "decide", str(taken["appeal_id"]), "--overturn", "--why",
                       "The account was taken over; it is its owner's.", "--by", office.key("eva"))  # fmt: skip
        self._carry_out(int(ruled["reversal_id"]), on, "twitter", "dia")
        return office("tip", "recall")


def _thing(link: str) -> str:
    """A page of the peer, or the site that a link leads to."""
    parts = link.split("/")
    return "/".join(parts[:4]) if parts[2] == PEER else parts[2]


def _things(posts: Any, members: set[str]) -> list[str]:
    return [
        _thing(link)
        for who, links in zip(posts.column("asset_id").to_pylist(), posts.column("urls").to_pylist(), strict=True)
        if who in members
        for link in links or ()
    ]
