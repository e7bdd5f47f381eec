"""Whose an address, a phone or an e-mail address is in a row that names a firm and the person to ask for there."""

from collections.abc import Mapping
from typing import Any

import pyarrow as pa
import pytest

from rules import presets, schema
from rules.standardise.point_table import owner
from rules.standardise.table import standardise
from rules.vocabulary import RAW_PREFIX

FIRM = {"Firm": "Rossi S.r.l.", "Name": "Maria Conti"}
NAMED = {"Firm": "organisation_name", "Name": "full_name"}


def tables(row: Mapping[str, str], columns: Mapping[str, str], **more: Any) -> dict[str, list[dict[str, Any]]]:
    """The standard tables of one row, `r1`."""
    declared = {"kind": "csv", "location": "-", "country": "IT", "columns": {**NAMED, **columns}, **more}
    cells = {**FIRM, **row}
    raw = pa.table({
        **{name: pa.array(["r1"]) for name in RAW_PREFIX if name != "_line"}, "_line": pa.array([2]),
        **{name: pa.array([value]) for name, value in cells.items()},
    }).select([*RAW_PREFIX, *cells])  # fmt: skip
    return {n: t.to_pylist() for n, t in standardise(raw, "x", schema.Source.model_validate(declared)).items()}


def person_has(row: Mapping[str, str], columns: Mapping[str, str], table: str = "points", **more: Any) -> bool:
    """Whether the only entry of a table went to the person."""
    (entry,) = tables(row, columns, **more)[table]
    return bool(entry["record_id"] == "r1/contact")


@pytest.mark.parametrize(
    ("target", "is_persons"),
    [("address.home", True), ("address.work", False), ("address.billing", False), ("address", False)],
)
def test_a_home_address_is_the_persons(target: str, *, is_persons: bool) -> None:
    """All others, and those of which nothing is known, are the firm's."""
    columns = {"Street": f"{target}.street", "City": f"{target}.city"}
    row = {"Street": "Via Roma 12", "City": "Milano"}
    assert person_has(row, columns, "addresses") is is_persons


@pytest.mark.parametrize(
    ("header", "target", "number", "is_persons"),
    [
        ("Home Phone", "phone", "02 4827510", True),
        ("phone_home", "phone.landline", "02 4827510", True),
        ("Telefon privat", "phone", "02 4827510", True),
        ("Business Phone", "phone", "02 4827510", False),
        ("Business Phone", "phone", "333 7512846", False),
        ("Phone", "phone", "02 4827510", False),
        ("Phone", "phone", "333 7512846", True),
    ],
)
def test_a_private_phone_is_the_persons(header: str, target: str, number: str, *, is_persons: bool) -> None:
    """The column tells it; where it does not, a mobile is the person's and another number the firm's."""
    assert person_has({header: number}, {header: target}) is is_persons


@pytest.mark.parametrize(
    ("target", "mail", "is_persons"),
    [
        ("email.personal", "info@conti.example", True),
        ("email.work", "maria.conti@rossi.example", False),
        ("email", "maria.conti@rossi.example", True),
        ("email", "info@rossi.example", False),
    ],
)
def test_a_private_mail_is_the_persons(target: str, mail: str, *, is_persons: bool) -> None:
    """As declared; where nothing is, an office's (info@) is the firm's and another the person's."""
    assert person_has({"Mail": mail}, {"Mail": target}) is is_persons


@pytest.mark.parametrize(("label", "is_persons"), [("* Home", True), ("Work", False), ("Main", False)])
def test_the_label_beside_tells_whose_it_is(label: str, *, is_persons: bool) -> None:
    """Address books export the kind of a number in a column of its own."""
    row = {"Phone 1": "02 4827510", "Kind": label}
    assert person_has(row, {"Phone 1": "phone"}, labels={"Phone 1": "Kind"}) is is_persons


def test_a_doubt_goes_with_the_home_address() -> None:
    """The flag of an address stands at the record that has the address."""
    row = {"Street": "Via Roma 12", "City": "Forl\u00c3\u00ac"}
    found = tables(row, {"Street": "address.home.street", "City": "address.home.city"})
    assert [(f["record_id"], f["table"]) for f in found["flags"]] == [("r1/contact", "addresses")]


def test_a_card_with_a_firm_keeps_both_apart() -> None:
    """Of a vCard the home address, phone and mail are the person's, those of work the firm's."""
    row = {
        "phone_home": "02 4827510", "phone_work": "02 4827511", "email_home": "mc@posta.example",
        "email_work": "conti@rossi.example", "home_street": "Via Roma 12", "home_city": "Milano",
        "work_street": "Via Dante 3", "work_city": "Milano",
    }  # fmt: skip
    columns = {h: t for h, t in presets.built_in("vcard").settings["columns"].items() if h in row}
    found = tables(row, columns)
    assert {p["value"] for p in found["points"] if p["record_id"] == "r1/contact"} == {"02 4827510", "mc@posta.example"}
    assert {a["record_id"]: a["street"] for a in found["addresses"]} == {"r1/contact": "Via Roma", "r1": "Via Dante"}


def test_a_row_that_is_one_record_keeps_everything() -> None:
    """Without a firm there is nobody else to whom a home address could belong."""
    found = tables({"Firm": "", "Street": "Via Roma 12"}, {"Street": "address.home.street"})
    assert [a["record_id"] for a in found["addresses"]] == ["r1"]


@pytest.mark.parametrize(
    ("text", "whose"),
    [("Τηλ. οικίας", "private"), ("домашний телефон", "private"), ("İş Telefonu", "work"), ("Tel. ufficio", "work"),
     ("Telepon rumah", "private"), ("Teléfono particular", "private"), ("Phone", None), ("Homer", None)],
)  # fmt: skip
def test_words_of_every_language_tell_whose_it_is(text: str, whose: str | None) -> None:
    """Whole words of a header do, parts of words do not."""
    assert owner(text) == whose
