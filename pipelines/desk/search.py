"""Published customers by any value: a look through the golden table's file, column by column."""

from typing import Any, Final

import duckdb

from connectors.workspace import Workspace
from rules import search as words
from rules.vocabulary import GOLDEN

LOOKED_AT: Final = (
    "golden_id", "display_name", "given_name", "surname", "organisation_name", "birth_date", "tax_id", "email", "phone",
    "street", "house_number", "postcode", "city",
)  # fmt: skip


def search(workspace: Workspace, text: str, limit: int) -> list[dict[str, Any]]:
    """Customers of whom each word of a text stands in some value, the best known (most records) first."""
    file = workspace.root / "published" / "latest" / "golden.parquet"
    wanted = words.folded(text).split()
    if not wanted or not file.exists():
        return []
    said = words.sql(f"concat_ws(' ', {', '.join(LOOKED_AT)})")
    every = " and ".join("contains(said, ?)" for _ in wanted)
    with duckdb.connect() as con:
        found = con.execute(
            f"""select {", ".join(GOLDEN.names)} from (select *, {said} as said from read_parquet(?))
            where {every} order by records desc, golden_id limit ?""",  # noqa: S608 - our own names
            [str(file), *wanted, limit],
        )
        names = [column[0] for column in found.description]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]
