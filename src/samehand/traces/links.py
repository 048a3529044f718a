"""Links in one canonical form, so that the same page shared in two spellings is one object."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final
from urllib.parse import unquote_plus

import ada_url
import pyarrow as pa
import pyarrow.compute as pc
from publicsuffixlist import PublicSuffixList

__all__ = ["TRACKING_PARAMETERS", "canonical_url", "canonical_urls", "domains_of", "host_of", "registered_domain"]

TRACKING_PARAMETERS: Final = frozenset(
    [
        "fbclid",
        "gclid",
        "gclsrc",
        "dclid",
        "gbraid",
        "wbraid",
        "msclkid",
        "yclid",
        "twclid",
        "ttclid",
        "igshid",
        "igsh",
        "mc_cid",
        "mc_eid",
        "_hsenc",
        "_hsmi",
        "mkt_tok",
        "vero_id",
        "oly_anon_id",
        "oly_enc_id",
        "wickedid",
        "ref_src",
        "ref_url",
        "s_cid",
        "cmpid",
        "ncid",
        "ocid",
        "spm",
        "share_token",
        "sharetype",
        "share_source",
        "fb_action_ids",
        "fb_action_types",
        "fb_source",
        "action_object_map",
        "action_type_map",
        "action_ref_map",
        "__twitter_impression",
        "guccounter",
        "guce_referrer",
        "guce_referrer_sig",
        "feature",
        "si",
        "cn-reloaded",
        "amp",
        "echobox",
    ]
)
"""Query parameters that say how a link travelled, never what it shows; `utm_*`, `pk_*`, `mtm_*` and `at_*` fall too."""

_TRACKING_PREFIXES: Final = ("utm_", "pk_", "mtm_", "at_campaign", "at_medium", "at_custom", "hsa_", "wt_")
_PLAIN: Final = r"^https?://[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+(-[a-z0-9]+)*)*\.[a-z]+(/[A-Za-z0-9_~-]+)+$"
"""A link of this shape is already canonical but for its scheme and a leading `www.`; numbers (`1.2.3`) and punycode
(`xn--`) are read by the standard instead, which writes some of them otherwise and refuses others."""
_SCHEME: Final = re.compile(r"(?![^:/]+\.[^:/]+:[0-9]+(?:[/?#]|$))[A-Za-z][A-Za-z0-9+.-]*:")
"""A scheme, but not a host with a port (`example.org:8080/x`)."""


def _kept_query(search: str) -> str:
    kept = []
    for part in search.removeprefix("?").split("&"):
        name = unquote_plus(part.partition("=")[0]).lower()
        if part and name not in TRACKING_PARAMETERS and not name.startswith(_TRACKING_PREFIXES):
            kept.append(part)
    return "?" + "&".join(sorted(kept)) if kept else ""


def canonical_url(url: str) -> str | None:
    """The canonical form of one link, or None where there is no host to go to.

    The scheme of the web (http, https), `www.`, default ports, user names, fragments (but for `#!` routes), tracking
    parameters and a trailing slash fall away; what is left of the query is sorted. Other schemes are kept in front.
    Parsing follows the WHATWG URL standard.
    """
    text = url.strip()
    if not _SCHEME.match(text):
        text = f"http://{text.lstrip('/')}"
    try:
        parts = ada_url.parse_url(text)
    except ValueError:
        return None
    host = re.sub(r"^(www\.)+", "", parts["hostname"]).removesuffix(".")
    if not host or ".." in f".{host}.":  # a name with an empty part leads nowhere
        return None
    port = f":{parts['port']}" if parts["port"] else ""
    fragment = parts["hash"] if parts["hash"].startswith("#!") else ""
    scheme = "" if parts["protocol"] in ("http:", "https:") else f"{parts['protocol']}//"
    return f"{scheme}{host}{port}{parts['pathname'].rstrip('/')}{_kept_query(parts['search'])}{fragment}"


def _each_once(values: pa.Array[Any], function: Callable[[str], str | None]) -> pa.Array[Any]:
    """Apply a function to each distinct value once."""
    coded = values.dictionary_encode()
    answers = pa.array([function(value) for value in coded.dictionary.to_pylist()], pa.string())
    return answers.take(coded.indices)


def canonical_urls(urls: pa.Array[Any]) -> pa.Array[Any]:
    """`canonical_url` of every element of a string array, null where a link cannot be read or is null."""
    coded = urls.dictionary_encode()
    distinct = coded.dictionary
    plain = pc.match_substring_regex(distinct, _PLAIN)
    quick = pc.replace_substring_regex(distinct, r"^https?://(www\.)*", "")
    slow = pa.array([canonical_url(url) for url in distinct.filter(pc.invert(plain)).to_pylist()], pa.string())
    answers = pc.replace_with_mask(quick, pc.invert(plain), slow) if len(slow) else quick
    return answers.take(coded.indices)


@lru_cache(maxsize=1)
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()  # the list inside the package: no network


_OTHER_SCHEME: Final = re.compile(r"^[a-z][a-z0-9+.-]*://")
"""A scheme, which a canonical link bears only where it is not the web's; a link within the link's path or query is none."""


def host_of(canonical: str) -> str:
    """The host of a canonical link, without its port; "" where there is none."""
    return re.split(r"[/:?#]", _OTHER_SCHEME.sub("", canonical), maxsplit=1)[0]


def registered_domain(canonical: str) -> str | None:
    """The registrable domain of a canonical link (`bbc.co.uk`), the host itself for an address, else None."""
    host = host_of(canonical)
    if not host or "." not in host:
        return None
    if re.fullmatch(r"[0-9.]+", host):
        return host
    domain = _suffixes().privatesuffix(host)
    return str(domain) if domain else None


def domains_of(canonical: pa.Array[Any]) -> pa.Array[Any]:
    """`registered_domain` of every canonical link."""
    return _each_once(canonical, registered_domain)
