"""Invoices inside PDFs, signatures and archives, and folders of everything."""

import base64
import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from asn1crypto import cms
from pypdf import PdfWriter
from pypdf.generic import ArrayObject, NameObject

from connectors import sources
from connectors.sources import SourceFailed
from rules import presets, schema

SPEC = Path(__file__).parents[2] / "spec" / "invoices"
UBL, CII, FATTURA = ((SPEC / name).read_bytes() for name in ("ubl.xml", "cii.xml", "fatturapa.xml"))


def land(folder: Path, files: dict[str, bytes]) -> sources.Landed:
    for name, data in files.items():
        (folder / name).write_bytes(data)
    made = presets.apply({"kind": "e_invoice", "location": "*"}, {}, "inv")
    return sources.read("inv", schema.parse(made, {}, schema.Source, "inv"), folder)


def reason(folder: Path, data: bytes) -> str:
    """Why the only file of a folder is refused."""
    with pytest.raises(SourceFailed) as failed:
        land(folder, {"a": data})
    assert failed.value.remedy
    return failed.value.reason


# --- PDF ------------------------------------------------------------------------------------------------------


def pdf(*files: tuple[str, bytes], change: Callable[[PdfWriter], Any] | None = None) -> bytes:
    writer = PdfWriter()
    writer.add_blank_page(100, 100)
    for name, data in files:
        writer.add_attachment(name, data)
    if change:
        change(writer)
    made = io.BytesIO()
    writer.write(made)
    return made.getvalue()


def only_associated(writer: PdfWriter) -> None:
    """The files stand in the catalog's list of associated files alone, as some programs write it."""
    names = writer.root_object["/Names"]["/EmbeddedFiles"]["/Names"]
    writer.root_object[NameObject("/AF")] = ArrayObject(names[1::2])
    del writer.root_object["/Names"]


@pytest.mark.parametrize(
    "files",
    [
        [("factur-x.xml", CII)],
        [("ZUGFeRD-invoice.xml", CII)],
        [("photo.xml", b"<photo/>"), ("xrechnung.xml", UBL)],
        [("terms.txt", b"x"), ("other name.XML", UBL)],
    ],
)
@pytest.mark.parametrize("change", [None, only_associated])
def test_pdf_that_carries_an_invoice(
    files: list[tuple[str, bytes]], change: Callable[[PdfWriter], Any] | None, tmp_path: Path
) -> None:
    """The invoice in a PDF is found by the names that the standards give it, or as its only XML."""
    landed = land(tmp_path, {"a.pdf": pdf(*files, change=change)})
    assert landed.facts["number"].to_pylist() == ["A-7/2026"]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (pdf(), "carries no XML invoice"),
        (pdf(("a.xml", UBL), ("b.xml", UBL)), "2 XML files"),
        (pdf(("order-x.xml", b"<a/>")), "an order"),
        (pdf(("factur-x.xml", b"<note/>")), "no invoice of a known syntax"),
        (pdf(("factur-x.xml", CII), change=lambda writer: writer.encrypt("x", algorithm="RC4-128")), "password"),
        (pdf(*((f"{n}.txt", b"") for n in range(201))), "more than 200 files"),
    ],
)
def test_pdf_without_an_invoice(data: bytes, said: str, tmp_path: Path) -> None:
    """A PDF that carries none, several, an order, or is locked, says so."""
    assert said in reason(tmp_path, data)


def test_pdf_bomb(tmp_path: Path) -> None:
    """A stream that unpacks to far more than any invoice is not unpacked."""
    import zlib

    plain = pdf(("factur-x.xml", b"MARK"))
    packed = zlib.compress(zlib.compress(bytes(400 << 20), 9), 9)
    bomb = plain.replace(b"/Length 4\n", b"/Length %d\n/Filter [/FlateDecode /FlateDecode]\n" % len(packed)).replace(
        b"MARK", packed
    )
    assert bomb != plain
    assert "PDF" in reason(tmp_path, bomb)


# --- signatures -----------------------------------------------------------------------------------------------


def signed(content: bytes | None) -> bytes:
    """A SignedData without signers, in DER: what is signed stands in it whole."""
    data: dict[str, Any] = {"content_type": "data"}
    if content is not None:
        data["content"] = content
    message = {"version": "v1", "digest_algorithms": [], "encap_content_info": data, "signer_infos": []}
    return bytes(cms.ContentInfo({"content_type": "signed_data", "content": cms.SignedData(message)}).dump())


