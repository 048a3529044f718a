"""The second platform: from the tip to its pages, groups and accounts; whom they reached; what is done about them."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from samehand.records import Dataset
from tools.replay.office import Office, Steps
from tools.replay.worlds import PEER

__all__ = ["Second", "serving"]


@contextmanager
def serving(office: Office) -> Iterator[str]:
    """Run `samehand serve` on a store, on this machine only, until the end of the block; its address."""
    process = subprocess.Popen(
        [str(Path(sys.executable).parent / "samehand"), "serve", "--port", "0", "--json"], env=office.variables(),
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        yield str(json.loads(process.stdout.readline())["url"])
    finally:
        process.terminate()
        process.wait(30)


@dataclass
class Second:
    """The platform's work.

    Attributes:
        office: its people. folder: of the replay. steps: says what is done. found: the platform's ids by kind, with what the
            tip names itself; named: how many that is, by kind. decision, case: about them.

    """

    office: Office
    folder: Path
    steps: Steps
    found: dict[str, list[str]] = field(default_factory=dict)
    named: Counter[str] = field(default_factory=Counter)
    decision: int = 0
    case: int = 0

    def take_tip(self, url: str, token: str) -> int:
        """Pull the peer's collection and open a case from the tip that names links; its number."""
        self.steps.say("taking the tip in")
        pulled = Office(self.office.name, self.office.folder, {"SAMEHAND_TAXII_TOKEN": token})(
            "tip", "pull", url, "--source", "The first platform", "--as", "dia"
        )
        numbers = [int(one["tip"]) for one in pulled["tips"]]
        tip = next(one for one in numbers if self.office("tip", "show", str(one))["kinds"].get("url"))
        self.case = int(self.office("tip", "case", str(tip), "--as", "dia")["case"])
        return tip

    def expand(self, tip: int) -> dict[str, Any]:
        """Grow the network from the tip, whose links to our own pages name these, and bring it into the tip's case.

        Returns:
            What the command said.

        """
        self.steps.say("expanding from the tip")
        run, data = self.folder / "expansion", self.folder / "b"
        said = self.office("expand", data, "--tip", str(tip), "--host", PEER, "--out", run)
        self.office("case", "bring", run, "--dataset", data, "--case", str(self.case), "--as", "dia")
        kinds = dict(zip(*(Dataset.open(data).table("assets", ["asset_id", "kind"])[name].to_pylist()
                           for name in ("asset_id", "kind")), strict=True))  # fmt: skip
        for row in pq.read_table(run / "members.parquet").to_pylist():
            self.found.setdefault(kinds[row["asset_id"]], []).append(row["asset_id"])
            self.named.update({kinds[row["asset_id"]]: row["role"] == "seed"})
        return said

    def is_theirs(self, name: str) -> bool:
        """Whether an asset is the operation's, as the world has it."""
        with (self.folder / "b" / "truth.csv").open(encoding="utf-8", newline="") as stream:
            return next(row["role"] == "team" for row in csv.DictReader(stream) if row["asset_id"] == name)

    def audience_of(self, targets: set[str], role: str) -> int:
        """How many accounts the world gives a role with one or more of the targets, counted by hand."""
        rows = Dataset.open(self.folder / "b").table("relations", ["asset_id", "role", "target_id"]).to_pylist()
        return len({row["asset_id"] for row in rows if row["role"] == role and row["target_id"] in targets})

    def count_audience(self) -> Counter[str]:
        """Whom the pages and groups reached: distinct accounts by measure."""
        targets, out = self.folder / "targets.csv", self.folder / "audience.json"
        with targets.open("w", encoding="utf-8", newline="") as stream:
            names = [*self.found.get("page", ()), *self.found.get("group", ())]
            csv.writer(stream).writerows([("asset_id",), *((name,) for name in sorted(names))])
        said = self.office("audience", self.folder / "b", "--targets", targets, "--out", out, store=False)
        return Counter({row["measure"]: int(row["value"]) for row in said["rows"]
                        if row["target_id"] is None and row["value"] is not None and row["unit"] == "accounts"})  # fmt: skip

    def remove(self, url: str, secret: str, state: str) -> int:
        """Two persons decide, and it is done through the platform's own webhook."""
        self.steps.say("deciding about pages, groups and accounts, and acting through the webhook")
        why = "Run by one hand that hides behind several: made within days, from the same devices, with one tool."
        self.decision = int(self.office.decide(self.case, "suspend", "coordinated_inauthentic", why)["decision_id"])
        acting = Office(
            self.office.name, self.office.folder, {"SAMEHAND_WEBHOOK_SECRET": secret, "SAMEHAND_WEBHOOK_STATE": state}
        )
        done = acting(
            "enforce", "run", str(self.decision), "--on", f"webhook:{url}", "--platform", "metabook", "--as", "dia"
        )
        return int(done["done"])

    def claim(self, evidence: Path) -> int:
        """Enter evidence, weigh it, and claim what it reaches, in one signed version; the level."""
        office, case = self.office, str(self.case)
        office("attribute", "evidence", "add", case, "--file", evidence, "--as", "dia")
        reached = str(office("attribute", "weigh", case)["reached"]["level"])
        office("attribute", "claim", case, "--level", reached, "--by", office.key("dia"))
        return int(reached.removeprefix("L"))
