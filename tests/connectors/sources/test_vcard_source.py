"""Address books: what every dialect of vCard gives, card by card, and that one broken card costs one card."""

from pathlib import Path
from time import process_time
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors import sources
from connectors.sources import Landed, SourceFailed, sniff
from connectors.sources.base import Reject
from connectors.sources.vcards.card import COLUMNS
from connectors.sources.vcards.lines import Card, cards, parts, plain
from rules import presets, schema
from rules.schema import Source
from rules.standardise.table import standardise

CASES = yaml.load(  # nothing but text
    (Path(__file__).parents[2] / "spec" / "sources" / "vcards.yml").read_text("utf-8"),
    Loader=yaml.BaseLoader,  # noqa: S506 - makes nothing but text
)
PLAIN = "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Maria Papadaki\r\nN:Papadaki;Maria;;;\r\nUID:{uid}\r\nEND:VCARD\r\n"


def land(folder: Path, *texts: str | bytes, **settings_: Any) -> Landed:
    """Texts as the files of a source."""
    for number, text in enumerate(texts, 1):
        (folder / f"{number}.vcf").write_bytes(text if isinstance(text, bytes) else text.encode())
    return sources.read("book", Source(kind="vcard", location="*.vcf", **settings_), folder)


def rows(landed: Landed) -> list[dict[str, str]]:
    return [{k: v for k, v in row.items() if v and not k.startswith("_")} for row in landed.raw.to_pylist()]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_cards(case: dict[str, Any], tmp_path: Path) -> None:
    """Each card of spec/sources/vcards.yml has the filled cells that stand beside it, and no others."""
    lines = "\r\n".join(case["card"].splitlines())
    body = f"BEGIN:VCARD\r\n{lines}\r\nEND:VCARD\r\n"
    if not case["cells"]:
        with pytest.raises(SourceFailed, match="no card that can be read"):
            land(tmp_path, body)
        return
    assert rows(land(tmp_path, body)) == [case["cells"]]


def test_every_column_is_there_and_mapped(tmp_path: Path) -> None:
    """The columns are the same whatever the cards hold, and the preset of the kind names each of them."""
    landed = land(tmp_path, PLAIN.format(uid="a"))
    assert tuple(landed.raw.column_names[5:]) == COLUMNS
    preset = presets.apply({"kind": "vcard", "location": "x.vcf"}, {}, "book.yml")
    assert set(preset["columns"]) == set(COLUMNS)
    assert schema.parse(preset, {}, Source, "book.yml").updated_at == "revised"


def test_a_broken_card_costs_itself_alone(tmp_path: Path) -> None:
    """A card without END, one with a line that is no property, text between cards: rejects with their lines."""
    broken = "BEGIN:VCARD\nFN:cut off\n" + PLAIN.format(uid="a").replace("FN:Maria", "nonsense Maria")
    landed = land(tmp_path, f"{broken}some text\n{PLAIN.format(uid='b')}BEGIN:VCARD\nFN:end")
    assert [row["uid"] for row in rows(landed)] == ["b"]
    assert landed.rejects["line"].to_pylist() == [1, 3, 9, 16]
    assert landed.rejects["content"][0].as_py() == "BEGIN:VCARD\nFN:cut off"
    assert "(line 5)" in landed.rejects["reason"][1].as_py()
    assert any("4 cards were left out" in note for note in landed.notes)
    assert not any("Maria" in note for note in landed.notes)


def test_one_broken_card_is_one(tmp_path: Path) -> None:
    """What is said of one card says one."""
    landed = land(tmp_path, PLAIN.format(uid="a") + "BEGIN:VCARD\nFN:end")
    assert any("1 card was left out, with its reason (line " in note for note in landed.notes)


def test_lists_and_empty_cards_are_no_customers(tmp_path: Path) -> None:
    """KIND:group and an empty card are rejects, said as what they are."""
    group = "BEGIN:VCARD\nKIND:group\nFN:Friends\nEND:VCARD\n"
    landed = land(tmp_path, group + "BEGIN:VCARD\nVERSION:3.0\nEND:VCARD\n" + PLAIN.format(uid="a"))
    assert len(landed.raw) == 1
    assert landed.rejects["reason"].to_pylist() == ["a list of contacts (KIND:group)", "an empty card"]


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("N:Παπαδάκη;Μαρία\n", "cp1253"), ("N:Παπαδάκη;Μαρία\n", "utf-16"), ("N:Παπαδάκη;Μαρία\n", "utf-8-sig"),
        ("N;CHARSET=windows-1253;ENCODING=QUOTED-PRINTABLE:=D0=E1=F0=E1=E4=DC=EA=E7;=\n=CC=E1=F1=DF=E1\n", "ascii"),
    ],
)  # fmt: skip
def test_alphabets(text: str, encoding: str, tmp_path: Path) -> None:
    """Files in an old code page or UTF-16, and quoted-printable text in a charset of its own."""
    landed = land(tmp_path, f"BEGIN:VCARD\nVERSION:2.1\n{text}END:VCARD\n".encode(encoding), country="GR")
    assert rows(landed) == [{"given_name": "Μαρία", "surname": "Παπαδάκη"}]


