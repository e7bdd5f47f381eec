"""The quarantine as stewards work on it: `goldseam quarantine list | export | correct | release`.

Beside it stand the rows that landing could not take in (pipelines/rejected.py), which have no key and are corrected
in their file.

Quarantine is a queue: a record leaves it when the source corrects it, when a steward corrects a cell (the raw row
stays as it is; the correction is laid over it from the next run on), or when a steward lets it through as it is,
which holds until its content changes.
"""

import csv
import json
import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

from reports.format import guarded

if TYPE_CHECKING:  # the command line imports this file for every command, and Arrow is slow to import
    import pyarrow as pa

    from connectors.workspace import Workspace

ABOUT: Final = ("source", "record_id", "state", "owner", "first_run", "file", "sheet", "line", "reasons", "remedy")
"""Columns of an export that tell of a record; the columns of its row follow."""

AS_IT_STOOD: Final = "text as it stood"
"""The column of an export that holds a rejected row whose cells could not be parted: a card, a payload, an invoice."""

REJECTED: Final = "rejected"
"""The state of a row that was never a record; `list_items` knows the others."""


class Store(Protocol):
    """What is asked of the state database."""

    def quarantine_items(self, state: str | None = None) -> "pa.Table": ...
    def correct(
        self, source: str, record_id: str, values: dict[str, str], user: str, reason: str = "", *, seen: int | None
    ) -> int: ...
    def release(self, source: str, record_id: str, user: str, reason: str = "") -> int: ...


LAID_OUT: Final = re.compile(r"[\t\r\n]")
"""Cells of workbooks have lines and tabs."""


class Refused(Exception):
    """Something asked for that cannot be done; the message says why and what to do."""


def list_items(
    store: Store, state: str | None = None, source: str | None = None, owner: str | None = None
) -> "pa.Table":
    """Quarantined records by source and id, with reasons, the row as JSON, its place, first run, state and owner.

    `state` is open, corrected, released or returned (None: all of them). Raises ValueError on another state.
    """
    import pyarrow.compute as pc

    found = store.quarantine_items(state)
    for name, wanted in (("source", source), ("owner", owner)):
        if wanted is not None:
            found = found.filter(pc.equal(found[name], wanted))
    return found


def of_run(workspace: "Workspace", run_id: str, source: str | None = None) -> "pa.Table":
    """What a run that is not in force would set aside, as `list_items` gives it, with the state `held`.

    Raises Refused where there is no such run, or it did not come so far.
    """
    import pyarrow as pa

    from connectors.store.runs import RunFolder
    from connectors.store.stewards import ITEM

    folder = RunFolder.open(workspace.var / "runs", run_id)
    if not folder.parts("validate", "quarantine"):
        runs = sorted(p.parent.name for p in (workspace.var / "runs").glob("*/manifest.json"))
        raise Refused(f"there is no run {run_id!r} that tested its records. The last: {', '.join(runs[-3:]) or 'none'}")
    rows = folder.read("validate", "quarantine").to_pylist()
    kept = [{**row, "state": "held"} for row in rows if source in (None, row["source"])]
    return pa.Table.from_pylist(kept, ITEM)


def export(items: "pa.Table", path: Path, rejects: "pa.Table | None" = None) -> int:
    """Write records of `list_items` to a .csv or .xlsx file, a column for each column of their rows; how many.

    Rejected rows (vocabulary.REJECTS) follow, with their cells under the source's own columns: corrected, and without
    the columns of ABOUT, they are a file that the source can read. Nothing in a cell is run as a formula: in CSV a
    value that begins like one gets an apostrophe in front, in a workbook every cell is text. Raises Refused on another
    kind of file.
    """
    writers = {".csv": _write_csv, ".xlsx": _write_xlsx}
    if path.suffix.lower() not in writers:
        raise Refused(f"{path.name}: quarantined records are exported as .csv or .xlsx. Name the file so")
    left_out = rejects.to_pylist() if rejects is not None else []
    header, rows = _sheet([*items.to_pylist(), *map(_as_item, left_out)])
    path.parent.mkdir(parents=True, exist_ok=True)
    writers[path.suffix.lower()](path, [header, *rows])
    return len(rows)


def as_json(items: "pa.Table", rejects: "pa.Table") -> dict[str, list[dict[str, Any]]]:
    """What `goldseam quarantine list --json` prints: `quarantined` records and `rejected` rows, `row` their cells.

    `row` of a rejected row is null where its cells could not be parted; `content` is its text as it stood.
    """
    return {
        "quarantined": [_with_row(item) for item in items.to_pylist()],
        "rejected": [_with_row(reject) for reject in rejects.drop_columns("data").to_pylist()],
    }


