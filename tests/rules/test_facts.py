"""Facts read off the rows of a source, and whose they are."""

import json

import pyarrow as pa
import pytest

from rules import facts
from rules.schema import Source
from rules.vocabulary import FACTS

ROW = {
    "_record_id": "T1",
    "_file": "t.csv",
    "_sheet": None,
    "_line": 2,
    "_hash": "h",
    "no": "T1",
    "who": "C9",
    "name": "Anna",
    "what": "leak",
}


def raw(*rows: dict[str, object]) -> pa.Table:
    return pa.Table.from_pylist([{**ROW, **row} for row in rows])


def source(**settings: object) -> Source:
    return Source.model_validate({"kind": "csv", "location": "t.csv", "yields": "fact", "fact": "ticket", **settings})


@pytest.mark.parametrize(
    ("settings", "row", "customer"),
    [
        ({"columns": {"who": "customer_id"}, "customers": "crm"}, {}, ("crm", "C9")),
        ({"columns": {"who": "customer_id", "name": "full_name"}, "customers": "crm"}, {}, ("crm", "C9")),
        (
            {"columns": {"who": "customer_id", "name": "full_name"}, "customers": "crm"},
            {"who": None},
            ("tickets", "T1"),
        ),
        ({"columns": {"name": "full_name"}}, {}, ("tickets", "T1")),
        ({"columns": {"no": "number"}}, {}, (None, None)),
    ],
)
def test_whose_fact_it_is(settings: dict[str, object], row: dict[str, object], customer: tuple[str, str]) -> None:
    """The named record of the source `customers`, else the row itself where it is a customer, else nobody's."""
    found = facts.facts(raw(row), "tickets", source(**settings))
    assert found.schema == FACTS
    (fact,) = found.to_pylist()
    assert (fact["customer_source"], fact["customer_id"]) == customer


def test_payload_is_the_rest() -> None:
    """Cells that fill no column of the fact are its payload; the kind is the source's where no column says it."""
    (fact,) = facts.facts(raw({}), "tickets", source(columns={"no": "number"})).to_pylist()
    assert (fact["number"], fact["kind"], fact["line"]) == ("T1", "ticket", 2)
    assert json.loads(fact["payload"]) == {"who": "C9", "name": "Anna", "what": "leak"}


def test_fold_makes_one_fact_of_its_lines() -> None:
    """Rows of one id become the first of them, and the others its lines; rows without id stay apart."""
    table = raw({"what": "a"}, {"what": "b", "name": None}, {"no": "T2", "what": "c"}, {"no": None}, {"no": None})
    folded = facts.fold(table, ["no"]).to_pylist()
    assert [row["no"] for row in folded] == ["T1", "T2", None, None]
    assert json.loads(folded[0]["lines"]) == [{"who": "C9", "what": "b"}]
    assert folded[1]["lines"] is None
