"""The findings that are right as they are, each with its reason."""

from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

import yaml

from tools.chartlint.findings import Finding


@dataclass(frozen=True)
class Exemption:
    """One check that may fail for some objects of some examples."""

    check: str
    examples: str
    targets: str
    reason: str

    def covers(self, finding: Finding) -> bool:
        """Tell whether the finding is meant."""
        return (
            finding.check == self.check
            and fnmatch(finding.example, self.examples)
            and fnmatch(finding.target, self.targets)
        )


def load(path: Path) -> list[Exemption]:
    """Read the exceptions; one without a reason is a KeyError."""
    return [
        Exemption(check, entry.get("examples", "*"), entry.get("targets", "*"), entry["reason"])
        for entry in yaml.safe_load(path.read_text(encoding="utf-8"))
        for check in entry["checks"]
    ]


def problems(findings: list[Finding], exemptions: list[Exemption]) -> list[str]:
    """Tell every finding that nothing covers, and every exception that covers nothing any more."""
    found = [finding.sentence for finding in findings if not any(item.covers(finding) for item in exemptions)]
    stale = [
        f"the exception of {item.check} for {item.targets} in {item.examples} covers nothing any more; delete it"
        for item in exemptions
        if not any(item.covers(finding) for finding in findings)
    ]
    return found + stale
