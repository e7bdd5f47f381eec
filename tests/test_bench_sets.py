"""The generated persons with households hold what their description says, and keep the truth out of the records."""

from collections import Counter
from itertools import pairwise

import pytest

from tests.bench.sets import GENERATORS, DataSet
from tests.bench.sets.households import COLUMNS
from tests.bench.sets.households_written import MISSING, PLACEHOLDER

RECORDS = 3_000
Row = dict[str, str | None]


@pytest.fixture(scope="module")
def made() -> DataSet:
    return GENERATORS["households"](RECORDS, 1)


@pytest.fixture(scope="module")
def entities(made: DataSet) -> dict[str, list[Row]]:
    """The records of each entity."""
    found: dict[str, list[Row]] = {}
    for row, truth in zip(made.records.to_pylist(), made.truth.to_pylist(), strict=True):
        found.setdefault(truth["entity_id"], []).append(row)
    return found


def test_the_same_seed_makes_the_same_set(made: DataSet) -> None:
    """A figure can be measured again; another seed makes another set."""
    again, other = GENERATORS["households"](RECORDS, 1), GENERATORS["households"](RECORDS, 2)
    assert again.records.equals(made.records)
    assert again.truth.equals(made.truth)
    assert not other.records.equals(made.records)


def test_the_truth_is_not_in_the_records(made: DataSet) -> None:
    """Ids are numbered in the order of the rows, and neither order nor id brings the records of a person together."""
    assert made.records.column_names == ["rec_id", *COLUMNS]
    ids = made.records["rec_id"].to_pylist()
    assert ids == sorted(ids) == made.truth["rec_id"].to_pylist()
    entity = made.truth["entity_id"].to_pylist()
    assert sum(a == b for a, b in pairwise(entity)) <= 5
    shown = {value for column in made.records.columns for value in column.to_pylist()}
    assert not shown & set(entity)


def test_so_many_records_are_second_to_fifth_ones(entities: dict[str, list[Row]]) -> None:
    """29.5 in 100 records, and 0.45 true pairs a record."""
    sizes = [len(rows) for rows in entities.values()]
    assert sum(sizes) == RECORDS
    assert len(sizes) == round(0.7049 * RECORDS)
    assert set(sizes) == {1, 2, 3, 4, 5}
    assert sum(n * (n - 1) // 2 for n in sizes) == pytest.approx(0.4497 * RECORDS, rel=0.02)


def test_values_are_missing_and_invented_as_often_as_said(made: DataSet) -> None:
    """Each column lacks its share of values, and a few birth dates are 1900-01-01."""
    for column, share in MISSING.items():
        assert made.records[column].null_count / RECORDS == pytest.approx(share, abs=0.03)
    assert 0 < made.records["dob"].to_pylist().count("1900-01-01") < 3 * PLACEHOLDER * RECORDS


def test_people_live_together(entities: dict[str, list[Row]]) -> None:
    """Many share surname and postcode with another person: about 0.36 such pairs of records a record, few by chance."""
    homes = Counter(
        (row["surname"], row["postcode"], name)
        for name, rows in entities.items()
        for row in rows
        if row["surname"] and row["postcode"]
    )
    records, squares = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    for (surname, postcode, _), number in homes.items():
        records[surname, postcode] += number
        squares[surname, postcode] += number**2
    together = sum(records[home] ** 2 - squares[home] for home in records) // 2
    assert together / RECORDS == pytest.approx(0.36, abs=0.08)


def test_later_records_differ(entities: dict[str, list[Row]]) -> None:
    """Two records of one person agree on a birth date in three of four cases, on a surname in about as many."""
    pairs = [(a, b) for rows in entities.values() for a, b in pairwise(rows)]
    for column in ("surname", "dob"):
        known = [(a[column], b[column]) for a, b in pairs if a[column] and b[column]]
        assert 0.6 < sum(a == b for a, b in known) / len(known) < 0.9
