"""Folders of records and of paper forms: read as one source, and declared as one."""

import json
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from connectors import sources
from connectors import workspace as workspaces
from pipelines import init
from pipelines.cli import app

PAYLOAD = {
    "event_id": "e1",
    "form_response": {
        "token": "t1",
        "submitted_at": "2026-09-01T08:00:00Z",
        "definition": {"fields": [{"id": "a1", "title": "Your name"}, {"id": "a2", "title": "Email"}]},
        "answers": [
            {"type": "text", "text": "Ada Berg", "field": {"id": "a1"}},
            {"type": "email", "email": "ada@post.example", "field": {"id": "a2"}},
        ],
    },
}
INVOICE = """<?xml version="1.0" encoding="UTF-8"?>
<p:FatturaElettronica versione="FPR12" xmlns:p="http://ivaservizi.agenziaentrate.gov.it/docs/xsd/fatture/v1.2">
<FatturaElettronicaHeader>
<CedentePrestatore><DatiAnagrafici><IdFiscaleIVA><IdPaese>IT</IdPaese><IdCodice>01234567890</IdCodice></IdFiscaleIVA>
<Anagrafica><Denominazione>Noi</Denominazione></Anagrafica></DatiAnagrafici></CedentePrestatore>
<CessionarioCommittente><DatiAnagrafici><CodiceFiscale>BNCNCL80A01D704X</CodiceFiscale>
<Anagrafica><Nome>Ada</Nome><Cognome>Bianchi</Cognome></Anagrafica></DatiAnagrafici>
<Sede><Indirizzo>Via Uno 1</Indirizzo><CAP>01100</CAP><Comune>Viterbo</Comune><Nazione>IT</Nazione></Sede>
</CessionarioCommittente></FatturaElettronicaHeader>
<FatturaElettronicaBody><DatiGenerali><DatiGeneraliDocumento><TipoDocumento>TD01</TipoDocumento><Divisa>EUR</Divisa>
<Data>2026-09-01</Data><Numero>NUMBER</Numero><ImportoTotaleDocumento>1220.00</ImportoTotaleDocumento>
</DatiGeneraliDocumento></DatiGenerali>
<DatiBeniServizi><DettaglioLinee><NumeroLinea>1</NumeroLinea><Descrizione>tea</Descrizione>
<PrezzoUnitario>1000.00</PrezzoUnitario><PrezzoTotale>1000.00</PrezzoTotale><AliquotaIVA>22.00</AliquotaIVA>
</DettaglioLinee></DatiBeniServizi></FatturaElettronicaBody></p:FatturaElettronica>
"""


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """A new workspace with nothing in it."""
    root = tmp_path / "firm"
    init.write(root)
    for path in [*(root / "sources").iterdir(), *(root / "inbox").iterdir()]:
        path.unlink()
    return root


def read(*words: object, code: int = 0, width: int = 80) -> Result:
    found = CliRunner().invoke(app, ["read", *map(str, words)], env={"COLUMNS": str(width)})
    assert found.exit_code == code, found.output
    return found


def saved(root: Path, name: str, *files: object) -> tuple[str, int]:
    """The declaration that is written, and how many rows it lands."""
    path = root / "sources" / f"{name}.yml"
    read(*files, "--save", path)
    source = workspaces.read(root).sources[name]
    return path.read_text("utf-8"), len(sources.read(name, source, root).raw)


def put(folder: Path, files: dict[str, str]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text, "utf-8")
    return folder


def payloads(folder: Path, count: int) -> Path:
    return put(folder, {f"{n}.json": json.dumps(PAYLOAD).replace('"t1"', f'"t{n}"') for n in range(count)})


def test_payloads_of_a_folder_are_one_source(bare: Path) -> None:
    """One block for all of them, no column that is always empty, and a declaration that says no more than is needed."""
    hooks = payloads(bare / "inbox" / "hooks", 4)
    told = read(hooks).output
    assert told.count("rows ·") == 1
    assert "4 files read as one source" in told
    assert "(2)" not in told
    text, rows = saved(bare, "hooks", hooks)
    assert rows == 4
    assert 'location: "inbox/hooks/*.json"' in text
    assert "mode:" not in text
    assert "id:" not in text


def test_one_broken_payload_does_not_stop_the_others(bare: Path) -> None:
    """What is cut off, empty, or no JSON at all is said by its file; the rest is read and can be declared."""
    hooks = payloads(bare / "inbox" / "hooks", 3)
    put(hooks, {"cut.json": json.dumps(PAYLOAD)[:200], "none.json": "", "text.json": "what"})
    told = read(hooks).output
    assert all(name in told for name in ("cut.json", "none.json", "text.json"))
    assert "3 rows" in told
    assert saved(bare, "hooks", hooks)[1] == 3


def test_an_empty_choice_adds_no_column(bare: Path) -> None:
    """A question that one payload leaves empty is the column of the others."""
    hooks = payloads(bare / "inbox" / "hooks", 2)
    more = json.loads(json.dumps(PAYLOAD).replace('"t1"', '"t9"'))
    more["form_response"]["answers"].append({"type": "choices", "choices": {"labels": []}, "field": {"id": "a3"}})
    put(hooks, {"9.json": json.dumps(more)})
    (table,) = json.loads(read(hooks, "--json").stdout)[0]["tables"]
    assert [c["name"] for c in table["columns"] if c["name"].endswith(")")] == []


