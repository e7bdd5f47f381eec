"""The measures of `make bench-match`: cases worked out by hand."""

import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.bench.match import marks, measure, runner, sets, table, tools
from tests.bench.match.judge import Truth, judge
from tests.bench.match.measure import Quality


def labels(text: str) -> measure.Labels:
    return measure.codes(list(text))


@pytest.mark.parametrize(
    ("cluster", "entity", "right", "said", "true", "mixed"),
    [
        ("aabb", "aabb", 2, 2, 2, 0.0),
        ("aaab", "aabb", 1, 3, 2, 1 / 2),
        ("abcd", "aaaa", 0, 0, 6, 0.0),
        ("aaaa", "abcd", 0, 6, 0, 1.0),
        ("aabbcc", "aabcdd", 2, 3, 2, 1 / 3),
    ],
)
def test_clusters_are_judged_by_all_their_pairs(
    cluster: str, entity: str, right: int, said: int, true: int, mixed: float
) -> None:
    """Pairs inside clusters, inside entities and inside both; the share of clusters of several entities."""
    assert measure.clusters(labels(cluster), labels(entity)) == Quality(right, said, true)
    assert measure.mixed(labels(cluster), labels(entity)) == pytest.approx(mixed)


def test_precision_recall_and_f1_of_counts() -> None:
    """Six of eight said are right, of twelve that there are; nothing said is never wrong."""
    quality = Quality(6, 8, 12)
    assert (quality.precision, quality.recall, quality.f1) == (0.75, 0.5, 0.6)
    assert (Quality(0, 0, 5).precision, Quality(0, 0, 5).f1, Quality(0, 0, 0).f1) == (1.0, 0.0, 1.0)


def test_the_best_threshold_takes_equal_probabilities_together() -> None:
    """Of .9 (right), .8 (right), .8 (wrong), .1 (right) with 4 true pairs the best cut keeps all: F1 6/8."""
    probability = np.array([0.8, 0.9, 0.1, 0.8])
    same = np.array([True, True, True, False])
    threshold, quality = measure.best_pairs(probability, same, 4)
    assert (threshold, quality) == (0.1, Quality(3, 4, 4))
    threshold, quality = measure.best_pairs(probability, np.array([False, True, False, False]), 1)
    assert (threshold, quality) == (0.9, Quality(1, 1, 1))
    assert measure.pairs(probability, same, 0.8, 4) == Quality(2, 3, 4)


def test_calibration_of_a_known_table() -> None:
    """1,000 pairs at .97 of which 970 are the same: no error; 1,000 at .55 of which 350 are: an error of .2."""
    probability = np.repeat([0.97, 0.55], 1000)
    same = np.concatenate([np.arange(1000) < 970, np.arange(1000) < 350])
    bins = measure.reliability(probability, same)
    assert [(b.pairs, round(b.predicted, 3), round(b.observed, 3)) for b in bins] == [
        (1000, 0.55, 0.35),
        (1000, 0.97, 0.97),
    ]
    assert measure.expected_error(bins) == pytest.approx(0.1)
    assert measure.worst_error(bins) == pytest.approx(0.2)


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), max_size=300), st.integers(1, 60))
@settings(derandomize=True, max_examples=60, deadline=None)
def test_every_pair_is_in_one_bin_of_enough(pairs: list[tuple[float, bool]], least: int) -> None:
    """Bins cover all pairs once and hold at least `least` of them, or all where there are fewer."""
    probability = np.array([p for p, _ in pairs], float)
    bins = measure.reliability(probability, np.array([s for _, s in pairs], bool), least)
    assert sum(b.pairs for b in bins) == len(pairs)
    assert all(b.pairs >= min(least, len(pairs)) for b in bins)
    assert all(b.low <= b.predicted <= b.high + 1e-9 for b in bins)


def written(folder: Path) -> Truth:
    """Five records, two of one person and three of another, and what a tool made of them."""
    (folder / "truth.csv").write_text("rec_id,entity_id\n1,x\n2,x\n3,y\n4,y\n5,y\n", "utf-8")
    pairs = {
        "left": ["1", "3", "3"], "right": ["2", "4", "1"], "probability": [0.99, 0.6, 0.3],
        "said": [True, True, False], "sure": [True, False, False], "ask": [False, True, True],
    }  # fmt: skip
    pq.write_table(pa.table(pairs), folder / "pairs.parquet")
    clusters = {"record_id": ["5", "4", "3", "2", "1"], "cluster": [9, 7, 7, 4, 4], "sure": [1, 2, 3, 4, 4]}
    pq.write_table(pa.table(clusters), folder / "clusters.parquet")
    return Truth(folder / "truth.csv")


