"""A writer of small .xlsb files, for the tests ([MS-XLSB] 2.1 and 2.4)."""

import datetime as dt
import struct
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

DAY_ZERO: Final = dt.date(1899, 12, 30)
ERRORS: Final = {"#REF!": 0x17, "#N/A": 0x2A, "#DIV/0!": 0x07}
DATE: Final = "dd/mm/yyyy"
_RELATED: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006"


def record(kind: int, data: bytes = b"") -> bytes:
    """A record: its type in one or two bytes, its size in as many as it needs."""
    head = bytes([kind]) if kind < 128 else bytes([(kind & 0x7F) | 0x80, kind >> 7])
    size = len(data)
    while size > 127:
        head += bytes([(size & 0x7F) | 0x80])
        size >>= 7
    return head + bytes([size]) + data


def wide(text: str) -> bytes:
    return struct.pack("<I", len(text.encode("utf-16-le")) // 2) + text.encode("utf-16-le")


def save_xlsb(
    sheets: Mapping[str, Sequence[Sequence[Any]]],
    merged: Mapping[str, Sequence[tuple[int, int, int, int]]],
    path: Path,
) -> None:
    strings: dict[str, int] = {}
    codes = [DATE]
    parts = {
        f"xl/worksheets/sheet{n}.bin": _sheet(rows, merged.get(name, ()), strings, codes)
        for n, (name, rows) in enumerate(sheets.items(), 1)
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", _types(len(parts)))
        archive.writestr("_rels/.rels", _rels({"rId1": ("officeDocument", "xl/workbook.bin")}))
        targets = {f"rId{n}": ("worksheet", f"worksheets/sheet{n}.bin") for n in range(1, len(parts) + 1)}
        extra = {"rId98": ("styles", "styles.bin"), "rId99": ("sharedStrings", "sharedStrings.bin")}
        archive.writestr("xl/_rels/workbook.bin.rels", _rels({**targets, **extra}))
        archive.writestr("xl/workbook.bin", _book(list(sheets)))
        archive.writestr("xl/styles.bin", _styles(codes))
        archive.writestr("xl/sharedStrings.bin", _strings(list(strings)))
        for part, data in parts.items():
            archive.writestr(part, data)


def _book(names: Sequence[str]) -> bytes:
    sheets = b"".join(
        record(156, struct.pack("<II", 0, n) + wide(f"rId{n}") + wide(name)) for n, name in enumerate(names, 1)
    )
    return record(131) + record(153, bytes(12)) + record(143) + sheets + record(144) + record(132)


def _styles(codes: Sequence[str]) -> bytes:
    formats = b"".join(record(44, struct.pack("<H", 164 + n) + wide(code)) for n, code in enumerate(codes))
    cells = b"".join(record(47, struct.pack("<HH", 0, code) + bytes(12)) for code in (0, *range(164, 164 + len(codes))))
    return (
        record(278)
        + record(615, struct.pack("<I", len(codes)))
        + formats
        + record(616)
        + record(617, struct.pack("<I", len(codes) + 1))
        + cells
        + record(618)
        + record(279)
    )


def _strings(texts: Sequence[str]) -> bytes:
    items = b"".join(record(19, b"\0" + wide(text)) for text in texts)
    return record(159, struct.pack("<II", len(texts), len(texts))) + items + record(160)


def _sheet(
    rows: Sequence[Sequence[Any]],
    merged: Sequence[tuple[int, int, int, int]],
    strings: dict[str, int],
    codes: list[str],
) -> bytes:
    width = max(map(len, rows), default=1)
    body = b""
    for r, row in enumerate(rows):
        body += record(0, struct.pack("<IIHBBBI", r, 0, 300, 0, 0, 0, 0) + bytes(8))
        body += b"".join(_cell(c, value, strings, codes) for c, value in enumerate(row))
    areas = b"".join(record(176, struct.pack("<4I", a[0], a[2], a[1], a[3])) for a in merged)
    return (
        record(129)
        + record(148, struct.pack("<4I", 0, max(0, len(rows) - 1), 0, width - 1))
        + record(145)
        + body
        + record(146)
        + (record(177, struct.pack("<I", len(merged))) + areas + record(178) if merged else b"")
        + record(130)
    )


def _cell(column: int, value: Any, strings: dict[str, int], codes: list[str]) -> bytes:
    def at(style: int = 0) -> bytes:
        return struct.pack("<II", column, style)

    if value is None or value == "":
        return b""
    if isinstance(value, bool):
        return record(4, at() + bytes([value]))
    if isinstance(value, str):
        return record(7, at() + struct.pack("<I", strings.setdefault(value, len(strings))))
    if isinstance(value, dt.date):
        return record(5, at(1) + struct.pack("<d", (value - DAY_ZERO).days))
    if isinstance(value, float | int):
        return record(5, at() + struct.pack("<d", value))
    if value.error:
        return record(3, at() + bytes([ERRORS[value.error]]))
    if value.code not in codes:
        codes.append(value.code)
    return record(5, at(codes.index(value.code) + 1) + struct.pack("<d", value.number))


def _rels(targets: Mapping[str, tuple[str, str]]) -> str:
    links = "".join(
        f'<Relationship Id="{key}" Type="{_RELATED}/{kind}" Target="{target}"/>'
        for key, (kind, target) in targets.items()
    )
    return f'<?xml version="1.0"?><Relationships xmlns="{_PACKAGE}/relationships">{links}</Relationships>'


def _types(sheets: int) -> str:
    main = "application/vnd.ms-excel"
    parts = {"/xl/workbook.bin": f"{main}.sheet.binary.macroEnabled.main"}
    parts |= {f"/xl/worksheets/sheet{n}.bin": f"{main}.worksheet" for n in range(1, sheets + 1)}
    parts |= {"/xl/styles.bin": f"{main}.styles", "/xl/sharedStrings.bin": f"{main}.sharedStrings"}
    listed = "".join(f'<Override PartName="{part}" ContentType="{kind}"/>' for part, kind in parts.items())
    rels = '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    return f'<?xml version="1.0"?><Types xmlns="{_PACKAGE}/content-types">{rels}{listed}</Types>'
