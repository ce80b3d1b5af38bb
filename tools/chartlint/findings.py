"""Run the scanners and turn what they say into findings of one shape."""

import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ALMOST_OK = 7  # the grades of kube-score: 1 critical, 5 warning, 7 almost OK, 10 OK


class ScanError(Exception):
    """A scanner did not do its work."""


@dataclass(frozen=True)
class Finding:
    """One check that one object of one example did not pass."""

    check: str
    example: str
    target: str
    text: str

    @property
    def sentence(self) -> str:
        """The finding on one line."""
        return f"{self.example}: {self.target}: {self.check}: {self.text}"


def kube_score(files: list[Path], program: Path) -> list[Finding]:
    """Score each file on its own, as its objects belong together."""
    return [finding for file in files for finding in _scored(file, program)]


def _scored(file: Path, program: Path) -> Iterator[Finding]:
    optional = ("container-seccomp-profile", "container-ports-check")
    enabled = [word for check in optional for word in ("--enable-optional-test", check)]
    for item in _json([str(program), "score", "--output-format", "json", *enabled, str(file)]) or []:
        target = f"{item['type_meta']['kind']}/{item['object_meta']['name']}"
        for check in item["checks"]:
            if check["skipped"] or check["grade"] >= ALMOST_OK:
                continue
            text = "; ".join(comment["summary"] for comment in check["comments"] or [])
            yield Finding(check["check"]["id"], file.stem, target, text)


def checkov(directory: Path, program: Path) -> list[Finding]:
    """Scan a directory with every check for Kubernetes. Nothing is downloaded and nobody is called."""
    answer = _json([str(program), "-d", str(directory), "--framework", "kubernetes", "--skip-download", "-o", "json"])
    if answer["summary"]["parsing_errors"] or not answer["summary"]["resource_count"]:
        message = f"checkov could not read all of {directory}: {answer['summary']}"
        raise ScanError(message)
    return [_failed(check) for check in answer["results"]["failed_checks"]]


def _failed(check: dict[str, Any]) -> Finding:
    kind, _, name = check["resource"].split(".")[:3]
    return Finding(check["check_id"], Path(check["file_abs_path"]).stem, f"{kind}/{name}", check["check_name"])


def _json(command: list[str]) -> Any:  # noqa: ANN401 - whatever the scanner says
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    try:
        return json.loads(result.stdout)
    except json.JSONDecodeError:
        message = f"{' '.join(command)} failed: {result.stderr.strip() or result.stdout.strip()}"
        raise ScanError(message) from None
