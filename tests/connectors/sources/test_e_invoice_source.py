"""Electronic invoices: the buyer as a customer, the invoice as a fact; nothing in them is trusted."""

import json
from pathlib import Path

import pytest

from connectors import sources
from rules import presets, schema
from rules.standardise.table import standardise

UBL = """<?xml version="1.0"?>
<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"
 xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
 xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">
<cbc:ID>A-1</cbc:ID><cbc:IssueDate>2026-02-03</cbc:IssueDate><cbc:DocumentCurrencyCode>EUR</cbc:DocumentCurrencyCode>
<cac:AccountingSupplierParty><cac:Party><cac:PartyTaxScheme><cbc:CompanyID>EL1</cbc:CompanyID></cac:PartyTaxScheme></cac:Party>
</cac:AccountingSupplierParty>
<cac:AccountingCustomerParty><cac:Party><cbc:EndpointID>99</cbc:EndpointID>
<cac:PostalAddress><cbc:StreetName>Akti 5</cbc:StreetName>
<cbc:CityName>Patra</cbc:CityName><cbc:PostalZone>26221</cbc:PostalZone>
<cac:Country><cbc:IdentificationCode>GR</cbc:IdentificationCode></cac:Country></cac:PostalAddress>
<cac:PartyTaxScheme><cbc:CompanyID>EL2</cbc:CompanyID></cac:PartyTaxScheme>
<cac:PartyLegalEntity><cbc:RegistrationName>Ναυτιλιακά ΑΕ</cbc:RegistrationName></cac:PartyLegalEntity>
<cac:Contact><cbc:Name>Maria P.</cbc:Name><cbc:ElectronicMail>m@firm.example</cbc:ElectronicMail></cac:Contact>
</cac:Party></cac:AccountingCustomerParty>
<cac:LegalMonetaryTotal><cbc:PayableAmount currencyID="EUR">124.00</cbc:PayableAmount></cac:LegalMonetaryTotal>
<cac:InvoiceLine><cbc:ID>1</cbc:ID><cbc:LineExtensionAmount>100</cbc:LineExtensionAmount><cac:Item><cbc:Name>Rope</cbc:Name></cac:Item>
</cac:InvoiceLine></Invoice>"""

FATTURA = """<?xml version="1.0"?><p:FatturaElettronica xmlns:p="urn:any" versione="FPR12"><FatturaElettronicaHeader>
<DatiTrasmissione><PECDestinatario>rossi@pec.example</PECDestinatario></DatiTrasmissione>
<CedentePrestatore><DatiAnagrafici><IdFiscaleIVA><IdPaese>IT</IdPaese><IdCodice>1</IdCodice></IdFiscaleIVA></DatiAnagrafici>
</CedentePrestatore>
<CessionarioCommittente><DatiAnagrafici><CodiceFiscale>RSSMRA80A01H501U</CodiceFiscale>
<Anagrafica><Nome>Mario</Nome><Cognome>Rossi</Cognome></Anagrafica></DatiAnagrafici>
<Sede><Indirizzo>Via Po</Indirizzo><NumeroCivico>3</NumeroCivico>
<CAP>00100</CAP><Comune>Roma</Comune><Nazione>IT</Nazione></Sede>
</CessionarioCommittente></FatturaElettronicaHeader>
<FatturaElettronicaBody><DatiGenerali><DatiGeneraliDocumento><TipoDocumento>TD04</TipoDocumento><Divisa>EUR</Divisa>
<Data>2026-01-02</Data><Numero>7</Numero></DatiGeneraliDocumento></DatiGenerali>
<DatiBeniServizi><DettaglioLinee><NumeroLinea>1</NumeroLinea><PrezzoTotale>10.00</PrezzoTotale><AliquotaIVA>22.00</AliquotaIVA>
</DettaglioLinee></DatiBeniServizi></FatturaElettronicaBody></p:FatturaElettronica>"""


def read(folder: Path, **files: str) -> sources.Landed:
    for name, text in files.items():
        (folder / f"{name}.xml").write_text(text, "utf-8")
    settings = presets.apply({"kind": "e_invoice", "location": "*.xml"}, {}, "inv")
    return sources.read("inv", schema.parse(settings, {}, schema.Source, "inv"), folder)


def test_ubl_buyer_and_total(tmp_path: Path) -> None:
    """The buyer's name, contact, number and address are a raw row; the invoice is a fact of the same key."""
    landed = read(tmp_path, a=UBL)
    (row,), (fact,) = landed.raw.to_pylist(), landed.facts.to_pylist()
    wanted = {"organisation": "Ναυτιλιακά ΑΕ", "name": "Maria P.", "tax_id": "EL2", "street": "Akti 5", "country": "GR"}
    assert {key: row[key] for key in wanted} == wanted
    assert row["_record_id"] == fact["record_id"] == fact["customer_id"] == "EL1|A-1|2026"
    assert (fact["kind"], fact["date"], fact["amount"], fact["currency"]) == ("invoice", "2026-02-03", "124.00", "EUR")
    assert json.loads(fact["payload"])["lines"] == [{"id": "1", "text": "Rope", "amount": "100"}]


