"""A night on which some records changed ends as if all had been matched again."""

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from matching_people import people

from rules.matching import engine
from rules.matching.again import night
from rules.matching.config import Matching
from rules.vocabulary import DECISIONS, FEATURES, KEY

ENDS = ("left_source", "left_id", "right_source", "right_id")


WORDS = [a + b for a in ("nord", "sud", "alpha", "metro", "euro", "agri", "tele", "bio") for b in ("tex", "med", "lux")]
TRADES = ("bakery", "transport", "holding", "consulting", "foods", "electric", "hotel", "restaurant", "pharmacy")


def firms(records: int, seed: int) -> pa.Table:
    """Invented firms and their branches, some written twice."""
    rng, rows = np.random.default_rng(seed), []
    while len(rows) < records:
        name = f"{rng.choice(WORDS)} {rng.choice(WORDS)} {rng.choice(TRADES)}"
        street = f"{rng.choice(WORDS)}weg"
        for _ in range(int(rng.integers(1, 4))):
            row = {
                "organisation": name if rng.random() < 0.7 else name.rsplit(" ", 1)[0], "street": street,
                "house_number": str(rng.integers(1, 90)), "city": f"{rng.choice(WORDS)}ville",
                "phones": f"+44{rng.integers(2_000_000_000, 2_999_999_999)}",
            }  # fmt: skip
            rows += [row] * int(rng.integers(1, 3))
    table = [{"source": "f", "record_id": f"{seed}-{i}", "party_type": "organisation", **r} for i, r in enumerate(rows)]
    lists = [{**r, "phones": [r["phones"]] if rng.random() < 0.8 else []} for r in table[:records]]
    return pa.Table.from_pylist(lists, schema=FEATURES)


@pytest.fixture(scope="module")
def crowd() -> pa.Table:
    return pa.concat_tables([people(2500, seed=5)[0].cast(FEATURES), firms(1500, seed=1)])


@pytest.fixture(scope="module")
def first(crowd: pa.Table) -> engine.Matched:
    found = engine.match(crowd)
    assert not any(model.described for model in found.models.values()), "nothing was learned"
    return found


def change(table: pa.Table, rng: np.random.Generator, many: int, other: pa.Table) -> pa.Table:
    """Some records get values of other records, some go, some come (of `other`), some are copied."""
    rows = rng.permutation(len(table))
    for name, at in (
        ("phones", 0),
        ("street", 1),
        ("surname", 2),
        ("emails", 3),
        ("birth_date", 4),
        ("organisation", 5),
    ):
        into, of = rows[at * many : (at + 1) * many], rng.integers(0, len(table), many)
        values = table[name].combine_chunks().to_pylist()
        for i, j in zip(into.tolist(), of.tolist(), strict=True):
            values[i] = values[j]
        table = table.set_column(table.column_names.index(name), name, pa.array(values, table.schema.field(name).type))
    gone = rows[-many:]
    copies = table.take(pa.array(rows[:many]))
    ids = pa.array([f"copy{rng.integers(10**9)}-{i}" for i in range(many)])
    copies = copies.set_column(copies.column_names.index("record_id"), "record_id", ids)
    new = other.take(pa.array(rng.integers(0, len(other), many)))
    ids = pa.array([f"new{rng.integers(10**9)}-{i}" for i in range(many)])
    new = new.set_column(new.column_names.index("record_id"), "record_id", ids)
    left = table.filter(pa.array(~np.isin(np.arange(len(table)), gone)))
    return pa.concat_tables([left, copies.cast(left.schema), new.cast(left.schema)])


def keys(table: pa.Table) -> pa.Array:
    return pc.binary_join_element_wise(table["source"], table["record_id"], "\x1f").combine_chunks()


def differing(was: pa.Table, now: pa.Table) -> pa.Table:
    """Keys of the records that are new, gone or other."""
    rows = [{tuple(r[k] for k in ("source", "record_id")): r for r in t.to_pylist()} for t in (was, now)]
    found = [k for k in rows[0].keys() | rows[1].keys() if rows[0].get(k) != rows[1].get(k)]
    return pa.table([[k[0] for k in found], [k[1] for k in found]], schema=pa.schema(KEY))


def decided(table: pa.Table, rng: np.random.Generator, many: int) -> pa.Table:
    """Decisions on records at random."""
    rows = []
    for _ in range(many):
        a, b = (table.slice(int(i), 1).to_pylist()[0] for i in rng.choice(len(table), 2, replace=False))
        kind = str(rng.choice(["same", "different"]))
        rows.append(
            {"kind": kind, **dict(zip(ENDS, (a["source"], a["record_id"], b["source"], b["record_id"]), strict=True))}
        )
    return pa.Table.from_pylist(rows, schema=DECISIONS)


def pairs_of(table: pa.Table) -> dict[tuple[str, ...], tuple[float, str]]:
    columns = [table[c].to_pylist() for c in (*ENDS, "match_weight", "relation")]
    return {tuple(r[:4]): (round(r[4], 9), r[5]) for r in zip(*columns, strict=True)}


def groups(labels: pa.Table, column: str) -> set[frozenset[tuple[str, str]]]:
    found: dict[object, set[tuple[str, str]]] = {}
    for row in labels.to_pylist():
        if row[column] is not None:
            found.setdefault(row[column], set()).add((row["source"], row["record_id"]))
    return set(map(frozenset, found.values()))


