"""``python serve.py MODEL PORT``: vetiver's API, which checks each record against a prototype, under uvicorn."""

import sys

import joblib
import numpy as np
import pandas as pd
import uvicorn
from sklearn.preprocessing import FunctionTransformer
from vetiver import VetiverAPI, VetiverModel

COLUMNS = ["sepal_length", "sepal_width", "petal_length", "petal_width"]


def name_columns(estimator):
    """Make the estimator what it were if it had been fitted on a frame: otherwise each request ends in a warning."""
    for step in getattr(estimator, "steps", [("", estimator)]):
        step[1].feature_names_in_ = np.array(COLUMNS, dtype=object)
        if not isinstance(step[1], FunctionTransformer):  # which hands the frame on
            return estimator
    return estimator


model, port = sys.argv[1:]
prototype = pd.DataFrame([[5.1, 3.5, 1.4, 0.2]], columns=COLUMNS)
served = VetiverModel(name_columns(joblib.load(model)), "model", prototype_data=prototype)
uvicorn.run(VetiverAPI(served, check_prototype=True).app, port=int(port), access_log=False)
