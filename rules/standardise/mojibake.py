"""Letters garbled by a wrong encoding: UTF-8 that was read as a one-byte code page, once or several times over.

What turns back into UTF-8 byte for byte is restored, word by word where only some are garbled; ftfy is asked for the
rest. What neither can restore, or has lost letters for good (`M?ller`), is told apart, so that nothing passes silently.
"""

import re
import unicodedata
from functools import cache
from typing import Final

from rules.standardise import data

PAGES: Final = ("cp1252", "cp1251", "cp1253", "cp1254", "cp1250", "latin-1")
_TIMES: Final = 3
"""How often over a text may have been garbled."""
_SYMBOLS_1251: Final = "ЂЃѓЉЊЌЋЏђљњќћџЎўЈҐЁЄЇІіґёєјЅѕї"
_SYMBOLS: Final = "€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ\u00a0-\u00bf"
LOOSE: Final = (
    "[\u0080-\u009f\ufffd]|[ÂÃÄÅÎÏÐÑâĂĹĎĐŃ][^\x01-\x7f]"
    rf"|[ВГДЕОПРСв][{_SYMBOLS}{_SYMBOLS_1251}]|[ΒΓΔΕΞΟΠΡβ][{_SYMBOLS}΅ΆΈΉΊΌΎΏ΄―]"
    r"|\pL\?+\pL|^\?[? ]*\?$|[À-ÖØ-öø-ÿ]{4}|[ÐÝÞðýþ]|\pL[³¹¿]\pL|[£¯]\pL"
)
"""What garbled text holds; so may a sound one, and then nothing comes of it. For Arrow's regular expressions (RE2)."""
_LOST: Final = re.compile(r"[\u0080-\u009f\ufffd]|(?<![/=&?])\b[^\W\d_]+\?+[^\W\d_]|^\?[? ]*\?$")
_ADDRESS: Final = re.compile(r"://|www\.|[?&]\w+=")
"""A link, in which a question mark is none that stands for a letter."""
_ONE_BYTE: Final = re.compile(r"(?<![^\W\d_])[À-ÖØ-öø-ÿ]{4,}(?![^\W\d_])")
"""Greek or Cyrillic of one byte a letter that was read as Western: no word is all accents."""
_WESTERN: Final = re.compile("[À-ÖØ-öø-ÿ]")
_SIGNS: Final = {
    "cp1253": _ONE_BYTE, "cp1251": _ONE_BYTE,
    "cp1254": re.compile("[ÐÝÞðýþ]"),
    "cp1250": re.compile(r"(?<=[^\W\d_])[³¹¿](?=[^\W\d_])|(?<![^\W_])[£¯](?=[^\W\d_])"),
}  # fmt: skip
"""What text of a code page holds that was read as cp1252, and text of its country hardly ever."""
_STRAY: Final = re.compile("[ÂÃĂ][\u0080-\u00bf]|[ΓΞΟΒ][\u0080-\u00bf€‚ƒ„…†‡‰‹‘’“”•–—™›]|[ÐÑ][\u0080-\u00bf]")


def restored(text: str, country: str | None = None) -> str:
    """The text as it was before it was garbled; as it stands, where that cannot be told.

    `country` tells the code page of one byte a letter that was read as the Western one.
    """
    text = _from_western(text, country) or text
    for _ in range(_TIMES):
        better = _whole(text) or _by_word(text)
        if better is None:
            break
        text = better
    if not _STRAY.search(text):
        return text
    import ftfy  # costs 0.1 s, and most tables need it not

    fixed = ftfy.fix_encoding(text)
    return text if is_lost(fixed) or _STRAY.search(fixed) else fixed


def _from_western(text: str, country: str | None) -> str | None:
    """A text of the country's code page that was read as cp1252; None where it shows no sign of that."""
    page = data.words("code_pages").get(country or "")
    if page is None or not _SIGNS[page].search(text):
        return None
    found = (_bytes(text, "cp1252") or b"").decode(page, "replace")
    sound = found and "\ufffd" not in found and not any(_is_odd(c) for c in found)
    return found if sound and (page in ("cp1250", "cp1254") or not _WESTERN.search(found)) else None


def is_lost(text: str) -> bool:
    """Whether letters of a text are lost: nothing restores them."""
    return bool(_LOST.search(text)) and not _ADDRESS.search(text)


def is_garbled(text: str) -> bool:
    """Whether a text that was left as it stands is garbled for all that."""
    return is_lost(text) or bool(_STRAY.search(text) or _ONE_BYTE.search(text))


def _whole(text: str, times: int = _TIMES) -> str | None:
    """The text that a code page turned into this one; where that is none yet, the one behind it."""
    for page in PAGES:
        held = _bytes(text, page)
        if held is None:
            continue
        try:
            found = held.decode("utf-8")
        except UnicodeDecodeError:
            continue
        if _is_plausible(found, text):
            return found
        if times > 1 and len(found) < len(text) and (further := _whole(found, times - 1)):
            return further
    return None


def _by_word(text: str) -> str | None:
    words = text.split(" ")
    mended = [_whole(word) or word if not word.isascii() else word for word in words]
    return " ".join(mended) if len(words) > 1 and mended != words else None


@cache
def _table(page: str) -> dict[str, int]:
    """Character -> byte of a code page; a byte it leaves undefined stands for the control of that number."""
    table = {}
    for byte in range(256):
        try:
            table[bytes([byte]).decode(page)] = byte
        except UnicodeDecodeError:
            table[chr(byte)] = byte
    return table


def _bytes(text: str, page: str) -> bytes | None:
    table = _table(page)
    try:
        return bytes([table[c] if c in table else ord(c) if "\x7f" < c < "\xa0" else table[c] for c in text])
    except KeyError:
        return None


def _is_plausible(found: str, text: str) -> bool:
    """Whether a text that came of another is one: shorter, of letters that people write, and no chance pair."""
    if len(found) >= len(text) or any(_is_odd(c) for c in found):
        return False
    pairs = sum(not c.isascii() for c in found)
    letters = all(c.isalpha() for c in text if not c.isascii())
    if letters and pairs == 1 and not _is_latin(text) and not (_is_latin(found) and re.search("[A-Za-z]", text)):
        return False
    return not (text.isupper() and not found.isupper() and letters)


def _is_odd(c: str) -> bool:
    if c < "\u0250":
        return "\x7f" <= c < "\xa0"
    greek, cyrillic = "\u0384" <= c <= "\u03ce", "\u0400" <= c <= "\u045f" or c in "Ґґ"
    return not (greek or cyrillic or "\u1e00" <= c <= "\u20bf" or c in "™№ƒˆ˜\u0300\u0301\u0308" or _is_written(c))


def _is_written(c: str) -> bool:
    """A letter of a script beyond Latin, Greek and Cyrillic, or a sign people type."""
    return c > "\u0530" and unicodedata.category(c)[0] in "LMNS"


def _is_latin(text: str) -> bool:
    return all(c < "\u0250" or not c.isalpha() for c in text)
