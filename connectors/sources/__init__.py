"""Sources: where customer records come from, one small file a kind.

A new kind is a file with `read(name, source, root) -> Landed` and a line in KINDS.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Final

import pyarrow as pa

from connectors.sources import billing, csv, e_invoice, form, parquet, spreadsheet, sql
from connectors.sources.base import Landed, SourceFailed
from connectors.sources.checks import inspect
from connectors.sources.opened import open_table
from rules.schema import Source

Reader = Callable[[str, Source, Path], Landed]

KINDS: Final[dict[str, Reader]] = {
    "spreadsheet": spreadsheet.read,
    "csv": csv.read,
    "parquet": parquet.read,
    "form": form.read,
    "billing": billing.read,
    "e_invoice": e_invoice.read,
    "sql": sql.read,
}


def read(name: str, source: Source, root: Path) -> Landed:
    """Everything a source holds; `root` is where relative locations start.

    Raises SourceFailed, whatever it was that a reader stumbled over: it ends this source only.
    """
    if source.kind not in KINDS:
        raise SourceFailed(f"there is no kind of source {source.kind!r}", f"Known kinds: {', '.join(sorted(KINDS))}")
    try:
        return KINDS[source.kind](name, source, root)
    except OSError as error:
        reason = f"it could not be read: {error.strerror or error}"
        remedy = "Check the place, the network and the rights"
        raise SourceFailed(reason, remedy, file=str(error.filename or "")) from error
    except (pa.ArrowException, ValueError, RecursionError) as error:
        reason = f"the reader gave up ({type(error).__name__})"  # its words may hold a customer's
        remedy = "Export the file again; if it stays so, report this with the file"
        raise SourceFailed(reason, remedy, file=source.location) from error


__all__ = ["KINDS", "Landed", "Reader", "SourceFailed", "inspect", "open_table", "read"]
