from __future__ import annotations

import base64
import hashlib
import re
import stat
from itertools import pairwise
from pathlib import Path

import pytest

from samehand.errors import InputError
from samehand.records import Dataset, write_dataset
from samehand.report import find_dataset, render_report, write_report
from tests.report.conftest import Made
from tests.report.made_runs import edge, member, network, receipt, small_run, table, write
from tests.report.pages import parsed

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>javascript:alert(1)\u202etxt\x07{{ 7 * 7 }}"
PAGE_TAGS = {"html", "head", "meta", "title", "style", "body", "header", "main", "footer", "nav", "section"}
TEXT_TAGS = {"h1", "h2", "h3", "h4", "p", "strong", "em", "br", "ul", "ol", "li", "a", "dl", "dt", "dd", "div", "span"}
TABLE_TAGS = {"table", "caption", "thead", "tbody", "tr", "th", "td", "bdi", "details", "summary", "pre", "code"}
FIGURE_TAGS = {"figure", "figcaption", "svg", "desc", "text", "rect", "line", "circle", "g"}
ALLOWED_TAGS = PAGE_TAGS | TEXT_TAGS | TABLE_TAGS | FIGURE_TAGS


def hostile_made(folder: Path) -> Made:
    """A dataset and a run whose every text is hostile."""
    a, b = f"1{HOSTILE}", f"2{HOSTILE}"
    posts = [
        {"platform": "x", "post_id": f"p{name}", "asset_id": name, "posted_at": receipt(a, b, "", 0)["at_a"],
         "kind": "original", "text": HOSTILE + " مرحبا 世界", "urls": ["javascript:alert(1)"]}
        for name in (a, b)
    ]  # fmt: skip
    assets = [
        {"platform": "x", "asset_id": name, "kind": "account", "handle": HOSTILE, "display_name": HOSTILE}
        for name in (a, b)
    ]
    with write_dataset(folder / "data") as writer:
        writer.add("posts", table("posts", posts))
        writer.add("assets", table("assets", assets))
    dataset = Dataset.open(folder / "data")
    finding = {"network_id": HOSTILE, "finding": HOSTILE, "axis": "x", "independence_group": "x", "state": HOSTILE}
    note = [HOSTILE]
    info = {
        "dataset": {"name": HOSTILE, "path": str(dataset.path), "hash": dataset.hash, "sources": [{"file": HOSTILE}]},
        "notes": note,
        "parameters": {"where": HOSTILE, "traces": note},
        "steps": [{"step": HOSTILE, "reason": HOSTILE}],
        "families": [{"trace": HOSTILE}],
        "versions": {HOSTILE: HOSTILE},
    }
    run = write(
        folder / "run",
        info,
        edges=[edge(a, b, trace=HOSTILE)],
        receipts=[receipt(a, b, HOSTILE, 0, trace=HOSTILE, post_a=f"p{a}", post_b=f"p{b}")],
        networks=[network(HOSTILE, 2, explanation=HOSTILE)],
        members=[member(HOSTILE, name) for name in (a, b)],
        findings=[finding],
    )
    return Made(run, dataset)


def test_the_page_says_how_many_networks_of_how_many_accounts(made: Made) -> None:
    page = render_report(made.run, made.dataset)
    text = parsed(page.html).text()

    assert page.networks >= 3
    assert (
        f"{page.networks} networks of {page.accounts} accounts in all act together beyond what chance explains" in text
    )
    assert "Coordination is not guilt" in text


def test_the_page_is_well_formed_and_has_no_element_that_runs_or_loads(made: Made) -> None:
    page = parsed(render_report(made.run, made.dataset).html)

    assert page.wrong == []
    assert page.open_tags == []
    assert {element.tag for element in page.elements} <= ALLOWED_TAGS
    assert not [element for element in page.elements if {"src", "style"} & set(element.attributes)]


