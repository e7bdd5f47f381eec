"""The apostrophe before digits is told from one that belongs to a name."""

import pyarrow as pa
import pytest

from rules import apostrophes


@pytest.mark.parametrize(
    ("cells", "carries"),
    [
        (["'+91 99999 11111", "'+39 06 1234"], True),
        (["'00501", "T1H 2R5", None], True),
        (["'9013808660771"], True),
        (["'-12", "5"], True),
        (["'t Hooft", "'Ndrangheta", "O'Brien"], False),
        (["'90s Kids Club", "Neri"], False),
        (["'00501", "'90s Kids Club"], False),
        (["'12'", "'15'"], False),
        (["0301234", None], False),
        ([None, None], False),
    ],
)
def test_the_mark_is_seen(cells: list[str | None], carries: bool) -> None:
    """A column carries the mark where every cell that begins with it goes on as a number."""
    table = pa.table({"_file": pa.array(["'00501"] * len(cells)), "x": pa.array(cells, pa.string())})
    assert apostrophes.carried(table) == (("x",) if carries else ())
