"""The dashboard: one for each release, with a place for each panel and the limits of the pods."""

import itertools
import json

import pytest
import yaml
from monitoring import dashboard


def test_each_release_has_a_dashboard_of_its_own(run_helm, chart):
    def config(release: str, namespace: str) -> tuple[str, str, str]:
        arguments = (
            "--namespace",
            namespace,
            "--set",
            "grafanaDashboard.enabled=true,grafanaDashboard.namespace=watch",
        )
        text = run_helm("template", release, chart, *arguments, "--show-only", "templates/grafana-dashboard.yaml")
        item = yaml.safe_load(text)
        ((file, board),) = item["data"].items()
        assert item["metadata"]["labels"]["grafana_dashboard"] == "1"
        return item["metadata"]["name"], file, json.loads(board)["uid"]

    boards = [config("iris", "shop"), config("rose", "shop"), config("iris", "garden")]
    for parts in zip(*boards, strict=True):
        assert len(set(parts)) == len(boards)


@pytest.mark.parametrize(
    ("limit", "number"),
    [("500m", 0.5), ("2", 2), (1.5, 1.5), (2**29, 2**29), ("512Mi", 2**29), ("1Gi", 2**30), ("2G", 2e9), (None, "Inf")],
)
def test_the_dashboard_draws_the_limits_of_the_pods(render, limit, number):
    board = dashboard(render, {"resources": {"limits": {"cpu": limit, "memory": limit}}})
    constants = {item["name"]: item["query"] for item in board["templating"]["list"]}
    assert float(constants["cpu_limit"]) == float(constants["memory_limit"]) == float(number)


def test_the_panels_of_the_dashboard_have_their_own_ids_and_places(render):
    panels = dashboard(render)["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    places = [
        (x, y)
        for panel in panels
        for spot in [panel["gridPos"]]
        for x, y in itertools.product(range(spot["x"], spot["x"] + spot["w"]), range(spot["y"], spot["y"] + spot["h"]))
    ]
    assert len(set(places)) == len(places)
    assert max(x for x, _ in places) < 24
    assert all(panel["description"] and panel["targets"] for panel in panels)