def test_the_content_policy_allows_nothing_but_the_one_style_sheet(made: Made) -> None:
    page = parsed(render_report(made.run, made.dataset).html)
    policy = next(m.attributes["content"] for m in page.all("meta") if "http-equiv" in m.attributes)
    style = "".join(page.all("style")[0].text)
    expected = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()

    assert policy is not None
    assert policy.startswith("default-src 'none'")
    assert f"style-src 'sha256-{expected}'" in policy
    assert "script" not in policy
    assert "unsafe" not in policy


def test_hostile_strings_stay_text(tmp_path: Path) -> None:
    hostile = hostile_made(tmp_path)
    html = render_report(hostile.run, hostile.dataset).html
    page = parsed(html)

    assert page.wrong == []
    assert {element.tag for element in page.elements} <= ALLOWED_TAGS
    assert not [name for element in page.elements for name in element.attributes if name.startswith("on")]
    assert all(re.fullmatch(r"#[a-z0-9-]+", link.attributes["href"] or "") for link in page.all("a"))
    assert "\u202e" not in html
    assert "\x07" not in html
    assert "49" not in re.findall(r"\d+", page.text())


def test_right_to_left_and_han_text_is_isolated_and_kept(tmp_path: Path) -> None:
    hostile = hostile_made(tmp_path)
    page = parsed(render_report(hostile.run, hostile.dataset).html)
    cells = [cell for cell in page.all("td") if "مرحبا 世界" in "".join(cell.text)]

    assert cells
    assert all(cell.attributes.get("dir") == "auto" for cell in cells)


def test_every_figure_is_named_and_has_a_table(made: Made) -> None:
    html = render_report(made.run, made.dataset).html
    page = parsed(html)
    ids = {element.attributes["id"] for element in page.elements if "id" in element.attributes}

    assert len(page.all("svg")) == 3 * len([s for s in page.all("section") if s.attributes.get("class") == "network"])
    for figure in page.all("svg"):
        assert figure.attributes["role"] == "img"
        assert set((figure.attributes["aria-labelledby"] or "").split()) <= ids
    assert all("<table" in after.split("</figure>")[0] for after in html.split("<figure>")[1:])


def test_ids_in_the_page_are_unique_and_links_lead_somewhere(made: Made) -> None:
    page = parsed(render_report(made.run, made.dataset).html)
    ids = [element.attributes["id"] for element in page.elements if "id" in element.attributes]

    assert len(ids) == len(set(ids))
    assert {link.attributes["href"] for link in page.all("a")} <= {f"#{identity}" for identity in ids}


def test_headings_go_down_one_level_at_a_time(made: Made) -> None:
    levels = [int(e.tag[1]) for e in parsed(render_report(made.run, made.dataset).html).elements if e.tag in "h1h2h3h4"]

    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(later - earlier <= 1 for earlier, later in pairwise(levels))


def test_example_posts_stand_side_by_side_with_text_and_delay(made: Made) -> None:
    html = render_report(made.run, made.dataset).html
    page = parsed(html)
    texts = made.dataset.table("posts", ["text"])["text"].to_pylist()
    shown = {"".join(cell.text) for cell in page.all("td") if cell.attributes.get("class") == "text"}

    assert shown
    assert shown <= set(texts)
    assert ">first<" in html
    assert re.search(r">\+\d+(\.\d)? (s|min)<", html)


def test_posts_without_texts_get_no_column_of_texts(tmp_path: Path) -> None:
    html = render_report(small_run(tmp_path / "run"), None).html

    assert "The data hold no text of these posts." in html
    assert ">text</th>" not in html


def test_the_same_run_gives_the_same_bytes(made: Made) -> None:
    assert render_report(made.run, made.dataset).html == render_report(made.run, made.dataset).html


def test_a_redacted_page_names_no_account_no_text_and_no_object(made: Made) -> None:
    html = render_report(made.run, made.dataset, redact=True).html
    members = made.run.table("members")["asset_id"].to_pylist()
    things = made.run.table("receipts")["object_id"].to_pylist()
    posts = made.run.table("receipts")["post_a"].to_pylist()
    handles = made.dataset.table("assets", ["handle"])["handle"].to_pylist()

    for secret in {*members, *things, *posts, *handles}:
        assert str(secret) not in html
    assert str(made.dataset.path) not in html
    assert ">A1<" in html


