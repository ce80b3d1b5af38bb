"""Sockets to listen on."""

import socket
from contextlib import closing

import pytest

from service.commands.serve import run
from service.operations.listening import ListenError, bind
from service.settings import load_settings

ADVICE = "choose another address with --host and --port (ML_API_HOST, ML_API_PORT)."


@pytest.fixture(name="taken")
def _taken():
    (opened,) = bind("127.0.0.1", 0)
    with closing(opened):
        yield opened.getsockname()


def test_a_free_port_is_listened_on(taken):
    socket.create_connection(taken).close()


def test_a_port_in_use_is_one_sentence(taken, tmp_path):
    with pytest.raises(ListenError) as refused:
        run(load_settings(model_dir=tmp_path, port=taken[1]))
    assert str(refused.value) == f"Cannot listen on 127.0.0.1:{taken[1]}: address already in use; {ADVICE}"


@pytest.mark.parametrize("host", ["192.0.2.1", "no-such-host.invalid"])
def test_an_address_that_is_not_ours_is_told(host):
    with pytest.raises(ListenError, match=f"^Cannot listen on {host}:8080: "):
        bind(host, 8080)


def test_a_name_of_several_addresses_gets_a_socket_for_each(monkeypatch):
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (f"127.0.0.{last}", 0)) for last in (1, 2)]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_arguments, **_named: found)
    sockets = bind("somewhere", 0)
    assert [opened.getsockname()[0] for opened in sockets] == ["127.0.0.1", "127.0.0.2"]
    for opened in sockets:
        opened.close()
