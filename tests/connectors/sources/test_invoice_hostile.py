"""Nothing in an invoice is trusted: hostile, damaged and foreign documents are rejects with reason, line and remedy."""

import io
import json
import time
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors import sources
from connectors.sources import SourceFailed
from connectors.sources.invoices import documents
from connectors.sources.invoices.model import Unreadable
from rules import presets, schema

SPEC = Path(__file__).parents[2] / "spec" / "invoices"
GOOD = (SPEC / "ubl.xml").read_bytes()
NAMED = "<Invoice><ID>A</ID><IssueDate>2026-01-01</IssueDate>{}</Invoice>"


def land(folder: Path, **files: bytes) -> sources.Landed:
    for name, data in files.items():
        (folder / name.replace("_", ".")).write_bytes(data)
    made = presets.apply({"kind": "e_invoice", "location": "*"}, {}, "inv")
    return sources.read("inv", schema.parse(made, {}, schema.Source, "inv"), folder)


LAUGHS = '<!DOCTYPE x [<!ENTITY l0 "ha">' + "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
QUADRATIC = f'<!DOCTYPE x [<!ENTITY a "{"a" * 100_000}">]><Invoice>{"&a;" * 9999}</Invoice>'
THIEF = '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><Invoice><ID>&x;</ID></Invoice>'
FAR = '<?xml version="1.0"?><!-- x --><!DOCTYPE a SYSTEM "http://x.example/a.dtd"><Invoice/>'
HOSTILE: dict[str, tuple[bytes, str, int]] = {
    "billion laughs": (f"{LAUGHS}]>{NAMED.format('&l9;')}".encode(), "DOCTYPE", 0),
    "the same in UTF-16": (f"{LAUGHS}]><Invoice>&l9;</Invoice>".encode("utf-16"), "DOCTYPE", 0),
    "quadratic": (QUADRATIC.encode(), "DOCTYPE", 0),
    "a file of ours": (THIEF.encode(), "DOCTYPE", 0),
    "the same in UTF-32": (THIEF.encode("utf-32"), "", 0),
    "a DTD elsewhere": (FAR.encode(), "DOCTYPE", 0),
    "an entity of nobody": (b"<Invoice>\n<ID>&nobody;</ID></Invoice>", "&amp;", 2),
    "a lone ampersand": (b"<Invoice>\n<ID>Rossi & Bianchi</ID></Invoice>", "&amp;", 2),
    "a lone bracket": (b"<Invoice>\n<ID>5 < 6</ID></Invoice>", "&lt;", 2),
    "a name in brackets": (b"<Invoice>\n<ID><Rossi></ID></Invoice>", "not closed", 2),
    "100,000 levels": (b"<Invoice>" * 100_000 + b"</Invoice>" * 100_000, "nested deeper", 1),
    "a text of 50 MB": (NAMED.format("x" * (50 << 20)).encode(), "longer than 10 MB", 1),
    "an attribute of 50 MB": (b'<Invoice a="' + b"x" * (50 << 20) + b'"/>', "longer than 10 MB", 1),
    "too many elements": (b"<Invoice>" + b"<a/>" * 1_600_000 + b"</Invoice>", "more elements", 0),
    "too large": (b"<Invoice>" + b" " * (64 << 20) + b"</Invoice>", "larger than 64 MB", 0),
    "truncated": (GOOD[:3000], "truncated", 40),
    "truncated in a tag": (GOOD[: GOOD.index(b"<cbc:Note>") + 4], "truncated", 9),
    "empty": (b"", "empty", 0),
    "blank": (b" \n ", "empty", 0),
    "NUL bytes": (b"<Invoice>\n<ID>A\0</ID></Invoice>", "NUL bytes", 2),
    "wrong encoding": (GOOD.replace(b"porto", "città".encode("cp1252")), "encoding that it declares", 10),
    "unknown encoding": (GOOD.replace(b"UTF-8", b"KLINGON", 1), "nobody knows", 1),
    "no number": (b"<Invoice><IssueDate>2026-01-01</IssueDate></Invoice>", "states no number", 0),
    "another document": (b"<note/>", "no invoice", 0),
    "an order": (b"<Order/>", "an order", 0),
    "a receipt": (b"<RicevutaConsegna/>", "a receipt", 0),
    "a web page": (b"<!DOCTYPE html><html><table><tr><td>Invoice</table>", "a web page", 0),
    "a letter": ("Αγαπητοί,\nσας στέλνω το τιμολόγιο.".encode(), "plain text", 0),
    "a picture": (b"\x89PNG\r\n\x1a\n" + bytes(50), "a picture", 0),
    "JSON": (b'{"invoice": 1}', "JSON", 0),
    "a broken PDF": (b"%PDF-1.7\n%%EOF", "the PDF is damaged", 0),
    "half a signature": (bytes.fromhex("308006092a864886f70d010702a080") + b"\x30\x84\xff\xff", "(p7m) is damaged", 0),
    "bytes": (bytes(range(1, 32)) * 9, "binary", 0),
    "half an archive": (b"PK\x03\x04" + bytes(40), "the archive is truncated", 0),
}  # fmt: skip


