"""Acts on a platform: suspend an account, reinstate it, and say of each what was done.

In: accounts, one action, and a connector to their platform. Out: one `Act` an account, done, already so, or failed.
"""

from samehand.enforcement.acting import Batch, carry_out
from samehand.enforcement.connector import AccountState, Act, Action, Connector, Outcome
from samehand.enforcement.synapse import SynapseConnector

__all__ = [
    "AccountState",
    "Act",
    "Action",
    "Batch",
    "Connector",
    "Outcome",
    "SynapseConnector",
    "carry_out",
]