def _with_row(item: dict[str, Any]) -> dict[str, Any]:
    raw = item.pop("raw")
    return {**item, "row": json.loads(raw) if raw else None}


def correct(
    store: Store, key: str, values: Mapping[str, str], user: str, reason: str = "", seen: int | None = None
) -> int:
    """Set cells of the row of a quarantined record, `SOURCE:ID`, by the source's own column names.

    Takes effect with the next run. -> the act's number. Raises Refused where the record is not in quarantine or has no
    such column, or a value is none that anybody could have typed; where it was `seen`, as Stewards.correct does.
    """
    from pipelines.passed import base

    item = _item(store, key)
    known = list(json.loads(item["raw"] or "{}"))
    for column in values:
        if known and column not in known:
            near = get_close_matches(column, known, n=1)
            remedy = f"Did you mean {near[0]!r}?" if near else f"Its columns: {', '.join(known)}"
            raise Refused(f"{key} has no column {column!r}. {remedy}")
    if not values:
        raise Refused("nothing to correct. Give at least one COLUMN=VALUE")
    _demand_plain(values)
    return store.correct(item["source"], base(item["record_id"]), dict(values), user, reason, seen=seen)


def _demand_plain(values: Mapping[str, str]) -> None:
    from rules.decided import NotAValue, demand_plain

    try:
        for column, text in values.items():
            demand_plain(column, LAID_OUT.sub(" ", text))
    except NotAValue as error:
        raise Refused(str(error)) from error


def release(store: Store, key: str, user: str, reason: str = "") -> int:
    """Let a quarantined record, `SOURCE:ID`, pass as it is, for as long as its content stays the same.

    Takes effect with the next run. -> the act's number. Raises Refused where the record is not in quarantine.
    """
    item = _item(store, key)
    return store.release(item["source"], item["record_id"], user, reason)


def _item(store: Store, key: str) -> dict[str, Any]:
    source, colon, record = key.partition(":")
    if not (source and colon and record):
        raise Refused(f"{key!r} is no record. Write SOURCE:ID, as `goldseam quarantine list` shows it")
    items = list_items(store, source=source).to_pylist()
    mine: list[dict[str, Any]] = [item for item in items if item["record_id"] == record]
    if not mine:
        raise Refused(f"{key} is not in quarantine. `goldseam quarantine list` shows what is")
    return mine[0]


def _as_item(reject: dict[str, Any]) -> dict[str, Any]:
    """A rejected row in the form of a quarantined record."""
    raw = reject["raw"] or json.dumps({AS_IT_STOOD: reject["content"]}, ensure_ascii=False)
    return {**reject, "state": REJECTED, "reasons": [reject["reason"]], "raw": raw}


def _sheet(records: list[dict[str, Any]]) -> tuple[list[str], list[list[str]]]:
    """Header and rows as text; a row's column that is called like one of ABOUT gets ` (row)` behind it."""
    raws = [json.loads(record["raw"] or "{}") for record in records]
    columns = list(dict.fromkeys(name for raw in raws for name in raw))
    header = [*ABOUT, *(f"{name} (row)" if name in ABOUT else name for name in columns)]
    rows = [
        [*(_text(record.get(name)) for name in ABOUT), *(_text(raw.get(name)) for name in columns)]
        for record, raw in zip(records, raws, strict=True)
    ]
    return header, rows


def _text(value: Any) -> str:
    if isinstance(value, list):
        return "; ".join(map(str, value))
    return "" if value is None else str(value)


def _write_csv(path: Path, rows: Iterable[list[str]]) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:  # with BOM, or Excel reads UTF-8 as something else
        csv.writer(file).writerows([guarded(value) for value in row] for row in rows)


def _write_xlsx(path: Path, rows: Iterable[list[str]]) -> None:
    import xlsxwriter  # slow to import, and rarely needed

    with xlsxwriter.Workbook(path, {"default_date_format": ""}) as book:
        text = book.add_format({"num_format": "@", "quote_prefix": True})
        heading = book.add_format({"bold": True, "bottom": 1})
        sheet = book.add_worksheet("Quarantine")
        for number, row in enumerate(rows):
            for place, value in enumerate(row):
                sheet.write_string(number, place, value[:32_767], text if number else heading)
        sheet.freeze_panes(1, 2)
        sheet.set_column(0, 1, 16)
        sheet.set_column(len(ABOUT) - 2, len(ABOUT) - 1, 60)
