"""What the public is told: releases in which nobody can be found again, reports that a journalist reads, statements of reasons.

In: decided cases with their datasets. Out: folders of tables and a report, and JSON for the European database.
"""

from samehand.disclosure.anonymity import SUPPRESSED, Blunted, blunted
from samehand.disclosure.archive import MANY_FOLLOWERS, POST_COLUMNS, USER_COLUMNS, Archive, Left, archive_of
from samehand.disclosure.attack import MOST_FOUND, Attack, attack, refuse_if_found
from samehand.disclosure.counts import HARMONISED, MEASURES, Counts, count_period, harmonised_parts
from samehand.disclosure.indicators import kill_chain_of, own_sites, stix_of
from samehand.disclosure.noise import Ledger, Noised, discrete_laplace
from samehand.disclosure.pdf import Pdf, has_pdf, report_pdf
from samehand.disclosure.preactivity import NO_NOISE, PARTS, PreActivity, Span, channel_of, preactivity_of
from samehand.disclosure.pseudonyms import ID_KINDS, IdKind, ReleaseKeys
from samehand.disclosure.reasons import StatementOfReasons, batches_of, reason_for, sound_statement
from samehand.disclosure.releases import KnownRelease, MadeRelease, Releases, Statements
from samehand.disclosure.report import release_page
from samehand.disclosure.scrubbing import Plain
from samehand.disclosure.spreadsheet import harmonised_book, has_xlsx
from samehand.disclosure.telling import Audited, Objection, Telling, error_estimate, read_telling
from samehand.disclosure.vetted import Tier, Vetted

__all__ = [
    "Plain",
    "Tier",
    "Vetted",
    "HARMONISED",
    "MEASURES",
    "Counts",
    "NO_NOISE",
    "PARTS",
    "PreActivity",
    "Span",
    "channel_of",
    "count_period",
    "harmonised_book",
    "harmonised_parts",
    "has_xlsx",
    "kill_chain_of",
    "own_sites",
    "preactivity_of",
    "stix_of",
    "Audited",
    "KnownRelease",
    "MadeRelease",
    "Objection",
    "Releases",
    "Statements",
    "release_page",
    "Pdf",
    "has_pdf",
    "report_pdf",
    "Telling",
    "error_estimate",
    "read_telling",
    "MANY_FOLLOWERS",
    "MOST_FOUND",
    "POST_COLUMNS",
    "USER_COLUMNS",
    "Archive",
    "Attack",
    "Left",
    "archive_of",
    "attack",
    "refuse_if_found",
    "ID_KINDS",
    "SUPPRESSED",
    "Blunted",
    "IdKind",
    "Ledger",
    "Noised",
    "ReleaseKeys",
    "StatementOfReasons",
    "batches_of",
    "blunted",
    "discrete_laplace",
    "reason_for",
    "sound_statement",
]
