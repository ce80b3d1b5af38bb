"""Turn the values of a chart into the tables of its README."""

import json
import re

from tools.chartdocs.comments import Chart, Value

BEGIN = "<!-- values: written by `make chart-docs` from values.yaml -->"
END = "<!-- /values -->"
LONGEST_DEFAULT = 60


def insert(readme: str, chart: Chart) -> str:
    """Replace what stands between the marks in a README.

    Raises:
        ValueError: When the README has not exactly one pair of marks.
    """
    pattern = re.escape(BEGIN) + ".*?" + re.escape(END)
    text, count = re.subn(pattern, lambda _: f"{BEGIN}\n\n{_tables(chart)}\n{END}", readme, flags=re.DOTALL)
    if count != 1:
        message = f"README.md must hold one line {BEGIN!r} and one line {END!r} below it."
        raise ValueError(message)
    return text


def _tables(chart: Chart) -> str:
    parts = []
    for section in chart.sections:
        rows = [_row(leaf) for value in section.values for leaf in value.leaves()]
        intro = f"{section.text}\n\n" if section.text else ""
        parts.append(f"### {section.title}\n\n{intro}| Value | Meaning | Default |\n|---|---|---|\n" + "".join(rows))
    return "\n".join(parts)


def _row(value: Value) -> str:
    default = json.dumps(value.default)
    shown = f"`{default}`" if len(default) <= LONGEST_DEFAULT else "see [values.yaml](values.yaml)"
    cells = (f"`{value.name}`", value.text, shown)
    return f"| {' | '.join(_escape(cell) for cell in cells)} |\n"


def _escape(cell: str) -> str:
    return cell.replace("|", "\\|")
