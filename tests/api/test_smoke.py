"""``ml-api smoke`` and ``ml-api fetch``, which the chart's pods run."""

import json
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx2
import pytest
import serving
from running import PROGRAM

from service.cli import main


@pytest.fixture
def run(monkeypatch, capsys):
    """Runs the command line as a process would, in this one: a start costs a second of the tests."""

    def run(*arguments: object) -> subprocess.CompletedProcess[str]:
        monkeypatch.setattr(sys, "argv", ["ml-api", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        told = capsys.readouterr()
        return subprocess.CompletedProcess(arguments, ended.value.code or 0, told.out, told.err)

    return run


@pytest.fixture
def copy(iris):
    """A server that repeats what the real one says, but for what a test changes in ``answers`` by path."""
    paths = ("/readyz", "/model", "/v2/models/iris")
    answers = {path: iris.client.get(path).json() for path in paths}
    example = answers["/model"]["manifest"]["example"]["inputs"]["input"]
    answers["/predict"] = iris.client.post("/predict", json={"instances": example}).json()
    tensor = {"name": "input", "datatype": "FP64", "shape": [len(example), 4], "data": example}
    answers["/v2/models/iris/infer"] = iris.client.post("/v2/models/iris/infer", json={"inputs": [tensor]}).json()

    class Handler(serving.Answering, BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("content-length", 0)))
            answer = server.name_the_pod() if self.path == "/readyz" and server.name_the_pod else answers[self.path]
            self.answer(200 if answer else 500, json.dumps(answer).encode())

        do_POST = do_GET  # noqa: N815  # the name that the base class looks for

    with serving.running(ThreadingHTTPServer(("127.0.0.1", 0), Handler)) as server:
        server.answers, server.name_the_pod = answers, None
        server.url = f"http://127.0.0.1:{server.server_port}"
        yield server


def test_a_good_service_passes_with_a_line_for_each_check(iris):
    command = [PROGRAM, "smoke", iris.url, "--timeout", "30"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    first, *others = done.stdout.splitlines()
    assert first.startswith("Ready: iris 3 (onnx, digest ")
    assert [line.partition(":")[0] for line in others] == ["Metadata", "Predictions"]


@pytest.mark.parametrize("bundle", ["passengers", "texts", "diabetes"])
def test_models_of_columns_texts_and_several_targets_pass_too(run, request, bundle):
    done = run("smoke", request.getfixturevalue(bundle).url)
    assert done.returncode == 0, done.stderr


def test_a_service_that_repeats_the_good_one_passes(run, copy):
    done = run("smoke", copy.url)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("path", "change", "sentence"),
    [
        ("/predict", lambda answer: answer["predictions"].reverse() or answer["predictions"].append("virginica"),
         "/predict answers the manifest's example wrongly: predict has the shape [3] instead of [2]."),
        ("/predict", lambda answer: answer.update(predictions=["virginica", "setosa"]),
         "/predict answers the manifest's example wrongly: predict"),
        ("/v2/models/iris/infer", lambda answer: answer["outputs"][1]["data"].__setitem__(0, 0.5),
         "/v2/models/iris/infer answers the manifest's example wrongly: predict_proba"),
        ("/v2/models/iris", lambda answer: answer.update(inputs=[]),
         "/v2/models/iris tells other inputs than the manifest."),
        ("/predict", dict.clear, "/predict answered 500: {}"),
    ],
)  # fmt: skip
def test_a_service_that_is_not_what_its_manifest_says_fails(run, copy, path, change, sentence):
    change(copy.answers[path])
    done = run("smoke", copy.url)
    assert done.returncode == 1
    assert done.stderr.startswith(f"Error: {sentence}")
    assert done.stderr.count("\n") == 1


def test_a_service_that_does_not_become_ready_is_told(run, copy):
    copy.answers["/readyz"] = {}
    done = run("smoke", copy.url, "--timeout", 0.3)
    assert (done.returncode, done.stderr) == (1, f"Error: {copy.url} is not ready: /readyz answers 500.\n")


def test_a_service_that_is_not_there_is_told(run):
    done = run("smoke", "http://127.0.0.1:1", "--timeout", 0.3)
    assert done.returncode == 1
    assert done.stderr.startswith("Error: http://127.0.0.1:1 is not ready: ")


def test_pods_are_met_over_new_connections_until_there_are_enough(run, copy):
    names = iter(["a", "a", "b", "a", "c"])
    ready = copy.answers["/readyz"]
    copy.name_the_pod = lambda: ready | {"pod": next(names)}
    done = run("smoke", copy.url, "--pods", 3)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "Pods: a, b, c"


def test_too_few_pods_fail(run, iris):
    done = run("smoke", iris.url, "--pods", 2, "--timeout", 1)
    assert done.returncode == 1
    assert done.stderr == f"Error: Only 1 of 2 pods answered behind {iris.url}: pod-7.\n"


def test_a_service_that_names_no_pod_cannot_be_counted(run, diabetes):
    done = run("smoke", diabetes.url, "--pods", 2, "--timeout", 1)
    assert (done.returncode, done.stderr) == (1, f"Error: {diabetes.url}/readyz names no pod: set ML_API_POD_NAME.\n")


def test_fetch_says_what_it_fetched(run, iris, iris_bundle, tmp_path):
    digest = httpx2.get(f"{iris.url}/readyz").json()["model"]["sha256"]
    done = run("fetch", iris_bundle.as_uri(), "--sha256", digest, "--out", tmp_path / "bundle")
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"Fetched iris 3 (onnx) into {tmp_path / 'bundle'}: digest {digest}\n"
    assert done.stderr == ""


def test_fetch_fails_with_a_sentence(run, tmp_path):
    done = run("fetch", "file:///nowhere", "--sha256", "0" * 64, "--out", tmp_path / "bundle")
    assert (done.returncode, done.stderr) == (1, "Error: Cannot read /nowhere/model.json: No such file or directory.\n")


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("/readyz", "a page"),
        ("/model", {"manifest": {"name": "iris"}}),
        ("/v2/models/iris", ["something", "else"]),
        ("/predict", {"outputs": []}),
    ],
)
def test_another_service_is_told_from_this_one_in_one_sentence(run, copy, path, answer):
    url, answers = copy.url, copy.answers
    answers[path] = answer
    done = run("smoke", url, "--timeout", "1")
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert "Traceback" not in done.stderr
