from __future__ import annotations

import socket

import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from samehand.traces import canonical_url, registered_domain
from samehand.traces.links import TRACKING_PARAMETERS, canonical_urls

_ALPHABET = "abw.:/?#&=%@[]!~_- 01xXnNéİ٣\t\\;+"
_BEGINNINGS = ["", "http://", "https://www.", "ftp://", "www.", "http://a.example/", "http://a.example:81/", "foo://h/"]
_LINKS = st.one_of(
    st.text(max_size=20),
    st.builds(str.__add__, st.sampled_from(_BEGINNINGS), st.text(alphabet=_ALPHABET, max_size=25)),
)
_NEARLY_PLAIN = st.builds(
    lambda begin, host, path: begin + host + path,
    st.sampled_from(["http://", "https://", "http://www."]),
    st.text(alphabet="aw.1x-n0", min_size=1, max_size=12),
    st.text(alphabet="aA/_~-1.", max_size=8),
)


@pytest.mark.parametrize(
    ("link", "canonical"),
    [
        ("HTTP://Example.ORG", "example.org"),
        ("https://www.example.org/", "example.org"),
        ("//example.org/a", "example.org/a"),
        ("example.org/a/", "example.org/a"),
        ("http://example.org:80/a", "example.org/a"),
        ("https://example.org:443/a", "example.org/a"),
        ("http://example.org:8080/a", "example.org:8080/a"),
        ("example.org:8080/a", "example.org:8080/a"),
        ("http://user:secret@example.org/a", "example.org/a"),
        ("http://example.org./a", "example.org/a"),
        ("http://example.org/a#part", "example.org/a"),
        ("http://example.org/#!/a", "example.org#!/a"),
        ("http://example.org/a/../b/./c", "example.org/b/c"),
        ("http:\\\\example.org\\a", "example.org/a"),
        (" http://example.org/a\n", "example.org/a"),
        ("http://exa\tmple.org/a", "example.org/a"),
        ("http://bücher.example/a", "xn--bcher-kva.example/a"),
        ("http://BÜCHER.example/a", "xn--bcher-kva.example/a"),
        ("http://0x7f.1/a", "127.0.0.1/a"),
        ("http://1.2.3/x", "1.2.0.3/x"),
        ("http://[2001:db8::0:1]/a", "[2001:db8::1]/a"),
        ("http://example.org/a b", "example.org/a%20b"),
        ("http://example.org/A", "example.org/A"),
        ("http://www.www.example.org/a", "example.org/a"),
        ("http://www/a", "www/a"),
        ("ftp://www.example.org/a/", "ftp://example.org/a"),
        ("http://example.org/a?b=2&a=1", "example.org/a?a=1&b=2"),
        ("http://example.org/a?&&b=1&", "example.org/a?b=1"),
        ("http://example.org/a?", "example.org/a"),
        ("http://example.org/?q=a%26b", "example.org?q=a%26b"),
    ],
)
def test_a_link_has_one_canonical_form(link: str, canonical: str) -> None:
    assert canonical_url(link) == canonical
    assert canonical_urls(pa.array([link])).to_pylist() == [canonical]


@pytest.mark.parametrize(
    "link",
    ["", " ", "/", "http://", "http:///", "mailto:velor@example.org", "tel:123", "javascript:void(0)", "http://a b/",
     "http://www./x", "http://.../x", "http://a..example/x", "http://a.123/x", "http://[::1", "data:text/plain,x"],
)  # fmt: skip
def test_what_leads_to_no_host_is_no_link(link: str) -> None:
    assert canonical_url(link) is None
    assert canonical_urls(pa.array([link])).to_pylist() == [None]


@pytest.mark.parametrize(
    "name", sorted({*TRACKING_PARAMETERS, "utm_source", "UTM_Medium", "pk_kwd", "mtm_cid", "%75tm_x"})
)
def test_a_tracking_parameter_says_nothing_of_the_page(name: str) -> None:
    assert canonical_url(f"http://example.org/a?{name}=1&b=2") == "example.org/a?b=2"
    assert canonical_url(f"http://example.org/a?{name}") == "example.org/a"


@pytest.mark.parametrize("name", ["v", "id", "q", "page", "story_fbid", "utm", "p"])
def test_a_parameter_that_chooses_the_page_is_kept(name: str) -> None:
    assert canonical_url(f"http://example.org/a?{name}=1") == f"example.org/a?{name}=1"


@settings(deadline=None, max_examples=500)
@given(link=_LINKS)
@example(link="0..")
@example(link="http://xn--/a")
@example(link="\ud800")
def test_any_text_is_read_without_an_error_and_the_canonical_form_is_its_own(link: str) -> None:
    canonical = canonical_url(link)
    if canonical is None:
        return
    registered_domain(canonical)

    assert canonical
    # `name:8080` reads as a scheme again, as the standard wants it
    if "." in canonical.partition("/")[0] or ":" not in canonical:
        assert canonical_url(canonical) == canonical


@settings(deadline=None, max_examples=500)
@given(links=st.lists(st.one_of(_NEARLY_PLAIN, _LINKS.filter(str.isprintable), st.none()), max_size=4))
@example(links=["http://a.123/x", "http://1.2.3/x", "http://xn--a.org/x", "http://www.www.a/x", "http://a-.org/x"])
def test_the_fast_path_equals_the_slow_one(links: list[str | None]) -> None:
    expected = [canonical_url(link) if link is not None else None for link in links]

    assert canonical_urls(pa.array(links, pa.string())).to_pylist() == expected


@pytest.mark.parametrize(
    ("canonical", "domain"),
    [
        ("news.example.co.uk/x", "example.co.uk"),
        ("example.org", "example.org"),
        ("a.b.example.org:8080/x?y#!z", "example.org"),
        ("ftp://a.example.org/x", "example.org"),
        ("xn--bcher-kva.example/a", "xn--bcher-kva.example"),
        ("127.0.0.1/a", "127.0.0.1"),
        ("a.b.github.io/x", "b.github.io"),
        ("localhost/x", None),
        ("co.uk/x", None),
        ("[2001:db8::1]/a", None),
    ],
)
def test_the_registered_domain_follows_the_public_suffix_list(canonical: str, domain: str | None) -> None:
    assert registered_domain(canonical) == domain


def test_domains_are_known_without_a_network(monkeypatch: pytest.MonkeyPatch) -> None:
    from samehand.traces import links

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a network was asked for")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    links._suffixes.cache_clear()

    assert registered_domain("news.example.co.uk/x") == "example.co.uk"
