"""A decision is carried out once, whatever falls over in between, and taken back; what fails stays as work."""

from __future__ import annotations

import csv
import signal
import subprocess
import sys
import textwrap
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, insert, select, update

from samehand.casework import Decision, MemberRow, adopt, bring, protect, read_entries, verify
from samehand.casework.tables import DecisionRow, NetworkMemberRow
from samehand.enforcement import (
    AccountState,
    Act,
    Action,
    Capabilities,
    CsvConnector,
    Execution,
    Progress,
    release_switch,
    throw_switch,
    unfinished,
)
from samehand.enforcement.connector import stands
from samehand.enforcement.tables import ActRow
from samehand.errors import FormatError, InputError, JobError, NotFoundError, UsageError
from samehand.policy import parse_pack
from tests.casework.scenes import PACK, Office, accounts, brought, run_of

CIB = ["coordinated_inauthentic"]
ANY = Capabilities("fake", frozenset({"suspend", "reinstate", "remove"}), None, "")


class Platform:
    """A platform in memory; `wrong` is asked before each act and may raise, or say why the act fails."""

    def __init__(self, wrong: Callable[[str, Action], str] = lambda account, action: "") -> None:
        self.standing: dict[str, AccountState] = {}
        self.sent: list[tuple[str, Action]] = []
        self.wrong, self.settled = wrong, 0

    capabilities = ANY

    def state(self, account: str) -> AccountState:
        return self.standing.get(account) or AccountState(account, suspended=False, deactivated=False, admin=False)

    def act(self, account: str, action: Action, *, key: str | None = None) -> Act:
        if stands(self.state(account), action):
            return Act(account, action, "already")
        if why := self.wrong(account, action):
            return Act(account, action, "failed", why)
        self.sent.append((account, action))
        self.standing[account] = AccountState(
            account, suspended=action == "suspend", deactivated=action == "remove", admin=False
        )
        return Act(account, action, "done")

    def settle(self) -> None:
        self.settled += 1


def _approved(office: Office, folder: Path, count: int = 30, action: Any = "suspend") -> Decision:
    case = brought(office, folder / "run", count)
    decision = office.decisions.propose(case, action, CIB, "One hand.", office.keys["dia"])
    return _answered(office, decision)


def _answered(office: Office, decision: Decision) -> Decision:
    office.decisions.sample(decision.decision_id, "cem")
    return office.decisions.approve(decision.decision_id, office.keys["cem"], decision.confirmation)


def _execution(office: Office, platform: Any) -> Execution:
    return Execution(office.casework, platform, "sim", sleep=lambda pause_s: None)


def _acts(office: Office, kind: str = "act.done") -> list[dict[str, Any]]:
    with office.store.reading() as session:
        assert verify(session).holds
        return [entry["body"] for entry in read_entries(session, most=100_000) if entry["kind"] == kind]


def test_every_account_is_acted_on_once_and_the_log_has_each(office: Office, tmp_path: Path) -> None:
    decision, platform = _approved(office, tmp_path), Platform()
    progress = _execution(office, platform).run(decision.decision_id, "dia", batch=7)

    assert progress == Progress(1, waiting=0, done=30, already=0, failed=0, stopped=False)
    assert sorted(platform.sent) == sorted((account, "suspend") for account in accounts(30))
    assert platform.settled == 5
    assert len({act["account"] for act in _acts(office)}) == 30
    assert (office.casework.case(1).state, office.decisions.decision(1).state) == ("enforced", "done")


def test_once_more_does_nothing_more(office: Office, tmp_path: Path) -> None:
    decision, platform = _approved(office, tmp_path), Platform()
    execution = _execution(office, platform)
    for _ in range(3):
        execution.run(decision.decision_id, "dia")

    assert len(platform.sent) == len(_acts(office)) == 30


