"""Raw text: which team should answer a customer's message?

Packed as joblib: ONNX Runtime's tokenizer ends a word at letters such as "é", so the proof finds different answers and
the original is kept. The bundle is served with --sha256 or --trust, because loading a joblib file executes code.
"""

import itertools
import sys

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline

import service

OPENINGS = ["Hello,", "Dear team,", "Please help:", "It is urgent.", "Once more:"]
PROBLEMS = {
    "billing": [
        "I was charged twice",
        "the invoice is wrong",
        "my refund is missing",
        "the price on the bill is too high",
    ],
    "delivery": [
        "the parcel never came",
        "my order is late",
        "the courier lost the box",
        "it went to the wrong address",
    ],
    "technical": ["the app crashes", "I cannot log in", "the screen stays black", "the update fails with an error"],
}

messages, teams = [], []
for team, problems in PROBLEMS.items():
    for opening, problem in itertools.product(OPENINGS, problems):
        messages.append(f"{opening} {problem}")
        teams.append(team)
X_train, X_test, y_train, y_test = train_test_split(messages, teams, stratify=teams, random_state=0)

model = make_pipeline(TfidfVectorizer(), LogisticRegression()).fit(X_train, y_train)
print(f"Right on {model.score(X_test, y_test):.0%} of the messages that it never saw.")

bundle = service.pack(model, X_test, sys.argv[1], name="messages")
print(f"Packed as {bundle.manifest.format}: sha256 {bundle.sha256}")
