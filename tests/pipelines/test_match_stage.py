"""The match stage: features from standard tables, and what it writes."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow as pa

from connectors.store.runs import RunFolder
from connectors.workspace import look
from pipelines.context import Run
from pipelines.features import features
from pipelines.match import config_of, match
from rules.schema import Firm
from rules.vocabulary import ADDRESSES, CLUSTERS, DECISIONS, FEATURES, FLAGS, PAIRS, POINTS, RECORDS


def table(schema: pa.Schema, *rows: dict[str, object]) -> pa.Table:
    return pa.Table.from_pylist([{"source": "s", **r} for r in rows], schema=schema)


def records(*rows: dict[str, object]) -> pa.Table:
    return table(RECORDS, *rows)


PERSON = {"party_type": "person", "given_latin": "anna", "surname_latin": "rossi", "name_latin": "anna rossi"}


def test_features_of_a_record() -> None:
    """Names, ids with their scheme, typed phones and the first home address; faxes and empty numbers stay out."""
    got = features(
        records({"record_id": "1", **PERSON, "tax_id_scheme": "it.iva", "tax_id_norm": "007"}),
        table(
            POINTS,
            {"record_id": "1", "position": 1, "kind": "phone", "type": "mobile", "value": "x", "canonical": "+39347"},
            {"record_id": "1", "position": 0, "kind": "phone", "type": "other", "value": "(312) 373-3400"},
            {"record_id": "1", "position": 2, "kind": "phone", "type": "fax", "value": "y", "canonical": "+3902"},
            {"record_id": "1", "position": 3, "kind": "phone", "type": "other", "value": "ask"},
            {"record_id": "1", "position": 4, "kind": "email", "value": "A@B.it", "canonical": "a@b.it"},
        ),
        table(
            ADDRESSES,
            {"record_id": "1", "position": 0, "type": "delivery", "street_norm": "via lunga"},
            {"record_id": "1", "position": 1, "type": "home", "street_norm": "via roma", "house_norm": "5"},
        ),
    ).to_pylist()[0]
    assert (got["given_name"], got["surname"], got["tax_id"]) == ("anna", "rossi", "it.iva:007")
    assert (got["mobiles"], got["phones"], got["emails"]) == (["+39347"], ["3123733400"], ["a@b.it"])
    assert (got["street"], got["house_number"]) == ("via roma", "5")


def test_suspect_values_are_left_out() -> None:
    """Invented birth dates and numbers are no evidence."""
    got = features(
        records({"record_id": "1", **PERSON, "birth_date": "1980-01-01"}),
        table(POINTS, {"record_id": "1", "position": 0, "kind": "email", "value": "x", "canonical": "no@mail.com"}),
        ADDRESSES.empty_table(),
        table(
            FLAGS,
            {"record_id": "1", "table": "records", "field": "birth_date", "flag": "suspect", "rule": "heaping"},
            {"record_id": "1", "table": "points", "position": 0, "field": "canonical", "flag": "suspect", "rule": "x"},
        ),
    ).to_pylist()[0]
    assert got["birth_date"] is None
    assert not got["emails"]


def test_features_keep_their_schema() -> None:
    """Features of nothing have the agreed columns; text columns follow them."""
    empty = features(RECORDS.empty_table(), POINTS.empty_table(), ADDRESSES.empty_table())
    assert empty.schema.equals(FEATURES)
    more = records({"record_id": "1", **PERSON}).append_column("text.note", pa.array(["x"]))
    assert features(more, POINTS.empty_table(), ADDRESSES.empty_table())["text.note"].to_pylist() == ["x"]


@dataclass
class Store:
    """A state database in which nothing is written but these."""

    frozen: str | None = None

    def model(self) -> str | None:
        return self.frozen

    def decisions(self) -> pa.Table:
        return DECISIONS.empty_table()


class Bare:
    """A workspace without rules of its own."""

    firm = Firm()

    def rules_file(self, name: str) -> Path | None:  # noqa: ARG002 - the signature of Workspace
        return None


def a_run(root: Path, rows: pa.Table, store: Store) -> Run:
    folder = RunFolder.open(root, "r1")
    folder.write("validate", "records", rows, part="s")
    workspace: Any = Bare()
    return Run(workspace, folder, store, datetime(2026, 1, 1, tzinfo=UTC))


def test_stage_writes_pairs_labels_and_model(tmp_path: Path) -> None:
    """The stage writes its tables and the model, and a frozen model is used as it is."""
    rows = records(
        {"record_id": "1", **PERSON, "birth_date": "1980-02-03"},
        {"record_id": "2", **PERSON, "birth_date": "1980-02-03"},
        {"record_id": "3", "party_type": "organisation", "org_core": "acme"},
    )
    run = a_run(tmp_path, rows, Store())
    result = match(run)
    assert (result.rows_in, result.rows_out) == (3, 2)
    assert run.folder.read("match", "labels").schema.equals(CLUSTERS)
    assert run.folder.read("match", "pairs").schema.names[: len(PAIRS)] == PAIRS.names
    model = (run.folder.root / "match" / "model.json").read_text("utf-8")
    again = a_run(tmp_path / "later", rows, Store(model))
    match(again)
    assert (again.folder.root / "match" / "model.json").read_text("utf-8") == model


def test_own_numbers_are_left_out(tmp_path: Path) -> None:
    """The firm's own numbers and mail domains are no evidence, unless the matching file says otherwise."""
    (tmp_path / "goldseam.yml").write_text(
        "country: GR\nown_phones: [210 412 3456]\nown_domains: [firm.example]\n", "utf-8"
    )
    (tmp_path / "rules").mkdir()
    run: Any = SimpleNamespace(workspace=look(tmp_path)[0])
    assert config_of(run).leave_out == {
        "phones": ("+302104123456",), "mobiles": ("+302104123456",), "emails": ("@firm.example",),
    }  # fmt: skip
    (tmp_path / "rules/matching.yml").write_text("leave_out: {phones: ['+3021']}\n", "utf-8")
    assert config_of(run).leave_out["phones"] == ("+3021",)
