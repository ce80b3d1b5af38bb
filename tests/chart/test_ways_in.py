"""Ingress, HTTPRoute and NetworkPolicy."""

import pytest

BACKEND = {"service": {"name": "iris-ml-api", "port": {"name": "http"}}}
DNS = {"ports": [{"protocol": "UDP", "port": 53}, {"protocol": "TCP", "port": 53}]}


def test_the_ways_in_are_off_by_default(render):
    assert {item["kind"] for item in render().objects}.isdisjoint({"Ingress", "HTTPRoute"})


def test_an_ingress_leads_its_hosts_to_the_service(render):
    hosts = [{"host": "a.example.com"}, {"host": "b.example.com", "paths": [{"path": "/iris", "pathType": "Exact"}]}]
    tls = [{"secretName": "tls", "hosts": ["a.example.com"]}]
    ingress = {"enabled": True, "className": "nginx", "annotations": {"a": "b"}, "hosts": hosts, "tls": tls}
    found = render({"ingress": ingress}).one("Ingress")
    assert found["metadata"]["annotations"] == {"a": "b"}
    assert found["spec"] == {
        "ingressClassName": "nginx",
        "tls": tls,
        "rules": [
            {"host": "a.example.com", "http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": BACKEND}]}},
            {"host": "b.example.com", "http": {"paths": [{"path": "/iris", "pathType": "Exact", "backend": BACKEND}]}},
        ],
    }


def test_an_http_route_leads_its_gateways_to_the_service(render):
    route = {
        "enabled": True,
        "annotations": {"a": "b"},
        "parentRefs": [{"name": "public"}],
        "hostnames": ["iris.example.com"],
        "filters": [{"type": "RequestHeaderModifier", "requestHeaderModifier": {"remove": ["x-secret"]}}],
        "timeouts": {"request": "10s"},
    }
    found = render({"httpRoute": route, "service": {"port": 9000}}).one("HTTPRoute")
    assert found["metadata"]["annotations"] == {"a": "b"}
    assert found["spec"] == {
        "parentRefs": route["parentRefs"],
        "hostnames": route["hostnames"],
        "rules": [
            {
                "backendRefs": [{"name": "iris-ml-api", "port": 9000}],
                "matches": [{"path": {"type": "PathPrefix", "value": "/"}}],
                "filters": route["filters"],
                "timeouts": route["timeouts"],
            }
        ],
    }


def test_the_network_policy_opens_the_service_s_port_and_dns_and_nothing_else(render):
    spec = render({"tests": {"enabled": False}}).one("NetworkPolicy")["spec"]
    assert spec == {
        "podSelector": {
            "matchLabels": {"app.kubernetes.io/instance": "iris"},
            "matchExpressions": [{"key": "app.kubernetes.io/name", "operator": "In", "values": ["ml-api"]}],
        },
        "policyTypes": ["Ingress", "Egress"],
        "ingress": [{"ports": [{"protocol": "TCP", "port": 8080}]}],
        "egress": [DNS],
    }


@pytest.mark.parametrize(
    ("uri", "port"),
    [
        ("https://models.example.com/iris", 443),
        ("http://models.example.com/iris", 80),
        ("https://models.example.com:8443/iris", 8443),
        ("https://models.example.com:0443/iris", 443),
        ("http://[2001:db8::1]:9000/iris", 9000),
        ("http://[2001:db8::1]/iris", 80),
        ("s3://models/iris", 443),
        ("oci://registry.example.com/models/iris:1", 443),
        ("oci://registry.example.com:5000/models/iris:1", 5000),
        ("file:///mnt/iris", None),
    ],
)
def test_the_network_policy_lets_the_model_be_fetched(render, uri, port):
    rendered = render({"model": {"uri": uri, "sha256": "d" * 64}, "tests": {"enabled": False}})
    expected = [DNS] if port is None else [DNS, {"ports": [{"protocol": "TCP", "port": port}]}]
    assert rendered.one("NetworkPolicy")["spec"]["egress"] == expected


def test_the_network_policy_takes_callers_and_further_ways_out(render):
    callers, out = [{"namespaceSelector": {}}], [{"ports": [{"port": 4317}]}]
    rendered = render({"networkPolicy": {"from": callers, "egress": out}, "tests": {"enabled": False}})
    spec = rendered.one("NetworkPolicy")["spec"]
    assert spec["ingress"][0]["from"] == callers
    assert spec["egress"] == [DNS, *out]


def test_the_network_policy_can_be_left_out(render):
    assert render({"networkPolicy": {"enabled": False}}).kind("NetworkPolicy") == []


def test_the_network_policy_knows_that_a_registry_without_tls_has_another_port(render):
    model = {"uri": "oci://registry.example.com/models/iris:1", "sha256": "d" * 64, "fetch": {"plainHttp": True}}
    egress = render({"model": model, "tests": {"enabled": False}}).one("NetworkPolicy")["spec"]["egress"]
    assert egress == [DNS, {"ports": [{"protocol": "TCP", "port": 80}]}]