def test_a_reversal_takes_two_and_undoes_what_was_done_and_no_more(office: Office, tmp_path: Path) -> None:
    decision, platform = _approved(office, tmp_path), Platform()
    platform.standing["a3"] = AccountState("a3", suspended=True, deactivated=False, admin=False)
    execution = _execution(office, platform)
    execution.run(decision.decision_id, "dia")
    reversal = office.decisions.propose_reversal(1, "They were a choir.", office.keys["dia"])
    with pytest.raises(UsageError, match="only what is approved"):
        execution.run(reversal.decision_id, "dia")
    assert reversal.confirmation == "reverse 30"
    _answered(office, reversal)
    progress = execution.run(reversal.decision_id, "dia")

    assert (progress.done, progress.complete) == (29, True)
    assert [account for account in accounts(30) if platform.state(account).suspended] == ["a3"]
    assert [office.decisions.decision(k).state for k in (1, 2)] == ["reversed", "done"]
    assert office.casework.case(1).state == "enforced"
    with pytest.raises(UsageError, match="decision 1 is reversed"):
        execution.run(1, "dia")


def test_a_reversal_works_whatever_became_of_the_case(office: Office, tmp_path: Path) -> None:
    decision, platform = _approved(office, tmp_path), Platform()
    _execution(office, platform).run(decision.decision_id, "dia")
    office.casework.reopen(1, "More of them?", "dia")
    office.casework.set_role(1, "sim", "a3", "bystander", "dia")
    office.casework.dismiss(1, "No.", "dia")
    reversal = _answered(office, office.decisions.propose_reversal(1, "Wrong.", office.keys["dia"]))
    _execution(office, platform).run(reversal.decision_id, "dia")

    assert not any(platform.state(account).suspended for account in accounts(30))


def test_nobody_reverses_a_bulk_alone(office: Office, tmp_path: Path) -> None:
    decision, platform = _approved(office, tmp_path), Platform()
    _execution(office, platform).run(decision.decision_id, "dia")
    office.decisions.propose_reversal(1, "Wrong.", office.keys["dia"])
    with office.store.writing() as session:
        session.execute(update(DecisionRow).where(DecisionRow.decision_id == 2).values(state="approved"))

    with pytest.raises(InputError, match="takes two persons, and nobody answered it"):
        _execution(office, platform).run(2, "dia")
    with pytest.raises(UsageError, match="decision 2 reverses decision 1 already"):
        office.decisions.propose_reversal(1, "Wrong.", office.keys["ben"])


def test_a_removal_has_no_reversal(office: Office, tmp_path: Path) -> None:
    harsher = PACK.text.replace("platform-manipulation-2", "platform-manipulation-3")
    before, ground = harsher.split("[grounds.coordinated_inauthentic]")
    harsher = before + "[grounds.coordinated_inauthentic]" + ground.replace('"suspend"', '"remove"', 1)
    office.clock.pass_by(minutes=1)
    for name in ("ada", "ben"):
        adopt(office.store, parse_pack(harsher, "harsher"), office.keys[name], office.clock())
    decision, platform = _approved(office, tmp_path, action="remove"), Platform()
    _execution(office, platform).run(decision.decision_id, "dia")

    assert {action for _, action in platform.sent} == {"remove"}
    with pytest.raises(UsageError, match="nothing undoes a removal"):
        office.decisions.propose_reversal(1, "Wrong.", office.keys["dia"])


def test_a_decision_that_was_changed_is_not_taken_back_as_another(office: Office, tmp_path: Path) -> None:
    decision, platform = _approved(office, tmp_path), Platform()
    _execution(office, platform).run(decision.decision_id, "dia")
    reversal = _answered(office, office.decisions.propose_reversal(1, "Wrong.", office.keys["dia"]))
    with office.store.writing() as session:
        session.execute(update(DecisionRow).where(DecisionRow.decision_id == 1).values(action="limit"))

    with pytest.raises(InputError, match="decision 1 says something else than what dia signed"):
        _execution(office, platform).run(reversal.decision_id, "dia")


