"""A run as a graph for other programs: GEXF and GraphML for Gephi and its like, CSV for spreadsheets."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final
from xml.sax.saxutils import escape, quoteattr

import pyarrow as pa

from samehand.errors import InputError, UsageError
from samehand.records import Run, private_file, write_csv

__all__ = ["GRAPH_FORMATS", "edges_table", "export_graph", "nodes_table"]

GRAPH_FORMATS: Final = ("gexf", "graphml", "csv")
_ILLEGAL: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_BITS_CEILING: Final = 1074.0
"""Bits of the smallest p-value that a double holds; some programs cannot read an infinity."""

_XML_TYPES: Final[Mapping[str, str]] = {"string": "string", "double": "double", "int64": "long", "bool": "boolean"}
_TEXT, _INTEGER, _REAL = pa.string(), pa.int64(), pa.float64()
_NODE_COLUMNS: Final[dict[str, pa.DataType]] = {
    **dict.fromkeys(("id", "platform", "asset_id", "network_id", "role"), _TEXT),
    "score": _REAL,
}
_EDGE_COLUMNS: Final[dict[str, pa.DataType]] = {
    **dict.fromkeys(("source", "target", "trace"), _TEXT),
    **dict.fromkeys(("window_s", "shared_objects", "co_activities", "occasions"), _INTEGER),
    **dict.fromkeys(("p_value", "q_value", "bits"), _REAL),
}
_NODES: Final = pa.schema(_NODE_COLUMNS)
_EDGES: Final = pa.schema(_EDGE_COLUMNS)


def nodes_table(run: Run) -> pa.Table:
    """One row an account: every member, and every end of an edge.

    Columns: id (`platform:asset_id`), platform, asset_id, network_id, role and score, the last three null for accounts
    of no network. In order of id.
    """
    rows: dict[str, dict[str, Any]] = {}
    edges = run.table("edges", ["platform_a", "asset_a", "platform_b", "asset_b"]).to_pylist()
    for edge in edges:
        for end in ("a", "b"):
            account = {"platform": edge[f"platform_{end}"], "asset_id": edge[f"asset_{end}"]}
            rows[_key(account)] = {"id": _key(account), **account}
    for member in run.table("members").to_pylist():
        rows[_key(member)] = {"id": _key(member), **member}
    ordered = [{name: rows[key].get(name) for name in _NODES.names} for key in sorted(rows)]
    return pa.Table.from_pylist(ordered, schema=_NODES)


def edges_table(run: Run) -> pa.Table:
    """One row for each edge of the run: a pair, a trace and a window; source and target are ids of nodes."""
    edges = run.table("edges").to_pylist()
    rows = [
        {
            **edge,
            "source": _key({"platform": edge["platform_a"], "asset_id": edge["asset_a"]}),
            "target": _key({"platform": edge["platform_b"], "asset_id": edge["asset_b"]}),
        }
        for edge in edges
    ]
    rows.sort(key=lambda row: (row["source"], row["target"], row["trace"], row["window_s"]))
    return pa.Table.from_pylist([{name: row[name] for name in _EDGES.names} for row in rows], schema=_EDGES)


def export_graph(run: Run, path: str | Path, graph_format: str) -> tuple[list[Path], int, int]:
    """Write a run's graph.

    Args:
        run: the run.
        path: the file to write; for `csv` a folder, which gets `nodes.csv` and `edges.csv`.
        graph_format: one of GRAPH_FORMATS.

    Returns:
        The files written, and how many nodes and edges they hold.

    Raises:
        UsageError: the format is another one.
        InputError: the place to write to is not there, or is a file where a folder is needed.

    """
    if graph_format not in GRAPH_FORMATS:
        raise UsageError(f"there is no graph format '{graph_format}'; formats are {', '.join(GRAPH_FORMATS)}")
    target = Path(path)
    if not target.absolute().parent.is_dir():
        raise InputError(f"{target.parent} is not there; make it, or name another place with --out")
    nodes, edges = nodes_table(run), edges_table(run)
    if graph_format == "csv":
        return _csv(target, nodes, edges), nodes.num_rows, edges.num_rows
    if target.is_dir():
        raise InputError(f"{target} is a folder; name a file with --out, such as {target / f'run.{graph_format}'}")
    lines = _gexf(nodes, edges) if graph_format == "gexf" else _graphml(nodes, edges)
    private_file(target, "\n".join(lines) + "\n")
    return [target], nodes.num_rows, edges.num_rows


def _csv(folder: Path, nodes: pa.Table, edges: pa.Table) -> list[Path]:
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{folder} is a file; for csv name a folder with --out, it gets nodes.csv and edges.csv")
    folder.mkdir(exist_ok=True)
    write_csv(folder / "nodes.csv", nodes)
    write_csv(folder / "edges.csv", edges)
    return [folder / "nodes.csv", folder / "edges.csv"]


def _key(account: Mapping[str, Any]) -> str:
    return f"{account['platform']}:{account['asset_id']}"


def _legal(value: object) -> str:
    """A value as XML can hold it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and not math.isfinite(value):
        return str(_BITS_CEILING)
    return _ILLEGAL.sub("", str(value))


