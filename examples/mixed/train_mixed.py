"""Mixed columns: will a customer leave?

Numbers with gaps and strings go through a ColumnTransformer. A request is a record with the columns' names; the income
may be null, as it was missing in some of the rows that were given to pack.
"""

import sys

import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

import service

random = np.random.default_rng(0)
customers = pd.DataFrame(
    {
        "age": random.integers(18, 80, 500),
        "monthly income": random.normal(3_000, 800, 500).round(2),
        "plan": random.choice(["basic", "family", "business"], 500),
        "city": random.choice(["Bern", "Oslo", "Rome"], 500),
    }
)
risk = (customers["plan"] == "basic") * 1.5 - customers["monthly income"] / 1_000 + customers["age"] / 40
leaves = np.where(risk + random.normal(0, 0.3, 500) > -1, "leaves", "stays")
customers.loc[::10, "monthly income"] = np.nan
X_train, X_test, y_train, y_test = train_test_split(customers, leaves, random_state=0)

columns = ColumnTransformer(
    [
        ("numbers", make_pipeline(SimpleImputer(), StandardScaler()), ["age", "monthly income"]),
        ("strings", OneHotEncoder(handle_unknown="ignore"), ["plan", "city"]),
    ]
)
model = make_pipeline(columns, LogisticRegression()).fit(X_train, y_train)
print(f"Right on {model.score(X_test, y_test):.0%} of the customers that it never saw.")

bundle = service.pack(model, X_test, sys.argv[1], name="customers")
print(f"Packed as {bundle.manifest.format}: sha256 {bundle.sha256}")
