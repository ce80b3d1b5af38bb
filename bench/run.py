"""The whole benchmark, step by step."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.catalogue import EMPTY, MODELS, OURS, PEERS, WORKLOADS, Peer, Workload, is_measured
from bench.environments import EnvironmentFailedError, install, size, versions
from bench.features import measure_features
from bench.machine import machine
from bench.models import Trained, train
from bench.narrator import Narrator
from bench.profile import profile
from bench.rows import measure_rows
from bench.server import Running, ServerFailedError, serving
from bench.session import Found, Session, floor

CACHE = Path(".bench").resolve()
WORK = CACHE / "work"
PARTS = ("servers", "features", "rows", "profile")
DEMO = "iris"


@dataclass(frozen=True)
class Plan:
    """What to measure.

    Args:
        peers: Names of servers.
        workloads: Names of workloads.
        parts: Any of :data:`PARTS`.
        seconds: Of each cell.
    """

    peers: tuple[str, ...]
    workloads: tuple[str, ...]
    parts: tuple[str, ...]
    seconds: float

    @property
    def is_whole(self) -> bool:
        """Whether nothing is left out."""
        chosen = len(self.peers), len(self.workloads), len(self.parts)
        return chosen == (len(PEERS), len(WORKLOADS), len(PARTS))


def run(plan: Plan, narrator: Narrator) -> dict[str, Any]:
    """Measure, and give the results."""
    workloads = [workload for workload in WORKLOADS if workload.name in plan.workloads]
    trained: dict[str, Trained] = {}
    for model in dict.fromkeys([DEMO, *(workload.model for workload in workloads)]):
        narrator.tell(f"training {model}: {MODELS[model]}")
        trained[model] = train(model, CACHE / "models" / model)
    described, programs = _install(plan, narrator)
    found = Found()
    extra: dict[str, Any] = {}
    with serving(floor(programs[EMPTY], EMPTY), "/docs", WORK / "reference") as empty:
        if "servers" in plan.parts:
            for session in _sessions(plan, workloads, trained, programs):
                narrator.tell(f"{session.peer.title}, {session.model}")
                session.run(empty, found, narrator.detail)
        extra = _ours(plan, programs[EMPTY], trained[DEMO], empty, narrator)
    references = [session["reference_cpu_us"] for session in found.sessions if "reference_cpu_us" in session]
    about = {
        **machine(),
        "seconds_a_cell": plan.seconds,
        "minutes": round(narrator.seconds / 60, 1),
        "empty_lowest_us": min(references, default=0.0),
        "empty_highest_us": max(references, default=0.0),
    }
    return {"about": about, "peers": described, **vars(found), **extra}


def _install(plan: Plan, narrator: Narrator) -> tuple[dict[str, dict[str, Any]], dict[str, Path]]:
    """Install all environments, one after the other; one that fails is noted, and the others go on."""
    described: dict[str, dict[str, Any]] = {}
    programs: dict[str, Path] = {}
    for peer in PEERS:
        # The empty endpoint is what everything is compared with.
        if peer.name not in (*plan.peers, EMPTY):
            continue
        narrator.tell(f"environment of {peer.title}")
        described[peer.name] = {"title": peer.title}
        try:
            folder = install(peer.environment, CACHE / "environments")
        except EnvironmentFailedError as error:
            if peer.name == EMPTY:
                message = f"bench: the environment of this project cannot be installed: {error}"
                raise SystemExit(message) from None
            described[peer.name]["failed"] = str(error)
            narrator.detail(f"failed: {error}")
            continue
        programs[peer.name] = folder
        described[peer.name] |= {"versions": versions(folder, peer.packages), "disk_bytes": size(folder)}
    return described, programs


def _sessions(
    plan: Plan, workloads: list[Workload], trained: dict[str, Trained], programs: dict[str, Path]
) -> Iterator[Session]:
    """Give a session for each server that could be installed and each model that it serves."""
    for peer in PEERS:
        if peer.name not in plan.peers or peer.name not in programs:
            continue
        for model, parts in _by_model(peer, workloads).items():
            if peer.name == OURS and "onnx" not in trained[model].bundles:
                continue
            folder = WORK / peer.name / model
            yield Session(peer, model, trained[model], parts, programs[peer.name], folder, plan.seconds)


def _by_model(peer: Peer, workloads: list[Workload]) -> dict[str, list[Workload]]:
    parts: dict[str, list[Workload]] = {}
    for workload in workloads:
        if is_measured(peer, workload):
            parts.setdefault(workload.model, []).append(workload)
    return parts


def _ours(plan: Plan, programs: Path, trained: Trained, empty: Running, narrator: Narrator) -> dict[str, Any]:
    """Measure what concerns this service alone."""
    bundle = trained.bundles["onnx"]
    found: dict[str, Any] = {}
    try:
        if "features" in plan.parts:
            narrator.tell("features")
            found["features"] = measure_features(programs, bundle, empty, WORK / "features")
        if "rows" in plan.parts:
            narrator.tell("rows")
            found["rows"] = measure_rows(programs, bundle, trained.rows[:100], WORK / "rows", narrator.detail)
        if "profile" in plan.parts:
            narrator.tell("profile")
            found["profile"] = profile(programs, bundle, WORK / "profile")
    except ServerFailedError as error:
        narrator.detail(f"failed: {error}")
    return found
