"""Where answers go, and where they cannot go."""

import sys
from pathlib import Path

import pytest

from service.errors import ScoringError
from service.scoring.sinks import open_sink, refuse_unfit


def test_a_standard_output_that_is_full_is_one_sentence_and_not_tried_again(monkeypatch):
    full = Path("/dev/full").open("w")  # noqa: SIM115  # what is tested closes it
    monkeypatch.setattr(sys, "stdout", full)
    with (
        pytest.raises(ScoringError, match=r"^Cannot write standard output: No space left on device\.$"),
        open_sink("-", "predict\n", {}),
    ):
        pass
    assert full.closed


@pytest.mark.parametrize("may_replace", [True, False])
@pytest.mark.parametrize("kind", ["folder", "device"])
def test_what_is_no_file_is_refused_before_anybody_is_asked(tmp_path, kind, may_replace):
    out = "/dev/null" if kind == "device" else str(tmp_path)
    with pytest.raises(ScoringError, match=f"^{out} is no file: name one for the answers, or - for standard output"):
        refuse_unfit(out, may_replace=may_replace)


def test_a_name_that_no_file_can_have_is_one_sentence():
    with pytest.raises(ScoringError, match=r"^Cannot write x+: File name too long\.$"):
        refuse_unfit("x" * 300, may_replace=True)


def test_a_new_name_and_standard_output_are_fit(tmp_path):
    refuse_unfit(str(tmp_path / "answers.csv"), may_replace=False)
    refuse_unfit("-", may_replace=False)
