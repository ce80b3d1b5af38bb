"""The Prometheus of the cluster's operator."""

import json
import urllib.parse
from dataclasses import dataclass
from typing import Any

from space import Space

RELOAD_SECONDS = 400
"""The kubelet takes a minute and a half to bring a configuration; the reloader, when nothing tells it, three."""


@dataclass(frozen=True)
class Prometheus:
    """A Prometheus of the operator, by way of the cluster's API."""

    space: Space
    path: str
    monitor_labels: dict[str, str]
    rule_labels: dict[str, str]

    def ask(self, what: str, **arguments: str) -> Any:
        query = urllib.parse.urlencode(arguments)
        answer = json.loads(self.space.kubectl("get", f"--raw={self.path}/api/v1/{what}?{query}"))
        assert answer["status"] == "success", answer
        return answer["data"]

    def query(self, expression: str) -> list[dict]:
        return list(self.ask("query", query=expression)["result"])


def find_prometheus(space: Space) -> Prometheus:
    """Find one, and what its monitors and rules must be labelled with."""
    found = space.kube.kubectl("get", "prometheuses.monitoring.coreos.com", "--all-namespaces", "--output=json")
    assert found.ok, f"these tests need the Prometheus operator: {found.errors}"
    (first, *_) = json.loads(found.output)["items"]
    namespace = first["metadata"]["namespace"]
    port = first["spec"].get("portName", "web")
    labels = [first["spec"].get(name, {}).get("matchLabels", {}) for name in ("serviceMonitorSelector", "ruleSelector")]
    return Prometheus(space, f"/api/v1/namespaces/{namespace}/services/prometheus-operated:{port}/proxy", *labels)
