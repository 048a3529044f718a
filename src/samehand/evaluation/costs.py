"""What commands cost: CPU and wall seconds of child processes and their largest peak."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from dataclasses import dataclass

__all__ = ["Cost", "run", "samehand"]


@dataclass(frozen=True)
class Cost:
    """CPU and wall seconds of some commands, and the largest peak of one of them in MiB."""

    cpu_s: float
    wall_s: float
    peak_mib: float


def run(*commands: list[str]) -> Cost:
    """Run commands one after the other and add up what they used."""
    before, begun, peak = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter(), 0.0
    for command in commands:
        child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(child.pid, 0)
        if status:
            sys.exit(f"failed: {' '.join(command)}")
        peak = max(peak, usage.ru_maxrss / 1024)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(cpu, time.perf_counter() - begun, peak)


def samehand(*words: str) -> list[str]:
    """The command line of this samehand."""
    return [sys.executable, "-m", "samehand", *words]
