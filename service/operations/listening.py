"""The sockets that the server listens on, made before anything else so that an address in use is told at once."""

from __future__ import annotations

import os
import socket

from service.errors import ServiceError

BACKLOG = 2048
"""uvicorn's own default."""


class ListenError(ServiceError):
    """The address cannot be listened on."""


def bind(host: str, port: int) -> list[socket.socket]:
    """Make a socket for each address that a host name stands for.

    Raises:
        ListenError: If the name is unknown, or the address is in use or not ours.
    """
    sockets: list[socket.socket] = []
    try:
        found = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        for family, kind, protocol, _, address in dict.fromkeys(found):
            sockets.append(_bound(socket.socket(family, kind, protocol), address))
    except OSError as error:
        for opened in sockets:
            opened.close()
        reason = os.strerror(error.errno) if error.errno and error.errno > 0 else str(error.strerror or error)
        message = (
            f"Cannot listen on {host}:{port}: {reason.lower()}; choose another address with --host and --port "
            "(ML_API_HOST, ML_API_PORT)."
        )
        raise ListenError(message) from None
    return sockets


def _bound(opened: socket.socket, address: tuple[object, ...]) -> socket.socket:
    try:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if opened.family == socket.AF_INET6:
            # Otherwise it would take the IPv4 address as well, for which there is a socket of its own.
            opened.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        opened.bind(address)
        # Two sockets may be bound to a port while neither listens.
        opened.listen(BACKLOG)
        opened.settimeout(0)
    except OSError:
        opened.close()
        raise
    return opened
