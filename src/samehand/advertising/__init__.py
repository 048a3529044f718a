"""Who may buy ads: a registry of media, whom an advertiser is, and what a policy says of that, on the day that is asked.

In: advertisers as a platform knows them, a policy, a day. Out: allow, review or block, with the ground, the way from the
advertiser to whoever was assessed, the citations, and words that an advertiser can be sent.
"""

from samehand.advertising.ad_record import AD_STATUSES, AdRecord, check_ad, without_content
from samehand.advertising.checking import CHECKED, CheckReport, check_file, cited, decided_ad, find_advertiser
from samehand.advertising.combining import combine
from samehand.advertising.contests import AD_CORRECTION, AdContest, AdContests, AdRuling
from samehand.advertising.countries import country_code, country_name
from samehand.advertising.facts import (
    CODES,
    QUESTIONS,
    SCOPES,
    Answer,
    Assessment,
    Asset,
    Citation,
    Code,
    Entity,
    Identifier,
    Link,
    Name,
    Span,
    derive_code,
)
from samehand.advertising.files import parse_entity, read_entities, shipped_entities
from samehand.advertising.followthemoney import followthemoney_lines
from samehand.advertising.followthemoney_lists import read_followthemoney
from samehand.advertising.gate import AdDecision, Gate, Transition
from samehand.advertising.handing_out import AD_COLUMNS, ads_table
from samehand.advertising.ira import IraAds
from samehand.advertising.layers import LAYERS, read_hamilton, read_layer, read_matrix
from samehand.advertising.linting import Fault, lint_registry
from samehand.advertising.lists import Layer
from samehand.advertising.permission import AdOffice
from samehand.advertising.registry import Registry, RegistryStats, Standing
from samehand.advertising.repository import AdRepository, AdSearch, AdTotal, AdVersion, Recorded, Totalled
from samehand.advertising.resolution import ADVERTISER_FIELDS, Advertiser, Hit, Resolver
from samehand.advertising.reviews import AdReview, AdReviews, Reviewed

__all__ = [
    "AD_CORRECTION",
    "AdContest",
    "AdContests",
    "AdRuling",
    "AdReview",
    "AdReviews",
    "Reviewed",
    "find_advertiser",
    "AD_COLUMNS",
    "AD_STATUSES",
    "AdRecord",
    "AdRepository",
    "AdSearch",
    "AdTotal",
    "AdVersion",
    "IraAds",
    "Recorded",
    "ads_table",
    "ADVERTISER_FIELDS",
    "CHECKED",
    "LAYERS",
    "CheckReport",
    "check_file",
    "check_ad",
    "cited",
    "decided_ad",
    "combine",
    "country_code",
    "country_name",
    "followthemoney_lines",
    "read_followthemoney",
    "read_layer",
    "CODES",
    "QUESTIONS",
    "SCOPES",
    "AdDecision",
    "Advertiser",
    "Answer",
    "Assessment",
    "Asset",
    "Citation",
    "Code",
    "Entity",
    "Fault",
    "Gate",
    "Hit",
    "Identifier",
    "Layer",
    "Link",
    "Name",
    "Registry",
    "RegistryStats",
    "Resolver",
    "Span",
    "Standing",
    "Totalled",
    "Transition",
    "derive_code",
    "lint_registry",
    "parse_entity",
    "read_entities",
    "read_hamilton",
    "read_matrix",
    "shipped_entities",
    "without_content",
    "AdOffice",
]
