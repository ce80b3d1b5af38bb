"""A real Prometheus scrapes the release, and the dashboard's and the alerts' queries find data.

Needs the Prometheus operator and a Prometheus in the cluster, such as kube-prometheus-stack.
"""

import json

import promql_parser
import pytest
from prometheus import RELOAD_SECONDS, Prometheus, find_prometheus
from space import NAME, RELEASE, SETOSA, Space
from traffic import traffic
from waiting import until

BAD = {"body": {"instances": [["not a number"]]}, "answers": []}
# What a Grafana with a scrape interval of 10 s puts in.
RATE_INTERVAL = "40s"


@pytest.fixture
def prometheus(space: Space) -> Prometheus:
    return find_prometheus(space)


@pytest.mark.timeout(1200)
def test_prometheus_finds_the_pods_and_every_query_finds_data(space: Space, prometheus: Prometheus) -> None:
    monitor = {"enabled": True, "interval": "5s", "labels": prometheus.monitor_labels}
    rules = {"enabled": True, "labels": prometheus.rule_labels}
    # A queue this short turns some of the requests away, so that there are errors to be seen.
    tight = {"queueRequests": 1, "inlineMilliseconds": 0}
    space.install(
        {"replicaCount": 2, "config": tight, "serviceMonitor": monitor, "prometheusRule": rules,
         "grafanaDashboard": {"enabled": True}}
    )  # fmt: skip
    space.start_client()
    series = f'up{{namespace="{space.name}",job="{NAME}"}} == 1'
    until(lambda: len(prometheus.query(series)) == 2, "both pods are scraped", RELOAD_SECONDS)

    with traffic(space, questions=(SETOSA, BAD)) as clients:
        queries = dashboard_queries(space)
        assert len(queries) > 15
        missing = until(lambda: settled(prometheus, queries), "every query of the dashboard finds data", 120)
        assert missing == ["none"]
        recorded = recorded_series(space)
        assert len(recorded) > 10
        missing = until(
            lambda: settled(prometheus, recorded), "every series that the alerts compare is there", RELOAD_SECONDS
        )
        assert missing == ["none"]
        clients.stop()

    until(
        lambda: "unknown" not in {state for _, state, _ in rule_health(prometheus, space)},
        "every rule was evaluated",
        120,
    )
    health = rule_health(prometheus, space)
    assert {state for _, state, _ in health} == {"ok"}, health


def rule_health(prometheus: Prometheus, space: Space) -> set[tuple[str, str, str]]:
    """Name, health and last error of each rule of this release; `unknown` is a rule whose turn has not come."""
    groups = [group for group in prometheus.ask("rules")["groups"] if group["name"].startswith(space.name)]
    return {(rule["name"], rule["health"], rule.get("lastError", "")) for group in groups for rule in group["rules"]}


def settled(prometheus: Prometheus, queries: list[str]) -> list[str]:
    """Truthy once every query finds something."""
    missing = [query for query in queries if not prometheus.query(query)]
    return [] if missing else ["none"]


def dashboard_queries(space: Space) -> list[str]:
    """The queries of the dashboard's panels, as Grafana sends them."""
    (config,) = space.get("configmaps", "--selector=grafana_dashboard=1")["items"]
    (text,) = config["data"].values()
    dashboard = json.loads(text)
    variables = {item["name"]: item.get("query", "") for item in dashboard["templating"]["list"]}
    variables |= {"namespace": space.name, "job": NAME, "__rate_interval": RATE_INTERVAL}
    queries = [target["expr"] for panel in dashboard["panels"] for target in panel.get("targets", [])]
    for name, value in variables.items():
        queries = [query.replace(f"${name}", value) for query in queries]
    return queries


def recorded_series(space: Space) -> list[str]:
    """What the alerts compare with their limits."""
    (rule,) = space.get("prometheusrules", f"--selector=app.kubernetes.io/instance={RELEASE}")["items"]
    alerts = [entry["expr"] for group in rule["spec"]["groups"] for entry in group["rules"] if "alert" in entry]
    found: set[str] = set()

    def visit(node: promql_parser.Expr) -> bool:
        if isinstance(node, promql_parser.VectorSelector):
            found.add(str(node))
        return True

    for expression in alerts:
        promql_parser.walk(promql_parser.parse(expression), visit)
    return sorted(found)
