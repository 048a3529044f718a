"""`samehand case` and `samehand audit` as a script sees them: from two keys to an approved decision and a log that holds."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from samehand.cli import main
from samehand.cli.platforms import PLATFORMS
from samehand.enforcement import CAPABILITIES, WEBHOOK_SECRET, WEBHOOK_STATE
from samehand.policy import read_pack
from samehand.sources import MASTODON_TOKEN
from tests.casework.scenes import PASSPHRASE, accounts, run_of
from tests.fake_mastodon import TOKEN, fake_mastodon
from tests.fake_pds import MODERATOR, MODERATOR_PASSWORD, OZONE, PASSWORD, fake_pds
from tests.fake_receiver import SECRET, Fault, Receiver, receiving

Run = Callable[..., Any]


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Calls a command on one store; its JSON, or what it says where it fails."""
    monkeypatch.setenv("SAMEHAND_STORE", str(tmp_path / "store.sqlite"))
    monkeypatch.setenv("SAMEHAND_PASSPHRASE", PASSPHRASE)
    monkeypatch.setattr("samehand.casework.keys.SCRYPT_N", 1 << 4)

    def call(*arguments: object, code: int = 0) -> Any:
        with pytest.raises(SystemExit) as ended:
            main([*map(str, arguments), *(["--json"] if code == 0 else [])])
        output = capsys.readouterr()
        assert ended.value.code == code, output.err
        return json.loads(output.out) if code == 0 else output.err

    return call


@pytest.fixture
def staffed(run: Run, tmp_path: Path) -> Run:
    """Two leads, a reviewer, and a policy that both leads signed; one case of a run."""
    for name in ("ada", "ben", "cem"):
        run("case", "key", tmp_path / f"{name}.key", "--name", name)
    run("case", "reviewers", "found", tmp_path / "ada.key", tmp_path / "ben.key")
    run(
        "case",
        "reviewers",
        "add",
        tmp_path / "cem.key",
        "--role",
        "reviewer",
        "--by",
        tmp_path / "ada.key",
        "--by",
        tmp_path / "ben.key",
    )
    for name in ("ada", "ben"):
        run("case", "policy", "sign", "--by", tmp_path / f"{name}.key")
    run_of(tmp_path / "run", {"N1": accounts(30)})
    run("case", "bring", tmp_path / "run", "--as", "cem")
    return run


SUSPEND = ("--action", "suspend", "--ground", "coordinated_inauthentic")


def test_from_a_run_to_an_approved_decision_and_a_log_that_holds(staffed: Run, tmp_path: Path) -> None:
    assert staffed("case", "plan", 1, *SUSPEND)["possible"]
    staffed("case", "propose", 1, *SUSPEND, "--why", "One hand.", "--by", tmp_path / "cem.key")
    assert [one["state"] for one in staffed("case", "proposals")["decisions"]] == ["proposed"]
    assert len(staffed("case", "sample", 1, "--as", "ben")["sample"]) == 20
    staffed("case", "approve", 1, "--confirm", "suspend 30", "--by", tmp_path / "ben.key")

    shown = staffed("case", "show", 1, "--accounts", "--as", "ada")
    assert shown["case"]["state"] == "approved"
    assert (shown["decisions"][0]["proposer"], shown["decisions"][0]["approver"]) == ("cem", "ben")
    assert len(shown["members"]) == 30
    (network,) = shown["networks"]
    assert (network["network"], network["accounts"], network["flagged"]) == ("N1", 30, True)
    strong = {one["independence_group"] for one in network["findings"] if one["state"] == "strong"}
    assert {"creation", "profile"} <= strong
    assert staffed("audit", "verify")["holds"]
    assert [entry["kind"] for entry in staffed("audit", "show", "--case", 1)["entries"]][-2:] == [
        "decision.approved",
        "viewed",
    ]


