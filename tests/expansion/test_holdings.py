"""Who holds what: receipts, and blindness to what is said."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from samehand.expansion import ATTRIBUTES, COLUMNS, ExpansionParameters, Shared, gather, grow
from samehand.simulation import asset_scenario, draw_assets
from tests.expansion.made_up import holdings_of, number, post, tables_of


def test_a_holding_names_the_first_row_that_says_so() -> None:
    world = draw_assets(asset_scenario("assets", 5, scale=0.05), 5)
    tables = {name: world.tables[name].select(list(columns)) for name, columns in COLUMNS.items()}
    found = gather(tables)

    ips = tables["logins"]["ip"].to_pylist()
    who = tables["logins"]["asset_id"].to_pylist()
    kind = [one.name for one in ATTRIBUTES].index("ip")
    rows = np.flatnonzero(found.attribute[found.objects] == kind)
    pairs = {(ips[row], who[row]): row for row in range(len(ips) - 1, -1, -1)}
    for row in rows.tolist():
        name, asset = found.names[found.objects[row]], found.ids[int(found.assets[row])].as_py()
        assert pairs.pop((name, asset)) == found.rows[row]
    assert pairs == {}


def test_a_text_is_never_written_out() -> None:
    said = "velor bram kusti dorna plim"
    found = holdings_of(posts=[post("p1", "a", text=said), post("p2", "b", text=said)])

    assert not any("velor" in name for name in found.names)
    assert "text of p:p1" in found.names


def test_what_is_inside_a_repost_is_not_the_accounts_own() -> None:
    found = holdings_of(
        posts=[post("p1", "a", media_hashes=["id:m"]), post("p2", "b", media_hashes=["id:m"], kind="repost")]
    )

    assert found.holders[found.names.index("id:m")] == 1


def test_who_is_run_by_others_and_described_nowhere_is_a_page() -> None:
    found = holdings_of(relations=[{"asset_id": "a", "role": "admin", "target_id": "x"}])

    assert found.is_account[number(found, "a")]
    assert not found.is_account[number(found, "x")]


def test_rows_without_an_id_say_nothing() -> None:
    tables = tables_of(
        {"relations": [{"asset_id": "a", "role": "admin", "target_id": "x"},
                       {"asset_id": None, "role": "admin", "target_id": "x"},
                       {"asset_id": "b", "role": "admin", "target_id": None},
                       {"asset_id": None, "role": "follower", "target_id": "x"}]}
    )  # fmt: skip
    found = gather(tables)

    assert found.ids.to_pylist() == ["a", "b", "x"]
    assert (found.runs.tolist(), found.follows.tolist()) == ([[0, 2]], [])


def test_other_words_one_to_one_change_nothing() -> None:
    world = draw_assets(asset_scenario("assets", 6, scale=0.1), 6)
    tables = {name: world.tables[name].select(list(columns)) for name, columns in COLUMNS.items()}
    texts = tables["posts"]["text"].to_pylist()
    other = {
        word: f"{'zq'[k % 2]}{k:05d}" for k, word in enumerate(sorted({w for text in texts for w in text.split()}))
    }
    posts = tables["posts"].set_column(5, "text", [[" ".join(other[w] for w in text.split()) for text in texts]])
    seeds = [k for k, row in enumerate(world.truth.to_pylist()) if row["role"] == "team"][:3]

    def grown(posts_table: object) -> object:
        holdings = gather({**tables, "posts": posts_table})
        chosen = tuple(number(holdings, world.truth["asset_id"][k].as_py()) for k in seeds)
        found = grow(Shared.of(holdings, []), chosen, ExpansionParameters())
        return [replace(one) for one in found.inclusions], found.reasons

    assert grown(tables["posts"]) == grown(posts)
    assert tables_of({})["posts"].num_rows == 0
