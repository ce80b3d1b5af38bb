"""The schema: strict, and still usable as part of another chart."""

import copy
import functools
import json
from collections.abc import Iterator

import jsonschema
import pytest
from canaries import NEXT

from tools.base.paths import ROOT
from tools.release.version import SOURCE

VERSION = SOURCE.find(ROOT)
SCHEMA = json.loads((ROOT / "charts" / "ml-api" / "values.schema.json").read_text())
BAD = [
    ({"replicas": 3}, "additional properties 'replicas' not allowed"),
    ({"image": {"tga": "1"}}, "at '/image': additional properties 'tga' not allowed"),
    ({"probes": {"startup": {"httpGett": {}}}}, "at '/probes/startup': additional properties 'httpGett' not allowed"),
    ({"resources": {"limts": {}}}, "at '/resources': additional properties 'limts' not allowed"),
    ({"securityContext": {"runAsUsr": 1}}, "at '/securityContext': additional properties 'runAsUsr' not allowed"),
    ({"fullnameOverride": "1model"}, "at '/fullnameOverride': '1model' does not match pattern"),
    ({"replicaCount": "three"}, "at '/replicaCount': got string, want"),
    ({"replicaCount": -1}, "at '/replicaCount': minimum: got -1, want 0"),
    ({"config": {"drainSeconds": "soon"}}, "at '/config/drainSeconds': got string, want number"),
    ({"config": {"requestTimeoutSeconds": 0}}, "at '/config/requestTimeoutSeconds': exclusiveMinimum"),
    ({"config": {"logLevel": "loud"}}, "at '/config/logLevel': value must be one of"),
    ({"image": {"tag": 1.5}}, "at '/image/tag': got number, want string"),
    ({"image": {"digest": "abc"}}, "at '/image/digest': 'abc' does not match pattern"),
    ({"image": {"digest": "sha256:" + "A" * 64}}, "at '/image/digest'"),
    ({"image": {"repository": ""}}, "at '/image/repository'"),
    ({"image": {"pullPolicy": "Sometimes"}}, "at '/image/pullPolicy': value must be one of"),
    ({"model": {"sha256": "sha256:" + "d" * 64}}, "at '/model/sha256'"),
    (
        {"model": {"uri": "ftp://host/iris", "sha256": "d" * 64}},
        "at '/model/uri': 'ftp://host/iris' does not match pattern",
    ),
    ({"model": {"uri": "https://a b/iris", "sha256": "d" * 64}}, "at '/model/uri': 'https://a b/iris' does not match"),
    ({"service": {"type": "Headless"}}, "at '/service/type': value must be one of"),
    ({"service": {"port": 70000}}, "at '/service/port': maximum"),
    ({"service": {"type": "NodePort", "nodePort": "30080"}}, "at '/service/nodePort': got string, want"),
    ({"service": {"type": "ExternalName", "externalName": "http://x"}}, "at '/service/externalName'"),
    ({"env": {"A-B": [1]}}, "at '/env/A-B': got array, want"),
    ({"env": {"1A": "x"}}, "at '/env': additional properties '1A' not allowed"),
    ({"env": {"A": {"secretKeyRef": {}}}}, "at '/env/A'"),
    ({"imagePullSecrets": ["mine"]}, "at '/imagePullSecrets/0': got string, want object"),
    ({"podDisruptionBudget": {"maxUnavailable": "many"}}, "at '/podDisruptionBudget/maxUnavailable'"),
    ({"autoscaling": {"minReplicas": 0}}, "at '/autoscaling/minReplicas': minimum: got 0, want 1"),
]


@pytest.mark.parametrize(("values", "words"), BAD)
def test_a_wrong_or_misspelt_value_is_refused_by_its_name(refusal, values, words):
    assert words in refusal(values)


def test_the_schema_is_itself_valid_2020_12():
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_every_value_has_a_description():
    def undescribed(node: dict, path: str) -> list[str]:
        groups = [undescribed(child, f"{path}.{name}") for name, child in node.get("properties", {}).items()]
        own = [path] if "properties" not in node and "description" not in node else []
        return own + [name for group in groups for name in group]

    own = {name: node for name, node in SCHEMA["properties"].items() if name != "global"}
    assert undescribed({"properties": own}, "") == []


@pytest.fixture(scope="module")
def parent(chart, tmp_path_factory):
    """An umbrella chart that has this one as a dependency under a condition."""
    folder = tmp_path_factory.mktemp("parent")
    dependency = {"name": "ml-api", "version": VERSION, "repository": f"file://{chart}", "condition": "ml-api.enabled"}
    metadata = {"apiVersion": "v2", "name": "parent", "version": "1.0.0", "dependencies": [dependency]}
    (folder / "Chart.yaml").write_text(json.dumps(metadata))
    (folder / "charts").mkdir()
    (folder / "charts" / "ml-api").symlink_to(chart)
    return folder


def test_it_works_as_part_of_another_chart(run_helm, parent):
    values = {
        "global": {"imageRegistry": "hub.example.com", "other": 1},
        "ml-api": {"enabled": True, "replicaCount": 2},
    }
    assert f'image: "hub.example.com/ml-api:{VERSION}"' in run_helm("template", "iris", parent, values=values)


def test_another_chart_can_leave_it_out(run_helm, parent):
    assert run_helm("template", "iris", parent, values={"ml-api": {"enabled": False}}).strip() == ""


def sections(node: dict, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], bool]]:
    """Where each object of the schema is, and whether the chart needs it."""
    for name, child in node.get("properties", {}).items():
        if definition(child).get("type") == "object":
            yield (*path, name), name in node.get("required", [])
            yield from sections(child, (*path, name))


def definition(node: dict) -> dict:
    names = node.get("$ref", "#").split("/")[1:]
    return functools.reduce(lambda found, name: found[name], names, SCHEMA) if names else node


@pytest.mark.parametrize(
    ("path", "needed"), [pytest.param(*found, id=".".join(found[0])) for found in sections(SCHEMA)]
)
def test_a_section_set_to_null_counts_as_empty_or_is_named(render, refusal, everything, path, needed):
    values = copy.deepcopy(everything) | {"canary": {"enabled": True, "model": NEXT, "image": {"tag": "2"}}}
    functools.reduce(lambda found, name: found.setdefault(name, {}), path[:-1], values)[path[-1]] = None
    if needed:
        assert f"missing property '{path[-1]}'" in refusal(values)
    else:
        assert render(values).text


def test_lists_set_to_null_count_as_empty(render):
    lists = {name: None for name, node in SCHEMA["properties"].items() if definition(node).get("type") == "array"}
    assert len(lists) > 5
    assert render(lists).one("Deployment")


@pytest.mark.parametrize(
    ("values", "missing"),
    [
        ({"image": None}, "at '': missing property 'image'"),
        ({"image": {"repository": None}}, "at '/image': missing property 'repository'"),
        ({"service": {"port": None}}, "at '/service': missing property 'port'"),
        ({"resources": None}, "at '': missing property 'resources'"),
        ({"auth": {"key": None}}, "at '/auth': missing property 'key'"),
        ({"autoscaling": {"maxReplicas": None}}, "at '/autoscaling': missing property 'maxReplicas'"),
    ],
)
def test_what_the_chart_cannot_do_without_is_named(refusal, values, missing):
    assert missing in refusal(values)
