"""Rows of data that landing cannot take in: never lost, told by reason, listed beside the quarantine, put right."""

import csv
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from connectors import workspace
from pipelines import quarantine, rejected
from pipelines.cli import app, show
from pipelines.runner import Summary
from tests.pipelines.landings import Nights

ORDERS = "κωδ;όνομα;κινητό\n1;Άρης;+306941111111\n2;Βάσω;6942222222;καλή\n3;Γιάννης;6943333333\nΣύνολο: 3;;\n"
TOO_LONG = "4 cells where the header has 3"
REMEDY = "Put the cell that holds a ; in double quotes, or remove it"
COLUMNS = ["κωδ", "όνομα", "κινητό", "cell 4 (no column)"]


@pytest.fixture
def nights(tmp_path: Path) -> Nights:
    """A workspace with a source one of whose rows has a cell too many, and which ends in a line of totals."""
    made = Nights(tmp_path)
    made.write("sources/orders.yml", "kind: csv\nlocation: inbox/orders.csv\nid: κωδ\ncolumns: {όνομα: full_name}\n")
    made.write("inbox/orders.csv", ORDERS)
    made.run()
    return made


def listed(nights: Nights, *options: str) -> str:
    """What the terminal shows."""
    found = CliRunner().invoke(app, ["quarantine", "list", "-w", str(nights.root), *options])
    assert found.exit_code == 0, found.output
    return found.stdout


def test_a_total_is_no_data(nights: Nights) -> None:
    """Both are kept with their place, but only the row is data: it alone is counted, by reason."""
    assert nights.before is not None
    found = nights.before.read("land", "rejects", "orders").to_pylist()
    assert [(row["line"], row["data"]) for row in found] == [(3, True), (5, False)]
    assert rejected.by_reason(nights.before) == {TOO_LONG: 1}
    assert nights.source("orders")["rejected"] == 1
    assert nights.result.rows_in - nights.result.rows_out == 1


def test_a_rejected_row_is_listed_beside_the_quarantine(nights: Nights) -> None:
    """With source, place, reason and remedy; a state or another source leaves it out."""
    told = ["orders  [rejected]  orders.csv, line 3", f"    {TOO_LONG}", f"    {REMEDY}"]
    end = "1 row rejected: correct the file, and run again."
    assert listed(nights).splitlines() == [*told, "Nothing is in quarantine.", end]
    assert listed(nights, "--state", "rejected", "--source", "orders").splitlines() == [*told, end]
    assert listed(nights, "--state", "open") == "Nothing is in quarantine.\n"
    assert listed(nights, "--state", "rejected", "--source", "crm") == "No row was rejected.\n"


def test_the_list_as_json_has_the_cells(nights: Nights) -> None:
    """Everything the terminal shows, and the row by column; cells beyond the header are named by their number."""
    told = json.loads(listed(nights, "--json"))
    assert told["quarantined"] == []
    (row,) = told["rejected"]
    assert (row["source"], row["file"], row["sheet"], row["line"]) == ("orders", "orders.csv", None, 3)
    assert (row["reason"], row["remedy"], row["content"]) == (TOO_LONG, REMEDY, "2;Βάσω;6942222222;καλή")
    assert row["row"] == dict(zip(COLUMNS, ["2", "Βάσω", "6942222222", "καλή"], strict=True))


def test_a_corrected_export_is_a_file_of_the_source(nights: Nights, tmp_path: Path) -> None:
    """Its cells stand under the source's own columns: those alone, corrected, can be read, and nobody is lost."""
    out = tmp_path / "out.csv"
    where = ["-w", str(nights.root), "--source", "orders"]
    assert CliRunner().invoke(app, ["quarantine", "export", str(out), *where]).exit_code == 0
    with out.open(encoding="utf-8-sig", newline="") as file:
        (row,) = list(csv.DictReader(file))
    assert (row["state"], row["line"], row["reasons"], row["remedy"]) == ("rejected", "3", TOO_LONG, REMEDY)
    assert list(row)[len(quarantine.ABOUT) :] == COLUMNS
    mended = [row[name] for name in COLUMNS[:3]]
    nights.declare("orders", "expect: {shrink_at_most: 1}\n")
    nights.write("inbox/orders.csv", f"{';'.join(COLUMNS[:3])}\n{';'.join(mended)}\n4;Δώρα;6944444444\n")
    nights.run()
    assert nights.ids("orders") == ["2", "4"]
    assert rejected.latest(workspace.read(nights.root)).num_rows == 0


