"""One side is asked for all rows, as many at a time as it takes."""

from contextlib import closing

import httpx2
import numpy as np
import pytest
from flaky import flaky
from sklearn.datasets import load_iris

from service.bundle.verify import Trust
from service.comparison.measure import ask
from service.comparison.sides import BundleSide, ServiceSide
from service.errors import BodyTooLargeError

ROWS = {"input": np.tile(load_iris().data, (4, 1))}


@pytest.fixture(name="proxy")
def _proxy(iris):
    with flaky(iris.url) as proxy:
        yield proxy


@pytest.fixture(name="service")
def _service(proxy):
    with closing(httpx2.Client(base_url=proxy.url)) as client:
        yield ServiceSide(proxy.url, client)


def rows_asked(proxy):
    return [tensors[0]["shape"][0] for tensors in proxy.asked]


def test_a_service_that_takes_less_is_asked_for_less_and_answers_the_same(proxy, service, iris_bundle):
    local = ask(BundleSide(iris_bundle, Trust()), ROWS, ["predict"], lambda _: None)
    proxy.most_bytes = 2000
    done = []
    remote = ask(service, ROWS, ["predict"], done.append)
    assert remote.taken.all()
    assert (remote.outputs["predict"] == local.outputs["predict"]).all()
    assert sum(done) == 600
    assert {256, 128, 64} <= set(rows_asked(proxy))


def test_rows_that_are_wide_are_not_sent_only_to_be_refused(service, proxy):
    wide = {"input": np.full((256, 1200), 1 / 3)}
    rows = service.rows_together(wide)
    assert 30 < rows < 50
    assert service.rows_together(ROWS) > 256
    assert rows_asked(proxy) == []


def test_a_service_that_takes_no_row_is_one_sentence(proxy, service):
    proxy.most_bytes = 10
    with pytest.raises(BodyTooLargeError, match="/v2/models/iris/infer answered 413: "):
        ask(service, ROWS, ["predict"], lambda _: None)
