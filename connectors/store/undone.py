"""What was taken back: rows of a table are only ever added to, and `undoes` of one names the row that it takes back."""

from sqlalchemy import ColumnElement, FromClause, not_, select


def standing(of: FromClause) -> ColumnElement[bool]:
    """Rows of a table (or of an alias of it) that no other row of it takes back."""
    back = of.alias()
    return not_(select(back.c.seq).where(back.c.undoes == of.c.seq).exists())
