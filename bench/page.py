"""The page of the benchmark, made of its results."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from bench.catalogue import MODELS, PEERS, WORKLOADS, Peer, Workload, is_measured
from bench.reasons import REASONS
from bench.summary import Summary
from bench.targets import Target, targets

MEBIBYTE = 2**20
CLIENTS = (1, 32, 256)
HEAD = """\
# Benchmarks

`make bench` measures this service and its peers in one run on one machine, and writes this page, the charts and
[the results](../bench/results/latest.json). Each server has one worker on one core; the load comes from the other core.
The machine is shared and its speed drifts, so nothing here is worth anything as an absolute time: **what counts are
ratios within the run**. "×" is times the empty FastAPI endpoint, measured moments before each server.
"""
LIMITS = """\
## What this does not show

- One machine of two cores. The load generator needs one of them, so nothing is said of several workers or a network.
- Every peer is set up as its documentation says for one worker, with access logs and telemetry off. Someone who knows
  one of them better may make it faster: `bench/peers/` has each in a few lines.
- The models are small. The dearer a model, the less its server matters: with a model of 100 ms all of them are equal.
- ONNX changes the model's arithmetic; `pack` proves it on the user's rows. The peers serve the scikit-learn model, as
  they do by themselves; the row "ml-api (scikit-learn)" compares like with like.
