"""The page about a class of one's own: its files are written down as they stand, packed and asked."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

PAGE = (Path(__file__).parents[2] / "docs" / "how-to" / "python-class.md").read_text()
PROGRAM = Path(sys.executable).parent / "ml-api"
DIGEST = re.compile("[0-9a-f]{64}")


def block(language: str) -> str:
    (found,) = re.findall(rf"(?ms)^```{language}\n(.*?)^```$", PAGE)
    return found


def commands(start: str) -> list[tuple[list[str], str]]:
    found = re.findall(rf"(?m)^\$ ({start} .*)\n((?:(?!\$ |```).*\n)*)", PAGE)
    return [(shlex.split(command), output) for command, output in found]


@pytest.fixture(name="folder", scope="module")
def _folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("class")
    (folder / "flats").mkdir()
    (folder / "flats" / "model.py").write_text(block("python"))
    (folder / "flats" / "prices.json").write_text(block("json"))
    (folder / "rows.csv").write_text(block("csv"))
    return folder


@pytest.fixture(name="digest", scope="module")
def _digest(folder):
    (((_, *arguments), output),) = commands("ml-api pack")
    done = subprocess.run([PROGRAM, *arguments], check=True, cwd=folder, capture_output=True, text=True)
    printed = done.stderr + done.stdout
    # The manifest has the versions of Python and of its libraries, so the digest is this machine's.
    assert DIGEST.sub("", printed) == DIGEST.sub("", output)
    return DIGEST.findall(printed)[0]


@pytest.fixture(name="server", scope="module")
def _server(serve_for_all, folder, digest):
    server = serve_for_all(folder / "bundle", "--sha256", digest).ready()
    server.expects_errors = True  # a refusal by the model's own code is worth a warning
    return server


@pytest.mark.parametrize("place", [0, 1])
def test_the_class_of_the_page_is_packed_served_and_asked(server, place):
    words, output = commands("curl")[place]
    given = [word.replace("http://127.0.0.1:8080", server.url) for word in words]
    answered = subprocess.run([*given, "--silent"], check=True, capture_output=True, text=True).stdout
    assert json.loads(answered) == json.loads(output)
