"""A model as a BentoML service, without and with adaptive batching."""

import os

import bentoml
import joblib

QUIET = {"access": {"enabled": False}}


@bentoml.service(workers=1, logging=QUIET)
class Single:
    """Each request by itself."""

    def __init__(self) -> None:
        self.model = joblib.load(os.environ["MODEL"])

    @bentoml.api
    def predict(self, rows: list) -> list:
        """Predict."""
        return self.model.predict(rows).tolist()


@bentoml.service(workers=1, logging=QUIET)
class Batching:
    """Requests that wait are joined."""

    def __init__(self) -> None:
        self.model = joblib.load(os.environ["MODEL"])

    @bentoml.api(batchable=True, max_batch_size=128)
    def predict(self, rows: list) -> list:
        """Predict."""
        return self.model.predict(rows).tolist()
