"""Why a target was missed, by the target's text: written by people who looked at the profile."""

from __future__ import annotations

REASONS: dict[str, str] = {
    "1 row, ONNX, JSON: CPU at most 1.0 times an empty FastAPI endpoint": (
        "within the noise of the machine: runs of `make bench-quick` gave 1.00 and 1.06; two fifths of the time goes "
        "into uvicorn's writing of the answer and a tenth into the model, so little is left to take away"
    ),
    "the same: at least 12 times less than MLServer": (
        "the target was set when MLServer took 2.0 ms a request; without its access log it takes a third of that here"
    ),
    "the same: at least 12 times less than KServe": (
        "the target was set when KServe took 2.0 ms a request; without its two log lines a request it takes a third of "
        "that here"
    ),
    "the same: throughput at least 10 times the best peer": (
        "the target was set when the best peer answered 420 requests a second; here MLServer joins the requests of the "
        "32 clients into batches, and answers more than twice as many as without"
    ),
    "100,000 rows: memory of a request at most 6 times its tensor's bytes": (
        "the call of the model itself takes four times the tensor, since ONNX Runtime keeps every intermediate result; "
        "the body is held once in pieces and once joined"
    ),
}
