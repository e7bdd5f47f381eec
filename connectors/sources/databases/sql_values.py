"""Values of a database as text, without losing anything, and back again."""

import datetime as dt
import json
import re
import uuid
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

import pyarrow as pa

from connectors.sources.workbooks.cells import text

_HEX = re.compile(r"0x(?:[0-9a-f]{2})*")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


def as_column(cells: list[Any]) -> pa.Array:
    """One column of one batch; text as it is, anything else by `as_text`."""
    try:
        return pa.array(cells, pa.string())
    except (pa.ArrowInvalid, pa.ArrowTypeError, UnicodeEncodeError):
        return pa.array([None if cell is None else as_text(cell) for cell in cells], pa.string())


def as_text(value: Any) -> str:
    """A value of a driver as text.

    Decimals keep their digits, times their microseconds and zone; lists and documents are JSON. Bytes are read as
    UTF-8 where they are text, else written as `0x` and hexadecimal digits.
    """
    if isinstance(value, bytes | bytearray | memoryview):
        return _bytes_as_text(bytes(value))
    if isinstance(value, str):
        return value if whole(value) else f"0x{value.encode('utf-8', 'surrogateescape').hex()}"
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, dt.datetime) and value.tzinfo:
        return value.isoformat(sep=" ")
    if isinstance(value, dict | list | tuple):
        return json.dumps(value, ensure_ascii=False, default=as_text)
    return text(value)


def whole(words: str) -> bool:
    """Whether a text is one; SQLite's may hold bytes that are none, escaped by PEP 383."""
    try:
        words.encode()
    except UnicodeEncodeError:
        return False
    return True


def _bytes_as_text(value: bytes) -> str:
    try:
        found = value.decode("utf-8")
    except UnicodeDecodeError:
        return f"0x{value.hex()}"
    return f"0x{value.hex()}" if _CONTROL.search(found) or _HEX.fullmatch(found) else found


def _as_bytes(words: str) -> bytes:
    return bytes.fromhex(words[2:]) if _HEX.fullmatch(words) else words.encode()


_BACK: Final[dict[type, Callable[[str], Any]]] = {
    str: str,
    int: int,
    float: float,
    Decimal: Decimal,
    dt.datetime: dt.datetime.fromisoformat,
    dt.date: dt.date.fromisoformat,
    uuid.UUID: uuid.UUID,
    bytes: _as_bytes,
    memoryview: _as_bytes,
}


def typed(words: str, example: Any) -> Any:
    """A text that `as_text` wrote as a value of the type of an example. Raises ValueError where it is none."""
    try:
        return _BACK[type(example)](words)
    except KeyError as error:
        raise ValueError(f"no order is known for values of type {type(example).__name__}") from error
    except ArithmeticError as error:
        raise ValueError("no decimal number") from error
