"""Exchange with others: tips that come in as leads, and indicators and findings that go out under their marking.

In: files of indicators, STIX, MISP, and decided cases. Out: tips of the store, and objects that partners read.
"""

from samehand.exchange.claims import claim_objects, share_claim
from samehand.exchange.drafts import CREDIBILITIES, RELIABILITIES, TLPS, Refused, TipDraft, Tlp
from samehand.exchange.findings import TECHNIQUES, decision_objects, recalls_owed, share_decision, share_tip, take_back
from samehand.exchange.hashes import HASHED_KINDS, HashedKind, Hashes, hashes_of, make_exchange_key, read_exchange_key
from samehand.exchange.indicators import INDICATOR_KINDS, Indicator, IndicatorKind, defang, refang, tell
from samehand.exchange.killchain import phase_name
from samehand.exchange.misp import misp_event
from samehand.exchange.pulling import pull_collection
from samehand.exchange.reading import TIP_FORMATS, read_tips
from samehand.exchange.sharing import CLEARANCES, Added, Collection, Collections, SharedObject, Wanted
from samehand.exchange.splitting import tips_of
from samehand.exchange.stix_reading import stix_tip
from samehand.exchange.stix_writing import bundle_of, tip_objects
from samehand.exchange.tables import FORMS, Form, indicator_table
from samehand.exchange.tips import TIP_RETRACTED, Grade, Taken, Tip, TipMatch, Tips

__all__ = [
    "phase_name",
    "HASHED_KINDS",
    "HashedKind",
    "Hashes",
    "hashes_of",
    "make_exchange_key",
    "pull_collection",
    "read_exchange_key",
    "CLEARANCES",
    "TECHNIQUES",
    "Added",
    "Collection",
    "Collections",
    "SharedObject",
    "Wanted",
    "share_decision",
    "share_tip",
    "take_back",
    "recalls_owed",
    "CREDIBILITIES",
    "FORMS",
    "INDICATOR_KINDS",
    "RELIABILITIES",
    "TIP_FORMATS",
    "TIP_RETRACTED",
    "TLPS",
    "Form",
    "Grade",
    "Indicator",
    "IndicatorKind",
    "Refused",
    "Taken",
    "Tip",
    "TipDraft",
    "TipMatch",
    "Tips",
    "Tlp",
    "bundle_of",
    "claim_objects",
    "share_claim",
    "decision_objects",
    "defang",
    "indicator_table",
    "misp_event",
    "read_tips",
    "refang",
    "stix_tip",
    "tips_of",
    "tell",
    "tip_objects",
]
