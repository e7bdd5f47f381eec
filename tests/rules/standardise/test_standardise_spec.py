"""Every field's cases, as a steward can read them: tests/spec/standardise/FIELD.yml."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import yaml

from rules import suspicion
from rules.standardise import (
    addresses,
    countries,
    dates,
    emails,
    ibans,
    identifiers,
    latin,
    names,
    note_addresses,
    notes,
    organisations,
    phones,
    places,
    text,
)

SPEC = Path(__file__).parents[2] / "spec" / "standardise"
Case = dict[str, Any]


def _names(case: Case) -> Case:
    read = names.read(case["text"], case.get("country"), case.get("order"))
    return {k: getattr(read, k) for k in ("given", "middle", "surname", "doubt") if getattr(read, k)}


def _latin(case: Case) -> Case:
    return {"latin": latin.latin(case["text"], case.get("language"))}


def _keys(case: Case) -> Case:
    (kind, spellings), *_ = case.items()
    found = [latin.key(latin.latin(s)) for s in spellings]
    same = len(set(found)) == 1
    return {kind: spellings if same == (kind == "same") else found}


def _organisations(case: Case) -> Case:
    read = organisations.read(case["text"])
    return {k: v for k, v in read._asdict().items() if v}


def _phones(case: Case) -> Case:
    read = phones.read(case["text"], case.get("country"))
    return {"numbers": [" ".join(filter(None, (p.canonical or "-", p.type or "other", p.doubt))) for p in read]}


def _emails(case: Case) -> Case:
    read = emails.read(case["text"])
    return {"addresses": [" ".join(filter(None, (e.canonical or "-", e.doubt))) for e in read]}


def _number(read: identifiers.Number) -> Case:
    return {k: v for k, v in zip(("number", "scheme", "doubt"), read, strict=True) if v}


def _tax_ids(case: Case) -> Case:
    return _number(identifiers.tax_id(case["text"], case.get("country")))


def _national_ids(case: Case) -> Case:
    return _number(identifiers.national_id(case["text"], case.get("country")))


def _ibans(case: Case) -> Case:
    return {k: v for k, v in zip(("number", "doubt"), ibans.read(case["text"]), strict=True) if v}


def _dates(case: Case) -> Case:
    read = dates.read(case["text"], case.get("order"), case.get("country"))
    return {k: v for k, v in zip(("date", "doubt"), read, strict=True) if v}


def _moments(case: Case) -> Case:
    return {"date": dates.moment(case["text"], case.get("order"))[0]}


def _date_columns(case: Case) -> Case:
    return {"order": dates.column_order(case["column"])}


def _countries(case: Case) -> Case:
    return {"code": countries.read(case["text"])}


def _addresses(case: Case) -> Case:
    read = addresses.read(case.get("country"), case["text"])._asdict()
    read["country_code"] = read["country"]
    return {k: read[k] for k in case if k not in ("text", "country")}


def _places(case: Case) -> Case:
    country = case.get("country")
    if "postcode" in case:
        norm, doubt = places.postcode(case["postcode"], country)
        return {"norm": norm, **({"doubt": doubt} if doubt else {})}
    read = places.city(case["city"], country) if "city" in case else places.region(case["region"], country)
    return {"norm": read}


def _suspicion(case: Case) -> Case:
    return {"rule": suspicion.name(case["name"]) if "name" in case else suspicion.digits(case["digits"])}


def _placeholders(case: Case) -> Case:
    return {"rule": text.placeholders(pa.array([case["text"]]), names=case.get("names", False))[0].as_py()}


def _mojibake(case: Case) -> Case:
    if "western" in case:
        mended, rules = text.mend(pa.array([case["western"]]), case["country"])
        return {"is": mended[0].as_py() if rules[0].as_py() == "mojibake" else None}
    if key := next((k for k in ("sound", "lost") if k in case), None):
        mended, rules = text.mend(pa.array([case[key]]), case.get("country"))
        rule = {"sound": None, "lost": "garbled"}[key]
        return {key: mended[0].as_py() if rules[0].as_py() == rule else rules[0].as_py()}
    garbled = case["text"]
    for _ in range(int(case.get("times", 1))):
        garbled = "".join(_as_windows_reads(byte, case["read_as"]) for byte in garbled.encode())
    mended, rules = text.mend(pa.array([garbled]))
    return {"text": mended[0].as_py() if rules[0].as_py() == "mojibake" else garbled}


def _notes(case: Case) -> Case:
    asked = (case["text"], case.get("country"), case.get("name"))
    found = [f"{p.kind} {p.canonical}{' fax' if p.type == 'fax' else ''}" for p in notes.points(*asked)]
    return {"found": found + [f"address {a.value}" for a in note_addresses.addresses(*asked)]}


def _as_windows_reads(byte: int, code_page: str) -> str:
    """One byte in a code page; bytes it leaves undefined become control characters."""
    try:
        return bytes([byte]).decode(code_page)
    except UnicodeDecodeError:
        return chr(byte)


FIELDS: dict[str, Callable[[Case], Case]] = {
    "names": _names, "latin": _latin, "keys": _keys, "organisations": _organisations, "phones": _phones,
    "emails": _emails, "tax_ids": _tax_ids, "national_ids": _national_ids, "ibans": _ibans, "dates": _dates,
    "moments": _moments, "date_columns": _date_columns, "countries": _countries, "addresses": _addresses,
    "places": _places, "suspicion": _suspicion, "placeholders": _placeholders, "mojibake": _mojibake,
    "notes": _notes,
}  # fmt: skip
GIVEN = {
    "text",
    "country",
    "order",
    "language",
    "column",
    "city",
    "region",
    "postcode",
    "name",
    "digits",
    "names",
    "read_as",
}
OWN = {
    "mojibake": {"read_as", "times", "western", "country"}, "date_columns": {"column"},
    "dates": {"text", "country", "order"},
    "addresses": {"text", "country"}, "notes": {"text", "country", "name"},
}  # fmt: skip


def _cases() -> list[Any]:
    found = []
    for field in FIELDS:
        cases = yaml.load((SPEC / f"{field}.yml").read_text("utf-8"), Loader=yaml.BaseLoader)  # noqa: S506 - nothing but text
        for n, case in enumerate(cases, 1):
            plain = {k: None if v in ("null", "") else v for k, v in case.items()}
            found.append(pytest.param(field, plain, id=f"{field}-{n}"))
    return found


@pytest.mark.parametrize(("field", "case"), _cases())
def test_case(field: str, case: Case) -> None:
    """A cell of this text is read as its case says, and in no other way."""
    given = OWN.get(field, GIVEN)
    wanted = {k: v for k, v in case.items() if k not in given}
    assert FIELDS[field](case) == wanted


def test_every_file_of_cases_is_read() -> None:
    """No file of cases lies there unread."""
    assert {p.stem for p in SPEC.glob("*.yml")} == set(FIELDS)
