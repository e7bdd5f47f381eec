"""UN/CEFACT Cross Industry Invoice (EN 16931), also inside Factur-X and ZUGFeRD; ZUGFeRD 1.0 by its older names."""

from connectors.sources.invoices.model import CREDIT_CODES, Invoice, Line, Party, Payload, Payment, Tax, filled
from connectors.sources.invoices.sums import completed
from connectors.sources.invoices.xml import Node

ROOTS = frozenset({"CrossIndustryInvoice", "CrossIndustryDocument"})
_TRANSACTION = ("SupplyChainTradeTransaction", "SpecifiedSupplyChainTradeTransaction")


def read(root: Node) -> list[Invoice]:
    """The one invoice of a document."""
    document = root.find("ExchangedDocument") or root.find("HeaderExchangedDocument")
    trade = root.find(_TRANSACTION[0]) or root.find(_TRANSACTION[1])
    agreement = _part(trade, "Agreement")
    code, currency = document.text("TypeCode"), _part(trade, "Settlement").text("InvoiceCurrencyCode")
    buyer = party(agreement.find("BuyerTradeParty"))
    means = _part(trade, "Settlement").find("SpecifiedTradeSettlementPaymentMeans")
    buyer["iban"] = means.text("PayerPartyDebtorFinancialAccount/IBANID")
    payload = _payload(document, trade, currency)
    on = date(document.text("IssueDateTime/DateTimeString"))
    kind = "credit_note" if code in CREDIT_CODES else "invoice"
    return [Invoice(document.text("ID"), on, currency, kind, buyer, completed(payload))]


def _part(node: Node, name: str) -> Node:
    """A part of the transaction, or of a line: each generation of the standard names it otherwise."""
    for form in (f"ApplicableHeaderTrade{name}", f"SpecifiedLineTrade{name}", f"ApplicableSupplyChainTrade{name}"):
        if found := node.find(form):
            return found
    return node.find(f"SpecifiedSupplyChainTrade{name}")


def _sums(settlement: Node, level: str) -> Node:
    name = "SpecifiedTradeSettlement{}MonetarySummation"
    return settlement.find(name.format(level)) or settlement.find(name.format(""))


def _payload(document: Node, trade: Node, currency: str | None) -> Payload:
    agreement, settlement = _part(trade, "Agreement"), _part(trade, "Settlement")
    sums, period = _sums(settlement, "Header"), settlement.find("BillingSpecifiedPeriod")
    delivered = _part(trade, "Delivery").text("ActualDeliverySupplyChainEvent/OccurrenceDateTime/DateTimeString")
    number = ("IssuerAssignedID", "ID")
    return {
        "seller": filled(party(agreement.find("SellerTradeParty"))),
        "type_code": document.text("TypeCode"),
        "due_date": date(settlement.text("SpecifiedTradePaymentTerms/DueDateDateTime/DateTimeString")),
        "delivery_date": date(delivered),
        "period_start": date(period.text("StartDateTime/DateTimeString")),
        "period_end": date(period.text("EndDateTime/DateTimeString")),
        "order": agreement.find("BuyerOrderReferencedDocument").text(*number),
        "contract": agreement.find("ContractReferencedDocument").text(*number),
        "buyer_reference": agreement.text("BuyerReference"),
        "note": document.text("IncludedNote/Content"),
        "corrects": settlement.texts("InvoiceReferencedDocument/IssuerAssignedID"),
        "allowances": sums.text("AllowanceTotalAmount"),
        "charges": sums.text("ChargeTotalAmount"),
        "net": sums.text("TaxBasisTotalAmount"),
        "tax": _tax_total(sums, currency),
        "gross": sums.text("GrandTotalAmount"),
        "prepaid": sums.text("TotalPrepaidAmount"),
        "rounding": sums.text("RoundingAmount"),
        "payable": sums.text("DuePayableAmount"),
        "taxes": [_tax(node) for node in settlement.all("ApplicableTradeTax")],
        "lines": [_line(node) for node in trade.all("IncludedSupplyChainTradeLineItem")],
        "payments": _payments(settlement),
    }


def _tax_total(sums: Node, currency: str | None) -> str | None:
    """The tax in the document's own currency: it may be stated a second time in that of the books."""
    amounts = [*sums.all("TaxTotalAmount")]
    own = [amount for amount in amounts if amount.attribute("currencyID") in (currency, None)]
    return next((amount.words for amount in own or amounts if amount.words), None)


def _tax(node: Node) -> Tax:
    return {
        "category": node.text("CategoryCode"),
        "rate": node.text("RateApplicablePercent", "ApplicablePercent"),
        "net": node.text("BasisAmount"),
        "tax": node.text("CalculatedAmount"),
    }


def _line(node: Node) -> Line:
    settlement = _part(node, "Settlement")
    quantity, period = _part(node, "Delivery").find("BilledQuantity"), settlement.find("BillingSpecifiedPeriod")
    return {
        "id": node.text("AssociatedDocumentLineDocument/LineID"),
        "text": node.text("SpecifiedTradeProduct/Name"),
        "quantity": quantity.words,
        "unit": quantity.attribute("unitCode"),
        "price": _part(node, "Agreement").text("NetPriceProductTradePrice/ChargeAmount"),
        "amount": _sums(settlement, "Line").text("LineTotalAmount"),
        "rate": settlement.text("ApplicableTradeTax/RateApplicablePercent", "ApplicableTradeTax/ApplicablePercent"),
        "period_start": date(period.text("StartDateTime/DateTimeString")),
        "period_end": date(period.text("EndDateTime/DateTimeString")),
    }


def _payments(settlement: Node) -> list[Payment]:
    return [
        {
            "means": node.text("TypeCode"),
            "iban": node.text("PayeePartyCreditorFinancialAccount/IBANID"),
            "bic": node.text("PayeeSpecifiedCreditorFinancialInstitution/BICID"),
            "holder": node.text("PayeePartyCreditorFinancialAccount/AccountName"),
            "reference": settlement.text("PaymentReference"),
        }
        for node in settlement.all("SpecifiedTradeSettlementPaymentMeans")
    ]


def date(value: str | None) -> str | None:
    """A date of format 102 (YYYYMMDD) in ISO; others as they stand."""
    return f"{value[:4]}-{value[4:6]}-{value[6:]}" if value and len(value) == 8 and value.isdigit() else value


def party(node: Node) -> Party:
    """A party: an organisation where it is registered or taxed as one, else a person."""
    address, contact = node.find("PostalTradeAddress"), node.find("DefinedTradeContact")
    name = node.text("Name")
    taxes = [*node.all("SpecifiedTaxRegistration/ID")]
    vat = next((t.words for t in taxes if t.attribute("schemeID") == "VA"), None) or (taxes[0].words if taxes else None)
    company_id = node.text("SpecifiedLegalOrganization/ID")
    is_firm = bool(vat or company_id or contact.text("PersonName") or node.text("GlobalID"))
    return {
        "organisation": name if is_firm else None,
        "name": contact.text("PersonName") if is_firm else name,
        "tax_id": vat,
        "company_id": company_id,
        "customer_no": node.text("ID"),
        "street": address.text("LineOne"),
        "street_more": address.text("LineTwo"),
        "postcode": address.text("PostcodeCode"),
        "city": address.text("CityName"),
        "region": address.text("CountrySubDivisionName"),
        "country": address.text("CountryID"),
        "email": contact.text("EmailURIUniversalCommunication/URIID"),
        "phone": contact.text("TelephoneUniversalCommunication/CompleteNumber"),
        "electronic_address": node.text("URIUniversalCommunication/URIID"),
    }
