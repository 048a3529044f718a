from __future__ import annotations

from pathlib import Path

from samehand.authenticity import COUNTER_EVIDENCE, DETECTORS, FLAG_RULE, STATE_RULE

PAGE = (Path(__file__).parents[2] / "docs" / "authenticity.md").read_text(encoding="utf-8")


def test_every_finding_is_documented_as_it_is_declared() -> None:
    rows = [
        f"| `{d.name}` ({d.version}) | `{d.group}` | {d.title} | {', '.join(f'`{c}`' for c in d.columns)} | "
        f"{d.least_effect:g} {d.unit} | {d.innocent} |"
        for d in DETECTORS.values()
    ]

    assert [row for row in rows if row not in PAGE] == []


def test_every_item_of_counter_evidence_is_documented_with_what_it_explains() -> None:
    rows = [f"| {', '.join(f'`{group}`' for group in item.explains)} |" for item in COUNTER_EVIDENCE]

    assert [item.name for item in COUNTER_EVIDENCE if f"| `{item.name}` | {item.title} |" not in PAGE] == []
    assert [row for row in rows if row not in PAGE] == []


def test_the_rules_are_documented_word_for_word() -> None:
    assert [rule for rule in STATE_RULE if f"- {rule}." not in PAGE] == []
    assert FLAG_RULE[1:] in PAGE
