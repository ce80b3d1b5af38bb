"""Command line: ``python -m tools.chartlint DIRECTORY`` scans the rendered examples in it."""

import sys
from pathlib import Path

from tools.base.paths import ROOT
from tools.chartlint import exceptions, findings


def main(directory: Path) -> int:
    """Scan every example, print the problems and count them."""
    files = sorted(directory.glob("*.yaml"))
    if not files:
        print(f"There is nothing to scan in {directory}.", file=sys.stderr)
        return 1
    try:
        scored = findings.kube_score(files, ROOT / "bin" / "kube-score")
        found = scored + findings.checkov(directory, ROOT / "bin" / "checkov")
    except findings.ScanError as error:
        print(error, file=sys.stderr)
        return 1
    exemptions = exceptions.load(ROOT / "lint-exceptions.yaml")
    problems = exceptions.problems(found, exemptions)
    for problem in problems:
        print(problem, file=sys.stderr)
    if not problems:
        print(
            f"kube-score and checkov: {len(files)} examples, {len(found)} findings, each one an exception with a reason"
        )
    return min(len(problems), 1)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
