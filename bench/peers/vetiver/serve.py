"""``python serve.py MODEL PORT``: vetiver's API, which checks each record against a prototype, under uvicorn."""

import sys

import joblib
import pandas as pd
import uvicorn
from vetiver import VetiverAPI, VetiverModel

model, port = sys.argv[1:]
prototype = pd.DataFrame([[5.1, 3.5, 1.4, 0.2]], columns=["sepal_length", "sepal_width", "petal_length", "petal_width"])
served = VetiverModel(joblib.load(model), "model", prototype_data=prototype)
uvicorn.run(VetiverAPI(served, check_prototype=True).app, port=int(port), access_log=False)
