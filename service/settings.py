"""Every setting of the service, read once from ``ML_API_*`` when the application is made."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, ValidationError
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, SettingsConfigDict

from service.errors import ServiceError

KIBIBYTE = 1024
MEBIBYTE = 1024 * KIBIBYTE

PREFIX = "ML_API_"

_OPTIONS = {"port": "--port", "host": "--host", "model_sha256": "--sha256", "trust_model": "--trust"}
"""What the command line calls a setting."""

_FETCH = f"{PREFIX}FETCH_"
"""The options of ``ml-api fetch``, which may share an environment with the service."""

_SERVICE_LINK = re.compile(
    rf"{PREFIX}(.*_)?(SERVICE_HOST|SERVICE_PORT(_.*)?|PORT_[0-9]+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)"
)
_SERVICE_ADDRESS = ("tcp://", "udp://", "sctp://")

Seconds = Annotated[float, Field(ge=0, le=3600, allow_inf_nan=False)]
PositiveSeconds = Annotated[float, Field(gt=0, le=3600, allow_inf_nan=False)]


class Settings(BaseSettings):
    """One frozen object; an invalid environment reports every problem at once."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_ignore_empty=True, frozen=True, extra="forbid")

    model_dir: Path = Field(Path("model"), description="Folder of the bundle.")
    model_sha256: Annotated[str, StringConstraints(to_lower=True)] = Field(
        "", pattern="^([0-9a-fA-F]{64})?$", description="Digest that the bundle must have."
    )
    trust_model: bool = Field(default=False, description="Serve a format that executes code without a pinned digest.")

    bundle_check_seconds: Seconds = Field(60.0, description="Time between looks at a changed bundle; 0 never looks.")

    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(8080, ge=0, le=65535, description="Port to listen on; 0 takes a free one.")
    root_path: str = Field("", pattern="^(/[^?#]*[^/?#])?$", description="Path prefix that a proxy strips.")
    pod_name: str = Field("", description="Name of the pod, told by /readyz.")
    pod_header: bool = Field(default=False, description="Name the pod in the X-Served-By header of each answer.")
    api_key_file: Path | None = Field(None, description="File of API keys, one a line; clients must then send one.")
    docs: bool = Field(default=True, description="Serve the model's page, /docs and /openapi.json.")

    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="Least severe level logged.")
    log_format: Literal["text", "json"] = Field("text", description="Shape of a log line.")
    access_log: bool = Field(default=False, description="Log each request.")

    drain_seconds: Seconds = Field(5.0, description="How long the listener stays open after SIGTERM.")
    request_timeout_seconds: PositiveSeconds = Field(10.0, description="Deadline of a request and of the stop.")
    queue_timeout_seconds: PositiveSeconds = Field(5.0, description="Longest wait for a turn at the model.")
    queue_requests: int = Field(512, ge=1, description="Most requests that wait for the model.")
    queue_rows: int = Field(200_000, ge=1, description="Most rows that wait for the model.")
    header_timeout_seconds: PositiveSeconds = Field(10.0, description="Longest time to receive the head of a request.")
    body_timeout_seconds: PositiveSeconds = Field(30.0, description="Longest time to receive a request body.")
    keep_alive_seconds: PositiveSeconds = Field(75.0, description="Longest idle time of a connection.")

    max_connections: int = Field(4096, ge=1, description="Most connections; further ones get probes and metrics only.")
    max_header_bytes: int = Field(32 * KIBIBYTE, ge=1024, description="Largest head of a request.")
    max_body_bytes: int = Field(64 * MEBIBYTE, ge=1, description="Largest request body, after decompression.")
    max_json_bytes: int = Field(4 * MEBIBYTE, ge=1, description="Largest JSON part of a request body.")
    max_json_depth: int = Field(100, ge=8, le=1000, description="Most levels of lists and objects in the JSON.")
    max_rows: int = Field(100_000, ge=1, description="Most rows in a request.")
    max_columns: int = Field(1_048_576, ge=1, description="Most values in a row, of all inputs together.")
    max_elements: int = Field(16_777_216, ge=1, description="Most values in a request.")
    max_batch_rows: int = Field(1024, ge=1, description="Most rows that waiting requests are joined to.")
    compress_minimum_bytes: int = Field(1024, ge=0, description="Smallest answer that is compressed on request.")

    threads: int = Field(0, ge=0, le=1024, description="Threads for the model; 0 follows the CPU limit.")
    inline_milliseconds: float = Field(
        0.5, ge=0, le=50, allow_inf_nan=False, description="Batches predicted to be shorter run in the event loop."
    )


class SettingsError(ServiceError):
    """The environment holds settings that cannot be."""


def load_settings(**overrides: object) -> Settings:
    """Read the settings from the environment.

    Args:
        overrides: Values that win over the environment, by field name.

    Raises:
        SettingsError: With one line for each wrong setting.
    """
    try:
        return Settings(**overrides)  # type: ignore[arg-type]  # pydantic checks what the type checker cannot
    except ValidationError as error:
        problems = [_problem(detail, overrides) for detail in error.errors(include_input=False)]
        raise SettingsError("\n".join(problems)) from None


def _problem(detail: ErrorDetails, given: Collection[str]) -> str:
    field, message = str(detail["loc"][0]), detail["msg"]
    if field == "model_sha256" and detail["type"] == "string_pattern_mismatch":
        message = "a digest has 64 hexadecimal digits: give the one that `ml-api pack` printed"
    name = _OPTIONS.get(field, _variable(field)) if field in given else _variable(field)
    hint = ""
    if field == "port" and detail["type"] == "int_parsing":
        hint = " (Kubernetes sets ML_API_PORT for a Service called ml-api: set enableServiceLinks to false)"
    return f"{name}: {message[0].lower()}{message[1:]}{hint}."


def _variable(field: str) -> str:
    return f"{PREFIX}{field.upper()}"


def unknown_variables(environment: Mapping[str, str]) -> list[str]:
    """Tell of each variable that is meant for the service and is no setting, e.g. a misspelt one.

    What Kubernetes sets for a Service whose name begins with ml-api is not meant so, nor are the options of ``fetch``.
    """
    known = [_variable(field) for field in Settings.model_fields]
    return [
        _unknown(name, known)
        for name, value in sorted(environment.items())
        if name.upper().startswith(PREFIX)
        and name.upper() not in known
        and not name.upper().startswith(_FETCH)
        and not _SERVICE_LINK.fullmatch(name.upper())
        and not value.startswith(_SERVICE_ADDRESS)
    ]


def _unknown(name: str, known: list[str]) -> str:
    close = get_close_matches(name.upper(), known, n=1, cutoff=0.8)
    meant = f": did you mean {close[0]}?" if close else "; docs/reference/settings.md lists the settings."
    return f"{name} is no setting, so it does nothing{meant}"
