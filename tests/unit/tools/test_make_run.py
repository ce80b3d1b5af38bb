"""`make run` and `make docs-serve`, where they cannot serve."""

import socket

import making
import pytest

TARGETS = [("run", "PORT"), ("docs-serve", "DOCS_PORT")]


@pytest.mark.parametrize(("target", "variable"), TARGETS)
def test_a_port_that_is_taken_is_told_before_anything_is_promised(target, variable):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = making.make(target, {variable: port})
    assert making.refusal(done) == (
        f"make {target}: something listens on port {port} already: "
        f"stop it, or choose another, as in make {target} {variable}=9000"
    )
    assert done.stdout == ""


@pytest.mark.parametrize(("target", "variable"), TARGETS)
@pytest.mark.parametrize("port", ["", "0", "65536", "http"])
def test_what_is_no_port_is_told_before_anything_is_promised(target, variable, port):
    done = making.make(target, {variable: port})
    assert making.refusal(done) == (
        f"make {target}: {variable}={port} is no port: "
        f"give a number from 1 to 65535, as in make {target} {variable}=9000"
    )
    assert done.stdout == ""
