"""Exports of known products: a preset is all a declaration needs."""

from pathlib import Path

import pytest

from connectors import sources
from connectors.sources import checks
from rules import presets, schema


def declared(**settings: object) -> schema.Source:
    return schema.parse(presets.apply(settings, {}, "x.yml"), {}, schema.Source, "x.yml")


@pytest.mark.parametrize("name", presets.names())
def test_presets_are_valid(name: str) -> None:
    """Every preset names a kind that exists and targets that exist."""
    assert declared(preset=name, location="x.csv").kind in sources.KINDS


def test_unknown_preset_lists_the_known() -> None:
    """A preset that does not exist is a mistake that lists the others."""
    with pytest.raises(schema.Mistakes, match="shopify_customers"):
        declared(preset="shopifi", location="x.csv")


EXPORTS = {
    "shopify_customers": (
        "Customer ID,First Name,Last Name,Email,Default Address Zip,Default Address Phone\n"
        "'9013808660771,Ada,Neri,ada@x.example,'00501,'+39 06 1234\n",
        {"Customer ID": "9013808660771", "Default Address Zip": "00501", "Default Address Phone": "+39 06 1234"},
    ),
    "typeform": (
        "#,Your name ,Your phone,Your phone,Submit Date (UTC)\nabc,Ada Neri,'+91 99999 11111,,2026-01-02 03:04:05\n",
        {"#": "abc", "Your name": "Ada Neri", "Your phone": "+91 99999 11111", "Your phone (2)": None},
    ),
    "microsoft_forms": (
        "ID,Start time,Completion time,Email,Name,Full name\n1,9/9/26 18:01,,anonymous,Anonymous,Ada Neri\n",
        {"ID": "1", "Email": "anonymous", "Full name": "Ada Neri"},
    ),
    "stripe_customers": (
        "id,Description,Email,Name,tag (metadata)\ncus_1,,a@x.example,Ada Neri,vip\n",
        {"id": "cus_1"},
    ),
}


@pytest.mark.parametrize("preset", EXPORTS)
def test_exports_are_read_as_they_are(preset: str, tmp_path: Path) -> None:
    """Apostrophes of the export go, repeated questions are told apart, columns the export lacks are no failure."""
    text, expected = EXPORTS[preset]
    (tmp_path / "export.csv").write_text(text)
    source = declared(preset=preset, location="export.csv")
    raw = sources.read("x", source, tmp_path).raw
    (row,) = raw.to_pylist()
    assert {name: row[name] for name in expected} == expected
    assert checks.columns(raw, source) == []


def test_a_preset_column_that_was_there_may_not_vanish(tmp_path: Path) -> None:
    """What a preset maps may be missing from the first export, but not once it was there."""
    (tmp_path / "export.csv").write_text(EXPORTS["stripe_customers"][0])
    source = declared(preset="stripe_customers", location="export.csv")
    raw = sources.read("x", source, tmp_path).raw.drop_columns("Email")
    assert checks.columns(raw, source) == []
    assert "no column 'Email'" in str(checks.columns(raw, source, ["id", "Email", "Name"])[0])