def streamed(content: bytes) -> bytes:
    """The same in BER, of unknown length and in pieces, as signing programs write it while they read."""
    pieces = b"".join(
        b"\x04\x82" + len(part).to_bytes(2) + part
        for part in (content[n : n + 999] for n in range(0, len(content), 999))
    )
    data = b"\x30\x80" + bytes.fromhex("06092a864886f70d010701") + b"\xa0\x80\x24\x80" + pieces + bytes(6)
    inner = b"\x30\x80\x02\x01\x01\x31\x00" + data + b"\x31\x00" + bytes(2)
    return b"\x30\x80" + bytes.fromhex("06092a864886f70d010702") + b"\xa0\x80" + inner + bytes(4)


@pytest.mark.parametrize(
    "write",
    [
        signed,
        streamed,
        lambda content: base64.b64encode(signed(content)),
        lambda content: base64.encodebytes(streamed(content)).replace(b"\n", b"\r\n"),
        lambda content: b"-----BEGIN PKCS7-----\n" + base64.encodebytes(signed(content)) + b"-----END PKCS7-----\n",
        lambda content: signed(streamed(content)),
        lambda content: signed(content) + b"\0\0\n",
    ],
)
def test_signed_invoice(write: Callable[[bytes], bytes], tmp_path: Path) -> None:
    """The invoice is taken out of a signature in DER, BER, base64 or PEM, and out of two around one another."""
    landed = land(tmp_path, {"IT01234567890_00001.xml.p7m": write(FATTURA)})
    assert landed.facts["number"].to_pylist() == ["A-7/2026"]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (signed(None), "a signature only"),
        (signed(FATTURA)[:2000], "damaged"),
        (signed(signed(signed(signed(FATTURA)))), "too many times"),
        (signed(b"hello"), "plain text"),
    ],
)
def test_signature_without_an_invoice(data: bytes, said: str, tmp_path: Path) -> None:
    """A signature apart from its document, a damaged one, or one around something else, says so."""
    assert said in reason(tmp_path, data)


# --- archives and folders -------------------------------------------------------------------------------------


def test_folder_of_everything(tmp_path: Path) -> None:
    """Each file is what its bytes are; an invoice that lies there in four forms is one; others are named."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("2026/b.p7m", signed(UBL))
        archive.writestr("2026/a.xml", UBL.replace(b"A-7", b"A-8"))
        archive.writestr("2026/readme.txt", "hello")
        archive.writestr("__MACOSX/._a.xml", b"\0")
    files = {
        "1.xml": UBL,
        "2.pdf": pdf(("xrechnung.xml", UBL)),
        "3.bin": signed(UBL),
        "4.zip": packed.getvalue(),
        "5.txt": b"hello",
    }
    landed = land(tmp_path, files)
    places = landed.raw.select(["_file", "_sheet", "invoice_number"]).to_pylist()
    assert [tuple(place.values()) for place in places] == [
        ("1.xml", None, "A-7/2026"),
        ("4.zip", "2026/a.xml", "A-8/2026"),
    ]
    assert [(r["file"], r["sheet"], r["reason"]) for r in landed.rejects.to_pylist()] == [
        ("4.zip", "2026/readme.txt", "this is plain text, not an XML invoice"),
        ("5.txt", None, "this is plain text, not an XML invoice"),
    ]
    assert (
        "3 documents came more than once and count once: "
        "2.pdf (as 1.xml); 3.bin (as 1.xml); 4.zip, 2026/b.p7m (as 1.xml)" in landed.notes
    )


def test_archive_with_a_password(tmp_path: Path) -> None:
    """A member that is locked is named; the others are read."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a.xml", UBL)
        archive.writestr("b.xml", UBL)
    data = bytearray(packed.getvalue())
    last = data.rindex(b"PK\x01\x02")
    data[last + 8] |= 1
    landed = land(tmp_path, {"a.zip": bytes(data)})
    assert len(landed.raw) == 1
    assert "password" in landed.rejects["reason"][0].as_py()


@pytest.mark.parametrize("packing", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_damaged_member(packing: int, tmp_path: Path) -> None:
    """A member that cannot be unpacked is a reject under its own name, however it was packed; the others are read."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", packing) as archive:
        archive.writestr("bad.xml", CII)
        archive.writestr("good.xml", UBL)
    data = bytearray(packed.getvalue())
    data[120:200] = bytes(80)
    landed = land(tmp_path, {"a.zip": bytes(data)})
    assert landed.raw["_sheet"].to_pylist() == ["good.xml"]
    (reject,) = landed.rejects.to_pylist()
    assert (reject["file"], reject["sheet"]) == ("a.zip", "bad.xml")
    assert "damaged" in reject["reason"]
