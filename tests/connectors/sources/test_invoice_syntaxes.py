"""One invoice in every syntax is one record and one billing document (tests/spec/invoices)."""

import json
import os
import typing
from pathlib import Path
from typing import Any

import pytest

from connectors import sources
from connectors.sources.invoices.model import PARTY, Payload
from rules import presets, schema

SPEC = Path(__file__).parents[2] / "spec" / "invoices"
EXPECTED, _ = schema.load((SPEC / "expected.yml").read_text("utf-8"), "expected.yml")
FILES = EXPECTED["files"]
SHARED = Path(os.environ.get("GOLDSEAM_SHARED", Path(__file__).parents[4] / "shared")) / "data" / "samples"


def land(location: str, root: Path) -> sources.Landed:
    settings = presets.apply({"kind": "e_invoice", "location": location}, {}, "inv")
    return sources.read("inv", schema.parse(settings, {}, schema.Source, "inv"), root)


def wanted(file: str) -> dict[str, Any]:
    """The invoice, with what the syntax of a file writes otherwise."""
    made = {key: json.loads(json.dumps(EXPECTED[key])) for key in EXPECTED if key != "files"}
    for path, value in (FILES[file] or {}).items():
        *above, last = path.split(".")
        part = made
        for name in above:
            part = part[int(name)] if isinstance(part, list) else part[name]
        if value is None:
            part.pop(last, None)
        else:
            part[last] = value
    return made


@pytest.mark.parametrize("file", FILES)
def test_one_invoice_in_every_syntax(file: str) -> None:
    """Number, dates, totals, taxes, lines, payments, seller and buyer are the same, whatever they are written in."""
    landed = land(file, SPEC)
    (row,), (fact,) = landed.raw.to_pylist(), landed.facts.to_pylist()
    found = {key: fact[key] for key in ("number", "date", "currency", "amount")}
    found |= {"buyer": {k: row[k] for k in PARTY if row[k]}, "payload": json.loads(fact["payload"])}
    assert found == wanted(file)
    assert row["_record_id"] == fact["customer_id"] == "IT01234567890|A-7/2026"
    assert landed.notes == ()


def test_all_files_of_the_specification_are_listed() -> None:
    """No sample lies about that nothing reads."""
    assert {path.name for path in SPEC.glob("*.xml")} == set(FILES)


def misfits(value: Any, kind: Any, at: str = "payload") -> list[str]:
    """Where a value is not what a type of Payload allows."""
    if typing.is_typeddict(kind):
        known = typing.get_type_hints(kind)
        return [
            m for k, v in value.items() for m in (misfits(v, known[k], f"{at}.{k}") if k in known else [f"{at}.{k}"])
        ]
    if typing.get_origin(kind) is list:
        (inner,) = typing.get_args(kind)
        return [m for n, v in enumerate(value) for m in misfits(v, inner, f"{at}.{n}")]
    if typing.get_origin(kind) is dict:
        return [f"{at}.{key}" for key, words in value.items() if key not in PARTY or not isinstance(words, str)]
    return [] if isinstance(value, str) and value else [at]


@pytest.mark.parametrize("folder", ["ubl", "fatturapa", "en16931", "facturx"])
def test_samples_fit_the_schema(folder: str) -> None:
    """Every real sample at hand gives buyer, seller, date, currency and all totals, and no key but those of Payload."""
    if not (SHARED / folder).is_dir():
        pytest.skip("the sample invoices are not here")
    landed = land(f"{folder}/*", SHARED)
    for row, fact in zip(landed.raw.to_pylist(), landed.facts.to_pylist(), strict=True):
        payload = json.loads(fact["payload"])
        assert misfits(payload, Payload) == [], fact["file"]
        assert {"seller", "net", "gross", "payable", "lines"} <= set(payload), fact["file"]
        assert row["organisation"] or row["name"] or row["family"], fact["file"]
        assert all(fact[key] for key in ("number", "date", "currency", "amount")), fact["file"]
    left = {row["file"]: row["reason"] for row in landed.rejects.to_pylist()}
    known = {"facturx": {"invoice_pdf17.pdf": "the PDF carries no XML invoice: it is for people to read"}}
    assert left == known.get(folder, {})