def test_a_run_is_judged_by_what_it_wrote(tmp_path: Path) -> None:
    """Pairs, blocking recall over all true pairs, clusters, merge and review of five records."""
    found = judge(tmp_path, written(tmp_path))
    assert (found["records"], found["true_pairs"], found["pairs"], found["blocking_recall"]) == (5, 4, 3, 0.5)
    assert found["pair"] == {"precision": 1.0, "recall": 0.5, "f1": 2 / 3}
    assert (found["clusters"]["f1"], found["clusters"]["largest"], found["clusters"]["mixed"]) == (2 / 3, 2, 0.0)
    assert found["clusters"]["curve"]["0.2"] == 2 * 2 / (4 + 6)  # one component of 1, 2, 3 and 4
    assert (found["merge"]["recall"], found["review_per_1000"]) == (0.25, 400.0)


def test_a_record_in_no_cluster_is_no_result(tmp_path: Path) -> None:
    """A tool that loses a record, or names one that is none, is not judged."""
    truth = written(tmp_path)
    pq.write_table(pa.table({"record_id": ["1", "2"], "cluster": [1, 1]}), tmp_path / "clusters.parquet")
    with pytest.raises(ValueError, match="not every record"):
        judge(tmp_path, truth)
    with pytest.raises(ValueError, match="1 ids are no records"):
        truth.rows(pa.chunked_array([["1", "nobody"]]))


def test_a_run_beyond_its_limits_is_ended(tmp_path: Path) -> None:
    """Too long and too large are told apart from a failure, whose last line is told."""
    command = [sys.executable, "-c"]
    slow = runner.run([*command, "import time; time.sleep(60)"], {}, tmp_path, runner.Limits(1, 0.3))
    large = runner.run(
        [*command, "a = b'x' * 300_000_000; import time; time.sleep(60)"], {}, tmp_path, runner.Limits(0.2, 20)
    )
    broken = runner.run([*command, "raise ValueError('so it is')"], {}, tmp_path, runner.Limits())
    assert (slow.failed, large.failed) == ("more than 0.3 s", "more than 0.2 GB")
    assert broken.failed == "ValueError: so it is"
    assert slow.seconds < 30


def one(says: str, f1: float, cpu: float) -> dict[str, object]:
    quality = {"precision": f1, "recall": f1, "f1": f1}
    best = {"threshold": 0.5, **quality}
    return {
        "says": says, "records": 10, "true_pairs": 3, "pairs": 4, "blocking_recall": 1.0, "pair": quality,
        "pair_best": best, "clusters": {**quality, "best": best}, "megabytes": 100.0,
        "phases": {"load": {"cpu": 1.0, "wall": 1.0}, "match": {"cpu": cpu, "wall": cpu}},
    }  # fmt: skip


def test_peers_are_set_against_ours() -> None:
    """Differences of F1 and multiples of our cost; a peer that failed has neither, and stays in the table."""
    found = {
        "goldseam": one("Goldseam", 0.95, 1.0),
        "splink": one("Splink", 0.9, 5.0),
        "x": {"says": "X", "failed": "y"},
    }
    ratios = marks.ratios(found)
    assert set(ratios) == {"splink"}
    assert ratios["splink"]["f1_less_ours"] == pytest.approx(-0.05)
    assert (ratios["splink"]["cpu_of_ours"], ratios["splink"]["matching_cpu_of_ours"]) == (3.0, 5.0)
    assert [row[:2] for row in table.rows(found)] == [["Goldseam", "4"], ["Splink", "4"], ["X", "failed"]]
    assert [(m.goal, m.reached, m.done) for m in marks.marks("households", found)] == [(0.96, 0.95, False)]


def test_every_set_has_a_model_of_its_peer() -> None:
    """Splink is configured for each set."""
    for spec in sets.SETS:
        model = tools.splink_model(spec.model)
        assert {"blocking", "comparisons", "prior", "u_pairs", "em"} <= model.keys()
        assert float(model["u_pairs"]) >= 1e6
