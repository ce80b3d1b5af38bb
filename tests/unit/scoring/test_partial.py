"""Answers on their way into a file: what is lost when it cannot be written, and what is never touched."""

import resource
from contextlib import contextmanager

import pytest

from service.errors import ScoringError
from service.scoring.partial import PartialFile

HEADER, IDENTITY = "predict\n", {"model": "m", "outputs": ""}
LINES = "setosa\n" * 100


@pytest.fixture(name="target")
def _target(tmp_path):
    return tmp_path / "answers.csv"


@pytest.fixture(name="part")
def _part(tmp_path):
    return tmp_path / "answers.csv.part"


def begin(target):
    return PartialFile(target, HEADER, IDENTITY)


@contextmanager
def files_of_at_most(size):
    """As `ulimit -f` and a full disk do it."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_full_disk_is_one_sentence_and_what_was_sure_is_continued(target, part):
    file = begin(target)
    file.append(LINES, 100, "a")
    with files_of_at_most(1000), pytest.raises(ScoringError, match=rf"^Cannot write {part}: File too large\.$"):
        file.append(LINES, 100, "b")
    assert file.state.rows == 100
    file.close()
    again = begin(target)
    assert (again.state.rows, again.state.digest) == (100, "a")
    again.append(LINES, 100, "b")
    again.finish()
    again.close()
    assert target.read_text() == HEADER + 2 * LINES


def test_a_disk_that_is_full_from_the_beginning_is_one_sentence(target):
    with files_of_at_most(1), pytest.raises(ScoringError, match="File too large"):
        begin(target)


def test_answers_whose_name_was_taken_in_between_are_kept(target, part):
    file = begin(target)
    file.append(LINES, 100, "a")
    target.mkdir()
    with pytest.raises(ScoringError, match=rf"^Cannot write {target}: Is a directory\.$"):
        file.finish()
    file.close()
    assert part.read_text() == HEADER + LINES
    again = begin(target)
    assert again.state.rows == 100
    again.close()


@pytest.mark.parametrize("content", ["precious", "predict\nprecious\n"], ids=["other", "longer"])
def test_a_file_of_somebody_else_is_not_touched(target, part, content):
    part.write_text(content)
    with pytest.raises(ScoringError, match=r"is there without answers\.csv\.part\.json, which says what is in it"):
        begin(target)
    assert part.read_text() == content


@pytest.mark.parametrize("torn", ["", "pre", HEADER])
def test_a_run_that_ended_before_its_first_note_is_begun_anew(target, part, torn):
    part.write_text(torn)
    begin(target).close()
    assert part.read_text() == HEADER


@pytest.mark.parametrize(
    "note",
    [
        '{"size":"x"}',
        '{"size":"8"}',
        "{}",
        '{"size":-1}',
        '{"size":8,"rows":-1}',
        '{"size":8.5}',
        '{"identity":[],"size":8}',
        "[]",
        "x",
    ],
)
def test_a_note_that_is_none_is_refused_and_nothing_is_cut_off(target, part, note):
    part.write_text(HEADER + LINES)
    part.with_name("answers.csv.part.json").write_text(note)
    with pytest.raises(ScoringError, match="do not belong together: remove both to begin anew"):
        begin(target)
    assert part.read_text() == HEADER + LINES
