"""Exports of known products: a preset is all a declaration needs, and its export is known by its header."""

import csv
import os
from pathlib import Path
from typing import Any

import pytest
import yaml

from connectors import sources, workspace
from connectors.sources import checks
from rules import facts, keys, presets, schema

SPEC: dict[str, Any] = yaml.safe_load((Path(__file__).parents[2] / "spec/presets.yml").read_text("utf-8"))
SHARED = Path(os.environ.get("GOLDSEAM_SHARED", Path(__file__).parents[4] / "shared"))


def declared(**settings: object) -> schema.Source:
    return schema.parse(presets.apply(settings, {}, "x.yml"), {}, schema.Source, "x.yml")


@pytest.mark.parametrize("name", presets.names())
def test_presets_are_valid(name: str) -> None:
    """Every preset names a kind that exists and targets that exist."""
    assert declared(preset=name, location="x.csv").kind in sources.KINDS


@pytest.mark.parametrize("name", [n for n in presets.names() if presets.built_in(n).about.known_by])
def test_a_preset_says_where_its_columns_were_seen(name: str) -> None:
    """Nobody has to guess whether a preset was built from a real export; the unverified say so in words."""
    about = presets.built_in(name).about
    assert about.about
    assert about.seen_in
    assert about.verified or "Unverified" in about.about


def test_unknown_preset_lists_the_known() -> None:
    """A preset that does not exist is a mistake that lists the others."""
    with pytest.raises(schema.Mistakes, match="shopify_customers"):
        declared(preset="shopifi", location="x.csv")


# --- exports as they come ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", SPEC["exports"], ids=lambda case: case["name"])
def test_exports_are_read_as_they_are(case: dict[str, Any], tmp_path: Path) -> None:
    """The export's own columns are found under any of their names, with what they mean; what it lacks is no failure."""
    (tmp_path / "export.csv").write_text(case["export"], encoding="utf-8")
    source = declared(preset=case["preset"], location="export.csv", **case.get("settings", {}))
    raw = sources.read("x", source, tmp_path).raw
    row = raw.to_pylist()[0]
    assert {name: row.get(name) for name in case["row"]} == case["row"]
    assert {c: source.columns.get(c) for c in case.get("means", {})} == case.get("means", {})
    assert checks.columns(raw, source) == []


@pytest.mark.parametrize("case", [c for c in SPEC["exports"] if "facts" in c], ids=lambda case: case["name"])
def test_billing_exports_give_their_documents(case: dict[str, Any], tmp_path: Path) -> None:
    """Each invoice or order is one fact, however many rows it has, with its number, date, amount and kind."""
    (tmp_path / "export.csv").write_text(case["export"], encoding="utf-8")
    source = declared(preset=case["preset"], location="export.csv")
    raw = sources.read("x", source, tmp_path).raw
    raw = facts.fold(raw, source.id) if source.fold else raw
    raw = raw.set_column(0, "_record_id", keys.declared(raw, source.id).ids)
    found = facts.facts(raw, "x", source).to_pylist()
    assert [{k: fact[k] for k in wanted} for fact, wanted in zip(found, case["facts"], strict=True)] == case["facts"]


@pytest.mark.parametrize("case", SPEC["exports"], ids=lambda case: case["name"])
def test_an_export_is_known_by_its_header(case: dict[str, Any]) -> None:
    """`presets.matching` names the preset of every export that names itself by its columns."""
    lines = case["export"].splitlines()
    header = next(csv.reader([lines[case.get("header", 1) - 1]]))
    assert presets.matching(header) == (case["preset"] if case.get("known", True) else None)


@pytest.mark.parametrize("header", SPEC["ordinary"], ids=lambda header: header[:40])
def test_an_ordinary_sheet_is_no_products_export(header: str) -> None:
    """Columns that any firm's sheet may have name no product."""
    assert presets.matching(next(csv.reader([header]))) is None


@pytest.mark.skipif(not (SHARED / "data/samples").is_dir(), reason="the shared samples are not here")
def test_real_samples_are_known() -> None:
    """The real headers that are at hand belong to their product, and those of CRMs to none."""
    expected = {
        "forms/msforms-sample.csv": "microsoft_forms", "forms/typeform-header.csv": "typeform",
        "billing/shopify-customers.csv": "shopify_customers", "billing/stripe-customers-header.csv": "stripe_customers",
        "crm/hubspot-contacts.csv": None, "crm/salesforce-leads.csv": None,
    }  # fmt: skip
    for name, preset in expected.items():
        with (SHARED / "data/samples" / name).open(encoding="utf-8-sig", newline="") as file:
            assert presets.matching(next(csv.reader(file))) == preset, name


