"""What an answer of pip-audit means. Pure; asks nobody."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

# A release that every service knows to be vulnerable (CVE-2018-7536 and others), and that no package here wants. Who
# finds nothing in it is a mirror that knows no vulnerabilities, not a service that found none.
KNOWN = ("django", "1.11.0")


@dataclass(frozen=True)
class Verdict:
    """What is known about the packages.

    Args:
        vulnerable: A line for each vulnerability.
        unanswered: Packages that the service could not say anything about.
        trusted: Whether the service knows vulnerabilities at all.
        asked: How many packages it was asked about.
    """

    vulnerable: tuple[str, ...]
    unanswered: tuple[str, ...]
    trusted: bool
    asked: int

    @property
    def complete(self) -> bool:
        """Whether each package was compared with known vulnerabilities."""
        return self.trusted and not self.unanswered


def judge(answer: dict[str, Any]) -> Verdict:
    """Read the JSON that pip-audit writes."""
    vulnerable, unanswered, trusted = [], [], False
    packages = answer["dependencies"]
    for package in packages:
        if package["name"] == KNOWN[0]:
            trusted = bool(package.get("vulns"))
        elif "skip_reason" in package:
            unanswered.append(package["name"])
        else:
            vulnerable += [_describe(package, found) for found in package["vulns"]]
    return Verdict(tuple(vulnerable), tuple(unanswered), trusted, len(packages) - 1)


def _describe(package: dict[str, Any], found: dict[str, Any]) -> str:
    names = ", ".join([found["id"], *found.get("aliases", [])])
    fixed = ", ".join(found.get("fix_versions", []))
    return f"{package['name']} {package['version']}: {names}; {f'fixed in {fixed}' if fixed else 'not fixed yet'}"
