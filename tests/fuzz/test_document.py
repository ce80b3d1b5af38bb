"""What a fuzzer makes of the OpenAPI document is answered as the document says."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.parametrize(("name", "chosen"), [("iris", []), ("passengers", ["--include-path", "/predict"])])
def test_what_a_fuzzer_makes_of_the_document_is_answered_as_the_document_says(request, name, chosen, tmp_path):
    server = request.getfixturevalue(name)
    fuzzer = subprocess.run(
        [
            Path(sys.executable).parent / "schemathesis",
            *("run", f"{server.url}/openapi.json", "--no-color"),
            *("--phases", "examples,coverage,fuzzing", "--max-examples", "15", "--generation-deterministic"),
            *chosen,
            # A schema cannot say that a tensor's data fill its shape: a request may fit it and still be wrong.
            *("--exclude-checks", "positive_data_acceptance"),
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert fuzzer.returncode == 0, fuzzer.stdout + fuzzer.stderr
    assert int(re.search(r"(\d+) generated", fuzzer.stdout)[1]) > (10 if chosen else 300)
