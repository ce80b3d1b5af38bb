"""The dependency audit, against a server that speaks OSV's protocol: what it finds, and what it must not pretend."""

import json
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import serving

from tools.audit.__main__ import ask, main, report
from tools.audit.verdict import KNOWN, judge

VULNERABILITY = {
    "id": "PYSEC-2018-5",
    "aliases": ["CVE-2018-7536"],
    "summary": "A regular expression that takes long.",
}
RANGES = [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "99.1"}]}]


@pytest.fixture
def serve_osv():
    """Serves OSV's query for the packages that are told to be vulnerable."""

    def serve(*vulnerable: str) -> str:
        class Handler(serving.Answering, BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                query = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                name = query["package"]["name"]
                found = {**VULNERABILITY, "affected": [{"package": query["package"], "ranges": RANGES}]}
                self.answer(200, json.dumps({"vulns": [found]} if name in vulnerable else {}).encode())

        server = servers.enter_context(serving.running(ThreadingHTTPServer(("127.0.0.1", 0), Handler)))
        return f"http://127.0.0.1:{server.server_port}/v1/query"

    with ExitStack() as servers:
        yield serve


REQUIREMENTS = "jinja2==3.1.6\nclick==8.5.0"


def test_a_vulnerable_package_is_named_with_the_version_that_is_not(serve_osv):
    url = serve_osv(KNOWN[0], "jinja2")
    with pytest.raises(SystemExit) as refused:
        report(ask(REQUIREMENTS, url), "if-reachable", url)
    assert refused.value.code == (
        "make audit found:\njinja2 3.1.6: PYSEC-2018-5, CVE-2018-7536; fixed in 99.1"
    )  # fmt: skip


def test_packages_without_a_known_vulnerability_pass(serve_osv, capsys):
    url = serve_osv(KNOWN[0])
    report(ask(REQUIREMENTS, url), "required", url)
    assert capsys.readouterr().out == "audit: no known vulnerability in 2 packages\n"


def test_a_service_that_knows_no_vulnerability_at_all_is_not_believed(serve_osv, capsys):
    url = serve_osv()
    verdict = ask(REQUIREMENTS, url)
    with pytest.raises(SystemExit, match="cannot be reached, or knows no vulnerabilities: reach it, set AUDIT_URL"):
        report(verdict, "required", url)
    report(verdict, "if-reachable", url)
    assert capsys.readouterr().out.startswith("audit: NOT DONE: no package was compared")


def test_a_service_that_is_not_there_is_not_believed_either():
    assert not ask(REQUIREMENTS, "http://127.0.0.1:1/v1/query").complete


def test_offline_asks_nobody_and_says_so(capsys):
    main("offline", "http://127.0.0.1:1/")
    told = capsys.readouterr().out
    assert told == "audit: NOT DONE: no package was compared with known vulnerabilities (AUDIT=offline).\n"


def test_an_unknown_mode_is_refused():
    with pytest.raises(SystemExit, match="AUDIT=maybe is not known: use one of required, if-reachable, offline"):
        main("maybe", "")


def test_a_package_that_the_service_does_not_know_leaves_the_audit_incomplete():
    known = {"name": KNOWN[0], "version": KNOWN[1], "vulns": [{"id": "X"}]}
    skipped = {"name": "ours", "skip_reason": "Dependency not found on PyPI and could not be audited"}
    verdict = judge({"dependencies": [known, skipped]})
    assert (verdict.trusted, verdict.complete, verdict.unanswered) == (True, False, ("ours",))
