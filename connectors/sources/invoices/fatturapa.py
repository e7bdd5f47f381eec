"""FatturaPA 1.2 (Agenzia delle Entrate), ordinary invoices; one file may hold several bodies."""

from connectors.sources.invoices.model import Invoice, Line, Party, Payload, Payment, Tax, filled, number
from connectors.sources.invoices.sums import added, completed
from connectors.sources.invoices.xml import Node

ROOTS = frozenset({"FatturaElettronica"})
CREDIT_TYPES = frozenset({"TD04", "TD08"})
NO_ADDRESS = frozenset({"0000000", "XXXXXXX"})
"""Codes that stand where a buyer has no electronic address."""


def read(root: Node) -> list[Invoice]:
    """The invoices of a document, one a body."""
    head = root.find("FatturaElettronicaHeader")
    buyer = with_address(party(head.find("CessionarioCommittente")), head)
    seller = party(head.find("CedentePrestatore"))
    return [_invoice(body, buyer, seller) for body in root.all("FatturaElettronicaBody")]


def with_address(buyer: Party, head: Node) -> Party:
    """A buyer with the address to which the invoice was sent: certified mail, or a code of the exchange system."""
    certified = head.text("DatiTrasmissione/PECDestinatario")
    address = certified or head.text("DatiTrasmissione/CodiceDestinatario")
    return {**buyer, "email": certified, "electronic_address": None if address in NO_ADDRESS else address}


def _invoice(body: Node, buyer: Party, seller: Party) -> Invoice:
    general = body.find("DatiGenerali/DatiGeneraliDocumento")
    kind = "credit_note" if general.text("TipoDocumento") in CREDIT_TYPES else "invoice"
    payload = completed(_payload(body, general, seller))
    return Invoice(general.text("Numero"), general.text("Data"), general.text("Divisa"), kind, buyer, payload)


def _payload(body: Node, general: Node, seller: Party) -> Payload:
    links, goods = body.find("DatiGenerali"), body.find("DatiBeniServizi")
    periods, gross = [*goods.all("DettaglioLinee")], general.text("ImportoTotaleDocumento")
    funds = [node.text("ImportoContributoCassa") for node in general.all("DatiCassaPrevidenziale")]
    # The taxable amounts hold their rounding already, as the exchange system's check 00422 adds them up.
    rounded = [node.text("Arrotondamento") for node in goods.all("DatiRiepilogo")]
    return {
        "seller": filled(seller),
        "type_code": general.text("TipoDocumento"),
        "due_date": body.text("DatiPagamento/DettaglioPagamento/DataScadenzaPagamento"),
        "delivery_date": links.text("DatiDDT/DataDDT"),
        "period_start": min(filter(None, (n.text("DataInizioPeriodo") for n in periods)), default=None),
        "period_end": max(filter(None, (n.text("DataFinePeriodo") for n in periods)), default=None),
        "order": links.text("DatiOrdineAcquisto/IdDocumento"),
        "contract": links.text("DatiContratto/IdDocumento"),
        "note": " ".join(general.texts("Causale")),
        "corrects": links.texts("DatiFattureCollegate/IdDocumento"),
        "charges": added([*funds, *rounded]),
        "adjusted": _adjusted(general),
        "gross": gross,
        "withheld": added(node.text("ImportoRitenuta") for node in general.all("DatiRitenuta")),
        "rounding": None if gross else general.text("Arrotondamento"),
        "taxes": [_tax(node) for node in goods.all("DatiRiepilogo")],
        "lines": [_line(node) for node in goods.all("DettaglioLinee")],
        "payments": [_payment(node) for node in body.all("DatiPagamento/DettaglioPagamento")],
    }


def _adjusted(general: Node) -> str | None:
    """Discounts (SC) and surcharges (MG) on the whole document, which change its total and not its tax."""
    parts = ((node.text("Tipo"), number(node.text("Importo"))) for node in general.all("ScontoMaggiorazione"))
    found = [-amount if kind == "SC" else amount for kind, amount in parts if amount is not None]
    return f"{sum(found):f}" if found else None


def _tax(node: Node) -> Tax:
    return {
        "category": node.text("Natura"),
        "rate": node.text("AliquotaIVA"),
        "net": node.text("ImponibileImporto"),
        "tax": node.text("Imposta"),
    }


def _line(node: Node) -> Line:
    return {
        "id": node.text("NumeroLinea"),
        "text": node.text("Descrizione"),
        "quantity": node.text("Quantita"),
        "unit": node.text("UnitaMisura"),
        "price": node.text("PrezzoUnitario"),
        "amount": node.text("PrezzoTotale"),
        "rate": node.text("AliquotaIVA"),
        "period_start": node.text("DataInizioPeriodo"),
        "period_end": node.text("DataFinePeriodo"),
    }


def _payment(node: Node) -> Payment:
    return {
        "means": node.text("ModalitaPagamento"),
        "iban": node.text("IBAN"),
        "bic": node.text("BIC"),
        "holder": node.text("Beneficiario"),
        "reference": node.text("CodicePagamento"),
        "due_date": node.text("DataScadenzaPagamento"),
        "amount": node.text("ImportoPagamento"),
    }


def tax_numbers(node: Node) -> Party:
    """Tax number and fiscal code: one of 16 characters is a person's, one of 11 digits an organisation's."""
    country, code = node.text("IdFiscaleIVA/IdPaese"), node.text("IdFiscaleIVA/IdCodice")
    fiscal = node.text("CodiceFiscale")
    persons = fiscal if fiscal and len(fiscal) == 16 else None
    return {
        "tax_id": _with_country(code, country) if code else (None if persons else fiscal),
        "tax_country": country,
        "fiscal_code": persons,
    }


def _with_country(code: str, country: str | None) -> str:
    """A tax number with its country in front, once: some write it into the number as well."""
    return code if not country or code.upper().startswith(country.upper()) else country + code


def seat(node: Node) -> Party:
    """The address of a party."""
    return {
        "street": node.text("Sede/Indirizzo"),
        "house_number": node.text("Sede/NumeroCivico"),
        "postcode": node.text("Sede/CAP"),
        "city": node.text("Sede/Comune"),
        "region": node.text("Sede/Provincia"),
        "country": node.text("Sede/Nazione"),
    }


def party(node: Node) -> Party:
    """A party: an organisation by its name (Denominazione), a person by given name and surname."""
    data = node.find("DatiAnagrafici")
    return {
        "organisation": data.text("Anagrafica/Denominazione"),
        "given": data.text("Anagrafica/Nome"),
        "family": data.text("Anagrafica/Cognome"),
        **tax_numbers(data),
        **seat(node),
        "email": node.text("Contatti/Email"),
        "phone": node.text("Contatti/Telefono"),
    }
