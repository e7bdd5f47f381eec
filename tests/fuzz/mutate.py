"""Damage of bytes: what disks, mail gateways, editors and attackers do to a file."""

import io
import random
import re
import zipfile
from collections.abc import Callable, Sequence
from typing import Final

TOKENS: Final = (
    b'"', b'""', b'"""', b"'", b",", b";", b"\t", b"|", b"\x00", b"\x00" * 7, b"\xef\xbb\xbf", b"\xff\xfe",
    b"\xfe\xff", b"\r", b"\n", b"\r\n", b"\n\n\n", b"\x0c", b"\x1a", b"#", b"\\", b'\\"', b"=", b"\xc2\xa0",
    b"\xed\xa0\x80", b"\xff", b"\xe2\x80\xa8", b"\xf0\x9f\x98\x80", b"&lt;", b"&#0;", b"&#x110000;", b"&x;", b"]]>",
    b"<![CDATA[", b"<!--", b"<!DOCTYPE x>", b"<", b">", b"</", b"{", b"}", b"[", b"]", b"null", b"1e999", b"-0",
    b"NaN", b"BEGIN:VCARD\n", b"END:VCARD\n", b":", b"=\n", b"<!ENTITY a 'aaaaaaaaaa'>", b"obj\n", b"stream\n",
    b"endstream", b"\x30\x80", b"A" * 5000, b"[" * 2000, b'{"a":' * 500,
)  # fmt: skip
NUMBERS: Final = (b"0", b"-1", b"1", b"65536", b"2147483648", b"4294967295", b"99999999999999999999", b"1e308")
WORDS: Final = (
    b"\xff\xff\xff\xff",
    b"\x00\x00\x00\x00",
    b"\xff\xff\xff\x7f",
    b"\x00\x00\x00\x80",
    b"\xff\xff",
    b"\x01\x00\x00\x00",
)
Change = Callable[[bytes, random.Random], bytes]


def _place(data: bytes, dice: random.Random, most: int = 200) -> tuple[int, int]:
    start = dice.randrange(len(data) + 1)
    return start, min(len(data), start + dice.randrange(1, most))


def flip(data: bytes, dice: random.Random) -> bytes:
    if not data:
        return data
    at = dice.randrange(len(data))
    return data[:at] + bytes([data[at] ^ (1 << dice.randrange(8))]) + data[at + 1 :]


def delete(data: bytes, dice: random.Random) -> bytes:
    start, end = _place(data, dice)
    return data[:start] + data[end:]


def double(data: bytes, dice: random.Random) -> bytes:
    start, end = _place(data, dice)
    return data[:end] + data[start:end] * dice.choice([1, 1, 2, 50]) + data[end:]


def swap(data: bytes, dice: random.Random) -> bytes:
    (a, b), (c, d) = sorted([_place(data, dice), _place(data, dice)])
    return data if b > c else data[:a] + data[c:d] + data[b:c] + data[a:b] + data[d:]


def truncate(data: bytes, dice: random.Random) -> bytes:
    return data[: dice.randrange(len(data) + 1)]


def insert(data: bytes, dice: random.Random) -> bytes:
    at = dice.randrange(len(data) + 1)
    return data[:at] + dice.choice(TOKENS) + data[at:]


def inflate(data: bytes, dice: random.Random) -> bytes:
    """A number in text, or four bytes, become something huge."""
    found = list(re.finditer(rb"\d+", data[:200_000]))
    if found and dice.random() < 0.6:
        match = dice.choice(found)
        return data[: match.start()] + dice.choice(NUMBERS) + data[match.end() :]
    word = dice.choice(WORDS)
    at = dice.randrange(max(1, len(data)))
    return data[:at] + word + data[at + len(word) :]


CHANGES: Final[tuple[Change, ...]] = (flip, flip, delete, double, swap, truncate, insert, insert, insert, inflate)


def mutate(data: bytes, others: Sequence[bytes], dice: random.Random) -> bytes:
    """One to four changes; now and then the beginning of one file with the end of another."""
    if dice.random() < 0.05 and others:
        other = dice.choice(others)
        data = data[: dice.randrange(len(data) + 1)] + other[dice.randrange(len(other) + 1) :]
    if data[:4] == b"PK\x03\x04" and dice.random() < 0.75:
        return _in_archive(data, dice)
    for _ in range(dice.choice([1, 1, 1, 2, 2, 4])):
        data = dice.choice(CHANGES)(data, dice)
    return data


def _in_archive(data: bytes, dice: random.Random) -> bytes:
    """The same within one member of a ZIP, whose sums are right afterwards; or a member less."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = [(i.filename, archive.read(i)) for i in archive.infolist()]
    except Exception:  # an archive that was damaged before
        return flip(data, dice)
    at = dice.randrange(len(members))
    name, content = members[at]
    if dice.random() < 0.05:
        members.pop(at)
    else:
        for _ in range(dice.choice([1, 1, 2])):
            content = dice.choice(CHANGES)(content, dice)
        members[at] = (name, content)
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, held in members:
            archive.writestr(member, held)
    return made.getvalue()
