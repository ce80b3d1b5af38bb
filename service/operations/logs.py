"""Log lines: plain text for people or JSON for machines, on standard error."""

from __future__ import annotations

import logging
import logging.config
from typing import Any

import orjson


class JsonFormatter(logging.Formatter):
    """Writes a record as one JSON object."""

    def format(self, record: logging.LogRecord) -> str:
        """Format a record."""
        line: dict[str, Any] = {
            "time": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return orjson.dumps(line).decode()


def logging_config(level: str, log_format: str, *, access_log: bool) -> dict[str, Any]:
    """Make the configuration for ``logging.config.dictConfig``, which uvicorn applies."""
    formatters: dict[str, Any] = {
        "text": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"},
        "json": {"()": JsonFormatter},
    }
    quiet = {"handlers": ["stderr"], "level": "WARNING" if level == "info" else level.upper(), "propagate": False}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": formatters,
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": log_format}},
        "loggers": {
            "service": {"handlers": ["stderr"], "level": level.upper(), "propagate": False},
            "uvicorn": quiet,
            "uvicorn.access": {"handlers": ["stderr"] if access_log else [], "level": "INFO", "propagate": False},
        },
    }
