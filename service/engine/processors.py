"""How many processors this process may use."""

from __future__ import annotations

import math
import os
from pathlib import Path

CGROUPS = Path("/sys/fs/cgroup")


def processor_limit(cgroups: Path = CGROUPS) -> int:
    """Count the processors that the container's CPU limit allows, at least one.

    A library that starts a thread for each processor of the node is throttled in a pod with a smaller limit
    (kserve/kserve#1031), so the limit counts: ``cpu.max`` of cgroup v2, ``cpu.cfs_*`` of v1, the affinity otherwise.
    """
    available = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    quota = _quota_v2(cgroups) or _quota_v1(cgroups)
    return max(1, min(available, math.ceil(quota))) if quota else available


def _quota_v2(cgroups: Path) -> float | None:
    try:
        quota, period = (cgroups / "cpu.max").read_text().split()
    except (OSError, ValueError):
        return None
    return None if quota == "max" else int(quota) / int(period)


def _quota_v1(cgroups: Path) -> float | None:
    try:
        quota = int((cgroups / "cpu" / "cpu.cfs_quota_us").read_text())
        period = int((cgroups / "cpu" / "cpu.cfs_period_us").read_text())
    except (OSError, ValueError):
        return None
    return None if quota <= 0 else quota / period
