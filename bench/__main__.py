"""``python -m bench`` measures this service and its peers; a whole run writes the results, the page and the charts."""

from __future__ import annotations

import argparse
import os
import resource
import signal
from collections.abc import Callable, Sequence
from pathlib import Path

from bench.catalogue import PEERS, WORKLOADS
from bench.measure import CLIENT_CORE, SERVER_CORE
from bench.narrator import Narrator
from bench.publish import RESULTS, publish
from bench.results import write
from bench.run import PARTS, Plan, run

PARTIAL = Path(".bench/partial.json")


def main(plan: Plan) -> None:
    """Measure what was asked for; only a whole run replaces the published results."""
    if not {SERVER_CORE, CLIENT_CORE} <= os.sched_getaffinity(0):
        message = "bench: it needs the processors 0 and 1, one for the servers and one for the load"
        raise SystemExit(message)
    os.sched_setaffinity(0, {CLIENT_CORE})
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    narrator = Narrator()
    results = run(plan, narrator)
    if plan.is_whole:
        write(RESULTS, results)
        publish()
        narrator.tell(f"written: {RESULTS}, the page and the charts in docs")
    else:
        write(PARTIAL, results)
        narrator.tell(f"written: {PARTIAL}; only a whole run writes the page")


def _names(known: Sequence[str]) -> Callable[[str], tuple[str, ...]]:
    def read(text: str) -> tuple[str, ...]:
        names = tuple(text.split(","))
        unknown = [name for name in names if name not in known]
        if unknown:
            message = f"{unknown[0]!r} is none of {', '.join(known)}"
            raise argparse.ArgumentTypeError(message)
        return names

    return read


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 < seconds <= 60:  # noqa: PLR2004  # longer cells would take a day
        message = "it must be more than 0 and at most 60"
        raise argparse.ArgumentTypeError(message)
    return seconds


def parse() -> Plan:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    peers, workloads = tuple(peer.name for peer in PEERS), tuple(workload.name for workload in WORKLOADS)
    for option, known in (("--peers", peers), ("--workloads", workloads), ("--parts", PARTS)):
        parser.add_argument(
            option,
            type=_names(known),
            default=known,
            metavar="NAME,...",
            help=f"any of {', '.join(known)}; all by default",
        )
    parser.add_argument("--seconds", type=_seconds, default=3.0, help="of each cell; 3 by default")
    arguments = parser.parse_args()
    return Plan(arguments.peers, arguments.workloads, arguments.parts, arguments.seconds)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        main(parse())
    except KeyboardInterrupt:
        message = "bench: interrupted; nothing was written"
        raise SystemExit(message) from None
