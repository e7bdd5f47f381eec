"""UN/CEFACT Cross Industry Invoice (EN 16931), also inside Factur-X and ZUGFeRD."""

from lxml import etree

from connectors.sources.invoices.model import Invoice, Party, filled, lines, text

ROOTS = frozenset({"CrossIndustryInvoice"})
CREDIT_CODES = frozenset({"381", "396", "532"})
_TRADE = "SupplyChainTradeTransaction"


def read(root: etree._Element) -> list[Invoice]:
    """The one invoice of a document."""
    document = root.find("ExchangedDocument")
    agreement = root.find(f"{_TRADE}/ApplicableHeaderTradeAgreement")
    settlement = root.find(f"{_TRADE}/ApplicableHeaderTradeSettlement")
    sums = settlement.find("SpecifiedTradeSettlementHeaderMonetarySummation") if settlement is not None else None
    code = text(document, "TypeCode")
    payload = {
        "type_code": code,
        "due_date": date(text(settlement, "SpecifiedTradePaymentTerms/DueDateDateTime/DateTimeString")),
        "order": text(agreement, "BuyerOrderReferencedDocument/IssuerAssignedID"),
        "buyer_reference": text(agreement, "BuyerReference"),
        "net": text(sums, "TaxBasisTotalAmount"),
        "gross": text(sums, "GrandTotalAmount"),
        "tax": text(sums, "TaxTotalAmount"),
        "prepaid": text(sums, "TotalPrepaidAmount"),
    }
    items = lines(
        root.findall(f"{_TRADE}/IncludedSupplyChainTradeLineItem"),
        id="AssociatedDocumentLineDocument/LineID",
        text="SpecifiedTradeProduct/Name",
        quantity="SpecifiedLineTradeDelivery/BilledQuantity",
        amount="SpecifiedLineTradeSettlement/SpecifiedTradeSettlementLineMonetarySummation/LineTotalAmount",
    )
    return [
        Invoice(
            number=text(document, "ID"),
            date=date(text(document, "IssueDateTime/DateTimeString")),
            currency=text(settlement, "InvoiceCurrencyCode"),
            amount=text(sums, "DuePayableAmount", "GrandTotalAmount"),
            kind="credit_note" if code in CREDIT_CODES else "invoice",
            buyer=party(agreement.find("BuyerTradeParty") if agreement is not None else None),
            seller=party(agreement.find("SellerTradeParty") if agreement is not None else None),
            payload={**filled(payload), "total_from": "stated", "lines": items},
        )
    ]


def date(value: str | None) -> str | None:
    """A date of format 102 (YYYYMMDD) in ISO; others as they stand."""
    return f"{value[:4]}-{value[4:6]}-{value[6:]}" if value and len(value) == 8 and value.isdigit() else value


def party(node: etree._Element | None) -> Party:
    """A party: an organisation where it is registered or taxed as one, else a person."""
    address = node.find("PostalTradeAddress") if node is not None else None
    contact = node.find("DefinedTradeContact") if node is not None else None
    name = text(node, "Name")
    taxes = node.findall("SpecifiedTaxRegistration/ID") if node is not None else []
    vat = next((t.text for t in taxes if t.get("schemeID") == "VA"), None) or (taxes[0].text if taxes else None)
    company_id = text(node, "SpecifiedLegalOrganization/ID")
    is_firm = bool(vat or company_id or text(contact, "PersonName") or text(node, "GlobalID"))
    return {
        "organisation": name if is_firm else None,
        "name": text(contact, "PersonName") if is_firm else name,
        "tax_id": vat,
        "company_id": company_id,
        "street": text(address, "LineOne"),
        "street_more": text(address, "LineTwo"),
        "postcode": text(address, "PostcodeCode"),
        "city": text(address, "CityName"),
        "region": text(address, "CountrySubDivisionName"),
        "country": text(address, "CountryID"),
        "email": text(contact, "EmailURIUniversalCommunication/URIID"),
        "phone": text(contact, "TelephoneUniversalCommunication/CompleteNumber"),
        "electronic_address": text(node, "URIUniversalCommunication/URIID"),
    }
