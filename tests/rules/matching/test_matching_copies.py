"""Rows that are equal in every column: one record typed several times."""

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from matching_people import features, people

from rules.matching import copies, engine
from rules.matching.encode import encode
from rules.matching.types import Pairs

HOME = {"street": "ermou", "house_number": "12", "postcode": "10563", "city": "athina"}
NAMES = (("anna", "rossi"), ("nikos", "markou"), ("eleni", "dimas"))
KNOWN: dict[str, list[dict[str, str]]] = {
    "birth dates": [{"birth_date": d} for d in ("1961-04-11", "1985-12-30", "1974-08-02")],
    "e-mail addresses": [{"emails": e} for e in ("k1@a.example", "q7@b.example", "z3@c.example")],
    "one address": [HOME, HOME, HOME],
}


def persons(known: str) -> list[dict[str, str]]:
    """Three persons of whom something is known besides the name."""
    return [{"given_name": g, "surname": s, **more, "who": g} for (g, s), more in zip(NAMES, KNOWN[known], strict=True)]


def clusters(found: engine.Matched, rows: list[dict[str, Any]]) -> list[set[str]]:
    """Who stands in each cluster."""
    out: dict[int, set[str]] = {}
    for i, label in zip(found.labels["record_id"].to_pylist(), found.labels["cluster_id"].to_pylist(), strict=True):
        out.setdefault(label, set()).add(rows[int(i)]["who"])
    return list(out.values())


@pytest.mark.parametrize("known", KNOWN)
@pytest.mark.parametrize("times", [3, 10, 200])
def test_copies_are_joined(known: str, times: int) -> None:
    """A file with each row three, ten and two hundred times holds three customers."""
    rows = [p for p in persons(known) for _ in range(times)]
    assert sorted(map(sorted, clusters(engine.match(features(rows)), rows))) == [["anna"], ["eleni"], ["nikos"]]


def test_a_table_of_equal_rows() -> None:
    """Six hundred rows that are all equal are one customer, with every pair listed and a note that says so."""
    rows = [persons("e-mail addresses")[0]] * 600
    found = engine.match(features(rows))
    assert len(set(found.labels["cluster_id"].to_pylist())) == 1
    assert len(found.pairs) == 600 * 599 // 2
    assert found.health["records"].to_pylist() == [600]
    assert any("equal in every column" in note for note in found.notes)


def test_copies_that_were_not_matched_can_be_explained() -> None:
    """Any two of two hundred copies are explained by their own keys, and the story of the cluster holds them all."""
    rows = [p for p in persons("one address") for _ in range(200)]
    found = engine.match(features(rows))
    left, right = ("s", "150"), ("s", "151")
    assert left in found.further
    told = found.explain(left, right)
    assert (told.left, told.right) == (left, right)
    assert "equal in every column" in told.rule
    assert len(found.story(left).records) == 200


def test_a_person_who_says_different_is_obeyed() -> None:
    """Two of many copies that a person told apart are two customers."""
    rows = [persons("e-mail addresses")[0]] * 50
    said = pa.table({
        "left_source": ["s"], "left_id": ["20"], "right_source": ["s"], "right_id": ["40"], "kind": ["different"],
    })  # fmt: skip
    found = engine.match(features(rows), constraints=said).labels.to_pylist()
    label = {r["record_id"]: r["cluster_id"] for r in found}
    assert label["20"] != label["40"]
    assert len(set(label.values())) == 2


def test_link_joins_no_two_of_one_source() -> None:
    """Where no two records of one source may be joined, copies in it stay apart."""
    rows = [persons("e-mail addresses")[0]] * 30
    found = engine.match(features(rows), link=True)
    assert len(set(found.labels["cluster_id"].to_pylist())) == 30


def test_a_name_and_a_birth_date_alone_are_not_sure() -> None:
    """Namesakes of one day exist: without anything more two equal records are weighed like any others."""
    rows = [p for known in ("birth dates", "one address") for p in persons(known)[:1] * 2]
    encoded = copies.numbered(encode(features(rows)))
    pairs = Pairs(np.array([0, 0, 2], np.int32), np.array([1, 2, 3], np.int32))
    assert copies.alike(pairs, encoded).tolist() == [True, False, True]
    assert copies.same(pairs, encoded).tolist() == [False, False, True]


def test_one_letter_makes_no_copy() -> None:
    """Records of a generated set are copies exactly where all their columns are equal."""
    table, _ = people(120, seed=5)
    encoded = copies.numbered(encode(table))
    rows = [{k: v for k, v in r.items() if k != "record_id"} for r in table.sort_by("record_id").to_pylist()]
    left, right = np.triu_indices(len(rows), 1)
    said = copies.alike(Pairs(left.astype(np.int32), right.astype(np.int32)), encoded)
    keys = np.array([repr(sorted((k, sorted(v) if isinstance(v, list) else v) for k, v in r.items())) for r in rows])
    assert (keys[left] == keys[right])[said].all()
    assert said.any()
