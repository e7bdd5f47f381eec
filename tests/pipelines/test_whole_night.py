"""A night that works on what changed publishes what a night that works everything out anew would publish."""

import json
import random
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors import workspace
from connectors.store.state import Store
from pipelines import demo, runner
from pipelines.publish_run import publish_run
from pipelines.runner import Summary

START = datetime(2026, 6, 1, 3, 30, tzinfo=UTC)
"""Amid the dates of the invented firm: every night some that lay ahead come true."""
SMALL = 150
"""Customers of the firm in `make test`."""
TEXT = (".csv", ".txt", ".tsv")
AT_HAND = {"golden_id", "household_id", "resolves_to", "version", "updated_at", "other_golden_id"}


def go(root: Path, night: float, **how: Any) -> Summary:
    return runner.run(workspace.read(root), now=START + timedelta(days=night), **how)


def change(root: Path, draw: random.Random) -> int:
    """In the text files of the sources some digits change, some rows go, some are written twice; -> how many."""
    many = 0
    for path in sorted(p for p in (root / "inbox").rglob("*") if p.suffix in TEXT):
        head, *lines = path.read_bytes().split(b"\n")
        for at in sorted(draw.sample(range(len(lines)), min(6, len(lines) // 4)), reverse=True):
            digits = [i for i, c in enumerate(lines[at]) if chr(c).isdigit()]
            if draw.random() < 0.2:
                del lines[at]
            elif draw.random() < 0.2:
                lines.insert(at, lines[at])
            elif digits:
                i = digits[-1 - draw.randrange(min(6, len(digits)))]
                lines[at] = lines[at][:i] + str(draw.randrange(10)).encode() + lines[at][i + 1 :]
            many += 1
        path.write_bytes(b"\n".join([head, *lines]))
    return many


def picture(root: Path) -> dict[str, Any]:
    """What is published, customers named by their first record instead of by ids that are drawn."""
    with Store.open(workspace.read(root).database_url) as store:
        crosswalk = store.crosswalk().to_pylist()
        name: dict[str, str] = {}
        for row in sorted(crosswalk, key=lambda r: (r["source"], r["record_id"])):
            if row["golden_id"] is not None:
                name.setdefault(row["golden_id"], f"{row['source']}:{row['record_id']}")
        homes: dict[str, list[str]] = {}
        for row in store.households().to_pylist():
            homes.setdefault(row["household_id"], []).append(name[row["golden_id"]])

        def told(rows: list[dict[str, Any]]) -> list[str]:
            out = []
            for row in rows:
                kept = {k: v for k, v in row.items() if k not in AT_HAND and not k.endswith("golden_id")}
                ends = {k: name.get(v, v) for k, v in row.items() if k.endswith("golden_id")}
                if row.get("relation") == "household":  # the lower id stands first, and new ids are drawn
                    ends = dict(enumerate(sorted(ends.values())))
                out.append(str(sorted({**kept, **ends}.items(), key=str)))
            return sorted(out)

        return {
            "golden": told(store.golden().to_pylist()),
            "contact_points": told(store.detail("contact_points").to_pylist()),
            "relations": told(store.detail("relations").to_pylist()),
            "crosswalk": told(crosswalk),
            "households": sorted(map(sorted, homes.values())),
            "results": told(store.results().to_pylist()),
        }


@pytest.fixture(scope="module")
def small_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small firm after its first night, to be copied."""
    root = tmp_path_factory.mktemp("begun") / "firm"
    demo.write(root, customers=SMALL)
    go(root, 0)
    return root


@pytest.fixture
def small(small_template: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(small_template, tmp_path / "firm", symlinks=True))


def same(root: Path, copy: Path, night: int) -> None:
    """One night of a firm, and of a copy of it with `--full`, publish the same."""
    shutil.copytree(root, copy, symlinks=True)
    whole, part = go(copy, night, full=True), go(root, night)
    assert part.status == whole.status == "published"
    assert part.changes == whole.changes
    now, then = picture(root), picture(copy)
    for table, rows in now.items():
        assert rows == then[table], table


def test_what_changed_alone_gives_the_same(small: Path, tmp_path: Path) -> None:
    """After nights of changes the published tables are those of a copy of the firm that runs with `--full`."""
    draw = random.Random(3)
    assert change(small, draw)
    assert go(small, 1).status == "published"
    assert change(small, draw)
    same(small, tmp_path / "copy", 2)


@pytest.mark.soak
def test_what_changed_alone_gives_the_same_in_a_larger_firm(tmp_path: Path) -> None:
    """So it is after each of four nights of a firm that is large enough for matching to go on from the night before."""
    root, draw = tmp_path / "firm", random.Random(3)
    demo.write(root, customers=700)
    go(root, 0)
    for night in range(1, 5):
        assert change(root, draw)
        same(root, tmp_path / f"copy{night}", night)
    with Store.open(workspace.read(root).database_url) as store:
        last = store.last_published()
    manifest = (root / "var" / "runs" / str(last) / "manifest.json").read_text("utf-8")
    assert '"match/pairs/all": [' in manifest, "matching did not go on from the night before"


HELD = "\ngates: {few: 0, quarantine: 0, merges: 0, splits: 0, retired: 0, joins: 0, cluster: 1, invoices: 0}\n"
"""Gates that hardly anything passes."""


@pytest.mark.soak
def test_twenty_nights_on_top_of_each_other(tmp_path: Path) -> None:
    """Also where tables have had so many layers that they were written whole again, where each fifth night was held by
    a gate and published by a person, and the last published run was not that of the night before.
    """
    root, draw = tmp_path / "firm", random.Random(5)
    demo.write(root, customers=250)
    settings = (root / "goldseam.yml").read_text("utf-8")
    go(root, 0)
    layers, held = [], 0
    for night in range(1, 21):
        assert change(root, draw)
        copy = tmp_path / "copy"
        if night % 5 == 0:
            shutil.copytree(root, copy, symlinks=True)
            whole = go(copy, night, full=True)
            (root / "goldseam.yml").write_text(settings + HELD, "utf-8")
        part = go(root, night)
        if night % 5 == 0:
            (root / "goldseam.yml").write_text(settings, "utf-8")
            if part.status == "held":
                held += 1
                part = publish_run(workspace.read(root), part.run_id, "maria")
            told = {what: n for what, n in whole.changes.items() if what != "changed"}
            assert told.items() <= part.changes.items()  # who of a household is said to have changed, ids decide
            now, then = picture(root), picture(copy)
            for table, rows in now.items():
                assert rows == then[table], (night, table)
            shutil.rmtree(copy)
        assert part.status == "published"
        manifest = json.loads((root / "var" / "runs" / part.run_id / "manifest.json").read_text("utf-8"))
        layers.append(max(len(told) for told in manifest.values() if isinstance(told, list)))
    assert held > 1
    assert max(layers) > 12
    assert min(layers[layers.index(max(layers)) :]) < max(layers)  # a table was written whole again


def test_everything_is_worked_out_anew_when_that_is_asked(small: Path) -> None:
    """`--full` on the same data works on all records, finds nothing to change, and publishes nothing."""
    with Store.open(workspace.read(small).database_url) as store:
        golden = store.golden().num_rows
    again = go(small, 1 / 24, full=True)
    assert [s.name for s in again.stages][-1] in ("publish", "report")
    assert again.status == "unchanged"
    assert not any(again.changes.values())
    assert golden == again.golden
