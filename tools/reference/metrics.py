"""The page of all metrics."""

from __future__ import annotations

from prometheus_client.metrics_core import Metric
from prometheus_client.parser import text_string_to_metric_families

from tools.reference.asking import Asked

HEAD = """\
# Metrics

`GET /metrics` tells them in Prometheus' text format. The names are part of the API: they change with a major version
only. A *histogram* is three series, `…_bucket` (with the label `le`), `…_sum` and `…_count`; a *summary* is the last
two. `handler` is the template of a path, never the path itself, so that no client can make new series; the probes and
`/metrics` are not counted. Alerts and dashboard use these: [decision 13](../decisions/0013-monitoring.md) says which.

"""
TABLES = {
    "ml_api_": ("The model", "Of this service."),
    "http_": ("Requests", "Under the names of prometheus-fastapi-instrumentator, so that its dashboards work."),
    "process_": ("The process", "Where the system has `/proc`, as in the images."),
    "python_": ("Python", ""),
}
SHOWN = {"reason", "status", "generation"}
"""Labels whose values are few and the same for every model."""

FOOT = "\nThis page is written by `make reference` from what a running application tells; a test compares them.\n"


def metrics_page(asked: Asked) -> str:
    """Write the page of what an application tells under ``/metrics``."""
    told = list(text_string_to_metric_families(asked.metrics))
    # When a series began is told beside it, and of no interest to people.
    families = sorted((one for one in told if not one.name.endswith("_created")), key=lambda family: family.name)
    return HEAD + "\n".join(_table(prefix, families) for prefix in TABLES) + FOOT


def _table(prefix: str, families: list[Metric]) -> str:
    title, about = TABLES[prefix]
    lines = [
        f"## {title}",
        "",
        *([about, ""] if about else []),
        "| series | type | labels | what |",
        "|---|---|---|---|",
    ]
    lines += [_row(family) for family in families if family.name.startswith(prefix)]
    return "\n".join(lines) + "\n"


def _row(family: Metric) -> str:
    name = f"{family.name}_total" if family.type == "counter" else family.name
    labels: dict[str, dict[str, None]] = {}
    for sample in family.samples:
        for label, value in sample.labels.items():
            if label not in {"le", "quantile"}:
                labels.setdefault(label, {})[value] = None
    shown = ", ".join(_label(label, list(values)) for label, values in sorted(labels.items()))
    return f"| `{name}` | {family.type} | {shown} | {family.documentation} |"


def _label(label: str, values: list[str]) -> str:
    return f"`{label}`" + (f" ({', '.join(values)})" if label in SHOWN else "")
