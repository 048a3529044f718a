"""Where work runs: on this machine, or on another engine; one protocol.

In: a pure function and blocks of accounts. Out: its results in the order of the blocks.
"""

from samehand.engine.local import Engine, LocalEngine

__all__ = ["Engine", "LocalEngine"]
