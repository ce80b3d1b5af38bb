"""What ``ml-api smoke`` asks a service that is ready: does it do what its manifest says?"""

from __future__ import annotations

from typing import Any

import httpx2

from service.bundle.datatypes import Array
from service.bundle.manifest import Manifest
from service.bundle.signature import to_array
from service.errors import ServiceError
from service.protocols.asking import LOCKED, describe, example_rows, infer_request, key_wanted, read_outputs
from service.runtimes.agreement import compare


class SmokeError(ServiceError):
    """The service is not what it should be."""


def get(client: httpx2.Client, path: str) -> Any:  # noqa: ANN401  # whatever JSON there is
    """Ask for a path.

    Raises:
        SmokeError: If the answer is no success.
    """
    return _json(client.get(path), path)


def _post(client: httpx2.Client, path: str, body: object) -> Any:  # noqa: ANN401  # whatever JSON there is
    return _json(client.post(path, json=body), path)


def _json(response: httpx2.Response, path: str) -> Any:  # noqa: ANN401  # whatever JSON there is
    if response.status_code in LOCKED:
        raise SmokeError(key_wanted(str(response.url).removesuffix(path)))
    if response.status_code != httpx2.codes.OK:
        message = f"{path} answered {response.status_code}: {response.text[:200]}"
        raise SmokeError(message)
    return response.json()


def check_metadata(client: httpx2.Client, manifest: Manifest) -> None:
    """See that V2 tells the inputs of the manifest.

    Raises:
        SmokeError: If it is not so.
    """
    answer = get(client, f"/v2/models/{manifest.name}")
    if answer["inputs"] != [describe(spec) for spec in manifest.inputs]:
        message = f"/v2/models/{manifest.name} tells other inputs than the manifest."
        raise SmokeError(message)


def check_predict(client: httpx2.Client, manifest: Manifest) -> None:
    """See that the manifest's example is answered over /predict as when it was packed.

    Raises:
        SmokeError: If it is not so.
    """
    first = manifest.outputs[0]
    answer = _post(client, "/predict", {"instances": example_rows(manifest)})
    _compare(manifest, {first.name: to_array(answer["predictions"], first.datatype)}, "/predict")


def check_infer(client: httpx2.Client, manifest: Manifest) -> None:
    """See that the manifest's example is answered over V2 as when it was packed.

    Raises:
        SmokeError: If it is not so.
    """
    tensors = {spec.name: to_array(manifest.example.inputs[spec.name], spec.datatype) for spec in manifest.inputs}
    path = f"/v2/models/{manifest.name}/infer"
    request = infer_request(manifest, tensors, [spec.name for spec in manifest.outputs])
    actual = read_outputs(_post(client, path, request))
    _compare(manifest, actual, path)


def _compare(manifest: Manifest, actual: dict[str, Array], path: str) -> None:
    datatypes = {spec.name: spec.datatype for spec in manifest.outputs}
    expected = {name: to_array(manifest.example.outputs[name], datatypes[name]) for name in actual}
    problem = compare(expected, actual).problem
    if problem:
        message = f"{path} answers the manifest's example wrongly: {problem}."
        raise SmokeError(message)
