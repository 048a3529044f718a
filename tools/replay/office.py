"""A platform's team and its store: whatever they do is a command of samehand, as they would type it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

__all__ = ["FailedStepError", "Office", "Steps"]

PASSPHRASE = "a passphrase of the replay only"
STAFF = (("dia", "investigator"), ("cem", "reviewer"), ("eva", "appeals"), ("robot", "service"))


class FailedStepError(Exception):
    """A command of samehand did not do what it was told."""


@dataclass
class Steps:
    """What was done and how long it took, said as it happens."""

    begun: float = field(default_factory=time.monotonic)
    taken: list[tuple[str, float]] = field(default_factory=list)

    def say(self, words: str) -> None:
        """Say what begins now."""
        now = time.monotonic() - self.begun
        self.taken.append((words, now))
        print(f"[{int(now) // 60:2d}:{int(now) % 60:02d}] {words}", file=sys.stderr, flush=True)

    @property
    def seconds(self) -> float:
        """Since the beginning."""
        return time.monotonic() - self.begun


@dataclass
class Office:
    """People who work on one store.

    Attributes:
        name: of the platform. folder: of the store and the keys. environment: of the commands, beside the passphrase.

    """

    name: str
    folder: Path
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def store(self) -> str:
        """Where it is."""
        return str(self.folder / "store.sqlite")

    def key(self, who: str) -> str:
        """Where somebody keeps their key."""
        return str(self.folder / f"{who}.key")

    def __call__(self, *arguments: str | Path, store: bool = True, fails: int = 0) -> dict[str, Any]:
        """Run a command with `--json` and give back what it says.

        Raises:
            FailedStepError: its exit code is another than `fails`.

        """
        words = [*map(str, arguments), "--json"]
        done = subprocess.run(
            [str(Path(sys.executable).parent / "samehand"), *words], env=self.variables(store=store),
            stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode != fails:
            raise FailedStepError(f"samehand {' '.join(words)} ended with {done.returncode}:\n{done.stderr[-2000:]}")
        return dict(json.loads(done.stdout)) if done.stdout.lstrip().startswith("{") else {}

    def variables(self, *, store: bool = True) -> dict[str, str]:
        """The environment of a command."""
        own = {"SAMEHAND_PASSPHRASE": PASSPHRASE, **self.environment}
        return {**os.environ, **own, **({"SAMEHAND_STORE": self.store} if store else {})}

    def found(self) -> None:
        """Two persons found the store and sign the policy, and let four others in."""
        self.folder.mkdir(parents=True)
        for who in ("ada", "ben", *(name for name, _ in STAFF)):
            self("case", "key", self.key(who), "--name", who, store=False)
        leads = ("--by", self.key("ada"), "--by", self.key("ben"))
        self("case", "reviewers", "found", self.key("ada"), self.key("ben"))
        for name, role in STAFF:
            self("case", "reviewers", "add", self.key(name), "--role", role, *leads)
        for lead in ("ada", "ben"):
            self("case", "policy", "sign", "--by", self.key(lead))

    def decide(
        self, case: int, action: str, ground: str, why: str, roles: tuple[str, ...] = ("core", "amplifier")
    ) -> dict[str, Any]:
        """Propose by one person, look at a sample and approve by another; the decision and how many it is about."""
        about = [word for role in roles for word in ("--role", role)]
        proposed = self(
            "case", "propose", str(case), "--action", action, "--ground", ground, *about,
            "--why", why, "--by", self.key("dia"),
        )  # fmt: skip
        return self.approve(proposed)

    def approve(self, proposed: dict[str, Any]) -> dict[str, Any]:
        """Let the other person look at a sample and approve."""
        decision = str(proposed["decision_id"])
        self("case", "sample", decision, "--as", "cem")
        return self(
            "case",
            "approve",
            decision,
            "--confirm",
            f"{proposed['action']} {proposed['radius']['accounts']}",
            "--by",
            self.key("cem"),
        )