def test_who_writes_acts_into_the_store_takes_nobody_elses_back(office: Office, tmp_path: Path) -> None:
    """A mild decision on one account takes one person to reverse; acts on others that are put under it are noticed."""
    run = run_of(tmp_path / "run", {"N1": accounts(1)})
    bring(office.casework, run, ["N1"], "dia")
    office.decisions.propose(1, "limit", CIB, "One.", office.keys["dia"])
    with CsvConnector(tmp_path / "acts.csv", "sim", office.clock) as connector:
        _execution(office, connector).run(1, "dia")
        bring(office.casework, run_of(tmp_path / "more", {"N1": accounts(5, 50)}, seed=1), ["N1"], "dia")
        with office.store.writing() as session:
            forged = {
                "decision_id": 1,
                "action": "limit",
                "state": "done",
                "outcome": "done",
                "attempts": 1,
                "detail": "",
            }
            for member in session.scalars(select(MemberRow.member_id).where(MemberRow.case_id == 2)).all():
                session.execute(insert(ActRow).values(**forged, member_id=member, changed_at=office.clock()))
        office.decisions.propose_reversal(1, "x", office.keys["dia"])

        with pytest.raises(InputError, match="on accounts that it is not about"):
            _execution(office, connector).run(2, "dia")


def test_a_mild_act_on_one_protected_account_is_done_when_a_lead_approved(office: Office, tmp_path: Path) -> None:
    protect(office.casework, [("sim", "a0", "a journalist")], "dia")
    case = brought(office, tmp_path / "run", 1)
    decision = office.decisions.propose(case, "limit", CIB, "x", office.keys["dia"])
    office.decisions.sample(1, "ben")
    office.decisions.approve(1, office.keys["ben"], decision.confirmation)
    with CsvConnector(tmp_path / "acts.csv", "sim", office.clock) as connector:
        assert _execution(office, connector).run(1, "dia").done == 1

    assert office.decisions.propose_reversal(1, "x", office.keys["dia"]).state == "proposed"


def test_a_case_on_two_platforms_is_done_on_each_and_taken_back_on_each(office: Office, tmp_path: Path) -> None:
    case = brought(office, tmp_path / "run", 10, elsewhere=accounts(4))
    decision = _answered(office, office.decisions.propose(case, "suspend", CIB, "x", office.keys["dia"]))
    here, there = Platform(), Platform()
    on = {"sim": Execution(office.casework, here, "sim"), "other": Execution(office.casework, there, "other")}
    assert on["sim"].run(decision.decision_id, "dia").done == 6
    assert office.casework.case(case).state == "acting"
    on["other"].run(decision.decision_id, "dia")
    assert office.casework.case(case).state == "enforced"
    _answered(office, office.decisions.propose_reversal(1, "Wrong.", office.keys["dia"]))
    for one in on.values():
        one.run(2, "dia")

    assert Counter(action for _, action in here.sent) == {"suspend": 6, "reinstate": 6}
    assert Counter(action for _, action in there.sent) == {"suspend": 4, "reinstate": 4}
    assert office.decisions.decision(1).state == "reversed"


def test_what_one_platform_left_is_not_done_on_another(office: Office, tmp_path: Path) -> None:
    case = brought(office, tmp_path / "run", 10, elsewhere=accounts(4))
    decision = _answered(office, office.decisions.propose(case, "suspend", CIB, "x", office.keys["dia"]))
    here, there = Platform(lambda account, action: "HTTP 500"), Platform()
    Execution(office.casework, here, "sim").run(decision.decision_id, "dia")
    Execution(office.casework, there, "other").run(decision.decision_id, "dia")

    assert sorted(account for account, _ in there.sent) == accounts(4)
    assert office.casework.case(case).state == "acting"
    assert len(unfinished(office.casework, "dia")) == 6  # and what failed there stays work


