"""A regressor of XGBoost: how far will diabetes have progressed in a year?

Packed as ONNX, so that the pod that serves it needs no XGBoost. Needs the extra "xgboost".
"""

import sys

from sklearn.datasets import load_diabetes
from sklearn.model_selection import train_test_split
from xgboost import XGBRegressor

import service

diabetes = load_diabetes(as_frame=True)
X_train, X_test, y_train, y_test = train_test_split(diabetes.data, diabetes.target, random_state=0)

model = XGBRegressor(n_estimators=100, max_depth=3, learning_rate=0.1, random_state=0).fit(X_train, y_train)
print(f"Explains {model.score(X_test, y_test):.0%} of the variance on patients that it never saw.")

bundle = service.pack(model, X_test, sys.argv[1], name="progression")
print(f"Packed as {bundle.manifest.format}: sha256 {bundle.sha256}")
