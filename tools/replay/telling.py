"""What a person says for a release of the replay, as the file that `samehand disclose` reads."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

__all__ = ["OBJECTION", "write_about"]

OBJECTION = "People of our country have a right to their opinions."


def write_about(
    file: Path, title: str, organisation: str, *, found: str, changed: str, audience: Mapping[str, int],
    audited: Mapping[str, int],
) -> None:  # fmt: skip
    """Write `about.toml`.

    Args:
        file: to write. title, organisation: of the release.
        found: the answer to the objection, in figures. changed: what became of it.
        audience: different accounts by measure. audited: sampled, inauthentic, authentic, unclear.

    """
    texts = {
        "title": title,
        "organisation": organisation,
        "saw": "Accounts, pages and groups that were made within days of one another and act as one.",
        "know": "They share devices, tools and addresses that others do not use, and act together beyond chance.",
        "unknown": "Who gave the orders. What the accounts that were stopped before their first post would have said.",
        "appeal": "Write to appeals@platform.example with the reference of your notice.",
    }
    lines = [f"{name} = {json.dumps(text)}" for name, text in texts.items()]
    for table, numbers in (("audience", audience), ("audited", audited)):
        if numbers:
            lines += [f"\n[{table}]", *(f"{name} = {count}" for name, count in numbers.items())]
    lines += [
        "\n[[objections]]", 'who = "A government"', f"says = {json.dumps(OBJECTION)}", f"found = {json.dumps(found)}",
        f"changed = {json.dumps(changed)}",
    ]  # fmt: skip
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
