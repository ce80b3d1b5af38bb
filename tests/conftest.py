"""Real bundles of small estimators, and real servers that serve them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

import hypothesis
import numpy as np
import pandas as pd
import pytest
from controlled import GATES, Controlled, Gate
from identity import write_identity
from running import Server
from sklearn.compose import make_column_transformer
from sklearn.datasets import load_diabetes, load_iris
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from service import pack

Serve = Callable[..., Server]

# The same examples in each run: a change that breaks nothing never turns red. A slow machine is no failure either.
hypothesis.settings.register_profile("the same each time", derandomize=True, deadline=None)
hypothesis.settings.load_profile("the same each time")


@pytest.fixture(scope="session")
def bundles(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("bundles")


@pytest.fixture(scope="session")
def iris_bundle(bundles: Path) -> Path:
    """Four numbers to a string, converted to ONNX."""
    iris = load_iris(as_frame=True)
    classifier = make_pipeline(StandardScaler(), LogisticRegression())
    classifier.fit(iris.data, iris.target_names[iris.target])
    return pack(classifier, iris.data, bundles / "iris", name="iris", version="3").folder


@pytest.fixture(scope="session")
def passengers_bundle(bundles: Path) -> Path:
    """Columns of several kinds, of which ``age`` and ``cabin`` may be missing."""
    frame = pd.DataFrame(
        {
            "age": [22.0, 38.0, np.nan, 35.0, 54.0, 2.0],
            "fare": [7.25, 71.28, 7.92, 53.1, 51.86, 21.07],
            "class": [3, 1, 3, 1, 1, 3],
            "port": ["S", "C", "S", "S", "Q", "C"],
            "cabin": ["C", None, None, "C", "E", None],
        }
    )
    numbers = make_pipeline(SimpleImputer(), StandardScaler())
    names = make_pipeline(SimpleImputer(strategy="constant", fill_value="?"), OneHotEncoder(handle_unknown="ignore"))
    columns = make_column_transformer((numbers, ["age", "fare", "class"]), (names, ["port", "cabin"]))
    classifier = make_pipeline(columns, LogisticRegression()).fit(frame, [0, 1, 1, 1, 0, 0])
    return pack(classifier, frame, bundles / "passengers", name="passengers", format="sklearn").folder


@pytest.fixture(scope="session")
def texts_bundle(bundles: Path) -> Path:
    """One text to an integer."""
    texts = ["a fine day", "a bad day", "fine and good", "bad and worse", "good", "worse"]
    classifier = make_pipeline(TfidfVectorizer(), LogisticRegression()).fit(texts, [1, 0, 1, 0, 1, 0])
    return pack(classifier, texts, bundles / "texts", name="texts").folder


@pytest.fixture(scope="session")
def diabetes_bundle(bundles: Path) -> Path:
    """Ten numbers without names to two numbers, in the estimator's own format."""
    diabetes = load_diabetes()
    targets = np.stack([diabetes.target, -diabetes.target], axis=1)
    regressor = LinearRegression().fit(diabetes.data, targets)
    return pack(regressor, diabetes.data[:50], bundles / "diabetes", name="diabetes", format="sklearn").folder


@pytest.fixture(scope="session")
def controlled_bundle(bundles: Path) -> Path:
    """A model that does what its rows say; see :mod:`controlled`."""
    rows = pd.DataFrame({"gate": [0.0, 0.0], "seconds": [0.0, 0.0], "value": [1.0, 2.0]})
    return pack(Controlled().fit(rows), rows, bundles / "controlled", name="controlled", format="sklearn").folder


@pytest.fixture(scope="session")
def identity_bundle(bundles: Path) -> Path:
    """A graph that gives back a column of each datatype."""
    return write_identity(bundles / "identity").folder


def _serving() -> Iterator[Serve]:
    with ExitStack() as servers:

        def start(
            bundle: Path, *arguments: str, environment: dict[str, str] | None = None, **settings: object
        ) -> Server:
            server = Server(bundle, arguments, environment, **settings)
            servers.callback(server.stop)
            return server

        yield start


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Start a server for one test."""
    yield from _serving()


@pytest.fixture(scope="session")
def serve_for_all() -> Iterator[Serve]:
    """Start a server that tests share, since none of them changes what another one sees."""
    yield from _serving()


@pytest.fixture(scope="session")
def iris(serve_for_all: Serve, iris_bundle: Path) -> Server:
    return serve_for_all(iris_bundle, pod_name="pod-7", pod_header=True).ready()


@pytest.fixture(scope="session")
def passengers(serve_for_all: Serve, passengers_bundle: Path) -> Server:
    return serve_for_all(passengers_bundle, "--trust").ready()


@pytest.fixture(scope="session")
def texts(serve_for_all: Serve, texts_bundle: Path) -> Server:
    return serve_for_all(texts_bundle, "--trust").ready()


@pytest.fixture(scope="session")
def diabetes(serve_for_all: Serve, diabetes_bundle: Path) -> Server:
    return serve_for_all(diabetes_bundle, "--trust").ready()


@pytest.fixture(scope="session")
def identity(serve_for_all: Serve, identity_bundle: Path) -> Server:
    return serve_for_all(identity_bundle).ready()


@pytest.fixture
def gates(tmp_path: Path) -> Callable[[object], Gate]:
    """Make a gate at which the controlled model will wait."""
    return lambda name: Gate(tmp_path, name)


@pytest.fixture
def serve_controlled(serve: Serve, controlled_bundle: Path, tmp_path: Path) -> Serve:
    """Start a server of the controlled model with one thread, which never runs in the event loop."""

    def start(environment: Mapping[str, str] | None = None, **settings: object) -> Server:
        values = {"trust_model": True, "inline_milliseconds": 0, "threads": 1, **settings}
        return serve(controlled_bundle, environment={GATES: str(tmp_path), **(environment or {})}, **values)

    return start


@pytest.fixture(autouse=True)
def _no_settings_from_outside() -> None:
    assert not [name for name in os.environ if name.startswith("ML_API_")], "unset ML_API_* before the tests"
