"""Files of labels: what people judged, one pair a row, as `goldseam label` writes them and `--labels` reads them."""

import csv
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import pyarrow as pa

from connectors import workspace
from reports.format import listing
from rules import schema
from rules.vocabulary import Judgement

COLUMNS: Final = ("left_source", "left_id", "right_source", "right_id", "judgement")
SCHEMA: Final = pa.schema([(name, pa.string()) for name in COLUMNS])
Row = tuple[str, str, str, str, str]
REMEDY: Final = f"A file of labels is a CSV with the columns {', '.join(COLUMNS)}"
TOLD: Final = 5
"""Doubtful labels of one kind that are told one by one."""


def read(path: Path | None, also: tuple[str, ...] = ()) -> pa.Table | None:
    """left_source, left_id, right_source, right_id, judgement; no path, no labels. Other columns are passed over.

    Raises schema.Mistakes with every line that is no label: a column that is missing or stands twice, a line of
    another length, an empty key, a judgement that is none of `same`, `different`, `related` and `also`.
    """
    if path is None:
        return None
    rows, mistakes = _lines(path, (*Judgement, *also))
    if mistakes:
        raise schema.Mistakes(mistakes)
    return pa.table([[row[n] for _, row in rows] for n in range(len(COLUMNS))], schema=SCHEMA)


def doubts(path: Path | None, sources: pa.ChunkedArray, ids: pa.ChunkedArray) -> tuple[str, ...]:
    """What in a file of labels is of no use, with its lines: records that are not among these, and pairs that are
    judged the same and not the same. A sentence each for the first of either kind, and how many more there are.
    """
    if path is None:
        return ()
    there = set(zip(sources.to_pylist(), ids.to_pylist(), strict=True))
    rows, _ = _lines(path, ())
    unknown = [
        f"{path}:{line}: there is no record {':'.join(key)}, so this label is not used."
        for line, row in rows
        for key in (row[:2], row[2:4])
        if key not in there
    ]
    return (*_first(unknown), *_first(_contradictions(path, rows)))


def _contradictions(path: Path, rows: Sequence[tuple[int, Row]]) -> list[str]:
    """Pairs that are judged the same in one line and not in another."""
    judged: dict[frozenset[tuple[str, ...]], list[tuple[int, Row]]] = {}
    for line, row in rows:
        judged.setdefault(frozenset((row[:2], row[2:4])), []).append((line, row))
    found = []
    for several in judged.values():
        if len({row[4] == Judgement.SAME for _, row in several}) > 1:
            lines, (_, (a, b, c, d, _)) = listing([str(line) for line, _ in several]), several[0]
            said = listing(list(dict.fromkeys(row[4] for _, row in several)))
            found.append(f"{path}, lines {lines}: {a}:{b} and {c}:{d} are judged {said}: delete what is wrong.")
    return found


def _first(sentences: list[str]) -> list[str]:
    more = len(sentences) - TOLD
    return [*sentences[:TOLD], f"And {more:,} more of this kind."] if more > 0 else sentences


def _lines(path: Path, judgements: tuple[str, ...]) -> tuple[list[tuple[int, Row]], list[schema.Problem]]:
    """The labels with their lines, and what is wrong with the file; `judgements` that are known."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file)
            header = [name.strip() for name in next(reader, [])]
            if problem := _wrong_header(str(path), header):
                return [], [problem]
            numbered = ((reader.line_num, cells) for cells in reader)
            return _labels(str(path), numbered, header, judgements)
    except UnicodeDecodeError as error:
        return [], [workspace.unreadable(str(path), error)]
    except csv.Error as error:
        return [], [schema.Problem(str(path), 0, "", f"this is no CSV table: {error}", REMEDY)]


def _wrong_header(file: str, header: list[str]) -> schema.Problem | None:
    missing = [c for c in COLUMNS if c not in header]
    twice = [c for c in COLUMNS if header.count(c) > 1]
    if not any(header):
        return schema.Problem(file, 0, "", "this file is empty", REMEDY)
    if missing and len(header) == 1 and ";" in header[0]:
        return schema.Problem(file, 1, "", "its columns are parted by semicolons", "Save it with commas (CSV UTF-8)")
    if missing:
        return schema.Problem(file, 1, "", f"there is no column {missing[0]!r}", REMEDY)
    if twice:
        remedy = "Delete one of the two, or give it another name"
        return schema.Problem(file, 1, "", f"the column {twice[0]!r} stands twice", remedy)
    return None


def _labels(
    file: str, lines: Iterator[tuple[int, list[str]]], header: list[str], judgements: tuple[str, ...]
) -> tuple[list[tuple[int, Row]], list[schema.Problem]]:
    """The lines below the header."""
    places = [header.index(c) for c in COLUMNS]
    rows: list[tuple[int, Row]] = []
    mistakes: list[schema.Problem] = []
    for line, cells in lines:
        if not any(cells):
            continue
        if len(cells) != len(header):
            said = f"{len(cells)} cells under {len(header)} columns"
            mistakes.append(schema.Problem(file, line, "", said, "Put quotes around a cell that holds a comma"))
            continue
        a, b, c, d, judgement = (cells[place].strip() for place in places)
        rows.append((line, (a, b, c, d, judgement)))
        mistakes += _wrong_label(file, line, (a, b, c, d, judgement), judgements)
    return rows, mistakes


def _wrong_label(file: str, line: int, row: Row, judgements: tuple[str, ...]) -> Iterator[schema.Problem]:
    """What is wrong with one label, if anything is; without `judgements` only its keys are looked at."""
    for name, cell in zip(COLUMNS[:4], row, strict=False):
        if not cell:
            yield schema.Problem(file, line, name, "this cell is empty", "Write the source and the id of both records")
    if row[:2] == row[2:4] and all(row[:2]):
        yield schema.Problem(file, line, "", f"{':'.join(row[:2])} is judged with itself", "Name two records")
    if judgements and row[4] not in judgements:
        yield schema.Problem(file, line, "judgement", f"{row[4]!r} is no judgement", f"Known: {', '.join(Judgement)}")


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
