"""The Service in its four types."""

import shutil

import pytest
import yaml

ALL = {
    "ClusterIP": {},
    "NodePort": {"nodePort": 30080, "externalTrafficPolicy": "Local"},
    "LoadBalancer": {
        "nodePort": 30080,
        "externalTrafficPolicy": "Local",
        "loadBalancerClass": "example.com/lb",
        "loadBalancerSourceRanges": ["10.0.0.0/8"],
        "allocateLoadBalancerNodePorts": False,
    },
    "ExternalName": {"externalName": "iris.example.com"},
}
PORT = {"name": "http", "port": 80, "targetPort": "http", "protocol": "TCP", "appProtocol": "http"}
SELECTOR = {"app.kubernetes.io/name": "ml-api", "app.kubernetes.io/instance": "iris"}
BASE = {"selector": SELECTOR, "ports": [PORT], "sessionAffinity": "None"}
WITHOUT_SCHEMA = "--skip-schema-validation"


def spec(render, **service) -> dict:
    return render({"service": service}).one("Service")["spec"]


def test_the_default_leads_port_80_to_the_container_port_by_its_name(render):
    assert spec(render) == BASE | {"type": "ClusterIP"}


def test_a_node_port_is_the_cluster_s_choice_unless_named(render):
    assert spec(render, type="NodePort") == BASE | {"type": "NodePort"}
    assert spec(render, type="NodePort", **ALL["NodePort"]) == BASE | {
        "type": "NodePort",
        "ports": [PORT | {"nodePort": 30080}],
        "externalTrafficPolicy": "Local",
    }


def test_a_load_balancer_has_all_of_its_fields(render):
    fields = dict(ALL["LoadBalancer"])
    ports = [PORT | {"nodePort": fields.pop("nodePort")}]
    assert spec(render, type="LoadBalancer") == BASE | {"type": "LoadBalancer"}
    assert (
        spec(render, type="LoadBalancer", **ALL["LoadBalancer"])
        == BASE | {"type": "LoadBalancer", "ports": ports} | fields
    )


def test_an_external_name_is_an_alias_and_nothing_else(render):
    rendered = render({"service": {"type": "ExternalName", "externalName": "iris.example.com"}})
    assert rendered.one("Service")["spec"] == {"type": "ExternalName", "externalName": "iris.example.com"}
    assert [item["kind"] for item in rendered.objects] == ["Service"]


def test_an_own_port_and_the_fields_of_every_type_reach_the_service(render):
    fields = {
        "internalTrafficPolicy": "Local",
        "trafficDistribution": "PreferSameZone",
        "ipFamilyPolicy": "PreferDualStack",
        "ipFamilies": ["IPv6", "IPv4"],
        "sessionAffinity": "ClientIP",
    }
    found = spec(render, port=9000, **fields)
    assert found.items() >= fields.items()
    assert found["ports"][0]["port"] == 9000


def test_labels_and_annotations_of_the_service_stay_on_it(render):
    rendered = render({"service": {"labels": {"tier": "edge"}, "annotations": {"lb": "internal"}}})
    assert rendered.one("Service")["metadata"]["labels"]["tier"] == "edge"
    assert rendered.one("Service")["metadata"]["annotations"] == {"lb": "internal"}
    assert "tier" not in rendered.one("Deployment")["metadata"]["labels"]


FIELDS = {field: value for fields in ALL.values() for field, value in fields.items()}
MISPLACED = [(kind, field) for kind, own in ALL.items() for field in FIELDS if field not in own]


@pytest.mark.parametrize(("kind", "field"), MISPLACED)
def test_a_field_of_another_type_is_refused_by_the_schema_and_by_the_templates(refusal, kind, field):
    service = {"type": kind, field: FIELDS[field]} | (
        {"externalName": "a.example.com"} if kind == "ExternalName" else {}
    )
    message = refusal({"service": service})
    assert f"at '/service/{field}': value must be one of" in message
    assert "only service.type" in message
    assert f"service.{field} belongs to service.type" in refusal({"service": service}, WITHOUT_SCHEMA)


@pytest.fixture(scope="module")
def unguarded(chart, tmp_path_factory):
    """A copy of the chart without its refusals, which shows what the template of the Service does by itself."""
    copy = tmp_path_factory.mktemp("unguarded") / "ml-api"
    shutil.copytree(chart, copy)
    (copy / "templates" / "refusals.yaml").unlink()
    return copy


@pytest.mark.parametrize("kind", ALL)
def test_no_field_of_another_type_reaches_the_object_whatever_the_values(run_helm, unguarded, kind):
    values = {"service": FIELDS | {"type": kind}}
    text = run_helm("template", "iris", unguarded, "-s", "templates/service.yaml", WITHOUT_SCHEMA, values=values)
    found = yaml.safe_load(text)["spec"]
    present = {field for field in FIELDS if field in found or field in found.get("ports", [{}])[0]}
    assert present == set(ALL[kind])


def test_an_external_name_without_a_name_is_refused(refusal):
    values = {"service": {"type": "ExternalName"}}
    assert "at '/service/externalName': minLength: got 0, want 1" in refusal(values)
    assert "needs service.externalName" in refusal(values, WITHOUT_SCHEMA)
