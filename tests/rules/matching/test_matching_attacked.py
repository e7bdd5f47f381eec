"""What an attack found, on tables as small as they can be."""

import numpy as np
import pyarrow as pa
import pytest
from matching_people import features, people

from rules import schema
from rules.matching import cluster, config, engine, names
from rules.matching.cluster import Constraints
from rules.matching.clusters.linkage import Plain
from rules.matching.types import Floats, Pairs


def test_cannot_links_hold_in_large_clusters() -> None:
    """Three hundred records joined in a chain by a person, forty pairs parted: no parted pair is in one cluster."""
    n, rng = 300, np.random.default_rng(4)
    chain = np.stack([np.arange(n - 1), np.arange(1, n)], 1).astype(np.int32)
    cannot = np.sort(rng.choice(n, (40, 2), replace=False), axis=1).astype(np.int32)

    def weights(pairs: Pairs) -> Floats:
        return np.full(len(pairs), 2.0)

    none = Pairs(np.zeros(0, np.int32), np.zeros(0, np.int32))
    label = cluster.cluster(none, np.zeros(0), n, Plain(weights), Constraints(chain, cannot)).label
    assert not (label[cannot[:, 0]] == label[cannot[:, 1]]).any()
    assert len(set(label.tolist())) < n


def test_a_column_that_is_empty_tonight() -> None:
    """A frozen model works on records that lack a column it knows, as on records in which nothing is known of it."""
    table, _ = people(600, seed=3)
    model = engine.match(table).model
    gone = table.drop_columns(["emails"])
    at = table.column_names.index("emails")
    blank = table.set_column(at, "emails", pa.nulls(len(table), pa.list_(pa.string())))
    one, other = engine.match(gone, model=model), engine.match(blank, model=model)
    assert one.labels.equals(other.labels)


@pytest.mark.parametrize(
    "text",
    [
        "blocking: [[surname.foo]]", "blocking: [[]]", "blocking: [[surname.0]]", 'blocking: [["surname.\u00b2"]]',
        "comparisons: [{name: city, role: place, kind: word}, {name: city, role: place, kind: word}]",
    ],
)  # fmt: skip
def test_settings_that_cannot_be_meant(text: str) -> None:
    """A blocking key that cannot be read, a rule without a key, a column twice: said with file and line, never run."""
    with pytest.raises(schema.Mistakes):
        config.read(text, "matching.yml")


def test_a_name_of_a_hundred_thousand_signs() -> None:
    """What is no name at all is compared in no time."""
    assert names.similarity("(" * 100_000, "Maria Rossi") < 0.5


def test_a_firm_and_its_holding() -> None:
    """The firm and the one that owns its walls share address and telephone, and are two; a misspelling is one."""
    at = {"street": "via roma", "house_number": "5", "postcode": "10121", "phones": ["+390111234567"]}
    firms = ("rossi trasporti", "rossi trasporti immobiliare", "rosi trasporti")
    rows = [{"party_type": "organisation", "organisation": name, **at} for name in firms]
    label = engine.match(features(rows)).labels["cluster_id"].to_pylist()
    assert label[0] == label[2] != label[1]
