"""Every error that ml-api raises on purpose.

ServiceError
├── BundleError                 a bundle cannot be packed, checked, fetched or served
│   ├── UntrustedBundleError    its format executes code and nobody outside the bundle vouches for it
│   └── DangerousModelError     it would import what no model needs, or cannot be looked into
├── RequestError                what a client sent cannot be answered
│   ├── UnauthorizedError       no API key, or none that is known
│   ├── InvalidInputError       a value, shape, datatype or name is wrong
│   ├── BodyTooLargeError       more bytes than the limit
│   ├── UnsupportedEncodingError  a Content-Encoding that is not gzip, deflate or identity
│   ├── BodyTimeoutError        the body did not arrive in time
│   └── UnknownModelError       another model, or another version of it
├── ScoringError                rows of a table cannot be sent, or their answers not be written
│   └── StoppedError            the user stopped it; what is answered is kept
├── ModelNotReadyError          still loading, or failed to load
├── RejectedError               shed by admission: full or late
└── PredictionError             the model itself raised
"""

from __future__ import annotations

from enum import StrEnum


class Rejection(StrEnum):
    """Why admission turned a request away; also the values of a metric label."""

    QUEUE_FULL = "queue_full"
    QUEUE_TIMEOUT = "queue_timeout"
    TIMEOUT = "timeout"
    MEMORY = "memory"


class ServiceError(Exception):
    """Anything that ml-api raises on purpose; its text is one sentence for people.

    Attributes:
        exit_code: With which a command ends.
    """

    exit_code = 1


class BundleError(ServiceError):
    """A bundle cannot be packed, checked, fetched or served."""


class UntrustedBundleError(BundleError):
    """A bundle whose format executes code came without a digest pinned from outside."""


class DangerousModelError(BundleError):
    """A model file would import what no model needs, or cannot be looked into, and nobody vouches for it."""

    exit_code = 3


class ScoringError(ServiceError):
    """Rows of a table cannot be sent to a service, or their answers not be written."""


class StoppedError(ScoringError):
    """The user stopped a run, whose answers so far are kept."""

    exit_code = 130  # as a shell tells that SIGINT ended a command


class RequestError(ServiceError):
    """What a client sent cannot be answered; the text never contains what it sent."""


class UnauthorizedError(RequestError):
    """A request came without an API key, or with one that is not known."""


class InvalidInputError(RequestError):
    """A value, shape, datatype or name in a request is wrong."""


class BodyTooLargeError(RequestError):
    """A request body is larger than the limit, as sent or as decompressed."""


class UnsupportedEncodingError(RequestError):
    """A request body has a Content-Encoding that is not supported."""


class BodyTimeoutError(RequestError):
    """A request body did not arrive in time."""


class UnknownModelError(RequestError):
    """A request names a model or a version that is not served here."""


class ModelNotReadyError(ServiceError):
    """The model is still loading or failed to load."""


class RejectedError(ServiceError):
    """Admission turned a request away: the queue is full or the request is late.

    Args:
        reason: Why.
        message: One sentence for the client.
        retry_after_seconds: What the header ``Retry-After`` tells the client.
    """

    def __init__(self, reason: Rejection, message: str, retry_after_seconds: int = 1) -> None:
        super().__init__(message)
        self.reason = reason
        self.retry_after_seconds = retry_after_seconds


class PredictionError(ServiceError):
    """The model raised while it predicted, for no fault of the client."""
