from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import replace
from datetime import timedelta
from functools import cache
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from samehand.errors import FormatError, InputError, NotFoundError
from samehand.policy import read_signup_policy
from samehand.records import Dataset, Run, schema_of, write_dataset
from samehand.runs import explain_signup, read_known_bad, replay_signups, replaying
from samehand.signups import FACTS, LIFTED, Correction, KeyRing
from samehand.simulation import draw_signups, signup_scenario, write_signups
from tests.signups.streams import START, decided, in_order, people, scripted, stream_of

CHUNK = 500
DRIVER = """
import sys
import samehand.runs.replaying as replaying
replaying.CHUNK = {chunk}
if __name__ == "__main__":
    replaying.replay_signups(sys.argv[1], sys.argv[2], ahead=len(sys.argv) > 3)
"""


def _written(folder: Path, table: pa.Table) -> Path:
    with write_dataset(folder) as writer:
        writer.add("signups", table)
    return folder


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _written(tmp_path_factory.mktemp("replayed") / "world", in_order(people(), scripted(60, 16.0)))


@pytest.fixture(scope="module")
def run(dataset: Path) -> Path:
    replay_signups(dataset, dataset.parent / "run")
    return dataset.parent / "run"


def test_the_tables_of_a_run_have_the_declared_columns(run: Path) -> None:
    for name in ("decisions", "networks", "members", "findings"):
        table = Run.open(run).table(name)
        assert table.schema.equals(schema_of(name))
        assert len(table) > 0


def test_decisions_are_those_of_the_stream(dataset: Path, run: Path) -> None:
    ring = KeyRing.open(run.parent / "samehand.key")

    assert (
        Run.open(run).table("decisions").equals(decided(in_order(people(), scripted(60, 16.0)), stream_of(ring=ring)))
    )


def test_run_json_cites_the_policy_the_dataset_and_what_was_reached(dataset: Path, run: Path) -> None:
    info = Run.open(run).info

    assert info["parameters"]["policy"] == info["policy"]["version"] == read_signup_policy().version
    assert info["policy"]["ladder"]["limit"]["families"] == read_signup_policy().ladder["limit"].families
    assert info["dataset"]["hash"] == Dataset.open(dataset).hash
    assert sum(info["decided"].values()) == 3_060
    assert info["decided"]["limit"] + info["decided"]["review"] > 50


def test_nothing_is_left_beside_a_run_but_the_key(run: Path) -> None:
    assert sorted(file.name for file in run.parent.iterdir()) == ["run", "samehand.key", "world"]


def test_a_run_tells_of_a_wave_whom_it_may_hit(run: Path) -> None:
    found = explain_signup(run, "sim:planted-30")

    assert found["steps"][-1]["decision"] in ("limit", "review")
    assert found["waves"][0]["wrongs"]
    assert {words.partition(":")[0] for words in found["waves"][0]["wrongs"]} <= {fact.name for fact in FACTS}


def test_who_is_not_in_a_run_is_not_explained(run: Path) -> None:
    with pytest.raises(NotFoundError, match="has no decision about nobody"):
        explain_signup(run, "nobody")


def test_a_dataset_out_of_order_is_put_in_order(dataset: Path, run: Path, tmp_path: Path) -> None:
    table = pq.read_table(dataset / "signups.parquet")
    shuffled = _written(tmp_path / "world", table.take(np.random.default_rng(1).permutation(len(table))))
    replay_signups(shuffled, tmp_path / "run", key=run.parent / "samehand.key")

    assert Run.open(tmp_path / "run").table("decisions").equals(Run.open(run).table("decisions"))


@pytest.mark.parametrize("chunk", [777, 10_000])
def test_pieces_of_any_size_give_the_same_decisions(
    dataset: Path, run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chunk: int
) -> None:
    monkeypatch.setattr("samehand.runs.replaying.CHUNK", chunk)
    replay_signups(dataset, tmp_path / "run", key=run.parent / "samehand.key")

    assert Run.open(tmp_path / "run").table("decisions").equals(Run.open(run).table("decisions"))


