"""``ml-api predict`` in the process of the tests, and what it should answer."""

from __future__ import annotations

from click.testing import CliRunner
from sklearn.datasets import load_iris

from service.cli import cli
from service.errors import ServiceError

NAMES = ["sepal length (cm)", "sepal width (cm)", "petal length (cm)", "petal width (cm)"]


def predict(url, data, *arguments, stdin=None):
    return CliRunner().invoke(cli, ["predict", url, "--data", str(data), *map(str, arguments)], input=stdin)


def refused(*arguments, stdin=None) -> str:
    result = predict(*arguments, stdin=stdin)
    assert isinstance(result.exception, ServiceError), (result.output, result.exception)
    return str(result.exception)


def expected(server) -> list[str]:
    rows = load_iris().data.tolist()
    return server.client.post("/predict", json={"instances": rows}).json()["predictions"]
