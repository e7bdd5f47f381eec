"""Lists that do not fit on one page."""

from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import Query

SIZE: Final = 50
"""Rows of a page."""
Page = Annotated[int, Query(ge=1, le=100_000)]
"""`page` of an address, from 1."""


@dataclass(frozen=True)
class Paging:
    """Which page of a list is shown, of how many."""

    page: int
    pages: int

    @classmethod
    def of(cls, asked: int, rows: int) -> "Paging":
        """The page that was asked for, or the last one where there are fewer."""
        pages = max(1, -(-rows // SIZE))
        return cls(min(asked, pages), pages)

    @property
    def first(self) -> int:
        """The place (from 0) of its first row in the list."""
        return (self.page - 1) * SIZE
