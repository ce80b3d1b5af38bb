"""What every refusal has to be."""

from __future__ import annotations

from http import HTTPStatus

MARKER = "zq7marker"
"""What a bad request holds; no answer, no metric and no log line may ever hold it."""


def assert_refused(response, status: int) -> str:
    """See that a refusal has the form of its protocol and quotes nothing; give its message."""
    assert response.status_code == status, response.text
    assert MARKER not in response.text
    assert MARKER not in str(response.headers)
    answer = response.json()
    if response.request.url.path.startswith(("/v1", "/v2")):
        assert response.headers["content-type"] == "application/json"
        assert answer.keys() == {"error"}
        message = answer["error"]
    else:
        assert response.headers["content-type"] == "application/problem+json"
        assert answer.keys() == {"type", "title", "status", "detail"}
        assert answer["type"] == "about:blank"
        assert answer["title"] == HTTPStatus(status).phrase
        assert answer["status"] == status
        message = answer["detail"]
    assert isinstance(message, str)
    assert 0 < len(message) < 400
    return message
