"""UBL 2.1 (OASIS): invoices, credit and debit notes, self-billed ones too, as in Peppol BIS Billing 3."""

from connectors.sources.invoices.model import CREDIT_CODES, Invoice, Line, Party, Payload, Payment, Tax, filled
from connectors.sources.invoices.sums import completed
from connectors.sources.invoices.xml import Node

ROOTS = frozenset({"Invoice", "CreditNote", "DebitNote", "SelfBilledInvoice", "SelfBilledCreditNote"})


def read(root: Node) -> list[Invoice]:
    """The one invoice of a document."""
    name = root.tag.removeprefix("SelfBilled")
    code = root.text("InvoiceTypeCode", "CreditNoteTypeCode")
    currency = root.text("DocumentCurrencyCode")
    kind = "credit_note" if name == "CreditNote" or code in CREDIT_CODES else "invoice"
    payload = _payload(root, code, currency)
    return [Invoice(root.text("ID"), root.text("IssueDate"), currency, kind, _buyer(root), completed(payload))]


def _payload(root: Node, code: str | None, currency: str | None) -> Payload:
    total = root.find("LegalMonetaryTotal") or root.find("RequestedMonetaryTotal")
    period = root.find("InvoicePeriod")
    return {
        "seller": filled(party(root.find("AccountingSupplierParty/Party"))),
        "type_code": code,
        "due_date": root.text("DueDate", "PaymentMeans/PaymentDueDate"),
        "delivery_date": root.text("Delivery/ActualDeliveryDate"),
        "period_start": period.text("StartDate"),
        "period_end": period.text("EndDate"),
        "order": root.text("OrderReference/ID"),
        "contract": root.text("ContractDocumentReference/ID"),
        "buyer_reference": root.text("BuyerReference"),
        "note": root.text("Note"),
        "corrects": root.texts("BillingReference/InvoiceDocumentReference/ID"),
        "allowances": total.text("AllowanceTotalAmount"),
        "charges": total.text("ChargeTotalAmount"),
        "net": total.text("TaxExclusiveAmount"),
        "tax": _tax_total(root, currency),
        "gross": total.text("TaxInclusiveAmount"),
        "prepaid": total.text("PrepaidAmount"),
        "rounding": total.text("PayableRoundingAmount"),
        "payable": total.text("PayableAmount"),
        "taxes": [_tax(node) for node in root.all("TaxTotal/TaxSubtotal")],
        "lines": [_line(n) for name in ("Invoice", "CreditNote", "DebitNote") for n in root.all(f"{name}Line")],
        "payments": [_payment(node) for node in root.all("PaymentMeans")],
    }


def _tax_total(root: Node, currency: str | None) -> str | None:
    """The tax in the document's own currency: it may be stated a second time in that of the books."""
    amounts = [*root.all("TaxTotal/TaxAmount")]
    own = [amount for amount in amounts if amount.attribute("currencyID") in (currency, None)]
    return next((amount.words for amount in own or amounts if amount.words), None)


def _tax(node: Node) -> Tax:
    return {
        "category": node.text("TaxCategory/ID"),
        "rate": node.text("TaxCategory/Percent"),
        "net": node.text("TaxableAmount"),
        "tax": node.text("TaxAmount"),
    }


def _line(node: Node) -> Line:
    quantity = node.find("InvoicedQuantity") or node.find("CreditedQuantity") or node.find("DebitedQuantity")
    return {
        "id": node.text("ID"),
        "text": node.text("Item/Name", "Item/Description"),
        "quantity": quantity.words,
        "unit": quantity.attribute("unitCode"),
        "price": node.text("Price/PriceAmount"),
        "amount": node.text("LineExtensionAmount"),
        "rate": node.text("Item/ClassifiedTaxCategory/Percent"),
        "period_start": node.text("InvoicePeriod/StartDate"),
        "period_end": node.text("InvoicePeriod/EndDate"),
    }


def _payment(node: Node) -> Payment:
    account = node.find("PayeeFinancialAccount")
    return {
        "means": node.text("PaymentMeansCode"),
        "iban": account.text("ID"),
        "bic": account.text("FinancialInstitutionBranch/ID", "FinancialInstitutionBranch/FinancialInstitution/ID"),
        "holder": account.text("Name"),
        "reference": node.text("PaymentID"),
        "due_date": node.text("PaymentDueDate"),
    }


def _buyer(root: Node) -> Party:
    customer = root.find("AccountingCustomerParty")
    buyer = party(customer.find("Party"))
    number = customer.text("SupplierAssignedAccountID") or buyer["customer_no"]
    debited = root.text("PaymentMeans/PaymentMandate/PayerFinancialAccount/ID")
    return {**buyer, "customer_no": number, "iban": debited}


def party(node: Node) -> Party:
    """A party: an organisation where it is registered or taxed as one, else a person."""
    address, legal, contact = node.find("PostalAddress"), node.find("PartyLegalEntity"), node.find("Contact")
    name = legal.text("RegistrationName") or node.text("PartyName/Name")
    tax_id, company_id = node.text("PartyTaxScheme/CompanyID"), legal.text("CompanyID")
    given, family = node.text("Person/FirstName"), node.text("Person/FamilyName")
    is_firm = bool(tax_id or company_id or legal.text("CompanyLegalForm") or node.text("PartyName/Name"))
    return {
        "organisation": name if is_firm else None,
        "name": contact.text("Name") if is_firm else (None if family else name),
        "given": given,
        "family": family,
        "tax_id": tax_id,
        "company_id": company_id,
        "customer_no": _own_number(node),
        "street": address.text("StreetName"),
        "house_number": address.text("BuildingNumber"),
        "street_more": address.text("AdditionalStreetName"),
        "postcode": address.text("PostalZone"),
        "city": address.text("CityName"),
        "region": address.text("CountrySubentity"),
        "country": address.text("Country/IdentificationCode"),
        "email": contact.text("ElectronicMail"),
        "phone": contact.text("Telephone"),
        "electronic_address": node.text("EndpointID"),
    }


def _own_number(node: Node) -> str | None:
    """The number that the other side keeps a party under; one of a scheme (GLN, SIRET) is not of its making."""
    numbers = (n.find("ID") for n in node.all("PartyIdentification"))
    return next((n.words for n in numbers if n.words and not n.attribute("schemeID")), None)