def test_a_preset_column_that_was_there_may_not_vanish(tmp_path: Path) -> None:
    """What a preset maps may be missing from the first export, but not once it was there."""
    (tmp_path / "export.csv").write_text("id,Description,Email,Name,tag (metadata)\ncus_1,,a@x.example,Ada Neri,vip\n")
    source = declared(preset="stripe_customers", location="export.csv")
    raw = sources.read("x", source, tmp_path).raw.drop_columns("Email")
    assert checks.columns(raw, source) == []
    assert "no column 'Email'" in str(checks.columns(raw, source, ["id", "Email", "Name"])[0])


def test_a_column_with_numbers_is_written_once() -> None:
    """`Phone {1-3} - Value` is three columns; other braces are left alone."""
    assert presets.numbered("Phone {1-3} - Value") == ["Phone 1 - Value", "Phone 2 - Value", "Phone 3 - Value"]
    assert presets.numbered("{field:name}") == ["{field:name}"]
    assert presets.numbered("Phone {3-1}") == ["Phone {3-1}"]


# --- a workspace's own ------------------------------------------------------------------------------------------


def _workspace(root: Path, preset: str) -> None:
    for folder in ("sources", "presets", "inbox"):
        (root / folder).mkdir()
    (root / "goldseam.yml").write_text("firm: X\n")
    (root / "presets/till.yml").write_text(preset)
    (root / "sources/shop.yml").write_text("preset: till\nlocation: inbox/*.csv\n")


def test_a_workspace_adds_a_preset_without_python(tmp_path: Path) -> None:
    """A file in `presets/` is a preset like any other: named by a source, known by its header."""
    _workspace(
        tmp_path,
        "about: Our till.\nkind: csv\nid: [Bon]\ncolumns: {Bon: ignore, Kunde: full_name, 'Tel {1-2}': phone}\n"
        "aliases: {Kunde: [Gast]}\nknown_by: [[Bon, Kunde]]\n",
    )
    (tmp_path / "inbox/a.csv").write_text("Bon,Gast,Tel 1\n7,Ada Neri,0301234\n")
    found, problems = workspace.look(tmp_path)
    assert problems == []
    raw = sources.read("shop", found.sources["shop"], tmp_path).raw
    assert raw.to_pylist()[0]["Kunde"] == "Ada Neri"
    assert found.sources["shop"].columns["Tel 2"] == "phone"
    assert presets.matching(["Bon", "Kunde", "Betrag"], found.own_presets) == "till"
    assert presets.matching(["Bon", "Kunde", "Betrag"]) is None


def test_a_mistake_in_a_preset_names_its_file_and_line(tmp_path: Path) -> None:
    """A wrong target or key of a workspace's preset is one problem at its own line, not one more in each source."""
    _workspace(tmp_path, "kind: csv\ncolumns:\n  Kunde: full_nam\nknown: yes\n")
    _, problems = workspace.look(tmp_path)
    assert {(p.file, p.line) for p in problems} == {("presets/till.yml", 3), ("presets/till.yml", 4)}


def test_aliases_stand_for_as_many_columns_as_their_own(tmp_path: Path) -> None:
    """`Phone {1-3}` cannot also be called `Tel`: the mistake names the line and what to write."""
    _workspace(tmp_path, 'kind: csv\ncolumns: {"Phone {1-3}": phone}\naliases:\n  Phone {1-3}: [Tel]\n')
    _, problems = workspace.look(tmp_path)
    assert [(p.line, "same {1-9}" in p.remedy) for p in problems] == [(4, True)]


def test_a_preset_maps_a_header_under_any_of_its_names() -> None:
    """What another export calls its columns is known to be mapped, and nothing else is."""
    settings = presets.apply({"preset": "quickbooks_customers"}, {}, "")
    found = presets.of_headers(settings, ["Customer", "Phone Numbers", "Tax"])
    assert found == {"Customer": "organisation_name", "Phone Numbers": "phone"}
