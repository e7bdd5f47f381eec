"""The apostrophe that some exports write before digits, so that a spreadsheet does not take them for a number."""

import re
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from rules.vocabulary import RAW_PREFIX

_MARKED: Final = r"^'[+0-9=@-]"
"""As tables.land takes it off: "'t Hooft" and "'Ndrangheta" keep theirs."""
_NUMBER: Final = re.compile(r"'[+=@-]?[\d\s()/.+-]*\d[\d\s()/.+-]*")


def carried(table: pa.Table) -> tuple[str, ...]:
    """The columns of a table of text that carry the mark: every cell with it is otherwise a number, a phone, an id.

    A quoted number ('12') is none, nor is a note that speaks of the '90s.
    """
    return tuple(name for name in table.column_names if name not in RAW_PREFIX and _carries(table[name]))


def _carries(column: pa.ChunkedArray) -> bool:
    marked = column.filter(pc.fill_null(pc.match_substring_regex(column, _MARKED), False))
    texts = [text.strip() for text in pc.unique(marked).to_pylist()]
    return bool(texts) and all(_NUMBER.fullmatch(text) for text in texts)
