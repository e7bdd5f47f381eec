"""A day in the invented firm of `generate.py`: some of its rows are corrected, some go, as many come.

Half of the rows that change get another telephone number, a quarter move to a street of somebody else's, an eighth have
their surname written otherwise, an eighth are gone; as many new rows come as go. They lie in the two sources that are
text, so that the others are unchanged, as most sources are on most days.
"""

import argparse
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from tests.bench.columns import Rng, text
from tests.bench.generate import SOURCES

CHANGED = ("branches", "website")


def change(root: Path, rows: int, seed: int) -> None:
    """Change so many rows of a workspace in place."""
    rng = np.random.default_rng(seed)
    for name in CHANGED:
        path = root / str(SOURCES[name]["location"])
        delimiter = str(SOURCES[name]["delimiter"])
        table = _changed(_read(path, delimiter), rows // len(CHANGED), f"{name[0].upper()}N{seed}-", rng)
        pacsv.write_csv(table, path, pacsv.WriteOptions(delimiter=delimiter))


def _read(path: Path, delimiter: str) -> pa.Table:
    """Every cell as text."""
    with path.open(encoding="utf-8") as file:
        header = [cell.strip('"') for cell in file.readline().rstrip("\n").split(delimiter)]
    types = dict.fromkeys(header, pa.string())
    convert = pacsv.ConvertOptions(column_types=types, strings_can_be_null=True)
    return pacsv.read_csv(path, parse_options=pacsv.ParseOptions(delimiter=delimiter), convert_options=convert)


def _changed(table: pa.Table, rows: int, new_id: str, rng: Rng) -> pa.Table:
    chosen = rng.choice(len(table), rows, replace=False)
    called, moved, written, gone = np.split(chosen, [rows // 2, rows * 3 // 4, rows * 7 // 8])
    numbers = pc.binary_join_element_wise("+3021", text(rng.integers(0, 10**8, len(called)), 8), "")
    table = _put(table, "phone", called, numbers)
    table = _put(table, "street", moved, table["street"].take(pa.array(rng.integers(0, len(table), len(moved)))))
    longer = pc.binary_join_element_wise(table["surname"].take(pa.array(written)), "is", "")
    table = _put(table, "surname", written, longer)
    new = table.take(pa.array(rng.integers(0, len(table), len(gone))))
    ids = pc.binary_join_element_wise(new_id, text(np.arange(len(gone)), 7), "")
    left = table.filter(pa.array(~np.isin(np.arange(len(table)), gone)))
    return pa.concat_tables([left, new.set_column(new.column_names.index("id"), "id", ids)])


def _put(table: pa.Table, column: str, rows: np.ndarray, values: pa.Array | pa.ChunkedArray) -> pa.Table:
    """The table with other values of a column in some rows."""
    order = np.argsort(rows)
    mask = np.zeros(len(table), bool)
    mask[rows] = True
    whole = values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values
    put = pc.replace_with_mask(table[column].combine_chunks(), pa.array(mask), whole.take(pa.array(order)))
    return table.set_column(table.column_names.index(column), column, put)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("root", type=Path)
    parser.add_argument("--rows", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    change(options.root, options.rows, options.seed)
