"""Errors in whole columns (Arrow text arrays) at once; the single slips are in `slips.py`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

Rng = np.random.Generator
Mask = npt.NDArray[np.bool_]


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
    """An ISO date that a clerk misread: the day, the month or the year is off; always a date."""
    year, month, day = (int(part) for part in iso.split("-"))
    part, step = rng.randrange(3), rng.randrange(1, 10)
    if part == 0:
        day = (day + step - 1) % 28 + 1
    elif part == 1:
        month = (month + step - 1) % 12 + 1
    else:
        year += rng.choice([-10, 10, -step, step])
    return f"{year:04d}-{month:02d}-{min(day, 28):02d}"
