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
        office: its people. folder: of the replay. steps: says what is done. found: platform's ids by kind.
        decision, case: about them.

    """

    office: Office
    folder: Path
    steps: Steps
    found: dict[str, list[str]] = field(default_factory=dict)
    decision: int = 0
    case: int = 0

    def take_tip(self, url: str, token: str) -> list[tuple[str, str]]:
        """Pull the peer's collection, open a case, and say which of what it names is known here: kind and value."""
        self.steps.say("taking the tip in")
        pulled = Office(self.office.name, self.office.folder, {"SAMEHAND_TAXII_TOKEN": token})(
            "tip", "pull", url, "--source", "The first platform", "--as", "dia"
        )
        self.case = int(self.office("tip", "case", str(pulled["tip"]), "--as", "dia")["case"])
        shown = self.office("tip", "show", str(pulled["tip"]))
        seeds = list[tuple[str, str]]()
        for one in shown["named"]:
            if one["kind"] == "domain":
                seeds.append(("domain", one["value"]))
            elif PEER in one["value"]:
                seeds.append(("asset", one["value"].rstrip("/").rsplit("/", 1)[1]))
        return seeds

    def expand(self, seeds: list[tuple[str, str]]) -> dict[str, Any]:
        """Grow the network from the tip, and bring it into the tip's case; what the command said."""
        self.steps.say("expanding from the tip")
        file, run = self.folder / "seeds.csv", self.folder / "expansion"
        with file.open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream).writerows([("kind", "value"), *seeds])
        said = self.office("expand", self.folder / "b", "--seeds", file, "--out", run, store=False)
        self.office("case", "bring", run, "--dataset", self.folder / "b", "--case", str(self.case), "--as", "dia")
        kinds = dict(zip(*(Dataset.open(self.folder / "b").table("assets", ["asset_id", "kind"])[name].to_pylist()
                           for name in ("asset_id", "kind")), strict=True))  # fmt: skip
        for row in pq.read_table(run / "members.parquet").to_pylist():
            self.found.setdefault(kinds[row["asset_id"]], []).append(row["asset_id"])
        return said

    def is_theirs(self, name: str) -> bool:
        """Whether an asset is the operation's, as the world has it."""
        with (self.folder / "b" / "truth.csv").open(encoding="utf-8", newline="") as stream:
            return next(row["role"] == "team" for row in csv.DictReader(stream) if row["asset_id"] == name)

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
