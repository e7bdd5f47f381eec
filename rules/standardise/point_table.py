"""The table `points`: every e-mail address and phone number of a batch, one row each."""

import re
from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from rules import column_names
from rules import vocabulary as words
from rules.standardise import dates, emails, note_table, phones
from rules.standardise.batch import Batch, flat
from rules.standardise.cells import TEXT, Cells, beside, parted
from rules.standardise.parties import Mask
from rules.standardise.plan import Point

PRIVATE, WORK = "private", "work"
"""Whose a point is, where its column tells: the contact's own, or the firm's."""
_TYPES = {"personal": PRIVATE, "work": WORK}
Entry = tuple[str, str | None, str, str | None, str | None]
"""kind, type, value, canonical, doubt"""

_SEVERAL = re.compile(r"[\s;|]")
_COLUMNS = ("kind", "type", "value", "canonical", "doubt")


def read(batch: Batch, country: Cells) -> pa.Table:
    """Columns `row`, `position`, `whose`, kind, type, value, canonical, since: in the order of rows and columns."""
    found = [_column(batch, point, n, country) for n, point in enumerate(batch.plan.points)]
    found += [_notes(batch, header, n, country) for n, header in enumerate(batch.plan.notes, len(found))]
    found = [part for part in found if part.num_rows]
    if not found:
        return _schema().empty_table()
    whole = pa.concat_tables(found)
    order = np.lexsort((whole["nth"].to_numpy(), whole["column"].to_numpy(), whole["row"].to_numpy()))
    whole = _numbered(_without_repeats(whole.take(pa.array(order))))
    batch.doubts.note(
        "points", "value", flat(whole["doubt"]), flat(whole["value"]),
        rows=whole["row"].combine_chunks(), positions=whole["position"].combine_chunks(),
    )  # fmt: skip
    return whole.select(_schema().names).cast(_schema())


def _schema() -> pa.Schema:
    own = ((f.name, f.type) for f in words.POINTS if f.name not in ("source", "record_id"))
    return pa.schema([("row", pa.int64()), ("whose", TEXT), *own])


def of_contact(points: pa.Table, split: pa.Array) -> Mask:
    """Which points are the contact's, in rows that are two records: those of private columns and labels, none of
    those for work; of all others mobiles, and mail that is no office's.
    """
    theirs: Mask = split.to_numpy(zero_copy_only=False)[points["row"].to_numpy()]
    if not theirs.any():
        return theirs
    office = Cells.of(points["canonical"]).read_one(lambda t: "yes" if emails.is_role(t.partition("@")[0]) else None)
    mail = pc.equal(points["kind"], words.PointKind.EMAIL.value).to_numpy()
    personal = mail & office.column().is_null().to_numpy(zero_copy_only=False)
    mobile = pc.equal(points["type"], "mobile").fill_null(False).to_numpy()
    private, work = (pc.equal(points["whose"], w).fill_null(False).to_numpy() for w in (PRIVATE, WORK))
    chosen: Mask = theirs & (private | (~work & (personal | (mobile & ~mail))))
    return chosen


def entries(text: str, country: str | None, kind: str, type_: str | None) -> list[Entry]:
    """The addresses and numbers of a cell; what is of the other kind than its column counts as what it is."""
    if kind == "email":
        if "@" not in text and sum(c.isdigit() for c in text) >= 6:
            return [_moved(e) for e in _phones(text, country, None)]
        if "@" in text and _SEVERAL.search(text) and (left := _phone_beside(text)):
            return [*_emails(text.replace(left, " "), type_), *(_moved(e) for e in _phones(left, country, None))]
        return _emails(text, type_)
    if "@" in text:
        mails = [e for part in _pieces(text) if "@" in part for e in _emails(part, None)]
        rest = [e for part in _pieces(text) if "@" not in part for e in _phones(part, country, type_)]
        return [*rest, *map(_moved, mails)]
    return _phones(text, country, type_)


def _pieces(text: str) -> list[str]:
    return (
        [p for p in pc.split_pattern_regex(pa.scalar(text), r"[\s]*[/|;,\n][\s]*|\s+").as_py() if p]
        if " " not in text
        else _by_at(text)
    )


def _by_at(text: str) -> list[str]:
    """The words that hold an @ apart from the words between them."""
    pieces: list[str] = []
    for word in text.replace("\n", " ").replace(";", " ").replace("|", " ").split(" "):
        if "@" in word or not pieces or "@" in pieces[-1]:
            pieces.append(word)
        else:
            pieces[-1] += " " + word
    return [p.strip(" ,/") for p in pieces if p.strip(" ,/")]


def _phone_beside(text: str) -> str | None:
    """A telephone number in a cell of e-mails."""
    left = [p for p in _by_at(text) if "@" not in p and sum(c.isdigit() for c in p) >= 6]
    return left[0] if left else None


def _emails(text: str, type_: str | None) -> list[Entry]:
    return [("email", type_ or e.type or "other", e.value, e.canonical, e.doubt) for e in emails.read(text)]


def _phones(text: str, country: str | None, type_: str | None) -> list[Entry]:
    return [("phone", p.type or "other", p.value, p.canonical, p.doubt) for p in phones.read(text, country, type_)]


def _moved(entry: Entry) -> Entry:
    return (*entry[:4], entry[4] or "contact_moved")


