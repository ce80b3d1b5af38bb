"""``--json``: one document on standard output, whatever else is said on standard error."""

import json
import os
import sys

import click
import joblib
import pytest
from click.testing import CliRunner
from registries import running_registry
from sklearn.linear_model import LogisticRegression

from service.bundle.manifest import read_manifest
from service.cli import COMMANDS, LazyGroup, cli, main
from service.commands.document import json_option, tell

WITHOUT = {
    "serve": "it writes its log until it ends, in JSON with ML_API_LOG_FORMAT=json",
    "completion": "it writes a script for a shell",
}

ROWS = [[0.0, 1.0], [1.0, 0.5], [2.0, 0.0], [3.0, 1.5]]


@pytest.fixture(name="model", scope="module")
def _model(tmp_path_factory):
    folder = tmp_path_factory.mktemp("model")
    joblib.dump(LogisticRegression().fit(ROWS, ["no", "no", "yes", "yes"]), folder / "model.joblib")
    (folder / "rows.csv").write_text("0,1\n1,0.5\n2,0\n")
    return folder


@pytest.fixture(name="bundle", scope="module")
def _bundle(model):
    run("pack", model / "model.joblib", "--name", "small", "--data", model / "rows.csv", "--out", model / "bundle")
    return model / "bundle"


def run(*arguments):
    result = CliRunner().invoke(cli, [*map(str, arguments), "--json"])
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


@pytest.mark.parametrize("command", ["pack", "check", "fetch"])
def test_a_bundle_is_told_as_its_manifest_and_its_digest(model, bundle, tmp_path, command):
    arguments, folder = {
        "pack": (
            ("pack", model / "model.joblib", "--name", "small", "--data", model / "rows.csv", "--out", tmp_path / "b"),
            tmp_path / "b",
        ),
        "check": (("check", bundle), bundle),
        "fetch": (("fetch", bundle.as_uri(), "--out", tmp_path / "b"), tmp_path / "b"),
    }[command]
    told = run(*arguments)
    manifest, digest = read_manifest(folder)
    assert (told["name"], told["version"], told["format"]) == ("small", "1", "onnx")
    assert (told["folder"], told["sha256"]) == (str(folder), digest)
    assert told["inputs"][0]["shape"] == [-1, 2]
    assert told["outputs"][1]["labels"] == ["no", "yes"]
    assert told["conversion"]["converted"] is True
    if command == "check":
        assert told["libraries"] == manifest.libraries
        assert told["imports"] == {"harmless": [], "unknown": [], "dangerous": []}


def test_a_model_file_is_told_by_what_it_would_import(model):
    told = run("check", model / "model.joblib")
    assert told["format"] == "joblib"
    assert "sklearn.linear_model._logistic.LogisticRegression" in told["imports"]["harmless"]
    assert (told["imports"]["dangerous"], told["problem"]) == ([], "")


def test_the_demo_is_told_as_a_bundle_too(tmp_path):
    told = run("train-demo", "--out", tmp_path / "demo")
    assert (told["name"], told["sha256"]) == ("iris", read_manifest(tmp_path / "demo")[1])


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_that_has_a_result_gives_it_as_json(name):
    command = cli.get_command(click.Context(cli), name)
    assert ("--json" in [option for parameter in command.params for option in parameter.opts]) != (name in WITHOUT)


def test_what_was_pushed_is_told_with_its_own_digest(bundle, tmp_path):
    with running_registry(tmp_path) as host:
        told = run("push", bundle, f"oci://{host}/models/small:1")
    digest = told.pop("reference").removeprefix(f"oci://{host}/models/small@sha256:")
    assert len(digest) == 64
    uri = f"oci://{host}/models/small:1"
    digest = read_manifest(bundle)[1]
    assert told == {"name": "small", "version": "1", "format": "onnx", "sha256": digest, "uri": uri}


def test_a_service_is_told_by_what_it_passed(iris, iris_bundle):
    told = run("smoke", iris.url)
    model = {"name": "iris", "version": "3", "format": "onnx", "sha256": read_manifest(iris_bundle)[1]}
    assert told == {"url": iris.url, "passed": ["ready", "metadata", "predictions"], "model": model}


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (("check", "{bundle}", "--sha256", "0" * 64), 1, "The bundle in {bundle} has the digest "),
        (("smoke", "http://127.0.0.1:1", "--timeout", "0"), 1, "http://127.0.0.1:1 is not ready: "),
        (("predict", "http://127.0.0.1:1", "--data", "{bundle}/none.csv", "--out", "x"), 1, "Cannot read "),
        (("predict", "http://127.0.0.1:1", "--data", "-"), 2, "--json prints a summary where the answers would go"),
        (("pack", "model.joblib"), 2, "Missing option '--name'."),
        (("fetch", "--shout"), 2, "No such option '--shout'."),
        (("bake",), 2, "No such command 'bake'."),
        (("serve",), 2, "No such option '--json'."),
    ],
    ids=["bundle", "nobody", "file", "both", "missing", "option", "command", "serve"],
)
def test_an_error_is_the_member_of_that_name_and_a_line_for_people(
    bundle, arguments, code, sentence, monkeypatch, capsys
):
    given = [argument.format(bundle=bundle) for argument in arguments]
    monkeypatch.setattr(sys, "argv", ["ml-api", *given, "--json"])
    with pytest.raises(SystemExit) as ended:
        main()
    told = capsys.readouterr()
    error = json.loads(told.out)["error"]
    assert ended.value.code == code
    assert error.startswith(sentence.format(bundle=bundle))
    assert told.err.splitlines()[-1] == f"Error: {error}"


def test_what_is_known_is_told_beside_the_error(tmp_path):
    path = tmp_path / "model.joblib"
    joblib.dump([os.getcwd], path)
    result = CliRunner().invoke(cli, ["check", str(path), "--json"])
    told = json.loads(result.stdout)
    assert told["imports"]["dangerous"] == [f"{os.getcwd.__module__}.getcwd"]
    assert told["error"] == str(result.exception)


class Falling(LazyGroup):
    """The command line with a command that fails as nobody foresaw."""

    def get_command(self, ctx, cmd_name):
        del ctx

        @click.command(cmd_name)
        @json_option
        def fall(*, as_json):
            tell(rows=3, as_json=as_json)
            int("what a user typed")

        return fall


def test_an_error_that_nobody_foresaw_is_told_without_what_was_typed():
    result = CliRunner().invoke(Falling(), ["fall", "--json"])
    assert json.loads(result.stdout) == {
        "rows": 3,
        "as_json": True,
        "error": "This ended with an error that nobody foresaw (ValueError): standard error tells where.",
    }
    assert result.exit_code == 1
    assert isinstance(result.exception, ValueError)


def test_a_name_that_is_no_utf_8_is_told_as_well_as_that_can_be(tmp_path):
    # As the command line gives the byte 0xff.
    result = CliRunner().invoke(
        cli, ["predict", "http://127.0.0.1:1", "--data", f"{tmp_path}/\udcff", "--out", "x", "--json"]
    )
    assert json.loads(result.stdout)["error"] == f"Cannot read {tmp_path}/\ufffd: No such file or directory."


def test_without_json_standard_output_tells_nothing_of_an_error():
    assert CliRunner().invoke(cli, ["smoke", "http://127.0.0.1:1", "--timeout", "0"]).stdout == ""


def test_help_is_no_error():
    result = CliRunner().invoke(cli, ["pack", "--json", "--help"])
    assert result.exit_code == 0
    assert "error" not in result.stdout.partition("--json")[0]
    assert result.stdout.startswith("Usage: ")
