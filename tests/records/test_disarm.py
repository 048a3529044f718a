"""The techniques of DISARM: all of the galaxy, and no more."""

from __future__ import annotations

import json
from importlib.resources import files

import pytest

from samehand.records import disarm_techniques
from tests.sources.files import DATA

GALAXY = DATA / "disarm" / "disarm-techniques.json"


def test_the_table_loads_and_names_each_technique_once() -> None:
    found = disarm_techniques()
    assert len(found) == 298
    assert (found["T0049.002"].name, found["T0049.002"].tactic) == ("Flood Existing Hashtag", "Maximise Exposure")
    assert len({one.uuid for one in found.values()}) == 298
    assert "CC0 1.0" in (files("samehand.records") / "disarm.NOTICE.txt").read_text("utf-8")


@pytest.mark.skipif(not GALAXY.exists(), reason="the shared data is not here")
def test_the_table_is_the_galaxys() -> None:
    values = json.loads(GALAXY.read_text("utf-8"))["values"]
    found = disarm_techniques()
    assert {(one["meta"]["external_id"], one["value"], one["uuid"]) for one in values} == {
        (one.technique_id, one.name, one.uuid) for one in found.values()
    }
