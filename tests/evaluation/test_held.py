from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from samehand.evaluation import (
    FindingCount,
    NamedNetwork,
    Verdicts,
    evaluate_set,
    evaluate_worlds,
    findings_table,
    score,
    set_tables,
    verdicts_of_run,
    world_tables,
)
from samehand.evaluation.held import Choice, SetResult
from samehand.records import Run
from tests.evaluation.made_verdicts import TRUTH, VERDICTS
from tests.evaluation.test_truth import made_run
from tests.worlds import dataset_of


def _absent(_: Path, choices: Sequence[Choice]) -> list[Verdicts]:
    return [Verdicts("a peer", note="not installed", ran=False) for _ in choices]


def test_a_run_is_read_with_its_flags_and_ranked_by_its_p_values(tmp_path: Path) -> None:
    run = made_run(tmp_path, ("1", "2"), ("3", "4"))
    file = run / "networks.parquet"
    networks = pq.read_table(file)
    networks = networks.set_column(networks.column_names.index("p_value"), "p_value", pa.array([1e-3, 1e-9]))
    networks = networks.set_column(networks.column_names.index("flagged"), "flagged", pa.array([False, True]))
    pq.write_table(networks, file)

    verdicts = verdicts_of_run(Run.open(run))

    assert verdicts.networks == (
        NamedNetwork(frozenset({("x", "3"), ("x", "4")}), True, (1e-9,), "unknown"),
        NamedNetwork(frozenset({("x", "1"), ("x", "2")}), False, (1e-3,), "unknown"),
    )


def test_a_small_world_is_drawn_searched_and_scored_beside_a_peer_that_is_missing() -> None:
    said: list[str] = []

    scores = evaluate_worlds("null", [3], scale=0.05, peers=[_absent], say=said.append)

    assert [(one.detector, one.name, one.ran, one.planted) for one in scores] == [
        ("samehand", "null 3", 1, 0),
        ("a peer", "null 3", 0, 0),
    ]
    assert scores[0].everyone["organic"] == sum(scores[0].everyone.values()) > 100
    assert said[-1] == "null, seed 3: a peer: not installed"


def test_the_tables_of_worlds_show_each_figure_and_who_did_not_run() -> None:
    one = score(VERDICTS, TRUTH, "by hand")
    absent = score(Verdicts("a peer", note="not installed", ran=False), TRUTH, "by hand")

    text = "\n".join(world_tables([one, absent]))

    assert "| made up | in networks | 5 of 7 | 0.385 | 0.714 | 0.500 | 2 | 6 | 2 |" in text
    assert "| made up | in networks | 6 | 1 | 0.167 | 1 of 2 | 2 | 3 | 1 of 1 |" in text
    assert "| fan | no | 2 | 2 / 1 |" in text
    assert "| made up | strong | 1 | 0 |\n| made up | some | 0 | 1 |" in text
    assert "| a peer | 0 of 1 | 0 | not installed |" in text
    assert "bootstrap" not in text


def test_intervals_are_shown_with_their_method_where_there_are_several_worlds() -> None:
    text = "\n".join(world_tables([score(VERDICTS, TRUTH, name) for name in ("one", "two")]))

    assert "1,000 bootstraps" in text
    assert "0.385 (0.38–0.38)" in text
    assert "2 of 4 (0.15–0.85)" in text


def test_a_group_shows_how_many_there_were_for_a_detector_that_ran_in_fewer_worlds() -> None:
    fewer = Verdicts("a peer", VERDICTS.networks)
    scores = [score(one, TRUTH, "by hand") for one in (VERDICTS, VERDICTS, fewer)]

    assert "| fan | no | 4 | 4 / 2 | 2 / 1 (of 2) |" in "\n".join(world_tables(scores))


def test_flagged_networks_of_samehand_have_a_row_of_their_own() -> None:
    own = score(Verdicts("samehand", VERDICTS.networks), TRUTH, "by hand")

    text = "\n".join(world_tables([own]))

    assert "| samehand | flagged | 3 of 7 | 0.333 | 0.429 | 0.375 | 2 | 4 | 1 |" in text


def test_a_labelled_set_is_held_trace_by_trace_and_all_together(tmp_path: Path) -> None:
    posts = [{"asset_id": name, "at_s": 60 * k, "hashtags": ["a"]} for k, name in enumerate("abc")]
    dataset = dataset_of(tmp_path / "set", posts)
    labels = tmp_path / "labels.csv"
    labels.write_text("asset_id,label\na,operation\nb,organic\nc,organic\n", encoding="utf-8")

    results = evaluate_set(dataset.path, labels, each=True, peers=[_absent])
    text = "\n".join(set_tables(results))

    assert [one.traces for one in results[:7]] == ["all", "repost", "url", "hashtag", "text", "mention", "reply"]
    assert results[0].recall_at == {0: 0, 10: 0, 100: 0}
    assert "| all | samehand | 0 / 0 | – | 0.000 | 0 / 0 | 0 | 0 | 0 |" in text
    assert "Not run: a peer over all: not installed; a peer over repost: not installed" in text


def test_findings_that_could_not_be_computed_are_told_apart() -> None:
    counts = (
        FindingCount("bursts", "some", 2),
        FindingCount("bursts", "unknown", 3),
        FindingCount("bio", "insufficient", 1),
    )
    result = SetResult("all", score(VERDICTS, TRUTH, "by hand"), {}, Verdicts("samehand", findings=counts))

    said, table = findings_table([result])

    assert said == "2 of 6 findings could be computed (neither unknown nor insufficient)."
    assert "| bursts | 0 | 2 | 3 |" in table
