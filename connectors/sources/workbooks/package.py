"""The parts of a workbook that is a ZIP archive, read in pieces, and refused where they are made to do harm.

A part that declares entities is refused unread (no office program writes any, and they are how XML is made to
unpack without end). A part that holds more than its table of contents says is damaged or a bomb.
"""

import errno
import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from lxml import etree

from connectors.sources.base import SourceFailed

PIECE: Final = 4 << 20
_PROLOG: Final = 1 << 16
_ELEMENT = re.compile(rb"<[A-Za-z_]")
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, KeyError, UnicodeError)


class Package:
    """A workbook as an archive; `name` is what people call the file. Every method raises SourceFailed."""

    def __init__(self, path: Path, name: str) -> None:
        self.name = name
        try:
            self.archive = zipfile.ZipFile(path)
        except _BROKEN as error:
            raise self.damaged("its table of contents") from error
        self.names = set(self.archive.namelist())

    def __enter__(self) -> "Package":
        return self

    def __exit__(self, *_: object) -> None:
        self.archive.close()

    def damaged(self, part: str) -> SourceFailed:
        """The failure of a part that cannot be read."""
        reason = f"the workbook is truncated or damaged ({part})"
        return SourceFailed(reason, "Open it, save it again, or export it anew", file=self.name)

    def pieces(self, part: str) -> Iterator[bytes]:
        """The bytes of a part, some megabytes at a time; its checksum is proved at the end."""
        try:
            with self.archive.open(part) as stream:
                while piece := stream.read(PIECE):
                    yield piece
        except _BROKEN as error:
            raise self.damaged(part) from error
        except OSError as error:
            if error.errno != errno.EINVAL:  # a place before the file's beginning
                raise
            raise self.damaged(part) from error

    def whole(self, part: str) -> bytes:
        """All bytes of a part; none where there is no such part."""
        return b"".join(self.pieces(part)) if part in self.names else b""

    def tree(self, part: str) -> etree._Element | None:
        """A small part as XML; None where there is no such part."""
        data = self.whole(part)
        if not data:
            return None
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
        try:
            return etree.fromstring(data, parser)
        except etree.XMLSyntaxError as error:
            raise self.damaged(part) from error

    def prove(self, *, skip: frozenset[str] = frozenset()) -> None:
        """That no XML part declares entities, and every part but `skip` (proved elsewhere) is what it says."""
        for part in sorted(self.names):
            if part.endswith((".xml", ".rels")):
                self._refuse_entities(part)
                if part not in skip:
                    for _ in self.pieces(part):
                        pass

    def _refuse_entities(self, part: str) -> None:
        head = b""
        for piece in self.pieces(part):
            head += piece.replace(b"\0", b"")  # UTF-16 has zeros between its letters
            element = _ELEMENT.search(head)
            if element or len(head) > _PROLOG:
                head = head[: element.start() if element else len(head)]
                break
        if b"<!doctype" in head.lower() or b"<!entity" in head.lower():
            reason = f"{part} in the workbook declares XML entities, which no office program does; it was refused"
            raise SourceFailed(reason, "Ask its sender for a plain export", file=self.name)