def told(table: pa.Table) -> list[str]:
    """Rows without the numbers of clusters."""
    rows = [{k: round(v, 6) if isinstance(v, float) else v for k, v in r.items()} for r in table.to_pylist()]
    return sorted(str({k: v for k, v in r.items() if k != "cluster_id"}) for r in rows)


def earlier(found: engine.Matched, decisions: pa.Table) -> night.Earlier:
    """What a run found, for a night on which no record changed."""
    rows = found.rows()
    assert rows is not None
    return night.Earlier(
        rows, found.links(), found.left_out_table(), found.health, found.contrary, decisions,
        FEATURES.empty_table(), found.forms(),
    )  # fmt: skip


def some(table: pa.Table, wanted: pa.Table) -> pa.Table:
    """The rows of some keys."""
    return table.filter(pc.is_in(keys(table), value_set=keys(wanted)))


@pytest.mark.parametrize("seed", [0, *(pytest.param(n, marks=pytest.mark.soak) for n in range(1, 8))])
@pytest.mark.parametrize("config", [Matching(), Matching(largest_block=12)], ids=["usual", "small-blocks"])
def test_a_night_ends_as_if_all_had_been_matched_again(
    crowd: pa.Table, first: engine.Matched, seed: int, config: Matching
) -> None:
    """Over two nights of changes and decisions: the same pairs and weights, clusters, households and health."""
    rng, more = (
        np.random.default_rng(seed),
        pa.concat_tables([people(300, seed + 50)[0].cast(FEATURES), firms(200, seed + 50)]),
    )
    counted = first.frequencies
    none = DECISIONS.empty_table()
    was, said = crowd, none
    begin = engine.match(crowd, config=config, model=first.model, frequencies=counted)
    then, labels, known = earlier(begin, none), begin.labels, pairs_of(begin.pairs)
    for _ in range(2):
        now = change(was, rng, 12, more)
        decisions = decided(now, rng, 4) if rng.random() < 0.7 else said
        whole = engine.match(now, config=config, model=first.model, frequencies=counted, constraints=decisions)
        changed = differing(was, now)
        found = night.rematch(
            now, changed, replace(then, features=some(was, changed)), config=config, model=first.model,
            frequencies=counted, constraints=decisions, progress=engine.quiet,
        )  # fmt: skip
        assert found is not None
        for ends in zip(*(found.gone[c].to_pylist() for c in ENDS), strict=True):
            del known[ends]
        fresh = pairs_of(found.pairs)
        assert not fresh.keys() & known.keys()
        known |= fresh
        assert known == pairs_of(whole.pairs)
        for column in ("cluster_id", "household"):
            assert groups(found.labels, column) == groups(whole.labels, column), column
        assert told(found.health) == told(whole.health)
        assert told(found.contrary) == told(whole.contrary)
        assert found.left_out.equals(whole.left_out_table())
        assert found.blocking.equals(whole.blocking_table())
        assert len(found.pairs) < 0.6 * len(whole.pairs), "nearly all was scored again"
        assert moved_are_told(labels, found)
        labels = found.labels
        was, said = now, decisions
        then = night.Earlier(
            found.rows, found.links, found.left_out, found.health, found.contrary, decisions, was, then.forms
        )


def test_a_record_that_people_call_a_firm_takes_its_values_along(crowd: pa.Table, first: engine.Matched) -> None:
    """Of three persons of one number one is joined with two firms: two persons have the number, and weigh like that."""
    persons, offices = crowd.slice(0, 600), crowd.slice(len(crowd) - 100)
    number = pa.array([["+302109999999"]] * 3, FEATURES.field("phones").type)
    phones = pa.chunked_array([number, *persons["phones"][3:].chunks])
    persons = persons.set_column(persons.column_names.index("phones"), "phones", phones)
    now = pa.concat_tables([persons, offices])
    person, *firms_two = (row for at in (2, 600, 601) for row in now.slice(at, 1).to_pylist())
    said = [(person, firms_two[0]), tuple(firms_two)]
    rows = [(a["source"], a["record_id"], b["source"], b["record_id"]) for a, b in said]
    decisions = pa.Table.from_pylist([{"kind": "same", **dict(zip(ENDS, r, strict=True))} for r in rows], DECISIONS)

    def matched(constraints: pa.Table | None) -> engine.Matched:
        return engine.match(now, model=first.model, frequencies=first.frequencies, constraints=constraints)

    begin, whole = matched(None), matched(decisions)
    found = night.rematch(
        now, pa.schema(KEY).empty_table(), earlier(begin, DECISIONS.empty_table()), config=Matching(),
        model=first.model, frequencies=first.frequencies, constraints=decisions, progress=engine.quiet,
    )  # fmt: skip
    assert found is not None
    gone = set(zip(*(found.gone[c].to_pylist() for c in ENDS), strict=True))
    known = {ends: told for ends, told in pairs_of(begin.pairs).items() if ends not in gone}
    assert known | pairs_of(found.pairs) == pairs_of(whole.pairs)


def moved_are_told(before: pa.Table, found: night.Night) -> bool:
    """`moved` names the records of which cluster or household have another number, and no others."""
    rows = [
        {(r["source"], r["record_id"]): (r["cluster_id"], r["household"]) for r in t.to_pylist()}
        for t in (before, found.labels)
    ]
    other = {k for k in rows[0].keys() | rows[1].keys() if rows[0].get(k) != rows[1].get(k)}
    return other == {(r["source"], r["record_id"]) for r in found.moved.to_pylist()}
