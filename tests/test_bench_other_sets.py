"""The generated sets of `tests/bench/sets`, households apart: what the benchmark may rely on."""

from collections import Counter
from datetime import date
from itertools import pairwise

import pyarrow.compute as pc
import pytest

from tests.bench.sets import GENERATORS, DataSet

ROWS = 400
SETS = (
    "names_and_dates", "four_columns", "name_and_place", "census", "heavy_errors", "multilingual", "organisations",
)  # fmt: skip


@pytest.fixture(scope="module", params=SETS)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def made(name: str) -> DataSet:
    return GENERATORS[name](ROWS, 7)


def sizes(made: DataSet) -> Counter[int]:
    return Counter(Counter(made.truth["entity_id"].to_pylist()).values())


def test_one_seed_makes_one_set(name: str, made: DataSet) -> None:
    """The same seed makes the same records and the same truth; another seed makes others."""
    again, other = GENERATORS[name](ROWS, 7), GENERATORS[name](ROWS, 8)
    assert again.records.equals(made.records)
    assert again.truth.equals(made.truth)
    assert not other.records.equals(made.records)


def test_as_many_records_as_asked(made: DataSet) -> None:
    """A set has the asked number of records, each once in the truth, and all columns are text."""
    assert made.records.num_rows == ROWS
    assert made.records["rec_id"].equals(made.truth["rec_id"])
    assert len(set(made.truth["rec_id"].to_pylist())) == ROWS
    assert {str(field.type) for field in made.records.schema} == {"string"}


def test_the_truth_is_not_in_the_records(made: DataSet) -> None:
    """No column names the entity, and records of one entity do not stand together."""
    assert "entity_id" not in made.records.column_names
    entities = made.truth["entity_id"].to_pylist()
    for column in made.records.column_names:
        assert not set(entities) & set(made.records[column].to_pylist())
    together = sum(a == b for a, b in pairwise(entities))
    assert together < ROWS * 0.1


def test_nothing_is_an_empty_text(made: DataSet) -> None:
    """What is missing is null, never an empty text."""
    assert all(not pc.any(pc.equal(column, "")).as_py() for column in made.records.columns)


def test_a_tenth_has_a_second_record() -> None:
    """Of names and dates one record in ten is a second one, and nobody has three."""
    assert sizes(GENERATORS["names_and_dates"](ROWS, 3)) == {1: 320, 2: 40}


def test_a_census_person_is_once_in_a_list() -> None:
    """Nobody stands twice in one list of the census, and most stand in both."""
    made = GENERATORS["census"](ROWS, 3)
    pairs = list(zip(made.truth["entity_id"].to_pylist(), made.records["list"].to_pylist(), strict=True))
    assert len(set(pairs)) == ROWS
    assert sizes(made)[2] > 0.3 * ROWS


def test_ten_records_a_person() -> None:
    """The set with heavy errors has clusters of one to twenty, ten on average, and many dates of the year only."""
    made = GENERATORS["heavy_errors"](4_000, 3)
    found = sizes(made)
    assert max(found) == 20
    assert 8 < made.records.num_rows / sum(found.values()) < 13
    days = [born for born in made.records["dob"].to_pylist() if born]
    assert 0.3 < sum(born.endswith("-01-01") for born in days) / len(days) < 0.6


def test_every_birth_date_is_a_date() -> None:
    """In four columns a spoiled birth date is still a date."""
    days = [day for day in GENERATORS["four_columns"](ROWS, 3).records["birth_date"].to_pylist() if day]
    assert all(date.fromisoformat(day) for day in days)


def test_one_person_in_two_scripts() -> None:
    """Some entities of the multilingual set have records in Greek or Cyrillic letters and others in Latin ones."""
    made = GENERATORS["multilingual"](ROWS, 3)
    scripts: dict[str, set[bool]] = {}
    for entity, name in zip(made.truth["entity_id"].to_pylist(), made.records["first_name"].to_pylist(), strict=True):
        scripts.setdefault(entity, set()).add(max(name) < "\u0370")
    assert sum(len(found) == 2 for found in scripts.values()) > 0.03 * ROWS


def test_a_tax_id_is_of_many_sites() -> None:
    """Sites of one firm are entities of their own and share its tax id."""
    made = GENERATORS["organisations"](2_000, 3)
    sites: dict[str, set[str]] = {}
    for entity, tax_id in zip(made.truth["entity_id"].to_pylist(), made.records["tax_id"].to_pylist(), strict=True):
        if tax_id:
            sites.setdefault(tax_id, set()).add(entity)
    assert sum(len(found) > 1 for found in sites.values()) > 20
