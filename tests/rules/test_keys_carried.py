"""Carried keys case by case (tests/spec/keys/carried.yml), over nights, and at scale."""

import time
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from rules import keys, schema
from tests.rules.test_keys import table

SPEC = Path(__file__).parents[1] / "spec" / "keys" / "carried.yml"
CASES = schema.load(SPEC.read_text("utf-8"), "carried.yml")[0]
COLUMNS = {"name": "full_name", "phone": "phone", "note": "note"}
Row = dict[str, str | None]


def sheet(lines: list[str], ids: list[str] | None = None) -> pa.Table:
    cells = [[c.strip() or None for c in line.split("|")] for line in lines]
    return table([dict(zip(("name", "phone", "note"), row, strict=True)) for row in cells], ids)


@pytest.mark.parametrize("case", CASES, ids=lambda c: c["why"])
def test_carried_key(case: dict[str, Any]) -> None:
    """Each row of today has the key it should have, and each doubt is in review with the records it may be."""
    before = sheet(case["before"], [str(n) for n in range(1, len(case["before"]) + 1)])
    keyed = keys.carry(before, sheet(list(case["now"])), columns=COLUMNS)
    assert keyed.doubts is not None
    perhaps: dict[str, list[str]] = {}
    for doubt in keyed.doubts.to_pylist():
        perhaps.setdefault(doubt["record_id"], []).append(f"perhaps {doubt['earlier']}")
    found = [
        ", ".join(["new", *sorted(perhaps.get(key, ()))]) if key.startswith("k") else key
        for key in keyed.ids.to_pylist()
    ]
    assert found == [str(wanted) for wanted in case["now"].values()]
    assert bool(keyed.notes) == bool(perhaps)


def test_a_doubt_stands_until_its_record_is_gone_or_back() -> None:
    """Yesterday's doubts and today's are asked together, each once; not when the earlier record came back."""
    doubt = {"record_id": "k3", "earlier": "k1", "likeness": 0.7}
    before = pa.Table.from_pylist([doubt, {**doubt, "record_id": "k9"}], keys.KEY_DOUBTS)
    fresh = pa.Table.from_pylist([doubt, {**doubt, "earlier": "k2"}], keys.KEY_DOUBTS)
    assert keys.still_open(before, fresh, pa.array(["k3", "k2"])).to_pylist() == [doubt]
    assert len(keys.still_open(before, None, pa.array(["k1", "k3", "k9"]))) == 0
    assert len(keys.still_open(None, None, pa.array(["k1"]))) == 0


def test_a_row_comes_back_under_other_headers() -> None:
    """A row that was deleted is known again though the columns were renamed meanwhile, and one was added."""
    first = table(
        [{"name": "Anna Conti", "phone": "691"}, {"name": "Bea Gatti", "phone": "692"}], ["k000001", "k000002"]
    )
    later = keys.carry(first, first.slice(1), columns=COLUMNS)
    renamed: list[Row] = [
        {"Client": "Bea Gatti", "phone": "692"},
        {"Client": "Anna Conti", "phone": "691", "seen": "x"},
    ]
    back = keys.carry(first.slice(1), table(renamed), later.known, columns={"Client": "full_name", "phone": "phone"})
    assert back.ids.to_pylist() == ["k000002", "k000001"]


def test_two_columns_of_names_know_a_marriage() -> None:
    """With given name and surname apart, another surname is a marriage, another given name is another person."""
    columns = {"given": "given_name", "surname": "surname", "phone": "phone"}
    before = table([{"given": "Anna", "surname": "Conti", "phone": "6911111111"}], ["1"])
    for given, surname, key in (("Anna", "Huber", "1"), ("Otto", "Conti", "k000001")):
        row: Row = {"given": given, "surname": surname, "phone": "6911111111"}
        assert keys.carry(before, table([row]), columns=columns).ids.to_pylist() == [key]


def big(rows: int) -> dict[str, Any]:
    dice = np.random.default_rng(1)
    given, surname, phone = (dice.integers(0, most, rows).astype(str) for most in (300, 5000, 10**8))
    name = np.char.add(np.char.add("Given", given), np.char.add(" Surname", surname))
    return {
        "name": name,
        "phone": np.char.add("69", phone),
        "note": np.array(["boat", "call"])[dice.integers(0, 2, rows)],
    }


def raw(columns: dict[str, Any], ids: pa.Array | None = None) -> pa.Table:
    size = len(columns["name"])
    empty = pa.nulls(size, pa.string())
    made = pa.table({
        "_record_id": empty if ids is None else ids, "_file": pa.repeat("f", size), "_sheet": empty,
        "_line": pa.array(range(2, size + 2)), "_hash": empty,
        **{name: pa.array([str(v) for v in values], pa.string()) for name, values in columns.items()},
    })  # fmt: skip
    return made.set_column(4, "_hash", keys.content_hash(made))


def seconds(before: pa.Table, now: pa.Table) -> tuple[float, keys.Keyed]:
    began = time.process_time()
    keyed = keys.carry(before, now, columns=COLUMNS)
    return time.process_time() - began, keyed


@pytest.mark.soak
def test_a_large_sheet() -> None:
    """100,000 rows sorted anew, 5,000 of them edited: under 5 CPU seconds, nearly all keep their keys."""
    size, dice = 100_000, np.random.default_rng(2)
    people = big(size)
    ids = pa.array([f"k{n:06d}" for n in range(size)])
    changed, order = dice.choice(size, 5_000, replace=False), dice.permutation(size)
    edited = {k: v.astype(object) for k, v in people.items()}
    for n in changed[:2_500]:
        edited["name"][n] = edited["name"][n][:3] + "x" + edited["name"][n][4:]
    for n in changed[2_500:]:
        edited["phone"][n] = f"68{n:08d}"
    used, keyed = seconds(raw(people, ids), raw({k: v[order] for k, v in edited.items()}))
    right = (np.array(keyed.ids.to_pylist()) == np.array(ids.to_pylist())[order]).sum()
    assert right >= size - 500, right
    assert used < 5


def test_nothing_is_quadratic() -> None:
    """20,000 equal rows, one name for all, or all rows changed: a few CPU seconds at most."""
    size = 10_000
    ids = pa.array([f"k{n:06d}" for n in range(size)])
    people = big(size)
    equal = {name: values[:1].repeat(size) for name, values in people.items()}
    one_name = {**people, "name": equal["name"]}
    numbers = np.arange(size).astype(str)
    for before, now in (
        (equal, {**equal, "phone": equal["name"]}),
        (equal, {**equal, "phone": np.char.add("68", numbers)}),
        (one_name, {**one_name, "phone": np.char.add("x", numbers), "note": np.char.add("y", numbers)}),
        (people, {**people, "note": np.char.add("y", numbers)}),
    ):
        used, keyed = seconds(raw(before, ids), raw(now))
        assert used < 3
        assert len(set(keyed.ids.to_pylist())) == size
