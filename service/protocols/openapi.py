"""The OpenAPI description of this very model: its features, classes and example."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from service.bundle.datatypes import NUMPY_TYPES, integer_bounds, is_float, is_integer
from service.bundle.signature import InputSpec, OutputSpec
from service.engine.model import ServedModel
from service.protocols.asking import example_inputs, example_rows
from service.protocols.error_schemas import ERROR_CONTENT, PROBLEM_CONTENT, Schema
from service.protocols.paths import PREDICT, V1_PREDICT, V2_INFER, V2_INFER_VERSION
from service.protocols.predict import MODEL_DIGEST

REFUSALS = {
    400: "A value, shape, datatype or name is wrong.",
    408: "The body did not arrive in time.",
    413: "The body, its JSON or its tensors are too large.",
    415: "The Content-Encoding is not supported.",
    500: "The model failed.",
    503: "Overloaded, late or not ready; Retry-After says when to come back.",
}


def describe_paths(model: ServedModel) -> Schema:
    """Describe the tensor paths of a model, for the member ``paths`` of an OpenAPI document."""
    manifest, signature = model.manifest, model.signature
    rows = example_rows(manifest)
    first = signature.outputs[0]
    request = _object({"instances": {"type": "array", "minItems": 1, "items": _row(model)}})
    request_example = {"instances": rows}
    predictions = {"type": "array", "items": _cell(first)}
    response_example = {"predictions": manifest.example.outputs[first.name]}

    named = {"type": "object", "properties": {spec.name: {"type": "array"} for spec in signature.outputs}}
    predict = _operation("Predict", "model", _content(request, request_example))
    predict["parameters"] = [_outputs_parameter(model)]
    answer = _object({"predictions": predictions, "outputs": named}, required=["predictions"])
    _respond(predict, _content(answer, response_example), PROBLEM_CONTENT)
    predict["responses"]["200"]["headers"] = {
        MODEL_DIGEST.title(): {
            "description": "The digest of the bundle that answered.",
            "schema": {"const": model.sha256},
        }
    }

    v1 = _operation("Predict", "KServe V1", _content(request, request_example))
    _respond(v1, _content(_object({"predictions": predictions}), response_example), ERROR_CONTENT)

    v2_request, v2_response = _infer_bodies(model)
    v2 = _operation("Infer", "Open Inference Protocol V2", v2_request)
    _respond(v2, v2_response, ERROR_CONTENT)
    described = {PREDICT: predict, V1_PREDICT: v1, V2_INFER: v2, V2_INFER_VERSION: v2}
    return {
        template.format(model=manifest.name, version=manifest.version): {"post": operation}
        for template, operation in described.items()
    }


def _row(model: ServedModel) -> Schema:
    specs = model.signature.inputs
    first = specs[0]
    if len(specs) > 1:
        return _object({spec.name: _element(spec.datatype, missing=bool(spec.nullable)) for spec in specs})
    if not first.features:
        return _nested(first)
    cells = {name: _element(first.datatype, missing=name in first.nullable) for name in first.features}
    size = len(cells)
    titled = [{**cell, "title": name} for name, cell in cells.items()]
    row = {"type": "array", "prefixItems": titled, "items": False, "minItems": size, "maxItems": size}
    return {"anyOf": [row, _object(cells)]}


def _nested(spec: InputSpec) -> Schema:
    schema = _element(spec.datatype, missing=bool(spec.nullable))
    for size in reversed(spec.shape[1:]) if spec.shape != (-1, 1) else ():
        bounds = {"minItems": 1} if size == -1 else {"minItems": size, "maxItems": size}
        schema = {"type": "array", "items": schema, **bounds}
    return schema


def _cell(spec: OutputSpec) -> Schema:
    schema = _element(spec.datatype, missing=is_float(spec.datatype))
    if spec.labels and len(spec.shape) == 1:
        schema["examples"] = list(spec.labels)
    for _ in spec.shape[1:]:
        schema = {"type": "array", "items": schema}
    return schema


def _element(datatype: str, *, missing: bool) -> Schema:
    if datatype == "BYTES":
        schema: Schema = {"type": "string"}
    elif datatype == "BOOL":
        schema = {"type": "boolean"}
    elif is_integer(datatype):
        low, high = integer_bounds(datatype)
        schema = {"type": "integer", "minimum": low, "maximum": high}
    else:
        schema = {"type": "number"}
    if missing:
        schema["type"] = [schema["type"], "null"]
    return schema


def _infer_bodies(model: ServedModel) -> tuple[Schema, Schema]:
    manifest, given = model.manifest, example_inputs(model.manifest)
    inputs = [_tensor(spec, given[spec.name]) for spec in manifest.inputs]
    outputs = [_tensor(spec, manifest.example.outputs[spec.name]) for spec in manifest.outputs]
    tensor = {
        # The only input is known under any name.
        "name": {"type": "string", "enum": [spec.name for spec in manifest.inputs]}
        if len(inputs) > 1
        else {"type": "string", "minLength": 1},
        "datatype": {"type": "string", "enum": _accepted_datatypes(manifest.inputs)},
        "shape": {"type": "array", "items": {"type": "integer", "minimum": 1}, "minItems": 1},
        "data": {"type": "array"},
        "parameters": {"type": "object"},
    }
    count = len(inputs)
    output = {"name": {"type": "string", "enum": list(model.signature.output_names)}, "parameters": {"type": "object"}}
    request = _open_object(
        {
            "id": {"type": ["string", "null"]},
            "parameters": {"type": "object"},
            "inputs": {
                "type": "array",
                "items": _open_object(tensor, required=["name", "datatype", "shape", "data"]),
                "minItems": count,
                # One matrix may come as one tensor for each of its features.
                "maxItems": max(count, len(model.signature.features)),
            },
            "outputs": {
                "type": "array",
                "items": _open_object(output, required=["name"]),
                "minItems": 1,
                "uniqueItems": True,
            },
        },
        required=["inputs"],
    )
    response = {
        "type": "object",
        "properties": {
            "model_name": {"type": "string"},
            "model_version": {"type": "string"},
            "id": {"type": "string"},
            "outputs": {"type": "array", "items": {"type": "object"}},
        },
        "required": ["model_name", "outputs"],
    }
    answer = {"model_name": manifest.name, "model_version": manifest.version, "outputs": outputs}
    return _content(request, {"inputs": inputs}), _content(response, answer)


def _accepted_datatypes(specs: Sequence[InputSpec]) -> list[str]:
    """List what may be sent: any kind of number is taken for another."""
    exact = {"BYTES", "BOOL"}
    numbers = any(spec.datatype not in exact for spec in specs)
    own = {spec.datatype for spec in specs}
    return [name for name in NUMPY_TYPES if name in own or (numbers and name not in exact)]


def _tensor(spec: InputSpec | OutputSpec, values: Any) -> Schema:  # noqa: ANN401  # the JSON of the manifest
    shape = []
    level = values
    while isinstance(level, list):
        shape.append(len(level))
        level = level[0]
    return {"name": spec.name, "datatype": spec.datatype, "shape": shape, "data": values}


def _outputs_parameter(model: ServedModel) -> Schema:
    names = list(model.signature.output_names)
    return {
        "name": "outputs",
        "in": "query",
        "required": False,
        "description": "Outputs to give besides the predictions.",
        "style": "form",
        "explode": False,
        "schema": {"type": "array", "items": {"type": "string", "enum": names}},
    }


def _operation(summary: str, tag: str, content: Schema) -> Schema:
    return {"summary": summary, "tags": [tag], "requestBody": {"required": True, "content": content}}


def _respond(operation: Schema, answer: Schema, refusal: Schema) -> None:
    operation["responses"] = {
        "200": {"description": "The answer.", "content": answer},
        **{str(status): {"description": text, "content": refusal} for status, text in REFUSALS.items()},
    }


def _content(schema: Schema, example: object) -> Schema:
    return {"application/json": {"schema": schema, "example": example}}


def _open_object(properties: Schema, required: list[str]) -> Schema:
    """Describe an object whose unknown members are ignored."""
    return {"type": "object", "properties": properties, "required": required}


def _object(properties: Schema, required: list[str] | None = None) -> Schema:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties) if required is None else required,
        "additionalProperties": False,
    }
