"""A classifier of LightGBM: is a tumour malignant?

Packed as ONNX, so that the pod that serves it needs no LightGBM. Needs the extra "lightgbm".
"""

import sys

from lightgbm import LGBMClassifier
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split

import service

tumours = load_breast_cancer(as_frame=True)
kinds = tumours.target_names[tumours.target]
X_train, X_test, y_train, y_test = train_test_split(tumours.data, kinds, random_state=0)

model = LGBMClassifier(random_state=0, verbose=-1).fit(X_train, y_train)
print(f"Right on {model.score(X_test, y_test):.0%} of the tumours that it never saw.")

bundle = service.pack(model, X_test, sys.argv[1], name="tumours")
print(f"Packed as {bundle.manifest.format}: sha256 {bundle.sha256}")
