"""How good the published crosswalk is, against the truth that was written beside the demo."""

import csv
import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from connectors.store.runs import RunFolder

PUBLISHED = Path("published", "latest")
Key = tuple[str, str]


@dataclass(frozen=True)
class Measured:
    """Pairs of records that were joined, compared with the pairs that belong together (Christen 2012, ch. 7)."""

    precision: float
    recall: float
    f1: float
    pairs: int
    """True pairs."""
    found: int
    """Pairs that were joined."""
    right: int
    """Pairs that were joined and belong together."""
    records: int
    missing: int
    """Records of the truth that stand in no line of the crosswalk; each counts as a customer of its own."""
    unknown: int
    """Records of the crosswalk of which the truth knows nothing; they are left out."""


def measure(root: Path, truth: Path | None = None) -> Measured:
    """Pair precision and recall of `published/latest/crosswalk.csv` against `truth/records.csv`.

    A record without golden id (quarantined) counts as a customer of its own. Raises FileNotFoundError where
    nothing was published or no truth was written.
    """
    golden = {(row["source"], row["record_id"]): row["golden_id"] for row in _rows(root / PUBLISHED / "crosswalk.csv")}
    entities = _entities(_rows((truth or root / "truth") / "records.csv"), root)
    joined = {key: golden.get(key) or f"alone {'/'.join(key)}" for key in entities}
    cells = Counter((joined[key], entity) for key, entity in entities.items())
    right = _pairs(cells)
    pairs, found = _pairs(Counter(entities.values())), _pairs(Counter(joined.values()))
    precision, recall = _share(right, found), _share(right, pairs)
    return Measured(
        precision=precision,
        recall=recall,
        f1=_share(2 * right, pairs + found),
        pairs=pairs,
        found=found,
        right=right,
        records=len(entities),
        missing=len(entities.keys() - golden.keys()),
        unknown=len(golden.keys() - entities.keys()),
    )


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def _entities(truth: list[dict[str, str]], root: Path) -> dict[Key, str]:
    """Record key -> true customer. Rows without an id of their own are found by file, sheet and line."""
    needed = sorted({row["source"] for row in truth if not row["record_id"]})
    minted = {source: _minted(root, source) for source in needed}
    found: dict[Key, str] = {}
    for row in truth:
        place = (Path(row["file"]).name, row["sheet"], row["line"])
        record = row["record_id"] or minted[row["source"]].get(place) or f"nowhere {'|'.join(place)}"
        found[(row["source"], record)] = row["entity_id"]
    return found


def _minted(root: Path, source: str) -> dict[tuple[str, str, str], str]:
    """The keys that landing gave to a source's rows, by file, sheet and line; a file of one row needs no line."""
    manifest = json.loads((root / PUBLISHED / "manifest.json").read_text("utf-8"))
    folder = RunFolder.open(root / "var" / "runs", manifest["run_id"])
    raw = folder.read("land", "raw", source, columns=["_record_id", "_file", "_sheet", "_line"])
    found: dict[tuple[str, str, str], str] = {}
    for row in raw.to_pylist():
        file = Path(row["_file"] or "").name
        found[(file, row["_sheet"] or "", str(row["_line"] or ""))] = row["_record_id"]
        found[(file, "", "")] = row["_record_id"]
    return found


def _pairs(sizes: Counter) -> int:  # type: ignore[type-arg]  # counts of anything
    return sum(n * (n - 1) // 2 for n in sizes.values())


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 1.0
