"""FatturaPA 1.2 (Agenzia delle Entrate), ordinary invoices; one file may hold several bodies."""

from decimal import ROUND_HALF_UP, Decimal

from lxml import etree

from connectors.sources.invoices.model import Invoice, Party, filled, lines, number, text

ROOTS = frozenset({"FatturaElettronica"})
CREDIT_TYPES = frozenset({"TD04", "TD08"})
CENT = Decimal("0.01")


def read(root: etree._Element) -> list[Invoice]:
    """The invoices of a document, one a body."""
    head = root.find("FatturaElettronicaHeader")
    buyer = party(head.find("CessionarioCommittente") if head is not None else None)
    seller = party(head.find("CedentePrestatore") if head is not None else None)
    certified = text(head, "DatiTrasmissione/PECDestinatario")
    address = certified or text(head, "DatiTrasmissione/CodiceDestinatario")
    buyer |= {"email": certified, "electronic_address": None if address in ("0000000", "XXXXXXX") else address}
    return [_invoice(body, buyer, seller) for body in root.findall("FatturaElettronicaBody")]


def _invoice(body: etree._Element, buyer: Party, seller: Party) -> Invoice:
    general = body.find("DatiGenerali/DatiGeneraliDocumento")
    amount, origin = total(body)
    payload = {
        "type_code": text(general, "TipoDocumento"),
        "due_date": text(body, "DatiPagamento/DettaglioPagamento/DataScadenzaPagamento"),
        "order": text(body, "DatiGenerali/DatiOrdineAcquisto/IdDocumento"),
        "reason": text(general, "Causale"),
        "net": _sum(body, "DatiBeniServizi/DatiRiepilogo/ImponibileImporto"),
        "tax": _sum(body, "DatiBeniServizi/DatiRiepilogo/Imposta"),
        "corrects": text(body, "DatiGenerali/DatiFattureCollegate/IdDocumento"),
    }
    items = lines(
        body.findall("DatiBeniServizi/DettaglioLinee"),
        id="NumeroLinea",
        text="Descrizione",
        quantity="Quantita",
        amount="PrezzoTotale",
    )
    return Invoice(
        number=text(general, "Numero"),
        date=text(general, "Data"),
        currency=text(general, "Divisa"),
        amount=amount,
        kind="credit_note" if text(general, "TipoDocumento") in CREDIT_TYPES else "invoice",
        buyer=buyer,
        seller=seller,
        payload={**filled(payload), "total_from": origin, "lines": items},
    )


def total(body: etree._Element) -> tuple[str | None, str]:
    """The document's total and where it is from: stated, else its tax summary, else its lines with their tax."""
    if stated := text(body, "DatiGenerali/DatiGeneraliDocumento/ImportoTotaleDocumento"):
        return stated, "stated"
    goods = body.find("DatiBeniServizi")
    summary = goods.findall("DatiRiepilogo") if goods is not None else []
    if summary:
        parts = (number(text(s, tag)) for s in summary for tag in ("ImponibileImporto", "Imposta", "Arrotondamento"))
        return str(sum(parts, Decimal(0)).quantize(CENT)), "tax summary"
    items = goods.findall("DettaglioLinee") if goods is not None else []
    if not items:
        return None, "nothing"
    gross = (number(text(i, "PrezzoTotale")) * (1 + number(text(i, "AliquotaIVA")) / 100) for i in items)
    return str(sum(gross, Decimal(0)).quantize(CENT, ROUND_HALF_UP)), "lines"


def _sum(body: etree._Element, path: str) -> str | None:
    found = [number(node.text) for node in body.findall(path)]
    return str(sum(found, Decimal(0))) if found else None


def _with_country(code: str, country: str | None) -> str:
    """A tax number with its country in front, once: some write it into the number as well."""
    return code if not country or code.upper().startswith(country.upper()) else country + code


def party(node: etree._Element | None) -> Party:
    """A party. A fiscal code of 16 characters is a person's, one of 11 digits an organisation's."""
    country, code = text(node, ".//IdFiscaleIVA/IdPaese"), text(node, ".//IdFiscaleIVA/IdCodice")
    fiscal = text(node, ".//CodiceFiscale")
    persons = fiscal if fiscal and len(fiscal) == 16 else None
    return {
        "organisation": text(node, ".//Anagrafica/Denominazione"),
        "given": text(node, ".//Anagrafica/Nome"),
        "family": text(node, ".//Anagrafica/Cognome"),
        "tax_id": _with_country(code, country) if code else (fiscal if fiscal != persons else None),
        "tax_country": country,
        "fiscal_code": persons,
        "street": text(node, "Sede/Indirizzo"),
        "house_number": text(node, "Sede/NumeroCivico"),
        "postcode": text(node, "Sede/CAP"),
        "city": text(node, "Sede/Comune"),
        "region": text(node, "Sede/Provincia"),
        "country": text(node, "Sede/Nazione"),
        "email": text(node, "Contatti/Email"),
        "phone": text(node, "Contatti/Telefono"),
    }
