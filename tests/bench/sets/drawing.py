"""Drawing from ranked lists as life does it: a few values are common, most are rare."""

from __future__ import annotations

from functools import cache
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import yaml

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

T = TypeVar("T")


@cache
def words(name: str) -> Any:
    """The lists of `data/NAME.yml`."""
    return yaml.safe_load((Path(__file__).parent / "data" / f"{name}.yml").read_text("utf-8"))


class Ranked(Generic[T]):
    """Values by rank, drawn by the law of Zipf and Mandelbrot: the weight of rank r is 1 / (r + shift) ** slope."""

    def __init__(self, values: Sequence[T], slope: float = 1.0, shift: float = 3.0) -> None:
        self.values = list(values)
        self._upto = list(accumulate(1 / (rank + shift) ** slope for rank in range(len(self.values))))

    def draw(self, rng: Random) -> T:
        return rng.choices(self.values, cum_weights=self._upto)[0]
