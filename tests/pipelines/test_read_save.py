"""`goldseam read --save`: from an unknown file to a source that runs, in a minute."""

from collections import Counter
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from connectors import sources
from connectors import workspace as workspaces
from pipelines.cli import app
from pipelines.read.declaration import quoted
from rules import schema

ROWS = [
    ["C-1", "Maria", "Papadaki", "maria@post.example.gr", "+30 6944123456", "Ermou 3", "Athina", "tea", "2026-01-03"],
    ["C-2", "Giorgos", "Markou", "g.markou@post.example.gr", "+30 6944123457", "Ermou 12", "Patra", "", "2026-02-11"],
    ["C-3", "Eleni", "Vlachou", "eleni@post.example.gr", "+30 6944123458", "Athinas 8", "Athina", "", "2026-03-02"],
    ["C-4", "Nikos", "Karras", "nikos@post.example.gr", "+30 6944123459", "Solonos 1", "Volos", "", "2026-03-09"],
]  # fmt: skip
HEADER = [
    "Customer no",
    "First name",
    "Surname",
    "E-mail",
    "Mobile",
    "Street",
    "City",
    "Remark: other",
    "Last modified",
]
SHOPIFY = ["Customer ID", "First Name", "Last Name", "Email", "Accepts Email Marketing", "Default Address Company",
    "Default Address Address1", "Default Address Address2", "Default Address City", "Default Address Province Code",
    "Default Address Country Code", "Default Address Zip", "Default Address Phone", "Phone", "Accepts SMS Marketing",
    "Total Spent", "Total Orders", "Note", "Tax Exempt", "Tags"]  # fmt: skip


@pytest.fixture
def firm(tmp_path: Path) -> Path:
    """A new workspace of which only the inbox is ours."""
    root = tmp_path / "firm"
    assert CliRunner().invoke(app, ["init", str(root)]).exit_code == 0
    for path in [*(root / "sources").iterdir(), *(root / "inbox").iterdir()]:
        path.unlink()
    return root


def say(*words: object, code: int = 0) -> str:
    found = CliRunner().invoke(app, list(map(str, words)))
    assert found.exit_code == code, found.output
    return found.output


def as_csv(path: Path, rows: list[list[str]], delimiter: str = ",", encoding: str = "utf-8") -> Path:
    path.write_bytes("".join(delimiter.join(row) + "\r\n" for row in rows).encode(encoding))
    return path


def as_xlsx(path: Path, sheets: dict[str, list[list[str]]]) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


def declared(root: Path, name: str) -> schema.Source:
    return workspaces.read(root).sources[name]


def reads(root: Path) -> int:
    """Rows that land from the one source of the workspace, which must be right as it stands."""
    assert "nothing to correct" in say("check", "-w", root)
    ((name, source),) = workspaces.read(root).sources.items()
    return len(sources.read(name, source, root).raw)


SHOP_ROW = ["'90", "Anna", "Berg", "anna@post.example", "yes", "", "Storgata 1", "", "Oslo", "", "NO", "'0150", "",
    "'+4712345678", "no", "0", "0", "", "no", ""]  # fmt: skip


def test_three_unknown_files_are_published_in_five_commands(firm: Path) -> None:
    """init, read --save for a CSV file, a workbook and the export of a known product, check, run."""
    inbox, declarations = firm / "inbox", firm / "sources"
    as_csv(inbox / "crm.csv", [HEADER, *ROWS], ";", "utf-16")
    as_xlsx(inbox / "list.xlsx", {"Customers": [["Our customers"], [], HEADER, *ROWS], "Prices": [["tea", "3"]]})
    as_csv(inbox / "shop.csv", [SHOPIFY, SHOP_ROW, ["'91", "Per", *SHOP_ROW[2:]]])
    for file, name in (("crm.csv", "crm"), ("list.xlsx", "list"), ("shop.csv", "shop")):
        assert "goldseam run" in say("read", inbox / file, "--save", declarations / f"{name}.yml")
    assert "3 sources, nothing to correct" in say("check", "-w", firm)
    say("run", "-w", firm, "--plain")
    crosswalk = (firm / "published/latest/crosswalk.csv").read_text("utf-8").splitlines()[1:]
    assert Counter(line.split(",")[0] for line in crosswalk) == {"crm": 4, "list": 4, "shop": 2}


def test_a_csv_file_is_declared_as_it_was_seen(firm: Path) -> None:
    """Delimiter, key, columns, country and time of change stand in the declaration; rows enough are expected."""
    file = as_csv(firm / "inbox" / "crm.csv", [HEADER, *ROWS], ";", "utf-16")
    said = say("read", file, "--save", firm / "sources" / "crm.yml")
    assert "goldseam run" in said
    source = declared(firm, "crm")
    assert (source.kind, source.location, source.delimiter) == ("csv", "inbox/crm.csv", ";")
    assert (source.id, source.updated_at, source.country, source.language) == (
        ("Customer no",), "Last modified", "GR", "el",
    )  # fmt: skip
    wanted = {"First name": "given_name", "Surname": "surname", "E-mail": "email", "Customer no": "customer_no"}
    assert wanted.items() <= source.columns.items()
    assert source.expect.never_empty == ("Customer no",)
    assert 1 <= source.expect.rows_at_least <= 4
    assert reads(firm) == 4


