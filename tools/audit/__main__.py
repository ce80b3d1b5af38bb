"""``python3 -m tools.audit required|if-reachable|offline [URL]``: what ``make audit`` runs."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile

from tools.audit.verdict import KNOWN, Verdict, judge
from tools.base.paths import ROOT

MODES = ("required", "if-reachable", "offline")
NOT_DONE = "audit: NOT DONE: no package was compared with known vulnerabilities"
EXPORT = ("export", "--locked", "--all-extras", "--all-groups", "--no-emit-project", "--no-hashes", "--quiet")
LONGEST_SECONDS = 300
SHOWN = 5


def main(mode: str, url: str) -> None:
    """Audit every locked package, those of the tests too; a vulnerability is exit code 1, as is no answer."""
    if mode not in MODES:
        sys.exit(f"make audit: AUDIT={mode} is not known: use one of {', '.join(MODES)}.")
    if mode == "offline":
        print(f"{NOT_DONE} (AUDIT=offline).")
        return
    # What pip-audit itself and checkov are made of has locks of its own, and never meets a model or a client.
    export = subprocess.run([ROOT / "bin/uv", *EXPORT], cwd=ROOT, capture_output=True, text=True, check=True)
    report(ask(export.stdout, url), mode, url)


def report(verdict: Verdict, mode: str, url: str) -> None:
    """Tell a verdict."""
    if verdict.vulnerable:
        sys.exit("\n".join(["make audit found:", *verdict.vulnerable]))
    if verdict.complete:
        print(f"audit: no known vulnerability in {verdict.asked} packages")
        return
    reason = explain(verdict, url)
    if mode == "required":
        sys.exit(f"make audit: {reason}: reach it, set AUDIT_URL to a mirror of OSV, or accept that by AUDIT=offline.")
    print(f"{NOT_DONE}, as {reason}.")


def ask(requirements: str, url: str) -> Verdict:
    """Let pip-audit ask PyPI, or a service that speaks OSV's protocol, about pinned packages."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        file.write(f"{requirements}\n{KNOWN[0]}=={KNOWN[1]}\n")
        file.flush()
        service = ["--vulnerability-service=osv", f"--osv-url={url}"] if url else ["--vulnerability-service=pypi"]
        command = [str(ROOT / "bin/pip-audit"), f"--requirement={file.name}", "--no-deps", "--disable-pip", *service]
        command += ["--format=json", "--progress-spinner=off"]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=LONGEST_SECONDS)
    if not done.stdout.startswith("{"):
        return Verdict((), (), trusted=False, asked=0)
    return judge(json.loads(done.stdout))


def explain(verdict: Verdict, url: str) -> str:
    """Say why a verdict is incomplete."""
    service = url or "PyPI's vulnerability service"
    if not verdict.trusted:
        return f"{service} cannot be reached, or knows no vulnerabilities"
    names = ", ".join(verdict.unanswered[:SHOWN])
    return f"{service} said nothing about {len(verdict.unanswered)} of {verdict.asked} packages ({names})"


if __name__ == "__main__":
    main(*sys.argv[1:3])
