"""Blocking that chooses itself: what is proposed, what it finds, what it costs, and the second round."""

import json
from dataclasses import replace

import numpy as np
import pytest
from matching_people import features, people

from rules.matching import engine, keys
from rules.matching.block import Blocks, block, new_pairs
from rules.matching.blocks import choose as blocking
from rules.matching.blocks import offered as block_keys
from rules.matching.blocks.second_round import second_round
from rules.matching.blocks.table import appraise
from rules.matching.config import Matching
from rules.matching.encode import Encoded, encode
from rules.matching.types import Pairs
from rules.vocabulary import PartyType

PERSON = PartyType.PERSON


@pytest.fixture(scope="module")
def crowd() -> tuple[Encoded, np.ndarray]:
    """Some 1,500 invented persons, and who each is."""
    table, truth = people(1_500, seed=11)
    order = [int(i) for i in encode(table).ids.to_pylist()]
    return encode(table), np.array(truth)[order]


def _recall(encoded: Encoded, used: list[Blocks], truth: np.ndarray) -> tuple[float, int]:
    """Share of the true pairs that are candidates, and the number of candidates."""
    size = np.bincount(truth)
    found = [(int((truth[p.left] == truth[p.right]).sum()), len(p)) for p in block(encoded, used)]
    return sum(f for f, _ in found) / int((size * (size - 1) // 2).sum()), sum(n for _, n in found)


def test_few_pairs_find_nearly_all(crowd: tuple[Encoded, np.ndarray]) -> None:
    """Without truth, rules are chosen that find 98 of 100 matches in a hundredth of the pairs, and say about so."""
    encoded, truth = crowd
    used, table = blocking.choose(encoded, PERSON, Matching())
    recall, pairs = _recall(encoded, used, truth)
    assert recall >= 0.98
    assert pairs < 0.01 * len(encoded) ** 2 / 2
    told = max(c.found for c in table if c.found is not None)
    assert abs(told - recall) < 0.05


def test_a_budget_is_kept(crowd: tuple[Encoded, np.ndarray]) -> None:
    """A smaller budget gives fewer pairs, and what is left out says why."""
    encoded, truth = crowd
    small, table = blocking.choose(encoded, PERSON, Matching(pairs_per_record=0.5))
    large, _ = blocking.choose(encoded, PERSON, Matching())
    assert _recall(encoded, small, truth)[1] < _recall(encoded, large, truth)[1]
    assert all(c.reason for c in table if not c.used)
    assert any("budget" in c.reason for c in table)


def test_the_order_of_rows_changes_no_rule() -> None:
    """The same records in another order give the same rules."""
    table, _ = people(300, seed=5)
    mixed = table.take(np.random.default_rng(3).permutation(len(table)))
    rules = [[b.rule for b in blocking.choose(encode(t), PERSON, Matching())[0]] for t in (table, mixed)]
    assert rules[0] == rules[1]


def test_columns_without_a_meaning_are_enough() -> None:
    """A table of unknown columns is blocked on combinations of them."""
    table, truth = people(600, seed=8)
    bare = features([{} for _ in range(len(table))])
    for name in ("given_name", "surname", "birth_date", "street"):
        bare = bare.append_column(f"text.{name}", table[name])
    encoded = encode(bare)
    used, _ = blocking.choose(encoded, PERSON, Matching())
    truth_of = np.array(truth)[[int(i) for i in encoded.ids.to_pylist()]]
    assert {keys.split(k)[0] for b in used for k in b.rule} <= {n for n in encoded.columns if n.startswith("text.")}
    assert _recall(encoded, used, truth_of)[0] >= 0.9


def test_few_records_are_all_compared() -> None:
    """In a table of a few records every pair is a candidate; where every value is missing none is."""
    rows = [{"given_name": n, "city": "bonn"} for n in ("anna", "bert", "carla", "dora")]
    used, table = blocking.choose(encode(features(rows)), PERSON, Matching())
    assert [c.text for c in table] == ["every record with every other"]
    assert sum(b.pairs for b in used) == 6
    assert blocking.choose(encode(features([{}] * 5)), PERSON, Matching()) == ([], [])


def test_a_placeholder_is_split() -> None:
    """One value in a tenth of the records does not spoil a rule: its block is split by another column, and told so."""
    table, _ = people(900, seed=2)
    dates = ["1900-01-01" if i % 10 == 0 else d for i, d in enumerate(table["birth_date"].to_pylist())]
    at = table.column_names.index("birth_date")
    table = table.set_column(at, table.schema.field(at), [dates])
    config = Matching(blocking=(("birth_date",),), largest_block=40)
    used, told = blocking.given(encode(table), config.blocking or (), config)
    assert used[0].split
    assert "split by" in told[0].reason
    assert used[0].largest <= 40


def test_rules_of_a_model_stay() -> None:
    """A frozen model is used with the rules it was fitted on, and saved with them."""
    table, _ = people(400, seed=6)
    first = engine.match(table)
    kept = json.loads(first.model)["models"]["person"]["blocking"]
    again = engine.match(table.slice(0, 350), model=first.model)
    rules = [list(c.rule) for p, c in again.blocking if p == "person" and c.rule != ("second round",)]
    assert kept == rules
    assert kept


@pytest.mark.parametrize(
    ("key", "text", "form"),
    [
        ("birth_date.month", "1980-02-03", "1980-02"), ("birth_date.day", "1980-02-03", "02-03"),
        ("birth_date.swap", "1980-12-03", "1980-03-12"), ("birth_date.swap", "1980", "1980"),
        ("city.-3", "athens", "ens"), ("organisation.rare", "bakery jones", "bakery"),
    ],
)  # fmt: skip
def test_more_forms(key: str, text: str, form: str) -> None:
    """Parts of dates, ends of words, the rarest word."""
    encoded = encode(features([{key.partition(".")[0]: text}]))
    assert keys.column(encoded, key).values.to_pylist() == [form]


def test_a_typing_error_is_met() -> None:
    """Two numbers one character apart share a key with one character left out; two apart do not."""
    encoded = encode(features([{"national_id": n} for n in ("12345678", "1234578", "12345687", "99945678")]))
    column = keys.column(encoded, "national_id.drop")
    own = [set(column.of(i)) for i in range(4)]
    assert own[0] & own[1]
    assert own[0] & own[2]
    assert not own[0] & own[3]


def test_keys_of_one_column_are_not_combined() -> None:
    """Forms of one column, and a name with its parts, say the same and are no rule together."""
    encoded = encode(people(200, seed=1)[0])
    offered = {k.name: k for k in block_keys.offered(encoded, PERSON)}
    assert offered["surname"].clashes(offered["surname.3"])
    assert offered["surname"].clashes(offered["name.sound"])
    assert not offered["surname"].clashes(offered["given_name"])


def test_new_pairs_add_up(crowd: tuple[Encoded, np.ndarray]) -> None:
    """The pairs that each rule adds are together the pairs of the join."""
    encoded, _ = crowd
    used, _ = blocking.choose(encoded, PERSON, Matching())
    assert sum(new_pairs(encoded, used)) == sum(len(p) for p in block(encoded, used))


def test_the_table_has_both_parties() -> None:
    """Persons and organisations are appraised apart, each with its totals."""
    rows = [{"given_name": "ann", "surname": "lee", "birth_date": "1980-02-03"}] * 2
    firms = [{"organisation": "acme", "city": "bonn", "party_type": "organisation"}] * 3
    table = features([{**r, "record_id": str(i)} for i, r in enumerate(rows + firms)])
    found = appraise(table, Matching())
    assert [(a.party, a.records, a.pairs) for a in found] == [("person", 2, 1), ("organisation", 3, 3)]


def test_second_round_mixes_a_cluster() -> None:
    """A record with the name of one member and the address of another is looked at; with link, not in one source."""
    rows = [
        {"given_name": "anna", "surname": "rossi", "postcode": "10115", "source": "a"},
        {"given_name": "anna", "surname": "bauer", "postcode": "20095", "source": "a"},
        {"given_name": "anna", "surname": "rossi", "postcode": "20095", "source": "a"},
        {"given_name": "carl", "surname": "weiss", "postcode": "99999", "source": "b"},
    ]
    encoded = encode(features([{**r, "record_id": str(i)} for i, r in enumerate(rows)]))
    first = Pairs(np.array([0], np.int32), np.array([1], np.int32))
    label = np.array([0, 0, 1, 2], np.int32)
    rules = [("surname", "postcode")]
    found = second_round(encoded, label, first, np.array([0.99]), rules, 10)
    assert list(zip(found.left.tolist(), found.right.tolist(), strict=True)) == [(0, 2), (1, 2)]
    assert len(second_round(encoded, label, first, np.array([0.99]), rules, 1)) == 0
    assert len(second_round(encoded, label, first, np.array([0.99]), rules, 10, link=True)) == 0


def test_second_round_looks_at_what_was_nearly_joined() -> None:
    """Where one pair of two clusters is doubtful, all their other pairs are compared as well, and none twice."""
    encoded = encode(features([{"surname": "lee", "record_id": str(i)} for i in range(4)]))
    first = Pairs(np.array([0, 1, 2], np.int32), np.array([1, 2, 3], np.int32))
    found = second_round(encoded, np.array([0, 0, 1, 1], np.int32), first, np.array([0.9, 0.3, 0.9]), [], 10)
    assert list(zip(found.left.tolist(), found.right.tolist(), strict=True)) == [(0, 2), (0, 3), (1, 3)]


def test_a_second_round_can_be_switched_off() -> None:
    """`second_round: 0` leaves it out; so do rules that a person wrote."""
    table, _ = people(400, seed=6)
    for config in (Matching(second_round=0), Matching(blocking=(("surname", "birth_date"), ("emails",)))):
        assert not any(c.rule == ("second round",) for _, c in engine.match(table, config=config).blocking)


def test_a_rule_within_another_is_spared() -> None:
    """A rule whose every pair another complete rule finds is told and not joined."""
    encoded = encode(people(300, seed=9)[0])
    made = [blocking.blocks(encoded, r, 300) for r in (("surname", "birth_date"), ("birth_date.swap",))]
    told = [blocking.Considered(b.rule, b.pairs, b.largest, 0, 0, True, "") for b in made]
    used, table = blocking._needed(made, told)
    assert [b.rule for b in used] == [("birth_date.swap",)]
    assert [c.used for c in table] == [True, False]
    split = [replace(made[1], split=("city",)), made[0]]
    assert len(blocking._needed(split, told)[0]) == 2
