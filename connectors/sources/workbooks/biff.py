"""What the two binary formats of Excel have in common: numbers in four bytes, codes of errors, styles."""

import struct
from collections.abc import Mapping
from typing import Final

from connectors.sources.workbooks import formats

ERRORS: Final = {
    0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A",
    0x2B: "#GETTING_DATA",
}  # fmt: skip
"""[MS-XLS] 2.5.10 BErr."""


def rk(data: bytes, at: int) -> float:
    """An RkNumber ([MS-XLS] 2.5.217): 30 bits of a whole number or of a double, perhaps in hundredths."""
    (bits,) = struct.unpack_from("<i", data, at)
    number: float = bits >> 2 if bits & 2 else struct.unpack("<d", struct.pack("<q", (bits & ~3) << 32))[0]
    return number / 100 if bits & 1 else float(number)


def real(data: bytes, at: int) -> float:
    """An Xnum: a double."""
    return float(struct.unpack_from("<d", data, at)[0])


def shown(number: float, code: str) -> str | None:
    """The number as a format shows it, where that is another text."""
    return formats.shown(repr(number), code)


def styles(codes: Mapping[int, str], used: list[int]) -> dict[int, str]:
    """The format of each cell style that shows another text; `used` is the number of each style's format."""
    known = {**formats.BUILT_IN, **codes}
    return {n: known[code] for n, code in enumerate(used) if formats.is_shown(known.get(code, ""))}