def test_fattura_total_from_lines(tmp_path: Path) -> None:
    """A FatturaPA that states no total has it computed from its lines with tax, and says so; TD04 is a credit note."""
    landed = read(tmp_path, a=FATTURA)
    (row,), (fact,) = landed.raw.to_pylist(), landed.facts.to_pylist()
    assert (row["given"], row["family"], row["fiscal_code"], row["email"]) == (
        "Mario", "Rossi", "RSSMRA80A01H501U", "rossi@pec.example",
    )  # fmt: skip
    assert (fact["kind"], fact["amount"], json.loads(fact["payload"])["total_from"]) == (
        "credit_note",
        "12.20",
        "lines",
    )


@pytest.mark.parametrize("code", ["136695976", "DE136695976"])
def test_fattura_of_a_foreign_buyer(code: str, tmp_path: Path) -> None:
    """A buyer's VAT number stands with its own country in front, once, even where the file names that twice."""
    vat = f"<IdFiscaleIVA><IdPaese>DE</IdPaese><IdCodice>{code}</IdCodice></IdFiscaleIVA>"
    landed = read(tmp_path, a=FATTURA.replace("<CodiceFiscale>RSSMRA80A01H501U</CodiceFiscale>", vat))
    source = schema.parse(
        presets.apply({"kind": "e_invoice", "location": "*.xml", "country": "IT"}, {}, "inv"), {}, schema.Source, "inv"
    )
    (record,) = standardise(landed.raw, "inv", source)["records"].to_pylist()
    assert (record["tax_id_norm"], record["tax_id_scheme"]) == ("136695976", "de.vat")


def test_same_invoice_twice(tmp_path: Path) -> None:
    """A copy of an invoice is no second one, and is said; another content under its number is told apart."""
    landed = read(tmp_path, a=UBL, b=UBL.replace("\n<cbc", "\n <cbc"), c=UBL.replace("124.00", "125.00"))
    assert landed.raw["_record_id"].to_pylist() == ["EL1|A-1|2026", "EL1|A-1|2026#2"]
    assert "1 document came more than once and count once: b.xml (as a.xml)" in landed.notes
    assert any("stands more than once" in note for note in landed.notes)


def test_numbers_that_begin_anew(tmp_path: Path) -> None:
    """The key holds the year where the number does not, and tells a credit note from an invoice of its number; which
    other invoices a folder holds changes no key."""
    older = FATTURA.replace("2026-01-02", "2025-01-02")
    invoice = FATTURA.replace("TD04", "TD01")
    dated = FATTURA.replace("<Numero>7", "<Numero>7/2026")
    keys = [
        read(tmp_path, **{name: text}).raw["_record_id"].to_pylist()[-1]
        for name, text in (("a", FATTURA), ("b", older), ("c", invoice), ("d", dated))
    ]
    assert keys == ["IT1|7|2026|credit_note", "IT1|7|2025|credit_note", "IT1|7|2026", "IT1|7/2026|credit_note"]


@pytest.mark.parametrize(
    ("old", "new", "doubt"),
    [
        ("<cbc:PayableAmount", "<cbc:TaxExclusiveAmount>90</cbc:TaxExclusiveAmount><cbc:PayableAmount", "lines do not"),
        (
            "<cbc:PayableAmount",
            "<cbc:TaxExclusiveAmount>100</cbc:TaxExclusiveAmount><cbc:TaxInclusiveAmount>124.00</cbc:TaxInclusiveAmount>"
            "<cbc:PayableAmount",
            "net total and tax",
        ),
        (
            "<cbc:PayableAmount",
            "<cbc:TaxInclusiveAmount>100.00</cbc:TaxInclusiveAmount><cbc:PayableAmount",
            "gross total is not",
        ),
    ],
)
def test_document_that_contradicts_itself(old: str, new: str, doubt: str, tmp_path: Path) -> None:
    """Totals that do not add up are a doubt of the document and a note with its name, and refuse nothing."""
    landed = read(tmp_path, a=UBL.replace(old, new), b=FATTURA)
    (note,) = [note for note in landed.notes if doubt in note]
    assert note.endswith(": a.xml")
    assert any(doubt in said for said in json.loads(landed.facts["payload"][0].as_py())["doubts"])
    assert len(landed.raw) == 2


@pytest.mark.parametrize("amount", ["1e999999999", "NaN", "Infinity", "zwölf", "9" * 5000])
def test_amount_that_is_none(amount: str, tmp_path: Path) -> None:
    """What is no amount of money is kept as it stands and never reckoned with."""
    landed = read(tmp_path, a=FATTURA.replace("10.00", amount), b=UBL)
    payload = json.loads(landed.facts["payload"][0].as_py())
    assert payload["lines"][0]["amount"] == amount
    assert (landed.facts["amount"][0].as_py(), payload["total_from"]) == (None, "nothing")
