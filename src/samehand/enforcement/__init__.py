"""Acts on platforms: carries out decisions account by account, undoes them, and says of each act what was done.

In: an approved decision, or accounts and an action, and a connector to their platform. Out: one `Act` an account, done, already
so, or failed; what failed stays as work.
"""

from samehand.enforcement.acting import Batch, carry_out
from samehand.enforcement.atproto import AtprotoConnector
from samehand.enforcement.connector import (
    UNDOES,
    AccountReader,
    AccountState,
    Act,
    Action,
    Capabilities,
    Connector,
    Outcome,
)
from samehand.enforcement.csv_file import CsvConnector
from samehand.enforcement.execution import (
    Execution,
    Progress,
    Unfinished,
    is_stopped,
    release_switch,
    throw_switch,
    unfinished,
)
from samehand.enforcement.ozone import OZONE_DID, OZONE_HANDLE, OZONE_PASSWORD, OzoneConnector, OzoneSession
from samehand.enforcement.synapse import SynapseConnector

__all__ = [
    "OZONE_DID",
    "OZONE_HANDLE",
    "OZONE_PASSWORD",
    "UNDOES",
    "AccountReader",
    "AccountState",
    "Act",
    "Action",
    "AtprotoConnector",
    "Batch",
    "Capabilities",
    "Connector",
    "CsvConnector",
    "Execution",
    "Outcome",
    "OzoneConnector",
    "OzoneSession",
    "Progress",
    "SynapseConnector",
    "Unfinished",
    "carry_out",
    "is_stopped",
    "release_switch",
    "throw_switch",
    "unfinished",
]