def test_a_row_without_a_key_is_exported_whole(nights: Nights) -> None:
    """Every column of it is there, the empty one that is to be filled in as well."""
    nights.declare("crm", "expect: {shrink_at_most: 1}\n")
    nights.write("inbox/crm.csv", "no,name,phone\n1,Anna Conti,0301\n2,Bea Huber,\n,Carla Nikas,0303\n")
    nights.run()
    (row,) = rejected.latest(workspace.read(nights.root), "crm").to_pylist()
    assert json.loads(row["raw"]) == {"no": None, "name": "Carla Nikas", "phone": "0303"}


def test_what_has_no_cells_is_exported_as_it_stood(nights: Nights, tmp_path: Path) -> None:
    """A broken card is in the list and in the export with its lines; a list of contacts is no customer."""
    good = "BEGIN:VCARD\nVERSION:3.0\nFN:Anna Conti\nN:Conti;Anna;;;\nEND:VCARD\n"
    group = "BEGIN:VCARD\nVERSION:4.0\nKIND:group\nFN:Friends\nEND:VCARD\n"
    nights.write("sources/book.yml", "preset: vcard\nlocation: inbox/book.vcf\n")
    nights.write("inbox/book.vcf", f"{good}{group}BEGIN:VCARD\nVERSION:3.0\nFN:Bea Huber\n")
    nights.run()
    rows = rejected.latest(workspace.read(nights.root), "book")
    assert rows["line"].to_pylist() == [11]
    assert quarantine.export(rows.slice(0, 0), tmp_path / "out.csv", rows) == 1
    with (tmp_path / "out.csv").open(encoding="utf-8-sig", newline="") as file:
        (row,) = list(csv.DictReader(file))
    assert row[quarantine.AS_IT_STOOD].splitlines() == ["BEGIN:VCARD", "VERSION:3.0", "FN:Bea Huber"]


def test_reasons_are_counted_whatever_the_line(nights: Nights) -> None:
    """`the JSON is broken in line 1` and `in line 2` are one reason in the summary."""
    nights.write("sources/hooks.yml", 'preset: webhook\nlocation: "inbox/hooks/*.json"\ncolumns: {Name: full_name}\n')
    for number, text in enumerate(('{"Name": "Anna"}', '{"Name": "Be', '{\n"Name": "Ca')):
        nights.write(f"inbox/hooks/{number}.json", text)
    nights.run()
    assert nights.before is not None
    assert nights.states()["hooks"] == "landed", nights.source("hooks")
    assert rejected.by_reason(nights.before) == {"the JSON is broken": 2, TOO_LONG: 1}


def test_the_summary_of_a_run_tells_them(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Apart from the quarantined records, most frequent first, with the command that shows them."""
    many = {f"reason {n}": 10 - n for n in range(7)}
    summary = Summary("r", "published", quarantined={"nobody": 2}, rejected=many)
    assert summary.as_json()["quarantined"] == {"nobody": 2}
    assert summary.as_json()["rejected"] == many
    show.summary(summary, tmp_path)
    told = [line.strip() for line in capsys.readouterr().out.splitlines() if line.strip()]
    begin = told.index("Quarantined       2 records, kept whole:")
    assert told[begin + 1 : begin + 4] == ["2  nobody", "Rejected          49 rows, kept whole:", "10  reason 0"]
    assert told[-2:] == ["and 2 other reasons", f"goldseam quarantine list -w {tmp_path} shows them"]
