"""Files of labels: what people judged, one pair a row, as `goldseam label` writes them and `--labels` reads them."""

import csv
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.csv as arrow_csv

from rules import schema
from rules.vocabulary import Judgement

COLUMNS: Final = ("left_source", "left_id", "right_source", "right_id", "judgement")
SCHEMA: Final = pa.schema([(name, pa.string()) for name in COLUMNS])
Row = tuple[str, str, str, str, str]


def read(path: Path | None, also: tuple[str, ...] = ()) -> pa.Table | None:
    """left_source, left_id, right_source, right_id, judgement; no path, no labels.

    Raises schema.Mistakes where the file lacks a column or holds a judgement that is none of `same`, `different`,
    `related` and `also`.
    """
    if path is None:
        return None
    options = arrow_csv.ConvertOptions(column_types=dict.fromkeys(COLUMNS, pa.string()), strings_can_be_null=False)
    try:
        found = arrow_csv.read_csv(path, convert_options=options)
    except pa.ArrowInvalid as error:
        problem = schema.Problem(str(path), 0, "", f"this is no CSV table: {error}", f"Columns: {', '.join(COLUMNS)}")
        raise schema.Mistakes([problem]) from error
    if missing := [c for c in COLUMNS if c not in found.column_names]:
        remedy = f"A file of labels has the columns {', '.join(COLUMNS)}"
        raise schema.Mistakes([schema.Problem(str(path), 1, "", f"there is no column {missing[0]!r}", remedy)])
    odd = sorted(set(found["judgement"].to_pylist()) - {*Judgement, *also})
    if odd:
        remedy = f"Known: {', '.join(Judgement)}"
        raise schema.Mistakes([schema.Problem(str(path), 0, "judgement", f"{odd[0]!r} is no judgement", remedy)])
    return found.select(list(COLUMNS))


def write(path: Path, rows: Sequence[Row]) -> None:
    """The whole file anew, put in place by one rename once it is on the disk: a crash leaves the old or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.draft")
    with draft.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(COLUMNS)
        out.writerows(rows)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def of_decisions(decisions: pa.Table) -> pa.Table:
    """The decisions of stewards on pairs as labels: a split says that the two are different."""
    rows = [d for d in decisions.to_pylist() if d["kind"] in ("same", "different", "related", "split")]
    judged = [{**d, "judgement": "different" if d["kind"] == "split" else d["kind"]} for d in rows]
    return pa.Table.from_pylist([{c: d[c] for c in COLUMNS} for d in judged], SCHEMA)