def test_what_comes_next_is_said_as_it_is_typed(
    staffed: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def said(*words: object) -> str:
        with pytest.raises(SystemExit) as ended:
            main([str(word) for word in words])
        assert ended.value.code == 0
        return capsys.readouterr().out

    proposed = said("case", "propose", 1, *SUSPEND, "--why", "One hand.", "--by", tmp_path / "cem.key")
    assert "then samehand case approve 1 --confirm 'suspend 30' --by KEY" in proposed
    looked = said("case", "sample", 1, "--as", "ben")
    assert "N1 of run: 30 accounts, coordinated strong, inauthentic strong, flagged\n  strong: " in looked
    approved = said("case", "approve", 1, "--confirm", "suspend 30", "--by", tmp_path / "ben.key")
    assert "next: samehand enforce run 1 " in approved
    done = said("enforce", "run", 1, "--on", f"csv:{tmp_path}/acts.csv", "--platform", "sim", "--as", "cem")
    assert "next: samehand appeal notices" in done


def _suspended(staffed: Run, tmp_path: Path) -> tuple[object, ...]:
    """Decision 1, approved; how it is carried out on a file."""
    staffed("case", "propose", 1, *SUSPEND, "--why", "One hand.", "--by", tmp_path / "cem.key")
    staffed("case", "sample", 1, "--as", "ben")
    staffed("case", "approve", 1, "--confirm", "suspend 30", "--by", tmp_path / "ben.key")
    return ("--on", f"csv:{tmp_path}/acts.csv", "--platform", "sim", "--as", "cem")


def test_what_was_approved_is_done_and_taken_back(staffed: Run, tmp_path: Path) -> None:
    on = _suspended(staffed, tmp_path)
    assert staffed("enforce", "run", 1, *on)["done"] == 30
    staffed("case", "reverse", 1, "--why", "A choir.", "--by", tmp_path / "cem.key")
    assert "only what is approved" in staffed("enforce", "run", 2, *on, code=2)
    staffed("case", "sample", 2, "--as", "ben")
    staffed("case", "approve", 2, "--confirm", "reverse 30", "--by", tmp_path / "ben.key")
    assert staffed("enforce", "run", 2, *on)["complete"]

    lines = (tmp_path / "acts.csv").read_text().splitlines()[1:]
    assert [line.split(",")[3] for line in lines] == ["suspend"] * 30 + ["reinstate"] * 30
    assert [one["state"] for one in staffed("case", "show", 1)["decisions"]] == ["reversed", "done"]
    assert staffed("audit", "verify")["holds"]
    assert staffed("enforce", "unfinished", "--as", "cem")["acts"] == []


def test_who_was_acted_on_is_told_appeals_and_is_reinstated(staffed: Run, tmp_path: Path) -> None:
    on = _suspended(staffed, tmp_path)
    staffed("enforce", "run", 1, *on)
    out, said = tmp_path / "notices.jsonl", tmp_path / "said.txt"
    words = ("--contact", "appeals@sim.test", "--language", "zh-HK", "--as", "cem")
    assert staffed("appeal", "notices", "--out", out, *words)["notices"] == 30
    notices = {one["asset_id"]: one for one in map(json.loads, out.read_text("utf-8").splitlines())}
    said.write_text("It is my own.", "utf-8")

    taken = staffed("appeal", "receive", notices["a3"]["reference"], said, "--as", "cem")
    assert [one["appeal_id"] for one in staffed("appeal", "list")["appeals"]] == [taken["appeal_id"]]
    assert staffed("appeal", "show", 1, "--as", "ada")["text"] == "It is my own."
    ruled = staffed("appeal", "decide", 1, "--overturn", "--why", "She is real.", "--by", tmp_path / "ada.key")
    staffed("enforce", "run", ruled["reversal_id"], *on)

    assert (tmp_path / "acts.csv").read_text("utf-8").splitlines()[-1].endswith(",sim,a3,reinstate")
    letters = tmp_path / "answers.jsonl"
    assert staffed("appeal", "answers", "--out", letters, "--as", "cem")["answers"] == 1
    assert "She is real." in json.loads(letters.read_text("utf-8"))["text"]
    assert "there are no words in fr" in staffed(
        "appeal", "answers", "--out", tmp_path / "fr", "--language", "fr", "--as", "cem", code=2
    )
    assert staffed("appeal", "rates")["groups"] == [
        {"group": "coordinated_inauthentic", "notices": 30, "appeals": 1, "answered": 1, "overturned": 1, "rate": 1.0}
    ]
    assert "what people are told is never written over" in staffed("appeal", "notices", "--out", out, *words, code=2)
    assert out.stat().st_mode & 0o077 == 0
    assert staffed("audit", "verify")["holds"]


def test_the_head_of_the_log_leaves_after_each_batch(staffed: Run, tmp_path: Path) -> None:
    on, heads = _suspended(staffed, tmp_path), tmp_path / "heads.jsonl"
    out = ("--heads", heads, "--heads-by", tmp_path / "ada.key")
    assert "give both" in staffed("enforce", "run", 1, *on, *out[:2], code=2)
    staffed("enforce", "run", 1, *on, "--batch", 10, *out)

    assert len(heads.read_text("utf-8").splitlines()) == 5
    assert staffed("audit", "verify", "--head", heads)["open_entries"] == 0
    refused = staffed("enforce", "run", 1, *on, "--heads", tmp_path / "none" / "heads", *out[2:], code=2)
    assert "no such folder for the heads" in refused


def test_the_head_of_the_log_leaves_by_webhook_and_without_it_nothing_more_is_done(
    staffed: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    on = _suspended(staffed, tmp_path)
    taken: list[dict[str, Any]] = []

    class Keeper(Receiver):
        def take(self, key: str, body: dict[str, Any]) -> tuple[int, Any]:
            taken.append(body)
            return (200, {}) if len(taken) < 3 else (422, {"error": "full"})

    monkeypatch.setenv("SAMEHAND_WEBHOOK_SECRET", SECRET)
    with receiving(Keeper()) as keeper:
        out = ("--heads", f"{keeper.url}/heads", "--heads-by", tmp_path / "ada.key")
        said = staffed("enforce", "run", 1, *on, "--batch", 10, *out, code=1)

    assert "did not leave (HTTP 422 full)" in said
    assert [head["type"] for head in taken] == ["head"] * 3
    assert taken[0]["number"] < taken[1]["number"] < taken[2]["number"]
    assert len((tmp_path / "acts.csv").read_text("utf-8").splitlines()) == 1 + 20


def test_the_switch_stops_what_is_run(staffed: Run, tmp_path: Path) -> None:
    on = _suspended(staffed, tmp_path)
    staffed("enforce", "stop", "--why", "Wait.", "--as", "cem")
    assert "the switch is thrown: the rest waits" in staffed("enforce", "run", 1, *on, code=1)
    assert len((tmp_path / "acts.csv").read_text("utf-8").splitlines()) == 1
    staffed("enforce", "release", "--as", "cem")

    assert staffed("enforce", "run", 1, *on)["complete"]


def test_a_platform_that_is_none_is_told(staffed: Run, tmp_path: Path) -> None:
    _suspended(staffed, tmp_path)
    for target, says in (
        ("fax:123", "csv:PATH, synapse:URL, atproto:URL, ozone:URL, webhook:URL, mastodon:URL or mastodon-suspend:URL"),
        ("csv:", "csv:PATH"),
        ("webhook:https://x.example", "set SAMEHAND_WEBHOOK_SECRET"),
        ("mastodon:https://x.example", "set SAMEHAND_MASTODON_TOKEN"),
        ("synapse:http://x", "set SAMEHAND_SYNAPSE_TOKEN"),
        ("atproto:http://x", "set SAMEHAND_ATPROTO_ADMIN"),
        ("ozone:http://x", "set SAMEHAND_OZONE_HANDLE"),
    ):
        assert says in staffed("enforce", "run", 1, "--on", target, "--platform", "sim", "--as", "cem", code=2)


def test_a_decision_is_delivered_to_a_url_and_confirmed_where_the_platform_tells(
    staffed: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _suspended(staffed, tmp_path)
    monkeypatch.setenv(WEBHOOK_SECRET, SECRET)
    with receiving() as receiver:
        names = [receiver.add(name) for name in accounts(30)]
        on = ("--on", f"webhook:{receiver.url}/acts", "--platform", "sim", "--as", "cem")
        receiver.faults = [Fault(422)] * 90  # three tries each
        says = staffed("enforce", "run", 1, *on, code=1)
        done = staffed("enforce", "run", 1, *on)
        monkeypatch.setenv(WEBHOOK_STATE, f"{receiver.url}/accounts?id={{account}}")
        again = staffed("enforce", "run", 1, *on)

    assert "webhook: 0 delivered: 0 effective, 0 no news, 0 unsaid" in says
    assert (done["done"], again["complete"]) == (30, True)
    assert (len(receiver.effective), set(receiver.effective.values())) == (30, {1})
    assert all(receiver.standing[name]["suspended"] for name in names)


def test_every_platform_says_what_it_can_do_and_for_how_long_it_is_undone(run: Run) -> None:
    shown = run("enforce", "platforms")["platforms"]

    assert list(PLATFORMS) == list(CAPABILITIES)
    assert {one["on"].partition(":")[0] for one in shown} == set(PLATFORMS)
    assert all(one["actions"] and len(one["horizon"]) > 20 for one in shown)
    assert {one["on"]: one["horizon_days"] for one in shown if one["horizon_days"]} == {"mastodon-suspend:URL": 30}


@pytest.mark.parametrize(("kind", "days"), [("mastodon", "at any time"), ("mastodon-suspend", "after 30 days")])
def test_a_mastodon_server_is_reached_and_its_horizon_said_before_anything_is_done(
    staffed: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, days: str
) -> None:
    _suspended(staffed, tmp_path)
    monkeypatch.setenv(MASTODON_TOKEN, TOKEN)
    with fake_mastodon() as server:
        on = ("--on", f"{kind}:{server.url}", "--platform", "sim", "--as", "cem")
        says = staffed("enforce", "run", 1, *on, code=1)

    assert says.startswith(f"{kind}: a suspension")
    assert days in says.splitlines()[0]
    assert "30 acts failed" in says  # a0 to a29 are no numbers of accounts


@pytest.mark.parametrize("kind", ["atproto", "ozone"])
def test_accounts_that_no_platform_has_are_somebodys_work(
    staffed: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    _suspended(staffed, tmp_path)
    secrets = {
        "ATPROTO_ADMIN": PASSWORD,
        "OZONE_HANDLE": MODERATOR,
        "OZONE_PASSWORD": MODERATOR_PASSWORD,
        "OZONE_DID": OZONE,
    }
    for name, value in secrets.items():
        monkeypatch.setenv(f"SAMEHAND_{name}", value)
    with fake_pds() as fake:
        says = staffed("enforce", "run", 1, "--on", f"{kind}:{fake.url}", "--platform", "sim", "--as", "cem", code=1)

    assert "30 acts failed" in says
    assert "it is no DID" in staffed("enforce", "unfinished", "--as", "cem")["acts"][0]["detail"]


def test_one_person_with_the_store_decides_nothing(staffed: Run, tmp_path: Path) -> None:
    staffed("case", "propose", 1, *SUSPEND, "--why", "One hand.", "--by", tmp_path / "ada.key")
    staffed("case", "sample", 1, "--as", "ada")
    says = staffed("case", "approve", 1, "--confirm", "suspend 30", "--by", tmp_path / "ada.key", code=2)

    assert "ada proposed decision 1; another person has to approve it" in says


def test_everyday_work(staffed: Run, tmp_path: Path) -> None:
    staffed("case", "open", "By hand", "--harm", "severe", "--as", "cem")
    staffed("case", "note", 2, "Nothing yet.", "--as", "cem")
    staffed("case", "assign", 2, "ben", "--as", "cem")
    assert staffed("case", "lock", 2, "--as", "ben")["lock_holder"] == "ben"
    assert "locked by ben" in staffed("case", "rate", 2, "low", "--as", "cem", code=2)
    staffed("case", "unlock", 2, "--as", "ben")
    staffed("case", "rate", 2, "low", "--as", "cem")
    staffed("case", "role", 1, "sim:a3", "bystander", "--as", "cem")
    staffed("case", "dismiss", 2, "--why", "A choir.", "--as", "cem")
    staffed("case", "reopen", 2, "--why", "It was none.", "--as", "cem")

    cases = staffed("case", "list")["cases"]
    assert [(one["case_id"], one["harm"], one["assignee"]) for one in cases] == [(1, "medium", None), (2, "low", "ben")]
    assert cases[0]["members"] == {"core": 29, "amplifier": 0, "bystander": 1}
    assert staffed("case", "list", "--assignee", "ben", "--state", "closed")["cases"] == []


def test_people_come_and_go(staffed: Run, tmp_path: Path) -> None:
    staffed("case", "reviewers", "change", "cem", "--role", "viewer", "--by", tmp_path / "ada.key")
    assert "cem may not work" in staffed("case", "note", 1, "x", "--as", "cem", code=2)
    staffed("case", "reviewers", "remove", "cem", "--by", tmp_path / "ada.key")

    assert {one["name"]: one["roles"] for one in staffed("case", "reviewers", "list")["reviewers"]} == {
        "ada": ["lead"], "ben": ["lead"], "cem": [],
    }  # fmt: skip


def test_protected_accounts_come_from_a_file(staffed: Run, tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text("platform,asset_id,why\nsim,a1,a journalist\nsim,zz,a ministry\n")
    assert staffed("case", "protect", tmp_path / "list.csv", "--as", "cem") == {"read": 2, "added": 2}
    assert staffed("case", "plan", 1, *SUSPEND)["escalated"]
    (tmp_path / "list.csv").write_text("platform,asset_id,why\nsim,,a journalist\n")
    assert "line 2: platform, asset_id and why are all needed" in staffed(
        "case", "protect", tmp_path / "list.csv", "--as", "cem", code=2
    )
    (tmp_path / "list.csv").write_text("account\nx\n")
    assert "has the columns platform, asset_id and why" in staffed(
        "case", "protect", tmp_path / "list.csv", "--as", "cem", code=2
    )


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ('sim,1,"open quote\nsim,2,x\n', "a quote that does not end"),
        ("sim,1,x,y,z\n", "more cells than columns"),
        ("", "it names no account"),
        ("sim,,x\n", "line 2: platform, asset_id and why are all needed"),
    ],
)
def test_a_list_of_protected_accounts_that_is_broken_loses_nobody(
    staffed: Run, tmp_path: Path, rows: str, says: str
) -> None:
    (tmp_path / "list.csv").write_text("platform,asset_id,why\n" + rows, "utf-8")

    assert says in staffed("case", "protect", tmp_path / "list.csv", "--as", "cem", code=2)
    assert staffed("case", "protected", "--as", "cem")["accounts"] == []


def test_a_lead_takes_somebody_off_the_list(staffed: Run, tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text("platform,asset_id,why\nsim,a1,by mistake\n", "utf-8")
    staffed("case", "protect", tmp_path / "list.csv", "--as", "cem")

    assert "may not escalate" in staffed("case", "unprotect", "sim:a1", "--why", "x", "--as", "cem", code=2)
    staffed("case", "unprotect", "sim:a1", "--why", "A mistake.", "--as", "ada")
    assert staffed("case", "protected", "--as", "cem")["accounts"] == []


def test_an_appeal_is_not_answered_without_a_ruling(staffed: Run, tmp_path: Path) -> None:
    says = staffed("appeal", "decide", 1, "--why", "x", "--by", tmp_path / "ada.key", code=2)

    assert "--overturn, or --stands" in says


def test_a_reversal_on_another_file_is_not_done(staffed: Run, tmp_path: Path) -> None:
    on = _suspended(staffed, tmp_path)
    staffed("enforce", "run", 1, *on)
    staffed("case", "reverse", 1, "--why", "Wrong.", "--by", tmp_path / "cem.key")
    staffed("case", "sample", 2, "--as", "ben")
    staffed("case", "approve", 2, "--confirm", "reverse 30", "--by", tmp_path / "ben.key")

    other = ("--on", f"csv:{tmp_path}/other.csv", "--platform", "sim", "--as", "cem")
    assert "30 acts failed" in staffed("enforce", "run", 2, *other, code=1)
    assert staffed("enforce", "run", 2, *on)["complete"]


def test_notices_in_a_language_that_they_are_not_worded_in_are_not_written(staffed: Run, tmp_path: Path) -> None:
    words = ("--contact", "x@y.test", "--language", "fr", "--as", "cem", "--out", tmp_path / "n.jsonl")

    assert "there are no words in fr" in staffed("appeal", "notices", *words, code=2)


def test_the_shipped_policy_is_shown(run: Run) -> None:
    assert "[grounds.coordinated_inauthentic]" in run("case", "policy", "show")["text"]


def test_a_store_is_its_owners_only(staffed: Run, tmp_path: Path) -> None:
    assert (tmp_path / "store.sqlite").stat().st_mode & 0o077 == 0


def test_policies_are_read_compared_signed_and_retired(staffed: Run, tmp_path: Path) -> None:
    text = read_pack().text
    (tmp_path / "one.toml").write_text(text)
    (tmp_path / "two.toml").write_text(
        text.replace('strongest = "suspend"', 'strongest = "limit"', 1).replace("manipulation-2", "manipulation-3")
    )
    (tmp_path / "lax.toml").write_text(text.replace("human = true", "human = false", 1))

    assert staffed("case", "policy", "lint", tmp_path / "two.toml")["wrong"] == []
    assert "not sound, in 1 places" in staffed("case", "policy", "lint", tmp_path / "lax.toml", code=2)
    assert staffed("case", "policy", "diff", tmp_path / "one.toml", tmp_path / "two.toml")["changes"] == [
        {"ground": "spam", "what": "strongest", "before": "suspend", "after": "limit"}
    ]
    assert not staffed("case", "policy", "sign", tmp_path / "two.toml", "--by", tmp_path / "ada.key")["in_force"]
    staffed("case", "policy", "retire", "platform-manipulation-2", "--by", tmp_path / "ada.key")
    assert "no version of platform-manipulation is in force" in staffed("case", "plan", 1, *SUSPEND, code=2)


def test_a_log_that_was_tampered_with_fails_and_says_where(staffed: Run, tmp_path: Path) -> None:
    staffed("audit", "head", tmp_path / "heads.jsonl", "--by", tmp_path / "ada.key")
    staffed("case", "note", 1, "later", "--as", "cem")
    held = staffed("audit", "verify", "--head", tmp_path / "heads.jsonl")
    assert (held["holds"], held["open_entries"]) == (True, 1)
    with sqlite3.connect(tmp_path / "store.sqlite") as connection:
        connection.execute("UPDATE audit SET actor = 'mallory' WHERE number = 3")
    connection.close()

    assert "tampered with, in 1 places" in staffed("audit", "verify", "--head", tmp_path / "heads.jsonl", code=1)


def test_a_proposal_is_refused_or_taken_back(staffed: Run, tmp_path: Path) -> None:
    for _ in range(2):
        staffed("case", "propose", 1, *SUSPEND, "--why", "One hand.", "--by", tmp_path / "cem.key")
        last = staffed("case", "proposals")["decisions"][-1]["decision_id"]
        if last == 1:
            staffed("case", "refuse", 1, "--why", "No.", "--by", tmp_path / "ben.key")
        else:
            staffed("case", "withdraw", 2, "--by", tmp_path / "cem.key")

    assert [one["state"] for one in staffed("case", "show", 1)["decisions"]] == ["refused", "withdrawn"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("case", "show", "9"), "no case 9"),
        (("case", "show", "1", "--accounts"), "say who looks"),
        (("case", "role", "1", "a3", "core", "--as", "cem"), "platform:asset id"),
        (("case", "reviewers", "found", "no.key", "no.key"), "no such key file"),
        (("case", "list", "--store", "mysql://x/y"), "SQLite or PostgreSQL"),
    ],
)
def test_what_cannot_be_done_is_told(staffed: Run, arguments: tuple[str, ...], says: str) -> None:
    assert says in staffed(*arguments, code=2)


def test_a_passphrase_that_nobody_can_type_is_told(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SAMEHAND_PASSPHRASE")
    assert "set SAMEHAND_PASSPHRASE_ADA_B" in run("case", "key", tmp_path / "a.key", "--name", "ada-b", code=2)
    monkeypatch.setenv("SAMEHAND_PASSPHRASE_ADA_B", PASSPHRASE)

    assert run("case", "key", tmp_path / "a.key", "--name", "ada-b")["name"] == "ada-b"
