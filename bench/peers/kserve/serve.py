"""``python serve.py MODEL PORT``: KServe's server with a model that does what its scikit-learn server does."""

import socket
import sys

import joblib
from kserve import Model, ModelServer
from kserve.logging import KSERVE_LOG_CONFIG
from kserve.utils.utils import get_predict_input, get_predict_response


class ScikitLearn(Model):
    """A scikit-learn model behind KServe's protocols."""

    def __init__(self, file: str) -> None:
        super().__init__("model")
        self._estimator = joblib.load(file)
        self.ready = True

    def predict(self, payload, headers=None, response_headers=None):
        """Answer a request in V1 or V2."""
        del headers, response_headers
        return get_predict_response(payload, self._estimator.predict(get_predict_input(payload)), self.name)


model, port = sys.argv[1:]
with socket.socket() as probe:
    probe.bind(("127.0.0.1", 0))
    grpc_port = probe.getsockname()[1]
# Two lines for each request, by default.
for logger in ("uvicorn.access", "kserve.trace"):
    KSERVE_LOG_CONFIG["loggers"][logger]["level"] = "WARNING"
ModelServer(http_port=int(port), grpc_port=grpc_port, workers=1, enable_latency_logging=False).start(
    [ScikitLearn(model)]
)
