"""When two answers are the same."""

import numpy as np
import pytest

from service.runtimes.agreement import compare

ONES = np.ones(10)


def agree(expected, actual):
    return compare({"predict": np.asarray(expected)}, {"predict": np.asarray(actual)})


def test_equal_labels_agree():
    assert agree(["a", "b"], ["a", "b"]).problem == ""


def test_a_label_that_differs_names_its_row():
    agreement = agree(np.array(["a", "b", "c"], dtype=object), np.array(["a", "x", "c"], dtype=object))
    assert agreement.problem == "predict differs on 1 of 3 rows (rows 1, counted from 0)"
    assert agreement.largest_difference is None


def test_only_the_first_rows_that_differ_are_named():
    assert (
        agree(np.arange(6), -np.arange(6)).problem == "predict differs on 5 of 6 rows (rows 1, 2, 3, …, counted from 0)"
    )


@pytest.mark.parametrize("scale", [1e-9, 1.0, 1e9])
def test_the_tolerance_follows_the_size_of_the_numbers(scale):
    assert agree(ONES * scale, ONES * scale * (1 + 1e-4)).problem == ""
    assert "differs on 10 of 10 rows" in agree(ONES * scale, ONES * scale * (1 + 1e-3)).problem


def test_the_largest_difference_is_told():
    agreement = agree([1.0, 2.0, 3.0], [1.0, 2.5, 3.25])
    assert agreement.problem.endswith("by up to 0.5")
    assert agreement.largest_difference == 0.5
    assert agreement.rows == 3


def test_a_number_near_zero_may_differ_by_a_part_of_the_usual_size():
    assert agree([1.0, 1.0, 0.0], [1.0, 1.0, 1e-5]).problem == ""
    assert agree([1.0, 1.0, 0.0], [1.0, 1.0, 1e-3]).problem != ""


@pytest.mark.parametrize("special", [np.nan, np.inf, -np.inf])
def test_a_number_that_is_none_must_be_the_same(special):
    assert agree([special, 1.0], [special, 1.0]).problem == ""
    assert agree([special, 1.0], [1.0, 1.0]).problem != ""
    assert agree([1.0, 1.0], [special, 1.0]).problem != ""


def test_nothing_but_infinite_numbers_can_be_compared():
    assert agree([np.inf], [np.inf]) == agree([np.inf], [np.inf])
    assert agree([np.inf], [0.0]).problem != ""


def test_a_label_may_be_written_as_a_whole_number():
    assert agree([0.0, 1.0], np.array([0, 1])).problem == ""


def test_another_shape_is_told():
    assert agree([[1.0]], [1.0]).problem == "predict has the shape [1] instead of [1, 1]"


def test_strings_are_no_numbers():
    assert agree([1.0], np.array(["1"], dtype=object)).problem == "predict is not numeric"


def test_nothing_agrees_with_nothing():
    assert compare({}, {}).problem == ""
    assert agree(np.empty((0,), dtype=np.int64), np.empty((0,), dtype=np.int64)).problem == ""


def test_one_answer_for_all_rows_is_compared_too():
    assert agree(np.array(3), np.array(3)).problem == ""
    assert agree(np.array(3), np.array(4)).problem == "predict differs"


def test_all_outputs_that_differ_are_told():
    expected = {"predict": np.array([1]), "transform": np.array([[0.5]])}
    actual = {"predict": np.array([2]), "transform": np.array([[0.7]])}
    assert compare(expected, actual).problem == (
        "predict differs on 1 of 1 rows (rows 0, counted from 0); "
        "transform differs on 1 of 1 rows (rows 0, counted from 0) by up to 0.2"
    )