def _column(batch: Batch, point: Point, nth: int, country: Cells) -> pa.Table:
    """The entries of one column, with row, number of the column and number within the cell."""
    cells, rules = batch.cells(point.header, point.kind)
    batch.doubts.note("points", point.kind, rules, flat(batch.raw[point.header]))
    if cells.is_empty():
        return pa.table({"row": pa.nulls(0, pa.int64())})
    if _has_label(batch, point):
        cells = _labelled(cells, Cells.of(batch.raw[point.label]))
    one = country.values[0].as_py() if len(country.values) == 1 and not country.codes.null_count else None
    keyed = cells if len(country.values) <= 1 else beside(cells, country)

    def reader(text: str, where: str | None = one) -> list[Entry]:
        return entries(text, where, point.kind, point.type)

    part = _exploded(keyed, reader if keyed is cells else parted(reader))
    since = Cells.of(batch.raw[point.since]) if point.since in batch.raw.column_names else None
    dated = _dates(batch, point.since, since).take(part["row"]) if since else pa.nulls(part.num_rows, TEXT)
    whose = _whose(batch, point).column().take(part["row"])
    part = part.append_column("since", dated).append_column("whose", whose)
    return part.append_column("column", pa.array([nth] * part.num_rows, pa.int32()))


def _whose(batch: Batch, point: Point) -> Cells:
    """What the label beside each cell tells, else the type or the header of the column."""
    told = Cells.constant(_TYPES.get(point.type or "") or owner(point.header), batch.rows)
    return Cells.of(batch.raw[point.label]).read_one(owner).otherwise(told) if _has_label(batch, point) else told


def _has_label(batch: Batch, point: Point) -> bool:
    return point.label in batch.raw.column_names


def owner(text: str) -> str | None:
    """PRIVATE or WORK, where a header or a label has a word for it: `Home Phone`, `* Work Fax`."""
    folded = f" {column_names.fold(text)} "
    said = {WORK: column_names.known("kinds", "address", "work"), PRIVATE: column_names.known("private")}
    return next((whose for whose, known in said.items() if any(f" {word} " in folded for word in known)), None)


def _labelled(cells: Cells, labels: Cells) -> Cells:
    """Numbers that another column calls a fax, with that word before them; of other kinds the number itself tells."""
    fax = labels.read_one(lambda t: "fax " if column_names.kind_told("phone", column_names.fold(t)) == "fax" else None)
    if fax.is_empty():
        return cells
    said = pc.binary_join_element_wise(fax.column(), cells.column(), "")
    return Cells.of(pc.coalesce(said, cells.column()))


def _notes(batch: Batch, header: str, nth: int, country: Cells) -> pa.Table:
    """The entries of one column of notes."""
    part = _exploded(note_table.cells(batch, header, country), note_table.points)
    none = pa.nulls(part.num_rows, TEXT)
    part = part.append_column("since", none).append_column("whose", none)
    return part.append_column("column", pa.array([nth] * part.num_rows, pa.int32()))


def _dates(batch: Batch, header: str | None, cells: Cells) -> pa.Array:
    order = batch.survey.date_orders.get(header or "")
    day = cells.read_one(lambda t: (dates.moment(t.strip(), order, batch.source.country)[0] or "")[:10] or None)
    return day.column()


def _exploded(cells: Cells, reader: Callable[[str], list[Entry]]) -> pa.Table:
    """One row an entry: each distinct text is read once, its entries repeated for every row it stands in."""
    lists = [[] if v is None else reader(v) for v in cells.values.to_pylist()]
    sizes = np.array([len(entries) for entries in lists], dtype=np.int64)
    starts = np.concatenate(([0], np.cumsum(sizes)[:-1])) if len(sizes) else sizes
    flat_entries = [entry for entries in lists for entry in entries]
    codes = cells.codes.fill_null(-1).to_numpy(zero_copy_only=False)
    filled = np.flatnonzero(codes >= 0)
    lengths = sizes[codes[filled]]
    rows = np.repeat(filled, lengths)
    nth = np.arange(len(rows)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    at = pa.array(np.repeat(starts[codes[filled]], lengths) + nth)
    columns = {n: pa.array([e[i] for e in flat_entries], TEXT).take(at) for i, n in enumerate(_COLUMNS)}
    return pa.table({"row": pa.array(rows, pa.int64()), "nth": pa.array(nth, pa.int32()), **columns})


def _without_repeats(whole: pa.Table) -> pa.Table:
    """Without a second entry of the same canonical form in one record."""
    shared = pc.fill_null(whole["canonical"], whole["value"])
    row = whole["row"].cast(TEXT)
    key = pc.binary_join_element_wise(row, whole["kind"], shared, "\x1f").combine_chunks().dictionary_encode()
    _, first = np.unique(key.indices.to_numpy(), return_index=True)
    return whole.take(pa.array(np.sort(first))) if len(first) < whole.num_rows else whole


def _numbered(whole: pa.Table) -> pa.Table:
    """With `position` from 0 within each record."""
    rows = whole["row"].to_numpy()
    starts = np.flatnonzero(np.r_[True, rows[1:] != rows[:-1]])
    position = np.arange(len(rows)) - np.repeat(starts, np.diff(np.r_[starts, len(rows)]))
    return whole.append_column("position", pa.array(position, pa.int32()))
