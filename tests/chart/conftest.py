"""What the tests of the chart share: the real helm, and charts rendered once per set of values."""

import json
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
Values = dict[str, Any]


class Refused(Exception):  # noqa: N818 - it is an answer, not a fault of the tests
    """Helm did not render; the text is its own."""


@dataclass(frozen=True)
class Rendered:
    """The objects that helm rendered."""

    text: str

    @property
    def objects(self) -> list[dict]:
        return [item for item in yaml.load_all(self.text, Loader=yaml.CSafeLoader) if item]

    def kind(self, kind: str) -> list[dict]:
        return [item for item in self.objects if item["kind"] == kind]

    def one(self, kind: str) -> dict:
        (item,) = self.kind(kind)
        return item

    @property
    def pod(self) -> dict:
        """The pod template of the Deployment."""
        return self.one("Deployment")["spec"]["template"]

    @property
    def container(self) -> dict:
        return next(item for item in self.pod["spec"]["containers"] if item["name"] == "ml-api")

    @property
    def env(self) -> dict[str, dict]:
        """The container's own variables by name; a name that comes twice fails."""
        entries = self.container["env"]
        by_name = {entry["name"]: entry for entry in entries}
        assert len(by_name) == len(entries)
        return by_name


@pytest.fixture(scope="session")
def helm() -> str:
    """A helm: $HELM, the one that was built into bin/, or the one on the PATH."""
    given = os.environ.get("HELM")
    candidates = [given] if given else [ROOT / "bin" / "helm", shutil.which("helm")]
    for candidate in candidates:
        if candidate and Path(candidate).is_file():
            return str(candidate)
    pytest.fail(f"No helm at {given or 'bin/helm or on the PATH'}: `make helm` builds the pinned one.", pytrace=False)


@pytest.fixture(scope="session")
def chart() -> Path:
    return ROOT / "charts" / "ml-api"


@pytest.fixture(scope="session")
def run_helm(helm, tmp_path_factory):
    """Call helm with values on its standard input, away from the user's own helm and cluster."""
    home = tmp_path_factory.mktemp("helm")
    clean = {"PATH": os.environ["PATH"], "HOME": str(home), "KUBECONFIG": str(home / "none")}

    def run(*arguments: str | Path, values: Values | None = None, env: dict[str, str] | None = None) -> str:
        given = ["--values", "-"] if values is not None else []
        done = subprocess.run(
            [helm, *map(str, arguments), *given],
            input=json.dumps(values),
            env=clean | (env or {}),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise Refused(done.stderr)
        return done.stdout

    return run


@pytest.fixture(scope="session")
def render(run_helm, chart):
    """Render the chart as release ``iris`` in namespace ``shop``, once for each set of values."""
    cache: dict[str, Rendered] = {}

    def rendered(values: Values | None = None, *arguments: str) -> Rendered:
        key = json.dumps([values, arguments])
        if key not in cache:
            text = run_helm("template", "iris", chart, "--namespace", "shop", *arguments, values=values or {})
            cache[key] = Rendered(text)
        return cache[key]

    return rendered


@pytest.fixture(scope="session")
def refusal(render):
    """Render values that must be refused, and give helm's words as one line."""

    def refused(values: Values, *arguments: str) -> str:
        with pytest.raises(Refused) as caught:
            render(values, *arguments)
        return re.sub(r"\s+", " ", str(caught.value))

    return refused


@pytest.fixture(scope="session")
def everything(chart) -> Values:
    """Every feature that can be on at once, as the lint checks see it too."""
    loaded: Values = yaml.safe_load((chart / "ci" / "everything-on-values.yaml").read_text())
    return loaded
