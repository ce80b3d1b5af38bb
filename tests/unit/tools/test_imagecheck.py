"""The rules of the image: each is broken once, in an archive as docker exports it."""

import io
import tarfile

import pytest

from tools.imagecheck.__main__ import LABELS, check_config
from tools.imagecheck.contents import UID, check

PACKAGES = "app/lib/python3.13/site-packages"
KEY = b"-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIJ+DYvh6SEqVTm50DFtMDoQikTmiCqirVv9mWG9qfSnF\n"


def archive(*members: tarfile.TarInfo, content: bytes = b"") -> tarfile.TarFile:
    """An exported image with a harmless file, and these."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as written:
        for each in (member("usr/bin/python3.13", 0o755), *members):
            each.size = len(content) if each.isfile() else 0
            written.addfile(each, io.BytesIO(content))
    packed.seek(0)
    return tarfile.open(fileobj=packed, mode="r|")


def member(name: str, mode: int = 0o644, **attributes) -> tarfile.TarInfo:
    made = tarfile.TarInfo(name)
    made.mode = mode
    for attribute, value in attributes.items():
        setattr(made, attribute, value)
    return made


def found(*members: tarfile.TarInfo, sklearn: bool = True, content: bytes = b"") -> set[tuple[str, str]]:
    return {(each.rule, each.path) for each in check(archive(*members, content=content), sklearn=sklearn)[0]}


def test_what_a_pod_needs_is_no_finding():
    source = member(f"{PACKAGES}/service/cli.py")
    compiled = member(f"{PACKAGES}/service/__pycache__/cli.cpython-313.pyc")
    tmp = member("tmp", 0o1777, type=tarfile.DIRTYPE)
    link = member("app/bin/python", 0o777, type=tarfile.SYMTYPE, linkname="/usr/bin/python3.13")
    assert found(source, compiled, tmp, link, member("app/bin/ml-api", 0o755)) == set()


@pytest.mark.parametrize(
    ("broken", "rule"),
    [
        (member("usr/lib/helper", 0o4755), "a file that runs as its owner"),
        (member("usr/lib/helper", 0o2755), "a file that runs as its owner"),
        (member("app/.lock", 0o666), "a file that the service could write to"),
        (member("opt/ml-api/model/model.json", uid=UID), "a file that the service could write to"),
        (member("opt/ml-api", 0o775, gid=UID), "a file that the service could write to"),
        (member("usr/bin/sh", 0o777, type=tarfile.SYMTYPE, linkname="dash"), "a program that no pod needs"),
        (member("app/bin/f2py", 0o755), "a program that no pod needs"),
        (member("usr/sbin/ldconfig", 0o755), "a program that no pod needs"),
        (member("app/.env"), "the name of a secret"),
        (member("root/.docker", type=tarfile.DIRTYPE), "the name of a secret"),
        (member("etc/ssl/private/server.key"), "the name of a secret"),
        (member(f"{PACKAGES}/pip-25.1.dist-info/METADATA"), "left over from the build"),
        (member(f"{PACKAGES}/joblib/test/data.txt"), "left over from the build"),
        (member(f"{PACKAGES}/numpy/random/lib/libnpyrandom.a"), "left over from the build"),
        (member(f"{PACKAGES}/service/cli.py"), "source that is not compiled"),
    ],
    ids=lambda value: value if isinstance(value, str) else f"{value.name}-{value.mode:o}",
)
def test_each_rule_finds_what_breaks_it(broken, rule):
    assert found(broken) == {(rule, broken.name)}


def test_a_private_key_is_found_whatever_its_name():
    assert ("a private key", "app/notes.txt") in found(member("app/notes.txt"), content=KEY)
    assert found(member("app/notes.txt"), content=b"-----BEGIN PRIVATE KEY-----, says the documentation") == set()


def test_scikit_learn_is_refused_only_in_the_image_without_it():
    library = member(f"{PACKAGES}/scipy/libs.so")
    assert found(library) == set()
    assert found(library, sklearn=False) == {("scikit-learn in an image without", library.name)}
    assert found(member(f"{PACKAGES}/onnxruntime/libs.so"), sklearn=False) == set()


def test_the_size_is_that_of_all_files():
    assert check(archive(content=b"12345"), sklearn=True)[1] == 5


def test_an_image_tells_its_labels_its_user_and_its_start():
    good = {"Labels": dict.fromkeys(LABELS, "x"), "User": "10001:10001", "Entrypoint": ["ml-api"], "Cmd": ["serve"]}
    assert check_config(good) == []
    assert check_config(good | {"User": ""}) == ["it runs as root"]
    assert check_config(good | {"Cmd": None}) == ["it starts ['ml-api'] None"]
    unlabelled = check_config(good | {"Labels": None})
    assert len(unlabelled) == len(LABELS)
    assert "the label org.opencontainers.image.revision is missing" in unlabelled
