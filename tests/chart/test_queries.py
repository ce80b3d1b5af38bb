"""Every query of the alerts and of the dashboard, held against what the real service exposes."""

import json
import re
from collections.abc import Iterator

import promql_parser
import pytest
from monitoring import dashboard, monitor
from prometheus_client.parser import text_string_to_metric_families

# Prometheus makes `up` itself, and puts these labels on everything that it scrapes.
TARGET_LABELS = {"namespace", "job", "pod", "track"}


@pytest.fixture(scope="session")
def exposed(serve_for_all, iris_bundle) -> list:
    """Every sample that the real service exposes after a prediction, a request for metadata and one for nothing."""
    client = serve_for_all(iris_bundle).ready().client
    assert client.post("/predict", json={"instances": [[5.1, 3.5, 1.4, 0.2]]}).status_code == 200
    assert client.get("/v2/models/iris").status_code == 200
    assert client.post("/nowhere").status_code == 404
    families = text_string_to_metric_families(client.get("/metrics").text)
    return [sample for family in families for sample in family.samples]


def dashboard_queries(board: dict) -> Iterator[tuple[str, str]]:
    constants = {item["name"]: item["query"] for item in board["templating"]["list"]} | {"__rate_interval": "5m"}
    for panel in board["panels"]:
        for target in panel["targets"]:
            yield re.sub(r"\$(\w+)", lambda name: constants[name[1]], target["expr"]), target["legendFormat"]


def assert_exposed(query: str, exposed: list, recorded: set[str] = frozenset(), legend: str = "") -> None:
    """Each series that a query names is one of the service's, with the labels it asks for."""
    named = set(re.findall(r"{{(\w+)}}", legend))
    labels: set[str] = set()
    selected = []

    def visit(node: promql_parser.Expr) -> bool:
        if isinstance(node, promql_parser.AggregateExpr) and node.modifier:
            named.update(node.modifier.labels)
        if isinstance(node, promql_parser.VectorSelector):
            matchers = {item.name: item for item in node.matchers.matchers}
            assert matchers.keys() >= {"namespace", "job"}, f"{query} would read other releases too"
            selected.append(node.name)
            if node.name != "up" and node.name not in recorded:
                found = [sample for sample in exposed if matches(sample, node.name, matchers)]
                assert found, f"the service exposes no such series: {node.prettify()}"
                labels.update(*(sample.labels for sample in found))
        return True

    promql_parser.walk(promql_parser.parse(query), visit)
    assert selected or query.startswith("vector(")
    assert named <= labels | TARGET_LABELS, query


def matches(sample, name: str, matchers: dict) -> bool:
    def agrees(matcher: promql_parser.Matcher) -> bool:
        value = sample.labels.get(matcher.name, "")
        if matcher.op == promql_parser.MatchOp.Equal:
            return value == matcher.value
        assert matcher.op == promql_parser.MatchOp.Re
        return re.fullmatch(matcher.value, value) is not None

    return sample.name == name and all(agrees(item) for item in matchers.values() if item.name not in TARGET_LABELS)


def test_every_way_to_ask_for_a_prediction_is_counted_and_nothing_else(render, exposed):
    texts = [json.dumps(monitor(render, "prometheusRule")), json.dumps(dashboard(render))]
    (pattern,) = {found for text in texts for found in re.findall(r'handler=~[\\]+"([^"\\]+)', text)}
    handlers = {item.labels["handler"] for item in exposed if item.labels.get("method") == "POST"}
    assert {handler for handler in handlers if re.fullmatch(pattern, handler)} == {
        "/predict",
        "/v1/models/{model}:predict",
        "/v2/models/{model}/infer",
        "/v2/models/{model}/versions/{version}/infer",
    }
    assert "none" in handlers


def test_every_query_of_the_dashboard_names_series_that_the_service_exposes(render, exposed):
    queries = list(dashboard_queries(dashboard(render)))
    assert len(queries) > 14
    for query, legend in queries:
        assert_exposed(query, exposed, legend=legend)


def test_every_rule_names_series_that_the_service_exposes_or_that_a_rule_records(render, exposed):
    groups = monitor(render, "prometheusRule")["spec"]["groups"]
    rules = [rule for group in groups for rule in group["rules"]]
    recorded = {rule["record"] for rule in rules if "record" in rule}
    for rule in rules:
        assert_exposed(rule["expr"], exposed, recorded)


def test_the_bounds_offered_for_the_latency_are_the_buckets_that_the_service_has(chart, exposed):
    schema = json.loads((chart / "values.schema.json").read_text())
    offered = schema["properties"]["prometheusRule"]["properties"]["latencySeconds"]["enum"]
    buckets = {float(item.labels["le"]) for item in exposed if item.name == "http_request_duration_seconds_bucket"}
    assert set(offered) == buckets - {float("inf")}
