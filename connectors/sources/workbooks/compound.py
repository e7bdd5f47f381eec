"""Streams of a compound file, the container of .xls ([MS-CFB] 2)."""

import struct
from typing import Final

SIGNATURE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_END: Final = 0xFFFFFFFA
"""From here on a sector number is a mark and no sector."""


class Damaged(Exception):
    """A container that does not hold what it says."""


def stream(data: bytes, *names: str) -> bytes:
    """The first stream that has one of these names. Raises Damaged."""
    try:
        return _File(data).stream({name.casefold() for name in names})
    except (struct.error, IndexError, OverflowError) as error:
        raise Damaged(str(error)) from error


class _File:
    def __init__(self, data: bytes) -> None:
        if not data.startswith(SIGNATURE):
            raise Damaged("no compound file")
        self.data = data
        (shift,) = struct.unpack_from("<H", data, 30)
        if shift not in {9, 12}:
            raise Damaged("sectors of no known size")
        self.size = 1 << shift
        directory, self.cutoff, mini, _, more, blocks = (
            struct.unpack_from("<I", data, at)[0] for at in (48, 56, 60, 64, 68, 72)
        )
        counts = (struct.unpack_from("<I", data, at)[0] for at in (40, 44, 64, 72))
        if any(count > len(data) // self.size for count in counts):  # other readers make room for them all
            raise Damaged("more sectors than the file has")
        self.fat = self._fat(more, blocks)
        self.directory = self._chain(directory)
        self.mini_fat = _numbers(self._chain(mini)) if mini < _END else []
        self.entries = [self.directory[at : at + 128] for at in range(0, len(self.directory) - 127, 128)]
        for entry in self.entries:
            if entry[66] in {2, 5}:  # a stream, or the root
                self._prove(*struct.unpack_from("<II", entry, 116), is_root=entry[66] == 5)

    def _prove(self, start: int, size: int, *, is_root: bool) -> None:
        """That a stream has an end and is no longer than the file: other readers do not look."""
        if size > len(self.data):
            raise Damaged("a stream longer than the file")
        table = self.fat if is_root or size >= self.cutoff else self.mini_fat
        for _ in range(len(table) + 1 if size else 0):
            if start >= _END:
                return
            start = table[start]
        if size:
            raise Damaged("a chain of sectors without end")

    def _sector(self, number: int) -> bytes:
        return self.data[(number + 1) * self.size : (number + 2) * self.size]

    def _fat(self, more: int, blocks: int) -> list[int]:
        """The table of which sector follows which; its own sectors are listed in the header and in chained blocks."""
        listed = list(struct.unpack_from("<109I", self.data, 76))
        for _ in range(blocks):
            block = _numbers(self._sector(more))
            listed += block[:-1]
            more = block[-1]
        return [n for sector in listed if sector < _END for n in _numbers(self._sector(sector))]

    def _chain(self, first: int) -> bytes:
        found: list[bytes] = []
        number = first
        for _ in range(len(self.fat) + 1):
            if number >= _END:
                return b"".join(found)
            found.append(self._sector(number))
            number = self.fat[number]
        raise Damaged("a chain of sectors without end")

    def stream(self, names: set[str]) -> bytes:
        """The bytes of a stream; small ones lie in a stream of their own, in pieces of 64 bytes."""
        root = self.entries[0]
        found = next((entry for entry in self.entries if entry[66] == 2 and _name(entry) in names), None)
        if found is None:
            raise Damaged("no stream of this name")
        start, size = struct.unpack_from("<I", found, 116)[0], struct.unpack_from("<I", found, 120)[0]
        if size >= self.cutoff:
            return self._chain(start)[:size]
        small, pieces = self._chain(struct.unpack_from("<I", root, 116)[0]), []
        for _ in range(size // 64 + 1):
            if start >= _END:
                break
            pieces.append(small[start * 64 : start * 64 + 64])
            start = self.mini_fat[start]
        return b"".join(pieces)[:size]


def _name(entry: bytes) -> str:
    length = struct.unpack_from("<H", entry, 64)[0]
    return entry[: max(0, min(length, 64) - 2)].decode("utf-16-le", "replace").casefold()


def _numbers(data: bytes) -> list[int]:
    return list(struct.unpack(f"<{len(data) // 4}I", data[: len(data) // 4 * 4]))
