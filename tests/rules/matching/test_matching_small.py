"""Small tables: cases a steward can read, and random tables that must neither crash nor join strangers."""

from datetime import date
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from matching_people import features

from rules.matching import engine

CASES = yaml.safe_load((Path(__file__).parents[2] / "spec/matching/small.yml").read_text("utf-8"))


def groups(found: engine.Matched) -> set[frozenset[int]]:
    """Clusters as sets of row numbers."""
    out: dict[int, set[int]] = {}
    for row, cluster in zip(found.labels["record_id"].to_pylist(), found.labels["cluster_id"].to_pylist(), strict=True):
        out.setdefault(cluster, set()).add(int(row))
    return {frozenset(g) for g in out.values()}


@pytest.mark.parametrize("case", CASES, ids=lambda c: c["case"])
def test_case(case: dict[str, Any]) -> None:
    """Each table of the spec file falls into its customers, and its first two records stand as it says."""
    rows = case["records"]
    found = engine.match(features(rows, party=case.get("party", "person")))
    truth = {frozenset(i for i, r in enumerate(rows) if r["who"] == who) for who in {r["who"] for r in rows}}
    said = [found.explain(("s", "0"), ("s", str(i))).sentence for i in range(1, len(rows))]
    assert groups(found) == truth, said
    if "relation" in case:
        assert found.explain(("s", "0"), ("s", "1")).relation == case["relation"]


def test_a_couple_is_one_household() -> None:
    """Husband and wife of the first case are two customers of one household."""
    homes = engine.match(features(CASES[0]["records"])).labels["household"]
    assert homes.null_count == 0
    assert pc.count_distinct(homes).as_py() == 1


GIVEN, SURNAME = ["anna", "maria", "nikos", "petros", "eleni"], ["rossi", "markou", "dimas", "karras"]
PERSON = st.fixed_dictionaries({
    "given_name": st.sampled_from(GIVEN), "surname": st.sampled_from(SURNAME),
    "birth_date": st.dates(min_value=date(1940, 1, 1), max_value=date(2005, 1, 1)).map(str),
    "number": st.integers(0, 99_999_999), "domain": st.sampled_from(["a.example", "b.example"]),
    "house_number": st.sampled_from(["1", "2", "77"]), "copies": st.integers(1, 3), "style": st.booleans(),
})  # fmt: skip


def table(people: list[dict[str, Any]]) -> list[dict[str, str]]:
    rows = []
    for n, p in enumerate(people):
        local = f"{p['given_name']}.{p['surname']}{n}" if p["style"] else f"{p['number']:x}k{n}"
        row = {
            "given_name": p["given_name"], "surname": p["surname"], "birth_date": p["birth_date"], "who": str(n),
            "emails": f"{local}@{p['domain']}", "mobiles": f"+3069{p['number']:08d}", "street": "ermou",
            "house_number": p["house_number"], "city": "athina", "postcode": "10563",
        }  # fmt: skip
        rows += [row] * p["copies"]
    return rows[:60]


@settings(max_examples=12, deadline=None)
@given(st.lists(PERSON, min_size=1, max_size=25))
def test_random_tables(people: list[dict[str, Any]]) -> None:
    """Records that are equal are joined; others of which birth date, telephone and e-mail all differ never are."""
    rows = table(people)
    found = groups(engine.match(features(rows)))
    for g in found:
        held = [rows[i] for i in sorted(g)]
        for r in held[1:]:
            assert any(r[c] == held[0][c] for c in ("birth_date", "mobiles", "emails")), held
    assert all(any(i in g and i + 1 in g for g in found) for i in range(len(rows) - 1) if rows[i] == rows[i + 1])
