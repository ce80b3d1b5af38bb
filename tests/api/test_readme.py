"""What the README shows is what happens: its blocks are run, and their output is compared."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import joblib
import pytest
from sklearn.datasets import load_diabetes
from sklearn.ensemble import RandomForestRegressor

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
PROGRAM = Path(sys.executable).parent / "ml-api"
FIRST_OUTPUT = 1e-5
"""Numbers of another processor differ in their last digits."""


def blocks(language: str) -> list[str]:
    return re.findall(rf"(?ms)^```{language}\n(.*?)^```$", README)


def commands(*starts: str) -> list[tuple[str, str]]:
    """Give each command of the README's terminals and what it prints there."""
    found = []
    for block in blocks("console"):
        for part in re.split(r"(?m)^\$ ", block)[1:]:
            command, _, output = part.partition("\n")
            if command.startswith(starts):
                found.append((command, output))
    return found


CURLS = commands("curl ")


@pytest.fixture(scope="module")
def demo(serve_for_all, tmp_path_factory):
    folder = tmp_path_factory.mktemp("readme") / "demo"
    subprocess.run([PROGRAM, "train-demo", "--out", folder], check=True, capture_output=True)
    return serve_for_all(folder).ready()


@pytest.mark.parametrize("command", range(len(CURLS)))
def test_a_request_of_the_readme_is_answered_as_it_says(demo, command):
    line, output = CURLS[command]
    words = shlex.split(line.replace("http://127.0.0.1:8080", str(demo.client.base_url).rstrip("/")))
    answered = json.loads(subprocess.run([*words, "--silent"], check=True, capture_output=True).stdout)
    expected = json.loads(output)
    numbers = answered.get("outputs", {}) if isinstance(answered.get("outputs"), dict) else {}
    for name, rows in numbers.items():
        assert rows == [pytest.approx(row, abs=FIRST_OUTPUT) for row in expected["outputs"].pop(name)]
    answered["outputs"] = expected["outputs"] if numbers else answered.get("outputs")
    assert {name: value for name, value in answered.items() if value is not None} == expected


def test_the_notebook_of_the_readme_makes_a_bundle(tmp_path):
    (script,) = blocks("python")
    subprocess.run([sys.executable, "-c", script], check=True, cwd=tmp_path, capture_output=True)
    assert (tmp_path / "my-model" / "model.json").exists()


def test_a_file_is_packed_and_checked_as_the_readme_says(tmp_path):
    diabetes = load_diabetes(as_frame=True)
    forest = RandomForestRegressor(n_estimators=10, random_state=0).fit(diabetes.data, diabetes.target)
    joblib.dump(forest, tmp_path / "forest.joblib")
    diabetes.data.to_csv(tmp_path / "rows.csv", index=False)
    for line, output in commands("ml-api pack", "ml-api check"):
        done = subprocess.run(
            [PROGRAM, *shlex.split(line)[1:]], check=False, cwd=tmp_path, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        for shown in output.splitlines():
            assert without_figures(shown) in without_figures(done.stdout + done.stderr)


def without_figures(text: str) -> str:
    return re.sub(r"[0-9a-f]{64}|\d+(\.\d+)?(e-\d+)?", "#", text)


def test_every_target_that_the_readme_calls_exists():
    called = re.findall(r"(?m)^(?:\$ )?make ([a-z0-9-]+)|`make ([a-z0-9-]+)", README)
    targets = {first or second for first, second in called}
    makefiles = "".join(path.read_text() for path in [ROOT / "Makefile", *(ROOT / "make").glob("*.mk")])
    known = {name for line in re.findall(r"(?m)^([a-z0-9 -]+):", makefiles) for name in line.split()}
    assert len(targets) > 5
    assert targets <= known


def test_every_page_that_the_documentation_links_to_exists():
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "SECURITY.md", *(ROOT / "docs").rglob("*.md")]
    broken = [
        f"{page.relative_to(ROOT)}: {target}"
        for page in pages
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text())
        if not (page.parent / target).exists()
    ]
    assert broken == []
