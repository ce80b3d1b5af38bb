"""Several targets at once: weight, waist and pulse of a person from three exercises."""

import sys

from sklearn.datasets import load_linnerud
from sklearn.linear_model import Ridge

import service

people = load_linnerud(as_frame=True)

model = Ridge().fit(people.data, people.target)
print(f"Predicts {', '.join(people.target.columns)} from {', '.join(people.data.columns)}.")

bundle = service.pack(model, people.data, sys.argv[1], name="exercise")
print(f"Packed as {bundle.manifest.format}: sha256 {bundle.sha256}")
