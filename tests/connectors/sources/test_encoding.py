"""Encodings: every letter comes back, what was chosen is said, garbled letters are found and left as they stand."""

from pathlib import Path

import pyarrow as pa
import pytest
import yaml

from connectors.sources.base import SourceFailed
from connectors.sources.text import garbled
from connectors.sources.text.encoding import decode
from connectors.sources.text.encoding_guess import encodings, language
from rules.standardise import mojibake
from tests.tools import broken_csv

CASES = yaml.safe_load((Path(__file__).parents[2] / "spec" / "csv_encodings.yml").read_text("utf-8"))


@pytest.mark.parametrize("declared", [True, False], ids=["country", "no country"])
@pytest.mark.parametrize("case", CASES, ids=[f"{c['country']} {c['encoding']} {c['text'][:8]}" for c in CASES])
def test_every_letter_comes_back(case: dict[str, str], declared: bool) -> None:
    """What a program of a country wrote is read letter for letter, whether the country is declared or not."""
    text = f"id;name\n1;{case['text']}\n2;x\n"
    found = decode(text.encode(case["encoding"]), "in.csv", country=case["country"] if declared else None)
    assert found.utf8.decode() == text
    assert any("read as" in note for note in found.notes)


@pytest.mark.parametrize("country", sorted(encodings().keys() - {"anywhere"}))
def test_encodings_exist(country: str) -> None:
    """Every encoding of encodings.yml is one that Python knows."""
    for encoding in encodings()[country]:
        "a".encode(encoding)


def test_languages_have_words() -> None:
    """Every language of encodings.yml has words with letters of its own."""
    for languages in encodings()["anywhere"].values():
        for name in languages:
            assert language(name).letters, name


def test_two_programs_wrote_one_file() -> None:
    """Lines in another encoding are read by themselves and named, also where they are most of the file."""
    greek = [f"{n},Ελένη Παπαδάκη" for n in range(10)]
    data = b"".join(f"{line}\n".encode("cp1253" if n % 2 else "utf-8") for n, line in enumerate(greek))
    found = decode(data, "in.csv")
    assert found.utf8.decode().splitlines() == greek
    assert "5 lines are not UTF-8" in found.notes[0]
    assert "cp1253: 2, 4, 6, 8, 10" in found.notes[0]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-8-sig"])
def test_wide_text(encoding: str) -> None:
    """UTF-16 with and without a mark, UTF-32 and marked UTF-8 are what they are."""
    text = "id;όνομα\n" + "1;Ελένη\n2;Άννα\n" * 5
    assert decode(text.encode(encoding), "in.csv").utf8.decode() == text


def test_one_damaged_character_costs_its_line_only() -> None:
    """A half of a UTF-16 character is read as a mark of what is lost, in its line, and said; the rest stands."""
    data = "id;n\n1;x\n2;y\n".encode("utf-16-le").replace(b"x\0", b"\x00\xd8")
    found = decode(b"\xff\xfe" + data, "in.csv")
    assert found.utf8.decode() == "id;n\n1;\ufffd\n2;y\n"
    assert "(line 2)" in found.notes[0]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("mark", [True, False])
@pytest.mark.parametrize("harm", ["missing", "too many"])
def test_a_byte_too_few_or_too_many_costs_its_line_only(encoding: str, mark: bool, harm: str) -> None:
    """Wherever in the row of UTF-16 it is: all other lines stand as they were, and the line is said."""
    lines = [f"{n};Ελένη Παπαδάκη;2101200{n:03d}" for n in range(30)]
    sound = [line.encode(encoding) for line in ["κωδ;όνομα;τηλ", *lines]]
    end, begin = "\n".encode(encoding), "\ufeff".encode(encoding) if mark else b""
    for at in range(0, len(sound[9]), 5):
        row = sound[9][:at] + (sound[9][at + 1 :] if harm == "missing" else b"\xd8" + sound[9][at:])
        found = decode(begin + end.join([*sound[:9], row, *sound[10:]]) + end, "in.csv")
        told = found.utf8.decode().split("\n")
        assert [*told[:9], *told[10:-1]] == ["κωδ;όνομα;τηλ", *lines[:8], *lines[9:]]
        assert "Ελένη" in told[9] or "Παπαδάκη" in told[9]
        assert found.notes == (f"bytes that mean nothing in {encoding} were read as \ufffd (line 10)",)


