"""UBL 2.1 Invoice and CreditNote (OASIS), as in Peppol BIS Billing 3."""

from lxml import etree

from connectors.sources.invoices.model import Invoice, Party, filled, lines, text

ROOTS = frozenset({"Invoice", "CreditNote"})
CREDIT_CODES = frozenset({"381", "396", "532"})
"""Codes of UNTDID 1001 for credit notes."""


def read(root: etree._Element) -> list[Invoice]:
    """The one invoice of a document."""
    is_credit = root.tag == "CreditNote" or text(root, "InvoiceTypeCode") in CREDIT_CODES
    total = root.find("LegalMonetaryTotal")
    payload = {
        "type_code": text(root, "InvoiceTypeCode", "CreditNoteTypeCode"),
        "due_date": text(root, "DueDate", "PaymentMeans/PaymentDueDate"),
        "order": text(root, "OrderReference/ID"),
        "buyer_reference": text(root, "BuyerReference"),
        "net": text(total, "TaxExclusiveAmount"),
        "gross": text(total, "TaxInclusiveAmount"),
        "tax": text(root, "TaxTotal/TaxAmount"),
        "prepaid": text(total, "PrepaidAmount"),
        "corrects": text(root, "BillingReference/InvoiceDocumentReference/ID"),
    }
    quantity = "CreditedQuantity" if root.tag == "CreditNote" else "InvoicedQuantity"
    items = lines(
        root.findall(f"{root.tag}Line"), id="ID", text="Item/Name", quantity=quantity, amount="LineExtensionAmount"
    )
    return [
        Invoice(
            number=text(root, "ID"),
            date=text(root, "IssueDate"),
            currency=text(root, "DocumentCurrencyCode"),
            amount=text(total, "PayableAmount", "TaxInclusiveAmount"),
            kind="credit_note" if is_credit else "invoice",
            buyer=party(root.find("AccountingCustomerParty/Party")),
            seller=party(root.find("AccountingSupplierParty/Party")),
            payload={**filled(payload), "total_from": "stated", "lines": items},
        )
    ]


def party(node: etree._Element | None) -> Party:
    """A party: an organisation where it is registered or taxed as one, else a person."""
    address = node.find("PostalAddress") if node is not None else None
    name = text(node, "PartyLegalEntity/RegistrationName", "PartyName/Name")
    tax_id = text(node, "PartyTaxScheme/CompanyID")
    company_id = text(node, "PartyLegalEntity/CompanyID")
    given, family = text(node, "Person/FirstName"), text(node, "Person/FamilyName")
    is_firm = bool(tax_id or company_id or text(node, "PartyLegalEntity/CompanyLegalForm", "PartyName/Name"))
    return {
        "organisation": name if is_firm else None,
        "name": text(node, "Contact/Name") if is_firm else (None if family else name),
        "given": given,
        "family": family,
        "tax_id": tax_id,
        "company_id": company_id,
        "street": text(address, "StreetName"),
        "house_number": text(address, "BuildingNumber"),
        "street_more": text(address, "AdditionalStreetName"),
        "postcode": text(address, "PostalZone"),
        "city": text(address, "CityName"),
        "region": text(address, "CountrySubentity"),
        "country": text(address, "Country/IdentificationCode"),
        "email": text(node, "Contact/ElectronicMail"),
        "phone": text(node, "Contact/Telephone"),
        "electronic_address": text(node, "EndpointID"),
    }
