"""How long each kind of file takes to land, beside other readers of the same file: `python -m tests.bench.landing`.

Every measurement has a process of its own. `seconds` are on the wall, `CPU` the process's own, memory its greatest
resident size; the figures to reach are issue marks, printed beside. Nothing is asserted: a busy machine would lie.
"""

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from tests.bench import landing_files


def _goldseam(path: Path, settings: dict[str, Any]) -> int:
    from connectors import sources
    from rules import presets, schema

    given = presets.apply({**settings, "location": str(path / "*" if path.is_dir() else path)}, {}, "bench")
    return len(sources.read("bench", schema.parse(given, {}, schema.Source, "bench"), path.parent).raw)


def _calamine(path: Path, _: dict[str, Any]) -> int:
    import pandas as pd

    return len(pd.read_excel(path, engine="calamine", dtype=str))


def _openpyxl(path: Path, _: dict[str, Any]) -> int:
    from openpyxl import load_workbook

    return sum(1 for _ in load_workbook(path, read_only=True).active.iter_rows(values_only=True)) - 1


def _pandas(path: Path, settings: dict[str, Any]) -> int:
    import pandas as pd

    wanted = {"sep": settings.get("delimiter", ","), "encoding": settings.get("encoding", "utf-8")}
    return len(pd.read_csv(path, dtype=str, on_bad_lines="skip", **wanted))


def _duckdb(path: Path, settings: dict[str, Any]) -> int:
    import duckdb

    found = duckdb.read_csv(str(path), all_varchar=True, delimiter=settings.get("delimiter", ","), ignore_errors=True)
    return len(found.to_arrow_table())


def _parquet(path: Path, _: dict[str, Any]) -> int:
    import pyarrow.parquet as pq

    return len(pq.read_table(path))


def _lxml(path: Path, _: dict[str, Any]) -> int:
    from lxml import etree

    return sum(etree.parse(file).getroot() is not None for file in sorted(path.iterdir()))


def _json(path: Path, _: dict[str, Any]) -> int:
    return sum(json.loads(file.read_bytes()) is not None for file in sorted(path.iterdir()))


READERS: Final[dict[str, Callable[[Path, dict[str, Any]], int]]] = {
    "goldseam": _goldseam, "pandas calamine": _calamine, "openpyxl": _openpyxl, "pandas": _pandas, "DuckDB": _duckdb,
    "pyarrow": _parquet, "lxml, parsing alone": _lxml, "json, parsing alone": _json,
}  # fmt: skip


def peak() -> float:
    """Greatest resident size of this process in MB; what `getrusage` says may be the parent's."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) / 1000
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000


def _alone(reader: str, path: Path, settings: dict[str, Any]) -> None:
    """Measure one reader in this process; imports are warmed up where they are not part of the reading."""
    if reader == "goldseam":
        from connectors import sources  # noqa: F401 - a nightly run has imported it long ago
    began, used = time.perf_counter(), time.process_time()
    rows = READERS[reader](path, settings)
    seconds, cpu = time.perf_counter() - began, time.process_time() - used
    memory = peak()
    print(json.dumps({"reader": reader, "rows": rows, "seconds": seconds, "cpu": cpu, "mb": memory}))


def _measure(reader: str, path: Path, settings: dict[str, Any]) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.bench.landing", "--alone", reader, str(path), json.dumps(settings)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return json.loads(done.stdout) if done.returncode == 0 else {"failed": done.stderr.strip().split("\n")[-1]}


def measure(names: list[str]) -> None:
    """Print a table: each file by each reader."""
    cases = [c for c in landing_files.CASES if not names or c.name in names]
    for case in cases:
        with TemporaryDirectory() as folder:
            path = case.write(Path(folder))
            marks = f"to reach: {case.seconds:g} s{f', {case.mb} MB' if case.mb else ''}" if case.seconds else ""
            print(f"\n{case.name} {marks}", flush=True)
            ours = 0.0
            for reader in ("goldseam", *case.peers):
                found = _measure(reader, path, case.settings)
                if "failed" in found:
                    print(f"  {reader:<20} failed: {found['failed'][:120]}", flush=True)
                    continue
                ours = ours or found["cpu"]
                ratio = f"  {found['cpu'] / ours:>6.2f} of ours" if reader != "goldseam" else ""
                figures = f"{found['seconds']:>8.2f} s{found['cpu']:>8.2f} CPU s{found['mb']:>7.0f} MB"
                print(f"  {reader:<20}{figures}{found['rows']:>11,} rows{ratio}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help=", ".join(c.name for c in landing_files.CASES))
    parser.add_argument("--alone", nargs=3, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.alone:
        reader, path, settings = arguments.alone
        _alone(reader, Path(path), json.loads(settings))
    else:
        measure(arguments.names)


if __name__ == "__main__":
    main()
