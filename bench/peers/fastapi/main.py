"""A model behind FastAPI as most tutorials show it: a pydantic model for the body, pickle, a plain function."""

import os

import joblib
from fastapi import FastAPI
from pydantic import BaseModel

app = FastAPI()
model = joblib.load(os.environ["MODEL"])


class Rows(BaseModel):
    """What is asked."""

    rows: list[list[float]] | list[str]


class Predictions(BaseModel):
    """What is answered."""

    predictions: list[int]


@app.post("/predict")
def predict(request: Rows) -> Predictions:
    """Predict."""
    return Predictions(predictions=model.predict(request.rows).tolist())
