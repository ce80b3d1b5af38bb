"""The charts of the page, as SVG that is the same each time and can be read on light and dark paper."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure

from bench.catalogue import BARE, EMPTY, OURS, OURS_SKLEARN, OURS_V2
from bench.summary import Summary

GREY, BLUE, LINE = "#7d8590", "#2f81f7", "#b0b6bd"
STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "ml-api",
    "font.family": "sans-serif",
    "font.size": 11,
    "text.color": GREY,
    "axes.labelcolor": GREY,
    "axes.edgecolor": LINE,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.color": GREY,
    "ytick.color": GREY,
}
THEME = "<style>text{fill:#24292f!important}@media(prefers-color-scheme:dark){text{fill:#d0d7de!important}}</style>"
COLOURS = {OURS: BLUE, OURS_V2: BLUE, OURS_SKLEARN: "#8250df", EMPTY: LINE, BARE: LINE}


def charts(results: dict[str, Any]) -> dict[str, str]:
    """Draw all charts: SVG by file name."""
    summary = Summary(results)
    drawn: dict[str, Callable[[Summary], Figure]] = {
        "one-row.svg": _one_row,
        "forest.svg": _forest,
        "overload.svg": _overload,
        "memory.svg": _memory,
    }
    with mpl.rc_context(STYLE):
        return {name: _svg(draw(summary)) for name, draw in drawn.items()}


def _one_row(summary: Summary) -> Figure:
    costs = {peer: summary.closed(peer, "one-row", 32, "cpu_to_empty") for peer in summary.peers}
    return _bars(summary, costs, "CPU of a one-row request, times that of an empty FastAPI endpoint", "{:.3g}×")


def _forest(summary: Summary) -> Figure:
    rates = {peer: summary.closed(peer, "forest", 32, "throughput_to_empty") for peer in summary.peers}
    percent = {peer: rate and 100 * rate for peer, rate in rates.items()}
    title = "Random forest, 32 clients: requests per second, % of an empty FastAPI endpoint"
    return _bars(summary, percent, title, "{:.3g} %", descending=True)


def _memory(summary: Summary) -> Figure:
    held = {peer: summary.session(peer, "iris", "pss") for peer in summary.peers}
    mebibytes = {peer: size and size / 2**20 for peer, size in held.items()}
    return _bars(summary, mebibytes, "Memory of all processes after the load, MiB", "{:.0f}")


def _bars(
    summary: Summary, values: dict[str, float | None], title: str, form: str, *, descending: bool = False
) -> Figure:
    """Draw a bar for each server that has a value, the best on top."""
    known = sorted(((value, peer) for peer, value in values.items() if value is not None), reverse=not descending)
    figure = Figure(figsize=(8.5, 0.34 * len(known) + 0.9), layout="constrained")
    axes = figure.add_subplot()
    axes.set_title(title, fontsize=11, loc="left")
    names = [summary.title(peer) for _, peer in known]
    bars = axes.barh(names, [value for value, _ in known], color=[COLOURS.get(peer, GREY) for _, peer in known])
    axes.bar_label(bars, [form.format(value) for value, _ in known], padding=4)
    axes.margins(x=0.12)
    axes.xaxis.set_visible(False)
    axes.spines["bottom"].set_visible(False)
    axes.tick_params(left=False)
    return figure


def _overload(summary: Summary) -> Figure:
    """Draw what is answered in time, and how late, beside what is asked."""
    figure = Figure(figsize=(8.5, 4.2), layout="constrained")
    left, right = figure.subplots(1, 2)
    for peer in reversed(summary.peers):
        points = summary.opened(peer, "one-row")
        capacity = summary.closed(peer, "one-row", 32, "throughput")
        if not points or not capacity:
            continue
        loads = [point["load"] for point in points]
        look = {"color": COLOURS.get(peer, GREY), "linewidth": 2.2 if peer == OURS else 1, "marker": "."}
        look["alpha"] = 1.0 if peer in COLOURS else 0.55
        label = summary.title(peer) if peer in COLOURS else None
        left.plot(loads, [100 * point["goodput"] / capacity for point in points], label=label, **look)
        late = [(point["load"], point["p99_ms"]) for point in points if point["p99_ms"]]
        right.plot([load for load, _ in late], [value for _, value in late], **look)
    left.plot([], [], color=GREY, alpha=0.55, label="the peers")
    left.set_title("Answered in time, % of capacity", fontsize=11, loc="left")
    right.set_title("p99 from the intended start, ms", fontsize=11, loc="left")
    right.set_yscale("log")
    right.yaxis.set_major_formatter("{x:,g}")
    left.set_ylim(bottom=0)
    for axes in (left, right):
        axes.set_xlabel("requests asked, times the server's own capacity")
    figure.legend(loc="outside lower center", ncols=4, frameon=False, fontsize=10)
    return figure


def _svg(figure: Figure) -> str:
    text = io.StringIO()
    figure.savefig(text, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    head, mark, rest = text.getvalue().partition("<defs>")
    return "\n".join(line.rstrip() for line in f"{head}{THEME}\n {mark}{rest}".splitlines()) + "\n"
