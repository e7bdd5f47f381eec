"""Electronic invoices: the buyer as a customer, the invoice as a fact; nothing in them is trusted."""

import json
import os
from pathlib import Path

import pytest

from connectors import sources
from connectors.sources import SourceFailed
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

BOMB = '<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><Invoice>&b;</Invoice>'
THIEF = '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><Invoice><ID>&x;</ID></Invoice>'


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
    assert row["_record_id"] == fact["record_id"] == fact["customer_id"] == "EL1|A-1"
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


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (UBL[:500], "well-formed"),
        (BOMB, "DOCTYPE"),
        (THIEF, "DOCTYPE"),
        ("", "empty"),
        ("<note/>", "no invoice"),
        ("%PDF-1.7", "PDF"),
    ],
)
def test_bad_document_is_a_reject(bad: str, reason: str, tmp_path: Path) -> None:
    """A damaged, foreign or hostile document is kept as a reject with its reason, and the others go on."""
    landed = read(tmp_path, a=bad, b=FATTURA)
    assert len(landed.raw) == 1
    (reject,) = landed.rejects.to_pylist()
    assert reject["file"] == "a.xml"
    assert reason in reject["reason"]
    assert "root:" not in json.dumps(landed.raw.to_pylist())


def test_only_bad_documents(tmp_path: Path) -> None:
    """A folder without one readable invoice stops the source."""
    with pytest.raises(SourceFailed, match="none of 1 files"):
        read(tmp_path, a="<note/>")


def test_same_invoice_twice(tmp_path: Path) -> None:
    """An invoice that came twice is two records, told apart and reported."""
    landed = read(tmp_path, a=UBL, b=UBL)
    assert landed.raw["_record_id"].to_pylist() == ["EL1|A-1", "EL1|A-1#2"]
    assert any("more than once" in note for note in landed.notes)


@pytest.mark.parametrize("folder", ["ubl", "fatturapa", "en16931", "facturx"])
def test_every_sample_yields_buyer_and_total(folder: str) -> None:
    """Every real sample invoice at hand gives a buyer's name and an amount."""
    shared = Path(os.environ.get("GOLDSEAM_SHARED", Path(__file__).parents[4] / "shared")) / "data" / "samples"
    if not (shared / folder).is_dir():
        pytest.skip("the sample invoices are not here")
    settings = presets.apply({"kind": "e_invoice", "location": f"{folder}/*.xml"}, {}, "inv")
    landed = sources.read("inv", schema.parse(settings, {}, schema.Source, "inv"), shared)
    assert len(landed.rejects) == 0
    assert all(row["organisation"] or row["name"] or row["family"] for row in landed.raw.to_pylist())
    assert None not in landed.facts["amount"].to_pylist()