def test_what_was_done_though_its_reply_was_lost_is_taken_back(office: Office, tmp_path: Path) -> None:
    """Three replies are lost, the act stands as failed; the next call finds that it was done, by us."""
    decision, platform = _approved(office, tmp_path, 2), Platform()

    class Deaf(Platform):
        def act(self, account: str, action: Action, *, key: str | None = None) -> Act:
            if account == "a1":
                return Act(account, action, "failed", "no reply")
            return platform.act(account, action)

    assert _execution(office, Deaf()).run(decision.decision_id, "dia").failed == 1
    platform.standing["a1"] = AccountState("a1", suspended=True, deactivated=False, admin=False)
    assert _execution(office, platform).run(decision.decision_id, "dia").complete
    _answered(office, office.decisions.propose_reversal(1, "Wrong.", office.keys["dia"]))

    assert _execution(office, platform).run(2, "dia").done == 2
    assert not platform.state("a1").suspended


def test_what_fails_is_tried_three_times_and_then_is_somebodys_work(office: Office, tmp_path: Path) -> None:
    tried: Counter[str] = Counter()

    def wrong(account: str, action: Action) -> str:
        tried[account] += 1
        return "HTTP 500" if account == "a3" or (account == "a5" and tried[account] < 3) else ""

    decision, platform = _approved(office, tmp_path), Platform(wrong)
    progress = _execution(office, platform).run(decision.decision_id, "dia", batch=4)

    assert (progress.done, progress.failed, progress.complete) == (29, 1, False)
    assert (tried["a3"], tried["a5"]) == (3, 3)
    assert [(one.asset_id, one.detail, one.attempts) for one in unfinished(office.casework, "dia")] == [
        ("a3", "HTTP 500", 3)
    ]
    assert len(_acts(office, "act.failed")) == 1
    assert office.casework.case(1).state == "acting"

    platform.wrong = lambda account, action: ""
    assert _execution(office, platform).run(decision.decision_id, "dia").complete
    assert unfinished(office.casework, "dia") == []
    assert office.casework.case(1).state == "enforced"


def test_a_failed_reversal_is_somebodys_work(office: Office, tmp_path: Path) -> None:
    decision = _approved(office, tmp_path)
    platform = Platform(lambda account, action: "HTTP 500" if action == "reinstate" and account == "a7" else "")
    _execution(office, platform).run(decision.decision_id, "dia")
    reversal = _answered(office, office.decisions.propose_reversal(1, "Wrong.", office.keys["dia"]))
    progress = _execution(office, platform).run(reversal.decision_id, "dia")

    assert not progress.complete
    assert [(one.action, one.asset_id) for one in unfinished(office.casework, "dia")] == [("reinstate", "a7")]


def test_the_switch_stops_between_batches_and_lets_go_on(office: Office, tmp_path: Path) -> None:
    decision, platform = _approved(office, tmp_path), Platform()

    def told(progress: Progress) -> None:
        if progress.done == 10:
            throw_switch(office.casework, "dia", "Something is odd.")

    stopped = _execution(office, platform).run(decision.decision_id, "dia", batch=5, told=told)
    assert (stopped.done, stopped.waiting, stopped.stopped) == (10, 20, True)
    assert _execution(office, platform).run(decision.decision_id, "dia").done == 10
    with pytest.raises(UsageError, match="dia may not approve"):
        release_switch(office.casework, "dia")
    release_switch(office.casework, "cem")

    assert _execution(office, platform).run(decision.decision_id, "dia").complete
    assert len(platform.sent) == 30


def test_batches_have_pauses_between_them(office: Office, tmp_path: Path) -> None:
    decision = _approved(office, tmp_path)
    pauses: list[float] = []
    Execution(office.casework, Platform(), "sim", sleep=pauses.append).run(
        decision.decision_id, "dia", batch=10, pause_s=2.5
    )

    assert pauses == [2.5] * 3


class Killed(BaseException):
    """The process ends here."""


