"""Why: weights that add up field by field, and how a cluster came about."""

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matching_people import features, people

from rules.matching import attribution, engine, story
from rules.matching.types import Bools, Floats
from rules.vocabulary import DECISIONS


@pytest.fixture(scope="module")
def matched() -> engine.Matched:
    return engine.match(people(500, seed=21)[0])


def keys(row: dict[str, str]) -> tuple[tuple[str, str], tuple[str, str]]:
    return (row["left_source"], row["left_id"]), (row["right_source"], row["right_id"])


def test_bits_add_up_exactly(matched: engine.Matched) -> None:
    """The start, the fields, what was learned and what a rule takes away give the weight of the pair."""
    rows = matched.pairs.sort_by("match_weight").to_pylist()
    for row in rows[:: max(1, len(rows) // 12)]:
        said = matched.explain(*keys(row))
        parts = said.prior + sum(f.weight for f in said.fields) + said.learned + said.ruled
        assert parts == pytest.approx(row["match_weight"])
        assert bool(said.rule) == bool(said.ruled)
        assert all(f.weight == 0 for f in said.fields if f.level == "missing")


def test_the_start_is_that_of_all_pairs_with_these_fields(matched: engine.Matched) -> None:
    """Two pairs in which the same fields are known start from the same odds, whatever agrees in them."""
    table = matched.pairs
    known = [c for c in table.column_names if c.startswith("level_")]
    of: dict[tuple[bool, ...], list[dict[str, str]]] = {}
    for row in table.sort_by("match_weight").to_pylist():
        of.setdefault(tuple(row[c] >= 0 for c in known), []).append(row)
    some = max((rows for fields, rows in of.items() if not all(fields)), key=len)
    starts = [matched.explain(*keys(row)).prior for row in some[:: max(1, len(some) // 8)]]
    assert starts == pytest.approx([starts[0]] * len(starts))
    assert starts[0] < 0  # most pairs are of two customers


def game(worth: Floats) -> attribution.Value:
    """A game whose coalitions have the given worths."""

    def value(chosen: Bools) -> Floats:
        return np.asarray(worth[(chosen * (1 << np.arange(chosen.shape[1]))).sum(1)])

    return value


@settings(max_examples=30, deadline=None, derandomize=True)
@given(st.lists(st.floats(-20, 20), min_size=16, max_size=16))
def test_shares_are_fair(worth: list[float]) -> None:
    """Parts add up to the whole; sampled orders add up too; players that are alike get alike, idle ones nothing."""
    w = np.array(worth)
    exact, some = attribution.exactly(4, game(w)), attribution.sampled(4, game(w))
    assert exact.sum() == pytest.approx(w[15] - w[0])
    assert some.sum() == pytest.approx(w[15] - w[0])
    size = np.array([bin(i).count("1") for i in range(16)])
    assert attribution.exactly(4, game(w[size])).tolist() == pytest.approx([(w[4] - w[0]) / 4] * 4)
    without_first = w[np.arange(16) & ~1]
    assert attribution.exactly(4, game(without_first))[0] == pytest.approx(0)


def test_many_fields_are_attributed_by_samples(matched: engine.Matched, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there are too many fields for all their subsets, parts still add up and stay near the exact ones."""
    row = matched.pairs.sort_by([("match_weight", "descending")]).slice(0, 1).to_pylist()[0]
    exact = matched.explain(*keys(row))
    monkeypatch.setattr(attribution, "EXACT", 1)
    some = matched.explain(*keys(row))
    assert some.prior + sum(f.weight for f in some.fields) == pytest.approx(some.weight)
    assert [f.weight for f in some.fields] == pytest.approx([f.weight for f in exact.fields], abs=0.8)


def test_story_of_a_cluster(matched: engine.Matched) -> None:
    """A cluster is told from single records to the whole, join by join, and the cut gives two parts of it."""
    row = matched.health.sort_by([("records", "descending")]).slice(0, 1).to_pylist()[0]
    said = matched.story((row["weakest_left_source"], row["weakest_left_id"]))
    assert len(said.records) == row["records"]
    groups = {frozenset([key]) for key in said.records}
    for join in said.joins:
        assert {frozenset(join.left), frozenset(join.right)} <= groups
        assert {join.link.left, join.link.right} <= {*join.left, *join.right}
        groups = (groups - {frozenset(join.left), frozenset(join.right)}) | {frozenset((*join.left, *join.right))}
    assert groups == {frozenset(said.records)}
    assert sorted((*said.parts[0], *said.parts[1])) == sorted(said.records)
    assert said.weakest is not None
    assert said.weakest.weight == pytest.approx(row["weakest_weight"])
    assert said.health == row["health"]


def test_some_records_told_as_if_they_were_one_customer(matched: engine.Matched) -> None:
    """Of a whole cluster the story is its own, without joins; of two customers it names what speaks against them."""
    row = matched.health.sort_by([("records", "descending")]).slice(0, 1).to_pylist()[0]
    group = next(g for g in matched.groups.values() if g.row((row["weakest_left_source"], row["weakest_left_id"])))
    said = matched.story((row["weakest_left_source"], row["weakest_left_id"]))
    rows = np.array(sorted(r for key in said.records if (r := group.row(key)) is not None), np.int32)
    assert story.together(group, rows) == replace(said, joins=())
    strangers = np.flatnonzero(group.clusters.label != group.clusters.label[rows[0]])[:1].astype(np.int32)
    both = story.together(group, np.concatenate([rows, strangers]))
    assert both.against > 0
    assert len(both.parts[0]) == 1
    assert both.health < said.health


def test_tables_of_health_name_the_pairs(matched: engine.Matched) -> None:
    """Every cluster of two and more has a row; a contrary pair is in one cluster and weighs less than nothing."""
    size = matched.labels["cluster_id"].value_counts().to_pylist()
    assert matched.health["cluster_id"].to_pylist() == sorted(s["values"] for s in size if s["counts"] > 1)
    of = {(r["source"], r["record_id"]): r["cluster_id"] for r in matched.labels.to_pylist()}
    for r in matched.contrary.to_pylist():
        left, right = keys(r)
        assert of[left] == of[right] == r["cluster_id"]
        assert r["match_weight"] < 0
        assert matched.explain(left, right).weight == pytest.approx(r["match_weight"])


def test_a_decision_is_told_as_one() -> None:
    """Two strangers whom a person joined are told so, and the pair is not contrary."""
    rows = [{"given_name": "ann", "surname": "lee"}, {"given_name": "zoe", "surname": "quist"}, {"surname": "orr"}]
    said = {"seq": 1, "kind": "same", "left_source": "s", "left_id": "0", "right_source": "s", "right_id": "1"}
    found = engine.match(features(rows), constraints=pa.Table.from_pylist([said], schema=DECISIONS))
    told = found.story(("s", "1"))
    assert [(j.left, j.right, j.link.confirmed) for j in told.joins] == [((("s", "0"),), (("s", "1"),), True)]
    assert (told.against, told.contrary, len(found.contrary)) == (0, (), 0)
    assert found.story(("s", "2")).records == (("s", "2"),)
    with pytest.raises(KeyError, match="no record"):
        found.story(("s", "nobody"))


def test_a_veto_is_told_as_a_rule() -> None:
    """Two tax ids of one scheme: the fields say what they say, and the rule takes the rest."""
    row = {"given_name": "anna", "surname": "rossi", "birth_date": "1980-02-03", "emails": "anna@rossi.it"}
    ids = ("it.iva:00743110157", "it.iva:00400770939")
    found = engine.match(features([{**row, "tax_id": i} for i in ids]))
    said = found.explain(("s", "0"), ("s", "1"))
    assert "tax ids" in said.rule
    assert said.ruled < -900
    assert sum(f.weight for f in said.fields) > 0
    assert replace(said, ruled=0.0).prior == said.prior
