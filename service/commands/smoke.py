"""``ml-api smoke``: is a running service what its manifest says? The pods of ``helm test`` run it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from ssl import SSLContext
from time import monotonic, sleep
from typing import Any

import click
import httpx2
from pydantic import TypeAdapter

from service.bundle.manifest import Manifest
from service.commands.document import json_option, speaker, tell
from service.commands.options import api_key_option, ca_option, headers_of
from service.commands.smoke_checks import SmokeError, check_infer, check_metadata, check_predict, get
from service.sources.web import is_address, is_distrusted, reason_of, trusting

POLL_SECONDS = 0.2


@dataclass(frozen=True)
class Place:
    """A service at an address, the headers that it wants, and the certificates that are trusted."""

    url: str
    headers: dict[str, str]
    certificates: SSLContext

    def open(self) -> httpx2.Client:
        """Open a client, with connections of its own."""
        return httpx2.Client(base_url=self.url, timeout=10, headers=self.headers, verify=self.certificates)


@dataclass(frozen=True)
class Wanted:
    """How many pods must answer, and by when."""

    pods: int
    deadline: float


class Report:
    """What was found good, for people line by line, and for programs in one object.

    Args:
        say: Writes a line.
    """

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._passed: list[str] = []
        tell(passed=self._passed)

    def passed(self, check: str, told: str, **facts: object) -> None:
        """Tell that a check passed."""
        self._passed.append(check.lower())
        tell(**facts)
        self._say(f"{check}: {told}")


@click.command("smoke", short_help="Check a running service.")
@click.argument("url")
@click.option("--pods", default=1, show_default=True, help="How many different pods must answer.")
@click.option("--timeout", default=60.0, show_default=True, help="Seconds to wait for readiness and for the pods.")
@api_key_option
@ca_option
@json_option
def smoke(  # one for each option
    url: str, pods: int, timeout: float, api_key_file: Path | None, ca_file: Path | None, as_json: bool
) -> None:
    """Check the service at URL: readiness, metadata, and the manifest's example over /predict and V2."""
    if not is_address(url):
        message = f"{url} is no address of a service: give one such as http://127.0.0.1:8080."
        raise SmokeError(message)
    place = Place(url, headers_of(api_key_file), trusting(ca_file))
    tell(url=url)
    try:
        _check(place, Wanted(pods, monotonic() + timeout), Report(speaker(as_json=as_json)))
    except httpx2.HTTPError as error:
        message = f"{url} stopped answering: {reason_of(error)}."
        raise SmokeError(message) from None
    except (ValueError, KeyError, TypeError):
        message = f"{url} answers, but not as ml-api does: look whether another service is there."
        raise SmokeError(message) from None


def _check(place: Place, wanted: Wanted, report: Report) -> None:
    with place.open() as client:
        ready = _wait_until_ready(client, wanted.deadline)
        manifest = TypeAdapter(Manifest).validate_python(get(client, "/model")["manifest"])
        model = {name: getattr(manifest, name) for name in ("name", "version", "format")}
        digest = ready["model"]["sha256"]
        told = f"{manifest.name} {manifest.version} ({manifest.format}, digest {digest})"
        report.passed("Ready", told, model={**model, "sha256": digest})
        check_metadata(client, manifest)
        report.passed("Metadata", "as in the manifest")
        check_predict(client, manifest)
        check_infer(client, manifest)
        told = "the manifest's example is answered as when it was packed, over /predict and V2"
        report.passed("Predictions", told)
    if wanted.pods > 1:
        names = sorted(_meet_pods(place, wanted))
        report.passed("Pods", ", ".join(names), pods=names)


def _wait_until_ready(client: httpx2.Client, deadline: float) -> dict[str, Any]:
    while True:
        try:
            response = client.get("/readyz")
            if response.status_code == httpx2.codes.OK:
                answer: dict[str, Any] = response.json()
                return answer
            reason = f"/readyz answers {response.status_code}"
        except httpx2.HTTPError as error:
            reason = reason_of(error)
            if is_distrusted(error):
                # It stays as it is.
                deadline = 0.0
        if monotonic() >= deadline:
            message = f"{client.base_url} is not ready: {reason}."
            raise SmokeError(message)
        sleep(POLL_SECONDS)


def _meet_pods(place: Place, wanted: Wanted) -> set[str]:
    """Ask over a new connection each time, since a Service chooses a pod for a connection."""
    names: set[str] = set()
    while not names or monotonic() < wanted.deadline:
        with place.open() as client:
            name = get(client, "/readyz").get("pod")
        if not name:
            message = f"{place.url}/readyz names no pod: set ML_API_POD_NAME."
            raise SmokeError(message)
        names.add(name)
        if len(names) >= wanted.pods:
            return names
    message = f"Only {len(names)} of {wanted.pods} pods answered behind {place.url}: {', '.join(sorted(names))}."
    raise SmokeError(message)
