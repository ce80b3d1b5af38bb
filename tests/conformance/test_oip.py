"""The Open Inference Protocol by its own OpenAPI document: a fuzzer asks a real server, and reads its answers."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent / "oip" / ".venv"
TENSOR = {"name": "input", "shape": [1, 4], "datatype": "FP64", "data": [5.1, 3.5, 1.4, 0.2]}
PROTOCOL = 9
"""Operations of the protocol; the others, to generate and to stream, are MLServer's own."""


@pytest.fixture
def document(tmp_path) -> Path:
    """Mend the document, one of whose types JSON Schema does not know, and give it an example for this model."""
    (published,) = FOLDER.glob("lib/python3.*/site-packages/mlserver/rest/openapi/dataplane.json")
    protocol = json.loads(published.read_text().replace('"type": "bytes"', '"type": "string"'))
    # It lists MLServer's own parameters; a server may ignore those that it does not know.
    schemas = protocol["components"]["schemas"]
    schemas["Parameters"] = {"type": "object"}
    # Its own clients send null for none.
    schemas["InferenceRequest"]["properties"]["id"]["nullable"] = True
    for path, item in protocol["paths"].items():
        if path.endswith("/infer"):
            item["post"]["requestBody"]["content"]["application/json"]["example"] = {"id": "42", "inputs": [TENSOR]}
    (tmp_path / "protocol.json").write_text(json.dumps(protocol))
    (tmp_path / "schemathesis.toml").write_text(
        '[parameters]\n"path.model_name" = "iris"\n"path.model_version" = "3"\n'
    )
    return tmp_path / "protocol.json"


def test_what_a_fuzzer_makes_of_the_protocol_is_answered_as_the_protocol_says(iris, document):
    fuzzer = subprocess.run(
        [
            Path(sys.executable).parent / "schemathesis",
            *("run", document.name, "--url", iris.url, "--no-color"),
            *("--phases", "examples,coverage,fuzzing", "--max-examples", "15", "--generation-deterministic"),
            *("--exclude-path-regex", "stream|generate"),
            # The protocol knows no model: what fits its schema need not fit this one.
            *("--exclude-checks", "positive_data_acceptance"),
        ],
        cwd=document.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    assert fuzzer.returncode == 0, fuzzer.stdout + fuzzer.stderr
    assert int(re.search(r"Tested: (\d+)", fuzzer.stdout)[1]) == PROTOCOL
    assert int(re.search(r"(\d+) generated", fuzzer.stdout)[1]) > 300
    assert iris.client.get("/readyz").status_code == 200


def test_the_example_that_the_fuzzer_begins_with_is_a_good_request(iris):
    answer = iris.client.post("/v2/models/iris/versions/3/infer", json={"id": "42", "inputs": [TENSOR]})
    assert answer.status_code == 200
