"""``python prepare.py MODEL``: saves the model in MLflow's format, into the folder ``model``."""

import shutil
import sys

import joblib
import mlflow

shutil.rmtree("model", ignore_errors=True)
mlflow.sklearn.save_model(joblib.load(sys.argv[1]), "model", serialization_format="cloudpickle", pip_requirements=[])