def test_a_damaged_line_of_utf_8_is_no_other_encoding() -> None:
    """One strange byte in a line of UTF-8 is lost, and said; its other letters stand, in a file of one line too."""
    for rows in (1, 50):
        lines = [f"{n};Ελένη Παπαδάκη".encode() for n in range(rows)]
        lines[-1] = lines[-1].replace("Π".encode(), b"\xff\xfe")
        found = decode(b"id;name\n" + b"\n".join(lines), "in.csv")
        assert found.utf8.decode().endswith("Ελένη \ufffd\ufffdαπαδάκη")
        assert found.notes == (f"bytes that mean nothing in utf-8 were read as \ufffd (line {rows + 1})",)


def test_a_declared_encoding_lets_few_damaged_lines_pass() -> None:
    """One line in ten may be damaged and is said; with more of them the declaration is wrong."""
    data = "".join(f"{n};Ελένη\n" for n in range(20)).encode("cp1253")
    found = decode(data.replace(b"7;", b"7\xff;"), "in.csv", configured="cp1253")
    assert found.notes == ("bytes that mean nothing in cp1253 were read as \ufffd (lines 8, 18)",)
    with pytest.raises(SourceFailed, match="0xff"):
        decode(data.replace(b";", b"\xff;"), "in.csv", configured="cp1253")


def test_configured_encoding_is_believed_or_refused() -> None:
    """A declared encoding is used even where another were likelier; where it does not fit, the line is named."""
    assert decode("é".encode("cp1252"), "in.csv", configured="cp1250").utf8.decode() == "é"
    assert decode(b"\xb3", "in.csv", configured="cp1250").utf8.decode() == "ł"
    with pytest.raises(SourceFailed, match="ascii") as failed:
        decode(b"a\nb\xe9\n", "in.csv", configured="ascii")
    assert failed.value.line == 2
    with pytest.raises(SourceFailed, match="no encoding"):
        decode(b"a\xe9", "in.csv", configured="klingon")


@pytest.mark.parametrize("page", ["cp1252", "cp1253", "cp1251"])
@pytest.mark.parametrize("times", [1, 2])
def test_garbled_letters_are_found_and_restored_later(page: str, times: int) -> None:
    """UTF-8 read as a code page, once or twice: column and lines are named, and standardise gets the letters back."""
    sound = ["Ελένη Παπαδάκη", "José Müller", "Анна Каренина", "Smith"]
    values = [_garbled(text, page, times) if n < 3 else text for n, text in enumerate(sound)]
    table = pa.table({"id": ["1", "2", "3", "4"], "name": values})
    (note,) = garbled.notes(table, pa.array([2, 3, 4, 5]))
    assert "3 rows" in note
    assert "'name'" in note
    assert "lines 2, 3, 4" in note
    assert not any(value in note for value in values)
    assert [mojibake.restored(value) for value in values] == sound


def _garbled(text: str, page: str, times: int) -> str:
    for _ in range(times):
        text = "".join(_read(byte, page) for byte in text.encode())
    return text


def _read(byte: int, page: str) -> str:
    try:
        return bytes([byte]).decode(page)
    except UnicodeDecodeError:
        return chr(byte)  # as browsers and old Windows programs have it


def test_sound_letters_are_not_called_garbled() -> None:
    """Greek, Russian, Turkish, Polish and Western names, and the test tables, raise no such doubt."""
    names = [c["text"] for c in CASES] + [cell for make in broken_csv.TABLES for row in make().rows for cell in row]
    assert garbled.notes(pa.table({"name": names}), pa.array(range(len(names)))) == ()


@pytest.mark.parametrize(
    ("byte", "country", "letter"), [(b"\xe9", "GR", "é"), (b"\xfe", "GR", "\ufffd"), (b"\x9f", "IT", "\ufffd")]
)
def test_one_bad_byte_among_few_lines_of_utf8(byte: bytes, country: str, letter: str) -> None:
    """One line of letters says what the file is; a bad byte is no reason to read it as what another country writes."""
    line = "Παπαδόπουλος Γεώργιος;Ερμού 5"
    found = decode(f"name;street\n{line}\nMar".encode() + byte + b"a;x\n", "x.csv", country=country)
    assert found.encoding == "utf-8"
    assert found.utf8.decode().splitlines()[1:] == [line, f"Mar{letter}a;x"]
    assert any(note.endswith((": 3", "(line 3)")) for note in found.notes)
