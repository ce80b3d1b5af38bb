"""The HTTP API of a registry (OCI distribution specification 1.1), with the logins that registries ask for."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from urllib.parse import urlencode

import httpx2

from service.errors import BundleError
from service.sources.access import Access
from service.sources.registry_login import Login, find_login
from service.sources.registry_reference import Reference
from service.sources.web import Call, Web, is_loopback, place_of, raw_chunks, refuse_failure, translated

_ANSWER_BYTES = 1024 * 1024
_NOT_FOR_EVERYBODY = {httpx2.codes.UNAUTHORIZED, httpx2.codes.FORBIDDEN}
_PARAMETER = re.compile(r'(\w+)="([^"]*)"')


class RegistryClient:
    """Asks a registry about one repository, and logs in when it is told to."""

    def __init__(self, web: Web, reference: Reference, access: Access) -> None:
        self._web, self.reference, self._access = web, reference, access
        self._authorization, self._login = "", Login()

    @contextmanager
    def ask(self, call: Call) -> Iterator[httpx2.Response]:
        """Send a request, after a login if the registry wants one, and give the answer whatever its status."""
        with self._send(call, self._authorization) as response:
            challenges = response.headers.get_list("WWW-Authenticate")
            if response.status_code != httpx2.codes.UNAUTHORIZED or not challenges:
                self._tell_obstacle(response)
                yield response
                return
        self._login = find_login(self.reference, self._access)
        self._authorization = self._log_in(challenges, call)
        with self._send(call, self._authorization) as response:
            self._tell_obstacle(response)
            yield response

    @contextmanager
    def get(self, call: Call) -> Iterator[httpx2.Response]:
        """Like :meth:`ask`, and refuse an answer that is no success."""
        with self.ask(call) as response:
            refuse_failure(response, str(self.reference))
            yield response

    @contextmanager
    def _send(self, call: Call, authorization: str) -> Iterator[httpx2.Response]:
        headers = dict(call.headers)
        with translated(str(self.reference)):
            url = httpx2.URL(call.url)
            # An upload may go to another host than the registry's own, which gets no password.
            if authorization and url.origin == httpx2.URL(self.reference.api).origin:
                headers["Authorization"] = authorization
        with self._web.ask(replace(call, headers=headers), str(self.reference)) as response:
            yield response

    def _tell_obstacle(self, response: httpx2.Response) -> None:
        """Say why there was no password, where the registry or its tokens are not for everybody."""
        if self._login.obstacle and response.status_code in _NOT_FOR_EVERYBODY:
            raise BundleError(self._login.obstacle)

    def _log_in(self, challenges: list[str], call: Call) -> str:
        for challenge in challenges:
            scheme, _, rest = challenge.partition(" ")
            if scheme.lower() == "bearer":
                return f"Bearer {self._token(dict(_PARAMETER.findall(rest)), call)}"
            if scheme.lower() == "basic" and self._login.basic:
                return self._login.basic
        message = f"{self.reference} is not for everybody: give a user and a password that it knows."
        raise BundleError(self._login.obstacle or message)

    def _token(self, challenge: dict[str, str], call: Call) -> str:
        """Ask where the registry points to for a token (distribution's token specification)."""
        pulls = call.method in {"GET", "HEAD"}
        scope = challenge.get("scope") or f"repository:{self.reference.repository}:{'pull' if pulls else 'pull,push'}"
        asked = {"service": challenge.get("service", ""), "scope": scope}
        with translated(str(self.reference)):
            realm = httpx2.URL(challenge.get("realm", ""))
            if realm.scheme != "https" and not (realm.host and (is_loopback(realm.host) or self._access.plain_http)):
                message = (
                    f"{self.reference} sends logins to {realm}, where anybody could read them: "
                    "use --plain-http to allow it."
                )
                raise BundleError(message)
        with self._web.ask(_token_call(realm, asked, self._login), str(self.reference)) as response:
            self._tell_obstacle(response)
            refuse_failure(response, place_of(realm))
            content = read_bounded(response, _ANSWER_BYTES, str(self.reference))
        try:
            answer = json.loads(content)
            return str(answer.get("token") or answer["access_token"])
        except (ValueError, LookupError, AttributeError):
            message = f"{self.reference} sends logins to {realm}, which gave no token: check the address."
            raise BundleError(message) from None


def _token_call(realm: httpx2.URL, asked: dict[str, str], login: Login) -> Call:
    if not login.refresh_token:
        headers = {"Authorization": login.basic} if login.basic else {}
        return Call("GET", str(realm.copy_merge_params(asked)), headers)
    grant = {"grant_type": "refresh_token", "refresh_token": login.refresh_token, "client_id": "ml-api"}
    form = urlencode(asked | grant).encode()
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Content-Length": str(len(form))}
    return Call("POST", str(realm), headers, lambda: [form])


def read_bounded(response: httpx2.Response, limit: int, place: str) -> bytes:
    """Read a small body.

    Raises:
        BundleError: If it is not small.
    """
    content = bytearray()
    for chunk in raw_chunks(response, place):
        content += chunk
        if len(content) > limit:
            message = f"{place} answered with more than {limit} bytes where it should have been short."
            raise BundleError(message)
    return bytes(content)
