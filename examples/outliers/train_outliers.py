"""An outlier detector: which readings of a machine are strange?

It answers 1 for a usual reading and -1 for a strange one; decision_function tells how usual it is.
"""

import sys

import numpy as np
from sklearn.ensemble import IsolationForest

import service

random = np.random.default_rng(0)
readings = random.normal([60.0, 1.2], [3.0, 0.1], (500, 2))

model = IsolationForest(random_state=0).fit(readings)
strange = np.array([[95.0, 0.2]])
print(f"A usual reading gets {model.predict(readings[:1])[0]}, a strange one {model.predict(strange)[0]}.")

bundle = service.pack(model, np.vstack([readings[:100], strange]), sys.argv[1], name="readings")
print(f"Packed as {bundle.manifest.format}: sha256 {bundle.sha256}")
