"""Servers of the benchmark: all their processes are measured, and none outlives it."""

import os
import sys

import psutil
import pytest

from bench.server import ServerFailedError, serving

SUPERVISOR = """
import http.server, os, subprocess, sys
worker = "import time\\nwhile True: sum(range(1000))"
subprocess.Popen([sys.executable, "-c", worker], start_new_session=True)
class Ready(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        self.send_response(200); self.send_header("Content-Length", "0"); self.end_headers()
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Ready).serve_forever()
"""


def test_a_worker_in_a_session_of_its_own_is_measured_and_ended(tmp_path):
    with serving([sys.executable, "-c", SUPERVISOR, "{port}"], "/", tmp_path) as server:
        assert server.footprint().processes == 2
        (worker,) = psutil.Process(server.session).children()
        assert os.getsid(worker.pid) != server.session
        before = server.cpu_seconds()
        while worker.cpu_times().user < 0.1:
            pass
        assert server.cpu_seconds() - before > 0.05
    assert not worker.is_running()


def test_a_server_that_ends_is_told_with_the_last_line_that_it_wrote(tmp_path):
    command = [sys.executable, "-c", "raise SystemExit('there is no model')", "{port}"]
    with pytest.raises(ServerFailedError, match="there is no model"), serving(command, "/", tmp_path):
        pass
