"""Encoding and blocking: codes, blocks, each pair once."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matching_people import features, people

from rules.matching import keys
from rules.matching.block import block, blocks, gather
from rules.matching.blocks import choose as blocking
from rules.matching.config import Matching, default_fields
from rules.matching.encode import encode
from rules.matching.shared import leave_out
from rules.vocabulary import PartyType

KEY = st.sampled_from(["a", "b", "c", None])
ROW = st.fixed_dictionaries({"surname": KEY, "city": KEY, "emails": st.sampled_from(["x", "y", "x,y", "y,z", None])})


@settings(max_examples=40, deadline=None)
@given(st.lists(ROW, min_size=0, max_size=12))
def test_blocking_is_agreement(rows: list[dict[str, str]]) -> None:
    """Blocking gives exactly the pairs that agree on a rule, each once; null never joins, lists meet by any value."""
    e = encode(features(rows))
    rules = (("emails",), ("surname", "city"))
    pairs = [p for b in block(e, [blocks(e, r, 300) for r in rules if all(keys.has(e, k) for k in r)]) for p in
             zip(b.left.tolist(), b.right.tolist(), strict=True)]  # fmt: skip
    order = [int(i) for i in e.ids.to_pylist()]

    def agree(a: dict[str, str], b: dict[str, str]) -> bool:
        shared = set((a["emails"] or "").split(",")) & set((b["emails"] or "").split(",")) - {""}
        return bool(shared) or (a["surname"] is not None and a["city"] is not None
                                and (a["surname"], a["city"]) == (b["surname"], b["city"]))  # fmt: skip

    expected = {
        (i, j) for i in range(len(rows)) for j in range(i + 1, len(rows)) if agree(rows[order[i]], rows[order[j]])
    }
    assert sorted(pairs) == sorted(expected)


def test_order_of_rows_changes_nothing() -> None:
    """Pairs name the same records whatever the order of the input."""
    table, _ = people(300, seed=3)
    rng = np.random.default_rng(0)
    found = []
    for t in (table, table.take(rng.permutation(len(table)))):
        e = encode(t)
        used, _ = blocking.choose(e, PartyType.PERSON, Matching())
        pairs = gather(block(e, used))
        found.append((e.ids.to_pylist(), pairs.left.tolist(), pairs.right.tolist()))
    assert found[0] == found[1]


def test_large_blocks_are_split_or_refused() -> None:
    """A block above the limit is split by the next field; what stays too large is refused, with its numbers."""
    rows = [{"surname": "lee", "birth_date": f"19{50 + i % 30}-01-01"} for i in range(90)]
    split = blocks(encode(features(rows)), ("surname",), 20)
    assert (split.split, split.refused, split.pairs) == (("birth_date",), 0, 90)
    same = blocks(encode(features([{"surname": "lee"}] * 90)), ("surname",), 20)
    assert (same.refused, same.refused_pairs, same.pairs) == (1, 90 * 89 // 2, 0)


def test_budget() -> None:
    """Rules are taken while their counted pairs fit the budget; every rule considered is told with its cost."""
    table, _ = people(400, seed=4)
    e = encode(table)
    used, considered = blocking.choose(e, PartyType.PERSON, Matching(pairs_per_record=2))
    assert sum(len(p) for p in block(e, used)) <= 3 * len(e)
    assert any(not c.used and "budget" in c.reason for c in considered)


def test_link_gives_pairs_across_sources_only() -> None:
    """With link no pair of one source is made."""
    rows = [{"surname": "lee", "source": s, "record_id": str(i)} for i, s in enumerate("aabb")]
    e = encode(features(rows))
    pairs = gather(block(e, [blocks(e, ("surname",), 300)], link=True))
    assert len(pairs) == 4
    assert (e.source_codes[pairs.left] != e.source_codes[pairs.right]).all()


@pytest.mark.parametrize(
    ("key", "text", "form"),
    [
        ("city.2", "athens", "at"), ("city.sound", "athina", "atn"), ("city.sorted", "los angeles", "angeles los"),
        ("city.first", "los angeles", "los"), ("birth_date.year", "1980-02-03", "1980"),
        ("emails.local", "ann.lee@mail.com", "ann.lee"), ("emails.domain", "ann@mail.com", "mail.com"),
    ],
)  # fmt: skip
def test_forms_of_keys(key: str, text: str, form: str) -> None:
    """A blocking key may be a form of a column."""
    column = keys.column(encode(features([{key.partition(".")[0]: text}])), key)
    assert column.values.to_pylist() == [form]


def test_a_domain_is_left_out() -> None:
    """`@domain` leaves out every address there, and no other."""
    e = encode(features([{"emails": "a@firm.example"}, {"emails": "b@firm.example,c@post.example"}]))
    fields = tuple(f for f in default_fields(PartyType.PERSON) if f.name == "emails")
    left, said = leave_out(e, fields, Matching(leave_out={"emails": ("@firm.example",)}))
    assert [left.columns["emails"].of(i) for i in range(2)] == [[], ["c@post.example"]]
    assert len(said) == 2
