"""Sources: where customer records come from, one small file a kind.

A new kind is a file with `read(name, source, root) -> Landed` and a line in KINDS.
"""

from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Final

import pyarrow as pa

from connectors.sources.base import Landed, SourceFailed
from connectors.sources.checks import inspect
from connectors.sources.failing import in_words
from connectors.sources.opened import open_table
from connectors.sources.places.arrivals import Arrival, gather
from connectors.sources.settled import settle
from rules.schema import Source

Reader = Callable[[str, Source, Path], Landed]


def _kind(name: str) -> Reader:
    """The reader of a kind, imported when it is first asked: to read one CSV file takes no database driver."""

    def read(source_name: str, source: Source, root: Path) -> Landed:
        reader: Reader = import_module(f"connectors.sources.{name}").read
        return reader(source_name, source, root)

    return read


KINDS: Final[dict[str, Reader]] = {
    name: _kind(name)
    for name in (
        "spreadsheet", "csv", "parquet", "form", "billing", "e_invoice", "sql", "vcard", "fixed_width", "webhook",
    )
}  # fmt: skip


def read(name: str, source: Source, root: Path) -> Landed:
    """Everything a source holds; `root` is where relative locations start.

    Raises SourceFailed, whatever it was that a reader stumbled over: it ends this source only.
    """
    _demand_kind(source)
    with gather(source, root) as arrival:
        landed = read_arrived(name, arrival, root)
    return replace(landed, notes=(*arrival.notes, *landed.notes))


def read_arrived(name: str, arrival: Arrival, root: Path, before: pa.Table | None = None) -> Landed:
    """The files that have arrived for a source, or its database. Raises SourceFailed.

    `before` is the last published raw table: a database with a watermark is asked only for what changed since.
    """
    source = arrival.source
    _demand_kind(source)
    with in_words(source.location):
        if source.kind == "sql" and source.watermark and before is not None:
            from connectors.sources import sql

            own = before.drop_columns([c for c in source.choices if c in before.column_names])  # folded anew below
            landed = sql.read_since(name, source, root, own)
        else:
            landed = KINDS[source.kind](name, arrival.fetched(), root)
        arrival.demand_still()
        return settle(landed, source)


def _demand_kind(source: Source) -> None:
    if source.kind not in KINDS:
        raise SourceFailed(f"there is no kind of source {source.kind!r}", f"Known kinds: {', '.join(sorted(KINDS))}")


__all__ = ["KINDS", "Landed", "Reader", "SourceFailed", "gather", "inspect", "open_table", "read", "read_arrived"]
