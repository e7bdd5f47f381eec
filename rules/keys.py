"""Record keys: declared columns joined, or keys carried from run to run where a source has none of its own.

A key names the same customer record for ever: repeated ids are told apart (`#2`), an id that became someone else
is a new record (`@2`), and a row without an id is recognised again by its content, then by its likeness.
"""

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc
from anyascii import anyascii
from rapidfuzz import fuzz

from rules import similar_rows
from rules.vocabulary import RAW_PREFIX

MINTED = re.compile(r"^k(\d{6,})$")
OURS = r"(/contact|@\d+)$"
"""The end of a key that we make ourselves, of a row's contact and of an id that became someone else."""
KNOWN = pa.schema([("record_id", pa.string()), ("hash", pa.string())])
"""Every key ever minted for a source with the content it last had: what is gone may come back, and no key is reused."""
NAME_TARGETS = frozenset({"full_name", "given_name", "middle_name", "surname", "birth_name", "organisation_name"})
STRONG_TARGETS = ("email", "phone", "birth_date", "tax_id", "national_id", "iban")
BATCH = 100_000
ALIKE = 75
"""Ratio (0 to 100) from which two words of a name may be spellings of one another."""


@dataclass(frozen=True)
class Keyed:
    """One key a row (null: the row has none and is rejected), and what is to be said."""

    ids: pa.Array
    notes: tuple[str, ...] = ()
    known: pa.Table | None = None


def own_columns(raw: pa.Table) -> list[str]:
    """The columns that a source brought itself."""
    return [name for name in raw.column_names if name not in RAW_PREFIX]


def content_hash(raw: pa.Table) -> pa.Array:
    """MD5 of each row's filled cells with their column names: the order of columns and empty columns do not count."""
    names = sorted(own_columns(raw))
    if not names or not len(raw):
        return pa.array([""] * len(raw), pa.string())
    hashes: list[str] = []
    for batch in raw.select(names).to_batches(max_chunksize=BATCH):
        cells = [
            pc.binary_join_element_wise(f"{name}\x1f", column, "\x1e", "")
            for name, column in zip(names, batch.columns, strict=True)
        ]
        rows = pc.binary_join_element_wise(*cells, "", null_handling="replace", null_replacement="")
        hashes += [hashlib.md5(row, usedforsecurity=False).hexdigest() for row in rows.cast(pa.binary()).to_pylist()]
    return pa.array(hashes, pa.string())


def declared(raw: pa.Table, columns: Sequence[str]) -> Keyed:
    """Keys from declared columns, joined by `|`; a repeated one gets `#2`, `#3` in the order of rows.

    So does an id that reads like one of our own making. A row in which every key column is empty has no key (null).
    """
    parts = [pc.utf8_trim_whitespace(raw[name]) for name in columns]
    empty = [pc.equal(pc.fill_null(part, ""), "") for part in parts]
    none = empty[0]
    for part in empty[1:]:
        none = pc.and_(none, part)
    joined = pc.binary_join_element_wise(*parts, "|", null_handling="replace", null_replacement="")
    ids = pc.if_else(none, pa.scalar(None, pa.string()), joined)
    ours = pc.match_substring_regex(ids, OURS)
    ids = pc.if_else(ours, pc.binary_join_element_wise(ids, "#2", ""), ids)
    ids = ids.combine_chunks() if isinstance(ids, pa.ChunkedArray) else ids
    return _numbered(ids, raw)


