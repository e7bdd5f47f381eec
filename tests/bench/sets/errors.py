"""Errors in whole columns (Arrow text arrays) at once; the single slips are in `slips.py`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from tests.bench.sets.slips import digit

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

Rng = np.random.Generator
Mask = npt.NDArray[np.bool_]
DAYS = (0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def chance(count: int, share: float, rng: Rng) -> Mask:
    """Which of so many rows are hit, each with the same share."""
    return np.asarray(rng.random(count) < share)


def rewritten(values: pa.Array, hit: Mask, change: Callable[[str, Random], str | None], rng: Random) -> pa.Array:
    """The column with `change` done to those of the hit rows that hold a value."""
    at = pa.array(hit & np.asarray(values.is_valid()))
    new = [change(value, rng) for value in values.filter(at).to_pylist()]
    return pc.replace_with_mask(values, at, pa.array(new, pa.string()))


def instead(values: pa.Array, hit: Mask, others: pa.Array | pa.Scalar) -> pa.Array:
    """The column with the hit rows' values taken from another column, or replaced by one value."""
    return pc.if_else(pa.array(hit), others, values)


def swapped_date(iso: str, _: Random) -> str:
    """Day and month of an ISO date changed over where that is a date too; else the date as it was."""
    year, month, day = iso.split("-")
    return f"{year}-{day}-{month}" if int(day) <= 12 else iso


def wrong_date(iso: str, rng: Random) -> str:
    """An ISO date with one digit mistaken; a date of the same century still."""
    while True:
        slip = digit(iso, rng)
        year, month, day = (int(part) for part in slip.split("-"))
        if slip[:2] == iso[:2] and 1 <= month <= 12 and 1 <= day <= DAYS[month] and year > 1900:
            return slip
