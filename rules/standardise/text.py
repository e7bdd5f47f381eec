"""Trim, mend and empty: what is done to the text of every cell before its field is read.

Vectorised over the distinct values of a column. Letters garbled by a wrong encoding are restored (`mojibake`).
"""

from functools import cache, partial
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from rules.standardise import data, mojibake

_BLANKS: Final = (
    r"[ \t\v\f\r\x{0085}\x{00a0}\x{1680}\x{2000}-\x{200b}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}\x{feff}]+"
)
_CONTROLS: Final = r"[\x00-\x08\x0e-\x1f]"
_UNTIDY: Final = r"^[\s\x{00a0}\x{200b}\x{feff}]|[\s\x{00a0}\x{200b}\x{feff}]$|  |[\t-\r\x{0085}\x{00a0}\x{1680}\x{2000}-\x{200b}\x{2028}-\x{202f}\x{205f}\x{3000}\x{feff}\x00-\x1f]|^'[+0-9=@-]"  # noqa: E501


def mend(values: pa.Array, country: str | None = None) -> tuple[pa.Array, pa.Array]:
    """Tidy text, and the rule `mojibake` where letters were restored, `garbled` where they are lost.

    Line breaks within a cell stay. Letters come first: a blank that is trimmed may be half of one. `country`: where
    the source is, which tells what old programs there write.
    """
    none = pa.scalar(None, pa.string())
    values = _where(values, pc.match_substring_regex(values, _CONTROLS), _without_controls)
    garbled = pc.fill_null(pc.match_substring_regex(values, mojibake.LOOSE), False)
    rules = pa.nulls(len(values), pa.string())
    if pc.any(garbled).as_py():
        restored = _where(values, garbled, partial(_restored, country=country))
        rules = pc.if_else(pc.fill_null(pc.not_equal(values, restored), False), "mojibake", none)
        lost = pa.array(map(mojibake.is_garbled, restored.filter(garbled).to_pylist()), pa.bool_())
        rules = pc.if_else(pc.replace_with_mask(pc.and_(garbled, False), garbled, lost), "garbled", rules)
        values = restored
    return _where(values, pc.match_substring_regex(values, _UNTIDY), _tidy), rules


def _restored(values: pa.Array, country: str | None) -> pa.Array:
    return pa.array([mojibake.restored(text, country) for text in values.to_pylist()], pa.string())


def _where(values: pa.Array, mask: pa.Array, work: "object") -> pa.Array:
    """The values, with `work` done on those under the mask."""
    mask = pc.fill_null(mask, False)
    if not pc.any(mask).as_py():
        return values
    return pc.replace_with_mask(values, mask, work(values.filter(mask)))  # type: ignore[operator]  # an array function


def _without_controls(values: pa.Array) -> pa.Array:
    return pc.replace_substring_regex(values, _CONTROLS, "")


def _tidy(values: pa.Array) -> pa.Array:
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
