"""Rows near the given ones."""

import numpy as np
import pytest

from service.packing.variations import variations


def changes(**tensors):
    return {description: list(changed.values()) for description, changed in variations(tensors)}


def test_numbers_move_half_the_way_to_the_next_larger_one():
    (moved,) = changes(input=np.array([[0.1], [0.5], [0.2]]))["between the given rows"]
    np.testing.assert_allclose(moved, [[0.15], [0.5], [0.35]])


def test_missing_and_infinite_numbers_stay():
    (moved,) = changes(input=np.array([[0.5], [np.nan], [1.0], [np.inf]]))["between the given rows"]
    np.testing.assert_array_equal(moved, [[0.75], [np.nan], [1.0], [np.inf]])


def test_texts_are_put_in_capitals_and_joined():
    texts = np.array(["Good film", None], dtype=object)
    found = changes(text=texts)
    assert [array.tolist() for array in found["with texts in capital letters"]] == [["GOOD FILM", None]]
    assert [array.tolist() for array in found["with words joined by a letter beyond ASCII"]] == [["Goodéfilm", None]]


@pytest.mark.parametrize(
    "array",
    [
        np.array([[1], [2]]),
        np.array([[1.0], [2.0]]),
        np.array([1.5, 2.5]),
        np.array([[True]]),
        np.array([[0.5], [0.5]]),
        np.array([["X"]], dtype=object),
    ],
)
def test_what_cannot_change_is_left_out(array):
    assert changes(input=array) == {}


def test_a_column_that_does_not_change_stays_beside_one_that_does():
    whole, number = np.array([[1], [2]]), np.array([[0.5], [1.5]])
    assert changes(whole=whole, number=number)["between the given rows"][0].tolist() == [[1], [2]]


def test_only_a_thousand_rows_are_changed():
    (moved,) = changes(input=np.linspace(0.1, 0.9, 1500).reshape(-1, 1))["between the given rows"]
    assert len(moved) == 1000