def _numbered(ids: pa.Array, raw: pa.Table) -> Keyed:
    counts = pc.value_counts(ids.drop_null())
    repeated = counts.filter(pc.greater(counts.field("counts"), 1)).field("values") if len(counts) else counts
    if not len(repeated):
        return Keyed(ids)
    texts: list[str | None] = ids.to_pylist()
    many, taken = set(repeated.to_pylist()), set(texts)
    seen: Counter[str] = Counter()
    places: defaultdict[str, list[str]] = defaultdict(list)
    several = pc.count_distinct(raw["_file"]).as_py() > 1
    for row in pc.indices_nonzero(pc.is_in(ids, value_set=repeated)).to_pylist():
        text = str(texts[row])
        seen[text] += 1
        line = str(raw["_line"][row].as_py())
        places[text].append(f"{raw['_file'][row].as_py()}:{line}" if several else line)
        if seen[text] > 1:
            while (name := f"{text}#{seen[text]}") in taken:
                seen[text] += 1
            texts[row] = name
            taken.add(name)
    shown = "; ".join(f"{_named(t)}lines {', '.join(map(str, places[t][:4]))}" for t in sorted(many)[:5])
    more = f" and {len(many) - 5} more" if len(many) > 5 else ""
    stand = "record id stands" if len(many) == 1 else "record ids stand"
    return Keyed(pa.array(texts, pa.string()), (f"{len(many)} {stand} more than once: {shown}{more}",))


def _named(key: str) -> str:
    """A key for a note, which may end in a log: a number of the firm's own, but no e-mail address or name."""
    return f"{key} in " if re.fullmatch(r"[\w./|#-]*\d[\w./|#-]*", key, re.ASCII) and len(key) <= 20 else ""


def carry(previous: pa.Table | None, current: pa.Table, known: pa.Table | None = None, *, alike: bool = True) -> Keyed:
    """Keys for rows that have none: carried from `previous` by equal content, then by likeness, else minted.

    `previous` is the last published raw table (`_record_id`, `_hash` and the columns), `known` every key minted so
    far (KNOWN). Each key goes to at most one row. A row that two earlier ones fit equally well gets a new key, and
    is named in the notes. `alike` False: equal content alone counts, for a source to which only new rows come, where
    the row that resembles an earlier one is another customer. The result's `known` is to be handed in next time.
    """
    hashes: list[str] = current["_hash"].to_pylist()
    ids: list[str | None] = [None] * len(hashes)
    before_ids = previous["_record_id"].to_pylist() if previous is not None else []
    before_hashes = previous["_hash"].to_pylist() if previous is not None else []
    left = _by_content(before_ids, before_hashes, hashes, ids)
    notes: tuple[str, ...] = ()
    if alike and previous is not None and left and None in ids:
        found = similar_rows.pair(previous, current, left, [n for n, i in enumerate(ids) if i is None], ids)
        for row, old in found.pairs.items():
            ids[row] = before_ids[old]
        notes = _ambiguous(found.doubtful, current)
    ever = (
        dict(zip(known["record_id"].to_pylist(), known["hash"].to_pylist(), strict=True)) if known is not None else {}
    )
    ever.update({i: h for i, h in zip(before_ids, before_hashes, strict=True) if i not in ever})
    _by_memory(ever, set(before_ids), hashes, ids)
    _mint(ids, ever)
    ever.update(dict(zip(ids, hashes, strict=True)))
    rows = sorted(ever.items())
    remembered = pa.table({"record_id": [r[0] for r in rows], "hash": [r[1] for r in rows]}, KNOWN)
    return Keyed(pa.array(ids, pa.string()), notes, remembered)


def _by_content(
    before_ids: Sequence[str], before_hashes: Sequence[str], hashes: Sequence[str], ids: list[str | None]
) -> list[int]:
    """Give rows the key of an equal earlier row, in order; the earlier rows that no row took."""
    waiting: defaultdict[str, list[int]] = defaultdict(list)
    for row in range(len(before_ids) - 1, -1, -1):
        waiting[before_hashes[row]].append(row)
    for row, content in enumerate(hashes):
        if waiting.get(content):
            ids[row] = before_ids[waiting[content].pop()]
    return sorted(row for rows in waiting.values() for row in rows)


def _by_memory(ever: dict[str, str], present: set[str], hashes: Sequence[str], ids: list[str | None]) -> None:
    """Rows that were gone and are back as they were find their old key."""
    gone: defaultdict[str, list[str]] = defaultdict(list)
    for key in sorted(ever, reverse=True):
        if key not in present:
            gone[ever[key]].append(key)
    for row, key_of in enumerate(ids):
        if key_of is None and gone.get(hashes[row]):
            ids[row] = gone[hashes[row]].pop()