def test_uids_are_the_keys(tmp_path: Path) -> None:
    """The UID is the record id; without any, keys are to be carried; where few lack one, those go by their name."""
    without = PLAIN.replace("UID:{uid}\r\n", "")
    assert land(tmp_path, PLAIN.format(uid="a") + PLAIN.format(uid="b")).raw["_record_id"].to_pylist() == ["a", "b"]
    assert land(tmp_path, without).raw["_record_id"].to_pylist() == [None]
    mixed = land(tmp_path, PLAIN.format(uid="a") + PLAIN.format(uid="b") + without).raw["_record_id"].to_pylist()
    assert mixed[:2] == ["a", "b"]
    assert mixed[2].startswith("card-")
    assert "maria" not in mixed[2].lower()


def test_pictures_are_dropped_and_said(tmp_path: Path) -> None:
    """A photo is no part of the raw row, folded or not, and its being left out is said."""
    photo = "PHOTO;ENCODING=b;TYPE=JPEG:/9j/4AAQ\r\n SkZJRg==\r\n"
    old = "PHOTO;ENCODING=BASE64;JPEG:/9j/4AAQ\r\nSkZJRgABAQ==\r\n\r\n"
    for text in (photo, old):
        landed = land(tmp_path, PLAIN.format(uid="a").replace("UID", f"{text}UID"))
        assert rows(landed)[0]["uid"] == "a"
        assert "SkZ" not in str(landed.raw.to_pylist())
        assert any("1 photos" in note for note in landed.notes)


def test_files_are_told_by_their_content(tmp_path: Path) -> None:
    """An address book is one whatever its name; another text is refused with what it is."""
    (tmp_path / "book.txt").write_text(PLAIN.format(uid="a"))
    assert sniff.sniff(tmp_path / "book.txt") == "vcard"
    (tmp_path / "book.txt").write_bytes(PLAIN.format(uid="a").encode("utf-16"))
    assert sniff.sniff(tmp_path / "book.txt") == "vcard"
    with pytest.raises(SourceFailed, match="no card"):
        land(tmp_path, "name,phone\nMaria,210 1112223\n")


def test_standard_records(tmp_path: Path) -> None:
    """Through the preset: types of phones and addresses, the firm, the birthday without year, the note's number."""
    text = PLAIN.format(uid="a").replace(
        "UID",
        "TEL;TYPE=CELL:6944112233\r\nTEL;TYPE=WORK,FAX:2101112223\r\nADR;TYPE=HOME:;;Ermou 12;Athens;;10563;Greece\r\n"
        "BDAY:--0415\r\nNOTE:second phone 2310 555444\\, her son 6971112233\r\nREV:20260102T030405Z\r\nUID",
    )
    landed = land(tmp_path, text)
    source = schema.parse(presets.apply({"kind": "vcard", "location": "x"}, {}, "b"), {}, Source, "b")
    tables = standardise(landed.raw, "book", source.model_copy(update={"country": "GR"}))
    points = {(p["type"], p["canonical"]) for p in tables["points"].to_pylist()}
    assert points == {("mobile", "+306944112233"), ("fax", "+302101112223"), ("landline", "+302310555444")}
    (record,) = tables["records"].to_pylist()
    assert (record["name_latin"], record["updated_at"], record["birth_date"]) == (
        "maria papadaki", "2026-01-02T03:04:05", None,
    )  # fmt: skip
    assert {f["rule"] for f in tables["flags"].to_pylist()} == {"date_no_year", "found_in_note"}
    (address,) = tables["addresses"].to_pylist()
    assert (address["type"], address["street"], address["house_number"]) == ("home", "Ermou", "12")


TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\r\n\0\x1a\x85\u2028\u2029"), max_size=30)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    st.lists(st.tuples(st.sampled_from(["FN:", "N:", "NOTE:", "TEL:", " ", "item1.TEL;X=", "BEGIN:VCARD", ""]), TEXT))
)
def test_every_line_is_kept_or_rejected(lines: list[tuple[str, str]]) -> None:
    """Whatever lies between two sound cards: both are read, nothing crashes, and no broken line vanishes."""
    middle = "\n".join(a + b for a, b in lines)
    found = list(cards(PLAIN.format(uid="a") + middle + "\n" + PLAIN.format(uid="z"), lambda b, _: b.decode()))
    uids = [p.value for card in found if isinstance(card, Card) for p in card.properties if p.name == "UID"]
    assert uids == ["a", "z"]
    rejected = "\n".join(card.content for card in found if isinstance(card, Reject))
    assert all(text.strip() in rejected for text in middle.split("\n"))


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.lists(TEXT, min_size=1))
def test_structured_values_come_back(values: list[str]) -> None:
    """Components that were escaped as RFC 6350 has it come back as they were."""
    escaped = [
        v.strip().replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n") for v in values
    ]
    assert parts(";".join(escaped)) == [v.strip() for v in values]
    assert plain(escaped[0]) == values[0].strip()


def test_a_photo_of_megabytes_takes_no_time(tmp_path: Path) -> None:
    """Thousands of folded lines are joined once: the effort does not grow with their square."""
    photo = "PHOTO;ENCODING=b;TYPE=JPEG:/9j/\r\n" + f" {'A' * 75}\r\n" * 40_000
    began = process_time()
    landed = land(tmp_path, PLAIN.format(uid="a").replace("UID", f"{photo}UID"))
    assert process_time() - began < 3
    assert rows(landed)[0]["uid"] == "a"
