"""Readers of platforms' and tools' files, and of platforms' servers, which turn them into records.

In: files of a format, told apart by their columns, or a server and a token. Out: rows of a dataset's tables, each row of
a file and each user of a server kept, merged or rejected with a reason.
"""

from samehand.sources.atproto import ATPROTO_ADMIN, atproto_admin, atproto_api, is_did, xrpc
from samehand.sources.batches import RawBatch, Reject
from samehand.sources.catalogue import FORMATS, format_named
from samehand.sources.formats import Format, Shape
from samehand.sources.importing import TRACES, FileReport, ImportReport, Options, import_files
from samehand.sources.mastodon_users import MASTODON_TOKEN, is_mastodon_id, is_mastodon_staff
from samehand.sources.platform_api import (
    USER_AGENT,
    Answer,
    Closing,
    Headers,
    Patience,
    PlatformApi,
    private_url,
    usable_token,
)
from samehand.sources.servers import SERVERS, ServerKind, import_server
from samehand.sources.streams import Limits
from samehand.sources.synapse import SYNAPSE_TOKEN, is_user_id, synapse_admin, user_path
from samehand.sources.tabular import open_table
from samehand.sources.times import Times, read_times

__all__ = [
    "ATPROTO_ADMIN",
    "FORMATS",
    "MASTODON_TOKEN",
    "SERVERS",
    "SYNAPSE_TOKEN",
    "TRACES",
    "USER_AGENT",
    "Answer",
    "Closing",
    "FileReport",
    "Format",
    "Headers",
    "ImportReport",
    "Limits",
    "Options",
    "Patience",
    "PlatformApi",
    "RawBatch",
    "Reject",
    "ServerKind",
    "Shape",
    "format_named",
    "import_files",
    "import_server",
    "Times",
    "read_times",
    "is_mastodon_id",
    "is_mastodon_staff",
    "atproto_admin",
    "atproto_api",
    "is_did",
    "is_user_id",
    "open_table",
    "private_url",
    "synapse_admin",
    "usable_token",
    "user_path",
    "xrpc",
]
