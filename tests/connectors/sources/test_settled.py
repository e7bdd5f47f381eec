"""What a declaration adds to the rows as read: one name a column, columns from file names, folded choices."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter

from connectors import sources
from connectors.sources import checks
from connectors.sources.base import SourceFailed
from rules import keys, presets, schema


def declared(**settings: object) -> schema.Source:
    return schema.Source.model_validate({"kind": "form", "location": "in/*", **settings})


def write(root: Path, **files: str) -> None:
    (root / "in").mkdir()
    for name, text in files.items():
        (root / "in" / f"{name}.csv").write_text(text, encoding="utf-8")


# --- one name a column ------------------------------------------------------------------------------------------


def test_files_of_two_languages_make_one_column(tmp_path: Path) -> None:
    """A column that is called otherwise in another file is the same column, and its rows have the same hash."""
    write(tmp_path, a="Timestamp,Name\nmonday,Ada\n", b="ZEITSTEMPEL,Name\nmonday,Ada\n")
    source = declared(aliases={"Timestamp": ["Zeitstempel"]})
    raw = sources.read("x", source, tmp_path).raw
    assert raw["Timestamp"].to_pylist() == ["monday", "monday"]
    assert raw.column_names[5:] == ["Timestamp", "Name"]
    assert len(set(raw["_hash"].to_pylist())) == 1


def test_two_columns_that_one_row_fills_stay_two(tmp_path: Path) -> None:
    """An alias never swallows a value: a sheet that has both columns keeps both."""
    write(tmp_path, a="Email,Mail\na@x.example,b@x.example\n")
    raw = sources.read("x", declared(aliases={"Email": ["Mail"]}), tmp_path).raw
    assert raw.select(["Email", "Mail"]).to_pylist() == [{"Email": "a@x.example", "Mail": "b@x.example"}]


def test_a_header_that_the_declaration_names_keeps_its_name(tmp_path: Path) -> None:
    """Whoever maps the column by the header they see is not contradicted by an alias of the preset."""
    write(tmp_path, a="Zeitstempel,E-Mail-Adresse\nmonday,a@x.example\n")
    settings = {"preset": "google_forms", "location": "in/*", "columns": {"E-Mail-Adresse": "email"}}
    source = schema.parse(presets.apply(settings, {}, "x.yml"), {}, schema.Source, "x.yml")
    raw = sources.read("x", source, tmp_path).raw
    assert raw.column_names[5:] == ["Timestamp", "E-Mail-Adresse"]
    assert checks.columns(raw, source) == []


# --- columns from file names ------------------------------------------------------------------------------------

PATTERN = r"(?P<operator>[a-z]+)_batch(?P<batch>\d+)"


def _sheet(path: Path, suffix: str) -> None:
    if suffix == "csv":
        path.write_text("Name,Phone\nAda,0301\n")
    elif suffix == "parquet":
        pq.write_table(pa.table({"Name": ["Ada"], "Phone": ["0301"]}), path)
    else:
        with xlsxwriter.Workbook(path) as book:
            sheet = book.add_worksheet()
            sheet.write_row(0, 0, ["Name", "Phone"])
            sheet.write_row(1, 0, ["Ada", "0301"])


@pytest.mark.parametrize(
    ("kind", "suffix"),
    [("csv", "csv"), ("spreadsheet", "xlsx"), ("form", "csv"), ("form", "xlsx"), ("parquet", "parquet")],
)
def test_a_files_name_tells_who_typed_it_in(kind: str, suffix: str, tmp_path: Path) -> None:
    """Operator and batch stand in the name of the file, whatever kind of table it is."""
    (tmp_path / "in").mkdir()
    _sheet(tmp_path / "in" / f"maria_batch07.{suffix}", suffix)
    source = declared(kind=kind, from_name=PATTERN)
    (row,) = sources.read("x", source, tmp_path).raw.to_pylist()
    assert (row["operator"], row["batch"], row["Phone"]) == ("maria", "07", "0301")


def test_what_the_sheet_says_itself_stands(tmp_path: Path) -> None:
    """A column of the sheet is filled from the file's name only where it is empty."""
    write(tmp_path, maria_batch07="Name,batch\nAda,8\nBo,\n")
    raw = sources.read("x", declared(from_name=PATTERN), tmp_path).raw
    assert raw["batch"].to_pylist() == ["8", "07"]


def test_a_name_that_does_not_fit_is_said(tmp_path: Path) -> None:
    """Rows of a file whose name tells nothing are there without it, and the file is named."""
    write(tmp_path, maria_batch07="Name\nAda\n", various="Name\nBo\n")
    landed = sources.read("x", declared(from_name=PATTERN), tmp_path)
    assert landed.raw["batch"].to_pylist() == ["07", None]
    assert any("various.csv" in note for note in landed.notes)


@pytest.mark.parametrize("pattern", ["(?P<batch>", r"batch(\d+)"])
def test_a_pattern_that_names_nothing_is_a_mistake(pattern: str) -> None:
    """A pattern that is none, or names no column, is reported when the declaration is read."""
    with pytest.raises(schema.Mistakes, match="from_name"):
        schema.parse({"kind": "csv", "location": "x", "from_name": pattern}, {}, schema.Source, "x.yml")


# --- folded choices ---------------------------------------------------------------------------------------------


def test_choices_are_folded_when_landing(tmp_path: Path) -> None:
    """A question of several columns is one cell more; the columns stay, and the row's hash knows the new one."""
    write(tmp_path, a="Name,Interests [News],Interests [Offers]\nAda,Yes,Yes\nBo,,Yes\n")
    plain = sources.read("x", declared(), tmp_path).raw
    folded = sources.read(
        "x", declared(choices={"Interests": ["Interests [News]", "Interests [Offers]"]}), tmp_path
    ).raw
    assert folded["Interests"].to_pylist() == ["News; Offers", "Offers"]
    assert folded.select(plain.column_names[5:]).equals(plain.select(plain.column_names[5:]))
    assert folded["_hash"].to_pylist() != plain["_hash"].to_pylist()


def test_a_folded_column_never_hides_one_of_the_sheet(tmp_path: Path) -> None:
    """A name that the sheet has already is refused, with what to do."""
    write(tmp_path, a="Interests,Interests [News],Interests [Offers]\nx,Yes,\n")
    with pytest.raises(SourceFailed, match="another name"):
        sources.read("x", declared(choices={"Interests": ["Interests [News]", "Interests [Offers]"]}), tmp_path)


def test_choices_of_a_database_are_folded_anew_each_night(tmp_path: Path) -> None:
    """Rows that come over from the last night under a watermark bring no folded column that stands in the way."""
    with closing(sqlite3.connect(tmp_path / "crm.db")) as database:
        database.execute("create table t (id text, changed text, wine text, oil text)")
        database.execute("insert into t values ('1', '2026-01-01', 'x', null)")
        database.commit()
    settings = {
        "kind": "sql", "location": f"sqlite:///{tmp_path}/crm.db", "table": "t", "id": ["id"], "watermark": "changed",
        "columns": {"id": "customer_no"}, "choices": {"goods": ["wine", "oil"]},
    }  # fmt: skip
    source = schema.Source.model_validate(settings)
    first = sources.read("crm", source, tmp_path).raw
    assert first["goods"].to_pylist() == ["wine"]
    first = first.set_column(0, "_record_id", keys.declared(first, ["id"]).ids)
    with sources.gather(source, tmp_path) as arrival:
        again = sources.read_arrived("crm", arrival, tmp_path, first).raw
    assert again["goods"].to_pylist() == ["wine"]
