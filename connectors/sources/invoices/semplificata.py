"""FatturaPA Semplificata 1.0 (Agenzia delle Entrate): small invoices, whose amounts hold their tax already."""

from decimal import ROUND_HALF_UP, Decimal

from connectors.sources.invoices.fatturapa import CREDIT_TYPES, seat, tax_numbers, with_address
from connectors.sources.invoices.model import Invoice, Line, Party, Tax, filled, number
from connectors.sources.invoices.sums import CENT, completed
from connectors.sources.invoices.xml import Node

ROOTS = frozenset({"FatturaElettronicaSemplificata"})


def read(root: Node) -> list[Invoice]:
    """The invoices of a document, one a body."""
    head = root.find("FatturaElettronicaHeader")
    customer, supplier = head.find("CessionarioCommittente"), head.find("CedentePrestatore")
    buyer = _party(customer.find("AltriDatiIdentificativi"), customer.find("IdentificativiFiscali"))
    seller = _party(supplier, supplier)
    return [_invoice(body, with_address(buyer, head), seller) for body in root.all("FatturaElettronicaBody")]


def _party(node: Node, numbers: Node) -> Party:
    names = {"organisation": node.text("Denominazione"), "given": node.text("Nome"), "family": node.text("Cognome")}
    return {**names, **tax_numbers(numbers), **seat(node)}


def _invoice(body: Node, buyer: Party, seller: Party) -> Invoice:
    general = body.find("DatiGenerali/DatiGeneraliDocumento")
    goods = [*body.all("DatiBeniServizi")]
    code = general.text("TipoDocumento")
    payload = completed(
        {
            "seller": filled(seller),
            "type_code": code,
            "corrects": body.texts("DatiGenerali/DatiFatturaRettificata/NumeroFR"),
            "taxes": [_tax(node) for node in goods],
            "lines": [_line(n, node) for n, node in enumerate(goods, 1)],
        }
    )
    kind = "credit_note" if code in CREDIT_TYPES else "invoice"
    return Invoice(general.text("Numero"), general.text("Data"), general.text("Divisa"), kind, buyer, payload)


def _split(node: Node) -> tuple[str | None, str | None]:
    """An amount without its tax, and the tax in it; the amount as it stands where it is no number."""
    whole, tax = number(node.text("Importo")), number(node.text("DatiIVA/Imposta"))
    if whole is None:
        return node.text("Importo"), None
    if tax is None:
        rate = number(node.text("DatiIVA/Aliquota")) or Decimal(0)
        tax = (whole * rate / (100 + rate)).quantize(CENT, ROUND_HALF_UP)
    return f"{whole - tax:f}", f"{tax:f}"


def _tax(node: Node) -> Tax:
    net, tax = _split(node)
    return {"category": node.text("Natura"), "rate": node.text("DatiIVA/Aliquota"), "net": net, "tax": tax}


def _line(position: int, node: Node) -> Line:
    net, _ = _split(node)
    return {
        "id": str(position),
        "text": node.text("Descrizione"),
        "amount": net,
        "rate": node.text("DatiIVA/Aliquota"),
    }
