"""Trim, mend and empty: what is done to the text of every cell before its field is read.

Vectorised over the distinct values of a column. Mojibake is repaired with ftfy's `fix_encoding` (UTF-8 that was
read as a one-byte code page); what it does not know is left as it stood.
"""

from functools import cache
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from rules.standardise import data

_BLANKS: Final = (
    r"[ \t\v\f\r\x{0085}\x{00a0}\x{1680}\x{2000}-\x{200b}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}\x{feff}]+"
)
_UNTIDY: Final = r"^[\s\x{00a0}\x{200b}\x{feff}]|[\s\x{00a0}\x{200b}\x{feff}]$|  |[\t-\r\x{0085}\x{00a0}\x{1680}\x{2000}-\x{200b}\x{2028}-\x{202f}\x{205f}\x{3000}\x{feff}\x00-\x1f]|^'[+0-9=@-]"  # noqa: E501
# Pairs of characters that UTF-8 becomes in code pages 1252, 1251 and 1253. Loose: ftfy has the last word.
_GARBLED: Final = (
    "[\u0080-\u009f]|[ÂÃÄÅÎÏÐÑâ][^\x01-\x7f]|\ufffd"
    "|[РС][ђ‘’“”•–—™љ›њќћџЎўЈ¤Ґ¦§Ё©Є«¬®Ї°±Ііґµ¶·№є»јЅѕїЂЃ‚ѓ„…†‡€‰Љ‹ЊЌЋЏ\u00a0]"
    "|[ΞΟ][€‚ƒ„…†‡‰‹‘’“”•–—™›\u00a0΅£¤¥¦§¨©«¬®―°±²³΄µ¶·»½]|[ΞΟ][ΆΈΉΊΌΎΏ]"
)


def mend(values: pa.Array) -> tuple[pa.Array, pa.Array]:
    """Tidy text, and the rule `mojibake` where letters were restored. Line breaks within a cell stay."""
    values = _where(values, pc.match_substring_regex(values, _UNTIDY), _tidy)
    garbled = pc.match_substring_regex(values, _GARBLED)
    if not pc.any(garbled).as_py():
        return values, pa.nulls(len(values), pa.string())
    mended = _where(values, garbled, _fixed)
    changed = pc.not_equal(values, mended)
    return mended, pc.if_else(changed, "mojibake", pa.scalar(None, pa.string()))


def _fixed(values: pa.Array) -> pa.Array:
    import ftfy  # costs 0.1 s, and most tables need it not

    return pa.array([ftfy.fix_encoding(text) for text in values.to_pylist()], pa.string())


def _where(values: pa.Array, mask: pa.Array, work: "object") -> pa.Array:
    """The values, with `work` done on those under the mask."""
    mask = pc.fill_null(mask, False)
    if not pc.any(mask).as_py():
        return values
    return pc.replace_with_mask(values, mask, work(values.filter(mask)))  # type: ignore[operator]  # an array function


def _tidy(values: pa.Array) -> pa.Array:
    values = pc.replace_substring_regex(values, r"[\x00-\x08\x0e-\x1f]", "")
    values = pc.replace_substring_regex(values, r"\r\n?|\x{2028}|\x{2029}", "\n")
    values = pc.replace_substring_regex(values, _BLANKS, " ")
    values = pc.replace_substring_regex(values, r" ?\n[ \n]*", "\n")
    values = pc.replace_substring_regex(values, r"^'([+0-9=@-])", r"\1")
    return pc.utf8_trim_whitespace(values)


@cache
def _placeholders(names: bool) -> tuple[pa.Array, pa.Array]:
    words = data.words("placeholders")
    absent = [*words["absent"], *([] if names else words["short"])]
    return pa.array(absent, pa.string()), pa.array(words["filler"], pa.string())


def placeholders(values: pa.Array, *, names: bool = False) -> pa.Array:
    """The rule `placeholder` or `filler` where a text stands for nothing; null elsewhere, and for blank cells.

    `names` leaves out words that are also names (No, Na).
    """
    bare = pc.utf8_trim(pc.utf8_lower(values), " .-_*?!:;,\"'()[]<>")
    absent, filler = _placeholders(names)
    hollow = pc.and_(pc.equal(bare, ""), pc.not_equal(values, ""))
    said = pc.or_(hollow, pc.is_in(bare, absent))
    typed = pc.or_(pc.is_in(bare, filler), pc.match_substring_regex(bare, "^(x{2,}|х{2,}|χ{2,}|z{3,}|a{3,})$"))
    none = pa.scalar(None, pa.string())
    return pc.if_else(said, "placeholder", pc.if_else(typed, "filler", none))
