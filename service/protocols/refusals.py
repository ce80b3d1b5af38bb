"""The one table from an exception to a status, for every protocol."""

from __future__ import annotations

from service.errors import (
    BodyTimeoutError,
    BodyTooLargeError,
    InvalidInputError,
    ModelNotReadyError,
    PredictionError,
    RejectedError,
    ServiceError,
    UnauthorizedError,
    UnknownModelError,
    UnsupportedEncodingError,
)
from service.protocols.call import Refusal

STATUS: dict[type[ServiceError], int] = {
    InvalidInputError: 400,
    UnauthorizedError: 401,
    UnknownModelError: 404,
    BodyTimeoutError: 408,
    BodyTooLargeError: 413,
    UnsupportedEncodingError: 415,
    PredictionError: 500,
    ModelNotReadyError: 503,
    RejectedError: 503,
}

_CLOSES = {BodyTimeoutError, BodyTooLargeError}
"""After these the rest of the body is still on its way, so the connection is of no more use."""


def refusal_of(error: ServiceError) -> Refusal:
    """Look an error up; one that is not in the table is a fault of ours."""
    status = STATUS.get(type(error), 500)
    headers: list[tuple[bytes, bytes]] = []
    if isinstance(error, RejectedError):
        headers.append((b"retry-after", str(error.retry_after_seconds).encode()))
    elif isinstance(error, ModelNotReadyError):
        headers.append((b"retry-after", b"1"))
    elif isinstance(error, UnauthorizedError):
        headers.append((b"www-authenticate", b"Bearer"))
    if type(error) in _CLOSES:
        headers.append((b"connection", b"close"))
    message = str(error) if type(error) in STATUS else "the service failed; its log has the reason"
    return Refusal(status, message, tuple(headers))