@pytest.mark.parametrize("after", [0, 1, 13, 29])
@pytest.mark.parametrize("done", [True, False])
def test_what_is_cut_short_is_gone_on_with_and_nothing_is_done_twice(
    office: Office, tmp_path: Path, after: int, done: bool
) -> None:
    """The process ends with an act that was sent; the platform had done it, or had not."""
    decision, platform = _approved(office, tmp_path), Platform()

    class Cut(Platform):
        def act(self, account: str, action: Action, *, key: str | None = None) -> Act:
            if len(platform.sent) == after:
                if done:
                    platform.act(account, action)
                raise Killed
            return platform.act(account, action)

    with pytest.raises(Killed):
        _execution(office, Cut()).run(decision.decision_id, "dia", batch=10)
    progress = _execution(office, platform).run(decision.decision_id, "dia", batch=10)

    assert progress.complete
    assert Counter(platform.sent) == Counter((account, "suspend") for account in accounts(30))
    assert Counter(act["account"] for act in _acts(office)).most_common(1)[0][1] == 1
    assert len(_acts(office)) == 30
    reversal = _answered(office, office.decisions.propose_reversal(1, "Wrong.", office.keys["dia"]))
    assert _execution(office, platform).run(reversal.decision_id, "dia").done == 30
    assert not any(platform.state(account).suspended for account in accounts(30))


def test_what_was_changed_in_the_store_is_not_carried_out(office: Office, tmp_path: Path) -> None:
    decision, platform = _approved(office, tmp_path), Platform()
    with office.store.writing() as session:
        session.execute(delete(NetworkMemberRow).where(NetworkMemberRow.member_id == 4))

    with pytest.raises(InputError, match="not those that decision 1 is about"):
        _execution(office, platform).run(decision.decision_id, "dia")
    assert platform.sent == []


def test_a_platform_that_no_account_is_on_is_told(office: Office, tmp_path: Path) -> None:
    decision, platform = _approved(office, tmp_path), Platform()
    with pytest.raises(UsageError, match="is about accounts of sim, not of elsewhere"):
        Execution(office.casework, platform, "elsewhere").run(decision.decision_id, "dia")

    assert platform.sent == []


def test_what_a_platform_cannot_do_is_told(office: Office, tmp_path: Path) -> None:
    decision, platform = _approved(office, tmp_path, action="limit"), Platform()

    with pytest.raises(UsageError, match="fake cannot limit; it can reinstate, remove, suspend"):
        _execution(office, platform).run(decision.decision_id, "dia")
    assert office.casework.case(1).state == "approved"


def test_who_may_not_work_carries_nothing_out(office: Office, tmp_path: Path) -> None:
    decision, platform = _approved(office, tmp_path), Platform()

    with pytest.raises(UsageError, match="eva may not act"):
        _execution(office, platform).run(decision.decision_id, "eva")
    with pytest.raises(NotFoundError, match="no decision 9"):
        _execution(office, platform).run(9, "dia")
    assert platform.sent == []


def test_an_account_that_became_protected_stops_an_approval(office: Office, tmp_path: Path) -> None:
    case = brought(office, tmp_path / "run")
    decision = office.decisions.propose(case, "suspend", CIB, "x", office.keys["dia"])
    protect(office.casework, [("sim", "a1", "a journalist")], "dia")

    with pytest.raises(UsageError, match="about protected accounts by now"):
        _answered(office, decision)


# --- the file


def _now() -> datetime:
    return datetime(2026, 11, 27, 12, tzinfo=UTC)


def _lines(path: Path) -> list[list[str]]:
    with open(path, newline="") as file:
        return list(csv.reader(file))[1:]


def test_a_file_has_a_line_for_each_act_and_knows_how_accounts_stand(tmp_path: Path) -> None:
    path = tmp_path / "acts.csv"
    with CsvConnector(path, "sim", _now) as connector:
        outcomes = [
            connector.act("a,1", one).outcome for one in ("suspend", "suspend", "reinstate", "limit", "challenge")
        ]
    with CsvConnector(path, "sim", _now) as again:
        state = again.state("a,1")
        assert again.act("a,1", "limit").outcome == "already"
    with CsvConnector(path, "other", _now) as other:
        assert not other.state("a,1").limited

    assert outcomes == ["done", "already", "done", "done", "done"]
    assert (state.suspended, state.limited, state.challenged) == (False, True, True)
    assert _lines(path)[0] == ["2026-11-27T12:00:00Z", "sim", "a,1", "suspend"]
    assert len(_lines(path)) == 4


