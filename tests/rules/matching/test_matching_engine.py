"""Matching end to end on small invented tables."""

import numpy as np
import pyarrow as pa
import pytest
from matching_people import features, people

from rules import schema
from rules.matching import config, engine, frozen
from rules.vocabulary import CLUSTERS, DECISIONS, FEATURES, PAIRS, PartyType


@pytest.fixture(scope="module")
def crowd() -> tuple[pa.Table, list[int]]:
    return people(1500, seed=11)


@pytest.fixture(scope="module")
def matched(crowd: tuple[pa.Table, list[int]]) -> engine.Matched:
    return engine.match(crowd[0])


def quality(labels: pa.Table, truth: list[int]) -> tuple[float, float]:
    """Precision and recall over all pairs inside clusters; record ids are row numbers."""
    real = np.array([truth[int(i)] for i in labels["record_id"].to_pylist()])
    said = labels["cluster_id"].to_numpy()

    def pairs(key: np.ndarray) -> int:
        size = np.unique(key, return_counts=True)[1]
        return int((size * (size - 1) // 2).sum())

    both = pairs(said.astype(np.int64) * len(real) * 4 + real)
    return both / max(pairs(said), 1), both / pairs(real)


def decision(kind: str, left: str, right: str) -> pa.Table:
    row = {"seq": 1, "kind": kind, "left_source": "s", "left_id": left, "right_source": "s", "right_id": right}
    return pa.Table.from_pylist([row], schema=DECISIONS)


def cluster_of(found: engine.Matched) -> dict[tuple[str, str], int]:
    t = found.labels.to_pydict()
    return {(s, i): c for s, i, c in zip(t["source"], t["record_id"], t["cluster_id"], strict=True)}


def test_households_are_not_merged(crowd: tuple[pa.Table, list[int]], matched: engine.Matched) -> None:
    """Spouses, twins and juniors at one address stay apart while most duplicates are found, with no configuration."""
    precision, recall = quality(matched.labels, crowd[1])
    assert precision > 0.92
    assert recall > 0.93
    assert len(set(matched.labels["household"].drop_null().to_pylist())) > 25


def test_tables_are_as_agreed(matched: engine.Matched) -> None:
    """Pairs start with the agreed columns and go on with levels; labels hold every record once."""
    assert matched.pairs.schema.names[: len(PAIRS)] == PAIRS.names
    assert all(n.startswith("level_") for n in matched.pairs.schema.names[len(PAIRS) :])
    assert matched.labels.schema.equals(CLUSTERS)
    assert len(set(cluster_of(matched))) == len(matched.labels)
    assert matched.pairs["match_probability"].null_count == 0


def test_order_and_threads_change_nothing(crowd: tuple[pa.Table, list[int]], matched: engine.Matched) -> None:
    """Shuffled rows and one thread give the same tables and the same model, to the last digit."""
    shuffled = crowd[0].take(np.random.default_rng(5).permutation(len(crowd[0])))
    again = engine.match(shuffled, threads=1)
    assert again.labels.equals(matched.labels)
    assert again.pairs.equals(matched.pairs)
    assert again.model == matched.model


def test_frozen_model_and_an_unrelated_record(crowd: tuple[pa.Table, list[int]], matched: engine.Matched) -> None:
    """Under a frozen model an unrelated record changes no cluster of the others."""
    stranger = features([{"record_id": "new", "given_name": "zzyx", "surname": "qwv", "birth_date": "1911-11-11"}])
    again = engine.match(pa.concat_tables([crowd[0], stranger]), model=matched.model)
    groups = [{}, {}]
    for found, g in zip((matched, again), groups, strict=True):
        for key, c in cluster_of(found).items():
            if key[1] != "new":
                g.setdefault(c, set()).add(key)
    before, after = ({frozenset(v) for v in g.values()} for g in groups)
    assert before == after


def test_counts_made_ready_are_those_of_the_table(
    crowd: tuple[pa.Table, list[int]], matched: engine.Matched, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However values are looked up among those that the model counted: all at once, or each among those kept ready."""
    ready = {kind: found for kind in PartyType if (found := engine.frozen_counts(matched.frequencies, kind))}
    some = crowd[0].take(pa.array(range(40)))
    found = []
    for many, counts in ((0, matched.frequencies), (1_000, matched.frequencies), (1_000, ready), (1_000, ready)):
        monkeypatch.setattr(frozen, "MANY", many)
        found.append(engine.match(some, model=matched.model, frequencies=counts))
    assert found[0].pairs.num_rows > 0
    assert all(again.pairs.equals(found[0].pairs) for again in found[1:])


def test_people_are_obeyed(crowd: tuple[pa.Table, list[int]], matched: engine.Matched) -> None:
    """A decision joins two strangers, and parts two records that were joined."""
    likely = matched.pairs.filter(pa.compute.greater(matched.pairs["match_probability"], 0.99))
    a, b = likely["left_id"][0].as_py(), likely["right_id"][0].as_py()
    of = cluster_of(engine.match(crowd[0], model=matched.model, constraints=decision("different", a, b)))
    assert of["s", a] != of["s", b]
    of = cluster_of(engine.match(crowd[0], model=matched.model, constraints=decision("same", "0", "1")))
    assert of["s", "0"] == of["s", "1"]


def test_labels_are_obeyed() -> None:
    """Labels join and part as decisions do."""
    table = features([{"surname": "lee", "given_name": "ann"}, {"surname": "lee", "given_name": "bob"}])
    said = {"left_source": ["s"], "left_id": ["0"], "right_source": ["s"], "right_id": ["1"], "judgement": ["same"]}
    of = cluster_of(engine.match(table, labels=pa.table(said)))
    assert of["s", "0"] == of["s", "1"]


def test_link_joins_across_sources_only() -> None:
    """With link two equal records of one source stay apart, and each may meet one of the other source."""
    row = {"given_name": "anna", "surname": "rossi", "birth_date": "1980-02-03", "emails": "anna@rossi.it"}
    rows = [{**row, "source": s, "record_id": str(i)} for i, s in enumerate(("a", "a", "b"))]
    of = cluster_of(engine.match(features(rows), link=True))
    assert of["a", "0"] != of["a", "1"]
    assert of["b", "2"] in (of["a", "0"], of["a", "1"])


@pytest.mark.parametrize("n", [0, 1, 2, 3])
def test_tiny_tables(n: int) -> None:
    """Nothing, one record and a few are matched without a model worth the name; equal ones meet."""
    row = {"given_name": "anna", "surname": "rossi", "birth_date": "1980-02-03", "emails": "anna@rossi.it"}
    found = engine.match(features([row] * n))
    assert len(found.labels) == n
    assert len(set(found.labels["cluster_id"].to_pylist())) == min(n, 1)


def test_empty_columns() -> None:
    """A table in which every column is empty has no pairs, and says so."""
    found = engine.match(features([{} for _ in range(5)]))
    assert len(found.pairs) == 0
    assert len(set(found.labels["cluster_id"].to_pylist())) == 5
    assert any("none were compared" in n for n in found.notes)
    assert len(engine.match(FEATURES.empty_table()).labels) == 0


def test_persons_and_firms_never_meet() -> None:
    """A person and an organisation of one name, phone and address are two customers."""
    row = {"phones": "+302101234567", "street": "odos ermou", "house_number": "5"}
    rows = [{**row, "name": "anna rossi"}, {**row, "organisation": "anna rossi", "party_type": "organisation"}]
    found = engine.match(features(rows))
    assert len(set(found.labels["cluster_id"].to_pylist())) == 2
    assert "Not compared" in found.explain(("s", "0"), ("s", "1")).sentence


def test_tax_ids_that_differ_veto() -> None:
    """Two valid numbers of one scheme part a pair that agrees in all else; of different schemes they do not."""
    row = {"given_name": "anna", "surname": "rossi", "birth_date": "1980-02-03", "emails": "anna@rossi.it"}

    def clusters(left: str, right: str) -> int:
        found = engine.match(features([{**row, "tax_id": left}, {**row, "tax_id": right}]))
        return len(set(found.labels["cluster_id"].to_pylist()))

    assert clusters("it.iva:00743110157", "it.iva:00400770939") == 2
    assert clusters("it.iva:00743110157", "it.codicefiscale:RSSNNA80B43F205X") == 1


def test_all_that_is_personal_differs() -> None:
    """Equal names and address do not join two records whose birth dates, telephones and e-mails all differ."""
    home = {"given_name": "anna", "surname": "rossi", "street": "via po", "house_number": "5", "postcode": "10121"}
    rows = [
        {**home, "birth_date": "1950-02-03", "emails": "anna@rossi.it", "mobiles": "+393471112223"},
        {**home, "birth_date": "1981-11-30", "emails": "zanna7@posta.it", "mobiles": "+393478123456"},
    ]
    found = engine.match(features(rows))
    assert len(set(found.labels["cluster_id"].to_pylist())) == 2
    assert "all different" in found.explain(("s", "0"), ("s", "1")).sentence


def test_a_phone_alone_never_merges() -> None:
    """Records that share nothing but a mobile or an e-mail address stay apart."""
    rows = [{"mobiles": "+306971234567", "emails": "a@b.gr"}, {"mobiles": "+306971234567", "emails": "a@b.gr"}]
    assert len(set(engine.match(features(rows)).labels["cluster_id"].to_pylist())) == 2


def test_placeholder_is_no_evidence(crowd: tuple[pa.Table, list[int]]) -> None:
    """A number typed into many records is left out, and said so, without the number itself."""
    rows = crowd[0].to_pylist()
    for r in rows[:150]:
        r["phones"] = ["+302100000000"]
    found = engine.match(pa.Table.from_pylist(rows, schema=crowd[0].schema))
    assert ("phones", "+302100000000", 150) in [(v.column, v.value, v.records) for _, v in found.left_out]
    assert any("phones" in n and "150 records" in n for n in found.notes)
    assert not any("302100000000" in n for n in found.notes)


def test_sites_of_organisations() -> None:
    """The same site under two names and formats is one; a branch elsewhere is not, though names are equal."""
    rng = np.random.default_rng(3)
    rows = []
    for i in range(150):
        site = {
            "organisation": f"north{i} star{i % 40} school", "street": f"elm{i % 37} street",
            "house_number": str(i + 1), "phones": f"+1312{5550000 + i}", "postcode": f"606{i % 40:02d}",
        }  # fmt: skip
        rows += [site, {**site, "organisation": f"north{i} star{i % 40} school center"}]
        if rng.random() < 0.3:
            rows.append({k: v for k, v in site.items() if k not in ("phones", "postcode")})
    elsewhere = {"street": "oak avenue", "house_number": "900", "phones": "+13129990000", "postcode": "60999"}
    rows.append({**rows[0], **elsewhere})
    of = cluster_of(engine.match(features(rows, party="organisation")))
    assert of["s", "0"] == of["s", "1"]
    assert of["s", str(len(rows) - 1)] != of["s", "0"]


def test_explains_field_by_field(matched: engine.Matched) -> None:
    """An explanation names both values, the level in words and bits that add up to the weight of the pair."""
    pair = matched.pairs.filter(pa.compute.greater(matched.pairs["match_probability"], 0.99)).slice(0, 1).to_pylist()[0]
    left, right = (pair["left_source"], pair["left_id"]), (pair["right_source"], pair["right_id"])
    said = matched.explain(left, right)
    assert said.weight == pytest.approx(pair["match_weight"])
    assert sum(f.weight for f in said.fields) + said.prior == pytest.approx(said.weight)
    assert said.sentence.startswith("Probability above 9") or said.sentence.startswith("Probability 9")
    assert matched.explain(right, left) == said
    with pytest.raises(KeyError, match="no record"):
        matched.explain(left, ("s", "nobody"))


def test_matching_file(crowd: tuple[pa.Table, list[int]]) -> None:
    """A matching file sets rules, comparisons and values left out; its mistakes are named with their line."""
    text = (
        "blocking: [[surname, birth_date], [emails]]\n"
        "comparisons:\n"
        "  - {name: surname, role: family, kind: name}\n"
        "  - {name: birth_date, role: person, kind: date}\n"
        "  - {name: emails, role: person, kind: email}\n"
    )
    found = engine.match(crowd[0], config=config.read(text, "matching.yml"))
    assert {c.rule for p, c in found.blocking if p == "person"} == {("surname", "birth_date"), ("emails",)}
    assert found.pairs.schema.names[len(PAIRS) :] == ["level_surname", "level_birth_date", "level_emails"]
    with pytest.raises(schema.Mistakes, match=r"matching.yml:1: bloking: unknown key.*blocking"):
        config.read("bloking: []\n", "matching.yml")


def test_absurd_model_is_held() -> None:
    """Records that agree in one common value only are not joined into one heap."""
    rows = [{"surname": "lee", "city": "york", "given_name": f"p{i}"} for i in range(60)]
    found = engine.match(features(rows))
    assert max(np.bincount(found.labels["cluster_id"].to_numpy())) < 10
