"""The file of API keys: what is in it, and how its changes are followed."""

from __future__ import annotations

import pytest

from service.operations.api_keys import KeyFileError, KeyRing, read_keys


class Clock:
    """Seconds that a test sets."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "api-keys"
    path.write_text("first\nsecond\n")
    return path


def test_empty_lines_comments_and_white_space_are_no_keys(file):
    file.write_text("# the web shop\nfirst\n\n  second  \r\n#third\n")
    assert read_keys(file) == (b"first", b"second")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        pytest.param(b"", "holds no API key", id="nothing"),
        pytest.param(b"# none yet\n\n", "holds no API key", id="comments alone"),
        pytest.param(b"first\nzq7marker and more\n", "Line 2 of", id="white space"),
        pytest.param("zq7marker\N{SNOWMAN}".encode(), "Line 1 of", id="other characters"),
        pytest.param(b"zq7marker\n" * 200_000, "larger than", id="too much"),
    ],
)
def test_a_file_without_proper_keys_is_refused_in_a_sentence_that_quotes_nothing(file, content, sentence):
    file.write_bytes(content)
    with pytest.raises(KeyFileError, match=sentence) as caught:
        read_keys(file)
    assert "zq7marker" not in str(caught.value)


@pytest.mark.parametrize("name", ["missing", "."])
def test_a_file_that_cannot_be_read_is_refused(tmp_path, name):
    with pytest.raises(KeyFileError, match="Cannot read the API keys in"):
        KeyRing(tmp_path / name)


@pytest.mark.parametrize(
    ("key", "known"),
    [("first", True), ("second", True), ("firs", False), ("first\nsecond", False), ("# a", False), ("", False)],
)
def test_each_key_is_known_and_nothing_else(file, key, known):
    assert KeyRing(file).knows(key.encode()) is known


def test_the_ring_holds_no_key_itself(file):
    assert b"first" not in repr(vars(KeyRing(file))).encode()


def test_a_change_is_seen_after_a_second_and_not_looked_for_before(file, clock):
    ring = KeyRing(file, clock)
    file.write_text("another\n")
    clock.now = 0.99
    assert ring.knows(b"first")
    assert not ring.knows(b"another")
    clock.now = 1.0
    assert ring.knows(b"another")
    assert not ring.knows(b"first")


def test_a_link_that_leads_elsewhere_is_a_change(tmp_path, clock):
    """Kubernetes changes a mounted Secret so: the folder behind ``..data`` is replaced."""
    for version, key in (("one", "first"), ("two", "other")):
        (tmp_path / version).mkdir()
        (tmp_path / version / "api-keys").write_text(key)
    (tmp_path / "..data").symlink_to("one")
    (tmp_path / "api-keys").symlink_to("..data/api-keys")
    ring = KeyRing(tmp_path / "api-keys", clock)
    (tmp_path / "..new").symlink_to("two")
    (tmp_path / "..new").rename(tmp_path / "..data")
    clock.now = 1.0
    assert ring.knows(b"other")
    assert not ring.knows(b"first")


@pytest.mark.parametrize("content", [None, "", "# nothing\n", "zq7marker \N{SNOWMAN}\n"])
def test_keys_that_went_bad_leave_the_last_ones_in_force_and_are_told_once(file, clock, caplog, content):
    ring = KeyRing(file, clock)
    if content is None:
        file.unlink()
    else:
        file.write_text(content)
    for second in (1, 2, 3):
        clock.now = second
        assert ring.knows(b"first")
    assert [record.getMessage().endswith("The last keys stay in force.") for record in caplog.records] == [True]
    assert "zq7marker" not in caplog.text
    file.write_text("another\n")
    clock.now = 4
    assert ring.knows(b"another")
    assert not ring.knows(b"first")
