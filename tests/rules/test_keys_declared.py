"""Declared ids that were recycled or stand more than once: cases in tests/spec/keys."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules import keys, schema
from tests.rules.test_keys import table

SPEC = Path(__file__).parents[1] / "spec" / "keys"
RECYCLED = schema.load((SPEC / "recycled.yml").read_text("utf-8"), "recycled.yml")[0]
REPEATED = schema.load((SPEC / "repeated.yml").read_text("utf-8"), "repeated.yml")[0]
COLUMNS = {
    "name": "full_name", "given": "given_name", "surname": "surname", "firm": "organisation_name", "mail": "email",
    "phone": "phone.mobile", "born": "birth_date", "vat": "tax_id", "street": "address.street",
}  # fmt: skip
CASES = [(kind, case) for kind in ("same", "other") for case in RECYCLED[kind]]
Row = dict[str, str | None]


def sheet(row: Row, key: str = "17") -> pa.Table:
    """A sheet in which the id stands first among two that never change."""
    others: list[Row] = [{"id": "1", "name": "Bea Gatti", "mail": "b@x.example"}, {"id": "2", "firm": "Iris Ltd"}]
    return table([{"id": "17", **row}, *others], [key, "1", "2"])


@pytest.mark.parametrize(("kind", "case"), CASES, ids=[f"{k}: {c['why']}" for k, c in CASES])
def test_id_that_became_someone_else(kind: str, case: dict[str, Any]) -> None:
    """Tonight, and after a time away: `17@2` for someone else, and only then; the others keep their ids."""
    key = "17@2" if kind == "other" else "17"
    found = keys.recycled(sheet(case["before"]), sheet(case["now"]), COLUMNS, None)
    assert found.ids.to_pylist() == [key, "1", "2"]
    assert bool(found.notes) == (kind == "other")


@pytest.mark.parametrize("case", RECYCLED["other"], ids=lambda c: c["why"])
def test_id_that_was_away(case: dict[str, Any]) -> None:
    """An id that goes one night and comes back as someone else is a new record, though yesterday's rows know nothing
    of it; as who it was, it is the record it was."""
    with_it, without = sheet(case["before"]), sheet(case["before"]).slice(1)
    gone = keys.recycled(with_it, without, COLUMNS, None)
    back = keys.recycled(without, sheet(case["now"]), COLUMNS, gone.known)
    assert keys.recycled(without, with_it, COLUMNS, gone.known).ids[0].as_py() == "17"
    if case["before"].keys() & case["now"].keys() & {"born", "vat"}:
        return  # a part of the name is shared: by traces alone that is one person
    assert back.ids[0].as_py() == "17@2"
    assert not any(
        word in str(gone.known) for value in case["before"].values() for word in value.split() if len(word) > 5
    )


def test_a_shared_dummy_is_no_evidence() -> None:
    """A phone that half the sheet has (0000000000) does not make two people one."""
    others: list[Row] = [{"id": str(n), "name": f"Person {n}", "phone": "0000000000"} for n in range(5)]
    was: Row = {"id": "17", "name": "Anna Conti", "phone": "0000000000"}
    now: Row = {"id": "17", "name": "Otto Huber", "phone": "0000000000"}
    ids = ["17", *map(str, range(5))]
    found = keys.recycled(table([was, *others], ids), table([now, *others], ids), COLUMNS, None)
    assert found.ids[0].as_py() == "17@2"


def test_a_generation_stays_and_grows() -> None:
    """17, then 17@2 for as long as its owner stays, then 17@3."""
    owners = ["Anna Conti", "Otto Huber", "Otto Hubert", "Ayşe Yılmaz"]
    before, known, seen = None, None, []
    for owner in owners:
        now = sheet({"name": owner})
        found = keys.recycled(before, now, COLUMNS, known)
        seen.append(found.ids[0].as_py())
        before, known = now.set_column(0, "_record_id", found.ids), found.known
    assert seen == ["17", "17@2", "17@2", "17@3"]


def rows(cells: list[list[Any]]) -> list[Row]:
    return [dict(zip(("id", "name", "note"), map(str, row), strict=True)) for row in cells]


@pytest.mark.parametrize("case", REPEATED, ids=lambda c: c["why"])
def test_repeated_ids(case: dict[str, Any]) -> None:
    """Each row of a repeated id keeps its number, whatever the order of rows."""
    before, known = None, None
    if case["before"]:
        before = table(rows(list(case["before"].values())), list(case["before"]))
        known = keys.declared(before, ["id"]).known
    if "gone" in case:
        stay = {k: v for k, v in case["before"].items() if k not in case["gone"]}
        before = table(rows(list(stay.values())), list(stay))
        known = keys.declared(
            before, ["id"], table(rows(list(case["before"].values())), list(case["before"])), known
        ).known
    found = keys.declared(table(rows(list(case["now"].values()))), ["id"], before, known)
    assert found.ids.to_pylist() == list(case["now"])


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 30)), min_size=1, max_size=12, unique=True), st.randoms()
)
def test_order_of_rows_changes_no_number(found: list[tuple[str, int]], dice: Any) -> None:
    """Sorted in any way, with rows added and taken away, whoever is there keeps the key; none is there twice."""
    people = rows([[i, f"Person {n}", f"note {n}"] for i, n in found])
    first = keys.declared(table(people), ["id"])
    mine = dict(zip((str(p) for p in people), first.ids.to_pylist(), strict=True))
    previous = table(people, first.ids.to_pylist())
    later = dice.sample(people, dice.randrange(1, len(people) + 1)) + rows([["a", "New", "new"]])
    dice.shuffle(later)
    again = keys.declared(table(later), ["id"], previous, first.known)
    ids = again.ids.to_pylist()
    assert len(set(ids)) == len(ids)
    for person, key in zip(later, ids, strict=True):
        assert key == mine.get(str(person), key)
        assert str(person) in mine or "#" not in key or key not in mine.values()  # the bare id: `recycled` sees to it
