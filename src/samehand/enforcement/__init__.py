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
from samehand.enforcement.execution import Execution, Progress
from samehand.enforcement.mastodon import MastodonConnector
from samehand.enforcement.ozone import OZONE_DID, OZONE_HANDLE, OZONE_PASSWORD, OzoneConnector, OzoneSession
from samehand.enforcement.platforms import CAPABILITIES
from samehand.enforcement.signed_post import SignedGet, SignedPost, WebhookSecret, verify_webhook
from samehand.enforcement.switch import is_stopped, release_switch, throw_switch
from samehand.enforcement.synapse import SynapseConnector
from samehand.enforcement.unfinished import Unfinished, give_up, unfinished
from samehand.enforcement.webhook import WEBHOOK_SECRET, WEBHOOK_STATE, WebhookConnector

__all__ = [
    "CAPABILITIES",
    "OZONE_DID",
    "OZONE_HANDLE",
    "OZONE_PASSWORD",
    "UNDOES",
    "WEBHOOK_SECRET",
    "WEBHOOK_STATE",
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
    "MastodonConnector",
    "Outcome",
    "OzoneConnector",
    "OzoneSession",
    "Progress",
    "SignedGet",
    "SignedPost",
    "SynapseConnector",
    "Unfinished",
    "WebhookConnector",
    "WebhookSecret",
    "carry_out",
    "give_up",
    "is_stopped",
    "release_switch",
    "throw_switch",
    "unfinished",
    "verify_webhook",
]
