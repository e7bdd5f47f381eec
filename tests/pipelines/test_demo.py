"""The demo firm: complete, the same every time, readable by programs that are not ours, and true to its truth."""

import csv
import hashlib
import sqlite3
from collections import Counter
from pathlib import Path
from zipfile import ZipFile

import openpyxl  # type: ignore[import-untyped]  # ships no types
import pytest
from lxml import etree

from connectors import workspace
from pipelines import demo
from pipelines.demo import material


@pytest.fixture(scope="module")
def firm(tmp_path_factory: pytest.TempPathFactory) -> demo.Demo:
    return demo.write(tmp_path_factory.mktemp("demo") / "firm")


def _digest(root: Path) -> dict[str, str]:
    files = sorted(p for p in root.rglob("*") if p.is_file())
    return {str(p.relative_to(root)): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


def _rows(path: Path, encoding: str = "utf-8-sig", delimiter: str = ",") -> list[dict[str, str]]:
    with path.open(encoding=encoding, newline="") as file:
        return list(csv.DictReader(file, delimiter=delimiter))


def test_same_seed_same_bytes(firm: demo.Demo, tmp_path: Path) -> None:
    """Two writings with one seed are equal in every byte of every file."""
    assert _digest(demo.write(tmp_path / "again").root) == _digest(firm.root)


def test_another_seed_gives_another_clientele(tmp_path: Path) -> None:
    """The seed decides who the customers are, and a smaller firm can be asked for."""
    one = demo.write(tmp_path / "one", seed=1, customers=60)
    two = demo.write(tmp_path / "two", seed=2, customers=60)
    assert one.customers == 60
    names = [[row["name"] for row in _rows(d.truth / "customers.csv")] for d in (one, two)]
    assert len(names[0]) == len(names[1]) == 60
    assert names[0] != names[1]


def test_two_thousand_customers_in_five_thousand_records_of_eight_sources(firm: demo.Demo) -> None:
    """The size that the demo promises."""
    assert len(_rows(firm.truth / "customers.csv")) == firm.customers == 2000
    assert len(_rows(firm.truth / "records.csv")) == firm.records
    assert 4500 <= firm.records <= 5500
    assert len(firm.sources) == 8
    assert min(firm.sources.values()) > 200


def test_truth_names_every_record_once(firm: demo.Demo) -> None:
    """No record is about two customers, and every customer turns up somewhere."""
    records = _rows(firm.truth / "records.csv")
    keys = Counter((r["source"], r["record_id"] or (r["file"], r["sheet"], r["line"])) for r in records)
    assert max(keys.values()) == 1
    customers = {row["entity_id"] for row in _rows(firm.truth / "customers.csv")}
    seen = {r["entity_id"] for r in records}
    assert customers <= seen
    assert all(e.startswith("nobody-") for e in seen - customers)


@pytest.mark.parametrize("name", ["thesis.txt", "goldseam.yml"])
def test_a_folder_of_something_else_is_left_alone(tmp_path: Path, name: str) -> None:
    """The demo is never written over other work, a real workspace least of all."""
    (tmp_path / name).write_text("mine", "utf-8")
    with pytest.raises(FileExistsError, match="name another folder"):
        demo.write(tmp_path, customers=10)
    assert (tmp_path / name).read_text("utf-8") == "mine"


def test_an_earlier_demo_is_written_over(tmp_path: Path) -> None:
    """Nothing of another seed's demo stays behind."""
    demo.write(tmp_path / "one", seed=1, customers=60)
    demo.write(tmp_path / "one", seed=2, customers=60)
    assert _digest(tmp_path / "one") == _digest(demo.write(tmp_path / "two", seed=2, customers=60).root)


def test_settings_are_valid(firm: demo.Demo) -> None:
    """The workspace reads without a mistake, and nothing in it points to the truth."""
    space = workspace.read(firm.root)
    assert set(space.sources) == set(firm.sources)
    settings = [p.read_text("utf-8") for p in [firm.root / "goldseam.yml", *firm.root.glob("sources/*.yml")]]
    assert not any("truth" in text for text in settings)


def test_workbook_has_three_sheets_below_titles_and_above_totals(firm: demo.Demo) -> None:
    """Each region has its own title lines, language, column order and total; Code and Updated stand in all."""
    book = openpyxl.load_workbook(firm.root / "inbox/sales.xlsx", read_only=True)
    assert len(book.sheetnames) == 3
    headers = []
    for sheet in book:
        rows = [[cell for cell in row if cell is not None] for row in sheet.iter_rows(values_only=True)]
        header = next(n for n, row in enumerate(rows) if "Code" in row)
        assert header > 0
        assert "Updated" in rows[header]
        assert rows[-1][0] in {"ΣΥΝΟΛΟ", "TOTALE", "Total"}
        headers.append(tuple(rows[header]))
    assert len(set(headers)) == 3


def test_one_sales_code_was_given_to_two_customers(firm: demo.Demo) -> None:
    """The second use of a repeated id is `#2` in the truth, and somebody else."""
    sales = {r["record_id"]: r["entity_id"] for r in _rows(firm.truth / "records.csv") if r["source"] == "sales"}
    twice = [key for key in sales if key.endswith("#2")]
    assert len(twice) == 1
    assert sales[twice[0]] != sales[twice[0].removesuffix("#2")]


def test_text_files_are_in_the_encodings_they_declare(firm: demo.Demo) -> None:
    """Forms are in the Greek code page and tickets in the Turkish one, both with semicolons; neither is UTF-8."""
    inbox = firm.root / "inbox"
    for name, encoding in (("forms/transcribed.csv", "cp1253"), ("tickets.csv", "cp1254")):
        rows = _rows(inbox / name, encoding, ";")
        assert len(rows) == firm.sources["forms" if encoding == "cp1253" else "tickets"]
        assert None not in rows[0]
        with pytest.raises(UnicodeDecodeError):
            (inbox / name).read_text("utf-8")
    assert len(_rows(inbox / "web/registrations.csv")) == firm.sources["web"]
    assert len(_rows(inbox / "shop/customers_export.csv")) == firm.sources["shop"]


def test_collections_database_and_diary_open(firm: demo.Demo) -> None:
    """SQLite itself and a zip reader find the rows that the truth counts."""
    with sqlite3.connect(firm.root / "inbox/collections.db") as base:
        ((count,),) = base.execute("SELECT count(DISTINCT debtor_no) FROM debtors")
    assert count == firm.sources["collections"]
    with ZipFile(firm.root / "inbox/diary.ods") as book:
        assert book.infolist()[0].filename == "mimetype"
        content = etree.fromstring(book.read("content.xml"))
    tables = content.findall(".//{*}table")
    assert sum(len(t.findall("{*}table-row")) - 1 for t in tables) == firm.sources["diary"]


def test_invoices_are_well_formed_and_of_both_kinds(firm: demo.Demo) -> None:
    """Every invoice parses, names a buyer, and says a total that its lines give."""
    roots = Counter()  # type: ignore[var-annotated]  # names of root elements
    for path in sorted((firm.root / "inbox/invoices").glob("*.xml")):
        tree = etree.parse(path, etree.XMLParser(resolve_entities=False, no_network=True)).getroot()
        roots[etree.QName(tree).localname] += 1
        names = {etree.QName(e).localname for e in tree.iter() if (e.text or "").strip()}
        assert names & {"RegistrationName", "Denominazione", "Cognome"}
        assert names & {"PayableAmount", "ImponibileImporto"}
    assert set(roots) == {"Invoice", "CreditNote", "FatturaElettronica"}
    assert sum(roots.values()) == firm.sources["invoices"]


def test_some_customers_are_billed_twice_by_two_departments(firm: demo.Demo) -> None:
    """For a few, both companies of the firm sent an invoice for the same goods and amount within days."""
    records = [r for r in _rows(firm.truth / "records.csv") if r["source"] == "invoices"]
    by_customer: dict[str, set[str]] = {}
    for row in records:
        by_customer.setdefault(row["entity_id"], set()).add(Path(row["file"]).name[:2])
    assert sum(len(departments) == 2 for departments in by_customer.values()) >= 3


def test_one_operator_invents_what_is_missing(firm: demo.Demo) -> None:
    """Made-up birth dates, phones and addresses come from one operator's batches only."""
    words = material.data("words")
    forms = _rows(firm.root / "inbox/forms/transcribed.csv", "cp1253", ";")
    assert {f["operator"] for f in forms} == set(words["operators"])
    by = Counter(
        f["operator"] for f in forms if f["birth_date"] == "01/01/1980" or f["mobile"] in words["invented"]["phones"]
    )
    assert by[words["invents"]] > 30
    assert by.total() - by[words["invents"]] <= 1


def test_every_hard_case_is_there(firm: demo.Demo) -> None:
    """Twins, namesakes, married women, households, contacts of firms, all seven countries and three scripts."""
    customers = _rows(firm.truth / "customers.csv")
    special = Counter(word for c in customers for word in c["special"].split(" "))
    assert all(special[word] >= 8 for word in ("twin", "namesake", "married", "single-name"))
    assert {c["country"] for c in customers} == {code.upper() for code in material.COUNTRIES}
    assert sum(bool(c["household"]) for c in customers) > 200
    assert sum(bool(c["employer"]) for c in customers) > 150
    shop = " ".join(r["Last Name"] for r in _rows(firm.root / "inbox/shop/customers_export.csv"))
    assert any("α" <= c <= "ω" for c in shop)
    assert any("а" <= c <= "я" for c in shop)
    assert "Ã" in shop or "Î" in shop or "Ð" in shop, "no row was spoiled by a wrong encoding"
