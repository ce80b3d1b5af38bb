"""What the OpenAPI document says of API keys."""

from __future__ import annotations

from service.protocols.error_schemas import ERROR_CONTENT, PROBLEM_CONTENT, Schema
from service.protocols.handlers import PROTOCOLS

OPEN_PATHS = frozenset({"/livez", "/readyz"})
"""The kubelet has no key."""

SCHEME = "apiKey"
DESCRIPTION = "One of the keys in the file that ML_API_API_KEY_FILE names."


def require_key(document: Schema) -> None:
    """Add to a document that everything but the probes wants a key."""
    scheme = {"type": "http", "scheme": "bearer", "description": DESCRIPTION}
    document.setdefault("components", {})["securitySchemes"] = {SCHEME: scheme}
    document["security"] = [{SCHEME: []}]
    for path, item in document["paths"].items():
        for operation in item.values():
            if path in OPEN_PATHS:
                operation["security"] = []
            else:
                operation["responses"]["401"] = {
                    "description": "The API key is missing or not known.",
                    "headers": {"WWW-Authenticate": {"schema": {"const": "Bearer"}}},
                    "content": ERROR_CONTENT if path.startswith(PROTOCOLS) else PROBLEM_CONTENT,
                }
