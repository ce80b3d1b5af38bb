"""``python -m bench`` measures this service and its peers and writes bench/results/latest.json; see ``make bench``."""

from __future__ import annotations

import argparse
import os
import resource
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from bench.catalogue import EMPTY, MODELS, OURS, PEERS, WORKLOADS, Peer, Workload, is_measured
from bench.environments import EnvironmentFailedError, install, size, versions
from bench.machine import machine
from bench.measure import CLIENT_CORE, SERVER_CORE
from bench.models import train
from bench.results import RESULTS, write
from bench.server import serving
from bench.session import Found, Session, empty_command

CACHE = Path(".bench")


class Narrator:
    """Tells each step with the time since the start."""

    def __init__(self) -> None:
        self._start = time.monotonic()

    @property
    def seconds(self) -> float:
        """Since the start."""
        return time.monotonic() - self._start

    def tell(self, text: str) -> None:
        """Write a line."""
        minutes, seconds = divmod(int(self.seconds), 60)
        print(f"{minutes:02d}:{seconds:02d} {text}", file=sys.stderr, flush=True)


def main(arguments: argparse.Namespace) -> None:
    """Measure what was asked for."""
    narrator = Narrator()
    cores = os.sched_getaffinity(0)
    if not {SERVER_CORE, CLIENT_CORE} <= cores:
        message = "bench: it needs the processors 0 and 1, one for the servers and one for the load"
        raise SystemExit(message)
    os.sched_setaffinity(0, {CLIENT_CORE})
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    peers = [peer for peer in PEERS if peer.name in arguments.peers]
    workloads = [workload for workload in WORKLOADS if workload.name in arguments.workloads]

    trained = {}
    for model in dict.fromkeys(workload.model for workload in workloads):
        narrator.tell(f"training {model}: {MODELS[model]}")
        trained[model] = train(model, (CACHE / "models" / model).resolve())
    described, programs = _install(peers, narrator)

    found = Found()
    with serving(empty_command(programs[EMPTY]), "/docs", (CACHE / "work" / "reference").resolve()) as empty:
        for peer in peers:
            if peer.name not in programs:
                continue
            for model, parts in _by_model(peer, workloads).items():
                if peer.name == OURS and "onnx" not in trained[model].bundles:
                    continue
                folder = (CACHE / "work" / peer.name / model).resolve()
                session = Session(peer, model, trained[model], parts, programs[peer.name], folder, arguments.seconds)
                narrator.tell(f"{peer.title}, {model}")
                session.run(empty, found, lambda text: narrator.tell(f"  {text}"))
    write(
        arguments.out,
        {
            "about": {**machine(), "seconds_a_cell": arguments.seconds, "minutes": round(narrator.seconds / 60, 1)},
            "peers": described,
            **vars(found),
        },
    )
    narrator.tell(f"written: {arguments.out}")


def _install(peers: Sequence[Peer], narrator: Narrator) -> tuple[dict[str, dict[str, object]], dict[str, Path]]:
    """Install all environments, one after the other; one that fails is noted."""
    described: dict[str, dict[str, object]] = {}
    programs: dict[str, Path] = {}
    reference = next(peer for peer in PEERS if peer.name == EMPTY)
    for peer in dict.fromkeys([*peers, reference]):
        narrator.tell(f"environment of {peer.title}")
        described[peer.name] = {"title": peer.title}
        try:
            folder = install(peer.environment, CACHE / "environments")
        except EnvironmentFailedError as error:
            described[peer.name]["failed"] = str(error)
            narrator.tell(f"failed: {error}")
            continue
        programs[peer.name] = folder
        described[peer.name] |= {"versions": versions(folder, peer.packages), "disk_bytes": size(folder)}
    return described, programs


def _by_model(peer: Peer, workloads: Sequence[Workload]) -> dict[str, list[Workload]]:
    parts: dict[str, list[Workload]] = {}
    for workload in workloads:
        if is_measured(peer, workload):
            parts.setdefault(workload.model, []).append(workload)
    return parts


def _names(known: Sequence[str]) -> Callable[[str], list[str]]:
    def read(text: str) -> list[str]:
        names = text.split(",")
        unknown = [name for name in names if name not in known]
        if unknown:
            message = f"{unknown[0]!r} is none of {', '.join(known)}"
            raise argparse.ArgumentTypeError(message)
        return names

    return read


def parse() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    peers, workloads = [peer.name for peer in PEERS], [workload.name for workload in WORKLOADS]
    parser.add_argument("--peers", type=_names(peers), default=peers, help="comma-separated; all by default")
    parser.add_argument(
        "--workloads", type=_names(workloads), default=workloads, help="comma-separated; all by default"
    )
    parser.add_argument(
        "--seconds", type=float, default=float(os.environ.get("BENCH_SECONDS") or 3), help="of each cell"
    )
    parser.add_argument("--out", type=Path, default=RESULTS, help="where the results go")
    return parser.parse_args()


if __name__ == "__main__":
    main(parse())
