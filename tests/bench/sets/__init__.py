"""Generated sets with truth, for `make bench-match`: each name makes (records, seed) into the same set every time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.bench.sets.census import census
from tests.bench.sets.data_set import DataSet
from tests.bench.sets.four_columns import four_columns, name_and_place
from tests.bench.sets.heavy_errors import heavy_errors
from tests.bench.sets.households import households
from tests.bench.sets.multilingual import multilingual
from tests.bench.sets.names_and_dates import names_and_dates
from tests.bench.sets.organisations import organisations

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["GENERATORS", "DataSet"]

GENERATORS: dict[str, Callable[[int, int], DataSet]] = {
    "households": households,
    "names_and_dates": names_and_dates,
    "four_columns": four_columns,
    "name_and_place": name_and_place,
    "census": census,
    "heavy_errors": heavy_errors,
    "multilingual": multilingual,
    "organisations": organisations,
}
