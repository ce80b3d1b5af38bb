"""No server is timed before it has given scikit-learn's answers."""

from __future__ import annotations

from http.client import HTTPConnection, HTTPException
from typing import Any

from bench.dialects import Question
from bench.server import ServerFailedError

PATIENCE_SECONDS = 30
SHOWN = 100


def check(port: int, question: Question, expected: list[Any]) -> None:
    """Ask once and compare.

    Raises:
        ServerFailedError: If the answer is another one.
    """
    connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE_SECONDS)
    try:
        connection.request("POST", question.path, question.body, question.headers)
        response = connection.getresponse()
        body = response.read()
    except (OSError, HTTPException) as error:
        message = f"it did not answer: {type(error).__name__}"
        raise ServerFailedError(message) from error
    finally:
        connection.close()
    if response.status != 200:  # noqa: PLR2004  # the one good status
        message = f"it answered {response.status}: {body[:SHOWN].decode(errors='replace')}"
        raise ServerFailedError(message)
    headers = {name.lower(): value for name, value in response.getheaders()}
    if question.read(body, headers) != expected:
        message = "its answers are not scikit-learn's"
        raise ServerFailedError(message)
