"""`make run`, where it cannot serve."""

import socket

import making


def test_a_port_that_is_taken_is_told_before_anything_is_promised():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = making.make("run", {"PORT": port})
    assert making.refusal(done) == (
        f"make run: something listens on port {port} already: stop it, or choose another, as in make run PORT=9000"
    )
    assert done.stdout == ""
