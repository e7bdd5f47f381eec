"""The matching file that is given with `--rules`."""

from pathlib import Path

import pyarrow as pa

from connectors import workspace
from rules import schema
from rules.matching import config


def read(path: Path | None, records: pa.Table | None = None) -> config.Matching:
    """The settings of a matching file, the defaults where there is none. Raises schema.Mistakes.

    Before the tables are read, a mistake ends the command at once; with their standard `records` the columns of text
    that the file names are looked up, too.
    """
    if path is None:
        return config.Matching()
    columns = None if records is None else [c for c in records.column_names if c.startswith("text.")]
    try:
        return config.read(path.read_text("utf-8"), str(path), columns)
    except (OSError, UnicodeDecodeError) as error:
        raise schema.Mistakes([workspace.unreadable(str(path), error)]) from error
