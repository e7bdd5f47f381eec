"""How one file of delimited text is written: its delimiter, its quotes, and the patterns that follow from them."""

import re
from dataclasses import dataclass
from functools import cache

STAND_IN = "\x1f"
"""Stands for a delimiter beyond ASCII while a file is read: every pattern here is over single bytes."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """Delimiter and quote are one ASCII character each."""

    delimiter: str = ","
    quote: str | None = '"'
    backslash: bool = False
    r"""A quote within a quoted cell is written \" (a doubled one is understood as well)."""
    blank: bool = False
    """A blank follows each delimiter and belongs to no cell."""


@dataclass(frozen=True, slots=True)
class Grammar:
    """Patterns of a cell at its first byte. Every quantifier is possessive: time grows with the length, no faster."""

    quoted: re.Pattern[bytes]
    """A whole quoted cell (1: what is within its quotes) and what ends it (2: delimiter, line end or nothing)."""
    bare: re.Pattern[bytes]
    """A cell without quotes (1) and what ends it (2)."""
    unclosed: re.Pattern[bytes]
    """From an opening quote to where the quoted text ends, closed or not."""
    delimiter: re.Pattern[str]
    quote: bytes


@cache
def grammar(dialect: Dialect) -> Grammar:
    """The patterns of a dialect: RFC 4180, section 2, with any delimiter and quote."""
    d = re.escape(dialect.delimiter.encode())
    end = rb"(%b%b|\r\n|\n|\r|\Z)" % (d, b" ?" if dialect.blank else b"")
    q = re.escape(dialect.quote.encode()) if dialect.quote else rb"(?!)"
    plain = q if dialect.quote else b""
    doubled = q + q
    if dialect.backslash:
        inner = rb"[^%b\\]*+(?:(?:\\[\s\S]|%b)[^%b\\]*+)*+" % (plain, doubled, plain)
    else:
        inner = rb"[^%b]*+(?:%b[^%b]*+)*+" % (plain, doubled, plain) if plain else b"(?!)"
    padding = b" *" if dialect.delimiter.strip() else b""
    return Grammar(
        quoted=re.compile(q + b"(" + inner + b")" + q + padding + end),
        bare=re.compile(rb"([^%b\r\n]*+)%b" % (d, end)),
        unclosed=re.compile(q + inner),
        delimiter=re.compile(re.escape(dialect.delimiter) + (" ?" if dialect.blank else "")),
        quote=(dialect.quote or "").encode(),
    )


def unescaped(text: str, dialect: Dialect) -> str:
    """What stands within the quotes of a cell, with its own quotes single."""
    quote = dialect.quote
    if not quote:
        return text
    if dialect.backslash and "\\" in text:
        text = re.sub(rf"\\([\\{re.escape(quote)}])", r"\1", text)
    return text.replace(quote * 2, quote) if quote in text else text
