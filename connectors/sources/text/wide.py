"""UTF-16 in which a byte is missing or too many: every line is read from its own end, and one line pays for it.

Read straight on, such a text is nonsense to its last character, and the rest of the file one cell of it.
"""

import re
from collections import Counter
from itertools import pairwise
from typing import Final

import numpy as np

_ENDS: Final = {"utf-16-le": re.compile(rb"\n\0"), "utf-16-be": re.compile(rb"\0\n")}
LONGEST: Final = 1 << 20
"""Bytes of a damaged line within which the damage is looked for; in a longer one it is at its end."""
USUAL: Final = 4
"""Upper bytes of characters that a text has often: its alphabet, Latin, punctuation."""


def text_of(data: bytes, encoding: str) -> str | None:
    """The text of utf-16-le or utf-16-be that is out of step somewhere, � where; None where it is in step."""
    pattern = _ENDS.get(encoding)
    if pattern is None or (len(data) % 2 == 0 and not any(end.start() % 2 for end in pattern.finditer(data))):
        return None
    places = [0, *(end.end() for end in pattern.finditer(data)), len(data)]
    lines = [data[start:end] for start, end in pairwise(places)]
    even = b"".join(line for line in lines if len(line) % 2 == 0)
    usual = _usual(even, encoding)
    found = [
        line.decode(encoding, "replace") if len(line) % 2 == 0 else _mended(line, encoding, usual) for line in lines
    ]
    return "".join(found)


def _usual(sound: bytes, encoding: str) -> frozenset[int]:
    """The upper bytes that sound text has most often."""
    upper = sound[1::2] if encoding == "utf-16-le" else sound[::2]
    return frozenset(byte for byte, _ in Counter(upper).most_common(USUAL)) | {0}


def _mended(line: bytes, encoding: str, usual: frozenset[int]) -> str:
    """A line of an odd number of bytes, less the byte without which the most of its characters are usual ones."""
    at = _cut(line[:LONGEST], encoding, usual) if len(line) < LONGEST else len(line) - 1
    before, after = line[:at].decode(encoding, "replace"), line[at + 1 :].decode(encoding, "replace")
    return f"{before}\ufffd{after}"


def _cut(line: bytes, encoding: str, usual: frozenset[int]) -> int:
    """The even place of the byte that is left out: before it characters count from the front, after it from the end."""
    is_usual = np.isin(np.frombuffer(line, np.uint8), list(usual))
    upper = 1 if encoding == "utf-16-le" else 0
    front, back = is_usual[upper::2], is_usual[1 + upper :: 2]
    count = len(line) // 2
    good = np.concatenate([[0], np.cumsum(front[:count])]) + np.concatenate([np.cumsum(back[:count][::-1])[::-1], [0]])
    return 2 * int(np.argmax(good))