@pytest.mark.parametrize("chunk", [7, 100, 10_000])
def test_sign_ups_of_one_moment_are_put_in_order_across_pieces(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chunk: int
) -> None:
    """Fifty of each moment, the last name first, so that moments lie across the ends of pieces."""
    moments = pa.array([START + timedelta(hours=k // 50) for k in range(400)], schema_of("signups").field("at").type)
    table = people().slice(0, 400)
    table = table.set_column(table.column_names.index("at"), "at", moments)
    backwards = table.sort_by([("at", "ascending"), ("asset_id", "descending")])
    monkeypatch.setattr("samehand.runs.replaying.CHUNK", chunk)
    monkeypatch.setattr("samehand.records.dataset.BATCH_ROWS", 60)
    dataset = Dataset.open(_written(tmp_path / "world", backwards))
    pieces = list(replaying._in_pieces(dataset, "signups", list(replaying.NEEDED)))

    assert {len(piece) for piece in pieces[:-1]} <= {chunk}
    names = pa.concat_tables(pieces)["asset_id"].to_pylist()
    assert names == table.sort_by([("at", "ascending"), ("asset_id", "ascending")])["asset_id"].to_pylist()


def _start(dataset: Path, out: Path, *more: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", DRIVER.format(chunk=CHUNK), str(dataset), str(out), *more])


def test_pieces_that_another_process_codes_give_the_same_decisions(dataset: Path, run: Path, tmp_path: Path) -> None:
    (tmp_path / "samehand.key").write_bytes((run.parent / "samehand.key").read_bytes())
    (tmp_path / "samehand.key").chmod(0o600)
    assert _start(dataset, tmp_path / "run", "ahead").wait() == 0

    assert Run.open(tmp_path / "run").table("decisions").equals(Run.open(run).table("decisions"))


def _children(process: int) -> set[int]:
    tasks = Path(f"/proc/{process}/task")
    return {int(child) for task in tasks.iterdir() for child in (task / "children").read_text().split()}


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="there is no /proc")
def test_the_other_process_ends_with_a_replay_that_is_killed(dataset: Path, tmp_path: Path) -> None:
    process, children = _start(dataset, tmp_path / "run", "ahead"), set[int]()
    try:
        for _ in range(3_000):
            children |= _children(process.pid)
            if children and (tmp_path / ".run.replay" / "progress.json").is_file():
                break
            assert process.poll() is None, "the replay ended before it was killed"
            time.sleep(0.01)
    finally:
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    until = time.monotonic() + 20
    while left := {child for child in children if Path(f"/proc/{child}").is_dir()}:
        assert time.monotonic() < until, left
        time.sleep(0.1)
    assert children


def _killed(dataset: Path, out: Path, pieces: int) -> None:
    """Start a replay and kill it when so many pieces are done."""
    process = _start(dataset, out)
    progress = out.parent / f".{out.name}.replay" / "progress.json"
    try:
        for _ in range(6_000):
            if progress.is_file() and json.loads(progress.read_text())["pieces"] >= pieces:
                break
            assert process.poll() is None, "the replay ended before it was killed"
            time.sleep(0.01)
    finally:
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    assert process.returncode == -signal.SIGKILL
    assert not out.exists()


@pytest.mark.skipif(os.name != "posix", reason="there is no SIGKILL")
def test_a_replay_that_is_killed_goes_on_where_it_was_and_decides_the_same(
    dataset: Path, run: Path, tmp_path: Path
) -> None:
    (tmp_path / "samehand.key").write_bytes((run.parent / "samehand.key").read_bytes())
    (tmp_path / "samehand.key").chmod(0o600)
    _killed(dataset, tmp_path / "run", 1)
    _killed(dataset, tmp_path / "run", 3)
    assert _start(dataset, tmp_path / "run").wait() == 0

    one, other = (Run.open(folder).table("decisions") for folder in (run, tmp_path / "run"))
    assert one.equals(other)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["run", "samehand.key"]


@pytest.fixture
def begun(dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where a run would be whose replay was broken off after three pieces."""
    monkeypatch.setattr("samehand.runs.replaying.CHUNK", CHUNK)
    said: list[str] = []

    def break_off(line: str) -> None:
        said.append(line)
        if len(said) == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        replay_signups(dataset, tmp_path / "run", say=break_off)
    return tmp_path / "run"


def test_what_was_done_is_not_done_again_and_is_said(dataset: Path, begun: Path) -> None:
    said: list[str] = []
    done = replay_signups(dataset, begun, say=said.append)

    assert (done.resumed, said[0]) == (3 * CHUNK, "going on after 1,500 sign-ups")


def test_a_large_state_is_kept_less_often_and_no_decision_is_lost(
    dataset: Path, run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("samehand.runs.replaying.CHUNK", CHUNK)
    monkeypatch.setattr("samehand.runs.replaying.PER_STATE", 1)
    (tmp_path / "samehand.key").write_bytes((run.parent / "samehand.key").read_bytes())
    (tmp_path / "samehand.key").chmod(0o600)
    said: list[str] = []

    def break_off(line: str) -> None:
        said.append(line)
        if len(said) == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        replay_signups(dataset, tmp_path / "run", say=break_off)
    done = replay_signups(dataset, tmp_path / "run")

    assert done.resumed == CHUNK
    assert Run.open(tmp_path / "run").table("decisions").equals(Run.open(run).table("decisions"))


def test_under_another_policy_a_replay_begins_anew(dataset: Path, begun: Path) -> None:
    done = replay_signups(dataset, begun, policy=replace(read_signup_policy(), version="own-1"))

    assert done.resumed == 0


def test_under_other_keys_a_replay_begins_anew(dataset: Path, begun: Path, run: Path) -> None:
    """Hashes of the state that was left would never meet those of the sign-ups to come."""
    (begun.parent / "samehand.key").unlink()
    done = replay_signups(dataset, begun)

    assert done.resumed == 0
    assert Run.open(begun).table("decisions").equals(Run.open(run).table("decisions"))


def test_a_run_that_stands_there_stays_until_the_new_one_is_whole(dataset: Path, tmp_path: Path) -> None:
    small = _written(tmp_path / "small", people().slice(0, 50))
    replay_signups(small, tmp_path / "run")

    def break_off(_: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        replay_signups(dataset, tmp_path / "run", say=break_off)
    assert len(Run.open(tmp_path / "run").table("decisions")) == 50


def test_a_dataset_without_signups_is_refused(tmp_path: Path) -> None:
    with write_dataset(tmp_path / "empty"):
        pass

    with pytest.raises(InputError, match=r"holds no sign-ups; import some with `samehand import table FILE"):
        replay_signups(tmp_path / "empty", tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_notes_say_what_was_not_supplied_and_that_it_is_too_early_to_limit(tmp_path: Path) -> None:
    bare = people().slice(0, 50).select(["platform", "asset_id", "at", "ip"])
    done = replay_signups(_written(tmp_path / "bare", _filled(bare)), tmp_path / "run")

    assert any("before 14 days nobody is limited" in note for note in done.notes)
    assert any(note.startswith("not supplied: asn, user_agent") for note in done.notes)


def _filled(table: pa.Table) -> pa.Table:
    schema = schema_of("signups")
    columns = [
        table[item.name] if item.name in table.column_names else pa.nulls(len(table), item.type) for item in schema
    ]
    return pa.Table.from_arrays(columns, schema=schema)


# --- labels and logins

EAGER = replace(read_signup_policy(), learning=replace(read_signup_policy().learning, least_labels=20, every_days=1))


@cache
def _watched() -> tuple[pa.Table, pa.Table, pa.Table]:
    """Sign-ups, what reviewers say of them two days later, and logins of twenty newcomers on one telephone."""
    table = in_order(people(), scripted(60, 5.0, hand=4), scripted(60, 15.0, 2, 500))
    names, at = table["asset_id"].to_pylist(), table["at"].to_pylist()
    labels = [
        {"platform": "sim", "asset_id": name, "label": "operation" if name.startswith("planted") else "genuine",
         "source": "review", "known_at": moment + timedelta(days=2)}
        for k, (name, moment) in enumerate(zip(names, at, strict=True)) if k % 3 == 0 or name.startswith("planted")
    ]  # fmt: skip
    late = [k for k in range(len(names)) if at[k] > START + timedelta(days=16)][:20]
    logins = [
        {"platform": "sim", "asset_id": names[k], "at": at[k] + timedelta(hours=2), "device_id": f"own-{k}"}
        for k in range(len(names))
    ]
    logins += [
        {"platform": "sim", "asset_id": names[k], "at": at[k] + timedelta(hours=3), "device_id": "phone"} for k in late
    ]
    return (
        table, pa.Table.from_pylist(labels, schema=schema_of("labels")),
        pa.Table.from_pylist(logins, schema=schema_of("logins")),
    )  # fmt: skip


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("watched") / "world"
    with write_dataset(folder) as writer:
        for name, table in zip(("signups", "labels", "logins"), _watched(), strict=True):
            writer.add(name, table)
    return folder


@pytest.fixture(scope="module")
def watched_run(watched: Path) -> Path:
    replay_signups(watched, watched.parent / "run", policy=EAGER)
    return watched.parent / "run"


def test_a_replay_with_labels_and_logins_decides_as_the_stream_does(watched_run: Path) -> None:
    table, labels, logins = _watched()
    stream = stream_of(EAGER, KeyRing.open(watched_run.parent / "samehand.key"))
    stream.label(labels)
    stream.log_in(logins)
    expected, found = decided(table, stream), Run.open(watched_run)

    assert found.table("decisions").equals(expected)
    assert stream.learner is not None
    assert found.info["models"] == stream.learner.made
    assert len(found.info["models"]) > 2
    assert sum("logs in on one device" in words for row in expected["reasons"].to_pylist() for words in row) >= 20


def test_a_replay_with_labels_and_logins_that_was_broken_off_goes_on(
    watched: Path, watched_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("samehand.runs.replaying.CHUNK", CHUNK)
    key = watched_run.parent / "samehand.key"
    for pieces in (3, 4):
        said: list[str] = []

        def break_off(line: str, said: list[str] = said, pieces: int = pieces) -> None:
            said.append(line)
            if len(said) == pieces:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            replay_signups(watched, tmp_path / "run", policy=EAGER, key=key, say=break_off)
    done = replay_signups(watched, tmp_path / "run", policy=EAGER, key=key)

    assert done.resumed >= 5 * CHUNK
    assert Run.open(tmp_path / "run").table("decisions").equals(Run.open(watched_run).table("decisions"))
    assert Run.open(tmp_path / "run").info["models"] == Run.open(watched_run).info["models"]


def test_a_run_says_what_its_labels_taught(watched: Path, watched_run: Path, tmp_path: Path) -> None:
    notes = Run.open(watched_run).info["notes"]
    unasked = replay_signups(watched, tmp_path / "run", policy=EAGER, learning=False)
    too_few = replay_signups(
        watched, tmp_path / "run", policy=replace(EAGER, learning=replace(EAGER.learning, least_labels=5_000))
    )

    assert any(re.search(r"\d models were learnt from labels, each from those known by then", note) for note in notes)
    assert any(re.search(r"the 1,\d+ labels taught nothing, as was asked", note) for note in unasked.notes)
    assert any("labels made no model: it takes 5000 of operations" in note for note in too_few.notes)


def test_a_label_that_means_nothing_is_refused_before_anything_is_done(tmp_path: Path) -> None:
    table, labels, _ = _watched()
    wrong = labels.set_column(2, labels.schema.field("label"), pa.array(["dubious"] * len(labels)))
    with write_dataset(tmp_path / "world") as writer:
        writer.add("signups", table)
        writer.add("labels", wrong)

    with pytest.raises(
        InputError, match=r"'dubious' is no label \(1,\d+ rows bear it\); there are genuine.*--no-learning"
    ):
        replay_signups(tmp_path / "world", tmp_path / "run")
    assert [file.name for file in tmp_path.iterdir()] == ["world"]


def test_without_the_optional_package_a_replay_says_so_and_decides(
    watched: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("samehand.runs.replaying.can_learn", lambda: False)
    done = replay_signups(watched, tmp_path / "run", policy=EAGER)

    assert any("pip install 'samehand[learn]'" in note for note in done.notes)
    assert done.decided["limit"] + done.decided["review"] > 20


# --- the CSV of accounts taken down

HEADER = "platform,asset_id,removed_at,at,flow_ms\n"


def _csv(tmp_path: Path, text: str | bytes) -> Path:
    file = tmp_path / "known.csv"
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    return file


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("asset_id,removed_at\n1,2019-06-01\n", "has no column platform; it needs those of signups"),
        ("platform,removed_at\nsim,2019-06-01\n", "has no column asset_id; it needs"),
        ("platform,asset_id\nsim,1\n", "has no column removed_at; it needs"),
        ("platform,asset_id,removed_at,ip,ip\nsim,1,2019-06-01,1.2.3.4,1.2.3.4\n", "has more than one column ip"),
        (HEADER + ",1,2019-06-01,,\n", "row 2, platform: is empty; write an account's platform and id"),
        (HEADER + "sim,1,2019-06-01,2019-05-01,\nsim,,2019-06-01,2019-05-01,\n", "row 3, asset_id: is empty; write"),
        (HEADER + "sim,1,,2019-05-01,\n", "row 2, removed_at: is empty; write a time like 2019-08-19T12:00:00Z"),
        (HEADER + "sim,1,2019-06-01,,\n", "row 2, at: is empty; write a time like"),
        (HEADER + "sim,1,2019-06-01,2019-05-01,\nsim,2,soon,2019-05-01,\n",
         "row 3, removed_at: 'soon' cannot be read; write a time like 2019-08-19T12:00:00Z"),
        (HEADER + "sim,1,2019-06-01,2019-13-01,\n", "row 2, at: '2019-13-01' cannot be read; write a time like"),
        (HEADER + "sim,1,2019-06-01,2019-05-01,1.5 s\n", "row 2, flow_ms: '1.5 s' cannot be read; write whole milliseconds"),
        (HEADER + "sim,1,2019-06-01,2019-05-01,9\nsim,2\n", "row 3: has 2 cells, and the header has 5; put cells that hold"),
        ("", "is no CSV with a header in UTF-8"),
        (b"platform,asset_id,removed_at\nsim,\xff,2019-06-01\n", "is no CSV with a header in UTF-8"),
    ],
)  # fmt: skip
def test_a_broken_file_of_accounts_taken_down_is_refused_by_row_and_column(
    tmp_path: Path, text: str | bytes, said: str
) -> None:
    file = _csv(tmp_path, text)

    with pytest.raises(FormatError, match=re.escape(said)) as refused:
        read_known_bad(file)
    assert str(refused.value).startswith(str(file))


def test_a_file_of_accounts_taken_down_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="there is no such file of accounts taken down"):
        read_known_bad(tmp_path / "none.csv")


@pytest.mark.parametrize(
    ("written", "hour"),
    [("2019-06-01T10:00:00Z", 10), ("2019-06-01T10:00:00+02:00", 8), ("2019-06-01 10:00:00", 10), ("2019-06-01T10:00", 10),
     ("2019-06-01", 0), ("2019-06-01T10:00:00.000-0500", 15)],
)  # fmt: skip
def test_a_removal_is_a_moment_and_of_utc_where_no_zone_is_named(tmp_path: Path, written: str, hour: int) -> None:
    (moment,) = read_known_bad(_csv(tmp_path, HEADER + f"sim,1,{written},2019-05-01,\n"))["removed_at"].to_pylist()

    assert (moment.year, moment.month, moment.day, moment.hour) == (2019, 6, 1, hour)


def test_without_a_time_of_signing_up_that_of_the_removal_stands_for_it(tmp_path: Path) -> None:
    table = read_known_bad(_csv(tmp_path, "platform,asset_id,removed_at\nsim,1,2019-06-01\n"))

    assert table["at"].equals(table["removed_at"])


def _taken_down(folder: Path) -> Path:
    removed = (START + timedelta(days=14)).isoformat()
    rows = scripted(30, 2.0, seed=9, first=5_000).to_pylist()
    columns = ["user_agent", "phone_prefix", "username", "flow_ms", "phone_country", "country"]
    lines = [",".join(["sim", row["asset_id"], removed, *(str(row[name]) for name in columns)]) for row in rows]
    return _csv(folder, "\n".join([",".join(["platform", "asset_id", "removed_at", *columns]), *lines]) + "\n")


def test_accounts_taken_down_tie_those_who_come_after_them(dataset: Path, tmp_path: Path) -> None:
    """The script's first half is taken down within a day; the second comes three days later."""
    replay_signups(dataset, tmp_path / "run", known_bad=_taken_down(tmp_path))
    steps = explain_signup(tmp_path / "run", "planted-3")["steps"]

    assert "ties to accounts taken down" in " ".join(steps[0]["reasons"])
    assert Run.open(tmp_path / "run").info["parameters"]["known_bad"]


def test_who_was_acted_on_wrongly_is_back_at_allow_from_then_on_and_is_held_against_nobody(
    dataset: Path, run: Path, tmp_path: Path
) -> None:
    first, known = scripted(30, 2.0, seed=9, first=5_000), _taken_down(tmp_path)
    wrong = [Correction(START + timedelta(days=17), "sim", "planted-3")]
    wrong += [Correction(START + timedelta(days=17), "sim", name) for name in first["asset_id"].to_pylist()]

    replay_signups(dataset, tmp_path / "held", known_bad=known)
    replay_signups(dataset, tmp_path / "corrected", known_bad=known, corrections=sorted(wrong))

    rows = {name: Run.open(tmp_path / name).table("decisions").to_pylist() for name in ("held", "corrected")}
    of = {name: [row for row in found if row["asset_id"] == "planted-3"] for name, found in rows.items()}
    assert of["held"][-1]["decision"] in ("limit", "review")
    assert (of["corrected"][-1]["decision"], of["corrected"][-1]["reasons"]) == ("allow", [LIFTED])
    tied = {
        name: any("taken down" in reason for row in found for reason in row["reasons"]) for name, found in rows.items()
    }
    assert tied == {"held": True, "corrected": False}
    notes = Run.open(tmp_path / "corrected").info["notes"]
    assert "31 accounts were acted on wrongly before; nothing is held against them" in notes


def _ties(run: Path) -> dict[str, tuple[str, float | None]]:
    rows = Run.open(run).table("findings").to_pylist()
    return {row["network_id"]: (row["state"], row["value"]) for row in rows if row["independence_group"] == "known_bad"}


def test_a_wave_of_those_who_were_taken_down_says_so_and_others_do_not(
    dataset: Path, run: Path, tmp_path: Path
) -> None:
    replay_signups(dataset, tmp_path / "run", known_bad=_taken_down(tmp_path))
    strangers = _csv(tmp_path, "platform,asset_id,removed_at,user_agent\nsim,s1,2019-05-01,nothing like it\n")
    replay_signups(dataset, tmp_path / "others", known_bad=strangers)

    assert {state for state, _ in _ties(tmp_path / "run").values()} == {"strong"}
    assert all((share or 0) > 0.5 for _, share in _ties(tmp_path / "run").values())
    assert set(_ties(tmp_path / "others").values()) == {("no", 0.0)}
    assert set(_ties(run).values()) == {("unknown", None)}


def test_a_wave_of_one_hand_is_theirs_where_a_part_of_it_is_tied_beyond_chance(tmp_path: Path) -> None:
    world = draw_signups(signup_scenario("signups-august", 5, scale=0.012), 5)
    write_signups(world, tmp_path / "d")
    replay_signups(tmp_path / "d", tmp_path / "run", known_bad=tmp_path / "d" / "known_bad.csv")

    run = Run.open(tmp_path / "run")
    roles = dict(zip(world.truth["asset_id"].to_pylist(), world.truth["role"].to_pylist(), strict=True))
    members: dict[str, list[str]] = {}
    for row in run.table("members").to_pylist():
        members.setdefault(row["network_id"], []).append(roles[row["asset_id"]])
    theirs = {name for name, found in members.items() if found.count("operation") > 0.9 * len(found) > 500}
    tied = {name: _ties(tmp_path / "run")[name] for name in theirs}
    assert tied
    assert any(state == "strong" and (share or 0) < 0.5 for state, share in tied.values())
    assert all(
        _ties(tmp_path / "run")[name][0] != "strong" for name in members if members[name].count("operation") == 0
    )
