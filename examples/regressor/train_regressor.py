"""A regressor: how far does diabetes progress in a year?"""

import sys

from sklearn.datasets import load_diabetes
from sklearn.ensemble import GradientBoostingRegressor
from sklearn.model_selection import train_test_split

import service

diabetes = load_diabetes(as_frame=True)
X_train, X_test, y_train, y_test = train_test_split(diabetes.data, diabetes.target, random_state=0)

model = GradientBoostingRegressor(random_state=0).fit(X_train, y_train)
print(f"Explains {model.score(X_test, y_test):.0%} of the variance of patients that it never saw.")

bundle = service.pack(model, X_test, sys.argv[1], name="diabetes")
print(f"Packed as {bundle.manifest.format}: sha256 {bundle.sha256}")
