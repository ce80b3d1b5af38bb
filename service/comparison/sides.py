"""What can be compared: a bundle in a folder, or a running service."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import httpx2
import orjson
from pydantic import TypeAdapter, ValidationError

from service.bundle.datatypes import Array
from service.bundle.manifest import Manifest
from service.bundle.verify import Trust, open_bundle
from service.errors import BodyTooLargeError, InvalidInputError, ServiceError, UntrustedBundleError
from service.protocols.asking import LOCKED, infer_request, key_wanted, read_outputs
from service.runtimes.base import Tensors
from service.runtimes.load import load_runtime
from service.scoring.bodies import MOST_BYTES
from service.sources.web import is_address, reason_of, trusting

TIMEOUT_SECONDS = 60.0
_REFUSED = {httpx2.codes.BAD_REQUEST, httpx2.codes.UNPROCESSABLE_CONTENT}


class ComparisonError(ServiceError):
    """Two models cannot be compared, or do not agree."""


class Side(Protocol):
    """One of two models.

    Attributes:
        name: The folder or the URL, as it was given.
        manifest: What it says of itself.
        is_local: Whether it runs in this process, so that its processor time can be measured.
    """

    name: str
    manifest: Manifest
    is_local: bool

    def run(self, tensors: Tensors, outputs: Sequence[str]) -> dict[str, Array]:
        """Answer rows.

        Raises:
            InvalidInputError: If it refuses them.
            BodyTooLargeError: If they are too large together.
            ComparisonError: If it cannot answer.
        """
        ...

    def rows_together(self, sample: Tensors) -> int:
        """Tell how many rows like those of a sample are asked for at a time at most."""
        ...


class BundleSide:
    """A bundle, loaded as the server loads it."""

    is_local = True

    def __init__(self, folder: Path, trust: Trust) -> None:
        try:
            bundle = open_bundle(folder, trust)
        except UntrustedBundleError:
            message = (
                f"The bundle in {folder} executes code when it is loaded: say --trust if you know where it comes from."
            )
            raise UntrustedBundleError(message) from None
        self.name = str(folder)
        self.manifest = bundle.manifest
        self._runtime = load_runtime(bundle, threads=1)

    def run(self, tensors: Tensors, outputs: Sequence[str]) -> dict[str, Array]:
        """Answer rows; see :class:`Side`."""
        return self._runtime.run(tensors, outputs)

    def rows_together(self, sample: Tensors) -> int:
        """Bound nothing beyond the sample; see :class:`Side`."""
        return _count(sample)


class ServiceSide:
    """A running service, asked over the Open Inference Protocol."""

    is_local = False

    def __init__(self, url: str, client: httpx2.Client) -> None:
        self.name = url
        self._client = client
        answer = self._json("GET", "/model", None)
        try:
            self.manifest = TypeAdapter(Manifest).validate_python(answer["manifest"])
        except (KeyError, TypeError, ValidationError):
            message = f"{url}/model tells no manifest that this version of ml-api knows: is it an ml-api?"
            raise ComparisonError(message) from None

    def run(self, tensors: Tensors, outputs: Sequence[str]) -> dict[str, Array]:
        """Answer rows; see :class:`Side`."""
        body = orjson.dumps(infer_request(self.manifest, tensors, outputs))
        return read_outputs(self._json("POST", f"/v2/models/{self.manifest.name}/infer", body))

    def rows_together(self, sample: Tensors) -> int:
        """Bound the JSON; see :class:`Side`."""
        size = len(orjson.dumps(infer_request(self.manifest, sample, ())))
        return max(1, MOST_BYTES * _count(sample) // size)

    def _json(self, method: str, path: str, body: bytes | None) -> Any:  # noqa: ANN401  # whatever JSON there is
        headers = {"content-type": "application/json"} if body else {}
        try:
            response = self._client.request(method, path, content=body, headers=headers)
        except httpx2.HTTPError as error:
            message = f"{self.name} cannot be asked: {reason_of(error)}."
            raise ComparisonError(message) from None
        if method == "POST" and response.status_code in _REFUSED:
            raise InvalidInputError(response.text[:200])
        if response.status_code in LOCKED:
            raise ComparisonError(key_wanted(self.name))
        if response.status_code != httpx2.codes.OK:
            message = f"{self.name}{path} answered {response.status_code}: {response.text[:200]}"
            is_too_large = response.status_code == httpx2.codes.CONTENT_TOO_LARGE
            raise (BodyTooLargeError if is_too_large else ComparisonError)(message)
        try:
            return response.json()
        except ValueError:
            message = f"{self.name}{path} answered with no JSON: is it an ml-api?"
            raise ComparisonError(message) from None


def _count(tensors: Tensors) -> int:
    return len(next(iter(tensors.values())))


@contextmanager
def open_side(place: str, trust: Trust, headers: dict[str, str], ca_file: Path | None) -> Iterator[Side]:
    """Open a bundle's folder, or a service by its URL.

    Args:
        place: The folder or the URL.
        trust: Who vouches for a bundle.
        headers: What a service is sent, such as an API key.
        ca_file: Certificates of a service to trust beside those of the system.

    Raises:
        ServiceError: If it cannot be loaded or asked.
    """
    if not place.startswith(("http://", "https://")):
        yield BundleSide(Path(place), trust)
        return
    if not is_address(place):
        message = f"{place} is no address of a service: give one such as http://127.0.0.1:8080."
        raise ComparisonError(message)
    url = place.rstrip("/")
    with httpx2.Client(base_url=url, timeout=TIMEOUT_SECONDS, headers=headers, verify=trusting(ca_file)) as client:
        yield ServiceSide(url, client)
