"""The page of a run, its figures, and its graph for other programs.

In: a run, and the dataset it was made from if there is one. Out: a self-contained HTML file, SVG figures, graph files.
"""

from samehand.report.figures import Bar, Dot, Line, graph, heat_map, histogram
from samehand.report.graphs import GRAPH_FORMATS, export_graph
from samehand.report.page import Page, find_dataset, render_report, write_report

__all__ = [
    "write_report",
    "render_report",
    "find_dataset",
    "Page",
    "export_graph",
    "GRAPH_FORMATS",
    "histogram",
    "heat_map",
    "graph",
    "Bar",
    "Dot",
    "Line",
]
