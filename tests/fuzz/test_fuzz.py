"""The fuzzer itself: its seeds are whole, its oracle notices a loss, and at length it finds nothing."""

import os
import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.sources import csv
from tests.fuzz import mutate, oracle, run, seeds


@pytest.fixture(scope="module")
def judge() -> Iterator[run.Judge]:
    made = run.Judge()
    yield made
    made.close()


def test_every_seed_lands(judge: run.Judge) -> None:
    """Undamaged, each file is read and every row of it counted."""
    verdicts = [judge.ask(seed.data, seed) for reader in seeds.MAKERS for seed in seeds.of(reader)]
    assert [(v["state"], v["said"], v["wrong"]) for v in verdicts] == [("landed", "", [])] * len(verdicts)


@pytest.mark.parametrize("reader", ["csv", "xlsx", "vcard", "ubl"])
def test_some_damage(reader: str, judge: run.Judge) -> None:
    """A handful of damaged files a reader, the same every time."""
    dice = random.Random(11)
    for _ in range(12):
        seed = dice.choice(seeds.of(reader))
        verdict = judge.ask(mutate.mutate(seed.data, [s.data for s in seeds.of(reader)], dice), seed)
        assert verdict["wrong"] == []


def test_the_oracle_notices_a_lost_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader that drops its last row, or has it twice, is found out."""
    path = tmp_path / "a.csv"
    path.write_bytes(seeds.of("csv")[0].data)
    os.utime(path, (time.time() - 60,) * 2)
    whole = csv.grid
    for rows in (slice(0, 39), [*range(40), 5]):

        def other(*given: object, rows: object = rows) -> object:
            grid = whole(*given)  # type: ignore[arg-type]
            numbers = list(range(40))[rows] if isinstance(rows, slice) else rows
            return oracle.Grid(
                grid.file,
                grid.sheet,
                grid.table.take(numbers),
                grid.lines.take(numbers),
                grid.rejects,
                grid.notes,
                grid.seen,
            )

        monkeypatch.setattr(csv, "grid", other)
        assert oracle.judge(path, {"kind": "csv"})["wrong"]


@pytest.mark.soak
def test_fuzz_at_length() -> None:
    """No crash, no hang, no row lost or doubled, for GOLDSEAM_FUZZ_MINUTES (10)."""
    tally = run.run(float(os.environ.get("GOLDSEAM_FUZZ_MINUTES", "10")), seed=random.randrange(10**6))
    assert tally.findings == {}
