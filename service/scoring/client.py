"""Asking a running service, patiently."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import httpx2
import orjson
from pydantic import TypeAdapter, ValidationError

from service.bundle.manifest import Manifest
from service.errors import BodyTooLargeError, ScoringError
from service.protocols.asking import LOCKED, key_wanted
from service.protocols.predict import MODEL_DIGEST
from service.scoring.table import Batch
from service.sources.access import Access
from service.sources.retry import TransientError, attempts, parse_retry_after
from service.sources.web import is_address, is_distrusted, reason_of, trusting

TIMEOUT_SECONDS = 60.0
BUSY = {429, 502, 503, 504}
"""The service, or what is in front of it, will be able again."""


class Client:
    """A service at an address.

    Args:
        url: Where it answers, with the prefix if there is one.
        headers: Sent with each request, such as the API key.
        concurrency: Most connections.
        access: Certificates to trust, how patient to be, and who is told.

    Attributes:
        url: The address, without a slash at its end.
    """

    def __init__(self, url: str, headers: dict[str, str], concurrency: int, access: Access) -> None:
        self.url, self._access = url.rstrip("/"), access
        if not is_address(url):
            message = f"{url} is no address of a service: give one such as http://127.0.0.1:8080."
            raise ScoringError(message)
        limits = httpx2.Limits(max_connections=concurrency)
        context = trusting(access.certificates)
        self._http = httpx2.Client(
            base_url=self.url, verify=context, timeout=TIMEOUT_SECONDS, headers=headers, limits=limits
        )

    def __enter__(self) -> Self:
        """Open it."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close its connections."""
        self._http.close()

    def describe(self) -> tuple[Manifest, str]:
        """Give the manifest of the model that is served, and its digest."""
        response = self._send(self._http.build_request("GET", "/model"))
        if response.is_success:
            try:
                answer = response.json()
                return TypeAdapter(Manifest).validate_python(answer["manifest"]), str(answer["sha256"])
            except (ValueError, KeyError, TypeError, ValidationError):
                pass
        message = f"{self.url} is no service of this kind: /model answered {response.status_code} without a manifest."
        raise ScoringError(message)

    def predict(self, batch: Batch, outputs: Sequence[str], digest: str) -> Any:  # noqa: ANN401  # JSON of /predict
        """Ask for the predictions of some rows by the model whose bundle has a digest.

        Raises:
            ScoringError: If they are refused, the model fails, or it is another one.
            BodyTooLargeError: If they are too large together.
            TransientError: If the service could not be asked for too long.
        """
        query = {"outputs": ",".join(outputs)} if outputs else None
        body = orjson.dumps({"instances": batch.rows})
        headers = {"content-type": "application/json"}
        response = self._send(self._http.build_request("POST", "/predict", params=query, content=body, headers=headers))
        if response.is_success:
            if response.headers.get(MODEL_DIGEST, digest) != digest:
                message = (
                    f"Rows {batch.first} to {batch.last} were answered by another model than the one at the beginning: "
                    f"is a rollout or a canary under way at {self.url}? Score the rows again when it is over."
                )
                raise ScoringError(message)
            try:
                return response.json()
            except ValueError:
                message = f"{self.url}/predict answered with no JSON: is something in between?"
                raise ScoringError(message) from None
        message = f"Rows {batch.first} to {batch.last} were not answered: {_reason(response)}"
        if response.status_code == httpx2.codes.CONTENT_TOO_LARGE:
            message += "; raise the limit of the service (ML_API_MAX_JSON_BYTES) or of the proxy in front of it."
            raise BodyTooLargeError(message)
        message += "."
        raise ScoringError(message)

    def _send(self, request: httpx2.Request) -> httpx2.Response:
        for attempt in attempts(self._access):
            with attempt:
                return self._try(request)
        raise AssertionError  # the last attempt raises

    def _try(self, request: httpx2.Request) -> httpx2.Response:
        try:
            response = self._http.send(request)
        except httpx2.TransportError as error:
            message = f"{self.url} cannot be reached: {reason_of(error)}."
            # A thread that the run no longer waits for asks no more, and tells nobody that it would.
            is_final = is_distrusted(error) or self._http.is_closed
            raise (ScoringError(message) if is_final else TransientError(message)) from None
        if response.status_code in BUSY and not self._http.is_closed:
            message = f"{self.url} is busy: {_reason(response)}."
            raise TransientError(message, parse_retry_after(response.headers.get("retry-after", "")))
        if response.status_code in LOCKED:
            raise ScoringError(key_wanted(self.url))
        return response


def _reason(response: httpx2.Response) -> str:
    try:
        return str(response.json()["detail"])
    except (ValueError, KeyError, TypeError):
        return f"{response.status_code} {response.reason_phrase}"
