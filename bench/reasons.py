"""Why a target was missed, by the target's text: written by people who looked at the profile."""

from __future__ import annotations

REASONS: dict[str, str] = {
    "100,000 rows: memory of a request at most 6 times its tensor's bytes": (
        "the call of the model itself takes four times the tensor, since ONNX Runtime keeps every intermediate result; "
        "the body is held once in pieces and once joined"
    ),
}
