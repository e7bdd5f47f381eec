"""Files of customers, in order of golden id: made out of those of an earlier publication where few customers changed.

Beside a CSV it is kept how many bytes and rows each customer has in it (`Share`). By that the lines of those who stay
are copied unread; only the lines of those who changed are made. The outcome is the file that writing all would give.
"""

import mmap
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from connectors.sinks import files
from connectors.sinks.files import Bytes


class Changed(Exception):
    """A file of the earlier publication is not as it was written."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path} was changed while the next publication was made of it: run again, it is made anew")


@dataclass(frozen=True)
class Share:
    """What each customer has in a CSV, in the file's order."""

    bytes: Bytes
    rows: Bytes

    def take(self, more: "Share", places: Bytes) -> "Share":
        """Of these customers and `more`, those at some places."""
        both = [(self.bytes, more.bytes), (self.rows, more.rows)]
        return Share(*(np.concatenate(pair)[places] for pair in both))


@dataclass(frozen=True)
class Order:
    """The customers of a file to be. `places`: where each stands among the earlier customers and the new after them."""

    ids: pa.Array
    places: Bytes

    @classmethod
    def merged(cls, earlier: pa.Array, touched: pa.Array, new: pa.Array) -> "Order":
        """The earlier customers but for those touched, and the new ones; `earlier` and `new` are sorted."""
        both = pa.concat_arrays([earlier, new])
        stays = pc.invert(pc.is_in(earlier, value_set=touched)).to_numpy(zero_copy_only=False)
        left = np.flatnonzero(np.concatenate([stays, np.ones(len(new), bool)]))
        places = left[pc.sort_indices(both.take(pa.array(left))).to_numpy()]
        return cls(both.take(pa.array(places)), places)


def by_customer(ids: pa.Array, owners: pa.ChunkedArray, taken: Bytes) -> Share | None:
    """What each of `ids` has of lines that take so many bytes each; None: one belongs to none of them."""
    at = pc.index_in(owners, value_set=ids)
    if at.null_count:
        return None
    place = at.to_numpy()
    whole = np.bincount(place, weights=taken, minlength=len(ids)).astype(np.int64)
    return Share(whole, np.bincount(place, minlength=len(ids)).astype(np.int64))


def write_csv(path: Path, table: pa.Table, ids: pa.Array) -> Share | None:
    """A table, sorted by golden id, whole; `ids`: all customers, in order. None: it holds lines of others."""
    return by_customer(ids, table["golden_id"], files.write_csv(path, table))


def splice_csv(path: Path, earlier: Path, share: Share, table: pa.Table, new: pa.Array, order: Order) -> Share:
    """A CSV out of an earlier one. `share`: what that holds; `table`: the rows of the customers `new`, sorted.

    Raises Changed; ValueError where a row is of another customer.
    """
    head = files.header(table.schema)
    lines, taken = files.csv_lines(table)
    more = by_customer(new, table["golden_id"], taken)
    if more is None:
        message = f"{path.name}: a row belongs to a customer who is not in the golden table"
        raise ValueError(message)
    size = len(head) + int(share.bytes.sum())
    ends = len(head) + np.cumsum(np.concatenate([share.bytes, more.bytes]))
    result = share.take(more, order.places)
    with _mapped(earlier) as old, path.open("wb") as file:
        if len(old) != size or old[: len(head)] != head:
            raise Changed(earlier)
        file.write(head)
        for start, end in _stretches(ends[order.places] - result.bytes, result.bytes, size):
            file.write(old[start:end] if end <= size else lines[start - size : end - size])
    return result


@contextmanager
def _mapped(path: Path) -> Iterator[memoryview]:
    with (
        path.open("rb") as file,
        mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content,
        memoryview(content) as view,
    ):
        yield view


def _stretches(starts: Bytes, sizes: Bytes, border: int) -> Iterator[tuple[int, int]]:
    """Bytes that follow each other, as one; none reaches over the border."""
    some = sizes > 0
    starts, ends = starts[some], (starts + sizes)[some]
    if not len(starts):
        return
    breaks: NDArray[np.bool_] = (starts[1:] != ends[:-1]) | (starts[1:] == border)
    first = np.flatnonzero(np.concatenate([[True], breaks]))
    last = np.append(first[1:], len(starts)) - 1
    yield from zip(starts[first].tolist(), ends[last].tolist(), strict=True)


def splice_parquet(path: Path, earlier: Path, ids: pa.Array, table: pa.Table, order: Order) -> None:
    """A Parquet file of one row a customer out of an earlier one. `ids`: its customers; `table`: the new ones' rows.

    Raises Changed.
    """
    old = pq.read_table(earlier)
    if old.schema != table.schema or not old["golden_id"].combine_chunks().equals(ids):
        raise Changed(earlier)
    files.write_parquet(path, pa.concat_tables([old, table]).take(pa.array(order.places)))
