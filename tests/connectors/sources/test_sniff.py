"""What a file is by its own first bytes, never by its name."""

import zipfile
from pathlib import Path

import pytest

from connectors.sources import SourceFailed, sniff

BYTES = {
    "empty": b"",
    "text": "όνομα;τηλ\nΜαρία;210\n".encode("cp1253"),
    "xml": b'<?xml version="1.0"?><Invoice/>',
    "html": b"\xef\xbb\xbf\r\n<!DOCTYPE html><html></html>",
    "pdf": b"%PDF-1.7\n",
    "json": b'\n{"a": 1}',
    "signed": b"MIAGCSqGSIb3DQEHAqCAMIACAQExADCABgkqhkiG9w0BBwGggCSABIID",
    "vcard": "BEGIN:VCARD\r\nVERSION:3.0".encode("utf-16"),
    "sqlite": b"SQLite format 3\x00",
    "parquet": b"PAR1....",
    "gzip": b"\x1f\x8b\x08",
    "image": b"\xff\xd8\xff\xe0",
    "binary": bytes(range(1, 32)) * 10,
    "xls": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600,
    "encrypted": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
}


@pytest.mark.parametrize("kind", BYTES)
def test_first_bytes_tell(tmp_path: Path, kind: str) -> None:
    """The answer has words for people, whatever ending the file has."""
    (tmp_path / "file.csv").write_bytes(BYTES[kind])
    assert sniff.sniff(tmp_path / "file.csv") == kind
    assert kind in sniff.WORDS


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1251", "koi8-r"])
def test_text_is_text_in_every_encoding(tmp_path: Path, encoding: str) -> None:
    """Zeros and high bytes of an encoding are no sign of a binary file."""
    (tmp_path / "a").write_bytes(("имя;телефон\r\nАнна;123\r\n" * 20).encode(encoding))
    assert sniff.sniff(tmp_path / "a") == "text"


@pytest.mark.parametrize(
    "text", ["name;phone\r\nAnna;12\r\n", "имя;тел\r\nАнна;12\r\n", "όνομα;τηλ\r\nΜαρία\r\n", "imię;nr\r\nŁucja;1\r\n"]
)
def test_utf_16_without_a_mark_is_known_by_its_form(text: str) -> None:
    """In both orders of bytes, in several alphabets; text of one byte a letter is not taken for it."""
    for encoding in ("utf-16-le", "utf-16-be"):
        assert sniff.wide((text * 9).encode(encoding)) == encoding
    for encoding in ("utf-8", "utf-8-sig"):
        assert sniff.wide((text * 9).encode(encoding)) is None
    assert sniff.wide(b"id,na\0me\r\n1,An\0na\r\n") is None


def test_archives_are_told_apart(tmp_path: Path) -> None:
    """A workbook, a document and a plain archive are all ZIP files; a truncated one is said."""
    for kind, member in {
        "xlsx": "xl/workbook.xml",
        "xlsb": "xl/workbook.bin",
        "docx": "word/a.xml",
        "zip": "a",
    }.items():
        with zipfile.ZipFile(tmp_path / kind, "w") as archive:
            archive.writestr(member, "x")
        assert sniff.sniff(tmp_path / kind) == kind
    (tmp_path / "cut").write_bytes((tmp_path / "xlsx").read_bytes()[:30])
    with pytest.raises(SourceFailed, match=r"truncated|damaged"):
        sniff.sniff(tmp_path / "cut")


def test_a_header_that_begins_with_a_brace_is_no_json(tmp_path: Path) -> None:
    """An object begins with a quoted key, a list of them with an object; blanks and line ends aside."""
    (tmp_path / "a").write_text("{code},name\n1,2\n", "utf-8")
    (tmp_path / "b").write_text('[\n  {\n "a": 1}]', "utf-8")
    assert [sniff.sniff(tmp_path / name) for name in "ab"] == ["text", "json"]


def test_what_is_demanded_and_not_there_is_said(tmp_path: Path) -> None:
    """The message says what the file is, and which kind reads it."""
    (tmp_path / "a.csv").write_bytes(BYTES["sqlite"])
    with pytest.raises(SourceFailed, match="SQLite") as failure:
        sniff.demand(tmp_path / "a.csv", "a.csv", frozenset({"text"}), "delimited text (CSV)")
    assert "kind: sql" in failure.value.remedy


def test_every_kind_that_a_format_names_exists() -> None:
    """What is said to be readable is readable."""
    from connectors.sources import KINDS

    assert set(sniff.KIND_FOR.values()) <= set(KINDS)
    assert set(sniff.KIND_FOR) <= set(sniff.WORDS)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
@pytest.mark.parametrize("kind", ["xml", "json", "vcard"])
def test_wide_text_is_what_it_would_be_in_utf_8(tmp_path: Path, kind: str, encoding: str) -> None:
    """An invoice in UTF-16 is no delimited text: what its DOCTYPE would do is refused where it is read."""
    texts = {"xml": '<?xml version="1.0"?><Invoice/>', "json": '[{"a": "b"}]', "vcard": "BEGIN:VCARD\r\nVERSION:3.0"}
    (tmp_path / "a").write_bytes(texts[kind].encode(encoding))
    assert sniff.sniff(tmp_path / "a") == kind


def test_a_file_beyond_all_memory_is_refused_before_it_is_read(tmp_path: Path) -> None:
    """Five gigabytes of nothing take no room on a disk, and would take all memory."""
    with (tmp_path / "a.csv").open("wb") as file:
        file.write(b"id;name\n1;Anna\n")
        file.truncate(5 << 30)
    with pytest.raises(SourceFailed, match="2,048 MB"):
        sniff.sniff(tmp_path / "a.csv")
