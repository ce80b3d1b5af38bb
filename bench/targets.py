"""The targets of the project, each with what was measured."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from bench.catalogue import BARE, OURS, OURS_SKLEARN
from bench.summary import Summary

CLIENTS = 32
QUEUE_DEADLINE_MS = 5000
LINEAR_FROM, MOST_ROWS = 10_000, 100_000
LINEAR_WITHIN = 1.5


@dataclass(frozen=True)
class Target:
    """A target and whether it was reached.

    Args:
        text: What was aimed at.
        measured: The figure, for people; empty if it was not measured.
        is_reached: None if it was not measured.
    """

    text: str
    measured: str = ""
    is_reached: bool | None = None


def targets(summary: Summary) -> list[Target]:
    """Compare the results with every target."""
    return [
        *_one_row(summary),
        *_forest(summary),
        *_large(summary),
        *_overload(summary),
        _features(summary),
    ]


def _one_row(summary: Summary) -> Iterator[Target]:
    cost = summary.closed(OURS, "one-row", CLIENTS, "cpu_to_empty")
    yield _target(
        "1 row, ONNX, JSON: CPU at most 1.0 times an empty FastAPI endpoint", cost, lambda x: x <= 1, "{:.2f}×"
    )
    for peer in ("mlserver", "kserve"):
        theirs = summary.closed(peer, "one-row", CLIENTS, "cpu_to_empty")
        yield _target(
            f"the same: at least 12 times less than {summary.title(peer) if peer in summary.peers else peer}",
            _ratio(theirs, cost),
            lambda x: x >= 12,  # noqa: PLR2004  # the target
            "{:.1f}× less",
        )
    yield _beside("the same: throughput at least 10 times the best peer", summary, OURS, "one-row", summary.rivals, 10)
    busy = summary.closed(BARE, "one-row", CLIENTS, "cpu_us")
    # What the bare app could do if the load were not the slower of the two.
    capacity = max(summary.closed(BARE, "one-row", CLIENTS, "throughput") or 0, 1e6 / busy) if busy else None
    share = _ratio(summary.closed(OURS, "one-row", CLIENTS, "throughput"), capacity)
    yield _target(
        "the same: throughput at least 30 % of a bare ASGI app that answers a constant",
        share and 100 * share,
        lambda x: x >= 30,  # noqa: PLR2004  # the target
        "{:.0f} %",
    )


def _forest(summary: Summary) -> Iterator[Target]:
    plain, batching = summary.without_batching, ["bentoml-batching"]
    yield _beside(
        "random forest, 1 row, ONNX: at least 40 times the best peer that does not batch",
        summary,
        OURS,
        "forest",
        plain,
        40,
    )
    yield _beside("the same: at least 10 times BentoML with adaptive batching", summary, OURS, "forest", batching, 10)
    yield _beside(
        "random forest, 1 row, scikit-learn: at least 5 times the best peer that does not batch",
        summary,
        OURS_SKLEARN,
        "forest",
        plain,
        5,
    )
    yield _beside("the same: ahead of BentoML with adaptive batching", summary, OURS_SKLEARN, "forest", batching, 1)


def _large(summary: Summary) -> Iterator[Target]:
    sizes = {row["rows"]: row for row in summary.results.get("rows", [])}
    many, most = sizes.get(LINEAR_FROM, {}), sizes.get(MOST_ROWS, {})
    yield _target(
        "10,000 × 4 FP64, binary: at most 3 times the call of the model itself",
        _ratio(many.get("cpu_us"), many.get("model_cpu_us")),
        lambda x: x <= 3,  # noqa: PLR2004  # the target
        "{:.2f}×",
    )
    growth = _ratio(most.get("cpu_us"), many.get("cpu_us"))
    yield _target(
        f"1 to 100,000 rows: cost grows linearly (ten times the rows: at most {10 * LINEAR_WITHIN:.0f} times the cost)",
        growth,
        lambda x: x <= 10 * LINEAR_WITHIN,
        "{:.1f}×",
    )
    yield _target(
        "100,000 rows: memory of a request at most 6 times its tensor's bytes",
        _ratio(most.get("memory_bytes"), most.get("tensor_bytes")),
        lambda x: x <= 6,  # noqa: PLR2004  # the target
        "{:.1f}×",
    )


def _overload(summary: Summary) -> Iterator[Target]:
    cases = (
        ("a model of milliseconds (forest, scikit-learn)", OURS_SKLEARN, "forest", 90),
        ("the fastest (linear, ONNX)", OURS, "one-row", 60),
    )
    for name, peer, workload, percent in cases:
        cells = summary.opened(peer, workload)
        beyond = next((cell for cell in cells if cell["load"] == 2), {})  # noqa: PLR2004  # twice the capacity
        capacity = summary.closed(peer, workload, CLIENTS, "throughput") or 0
        peak = max([capacity, *(cell["goodput"] for cell in cells)])
        share = _ratio(beyond.get("goodput"), peak or None)
        yield _target(
            f"twice the capacity, {name}: goodput at least {percent} % of the peak",
            share and 100 * share,
            partial(_is_at_least, percent),
            "{:.0f} %",
        )
        yield _target(
            "the same: p99 of the accepted within the queue's deadline of 5 seconds",
            beyond.get("p99_ms"),
            lambda x: x <= QUEUE_DEADLINE_MS,
            "{:,.0f} ms",
        )


def _features(summary: Summary) -> Target:
    found = len(summary.results.get("features", []))
    text = "what validation, metrics and batching add is listed, each measured by switching it off"
    return Target(text, f"{found} features", is_reached=True) if found else Target(text)


def _beside(text: str, summary: Summary, ours: str, workload: str, rivals: Iterable[str], least: float) -> Target:
    """Compare throughputs, each as a share of the empty endpoint's moments before."""
    best = summary.best(rivals, workload, CLIENTS)
    share = summary.closed(ours, workload, CLIENTS, "throughput_to_empty")
    target = _target(text, _ratio(share, best and best[0]), lambda x: x >= least, "{:.1f}×")
    if best is None or not target.measured:
        return target
    return Target(target.text, f"{target.measured} {summary.title(best[1])}", target.is_reached)


def _is_at_least(least: float, value: float) -> bool:
    return value >= least


def _ratio(one: float | None, other: float | None) -> float | None:
    return None if one is None or not other else one / other


def _target(text: str, value: Any, holds: Callable[[Any], bool], form: str) -> Target:  # noqa: ANN401  # a number or nothing
    return Target(text) if value is None else Target(text, form.format(value), is_reached=holds(value))
