"""The rows of a CSV file, as they are sent."""

from io import BytesIO

import orjson
import pytest

from service.errors import ScoringError
from service.scoring.bodies import MOST_BYTES
from service.scoring.cells import Feature
from service.scoring.table import Shape, Table


def table_of(text, *names, datatype="FP64"):
    features = [Feature(name, datatype, nullable=False) for name in names]
    return Table(BytesIO(text.encode()), "rows.csv", Shape(features, is_bare=False))


def test_what_bounds_a_batch_is_the_json_that_is_sent_and_not_the_cells():
    columns = 2600
    names = [f"x{place}" for place in range(columns)]
    line = ",".join("0" * columns)
    batches = list(table_of(f"{','.join(names)}\n" + f"{line}\n" * 250, *names).batches(500))
    bodies = [orjson.dumps(batch.rows) for batch in batches]
    assert [row for body in bodies for row in orjson.loads(body)] == [[0.0] * columns] * 250
    assert len(batches) == 3
    assert all(len(body) < MOST_BYTES + 5 * columns for body in bodies)
    assert [(batch.first, batch.last) for batch in batches] == [(1, 97), (98, 194), (195, 250)]


def test_a_part_of_a_batch_knows_which_rows_it_has():
    (batch,) = table_of("x\n1\n2\n3\n", "x").batches(500)
    part = batch.cut(1, 3)
    assert (part.first, part.last, orjson.dumps(part.rows)) == (2, 3, b"[[2.0],[3.0]]")


@pytest.mark.parametrize("header", ["x0,x1,x0", "x0,x0,x1,x1"])
def test_a_column_that_the_model_takes_occurs_once(header):
    told = "x0, x1" if header.count("x1") > 1 else "x0"
    with pytest.raises(ScoringError) as error:
        table_of(f"{header}\n{'1,' * header.count(',')}1\n", "x0", "x1")
    assert str(error.value) == (
        f"rows.csv has more than one column called {told}, which the model takes: leave the right one in it."
    )


def test_a_column_that_the_model_does_not_take_may_occur_twice():
    table = table_of("note,x0,note\na,1,b\n", "x0")
    assert [orjson.dumps(batch.rows) for batch in table.batches(500)] == [b"[[1.0]]"]
    assert table.left_out == ["note", "note"]
