"""Transcribed paper forms: who typed what, from which form, is recognised, kept and never published as a customer's."""

from pathlib import Path

import pyarrow as pa
import pytest
import yaml

from connectors import sources
from rules import column_names, meaning, schema
from rules.standardise.table import standardise
from rules.survivorship.elect import NOT_SURVIVING

SPEC: dict[str, list[str]] = yaml.safe_load((Path(__file__).parents[1] / "spec/meaning/forms.yml").read_text("utf-8"))
CASES = [(target, header) for target, headers in SPEC.items() for header in headers]


@pytest.mark.parametrize(("target", "header"), CASES, ids=lambda text: str(text))
def test_the_words_of_nine_languages(target: str, header: str) -> None:
    """Each header means its column, beyond doubt."""
    assert column_names.candidates(header)[0] == (target, 1.0)


def test_a_sheet_of_forms_is_recognised() -> None:
    """In a whole sheet each of the five columns is found, and none of them is taken for the customer's own."""
    table = pa.table({
        "Form No.": ["K-1001", "K-1002", "K-1003"], "Batch": ["7", "7", "8"], "Operator": ["maria", "nikos", "maria"],
        "Entered at": ["2026-01-02 10:00", "2026-01-02 10:05", "2026-01-03 09:00"],
        "Scan": ["k1001.tif", "k1002.tif", "k1003.tif"], "Surname": ["Neri", "Rossi", "Bianchi"],
    })  # fmt: skip
    found = {m.column: m.target for m in meaning.recognise(table)}
    assert {found[c] for c in ("Form No.", "Batch", "Operator", "Entered at", "Scan")} == set(SPEC)
    assert set(SPEC) <= NOT_SURVIVING


def test_the_scan_comes_through_to_the_records(tmp_path: Path) -> None:
    """The name of the scan's file stands in the standard record, as operator, form and batch do."""
    (tmp_path / "maria_b7.csv").write_text("No,Name,Bild\nK-1,Ada Neri,k1.tif\n")
    source = schema.Source.model_validate({
        "kind": "csv", "location": "*.csv", "country": "IT", "from_name": r"(?P<operator>\w+?)_b(?P<batch>\d+)",
        "columns": {"No": "form_no", "Name": "full_name", "Bild": "scan", "operator": "operator", "batch": "batch"},
    })  # fmt: skip
    raw = sources.read("forms", source, tmp_path).raw
    raw = raw.set_column(0, "_record_id", pa.array(["1"]))
    (record,) = standardise(raw, "forms", source)["records"].to_pylist()
    assert [record[c] for c in ("operator", "batch", "form_no", "scan")] == ["maria", "7", "K-1", "k1.tif"]