@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_document(case: str, tmp_path: Path) -> None:
    """Each is refused quickly, for its own reason and at its line, with a remedy; the invoice beside it is read."""
    data, reason, line = HOSTILE[case]
    began = time.process_time()
    landed = land(tmp_path, good_xml=GOOD, bad_xml=data)
    assert time.process_time() - began < 5
    assert landed.raw["_file"].to_pylist() == ["good.xml"]
    (reject,) = landed.rejects.to_pylist()
    assert reject["file"] == "bad.xml"
    assert reason in reject["reason"]
    assert reject["remedy"]
    assert reject["line"] == line
    assert any("bad.xml" in note for note in landed.notes)
    assert "Rossi" not in " ".join([reject["reason"], *landed.notes])
    assert "root:" not in json.dumps(landed.raw.to_pylist())


@pytest.mark.parametrize(
    "write",
    [
        lambda text: text.encode("utf-8-sig"),
        lambda text: text.replace("UTF-8", "UTF-16").encode("utf-16"),
        lambda text: text.replace("UTF-8", "utf-16").encode(),  # as some programs label what they write in UTF-8
        lambda text: text.replace("UTF-8", "ISO-8859-7").encode("iso-8859-7"),
        lambda text: ("\n\n" + text).encode(),
        lambda text: text.replace("</Invoice>", "</Invoice>\n<!-- x -->\n").encode(),
    ],
)
def test_any_honest_encoding(write: Callable[[str], bytes], tmp_path: Path) -> None:
    """UTF-8 with its mark, UTF-16, an encoding that is declared, blank lines above: all are one invoice."""
    text = GOOD.decode().replace("Cantiere Prova", "Ναυπηγείο Πρόβα")
    landed = land(tmp_path, a_xml=write(text))
    assert landed.raw["organisation"].to_pylist() == ["Ναυπηγείο Πρόβα SpA"]


def test_large_attachment_is_left_out(tmp_path: Path) -> None:
    """An invoice with a picture of 20 MB in it is an invoice."""
    start = GOOD.index(b"JVBER")
    end = GOOD.index(b"</cbc:Embedded")
    landed = land(tmp_path, a_xml=GOOD[:start] + b"QUJD" * (5 << 20) + GOOD[end:])
    assert landed.facts["amount"].to_pylist() == ["184.22"]


def test_rejected_document_is_kept(tmp_path: Path) -> None:
    """Text to the letter; what is no text by its size and hash, for the file itself stays where it is."""
    landed = land(tmp_path, a_xml=GOOD, b_xml=b"<note>\xce\xa9</note>", c_png=b"\x89PNG\r\n\x1a\n" + bytes(50))
    kept = landed.rejects["content"].to_pylist()
    assert kept[0] == "<note>Ω</note>"
    assert kept[1].startswith("58 bytes, SHA-256 ")


def test_only_bad_documents(tmp_path: Path) -> None:
    """A folder without one readable invoice stops the source, with the reason of the first."""
    with pytest.raises(SourceFailed, match=r"^a.xml: this is <note>, no invoice of a known syntax"):
        land(tmp_path, a_xml=b"<note/>")
    with pytest.raises(SourceFailed, match=r"none of 2 files.*no invoice of a known syntax"):
        land(tmp_path, b_xml=b"")


@settings(derandomize=True, max_examples=150, deadline=None)
@given(st.data())
def test_any_damage_ends_in_words(data: st.DataObject) -> None:
    """However an invoice is cut, doubled or overwritten: it is read, or refused in words; nothing else ever happens."""
    good = (SPEC / data.draw(st.sampled_from(["ubl.xml", "cii.xml", "fatturapa.xml", "semplificata.xml"]))).read_bytes()
    at = data.draw(st.integers(0, len(good)))
    to = data.draw(st.integers(at, min(len(good), at + 400)))
    new = data.draw(
        st.one_of(st.binary(max_size=30), st.sampled_from([good[:200], b"<", b"&#0;", b"]]>", b"<a>" * 300]))
    )
    damaged = good[:at] + new + good[to:]
    with suppress(Unreadable):
        assert all(invoice.number for invoice in documents.invoices(damaged, "xml"))


def archive(**members: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in members.items():
            file.writestr(name.replace("_", "."), data)
    return made.getvalue()


def test_bombs_in_archives(tmp_path: Path) -> None:
    """An archive that unpacks to far more than it is, and one within another, are refused; others are read."""
    bomb = archive(**{f"{n}_xml": bytes(60 << 20) for n in range(9)})
    landed = land(tmp_path, a_zip=bomb, b_zip=archive(inner_zip=bomb, good_xml=GOOD))
    reasons = {(r["file"], r["sheet"]): r["reason"] for r in landed.rejects.to_pylist()}
    assert "was refused" in reasons["a.zip", None]
    assert "a ZIP archive" in reasons["b.zip", "inner.zip"]
    assert landed.raw["_sheet"].to_pylist() == ["good.xml"]