def test_invoices_in_two_formats_are_declared_by_a_pattern_for_both(bare: Path) -> None:
    """XML beside PDF or p7m: no file is left out, whether the folder or its files are named."""
    folder = put(bare / "inbox" / "fatture", {f"IT_{n}.xml": INVOICE.replace("NUMBER", str(n)) for n in (1, 2)})
    (folder / "IT_3.XML").write_text(INVOICE.replace("NUMBER", "3"), "utf-8")
    text, rows = saved(bare, "fatture", folder)
    assert 'location: "inbox/fatture/*"' in text
    assert rows == 3
    assert saved(bare, "named", *sorted(folder.iterdir()))[1] == 3


def test_what_no_pattern_can_name_is_said(bare: Path) -> None:
    """A folder in which other files lie between: the file that the declaration does not reach is named."""
    folder = put(
        bare / "inbox" / "x", {"a.xml": INVOICE.replace("NUMBER", "1"), "b.xml": INVOICE.replace("NUMBER", "2")}
    )
    (folder / "c.p7m").write_text(INVOICE.replace("NUMBER", "3"), "utf-8")
    (folder / "d.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    (folder / "d.png").rename(folder / ".d.png")
    found = read(folder, "--save", bare / "sources" / "x.yml")
    assert "c.p7m" not in found.output
    (folder / ".d.png").unlink()
    put(folder, {"notes.csv": "name,phone\nAda Berg,123\n"})
    refused = read(folder, "--save", bare / "sources" / "y.yml", code=2)
    assert "notes.csv" in refused.output


def test_an_invoice_is_shown_with_what_it_comes_to(tmp_path: Path) -> None:
    """Number, day, amount, currency and lines; of many invoices their sum. No option is offered that cannot help."""
    folder = put(tmp_path / "one", {"a.xml": INVOICE.replace("NUMBER", "7/2026")})
    told = read(folder).output
    assert "invoice 7/2026 of 2026-09-01: 1,220.00 EUR, 1 line" in told
    assert "Wrong?" not in told
    many = put(tmp_path / "many", {f"{n}.xml": INVOICE.replace("NUMBER", str(n)) for n in range(7)})
    assert "7 invoices of 2026-09-01 to 2026-09-01: 8,540.00 EUR, 7 lines" in read(many).output


def test_batch_and_operator_of_paper_forms_come_from_the_files_names(bare: Path) -> None:
    """The pattern is proposed with its columns; key, heading and rows are those of all files together."""
    head = "Form no;Name;Phone\n"
    names = {"B07-maria.csv": "7m", "B08-jonas.csv": "8j", "B08-maria.csv": "8m"}
    folder = put(
        bare / "inbox" / "paper",
        {n: head + "".join(f"{k}{i};Ada Berg;0171 55510{i}\n" for i in range(3)) for n, k in names.items()},
    )
    text, rows = saved(bare, "paper", folder)
    assert rows == 9
    assert "3 files" in text.splitlines()[0]
    assert "9 rows" in text.splitlines()[0]
    assert "rows_at_least: 4" in text
    source = workspaces.read(bare).sources["paper"]
    assert (source.kind, source.id) == ("form", ("Form no",))
    assert source.columns.items() >= {"batch": "batch", "operator": "operator"}.items()
    raw = sources.read("paper", source, bare).raw
    assert set(raw["operator"].to_pylist()) == {"maria", "jonas"}


def test_folders_in_a_folder_are_said(tmp_path: Path) -> None:
    """They are not looked into, and named; the JSON on standard output stays JSON."""
    put(tmp_path / "in", {"a.csv": "name,phone\nAda Berg,123\n"})
    put(tmp_path / "in" / "2025", {"b.csv": "name\nx\n"})
    assert "2025" in read(tmp_path / "in").output
    assert len(json.loads(read(tmp_path / "in", "--json").stdout)) == 1
    (tmp_path / "in" / "a.csv").unlink()
    assert "2025" in read(tmp_path / "in", code=2).output


def test_columns_of_fixed_width_can_be_said(bare: Path) -> None:
    """By their widths or by the kind; the declaration says so too, and other kinds are wrong usage."""
    lines = ["NO      NAME                CITY", *(f"{n:<8}Ada Berg {n:<11}Oslo" for n in range(10, 16))]
    folder = put(bare / "inbox", {"list.txt": "\n".join(lines) + "\n"})
    for words in (["--widths", "8,20,8"], ["--kind", "fixed_width"], ["--delimiter", "fixed"]):
        (one,) = json.loads(read(folder / "list.txt", *words, "--json").stdout)
        assert one["format"] == "fixed_width"
        assert [c["name"] for c in one["tables"][0]["columns"]] == ["NO", "NAME", "CITY"]
    text, rows = saved(bare, "list", folder / "list.txt", "--widths", "8,20,8")
    assert "kind: fixed_width" in text
    assert "widths: [8, 20, 8]" in text
    assert rows == 6
    assert "--kind" in read(folder / "list.txt", "--kind", "csv", code=2).output
    assert "--widths" in read(folder / "list.txt", "--widths", "8,x", code=2).output


def test_a_reason_is_read_whole_on_a_narrow_terminal(tmp_path: Path) -> None:
    """What does not fit beside the column stands below it, parted between words."""
    put(tmp_path, {"a.csv": "name,zq\n" + "".join(f"Ada Berg,{'ab'[n % 2]}\n" for n in range(9))})
    told = read(tmp_path / "a.csv").output
    assert "…" not in told
    assert max(map(len, told.splitlines()[2:])) <= 80  # the first names the file, whole