def _mint(ids: list[str | None], ever: dict[str, str]) -> None:
    highest = max((int(m.group(1)) for key in ever if (m := MINTED.match(key))), default=0)
    for row, key in enumerate(ids):
        if key is None:
            highest += 1
            ids[row] = f"k{highest:06d}"


def _ambiguous(rows: Sequence[int], current: pa.Table) -> tuple[str, ...]:
    if not rows:
        return ()
    lines = ", ".join(str(current["_line"][row].as_py()) for row in rows[:10]) + (" …" if len(rows) > 10 else "")
    return (f"{len(rows)} rows resemble several earlier ones and got new keys (lines {lines})",)


# --- an id that became someone else -----------------------------------------------------------------------


def recycled(previous: pa.Table | None, current: pa.Table, columns: dict[str, str], known: pa.Table | None) -> Keyed:
    """Declared keys in which an id that became someone else carries a generation: `17`, then `17@2`.

    Someone else: both rows have a name, no word of the two resembles another in any script, and no e-mail, phone,
    birth date or number is shared. A marriage keeps the given name, a correction its e-mail: neither counts.
    """
    ids: list[str | None] = current["_record_id"].to_pylist()
    generations = _generations(known)
    texts = [f"{i}@{generations[i]}" if i in generations else i for i in ids]
    notes: list[str] = []
    if previous is not None:
        for row, old in _changed(previous, current, texts):
            if _someone_else(_cells(previous, old, columns), _cells(current, row, columns)):
                base = str(ids[row])
                generations[base] = generations.get(base, 1) + 1
                texts[row] = f"{base}@{generations[base]}"
                notes.append(f"{_named(base)}line {current['_line'][row].as_py()}")
    rows = sorted(f"{base}@{number}" for base, number in generations.items())
    became = (
        "id became someone else and is a new record" if len(notes) == 1 else "ids became others and are new records"
    )
    said = (f"{len(notes)} {became}: {'; '.join(notes[:5])}",) if notes else ()
    return Keyed(pa.array(texts, pa.string()), said, pa.table({"record_id": rows, "hash": [""] * len(rows)}, KNOWN))


def _generations(known: pa.Table | None) -> dict[str, int]:
    keys = known["record_id"].to_pylist() if known is not None else []
    return {base: int(number) for base, _, number in (key.rpartition("@") for key in keys) if number.isdigit()}


def _changed(previous: pa.Table, current: pa.Table, texts: Sequence[str | None]) -> list[tuple[int, int]]:
    """Row numbers (now, before) of the records whose content is not what it was."""
    before = {
        i: (n, h)
        for n, (i, h) in enumerate(zip(*(previous[c].to_pylist() for c in ("_record_id", "_hash")), strict=True))
    }
    hashes = current["_hash"].to_pylist()
    return [(n, before[i][0]) for n, i in enumerate(texts) if i in before and before[i][1] != hashes[n]]


def _cells(table: pa.Table, row: int, columns: dict[str, str]) -> dict[str, list[str]]:
    """Filled cells of a row by the first word of their target (`phone.mobile` is a phone)."""
    cells: defaultdict[str, list[str]] = defaultdict(list)
    for name, target in columns.items():
        if name in table.column_names and (value := table[name][row].as_py()):
            cells[target if target in NAME_TARGETS else target.partition(".")[0]].append(value)
    return cells


def _someone_else(before: dict[str, list[str]], now: dict[str, list[str]]) -> bool:
    names = [[w for t in NAME_TARGETS for v in cells.get(t, []) for w in _words(v)] for cells in (before, now)]
    if not all(names):
        return False
    if any(fuzz.ratio(a, b) >= ALIKE or (a[0] == b[0] and 1 in (len(a), len(b))) for a in names[0] for b in names[1]):
        return False
    return not any(
        {_bare(v) for v in before.get(target, [])} & {_bare(v) for v in now.get(target, [])}
        for target in STRONG_TARGETS
    )


def _words(text: str) -> list[str]:
    return [word for word in re.findall(r"[a-z]+", anyascii(text).lower()) if word]


def _bare(text: str) -> str:
    return re.sub(r"[\W_]+", "", text).casefold()
