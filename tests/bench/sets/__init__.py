"""Generated sets with truth, for `make bench-match`: each name makes (records, seed) into the same set every time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.bench.sets.data_set import DataSet
from tests.bench.sets.households import households

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["GENERATORS", "DataSet"]

GENERATORS: dict[str, Callable[[int, int], DataSet]] = {
    "households": households,
}