def _quoted(value: object) -> str:
    return quoteattr(_legal(value), {"\n": "&#10;", "\r": "&#13;", "\t": "&#9;"})


def _declared(schema: pa.Schema, skip: tuple[str, ...]) -> list[tuple[int, str, str]]:
    """Number, name and XML type of each attribute."""
    names = [field for field in schema if field.name not in skip]
    return [(number, field.name, _XML_TYPES[str(field.type)]) for number, field in enumerate(names)]


_NODE_ATTRIBUTES: Final = _declared(_NODES, ("id",))
_EDGE_ATTRIBUTES: Final = _declared(_EDGES, ("source", "target"))


def _gexf_values(row: Mapping[str, Any], attributes: list[tuple[int, str, str]]) -> Iterator[str]:
    yield "<attvalues>"
    for number, name, _ in attributes:
        if row[name] is not None:
            yield f'<attvalue for="{number}" value={_quoted(row[name])}/>'
    yield "</attvalues>"


def _gexf(nodes: pa.Table, edges: pa.Table) -> Iterator[str]:
    """GEXF 1.2; the weight of an edge is its bits."""
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    yield '<gexf xmlns="http://www.gexf.net/1.2draft" version="1.2">'
    yield '<graph mode="static" defaultedgetype="undirected">'
    for kind, attributes in (("node", _NODE_ATTRIBUTES), ("edge", _EDGE_ATTRIBUTES)):
        yield f'<attributes class="{kind}">'
        for number, name, kind_of in attributes:
            yield f'<attribute id="{number}" title="{name}" type="{kind_of}"/>'
        yield "</attributes>"
    yield "<nodes>"
    for row in nodes.to_pylist():
        yield f"<node id={_quoted(row['id'])} label={_quoted(row['id'])}>"
        yield from _gexf_values(row, _NODE_ATTRIBUTES)
        yield "</node>"
    yield "</nodes><edges>"
    for number, row in enumerate(edges.to_pylist()):
        ends = f"source={_quoted(row['source'])} target={_quoted(row['target'])}"
        yield f'<edge id="{number}" {ends} weight="{_legal(max(row["bits"], 0.0))}">'
        yield from _gexf_values(row, _EDGE_ATTRIBUTES)
        yield "</edge>"
    yield "</edges></graph></gexf>"


def _graphml_values(row: Mapping[str, Any], kind: str, attributes: list[tuple[int, str, str]]) -> Iterator[str]:
    for _, name, _ in attributes:
        if row[name] is not None:
            yield f'<data key="{kind}-{name}">{escape(_legal(row[name]))}</data>'


def _graphml(nodes: pa.Table, edges: pa.Table) -> Iterator[str]:
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    yield '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">'
    for kind, attributes in (("node", _NODE_ATTRIBUTES), ("edge", _EDGE_ATTRIBUTES)):
        for _, name, kind_of in attributes:
            yield f'<key id="{kind}-{name}" for="{kind}" attr.name="{name}" attr.type="{kind_of}"/>'
    yield '<key id="edge-weight" for="edge" attr.name="weight" attr.type="double"/>'
    yield '<graph edgedefault="undirected">'
    for row in nodes.to_pylist():
        yield f"<node id={_quoted(row['id'])}>"
        yield from _graphml_values(row, "node", _NODE_ATTRIBUTES)
        yield "</node>"
    for number, row in enumerate(edges.to_pylist()):
        yield f'<edge id="e{number}" source={_quoted(row["source"])} target={_quoted(row["target"])}>'
        yield f'<data key="edge-weight">{_legal(max(row["bits"], 0.0))}</data>'
        yield from _graphml_values(row, "edge", _EDGE_ATTRIBUTES)
        yield "</edge>"
    yield "</graph></graphml>"
