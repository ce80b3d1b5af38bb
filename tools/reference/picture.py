"""Boxes and arrows on a grid, from a few lines of TOML to SVG that reads in light and dark."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from html import escape
from typing import Any

COLUMN, ROW, WIDTH, HEIGHT, MARGIN = 196, 104, 164, 64, 16
LINE = 15
STYLE = (
    "text{font:13px system-ui,sans-serif;fill:#1f2328;text-anchor:middle}.note{font-size:11px;fill:#59636e}"
    "rect{fill:#f6f8fa;stroke:#57606a;stroke-width:1.2}rect.group{fill:none;stroke-dasharray:4 4}"
    "path{stroke:#57606a;stroke-width:1.4;fill:none;marker-end:url(#tip)}#tip path{fill:#57606a;stroke:none}"
    "@media(prefers-color-scheme:dark){text{fill:#e6edf3}.note{fill:#9198a1}rect{fill:#161b22;stroke:#8b949e}"
    "path{stroke:#8b949e}#tip path{fill:#8b949e}}"
)
TIP = (
    '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
    '<path d="M0 0 8 4 0 8z"/></marker></defs>'
)


@dataclass(frozen=True)
class _Box:
    left: float
    top: float
    width: float = WIDTH
    height: float = HEIGHT

    @property
    def middle(self) -> tuple[float, float]:
        return self.left + self.width / 2, self.top + self.height / 2


def picture(source: str) -> str:
    """Draw a picture.

    Args:
        source: TOML with ``title``; a table ``box`` by key, each with ``at`` (column, row), ``label`` and an optional
            ``note``; ``group`` tables with ``label`` and the ``boxes`` that they frame; and ``arrows``, pairs
            of keys with an optional label.
    """
    plan: dict[str, Any] = tomllib.loads(source)
    boxes = {key: _Box(MARGIN + item["at"][0] * COLUMN, 24 + item["at"][1] * ROW) for key, item in plan["box"].items()}
    width = max(box.left for box in boxes.values()) + WIDTH + MARGIN
    height = max(box.top for box in boxes.values()) + HEIGHT + MARGIN
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" role="img">',
        f"<title>{escape(plan['title'])}</title><style>{STYLE}</style>",
        TIP,
    ]
    parts += [
        _group(group["label"], [boxes[key] for key in group["boxes"]]) for group in plan.get("group", {}).values()
    ]
    parts += [_box(boxes[key], item["label"], item.get("note", "")) for key, item in plan["box"].items()]
    parts += [_arrow(boxes[arrow[0]], boxes[arrow[1]], *arrow[2:]) for arrow in plan["arrows"]]
    return "\n".join([*parts, "</svg>"]) + "\n"


def _box(box: _Box, label: str, note: str) -> str:
    x, y = box.middle
    lines = note.splitlines()
    top = y + 4 - len(lines) * LINE / 2
    texts = [_text(x, top, label)] + [_text(x, top + LINE * (n + 1), line, "note") for n, line in enumerate(lines)]
    return _rectangle(box) + "".join(texts)


def _group(label: str, boxes: list[_Box]) -> str:
    left, top = min(box.left for box in boxes) - 10, min(box.top for box in boxes) - 20
    right, bottom = max(box.left for box in boxes) + WIDTH + 10, max(box.top for box in boxes) + HEIGHT + 10
    frame = _Box(left, top, right - left, bottom - top)
    return _rectangle(frame, "group") + _text(frame.middle[0], top + 14, label, "note")


def _arrow(start: _Box, end: _Box, label: str = "") -> str:
    (x1, y1), (x2, y2) = start.middle, end.middle
    if start.top == end.top:
        side = 1 if x2 > x1 else -1
        x1, x2 = x1 + side * start.width / 2, x2 - side * end.width / 2
    else:
        side = 1 if y2 > y1 else -1
        y1, y2 = y1 + side * start.height / 2, y2 - side * end.height / 2
    line = f'<path d="M{x1:g} {y1:g} {x2:g} {y2:g}"/>'
    return line + (_text((x1 + x2) / 2, (y1 + y2) / 2 - 5, label, "note") if label else "")


def _rectangle(box: _Box, kind: str = "") -> str:
    css = f' class="{kind}"' if kind else ""
    return f'<rect{css} x="{box.left:g}" y="{box.top:g}" width="{box.width:g}" height="{box.height:g}" rx="8"/>'


def _text(x: float, y: float, text: str, kind: str = "") -> str:
    css = f' class="{kind}"' if kind else ""
    return f'<text{css} x="{x:g}" y="{y:g}">{escape(text)}</text>'
