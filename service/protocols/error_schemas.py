"""How errors look, for the OpenAPI document."""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]

ERROR: Schema = {
    "type": "object",
    "properties": {"error": {"type": "string"}},
    "required": ["error"],
    "additionalProperties": False,
}
"""V1 and V2."""

PROBLEM: Schema = {
    "type": "object",
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
    },
    "required": ["type", "title", "status", "detail"],
    "additionalProperties": False,
}
"""Everything else: RFC 9457."""

ERROR_CONTENT: Schema = {"application/json": {"schema": ERROR}}
PROBLEM_CONTENT: Schema = {"application/problem+json": {"schema": PROBLEM}}

NOT_READY = "The model is still loading; Retry-After says when to come back."
REFUSALS: dict[int | str, Schema] = {
    "4XX": {"description": "There is no such model, or it cannot be done.", "content": ERROR_CONTENT},
    503: {"description": NOT_READY, "content": ERROR_CONTENT},
}
"""What the paths of V1 and V2 answer that tell of the model; "4XX" keeps FastAPI from its own 422."""
