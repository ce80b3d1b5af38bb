"""Find what the chart gives to Prometheus and Grafana in what helm rendered."""

import json

SECTIONS = {"serviceMonitor": "ServiceMonitor", "prometheusRule": "PrometheusRule", "grafanaDashboard": "ConfigMap"}


def on(section: str, **values) -> dict:
    return {section: {"enabled": True} | values}


def monitor(render, section: str, **values) -> dict:
    """The one object of a section."""
    without = render().objects
    (item,) = [
        item
        for item in render(on(section, **values)).objects
        if item["kind"] == SECTIONS[section] and item not in without
    ]
    return item


def dashboard(render, values: dict | None = None, *arguments: str) -> dict:
    config = render(on("grafanaDashboard") | (values or {}), *arguments)
    (item,) = [item for item in config.kind("ConfigMap") if item["metadata"]["name"].endswith("-dashboard")]
    ((_, text),) = item["data"].items()
    return json.loads(text)


def alerts(render, **values) -> list[dict]:
    groups = monitor(render, "prometheusRule", **values)["spec"]["groups"]
    return [rule for group in groups for rule in group["rules"] if "alert" in rule]
