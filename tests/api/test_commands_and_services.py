"""How the commands enter a running service: its certificate, its address and its key."""

from __future__ import annotations

import json

import pytest
from certificates import make_authority
from click.testing import CliRunner
from fronts import context_of, front

from service.cli import cli
from service.errors import ServiceError

COMMANDS = ["predict", "smoke", "compare"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("entering")
    (folder / "rows.csv").write_text("5.1,3.5,1.4,0.2\n6.7,3.0,5.2,2.3\n")
    return folder


@pytest.fixture(scope="module")
def private(iris, folder):
    """The service behind TLS, with a certificate of an authority that nobody knows."""
    authority = make_authority()
    authority.write(folder / "ca.crt")
    with front(iris.url, context_of(authority.sign("localhost"), folder)) as private:
        yield private


def run(name, folder, bundle, url, *arguments):
    command = {
        "predict": ("predict", url, "--data", folder / "rows.csv"),
        "smoke": ("smoke", url, "--timeout", 30),
        "compare": ("compare", bundle, url, "--data", folder / "rows.csv"),
    }[name]
    return CliRunner().invoke(cli, [str(part) for part in (*command, *arguments)])


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("predict", "predict\nsetosa\nvirginica\n"),
        ("smoke", "Predictions: the manifest's example is answered"),
        ("compare", "A and B agree on 2 rows"),
    ],
    ids=COMMANDS,
)
def test_a_private_authority_is_trusted_when_it_is_named(private, folder, iris_bundle, name, told):
    result = run(name, folder, iris_bundle, private.url, "--ca-file", folder / "ca.crt")
    assert result.exit_code == 0, result.output
    assert told in result.stdout


@pytest.mark.parametrize("name", COMMANDS)
def test_without_it_a_command_says_at_once_what_to_do(private, folder, iris_bundle, name):
    result = run(name, folder, iris_bundle, private.url)
    assert isinstance(result.exception, ServiceError), result.output
    assert "CERTIFICATE_VERIFY_FAILED" in str(result.exception)
    assert str(result.exception).endswith("; name the file of its CA with --ca-file.")
    assert "Trying again" not in result.stderr
    assert result.stdout == ""


@pytest.mark.parametrize("name", COMMANDS)
def test_a_file_without_certificates_is_refused(private, folder, iris_bundle, name):
    rows = folder / "rows.csv"
    error = run(name, folder, iris_bundle, private.url, "--ca-file", rows).exception
    assert str(error) == f"Cannot read the certificates in {rows}: it holds no certificates in PEM form."


@pytest.mark.parametrize(
    ("name", "url"),
    [("predict", "iris"), ("smoke", "iris"), ("smoke", "http://"), ("compare", "http://")],
    ids=["a word", "a word to smoke", "no host to smoke", "no host to compare"],
)
def test_what_is_no_address_is_told_at_once(folder, iris_bundle, name, url):
    error = run(name, folder, iris_bundle, url).exception
    assert str(error) == f"{url} is no address of a service: give one such as http://127.0.0.1:8080."


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ({"": "both"}, ("both", "both")),
        ({"-a": "one", "-b": "other"}, ("one", "other")),
        ({"-b": "other"}, (None, "other")),
        ({"": "both", "-a": "one"}, ("one", "both")),
    ],
    ids=["one for both", "one for each", "one alone", "one and the rest"],
)
def test_each_of_two_services_gets_its_own_key(iris, folder, tmp_path, given, shown):
    options = []
    for side, key in given.items():
        (tmp_path / key).write_text(f"{key}\n")
        options += [f"--api-key-file{side}", tmp_path / key]
    with front(iris.url) as a, front(iris.url) as b:
        result = run("compare", folder, a.url, b.url, "--json", *options)
        assert json.loads(result.stdout)["agree"], result.output
        assert (a.keys, b.keys) == tuple({key and f"Bearer {key}"} for key in shown)
