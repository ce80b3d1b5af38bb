"""Where the objects for Prometheus and Grafana live, what a ServiceMonitor selects, and what is refused."""

import json

import pytest
import yaml
from monitoring import SECTIONS, monitor, on


def test_nothing_for_prometheus_or_grafana_is_rendered_by_default(render):
    kinds = [item["kind"] for item in render().objects]
    assert not {"ServiceMonitor", "PrometheusRule"} & set(kinds)
    assert kinds.count("ConfigMap") == 1


@pytest.mark.parametrize("section", SECTIONS)
def test_an_object_may_live_in_another_namespace_and_then_says_where_it_came_from(render, section):
    metadata = monitor(render, section, namespace="watch", labels={"a": "b"}, annotations={"c": "d"})["metadata"]
    assert metadata["namespace"] == "watch"
    assert metadata["name"].startswith("shop-iris-ml-api")
    assert metadata["labels"].items() >= {"a": "b", "app.kubernetes.io/instance": "iris"}.items()
    assert metadata["annotations"] == {"c": "d"}
    assert monitor(render, section)["metadata"]["name"].startswith("iris-ml-api")


def test_the_service_monitor_selects_the_service_of_this_release_and_no_other(render, run_helm, chart):
    spec = monitor(render, "serviceMonitor", namespace="watch")["spec"]
    assert spec["namespaceSelector"] == {"matchNames": ["shop"]}
    wanted = spec["selector"]["matchLabels"].items()
    service = render().one("Service")
    assert service["metadata"]["labels"].items() >= wanted
    assert spec["endpoints"][0]["port"] in [port["name"] for port in service["spec"]["ports"]]
    text = run_helm("template", "rose", chart, "--namespace", "shop", "--show-only", "templates/service.yaml")
    assert not yaml.safe_load(text)["metadata"]["labels"].items() >= wanted


def test_the_service_monitor_takes_what_prometheus_is_told(render):
    relabeling = [{"sourceLabels": ["__name__"], "regex": "python_.*", "action": "drop"}]
    spec = monitor(
        render,
        "serviceMonitor",
        interval="15s",
        scrapeTimeout="10s",
        honorLabels=True,
        targetLabels=["team"],
        relabelings=relabeling,
        metricRelabelings=relabeling,
    )["spec"]
    assert spec["targetLabels"] == ["team"]
    assert spec["endpoints"] == [
        {
            "port": "http",
            "path": "/metrics",
            "interval": "15s",
            "scrapeTimeout": "10s",
            "honorLabels": True,
            "relabelings": relabeling,
            "metricRelabelings": relabeling,
        }
    ]
    assert monitor(render, "serviceMonitor")["spec"]["endpoints"] == [
        {"port": "http", "path": "/metrics", "honorLabels": False}
    ]


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (
            on("serviceMonitor", interval="10s", scrapeTimeout="1m"),
            "serviceMonitor.scrapeTimeout (1m) is above serviceMonitor.interval (10s)",
        ),
        (on("serviceMonitor", interval="10"), "/serviceMonitor/interval"),
        (on("prometheusRule") | {"replicaCount": 0}, "prometheusRule.absent raises an alert whenever no pod runs"),
        # Of a smaller objective even a total failure would not be 14.4 times too many.
        (on("prometheusRule", availabilityObjective=90), "/prometheusRule/availabilityObjective"),
        (on("prometheusRule", latencyObjective=100), "/prometheusRule/latencyObjective"),
        (on("prometheusRule", latencySeconds=0.3), "/prometheusRule/latencySeconds"),
    ],
)
def test_monitoring_that_cannot_work_is_refused(refusal, values, words):
    assert words in refusal(values)


def test_a_service_without_pods_may_have_the_alerts_but_the_one_on_absence(render):
    rules = render(on("prometheusRule", absent=False) | {"replicaCount": 0}).one("PrometheusRule")
    assert "MlApiTargetAbsent" not in json.dumps(rules)