def test_nothing_undoes_a_removal_in_a_file(tmp_path: Path) -> None:
    with CsvConnector(tmp_path / "acts.csv", "sim", _now) as connector:
        connector.act("a", "remove")
        assert connector.act("a", "suspend").outcome == "failed"


@pytest.mark.parametrize("cut", [1, 5, 30])
def test_a_line_that_was_broken_off_is_done_anew(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "acts.csv"
    with CsvConnector(path, "sim", _now) as connector:
        connector.act("a", "suspend")
        connector.act("b", "suspend")
    path.write_bytes(path.read_bytes()[:-cut])
    with CsvConnector(path, "sim", _now) as again:
        assert (again.act("a", "suspend").outcome, again.act("b", "suspend").outcome) == ("already", "done")

    assert [line[2] for line in _lines(path)] == ["a", "b"]


@pytest.mark.parametrize(
    "text", ["name,age\nx,3\n", "at,platform,account,action\nnow,sim,a,banish\n", "at,platform,account,action\nx\n"]
)
def test_another_kind_of_file_is_left_alone(tmp_path: Path, text: str) -> None:
    path = tmp_path / "acts.csv"
    path.write_text(text)

    with pytest.raises(FormatError):
        CsvConnector(path, "sim", _now)
    assert path.read_text() == text
    with pytest.raises(NotFoundError, match="no such folder"):
        CsvConnector(tmp_path / "no" / "acts.csv", "sim", _now)


def test_a_full_disk_stops_and_what_is_left_is_done_later(office: Office, tmp_path: Path) -> None:
    decision = _approved(office, tmp_path)
    with CsvConnector(tmp_path / "acts.csv", "sim", office.clock) as full:
        full._file.close()
        full._file = open("/dev/full", "a", encoding="utf-8")  # noqa: SIM115
        full._writer = csv.writer(full._file)
        with pytest.raises(JobError, match="make room and go on"):
            _execution(office, full).run(decision.decision_id, "dia", batch=10)
    assert _acts(office) == []
    with CsvConnector(tmp_path / "acts.csv", "sim", office.clock) as connector:
        assert _execution(office, connector).run(decision.decision_id, "dia").complete

    assert sorted(line[2] for line in _lines(tmp_path / "acts.csv")) == sorted(accounts(30))


KILLED = """
    import sys
    from pathlib import Path
    from samehand.casework import Casework
    from samehand.enforcement import CsvConnector, Execution
    from samehand.store import open_store
    from tests.casework.scenes import Clock

    url, path = sys.argv[1:]
    with open_store(url) as store, CsvConnector(Path(path), "sim", Clock()) as connector:
        print("begun", flush=True)
        Execution(Casework(store, Clock()), connector, "sim").run(1, "dia", batch=20, pause_s=0.02)
"""


def test_nine_hundred_and_thirty_six_acts_killed_twice_are_done_once_each(
    office: Office, store_url: str, tmp_path: Path
) -> None:
    _approved(office, tmp_path, 936)
    path = tmp_path / "acts.csv"
    for _ in range(2):
        with subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(KILLED), store_url, str(path)], stdout=subprocess.PIPE, text=True,
            cwd=Path(__file__).parents[2],
        ) as process:  # fmt: skip
            assert process.stdout is not None
            assert process.stdout.readline() == "begun\n"
            before = len(_acts(office))
            end = time.monotonic() + 60
            while len(_acts(office)) < before + 100 and time.monotonic() < end:
                time.sleep(0.01)
            process.send_signal(signal.SIGKILL)
        assert before < len(_acts(office)) < 936
    with CsvConnector(path, "sim", office.clock) as connector:
        assert _execution(office, connector).run(1, "dia").complete

    assert Counter(line[2] for line in _lines(path)) == Counter(accounts(936))
    assert len(_acts(office)) == len({act["account"] for act in _acts(office)}) == 936
