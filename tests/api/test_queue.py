"""Requests in turn: bounded in number and time, joined into batches, dropped when nobody waits for them."""

from __future__ import annotations

import re
import socket
import threading
from time import perf_counter

import httpx2
import pytest
from controlled import EXIT, FAILURE, OUT_OF_MEMORY, WRONG_VALUE, Gate
from refusals import assert_refused

PATIENCE = 50
"""Seconds until the server gives a request up by itself, so that nothing else in these tests can be the reason."""

PATHS = ["/predict", "/v1/models/controlled:predict", "/v2/models/controlled/infer"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("gates")


@pytest.fixture(scope="module")
def server(serve_for_all, controlled_bundle, folder):
    """One thread, room for three requests in the queue."""
    server = serve_for_all(
        controlled_bundle,
        environment={"CONTROLLED_GATES": str(folder)},
        trust_model=True,
        inline_milliseconds=0,
        threads=1,
        queue_requests=3,
        queue_rows=10,
        queue_timeout_seconds=PATIENCE,
        request_timeout_seconds=PATIENCE,
    )
    server.expects_errors = True
    return server.ready()


@pytest.fixture
def gate(folder):
    """A gate of its own for each test; it is opened at the end whatever happened."""
    gates = []

    def make() -> Gate:
        gates.append(Gate(folder, number := len(list(folder.iterdir())) + 1))
        gates[-1].number = number
        return gates[-1]

    yield make
    for gate in gates:
        gate.open()


class Question(threading.Thread):
    """Ask beside the test."""

    def __init__(self, server, rows, path="/predict", **headers: str) -> None:
        super().__init__(daemon=True)
        self._arguments = server.url, path, write(path, rows), headers
        self.start()

    def run(self) -> None:
        url, path, request, headers = self._arguments
        with httpx2.Client(base_url=url, timeout=60) as client:
            self._answer = client.post(path, json=request, headers=headers)

    def answer(self):
        self.join(60)
        return self._answer


def write(path: str, rows, **parameters) -> dict:
    if path.startswith("/v2"):
        tensor = {"name": "x", "datatype": "FP64", "shape": [len(rows), 3], "data": rows}
        return {"inputs": [tensor], "outputs": [{"name": "predict"}], "parameters": parameters}
    return {"instances": rows}


def metric(server, name: str) -> float:
    text = server.client.get("/metrics").text
    found = re.search(rf"^{re.escape(name)} (\S+)$", text, re.MULTILINE)
    assert found, f"no {name} in the metrics"
    return float(found[1])


def wait_for_queue(server, length: int) -> None:
    """Ask the metrics until so many requests wait: the request itself is the pause."""
    while metric(server, "ml_api_inference_queue_requests") != length:
        pass


def occupy(server, gate: Gate) -> Question:
    """Keep the only thread of the server busy."""
    question = Question(server, [[gate.number, 0, 0]])
    gate.wait_until_reached()
    return question


def fill_queue(server, rows=3) -> list[Question]:
    questions = []
    for number in range(rows):
        questions.append(Question(server, [[0, 0, number + 10]]))
        wait_for_queue(server, number + 1)
    return questions


@pytest.mark.parametrize("path", PATHS)
def test_a_full_queue_sends_requests_away_and_those_in_it_are_answered(server, gate, path):
    rejected = metric(server, 'ml_api_requests_rejected_total{reason="queue_full"}')
    door = gate()
    first = occupy(server, door)
    waiting = fill_queue(server)
    response = server.client.post(path, json=write(path, [[0, 0, 99]]))
    assert assert_refused(response, 503) == "the queue is full: try again later"
    assert response.headers["retry-after"] == "1"
    assert metric(server, 'ml_api_requests_rejected_total{reason="queue_full"}') == rejected + 1
    door.open()
    assert first.answer().json() == {"predictions": [0.0]}
    assert [question.answer().json()["predictions"] for question in waiting] == [[10.0], [11.0], [12.0]]


def test_a_queue_is_full_of_rows_too(server, gate):
    door = gate()
    occupy(server, door)
    waiting = Question(server, [[0, 0, 1]] * 8)
    wait_for_queue(server, 1)
    assert_refused(server.client.post("/predict", json={"instances": [[0, 0, 1]] * 3}), 503)
    door.open()
    assert waiting.answer().json() == {"predictions": [1.0] * 8}


def test_more_rows_than_the_queue_holds_are_answered_when_nobody_waits(server):
    assert server.client.post("/predict", json={"instances": [[0, 0, 1]] * 11}).json() == {"predictions": [1.0] * 11}


def test_what_waited_together_runs_as_one_batch(server, gate):
    door = gate()
    occupy(server, door)
    waiting = fill_queue(server)
    calls = metric(server, "ml_api_inference_batch_rows_count")
    rows = metric(server, "ml_api_inference_batch_rows_sum")
    door.open()
    assert [question.answer().json()["predictions"] for question in waiting] == [[10.0], [11.0], [12.0]]
    # The one at the gate, and one for all three.
    assert metric(server, "ml_api_inference_batch_rows_count") == calls + 2
    assert metric(server, "ml_api_inference_batch_rows_sum") == rows + 4


def test_requests_for_different_outputs_never_share_a_batch(server, gate):
    door = gate()
    occupy(server, door)
    plain = Question(server, [[0, 0, 5]])
    wait_for_queue(server, 1)
    other = Question(server, [[0, 0, 6]], "/predict?outputs=decision_function")
    wait_for_queue(server, 2)
    calls = metric(server, "ml_api_inference_batch_rows_count")
    door.open()
    assert plain.answer().json() == {"predictions": [5.0]}
    assert other.answer().json() == {"predictions": [6.0], "outputs": {"decision_function": [-6.0]}}
    assert metric(server, "ml_api_inference_batch_rows_count") == calls + 3


@pytest.mark.parametrize(
    ("kind", "status", "message"),
    [
        (WRONG_VALUE, 400, "the model refused these values"),
        (FAILURE, 500, "the model failed; the server's log has the reason"),
        (EXIT, 500, "the model failed; the server's log has the reason"),
        (OUT_OF_MEMORY, 503, "the model ran out of memory: send fewer rows, or try again later"),
    ],
)
def test_an_error_stays_with_its_request(server, gate, kind, status, message):
    door = gate()
    occupy(server, door)
    good = Question(server, [[0, 0, 5]])
    wait_for_queue(server, 1)
    bad = Question(server, [[kind, 0, 0]])
    wait_for_queue(server, 2)
    also_good = Question(server, [[0, 0, 6]])
    wait_for_queue(server, 3)
    door.open()
    assert assert_refused(bad.answer(), status) == message
    assert "nobody may see" not in bad.answer().text
    assert good.answer().json() == {"predictions": [5.0]}
    assert also_good.answer().json() == {"predictions": [6.0]}
    assert server.client.get("/readyz").status_code == 200


def test_a_request_that_waits_too_long_is_sent_away(serve_controlled, gates):
    server, gate = serve_controlled(queue_timeout_seconds=0.2).ready(), gates(1)
    first = Question(server, [[1, 0, 7]])
    gate.wait_until_reached()
    late = server.client.post("/predict", json={"instances": [[0, 0, 1]]})
    assert assert_refused(late, 503) == "the request waited too long for the model: try again later"
    assert late.headers["retry-after"] == "1"
    assert metric(server, 'ml_api_requests_rejected_total{reason="queue_timeout"}') == 1
    gate.open()
    # The first one did not wait in the queue, so it has the longer deadline.
    assert first.answer().json() == {"predictions": [7.0]}


@pytest.mark.parametrize("path", PATHS)
def test_a_client_may_shorten_its_deadline_by_a_header(server, gate, path):
    late = metric(server, 'ml_api_requests_rejected_total{reason="queue_timeout"}')
    door = gate()
    occupy(server, door)
    start = perf_counter()
    response = server.client.post(path, json=write(path, [[0, 0, 1]]), headers={"x-request-timeout-ms": "50"})
    assert 0.05 <= perf_counter() - start < PATIENCE / 2
    assert_refused(response, 503)
    assert metric(server, 'ml_api_requests_rejected_total{reason="queue_timeout"}') == late + 1
    assert metric(server, "ml_api_inference_queue_requests") == 0


def test_a_client_may_shorten_its_deadline_by_v2s_parameter_in_microseconds(server, gate):
    door = gate()
    occupy(server, door)
    start = perf_counter()
    response = server.client.post(PATHS[2], json=write(PATHS[2], [[0, 0, 1]], timeout=50_000))
    assert 0.05 <= perf_counter() - start < PATIENCE / 2
    assert_refused(response, 503)


def test_a_deadline_counts_while_the_model_runs_too(server, gate):
    late = metric(server, 'ml_api_requests_rejected_total{reason="timeout"}')
    door = gate()
    start = perf_counter()
    response = Question(server, [[door.number, 0, 0]], **{"x-request-timeout-ms": "200"})
    door.wait_until_reached()
    assert_refused(response.answer(), 503)
    assert perf_counter() - start < PATIENCE / 2
    assert metric(server, 'ml_api_requests_rejected_total{reason="timeout"}') == late + 1


def test_a_longer_deadline_than_the_servers_changes_nothing(server):
    headers = {"x-request-timeout-ms": "999999999"}
    response = server.client.post("/predict", json={"instances": [[0, 0, 1]]}, headers=headers)
    assert response.json() == {"predictions": [1.0]}


def test_work_whose_client_has_gone_never_runs(server, gate):
    door = gate()
    occupy(server, door)
    rows = metric(server, "ml_api_inference_batch_rows_sum")
    late = metric(server, 'ml_api_requests_rejected_total{reason="queue_timeout"}')
    body = b'{"instances": [[0, 0, 1], [0, 0, 1]]}'
    with socket.create_connection((server.host, server.port)) as connection:
        connection.sendall(b"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))
        wait_for_queue(server, 1)
    wait_for_queue(server, 0)
    # It left because its client did, not because its time was up.
    assert metric(server, 'ml_api_requests_rejected_total{reason="queue_timeout"}') == late
    door.open()
    assert server.client.post("/predict", json={"instances": [[0, 0, 1]]}).json() == {"predictions": [1.0]}
    assert metric(server, "ml_api_inference_batch_rows_sum") == rows + 2


@pytest.mark.parametrize("path", ["/livez", "/readyz", "/v2/health/ready", "/v2/models/controlled", "/metrics"])
def test_probes_answer_while_the_model_is_busy_with_the_queue_full(server, gate, path):
    door = gate()
    busy = occupy(server, door)
    waiting = fill_queue(server)
    assert server.client.get(path).status_code == 200
    door.open()
    assert {question.answer().status_code for question in [busy, *waiting]} == {200}


@pytest.mark.parametrize(("size", "turns"), [(1000, 0), (100_000, 1)])
def test_a_long_body_takes_its_turn_however_few_rows_it_has(iris, size, turns):
    def waits() -> int:
        (model,) = iris.client.get("/v2/models/stats").json()["model_stats"]
        return model["inference_stats"]["queue"]["count"]

    before = waits()
    content = b'{"instances": [[5.1, 3.5, 1.4, 0.2]]}'.ljust(size)
    assert iris.client.post("/predict", content=content).json() == {"predictions": ["setosa"]}
    assert waits() == before + turns


def test_probes_answer_fast_while_the_model_computes(server):
    server.client.get("/livez")
    busy = Question(server, [[0, 1, 7]])
    durations = []
    while busy.is_alive():
        start = perf_counter()
        assert server.client.get("/livez").status_code == 200
        durations.append(perf_counter() - start)
    assert busy.answer().json() == {"predictions": [7.0]}
    assert len(durations) > 10
    assert sorted(durations)[len(durations) // 2] < 0.05
