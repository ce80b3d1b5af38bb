"""Turn the values of a chart into JSON Schema 2020-12."""

import json
import re
from collections.abc import Callable
from importlib import resources
from typing import Any

from tools.chartdocs.comments import Chart, Value

TYPES = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array"}


def build(chart: Chart) -> dict[str, Any]:
    """Make a schema that knows every value and refuses all others."""
    root = chart.root_schema
    properties = {value.path[-1]: _property(value) for value in chart.values} | root.get("properties", {})
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
    }
    schema |= {key: part for key, part in root.items() if key not in ("properties", "$defs")}
    schema["$defs"] = root.get("$defs", {}) | _kubernetes_definitions(schema)
    return _each_object(schema, _name_definition)


def _property(value: Value) -> dict[str, Any]:
    described: dict[str, Any] = {"description": value.text} if value.text else {}
    if value.children:
        properties = {child.path[-1]: _property(child) for child in value.children}
        return described | {"type": "object", "properties": properties, "additionalProperties": False} | value.schema
    typed = {"type": TYPES[type(value.default)]} if type(value.default) in TYPES else {}
    if value.schema.keys() & {"$ref", "$k8s"}:
        typed = {}
    return described | {"default": value.default} | typed | value.schema


def _name_definition(schema: dict[str, Any]) -> dict[str, Any]:
    """Replace ``{$k8s: io.k8s.api.core.v1.Probe}`` by a reference to that definition."""
    return {
        "$ref" if key == "$k8s" else key: f"#/$defs/{part}" if key == "$k8s" else part for key, part in schema.items()
    }


def _kubernetes_definitions(schema: dict[str, Any]) -> dict[str, Any]:
    """Take the definitions that the schema names, and those they name, from the newest Kubernetes that is installed."""
    folder = resources.files("kubernetes_validate") / "kubernetes-json-schema"
    versions = [entry.name for entry in folder.iterdir() if entry.name.endswith("-local-strict")]
    newest = max(versions, key=lambda name: [int(number) for number in re.findall(r"\d+", name)])
    known = json.loads((folder / newest / "_definitions.json").read_text())["$defs"]
    wanted = re.findall(r'"\$k8s": "([^"]+)"', json.dumps(schema))
    taken: dict[str, Any] = {}
    while wanted:
        name = wanted.pop()
        if name not in taken:
            taken[name] = _each_object(known[name], _without_description)
            wanted += re.findall(r'"\$ref": "#/\$defs/([^"]+)"', json.dumps(taken[name]))
    return dict(sorted(taken.items()))


def _without_description(schema: dict[str, Any]) -> dict[str, Any]:
    """Drop what makes up nine tenths of Kubernetes' definitions and checks nothing."""
    return {
        key: part
        for key, part in schema.items()
        if not key.startswith("x-") and not (key == "description" and isinstance(part, str))
    }


def _each_object(schema: dict[str, Any], change: Callable[[dict[str, Any]], dict[str, Any]]) -> dict[str, Any]:
    changed: dict[str, Any] = json.loads(json.dumps(schema), object_hook=change)
    return changed
