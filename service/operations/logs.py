"""Log lines: plain text for people or JSON for machines, on standard error."""

from __future__ import annotations

import logging
import logging.config
from http import HTTPStatus
from typing import Any

import orjson

from service.operations.connections import PROBES
from service.protocols.prefix import without_prefix

ACCESS = "uvicorn.access"
REQUEST = ("client", "method", "path", "http_version", "status")
"""What uvicorn's access log tells of a request, in this order."""


class JsonFormatter(logging.Formatter):
    """Writes a record as one JSON object."""

    def format(self, record: logging.LogRecord) -> str:
        """Format a record."""
        line: dict[str, Any] = {
            "time": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **_request_of(record),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return orjson.dumps(line).decode()


class WithoutProbes(logging.Filter):
    """Leaves out the probes and scrapes that went well: several a minute from each kubelet and each Prometheus.

    Args:
        root_path: Prefix that a proxy strips, or does not.
    """

    def __init__(self, root_path: str) -> None:
        super().__init__()
        self._root_path = root_path

    def filter(self, record: logging.LogRecord) -> bool:
        """Tell whether a record is worth a line."""
        request = _request_of(record)
        if not request or request["status"] >= HTTPStatus.BAD_REQUEST:
            return True
        path, _, _ = request["path"].partition("?")
        return without_prefix(path, self._root_path) not in PROBES


def _request_of(record: logging.LogRecord) -> dict[str, Any]:
    """Give what uvicorn tells of a request; nothing if the record is of something else."""
    if record.name != ACCESS or not isinstance(record.args, tuple) or len(record.args) != len(REQUEST):
        return {}
    return dict(zip(REQUEST, record.args, strict=True))


def logging_config(level: str, log_format: str, *, access_log: bool, root_path: str = "") -> dict[str, Any]:
    """Make the configuration for ``logging.config.dictConfig``, which uvicorn applies."""
    formatters: dict[str, Any] = {
        "text": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"},
        "json": {"()": JsonFormatter},
    }
    quiet = {"handlers": ["stderr"], "level": "WARNING" if level == "info" else level.upper(), "propagate": False}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"access": {"()": WithoutProbes, "root_path": root_path}},
        "formatters": formatters,
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": log_format}},
        "loggers": {
            "service": {"handlers": ["stderr"], "level": level.upper(), "propagate": False},
            "uvicorn": quiet,
            ACCESS: {
                "handlers": ["stderr"] if access_log else [],
                "filters": ["access"],
                "level": "INFO",
                "propagate": False,
            },
        },
    }
