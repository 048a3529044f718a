"""Sign-ups one after the other, each with a decision at once, and further decisions as more is known.

`feed` takes any number of sign-ups; whether they come one by one or all together, the same decisions come out. Waves are
looked for at the end of each epoch of event time; between, a sign-up is held against the waves and the accounts taken
down that are known by then. Nothing is learnt from what comes later.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from samehand.errors import NotFoundError
from samehand.policy import SignupPolicy
from samehand.records import empty_table
from samehand.signups.arrays import grown
from samehand.signups.cells import cells_possible
from samehand.signups.coding import DAY_US, Arrivals, CodedRows
from samehand.signups.facts import FACTS
from samehand.signups.ladder import LIMIT, Caps, Vouches, wanted_rungs
from samehand.signups.learning import Learner, check_labels
from samehand.signups.ledger import SHORT_BASELINE, Ledger
from samehand.signups.links import Clusters
from samehand.signups.logins import Crowds, Logins
from samehand.signups.profiles import (
    MAKER_PLACES,
    MAKERS,
    Profile,
    apart,
    fit,
    measure_profile,
    profile_of,
    renumbered,
    summed,
)
from samehand.signups.recidivism import KeyRing, KnownBad, account_hash
from samehand.signups.standing import NO_EVIDENCE, Standing, decisions_table
from samehand.signups.waves import LEAST_MADE, LINKED, RECRUITED, Wave, grow_wave, holds

__all__ = ["SignupStream", "StandingWave"]

I64 = npt.NDArray[np.int64]
I32 = npt.NDArray[np.int32]
I8 = npt.NDArray[np.int8]
F64 = npt.NDArray[np.float64]

MINUTE_US = 60_000_000
FORGET_FROM = 100_000
"""Rows older than the baseline are dropped when there are so many, and half as many as are left."""
DEVICE = MAKERS.index("device")
LEAST_RING, HOP_NATS = 10, 2.0
"""Accounts that a second hop needs to go out from, and the nats that it costs."""
GROWN = 1.25
"""A cluster is looked at again when it has grown by a quarter."""


@dataclass
class StandingWave:
    """A wave that was found, and that newcomers are held against.

    Attributes:
        number: from 1 on. cluster: whose rows it is. found_us: when. members: int64, numbers of rows of the stream, ascending.
        profile, makers, venue, strength: as in Wave; p_value: of the cell that showed it.
        facts, cell_rows, expected: of that cell.
        whole: whether its members fit one another so well that the cell need not be rare. typical: as in Wave.

    """

    number: int
    cluster: int
    found_us: int
    members: I64
    profile: Profile
    makers: tuple[str, ...]
    venue: str
    strength: dict[str, float]
    p_value: float
    facts: tuple[str, str]
    cell_rows: int
    expected: float
    whole: bool
    typical: float


class SignupStream:
    """The scorer and its state.

    Args:
        policy: the ladder.
        ring: keys; the newest hashes every fact.
        known: accounts taken down; each is known from its removal on.
        suspends: whether the machine may suspend by itself, as the policy's last rung says.

    """

    def __init__(
        self, policy: SignupPolicy, ring: KeyRing, *, known: KnownBad | None = None, suspends: bool = False
    ) -> None:
        self.policy, self.ring, self.suspends = policy, ring, suspends
        self.ledger = Ledger(int(policy.time.window_days * DAY_US), int(policy.time.baseline_days * DAY_US))
        self.standing = Standing()
        self.names: list[tuple[str, str]] = []
        self.accounts = np.zeros((0, len(ring.keys)), np.uint64)
        self.waves: list[StandingWave] = []
        self.found: dict[int, StandingWave] = {}
        self.of_cluster: dict[int, StandingWave] = {}
        self.looked: dict[int, int] = {}
        self.caps = Caps()
        self.epoch_us = policy.time.epoch_minutes * MINUTE_US
        self.epoch_end: int | None = None
        self.started_us = 0
        self.last_us = 0
        self.fresh_from = 0
        self.clusters = Clusters()
        self.known = known if known is not None else KnownBad.empty()
        self.known_profile: Profile | None = None
        self.known_count = 0
        self.ring_profile: Profile | None = None
        self.ring_size = 0
        self.known_day = -1
        self.forget_from = FORGET_FROM
        self.withdrawn: set[int] = set()
        self.vouches = Vouches()
        self.learner: Learner | None = None
        self.crowds: Crowds | None = None

    def label(self, table: pa.Table) -> None:
        """Take labels; each teaches from its `known_at` on, and nothing before the first does.

        Args:
            table: the columns of `labels`; the label of an account that was known last counts.

        Raises:
            InputError: a label that means nothing here. MissingExtraError: the optional package is not installed.

        """
        check_labels(table)
        if self.learner is None:
            self.learner = Learner(self.policy.learning, self.ring.newest)
            self.learner.begin(self.ledger)
        self.learner.expect(table, self.names, self.ledger.first)

    def log_in(self, table: pa.Table) -> None:
        """Take logins, in any order; they count from the first look after them on.

        Args:
            table: the columns of `logins`.

        """
        self.take_logins(Logins.of(table, self.ring.newest))

    def take_logins(self, logins: Logins) -> None:
        """The same for logins that are coded under the newest key."""
        if self.crowds is None:
            self.crowds = Crowds(self.policy.logins, self.ledger.window_us)
            self.name_accounts(0)
        self.crowds.expect(logins)

    def feed(self, table: pa.Table, coded: CodedRows | None = None) -> pa.Table:
        """Take sign-ups in the order of the table and decide.

        Args:
            table: the columns of `signups`; a row older than the one before it counts as of that one's time.
            coded: the same rows coded under the newest key, where that was done already.

        Returns:
            Rows of `decisions`: one for each sign-up, and one for each step that an earlier one climbs meanwhile.

        """
        return self.take(Arrivals.of(table, self.ring.keys, coded))

    def take(self, arrivals: Arrivals) -> pa.Table:
        """The same for sign-ups that are coded under the keys of the stream's ring."""
        rows, names = arrivals.rows[0], arrivals.names
        moment = np.maximum.accumulate(np.maximum(rows.at_us, self.last_us))
        out, low = [], 0
        while low < len(rows):
            if self.epoch_end is None:
                self.started_us = int(moment[0])
                self.epoch_end = (int(moment[0]) // self.epoch_us + 1) * self.epoch_us
            high = int(np.searchsorted(moment, self.epoch_end))
            if high > low:
                self._take_over([one.facts[low:high] for one in arrivals.rows])
                part = rows.between(low, high, moment)
                out.append(self._arrive(part, names[low:high]))
            if high < len(rows):
                out.append(self.look(self.epoch_end))
                self.epoch_end = (int(moment[high]) // self.epoch_us + 1) * self.epoch_us
            low = high
        return pa.concat_tables(out) if out else empty_table("decisions")

    def finish(self) -> pa.Table:
        """Look once more at the end of the epoch at hand."""
        return self.look(self.epoch_end) if self.epoch_end is not None else empty_table("decisions")

    def _take_over(self, shown: list[npt.NDArray[np.uint64]]) -> None:
        """Keep what sign-ups show of accounts taken down under the newest key; it ties from the next look on."""
        if len(shown) == 1:
            return
        before, self.known = self.known, self.known.taken_over(shown)
        if not np.array_equal(before.facts, self.known.facts):
            self.known_count = -1

    def name_accounts(self, low: int) -> None:
        """Hash the names of the rows from `low` on, by which accounts taken down are found among them, if there are any."""
        self.accounts = grown(self.accounts, len(self.names))
        if len(self.known) or self.crowds is not None:
            new = [[account_hash(*name, key) for key in self.ring.keys] for name in self.names[low:]]
            self.accounts[low : len(self.names)] = np.array(new, np.uint64).reshape(-1, len(self.ring.keys))

    # --- a sign-up at the moment when it comes

    def _arrive(self, part: CodedRows, names: list[tuple[str, str]]) -> pa.Table:
        low = self.ledger.end
        self.ledger.arrive(part)
        self.names.extend(names)
        self.name_accounts(low)
        self.last_us = int(part.at_us[-1])
        high = self.ledger.end
        self.standing.begin(low, high)
        if self.learner is not None:
            self.learner.see(self.ledger, low, names, self.ledger.first)
        new = np.arange(low, high)
        for wave in self.waves:
            self._join(wave, new)
        self._tie(new)
        if self.learner is not None:
            spoken = self._spoken_against(low)
            self.standing.learned[spoken] = self.learner.scored(self.standing, spoken, self.ledger.first)
        return self._decide(new, part.at_us, everybody=True)

    def _join(self, wave: StandingWave, rows: I64, least: float = 0.0) -> I64:
        """Hold rows against a standing wave; those that fit are marked. Returns them."""
        nats = fit(self.ledger, rows, wave.profile)
        prior = math.log(len(wave.members) / max(1.0, self.ledger.in_window))
        odds = prior + summed(nats)
        made = nats[:, MAKER_PLACES].sum(axis=1) >= LEAST_MADE
        hit = np.flatnonzero((odds >= least) & made & ~self.ledger.known[rows])
        if len(hit):
            self._mark(wave, rows[hit], odds[hit] - min(least, 0.0), nats[hit])
        return rows[hit]

    def _mark(self, wave: StandingWave, rows: I64, odds: F64, nats: F64) -> None:
        s = self.standing
        better = odds > s.odds[rows]
        rows, odds, nats = rows[better], odds[better], nats[better]
        strong = nats[:, MAKER_PLACES] >= 1.0
        holding = np.array([wave.strength[family] >= self.policy.waves.strong_nats for family in MAKERS])
        acts = self.acts_on(wave)
        left = np.array([family in wave.makers and acts for family in MAKERS])
        s.odds[rows], s.wave[rows], s.members[rows] = odds, wave.number, len(wave.members)
        s.families[rows] = (strong & left).sum(axis=1)
        s.all_families[rows] = (strong & holding).sum(axis=1)
        s.by_device[rows] = strong[:, DEVICE] & left[DEVICE]

    def _tie(self, rows: I64) -> None:
        """Hold rows against the accounts that were taken down, and against those tied to them."""
        if self.known_profile is not None and self.policy.known_bad.hops:
            self._tie_to(rows, self.known_profile, hop=1)
        if self.ring_profile is not None:
            self._tie_to(rows, self.ring_profile, hop=2)

    def _tie_to(self, rows: I64, profile: Profile, *, hop: int) -> None:
        """Mark how well rows fit known accounts; each hop has to be bought with `HOP_NATS`."""
        s, nats = self.standing, fit(self.ledger, rows, profile)
        odds = self.policy.known_bad.prior_odds + summed(nats) - HOP_NATS * (hop - 1)
        better = odds > s.known_odds[rows]
        rows, odds, nats = rows[better], odds[better], nats[better]
        s.known_odds[rows], s.hop[rows] = odds, hop
        strong = nats[:, MAKER_PLACES] >= self.policy.waves.strong_nats
        s.known_families[rows] = strong.sum(axis=1)
        s.by_device[rows] |= strong[:, DEVICE]

    def _spread(self) -> None:
        """The second hop: who is limited by a tie of the first is held against all others, by a profile of their own."""
        s, rung = self.standing, self.policy.ladder["limit"]
        window = np.arange(self.ledger.middle, self.ledger.end)
        first = (
            (s.hop[window] == 1) & (s.known_odds[window] >= rung.log_odds) & (s.known_families[window] >= rung.families)
        )
        ring = window[first & ~s.lifted[window]]
        if self.policy.known_bad.hops < 2 or len(ring) < max(LEAST_RING, GROWN * self.ring_size):
            return
        self.ring_size, self.ring_profile = len(ring), measure_profile(self.ledger, ring)
        self._tie_to(window[s.hop[window] != 1], self.ring_profile, hop=2)

    def _forget(self) -> None:
        """Drop what is older than the baseline, everywhere."""
        gone = self.ledger.begin
        new = self.ledger.forget()
        del self.names[:gone]
        self.accounts = self.accounts[gone:].copy()
        self.standing.forget(gone, self.ledger.end)
        self.clusters.forget(gone, self.ledger.end, self.ledger.middle)
        if self.learner is not None:
            self.learner.forget(gone, self.ledger.first)
        for wave in self.found.values():
            wave.profile = renumbered(wave.profile, new)
        if self.ring_profile is not None:
            self.ring_profile = renumbered(self.ring_profile, new)
        self.known_day = -1

    # --- what the end of an epoch shows

    def look(self, now_us: int) -> pa.Table:
        """Let time pass to the end of an epoch, look for waves, and let accounts climb."""
        ledger = self.ledger
        ledger.advance(now_us)
        if ledger.begin >= max(self.forget_from, (ledger.end - ledger.begin) // 2):
            self._forget()
        self._refresh_known(now_us)
        self._spread()
        low = max(self.fresh_from - ledger.first, ledger.middle)
        self.fresh_from = ledger.end + ledger.first
        oldest = ledger.middle + ledger.first
        self.waves = [wave for wave in self.waves if wave.members[-1] >= oldest]
        self._search(now_us, low)
        self._count_logins(now_us)
        self._learn(low, now_us)
        spoken = self._spoken_against(ledger.middle)
        return self._decide(spoken, np.full(len(spoken), now_us), everybody=False)

    def _spoken_against(self, low: int) -> I64:
        """The rows from `low` on about which anything is known that a rung could ask for."""
        s, high = self.standing, self.ledger.end
        least = min(rung.log_odds for rung in self.policy.ladder.values())
        spoken = np.maximum(s.odds[low:high], s.known_odds[low:high]) >= least
        spoken |= (s.device[low:high] > 0) | (s.learned[low:high] >= self.policy.learning.abstain_above)
        return low + np.flatnonzero(spoken)

    def _count_logins(self, now_us: int) -> None:
        """Mark the newcomers who log in on a crowded device."""
        if self.crowds is None:
            return
        low, first = self.ledger.middle, self.ledger.first
        seasoned = bool(self._seasoned(np.array([now_us]))[0])
        accounts = self.accounts[low : self.ledger.end, 0]
        rows, many = self.crowds.count(accounts, first + low, now_us, seasoned=seasoned)
        there = rows - first >= low
        np.maximum.at(self.standing.device, rows[there] - first, many[there])

    def _learn(self, low: int, now_us: int) -> None:
        """Let labels teach, and the model speak: once of every newcomer, again while something speaks against one."""
        if self.learner is None:
            return
        ledger, s = self.ledger, self.standing
        group = -1 - ledger.at_us[: ledger.end] // DAY_US
        label = self.clusters.label[: ledger.end]
        group[: len(label)] = np.where(label >= 0, label, group[: len(label)])
        before = self.learner.model
        found = float((s.rung[ledger.middle : ledger.end] >= LIMIT).mean()) if ledger.end > ledger.middle else 0.0
        self.learner.learn(s, group, ledger.first, now_us, found)
        rows = np.arange(ledger.middle if self.learner.model is not before else low, ledger.end)
        rows = np.union1d(rows, self._spoken_against(ledger.middle))
        s.learned[rows] = self.learner.scored(s, rows, ledger.first)

    def _refresh_known(self, now_us: int) -> None:
        known = self.known.at(now_us, self.policy.known_bad.expires_days)
        day = now_us // DAY_US
        if len(known) == self.known_count and day == self.known_day:
            return
        self._set_apart(known)
        more = len(known) > self.known_count
        self.known_count, self.known_day = len(known), day
        if len(known) < 2:
            self.known_profile = None
            return
        codes = self.ledger.numbered(known.facts)
        self.known_profile = profile_of(self.ledger, codes)
        if more:
            self._tie(np.arange(self.ledger.middle, self.ledger.end))

    def _set_apart(self, known: KnownBad) -> None:
        """The sign-ups of accounts taken down teach nobody what is usual, and nothing more is decided about them."""
        end = self.ledger.end
        taken = np.zeros(end, np.bool_)
        for place in np.unique(known.key).tolist():
            taken |= np.isin(self.accounts[:end, place], known.account[known.key == place])
        self.standing.taken[:end] = taken
        rows = np.flatnonzero(taken)
        self.ledger.set_apart(rows[rows >= self.ledger.begin])

    def _search(self, now_us: int, low: int) -> None:
        """Link and place the newcomers, let waves recruit among them, and look again at what has grown by a quarter."""
        ledger, clusters = self.ledger, self.clusters
        if ledger.in_baseline < SHORT_BASELINE:
            return
        changed = set(clusters.extend(ledger, low, ledger.end).tolist())
        for wave in self.waves:
            fresh = np.arange(low, ledger.end)
            joined = self._join(wave, fresh[clusters.label[low : ledger.end] < 0], RECRUITED)
            clusters.adopt(joined, wave.cluster)
            changed |= {wave.cluster} if len(joined) else set()
        for cluster in sorted(changed):
            self._look_at(cluster, now_us)

    def _look_at(self, cluster: int, now_us: int) -> None:
        clusters, rules = self.clusters, self.policy.waves
        least = rules.least_members
        if clusters.size[cluster] < least:
            return
        while (united := clusters.unite(cluster, self.ledger.middle)) is not None:
            cluster, gone = united
            if (moved := self.of_cluster.pop(gone, None)) is not None:
                moved.cluster = cluster
                self.of_cluster.setdefault(cluster, moved)
        one = self.of_cluster.get(cluster)
        if clusters.size[cluster] < GROWN * self.looked.get(cluster, 0):
            if one is not None and one in self.waves:
                self._welcome(one)
            return
        self.looked[cluster] = int(clusters.size[cluster])
        linked = clusters.rows(cluster, self.ledger.middle)
        if len(linked) < least:
            return
        wave = grow_wave(self.ledger, linked, clusters.neighbours(linked, self.ledger.middle), rules)
        if wave is not None and len(wave.members) >= least:
            self._stand(wave, cluster, one, now_us)

    def _welcome(self, wave: StandingWave) -> None:
        """Rows that were linked to a standing wave since its last look, and that fit it, are of it."""
        rows = self.clusters.rows(wave.cluster, self.ledger.middle)
        joined = self._join(wave, rows[~self.ledger.known[rows]], -LINKED)
        self.ledger.set_apart(joined)
        wave.members = np.union1d(wave.members, joined + self.ledger.first)

    def _stand(self, wave: Wave, cluster: int, one: StandingWave | None, now_us: int) -> None:
        """A cluster that is beyond chance, and that something holds together, is a wave from now on."""
        rules, cell = self.policy.waves, wave.cell
        p_value = math.exp(-cell.surprise) * cells_possible(self.ledger.in_window, rules.least_members)
        whole = wave.is_whole(rules)
        p_value = min(1.0, 2 * min(p_value, math.exp(-wave.together) if whole else 1.0))
        holding = [family for family in MAKERS if wave.strength[family] >= rules.strong_nats]
        if one is None and (p_value > rules.false_discovery_rate or not holding):
            return
        if one is not None:
            p_value = min(p_value, one.p_value)
        self.clusters.adopt(wave.members, cluster)
        names = tuple(FACTS[place].name for place in cell.places)
        standing = StandingWave(
            one.number if one else len(self.found) + 1, cluster, one.found_us if one else now_us,
            wave.members + self.ledger.first, wave.profile, wave.makers, wave.venue, wave.strength, p_value,
            (names[0], names[1]), cell.rows, cell.expected, whole, wave.typical,
        )  # fmt: skip
        if one is not None:
            standing.members = np.union1d(
                one.members[one.members < self.ledger.middle + self.ledger.first], standing.members
            )
            self.waves = [other for other in self.waves if other.number != one.number]
        self.found[standing.number] = self.of_cluster[cluster] = standing
        self._mark(standing, wave.members, wave.odds, wave.nats)
        if self.acts_on(standing):
            self.ledger.set_apart(wave.members)
            standing.profile = apart(wave.profile)
            self.waves.append(standing)

    def acts_on(self, wave: StandingWave) -> bool:
        """Whether a wave counts against its sign-ups: families enough hold it, its cell is rare, nobody withdrew it."""
        acting = holds(wave.makers, wave.cell_rows, wave.expected, whole=wave.whole, rules=self.policy.waves)
        return acting and wave.number not in self.withdrawn

    # --- decisions

    def _decide(self, rows: I64, decided_us: I64, *, everybody: bool) -> pa.Table:
        s = self.standing
        evidence = s.evidence(rows)
        wanted = wanted_rungs(self.policy, evidence, seasoned=self._seasoned(decided_us), suspends=self.suspends)
        wanted[s.lifted[rows] | s.taken[rows]] = 0
        moving = np.flatnonzero(wanted > s.rung[rows])
        before = s.rung[rows]
        for k in moving.tolist():
            day = int(decided_us[k]) // DAY_US
            s.rung[rows[k]] = self.caps.allowed(self.policy, int(wanted[k]), day, int(before[k]))
        chosen = np.arange(len(rows)) if everybody else np.flatnonzero(s.rung[rows] > before)
        at = rows[chosen]
        p = np.array([self.found[w].p_value if w else np.nan for w in s.wave[at].tolist()])
        return decisions_table(
            [self.names[k] for k in at.tolist()], self.ledger.at_us[at], decided_us[chosen], s.rung[at],
            evidence.odds[chosen], p, s.wave[at], [self._reasons(k) for k in at.tolist()], self.policy.version,
        )  # fmt: skip

    # --- what persons undo

    def lift(self, platform: str, asset_id: str, at_us: int, why: str) -> pa.Table:
        """Put an account back to `allow`; the machine does not raise it again.

        Args:
            platform, asset_id: the account.
            at_us: when, microseconds since 1970.
            why: as the decision's reason says it.

        Returns:
            One row of `decisions`, none where it stands at `allow` already.

        Raises:
            NotFoundError: it is not in memory.

        """
        return self._lifted(np.array([self._place_of(platform, asset_id)]), at_us, why)

    def _place_of(self, platform: str, asset_id: str) -> int:
        try:
            return self.names.index((platform, asset_id))
        except ValueError as error:
            raise NotFoundError(f"{platform}:{asset_id} is not among the sign-ups in memory") from error

    def roll_back(self, wave: int, at_us: int, why: str) -> pa.Table:
        """Withdraw a whole wave: everybody whom it put on a rung is back at `allow`, and it acts on nobody any more.

        Raises:
            NotFoundError: no wave bears that number.

        """
        if wave not in self.found:
            raise NotFoundError(f"there is no wave W{wave}; there are W1 to W{len(self.found)}")
        self.withdrawn.add(wave)
        self.waves = [one for one in self.waves if one.number != wave]
        return self._lifted(np.flatnonzero(self.standing.wave[: self.ledger.end] == wave), at_us, why)

    def vouch(self, newcomer: tuple[str, str], voucher: tuple[str, str], since_us: int, at_us: int) -> pa.Table:
        """An established account speaks for a newcomer; with enough of them the newcomer is back at `allow`.

        Args:
            newcomer, voucher: platform and asset id.
            since_us: when the voucher signed up.
            at_us: now.

        Returns:
            The decision that it brings, or no row.

        Raises:
            UsageError: the voucher is too new, has vouched too often of late, or is the newcomer.
            NotFoundError: the newcomer is not in memory.

        """
        self._place_of(*newcomer)
        if self.vouches.enough(self.policy.vouching, newcomer, voucher, since_us, at_us):
            return self.lift(*newcomer, at_us, f"{self.policy.vouching.vouchers} established accounts vouched")
        return empty_table("decisions")

    def pardon(self, platform: str, asset_id: str) -> None:
        """Forget an account that was taken down wrongly; from the next look on nobody is held against it.

        Who climbed for it stays where it is until a person lifts it.
        """
        self.known = self.known.forgotten(platform, asset_id, self.ring)
        s, self.known_count, self.ring_profile, self.ring_size = self.standing, -1, None, 0
        s.known_odds[:], s.known_families[:], s.hop[:] = NO_EVIDENCE, 0, 0

    def _lifted(self, rows: I64, at_us: int, why: str) -> pa.Table:
        s = self.standing
        s.lifted[rows] = True
        rows = rows[s.rung[rows] > 0]
        s.rung[rows] = 0
        scores = np.maximum(s.odds[rows], s.known_odds[rows])
        return decisions_table(
            [self.names[k] for k in rows.tolist()], self.ledger.at_us[rows], np.full(len(rows), at_us), s.rung[rows], scores,
            np.full(len(rows), np.nan), s.wave[rows], [(why,)] * len(rows), self.policy.version,
        )  # fmt: skip

    def _seasoned(self, now_us: I64) -> npt.NDArray[np.bool_]:
        baseline_us = now_us - self.started_us - self.ledger.window_us
        return np.asarray(baseline_us >= self.policy.time.least_baseline_days * DAY_US)

    def _reasons(self, row: int) -> tuple[str, ...]:
        s = self.standing
        if s.rung[row] == 0:
            return ()
        words = []
        if (wave := self.found.get(int(s.wave[row]))) is not None:
            words.append(
                f"wave W{wave.number}: {len(wave.members)} sign-ups held together by {', '.join(wave.makers) or 'one place'}; "
                f"{wave.cell_rows} share {wave.facts[0]} and {wave.facts[1]}, {wave.expected:.2g} are usual"
                + (f"; its members fit one another {math.exp(wave.typical):,.0f} to one" if wave.whole else "")
            )
        if s.known_odds[row] > 0:
            hop = "" if s.hop[row] < 2 else ", over one other account tied to them"
            words.append(f"ties to accounts taken down by {s.known_families[row]} families of evidence{hop}")
        if s.device[row]:
            words.append(f"logs in on one device with {s.device[row] - 1} other newcomers")
        rules = self.policy.learning
        model = self.learner.model if self.learner is not None else None
        if model is not None:
            if s.learned[row] >= rules.abstain_above:
                words.append(model.words(float(s.learned[row])))
            elif s.learned[row] < rules.abstain_below:
                words.append(f"{model.words(float(s.learned[row]))}; without it a rung more")
        return tuple(words)
