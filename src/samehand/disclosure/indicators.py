"""What of a release machines can use: a bundle of STIX 2.1, and a table in the columns of the kill chain that Meta publishes.

Both say no more than the tables do: accounts under the ids that they bear there, sites that at least k accounts of a network
linked to, what the decision rests on, and by which techniques of DISARM. Of an account that no table names, nothing is said.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

import pyarrow as pa

from samehand.casework import Authorised, Finding
from samehand.exchange import TECHNIQUES, decision_objects, defang, phase_name
from samehand.records import disarm_techniques

__all__ = ["kill_chain_of", "stix_of"]

KILL_CHAIN: Final = ("Tactic", "Technique", "Procedure", "Indicator")
LONGEVITY, ENGAGING, DISGUISING, ACQUIRING = 9, 6, 1, 0
PHASE_OF: Final[Mapping[str, int]] = {
    "same_names": DISGUISING, "same_bios": DISGUISING, "same_avatars": DISGUISING, "shared_logins": ACQUIRING,
    "shared_admins": ACQUIRING, "creation": ACQUIRING,
}  # fmt: skip
"""The phase that a finding belongs to; the others are of how it engages."""


def stix_of(
    done: Sequence[Authorised], findings: Sequence[Finding], shown: Mapping[tuple[str, str], str], *, organisation: str,
    release_id: str, at: datetime,
) -> dict[str, Any]:  # fmt: skip
    """A bundle of what was decided, accounts under the ids that the release shows.

    Args:
        done: decisions that were carried out. findings: of their case. shown: platform and id -> the id in the tables; who is
            not in it is left out. organisation: who says so. release_id: of which the bundle is. at: when.

    """
    objects: dict[str, dict[str, Any]] = {}
    for one in done:
        members = tuple(
            replace(member, asset_id=shown[(member.platform, member.asset_id)])
            for member in one.members
            if member.asset_id is not None and not member.cleared and (member.platform, member.asset_id) in shown
        )
        decision = replace(one.decision, digest=f"{release_id}:{one.decision.decision_id}")
        public = replace(one, decision=decision, members=members)
        for item, _ in decision_objects(public, findings, tlp="clear", organisation=organisation, at=at):
            objects.setdefault(item["id"], item)
    return {"type": "bundle", "id": f"bundle--{release_id}", "objects": list(objects.values())}


def kill_chain_of(findings: Sequence[Finding], domains: pa.Table) -> pa.Table:
    """Rows of the kill chain: techniques that findings show, and sites, defanged.

    Args:
        findings: of the case. domains: the release's table, with `value`.

    """
    names = disarm_techniques()
    rows = []
    for name in sorted({one.finding for one in findings if not one.of_account and one.state in ("some", "strong")}):
        if technique := TECHNIQUES.get(name):
            phase = phase_name(PHASE_OF.get(name, ENGAGING))
            rows.append((phase, f"{technique} {names[technique].name}", name.replace("_", " "), ""))
    for value in sorted(set(domains["value"].to_pylist())):
        rows.append((phase_name(ACQUIRING), "Acquiring domains", "A site that its accounts linked to", defang(value)))
    schema = pa.schema([(name, pa.string()) for name in KILL_CHAIN])
    return pa.Table.from_pylist([dict(zip(KILL_CHAIN, row, strict=True)) for row in rows], schema)