def test_every_line_of_it_says_what_it_is_for(firm: Path) -> None:
    """Each setting has a comment, and a column without a meaning is proposed in one."""
    say("read", as_csv(firm / "inbox" / "crm.csv", [HEADER, *ROWS]), "--save", firm / "sources" / "crm.yml")
    text = (firm / "sources" / "crm.yml").read_text("utf-8")
    settings_ = [line for line in text.splitlines() if line and line[0] not in "# " and not line.endswith(":")]
    assert all("#" in line or line.startswith("expect") for line in settings_)
    assert not [key for key in ("encoding:", "delimiter:", "header:", "quote:") if key in text]
    assert max(map(len, text.splitlines())) <= 160


def test_a_workbook_with_titles_and_another_sheet(firm: Path) -> None:
    """The sheet with the customers is named, what is not in the source is said, and it runs."""
    sheets = {
        "Customers": [["Our customers"], [], HEADER, *ROWS],
        "Prices": [["article", "price"], ["tea", "3"]],
    }
    file = as_xlsx(firm / "inbox" / "list.xlsx", sheets)
    said = say("read", file, "--save", firm / "sources" / "list.yml")
    assert "Prices" in said
    source = declared(firm, "list")
    assert (source.kind, source.sheets, source.header) == ("spreadsheet", ("Customers",), None)
    assert reads(firm) == 4


def test_one_of_two_tables_of_a_sheet_is_a_source(firm: Path) -> None:
    """The table is named beside its sheet, and the other one is left alone."""
    prices = [["Article", "Price"], ["tea", "3"], ["coffee", "4"]]
    file = as_xlsx(firm / "inbox" / "list.xlsx", {"South": [HEADER, *ROWS, [], *prices]})
    assert "table 2" in say("read", file, "--save", firm / "sources" / "list.yml")
    assert declared(firm, "list").sheets == ("South (table 1)",)
    assert reads(firm) == 4


def test_sheets_of_one_form_are_one_source(firm: Path) -> None:
    """No sheet is named where all have the same columns: a new one is read as well."""
    file = as_xlsx(firm / "inbox" / "list.xlsx", {"North": [HEADER, *ROWS[:2]], "South": [HEADER, *ROWS[2:]]})
    say("read", file, "--save", firm / "sources" / "list.yml")
    assert declared(firm, "list").sheets == ()
    assert reads(firm) == 4


def test_the_export_of_a_known_product_is_declared_by_its_preset(firm: Path) -> None:
    """One line stands for kind, key and columns."""
    file = as_csv(firm / "inbox" / "shop.csv", [SHOPIFY, SHOP_ROW, ["'91", "Per", *SHOP_ROW[2:]]])
    assert "shopify_customers" in say("read", file)
    say("read", file, "--save", firm / "sources" / "shop.yml")
    text = (firm / "sources" / "shop.yml").read_text("utf-8")
    assert "preset: shopify_customers" in text
    assert "First Name" not in text
    assert reads(firm) == 2


def test_a_preset_of_the_workspace_is_known_as_well(firm: Path) -> None:
    """What a firm has described itself is recognised when a file of that form comes."""
    (firm / "presets").mkdir()
    preset = (
        "about: Our till.\nknown_by: [[bon, kunde]]\nkind: csv\nid: [bon]\ncolumns: {kunde: full_name, mail: email}\n"
    )
    (firm / "presets" / "till.yml").write_text(preset, "utf-8")
    file = as_csv(firm / "inbox" / "till.csv", [["bon", "kunde", "mail"], ["1", "Anna Berg", "anna@post.example"]])
    say("read", file, "--save", firm / "sources" / "till.yml")
    assert "preset: till" in (firm / "sources" / "till.yml").read_text("utf-8")
    assert reads(firm) == 1


def test_questions_of_several_answers_and_apostrophes_are_put_right(firm: Path) -> None:
    """One column an answer is folded into one a question; the mark before numbers is taken off."""
    header = ["Name", "Phone", "Interests [News]", "Interests [Offers]"]
    rows = [
        ["Anna Berg", "'+4712345678", "x", ""],
        ["Per Dahl", "'+4787654321", "x", "x"],
        ["Eva Lund", "'+4711112222", "", ""],
    ]
    file = as_csv(firm / "inbox" / "answers.csv", [header, *rows])
    assert "Interests" in say("read", file)
    say("read", file, "--save", firm / "sources" / "answers.yml")
    source = declared(firm, "answers")
    assert source.apostrophes
    assert source.choices == {"Interests": ("Interests [News]", "Interests [Offers]")}
    raw = sources.read("answers", source, firm).raw
    assert raw["Phone"].to_pylist()[0] == "+4712345678"
    assert raw["Interests"].to_pylist() == ["News", "News; Offers", None]


