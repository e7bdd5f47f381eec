"""Write a generated set: `python -m tests.bench.sets NAME RECORDS [--seed N] --out DIR`."""

from __future__ import annotations

import argparse
from pathlib import Path

from pyarrow import csv

from tests.bench.sets import GENERATORS


def main() -> None:
    """Write records.csv and truth.csv of one set into a folder; a missing value is an empty field."""
    ask = argparse.ArgumentParser(prog="python -m tests.bench.sets", description=__doc__)
    ask.add_argument("name", choices=sorted(GENERATORS))
    ask.add_argument("records", type=int)
    ask.add_argument("--seed", type=int, default=1)
    ask.add_argument("--out", type=Path, required=True)
    given = ask.parse_args()
    made = GENERATORS[given.name](given.records, given.seed)
    given.out.mkdir(parents=True, exist_ok=True)
    csv.write_csv(made.records, given.out / "records.csv", csv.WriteOptions(quoting_style="needed"))
    csv.write_csv(made.truth, given.out / "truth.csv", csv.WriteOptions(quoting_style="needed"))


if __name__ == "__main__":
    main()