def test_a_redacted_page_scrubs_explanations_and_notes(tmp_path: Path) -> None:
    said = "Author 0000-0001 explains it; see https://site.example/x and @someone, 123456789."
    run = small_run(tmp_path / "run", info={"notes": [said]})
    text = parsed(render_report(run, None, redact=True).html).text()

    assert "Author A2 explains it; see [link] and [account], [id]." in text


def test_a_redacted_page_scrubs_authors_and_sites_that_are_no_members(made: Made, tmp_path: Path) -> None:
    author = made.dataset.table("assets", ["asset_id", "handle"]).slice(0, 1).to_pylist()[0]
    said = f"Posts of {author['handle']}, that is x:{author['asset_id']}, or of account q:17 lead to prika.example."
    run = small_run(tmp_path / "run", info={"notes": [said, "39 % of 2.5 days, e.g. on quarter hours."]})
    text = parsed(render_report(run, made.dataset, redact=True).html).text()

    assert "Posts of [account], that is x:[account], or of account [account] lead to [site]." in text
    assert "39 % of 2.5 days" in text


def test_pseudonyms_are_the_same_each_time(made: Made) -> None:
    first, second = (render_report(made.run, made.dataset, redact=True).html for _ in range(2))

    assert first == second


def test_no_network_is_said_not_to_be_proof(tmp_path: Path) -> None:
    page = render_report(write(tmp_path / "run", {}), None)
    text = parsed(page.html).text()

    assert page.networks == page.accounts == page.shown == 0
    assert "No group of accounts acts together beyond what chance explains" in text
    assert "This is no proof that nobody coordinates" in text
    assert parsed(page.html).wrong == []


def test_of_hundreds_of_networks_thirty_are_shown_and_all_are_listed(tmp_path: Path) -> None:
    page = render_report(small_run(tmp_path / "run", networks=130), None)
    read = parsed(page.html)

    assert (page.networks, page.shown) == (130, 30)
    assert "Showing 30 of 130 networks in full, because" in read.text()
    assert "100 more networks" in read.text()
    assert sum("".join(cell.text) == "Network 130" for cell in read.all("th")) == 1


def test_a_large_network_is_drawn_in_part_and_says_so(tmp_path: Path) -> None:
    text = parsed(render_report(small_run(tmp_path / "run", size=90), None).html).text()

    assert "Showing 80 of 90 accounts, those with the highest scores." in text
    assert "Showing 700 of 3,160 ties, the strongest." in text
    assert "Showing 100 of 4005 ties, the strongest first." in text


def test_members_beyond_fifteen_are_folded(tmp_path: Path) -> None:
    few = render_report(small_run(tmp_path / "few", size=15), None).html
    many = render_report(small_run(tmp_path / "many", size=16), None).html

    assert "<details open><summary>15 members" in few
    assert "<details><summary>16 members" in many


def test_what_run_json_holds_is_shown(made: Made) -> None:
    text = parsed(render_report(made.run, made.dataset).html).text()

    assert "4,119,885" in text
    assert "too short" in text
    assert "Popular objects were looked at in bands" in text
    assert "--traces repost,url,text --window 10s,60s,10m,1h --fdr 0.01 --seed 0" in text
    assert "tweets.csv" in text


@pytest.mark.parametrize(
    "info",
    [
        {"dataset": None, "parameters": [], "steps": "none", "families": [1], "notes": "one note", "versions": None},
        {
            "dataset": {"rows": {"posts": "many"}, "first_post": 7, "last_post": "x", "sources": {}},
            "timings": {"a": None},
        },
        {"parameters": {"windows_s": [1, 90, "x"], "fdr": None}},
    ],
)
def test_a_run_json_of_odd_shape_still_makes_a_page(tmp_path: Path, info: dict[str, object]) -> None:
    page = parsed(render_report(small_run(tmp_path / "run", info=info), None).html)

    assert page.wrong == []
    assert "1 network of 3 accounts in all acts together" in page.text()