- The peers have features that cost time and that ml-api lacks, such as gRPC, several models in a server, or tracing.
- The load asks for uncompressed answers. Clients that ask for gzip get it from ml-api, and pay for it.
- MLServer, KServe and BentoML keep metrics, as ml-api does; LitServe, vetiver, MLflow and the tutorial's app keep none.
- A cell lasts seconds. What happens over hours is the matter of `make soak`.
- An open loop has at most 1,000 connections. A request that finds none free starts late, and that counts as latency.
"""


def page(results: dict[str, Any]) -> str:
    """Write the page."""
    summary = Summary(results)
    parts = [
        HEAD,
        _about(results["about"]),
        _targets(targets(summary)),
        "## One row\n\n![CPU of a one-row request](benchmarks/one-row.svg)\n",
        _one_row(summary),
        "## Other requests and models\n\n![Requests per second for a random forest](benchmarks/forest.svg)\n",
        _workloads(summary),
        "## Beyond saturation\n\n![Answered in time and p99 by load](benchmarks/overload.svg)\n",
        *(_open(summary, workload) for workload in WORKLOADS if workload.is_open),
        _features(results.get("features", [])),
        _rows(results.get("rows", [])),
        "## Start, memory, disk\n\n![Memory after the load](benchmarks/memory.svg)\n",
        _lives(summary),
        _profile(results.get("profile", [])),
        _failures(summary),
        LIMITS,
    ]
    return "\n".join(part for part in parts if part)


def _about(about: dict[str, Any]) -> str:
    return (
        f"Measured on {about['date']} at commit `{about['commit']}`, in {about['minutes']:.0f} minutes with "
        f"{about['seconds_a_cell']:g} seconds a cell, on {about['cores']} cores ({about['cpu']}), "
        f"{about['memory_gib']} GiB, Linux {about['kernel']}; load average {about['load_average']} at the end. "
        f"The empty endpoint itself took {about['empty_lowest_us']:.0f} to {about['empty_highest_us']:.0f} µs "
        "of CPU a request over the run: that is the noise.\n"
    )


def _targets(found: Sequence[Target]) -> str:
    words = {True: "reached", False: "**missed**", None: "not measured"}
    rows = [(target.text, target.measured, words[target.is_reached]) for target in found]
    missed = [target.text for target in found if target.is_reached is False]
    reasons = "".join(f"- *{text}*: {REASONS.get(text, 'no reason is known yet')}.\n" for text in missed)
    return "## Targets\n\n" + _table(("target", "measured", ""), "l>l", rows) + (f"\n{reasons}" if missed else "")


def _one_row(summary: Summary) -> str:
    """Write CPU and throughput for each number of clients."""
    rows = []
    for peer in summary.peers:
        cells = [summary.closed(peer, "one-row", clients, "cpu_to_empty") for clients in CLIENTS]
        rate = summary.closed(peer, "one-row", 32, "throughput_to_empty")
        if any(cells):
            rows.append((_title(summary, peer), *map(_times, cells), _percent(rate), *_latency(summary, peer)))
    heads = ("", *(f"CPU, {_clients(clients)}" for clients in CLIENTS), "requests/s, 32 clients", "p50", "p99")
    note = "Requests per second are a share of the empty endpoint's; p50 and p99 belong to the 32 clients.\n\n"
    return note + _table(heads, "l>>>>>>", rows)


def _latency(summary: Summary, peer: str) -> Iterable[str]:
    return (_milliseconds(summary.closed(peer, "one-row", 32, name)) for name in ("p50_ms", "p99_ms"))


def _workloads(summary: Summary) -> str:
    shown = [workload for workload in WORKLOADS if workload.name != "one-row"]
    peers = [peer for peer in PEERS if peer.name in summary.peers and not peer.is_floor]
    rows = [(_title(summary, peer.name), *(_cell(summary, peer, workload) for workload in shown)) for peer in peers]
    models = "".join(f"- {name}: {text}\n" for name, text in MODELS.items())
    note = "CPU of a request; 32 clients, but 4 for 10,000 rows.\n\n"
    return note + _table(("", *(workload.title for workload in shown)), "l" + ">" * len(shown), rows) + "\n" + models


def _cell(summary: Summary, peer: Peer, workload: Workload) -> str:
    value = summary.closed(peer.name, workload.name, workload.clients[-1], "cpu_to_empty")
    if value is None and is_measured(peer, workload) and not peer.is_ours:
        return "failed"
    return _times(value)


def _open(summary: Summary, workload: Workload) -> str:
    """Write goodput and latency for each load."""
    rows = []
    for peer in summary.peers:
        cells = summary.opened(peer, workload.name)
        capacity = summary.closed(peer, workload.name, 32, "throughput")
        if cells and capacity:
            rows.append((_title(summary, peer), *(_loaded(cell, capacity) for cell in cells)))
    loads = ("0.5×", "0.8×", "1×", "2×")
    note = (
        f"{workload.title[0].upper()}{workload.title[1:]}: what was answered in time, as a share of the server's own "
        "capacity with 32 clients; then p50 / p99 / p99.9 of the accepted in milliseconds, from the intended start.\n\n"
    )
    return note + _table(("asked", *loads), "l>>>>", rows) if rows else ""


def _loaded(cell: dict[str, Any], capacity: float) -> str:
    late = " / ".join("–" if cell[name] is None else _short(cell[name]) for name in ("p50_ms", "p99_ms", "p999_ms"))
    return f"{100 * cell['goodput'] / capacity:.0f} %<br>{late}"


def _features(found: Sequence[dict[str, Any]]) -> str:
    if not found:
        return ""
    rows = [
        (
            feature["feature"],
            feature["switch"],
            f"{feature['added_us']:+.1f} µs",
            f"{feature['lowest_us']:+.1f} to {feature['highest_us']:+.1f}",
            f"{100 * feature['to_empty']:+.1f} %",
        )
        for feature in found
    ]
    heads = ("feature", "switched by", "adds to a one-row request", "rounds from, to", "of the empty endpoint")
    return "## Added by each feature\n\n" + _table(heads, "ll>>>", rows)


def _rows(found: Sequence[dict[str, Any]]) -> str:
    if not found:
        return ""
    rows = [
        (
            f"{size['rows']:,}",
            f"{size['cpu_us'] / size['rows']:.3g} µs",
            f"{size['cpu_us'] / size['model_cpu_us']:.2f}×",
            f"{size['memory_bytes'] / MEBIBYTE:.1f} MiB",
            f"{size['memory_bytes'] / size['tensor_bytes']:.1f}×" if size["tensor_bytes"] >= MEBIBYTE else "",
            f"{size['model_memory_bytes'] / MEBIBYTE:.1f} MiB",
        )
        for size in found
    ]
    heads = (
        *("rows", "CPU a row", "of the call of the model itself"),
        *("memory at the peak", "of the tensor's bytes", "the call of the model itself"),
    )
    note = (
        "Four FP64 numbers a row, in binary over V2; linear, in ONNX. Memory is what the first such request adds.\n\n"
    )
    return "## Rows in one request\n\n" + note + _table(heads, ">>>>>>", rows)


def _lives(summary: Summary) -> str:
    rows = []
    for name in summary.peers:
        peer = summary.results["peers"][name]
        start, cpu, pss, processes = (
            summary.session(name, "iris", figure)
            for figure in ("start_seconds", "start_cpu_seconds", "pss", "processes")
        )
        rows.append(
            (
                _title(summary, name),
                ", ".join(f"{package} {version}" for package, version in peer.get("versions", {}).items()),
                "" if start is None else f"{start:.1f} s",
                "" if cpu is None else f"{cpu:.1f} s",
                "" if pss is None else f"{pss / MEBIBYTE:.0f} MiB",
                "" if processes is None else str(processes),
                f"{peer['disk_bytes'] / MEBIBYTE:.0f} MiB" if "disk_bytes" in peer else "",
            )
        )
    heads = ("", "versions", "start", "CPU of the start", "memory (PSS)", "processes", "environment on disk")
    return _table(heads, "ll>>>>>", rows)


def _profile(found: Sequence[dict[str, Any]]) -> str:
    if not found:
        return ""
    rows = [(entry["where"], f"{100 * entry['share']:.0f} %") for entry in found]
    note = (
        "Where the processor time of one-row requests to ml-api (ONNX) goes, by py-spy. Native code counts for its "
        "caller: `Runner.run` is uvloop (its loop, sockets and system calls), `RequestResponseCycle.send` is uvicorn "
        "writing the answer.\n\n"
    )
    return "## Profile\n\n" + note + _table(("where", "share"), "l>", rows)


def _failures(summary: Summary) -> str:
    failed = [
        (_title(summary, session["peer"]), session["model"], session["failed"])
        for session in summary.results["sessions"]
        if "failed" in session
    ]
    failed += [(peer["title"], "", peer["failed"]) for peer in summary.results["peers"].values() if "failed" in peer]
    rows = [(title, model, f"`{reason.replace('`', ' ').replace('|', ' ')}`") for title, model, reason in failed]
    return "## Failed\n\n" + _table(("server", "model", "what it said"), "lll", rows) if rows else ""


def _table(heads: Sequence[str], aligned: str, rows: Iterable[Sequence[str]]) -> str:
    rule = "".join("|--:" if side == ">" else "|---" for side in aligned) + "|"
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join(["| " + " | ".join(heads) + " |", rule, *lines]) + "\n"


def _title(summary: Summary, peer: str) -> str:
    title = summary.title(peer)
    return f"**{title}**" if title.startswith("ml-api") else title


def _clients(number: int) -> str:
    return "1 client" if number == 1 else f"{number} clients"


def _short(value: float) -> str:
    """Write three digits, without an exponent."""
    return f"{float(f'{value:.3g}'):,.12g}"


def _times(value: float | None) -> str:
    return "" if value is None else f"{_short(value)}×"


def _percent(value: float | None) -> str:
    return "" if value is None else f"{100 * value:.3g} %"


def _milliseconds(value: float | None) -> str:
    return "" if value is None else f"{_short(value)} ms"