def test_a_table_without_a_header_is_declared_as_one(firm: Path) -> None:
    """`header: 0` stands in the declaration, and the first row is not lost."""
    rows = [[row[3], row[4], f"{row[1]} {row[2]}"] for row in ROWS]
    say("read", as_csv(firm / "inbox" / "bare.csv", rows), "--save", firm / "sources" / "bare.yml")
    assert declared(firm, "bare").header == 0
    assert reads(firm) == 4


def test_what_the_user_said_stands_in_it(firm: Path) -> None:
    """Settings given by hand are declared by hand."""
    file = as_csv(firm / "inbox" / "it.csv", [["Elenco"], HEADER, *ROWS], ";", "cp1252")
    say("read", file, "--save", firm / "sources/it.yml", "--encoding", "cp1252", "--header", "2", "--country", "IT")
    source = declared(firm, "it")
    assert (source.encoding, source.header, source.country) == ("cp1252", 2, "IT")


def test_a_pattern_stays_a_pattern(firm: Path) -> None:
    """Files of one form are one source; next month's file belongs to it."""
    as_csv(firm / "inbox" / "crm-01.csv", [HEADER, *ROWS[:2]])
    as_csv(firm / "inbox" / "crm-02.csv", [HEADER, *ROWS[2:]])
    say("read", firm / "inbox" / "crm-*.csv", "--save", firm / "sources" / "crm.yml")
    assert declared(firm, "crm").location == "inbox/crm-*.csv"
    assert reads(firm) == 4


def test_a_file_outside_and_one_with_brackets_are_found(firm: Path, tmp_path: Path) -> None:
    """A file that lies elsewhere is named from the root, and brackets in a name are no pattern."""
    say("read", as_csv(tmp_path / "list[1].csv", [HEADER, *ROWS]), "--save", firm / "sources" / "far.yml")
    assert declared(firm, "far").location.startswith("/")
    assert reads(firm) == 4


def test_it_refuses_what_cannot_be_saved(firm: Path, tmp_path: Path) -> None:
    """No workspace, a declaration that is there, a wrong name, files of different columns, a file without a table."""
    file = as_csv(firm / "inbox" / "crm.csv", [HEADER, *ROWS])
    assert "goldseam init" in say("read", file, "--save", tmp_path / "sources" / "crm.yml", code=2)
    assert "goldseam init" in say("read", file, "--save", firm / "crm.yml", code=2)
    target = firm / "sources" / "crm.yml"
    say("read", file, "--save", target)
    target.write_text("mine", "utf-8")
    assert "--force" in say("read", file, "--save", target, code=2)
    assert target.read_text("utf-8") == "mine"
    say("read", file, "--save", target, "--force")
    assert "kind: csv" in target.read_text("utf-8")
    say("read", file, "--save", firm / "sources" / "crm.txt", code=2)
    say("read", file, "--save", firm / "sources" / "all.yml", code=2)
    say("read", file, "--save", firm / "sources" / ".hidden.yml", code=2)  # which no run would read
    other = as_csv(firm / "inbox" / "other.csv", [["a", "b"], ["1", "2"]])
    say("read", file, other, "--save", firm / "sources" / "both.yml", code=2)
    (firm / "inbox" / "empty.csv").touch()
    say("read", firm / "inbox" / "empty.csv", "--save", firm / "sources" / "empty.yml", code=2)
    assert sorted(p.name for p in (firm / "sources").iterdir()) == ["crm.yml"]


AWKWARD = [
    "no",
    "2024",
    "a: b",
    "# of orders",
    "- x",
    "null",
    "it's",
    'say "hi"',
    "tab\there",
    "100%",
    "[x]",
    "{y}",
    "&z",
    "~",
]


def test_headers_that_yaml_would_misread(firm: Path) -> None:
    """Whatever a column is called, the declaration names it so that it is found."""
    header = [*AWKWARD, "E-mail"]
    rows = [[f"{n}{c}" for c in range(len(AWKWARD))] + [f"p{n}@post.example"] for n in range(5)]
    file = as_csv(firm / "inbox" / "odd.csv", [header, *rows], ";")
    say("read", file, "--save", firm / "sources" / "odd.yml")
    text = (firm / "sources" / "odd.yml").read_text("utf-8")
    every = "\n".join(f"  {line[4:]}" if line.startswith("  # ") else line for line in text.splitlines())
    data, _ = schema.load(every, "odd.yml")
    assert {str(k) for k in data["columns"]} | set(data.get("id", [])) >= {h.replace("\t", " ") for h in header}


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.text(st.characters(codec="utf-8"), max_size=20))
def test_quoted_text_is_read_back_as_it_was(value: str) -> None:
    """As a key and as a value, under the rules of YAML 1.2."""
    data, _ = schema.load(f"{quoted(value)}: {quoted(value)}  # a comment\n", "x.yml")
    assert data == {value: value}
