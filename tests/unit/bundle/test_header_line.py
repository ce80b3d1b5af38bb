"""Whether a table begins with names."""

import pytest

from service.bundle.header_line import find_header

GUESSED, SURE = True, False


@pytest.mark.parametrize(
    ("first", "names", "is_there", "is_guessed"),
    [
        (["5.1", "3.5"], (), False, GUESSED),
        (["5.1", "", "NaN"], (), False, GUESSED),
        (["", "NaN"], (), True, GUESSED),
        (["height", "width"], (), True, GUESSED),
        (["22", "S", "C"], (), True, GUESSED),
        (["a fine day"], ("input",), True, GUESSED),
        (["width", "height", "id"], ("height", "width"), True, SURE),
        (["1", "0"], ("0", "1"), True, SURE),
        (["id", "text"], ("input",), True, SURE),
    ],
    ids=lambda value: ",".join(map(str, value)) if isinstance(value, list | tuple) else str(value),
)
def test_what_is_not_sure_is_told(first, names, is_there, is_guessed):
    header = find_header(first, "rows.csv", names, given=None)
    assert header.is_there == is_there
    assert bool(header.assumption) == is_guessed
    if is_guessed:
        assert ("--no-header" if is_there else "--header") in header.assumption


@pytest.mark.parametrize("first", [["1", "2"], ["height", "width"]], ids=",".join)
@pytest.mark.parametrize("given", [True, False])
def test_whoever_knows_is_asked_no_more(first, given):
    header = find_header(first, "rows.csv", (), given=given)
    assert (header.is_there, header.assumption) == (given, "")


def test_a_long_line_is_told_in_short():
    assert len(find_header(["a" * 5000], "rows.csv", (), given=None).assumption) < 150
