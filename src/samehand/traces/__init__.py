"""Records turned into (post, object): which object each post left which trace on, one declaration a trace.

In: posts in time order as an Arrow table. Out: rows and object keys, with a count and a reason for what fell out.
"""

from samehand.traces.catalogue import PERIOD_TRACE, TRACES, named_traces
from samehand.traces.links import canonical_url, host_of, registered_domain
from samehand.traces.model import Objects, Trace
from samehand.traces.voice import fold, spoken, words

__all__ = [
    "PERIOD_TRACE",
    "TRACES",
    "Objects",
    "Trace",
    "canonical_url",
    "fold",
    "named_traces",
    "host_of",
    "registered_domain",
    "spoken",
    "words",
]
