"""The OpenAPI description of models that no example of ours has."""

from __future__ import annotations

import jsonschema
import pytest

from service.bundle.manifest import Example, Manifest
from service.bundle.signature import InputSpec, OutputSpec
from service.engine.model import ServedModel
from service.protocols.openapi import describe_paths

EXAMPLES = {
    "an image": (
        InputSpec("image", "UINT8", (-1, 2, -1, 1)),
        [[[[1], [2], [3]], [[4], [5], [6]]]],
        {"instances": [[[[1], [2], [3]], [[4], [5], [6]]]]},
        [{"instances": [[[[1]]]]}, {"instances": [[[[256]], [[1]]]]}, {"instances": [[[], []]]}, {"instances": [1]}],
    ),
    "a flag": (
        InputSpec("flag", "BOOL", (-1, 1)),
        [[True], [False]],
        {"instances": [True, False]},
        [{"instances": [1]}, {"instances": []}, {"instances": [[True, False]]}],
    ),
    "a number that may be missing": (
        InputSpec("number", "FP32", (-1, 1), nullable=("number",)),
        [[0.5], [None]],
        {"instances": [0.5, None]},
        [{"instances": ["0.5"]}, {"instances": [True]}],
    ),
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_rows_of_a_model_without_features_are_described(name):
    spec, example, right, wrong = EXAMPLES[name]
    output = OutputSpec("predict", "INT64", (-1,), labels=(3, 7))
    manifest = Manifest(
        manifest_version=1,
        name="m",
        version="1",
        format="onnx",
        file="model.onnx",
        sha256="0" * 64,
        inputs=(spec,),
        outputs=(output,),
        example=Example({spec.name: example}, {"predict": [3] * len(example)}),
    )
    # The description needs nothing that runs.
    paths = describe_paths(ServedModel(manifest, manifest.signature, "0" * 64, engine=None))
    content = paths["/predict"]["post"]["requestBody"]["content"]["application/json"]
    assert content["example"] == right
    validator = jsonschema.Draft202012Validator(content["schema"])
    assert validator.is_valid(right)
    assert [body for body in wrong if validator.is_valid(body)] == []
    infer = paths["/v2/models/m/infer"]["post"]["requestBody"]["content"]["application/json"]
    jsonschema.Draft202012Validator(infer["schema"]).validate(infer["example"])
    answer = paths["/predict"]["post"]["responses"]["200"]["content"]["application/json"]["schema"]
    assert answer["properties"]["predictions"]["items"]["examples"] == [3, 7]
