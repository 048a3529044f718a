"""`samehand ads` as a script sees it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.advertising.test_contests import NEW
from tests.advertising.test_files import KITE
from tests.advertising.test_repository import _ira
from tests.cli.conftest import Run

ON = ("--on", "2020-01-01")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A registry of one outlet and its owner."""
    top = (
        KITE.replace("cn-kite", "cn-kite-group", 1)
        .replace("Kite Broadcasting House", "Kite Group")
        .replace("kite.test", "group.test")
    )
    top = top[: top.index("[[links]]")] + top[top.index("[[assessments]]") :]
    (tmp_path / "registry" / "cn").mkdir(parents=True)
    (tmp_path / "registry" / "cn" / "cn-kite.toml").write_text(KITE, "utf-8")
    (tmp_path / "registry" / "cn" / "cn-kite-group.toml").write_text(top, "utf-8")
    return tmp_path / "registry"


def test_a_file_is_checked_with_a_policy_and_a_day(run: Run, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "ads.csv").write_text(
        "advertiser_id,landing_url,page_name\n1,https://kite.test/x,\n2,https://shop.test,Shop\n"
    )
    done = run(
        "ads",
        "check",
        tmp_path / "ads.csv",
        "--policy",
        "x-current",
        "--registry",
        folder,
        *ON,
        "--out",
        tmp_path / "o.jsonl",
    )

    assert (done["policy"], done["on"]) == ("twitter-2019-08", "2020-01-01")
    assert done["decisions"] == {"review": 1, "allow": 1}
    rows = [json.loads(line) for line in (tmp_path / "o.jsonl").read_text().splitlines()]
    assert [(row["decision"], row["ground"], row["entity_id"]) for row in rows] == [
        ("review", "not-settled", "cn-kite"), ("allow", "no-match", None)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--policy", "none"), "there is no policy of ads 'none'"), (("--policy", "neutral", "--on", "yesterday"), "is no day"),
        (("--policy", "x-current", "--on", "2010-01-01"), "no text that was in force"),
        (("--policy", "neutral", "--layer", "matrix"), "there is no such file"),
        (("--policy", "neutral", "--layer", "other:x.csv"), "no list is called 'other'"),
        (("--policy", "neutral", "--registry", "none"), "there is no such folder"),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_is_told_and_nothing_is_written(
    run: Run, tmp_path: Path, words: tuple[str, ...], said: str
) -> None:
    (tmp_path / "ads.csv").write_text("landing_url\nhttps://kite.test\n")
    assert said in run("ads", "check", tmp_path / "ads.csv", "--out", tmp_path / "out.csv", *words, code=2)
    assert not (tmp_path / "out.csv").exists()


def test_an_entity_is_shown_as_it_was_and_as_it_was_held(run: Run, folder: Path) -> None:
    of = ("--registry", folder)
    shown = run("ads", "registry", "show", "cn-kite", *of, *ON)
    assert (shown["code"], shown["sources"], shown["entity"]["names"][0]["text"]) == (
        None,
        1,
        "Kite Broadcasting House",
    )
    said = run("ads", "registry", "show", "cn-kite", *of, *ON, "--held", "2020-01-01", code=2)
    assert "nothing is held as of 2020-01-01" in said
    text = run("ads", "registry", "show", "cn-kite", *of, *ON, text=True)
    assert "funding yes, governance yes, editorial unclear: no code. Its owner names the editors." in text
    assert "owned_by cn-kite-group, 2019-01-01 to now" in text
    assert "no entity 'cn-none'" in run("ads", "registry", "show", "cn-none", *of, code=2)


def test_the_registry_is_listed_counted_linted_and_exported(run: Run, folder: Path, tmp_path: Path) -> None:
    of = ("--registry", folder)
    assert [one["entity_id"] for one in run("ads", "registry", "list", *of)["entities"]] == ["cn-kite", "cn-kite-group"]
    assert run("ads", "registry", "list", *of, "--country", "FR")["entities"] == []
    counted = run("ads", "registry", "stats", *of, *ON)
    assert (counted["outlets"], counted["one"], counted["two"]) == (2, 2, 0)
    assert run("ads", "registry", "lint", *of)["errors"] == 0

    out = tmp_path / "ftm.jsonl"
    assert run("ads", "registry", "export", *of, *ON, "--out", out)["objects"] == 3
    objects = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    assert [one["schema"] for one in objects] == ["Organization", "Ownership", "Organization"]
    assert objects[1]["properties"] == {
        "asset": ["cn-kite"], "owner": ["cn-kite-group"], "percentage": ["51"], "role": ["owned_by"],
        "startDate": ["2019-01-01"],
    }  # fmt: skip

    (folder / "cn" / "cn-kite-group.toml").unlink()
    assert "1 errors" in run("ads", "registry", "lint", *of, code=2)


def test_policies_are_shown_with_their_rules(run: Run) -> None:
    found = {one["policy"]: one for one in run("ads", "policies")["policies"]}
    assert found["x-current"]["text"] == "x-2023-08"
    assert found["twitter-2019-08"]["rules"][0]["ground"] == "not-news-media"
    assert "neutral: " in run("ads", "policies", text=True)


def test_a_person_decides_what_is_sent_to_them_and_the_next_check_uses_it(
    run: Run, folder: Path, tmp_path: Path
) -> None:
    store, out = ("--store", tmp_path / "s.sqlite"), tmp_path / "o.jsonl"
    (tmp_path / "ads.csv").write_text("advertiser_id,page_name\na1,Kite Broadcasting House\na2,Shop\n")
    of = (tmp_path / "ads.csv", "--policy", "neutral", "--registry", folder)
    words = ("--decision", "allow", "--why", "They sell kites.", "--as", "ada")
    assert "nothing to review" in run("ads", "review", of[0], "a2", *of[1:], *words, *store, code=2)
    assert "no advertiser 'a3'" in run("ads", "review", of[0], "a3", *of[1:], *words, *store, code=2)
    made = run("ads", "review", of[0], "a1", *of[1:], *words, *store)

    assert run("ads", "check", *of, "--out", out)["decisions"] == {"review": 1, "allow": 1}
    assert run("ads", "check", *of, "--out", out, "--reviews", tmp_path / "s.sqlite")["decisions"] == {"allow": 2}
    assert [one["why"] for one in run("ads", "reviews", *store)["reviews"]] == ["They sell kites."]
    run("ads", "end-review", made["review_id"], "--as", "ada", *store)
    assert run("ads", "reviews", *store)["reviews"] == []
    assert run("audit", "verify", *store)["holds"]


def test_a_release_is_taken_in_searched_added_up_and_handed_out(run: Run, tmp_path: Path) -> None:
    store = ("--store", tmp_path / "s.sqlite")
    file = _ira(
        tmp_path / "ads.db",
        [(1, "Look", "2016-01-02T00:00:00-07:00", None), (2, "Up", "2016-02-02T00:00:00-07:00", None)],
    )
    taken = run("ads", "repository", "import", "ira", file, *store)
    assert (taken["read"], taken["added"], taken["rejected"]) == (2, 2, 0)
    found = run("ads", "repository", "search", "--words", "look", "--from", "2016-01-01", *store)
    assert ([one["ad_id"] for one in found["ads"]], found["after"]) == (["1"], None)
    assert run("ads", "repository", "totals", "--by", "month", *store)["totals"][0]["spend_max"] == 1.5
    run("ads", "repository", "remove", "facebook:1", "--why", "Rule 4.", "--as", "ada", *store)
    assert run("ads", "repository", "verify", *store) == {"versions": 3, "faults": []}
    assert [one["status"] for one in run("ads", "repository", "show", "facebook:1", *store)["versions"]] == [
        "stopped",
        "removed",
    ]
    assert run("ads", "repository", "export", "--out", tmp_path / "o.csv", *store)["ads"] == 2
    assert "facebook:1 [removed" in run("ads", "repository", "show", "facebook:1", *store, text=True)
    assert "is no ad" in run("ads", "repository", "show", "1", *store, code=2)


def test_an_outlet_contests_and_a_second_person_decides(run: Run, folder: Path, tmp_path: Path) -> None:
    where = ("--store", tmp_path / "s.sqlite", "--registry", folder)
    (tmp_path / "said.txt").write_text("A trust names our board.")
    (tmp_path / "new.toml").write_text(NEW)
    taken = run("ads", "contest", "receive", "cn-kite", tmp_path / "said.txt", "--as", "ada", *where)
    assert [one["contest_id"] for one in run("ads", "contest", "list", *where)["contests"]] == [taken["contest_id"]]
    words = ("ads", "contest", "decide", taken["contest_id"], "--uphold", tmp_path / "new.toml", "--why", "So it is.")
    assert "another person does" in run(*words, "--as", "ada", *where, code=2)
    assert run(*words, "--as", "ben", *where)["state"] == "upheld"

    (tmp_path / "ads.csv").write_text("advertiser_id,landing_url\n1,https://kite.test/x\n")
    check = ("ads", "check", tmp_path / "ads.csv", "--policy", "neutral", "--registry", folder, "--on", "2021-01-01",
             "--out", tmp_path / "o.csv")  # fmt: skip
    assert run(*check)["grounds"] == {"not-settled": 1}
    assert run(*check, "--reviews", tmp_path / "s.sqlite")["grounds"] == {"independent-media": 1}
    assert run("ads", "contest", "affected", taken["contest_id"], *where)["ads"] == []
    assert run("audit", "verify", "--store", tmp_path / "s.sqlite")["holds"]


def test_a_check_loses_no_file_and_says_what_is_amiss(run: Run, folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "ads.csv"
    file.write_text("advertiser_id,legal_name,platform,ad_id\na1,Shop,x,0\na2,Shop," + "x" * 41 + ",2\n", "utf-8")
    of = ("ads", "check", file, "--policy", "neutral", "--registry", folder)

    assert "is the file of advertisers itself" in run(*of, "--out", file, code=2)
    assert file.read_text("utf-8").startswith("advertiser_id")
    assert "there is no such store" in run(
        *of, "--out", tmp_path / "o.csv", "--reviews", tmp_path / "typo.sqlite", code=2
    )
    assert not (tmp_path / "typo.sqlite").exists()
    said = run(*of, "--out", tmp_path / "o.csv", "--keep", tmp_path / "s.sqlite", code=2)
    assert "row 2: an ad bears a platform of 40 characters" in said
    assert not (tmp_path / "o.csv").exists()
    assert "No such file or directory" in run(*of, "--out", tmp_path / "nowhere" / "o.csv", code=2)
    assert "nothing is held as of 2001-01-01" in run(*of, "--out", tmp_path / "o.csv", "--held", "2001-01-01", code=2)
    big = str(1 << 80)
    assert "is not in the range" in run("ads", "contest", "affected", big, "--store", tmp_path / "s.sqlite", code=2)
    file.write_text("advertiser_id,legal_name,platform,ad_id\na1,Shop,x,0\n", "utf-8")
    run(*of, "--out", tmp_path / "o.csv", "--keep", tmp_path / "s.sqlite")
    assert run("ads", "repository", "verify", "--store", tmp_path / "s.sqlite")["versions"] == 1


def test_what_is_kept_tells_of_the_run_and_counts_what_the_store_knows(run: Run, folder: Path, tmp_path: Path) -> None:
    file, store = tmp_path / "ads.csv", tmp_path / "s.sqlite"
    file.write_text(
        "advertiser_id,page_name,platform,ad_id,target_countries,first_shown,spend_max,currency,reach\n"
        'a1,Kite Broadcasting House,x,1,"FR; Ruritania",2026-01-05,10.5,eur,"1,000"\na2,Shop,x,,FR,,,,\n',
        "utf-8",
    )
    of = ("ads", "check", file, "--policy", "neutral", "--registry", folder, "--out", tmp_path / "o.jsonl")
    done = run(*of, "--keep", store)
    assert (done["kept"], done["unknown"], done["unused"], done["decisions"]) == (
        1,
        ["Ruritania"],
        [],
        {"review": 1, "allow": 1},
    )
    (ad,) = run("ads", "repository", "search", "--country", "France", "--store", store)["ads"]
    assert (ad["first_shown"][:10], ad["spend_max"], ad["currency"], ad["reach"], ad["status"]) == (
        "2026-01-05", 10.5, "EUR", 1_000, "waiting"
    )  # fmt: skip

    review = ("ads", "review", file, "a1", "--policy", "neutral", "--registry", folder, "--store", store, "--as", "dia")
    run(*review, "--decision", "block", "--why", "It is theirs.")
    run(*review, "--decision", "allow", "--why", "It is not.")
    assert [one["decision"] for one in run("ads", "reviews", "--store", store)["reviews"]] == ["allow"]
    assert run(*of, "--keep", store)["decisions"] == {"allow": 2}  # what a person decided there counts
    row = json.loads((tmp_path / "o.jsonl").read_text("utf-8").splitlines()[0])
    assert "decided: allow." in row["message"]
    assert "a person looks at it" not in row["message"]

    file.write_text("advertiser_id,page_name,ad_id,spend_max\na1,Shop,1,much\n", "utf-8")
    assert "row 1: could not convert string to float: 'much'" in run(*of, "--keep", store, code=2)
    assert "no country that is known" in run("ads", "repository", "search", "--country", "xx", "--store", store, code=2)
    assert "no ad was shown then" in run(
        "ads", "repository", "search", "--from", "2017-01-01", "--until", "2016-01-01", "--store", store, code=2
    )


def test_an_entity_is_found_by_a_name_a_link_or_a_handle(run: Run, folder: Path) -> None:
    of = ("--registry", folder)
    for asked in (("Kite Broadcasting House",), ("https://www.kite.test/x",)):
        assert [one["entity_id"] for one in run("ads", "registry", "find", *asked, *of)["found"]] == ["cn-kite"]
    assert run("ads", "registry", "find", "Nobody at all", *of)["found"] == []
    assert "ads registry find" in run("ads", "registry", "show", "RT", *of, code=2)
    assert "block (state-controlled" in run("ads", "policies", "--rules", text=True)


def test_a_contest_is_shown_with_what_was_said(run: Run, folder: Path, tmp_path: Path) -> None:
    store = ("--store", tmp_path / "s.sqlite", "--registry", folder)
    (tmp_path / "said.txt").write_text("A trust names our board.", "utf-8")
    run("ads", "contest", "receive", "cn-kite", tmp_path / "said.txt", "--as", "dia", *store)
    assert "A trust names our board." in run("ads", "contest", "show", "1", *store, text=True)
    run("ads", "contest", "decide", "1", "--refuse", "--why", "It does not.", "--as", "ben", *store)
    assert run("ads", "contest", "list", *store)["contests"] == []
    assert [one["state"] for one in run("ads", "contest", "list", "--answered", *store)["contests"]] == ["refused"]
    assert "no contest 9" in run("ads", "contest", "show", "9", *store, code=2)