def test_rejected_rows_are_shown_with_their_reasons(tmp_path: Path) -> None:
    source = {"file": "a.csv", "read": 9, "kept": 6, "merged": 0, "rejected": 3, "reasons": {"no time": 2, "no id": 1}}
    info = {"dataset": {"rows": {"posts": 6, "ads": 0, "activities": 2}, "sources": [source]}}
    text = parsed(render_report(small_run(tmp_path / "run", info=info), None).html).text()

    assert "a.csv, rows rejected: no time (2), no id (1)." in text
    assert "The dataset holds 6 posts, 2 activities." in text


def test_pairs_outside_networks_are_counted_and_listed(tmp_path: Path) -> None:
    run = write(tmp_path / "run", {}, edges=[edge("1", "2"), edge("1", "2", trace="text"), edge("3", "4")])
    text = parsed(render_report(run, None).html).text()

    assert "2 pairs of accounts pass the test of pairs without being part of one network" in text


def test_receipts_without_a_network_show_no_objects(tmp_path: Path) -> None:
    run = write(
        tmp_path / "run", {}, networks=[network("n", 2)], members=[member("n", "1"), member("n", "2")],
        receipts=[receipt("1", "9", "https://a.example/", 0)],
    )  # fmt: skip

    assert "The run holds no receipts for this network." in parsed(render_report(run, None).html).text()


def test_of_objects_on_the_same_posts_one_is_shown_and_the_link_goes_before_the_site(tmp_path: Path) -> None:
    traces = {"domain": "a.example", "hashtag": "tag", "url": "https://a.example/1"}
    run = write(
        tmp_path / "run", {}, networks=[network("n", 2)], members=[member("n", "1"), member("n", "2")],
        receipts=[receipt("1", "2", thing, 0, trace=trace, base_rate=0.1 + (trace == "hashtag"))
                  for trace, thing in traces.items()],
    )  # fmt: skip
    text = parsed(render_report(run, None).html).text()

    assert "Showing 1 of 3 objects, because" in text
    assert "(the same links): 2 members" in text


def test_one_asset_id_on_two_platforms_stays_two_accounts(tmp_path: Path) -> None:
    ends = {"platform_b": "y", "asset_b": "1"}
    run = write(
        tmp_path / "run", {}, networks=[network("n", 2)],
        members=[member("n", "1"), member("n", "1", platform="y")],
        edges=[edge("1", "1", platform_b="y")], receipts=[{**receipt("1", "1", "thing", 0), **ends}],
    )  # fmt: skip
    page = render_report(run, None)

    assert page.accounts == 2
    assert "x:1" in page.html
    assert "y:1" in page.html


def test_the_file_is_its_owners_only(made: Made, tmp_path: Path) -> None:
    write_report(made.run, None, tmp_path / "page.html")

    assert stat.S_IMODE((tmp_path / "page.html").stat().st_mode) == 0o600


def test_a_folder_that_is_not_there_is_named(made: Made, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="--html"):
        write_report(made.run, None, tmp_path / "nowhere" / "page.html")


def test_a_dataset_that_changed_is_not_used(made: Made, tmp_path: Path) -> None:
    run = small_run(
        tmp_path / "run", info={"dataset": {"path": str(made.dataset.path), "hash": "0" * 64, "name": "hk"}}
    )

    assert find_dataset(run) == (None, "The dataset 'hk' has changed since the run, so no texts and handles are shown.")


def test_a_dataset_that_is_gone_is_named(tmp_path: Path) -> None:
    run = small_run(tmp_path / "run", info={"dataset": {"path": str(tmp_path / "gone"), "name": "hk"}})
    dataset, why = find_dataset(run)

    assert dataset is None
    assert "was not where it was" in why


def test_a_dataset_is_found_beside_its_run(made: Made, tmp_path: Path) -> None:
    with write_dataset(tmp_path / "data") as writer:
        writer.add("posts", made.dataset.table("posts").slice(0, 3))
    run = small_run(tmp_path / "run", info={"dataset": {"path": "data", "hash": Dataset.open(tmp_path / "data").hash}})
    dataset, why = find_dataset(run)

    assert dataset is not None
    assert why == ""
