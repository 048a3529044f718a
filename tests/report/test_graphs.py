from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import networkx as nx
import pytest

from samehand.errors import InputError, UsageError
from samehand.report import export_graph
from tests.report.made_runs import edge, member, network, small_run, write

READERS = {"gexf": nx.read_gexf, "graphml": nx.read_graphml}
STRANGE = "a<b>&\"'\x00\x0b\ufffe\U0001f600=1"


@pytest.mark.parametrize("graph_format", ["gexf", "graphml"])
def test_networkx_reads_back_what_was_written(tmp_path: Path, graph_format: str) -> None:
    run = small_run(tmp_path / "run", networks=2, size=4)
    files, nodes, edges = export_graph(run, tmp_path / f"g.{graph_format}", graph_format)
    graph: Any = READERS[graph_format](files[0])
    first = graph.nodes["x:0000-0000"]
    tie = graph.edges["x:0000-0000", "x:0000-0001"]

    assert (graph.number_of_nodes(), graph.number_of_edges()) == (nodes, edges) == (8, 12)
    assert (first["network_id"], first["role"], first["score"]) == ("n0000", "member", 1.0)
    assert (tie["trace"], tie["shared_objects"], tie["co_activities"]) == ("url", 5, 4)
    assert (tie["p_value"], tie["q_value"], tie["bits"]) == (1e-6, 1e-4, 20.0)
    assert tie["weight"] == 20.0


@pytest.mark.parametrize("graph_format", ["gexf", "graphml"])
def test_characters_that_xml_cannot_hold_are_left_out(tmp_path: Path, graph_format: str) -> None:
    run = write(tmp_path / "run", {}, edges=[edge(STRANGE, "2", bits=float("inf"))])
    files, _, _ = export_graph(run, tmp_path / f"g.{graph_format}", graph_format)
    graph: Any = READERS[graph_format](files[0])

    assert set(graph.nodes) == {"x:a<b>&\"'\U0001f600=1", "x:2"}
    assert [data["bits"] for _, _, data in graph.edges(data=True)] == [1074.0]


@pytest.mark.parametrize("graph_format", ["gexf", "graphml"])
def test_several_traces_of_one_pair_stay_several_edges(tmp_path: Path, graph_format: str) -> None:
    run = write(tmp_path / "run", {}, edges=[edge("1", "2"), edge("1", "2", trace="text"), edge("1", "3")])
    files, _, edges = export_graph(run, tmp_path / "g", graph_format)
    graph: Any = READERS[graph_format](files[0])

    assert edges == graph.number_of_edges() == 3


def test_an_account_of_no_network_has_no_network_and_a_member_without_edge_is_there(tmp_path: Path) -> None:
    run = write(
        tmp_path / "run", {}, edges=[edge("1", "2")], networks=[network("n", 2)],
        members=[member("n", "1"), member("n", "9")],
    )  # fmt: skip
    files, _, _ = export_graph(run, tmp_path / "g.graphml", "graphml")
    graph: Any = nx.read_graphml(files[0])

    assert {node: data.get("network_id") for node, data in graph.nodes(data=True)} == {
        "x:1": "n", "x:2": None, "x:9": "n",
    }  # fmt: skip


def test_csv_cells_that_a_spreadsheet_would_run_are_neutralised(tmp_path: Path) -> None:
    run = write(tmp_path / "run", {}, edges=[edge("=cmd()", "@sum", platform="+x")])
    files, _, _ = export_graph(run, tmp_path / "out", "csv")
    cells = []
    for file in files:
        with file.open(encoding="utf-8", newline="") as stream:
            cells += [cell for row in csv.reader(stream) for cell in row]

    assert [file.name for file in files] == ["nodes.csv", "edges.csv"]
    assert "'=cmd()" in cells
    assert "'+x:=cmd()" in cells
    assert not [cell for cell in cells if cell[:1] in ("=", "+", "@")]


def test_an_empty_run_makes_an_empty_graph(tmp_path: Path) -> None:
    files, nodes, edges = export_graph(write(tmp_path / "run", {}), tmp_path / "g.gexf", "gexf")
    graph: Any = nx.read_gexf(files[0])

    assert nodes == edges == graph.number_of_nodes() == 0


def test_the_same_run_gives_the_same_file(tmp_path: Path) -> None:
    run = small_run(tmp_path / "run")
    texts = [export_graph(run, tmp_path / name, "gexf")[0][0].read_text(encoding="utf-8") for name in ("a", "b")]

    assert texts[0] == texts[1]


def test_places_that_cannot_be_written_are_named(tmp_path: Path) -> None:
    run = small_run(tmp_path / "run")
    (tmp_path / "file").write_text("", encoding="utf-8")

    with pytest.raises(InputError, match="is a folder"):
        export_graph(run, tmp_path, "gexf")
    with pytest.raises(InputError, match="is a file"):
        export_graph(run, tmp_path / "file", "csv")
    with pytest.raises(InputError, match="is not there"):
        export_graph(run, tmp_path / "no" / "g.gexf", "gexf")
    with pytest.raises(UsageError, match="formats are gexf, graphml, csv"):
        export_graph(run, tmp_path / "g", "xlsx")
