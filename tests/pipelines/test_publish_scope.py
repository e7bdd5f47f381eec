"""A night on which little changed: only that is compared and written, and the outcome is that of comparing all."""

import json
import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from connectors.store import proposal
from connectors.store.proposal import Compared
from connectors.store.versioned import GROUPS
from pipelines import difference, gates, published_files, scope, yesterday
from pipelines.context import Run, StageResult
from pipelines.identify import identify
from pipelines.publish import Prepared, prepared, proposed, publish
from pipelines.published_files import Provenance, Tables
from rules.survivorship.relations import relations
from rules.vocabulary import CONTACT_POINTS, FACTS, RECORDS
from tests.databases import KINDS, database
from tests.pipelines.firm import Firm
from tests.pipelines.nights import Record, night, survive

KEYS = [f"{source}:{number}" for source in ("crm", "shop") for number in range(14)]
NAMES = ("Ada", 'Bob "the" B', "Cy, jr", "Dot\r\nand Co", "=1+1", " Eve", "Φρύνη", "")
SURVIVED = ("golden", "contact_points", "relations", "provenance")


@pytest.fixture(autouse=True)
def everywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where much of so small a firm changes; the scorecard has tests of its own."""
    monkeypatch.setattr(scope, "MOST", 9)
    monkeypatch.setattr("pipelines.report.report", lambda _: StageResult("report", 0, 0))


class Nights:
    """A made-up firm whose records change from night to night."""

    def __init__(self, root: Path, url: str, seed: int) -> None:
        self.firm, self.draw, self.number = Firm(root, url), random.Random(seed), 0
        self.records = {key: self._record() for key in self.draw.sample(KEYS, 20)}
        self.bills: list[dict[str, Any]] = []

    def _record(self) -> Record:
        place = self.draw.choice([None, None, None, None, *range(12)])
        return Record(place, self.draw.choice(NAMES), self.draw.choice([None, None, "h1", "h2"]))

    def change(self) -> None:
        """Some records come, go, change, are quarantined, or go to another customer."""
        for key in self.draw.sample(KEYS, self.draw.randrange(5)):
            if key in self.records and self.draw.random() < 0.4:
                del self.records[key]
            else:
                self.records[key] = self._record()
        if self.number % 3 == 0:  # the rows of a whole customer are quarantined: it stays as it was
            place = self.draw.choice([r.cluster for r in self.records.values() if r.cluster is not None])
            mine = {key: r for key, r in self.records.items() if r.cluster == place}
            self.records |= {key: replace(record, cluster=None) for key, record in mine.items()}
        if self.draw.random() < 0.4:
            amounts = [str(self.draw.randrange(3)) for _ in range(4)]
            self.bills = [
                {"source": "crm", "record_id": f"b{n}", "customer_source": "shop", "customer_id": str(n), "amount": a}
                for n, a in enumerate(amounts)
            ]

    @contextmanager
    def night(self) -> Iterator[Run]:
        """A run that is ready to be published; what customers survive anew is amended where there was a run before."""
        self.number += 1
        states = {"shop": "carried"} if self.draw.random() < 0.2 else {}
        run = night(self.firm.space, self.number, self.records, states, self.firm.url)
        run.before = yesterday.folder(run.workspace, run.store)
        facts = pa.Table.from_pylist([{n: b.get(n) for n in FACTS.names} for b in self.bills], FACTS)
        run.folder.write("validate", "facts", facts)
        run.folder.keep("validate", "facts")
        identify(run)
        survive(run, {key: r for key, r in self.records.items() if r.cluster is not None})
        self._more(run)
        self._amend(run)
        run.folder.save()
        try:
            yield run
            run.folder.save()
        finally:
            run.store.close()

    def publish(self, run: Run) -> None:
        done = publish(run)
        run.store.finish_run(
            run.id, "published" if done.counts["published"] else "unchanged", {"golden": done.rows_out}
        )

    def _more(self, run: Run) -> None:
        """Several contact points a customer, and relations."""
        read, write = run.folder.read, run.folder.write
        first = read("survive", "contact_points")
        second = first.set_column(first.schema.get_field_index("kind"), "kind", pa.repeat("phone", len(first)))
        odd = second.filter(pc.equal(pc.utf8_length(second["value"]), 15))
        both = pa.concat_tables([first, odd.cast(CONTACT_POINTS)])
        write("survive", "contact_points", both.take(pc.sort_indices(both["golden_id"])))
        write("survive", "relations", relations(
            RECORDS.empty_table(), read("identify", "clusters"), read("identify", "households")))  # fmt: skip

    def _amend(self, run: Run) -> None:
        """As survive does it: the customers whose rows are others, and some besides."""
        if run.before is None or self.draw.random() < 0.2:
            return
        for name in [n for n in SURVIVED if n != "relations" or self.draw.random() < 0.5]:
            now, then = run.folder.read("survive", name), run.before.read("survive", name)
            rows = [{str(row): row["golden_id"] for row in table.to_pylist()} for table in (now, then)]
            touched = {rows[one][row] for one in (0, 1) for row in rows[one].keys() - rows[1 - one].keys()}
            others = sorted(set(rows[0].values()))
            ids = pa.array(sorted({*touched, *self.draw.sample(others, min(2, len(others)))}), pa.string())
            mine = now.filter(pc.is_in(now["golden_id"], value_set=ids))
            earlier = run.before.parts("survive", name)["all"]
            run.folder.amend("survive", name, mine, pa.table({"golden_id": ids}), earlier, by=(("golden_id",),))


def whole(run: Run) -> Prepared:
    """What comparing all comes to."""
    new = proposed(run)
    return Prepared(new, proposal.compare(run.store, new))


def said(found: Compared) -> dict[str, Any]:
    """All that a comparison says of what is to be written, told and judged."""
    what = found.publication
    tables = {f"golden {name}": getattr(what.golden, name) for name in ("opened", "closed", "changed")}
    for name, group in what.groups.items():
        tables |= {f"{name} closed": group.closed, f"{name} opened": group.opened}
    rows = {name: table.to_pylist() for name, table in {**tables, "events": what.events}.items()}
    past = sorted(found.before.to_pylist(), key=lambda row: row["golden_id"])
    ids = sorted(found.ids.to_pylist())
    return {**rows, "before": past, "held": found.held, "ids": ids, "customers": found.customers, "news": found.news}


def judged(run: Run, ready: Prepared) -> tuple[Any, Any]:
    return difference.difference(run, ready.found), gates.judge(run, ready.new, ready.found)


def contents(folder: Path) -> dict[str, Any]:
    """The files of a publication; rows of provenance have no order, and Parquet has several ways to say the same."""
    found: dict[str, Any] = {path.name: path.read_bytes() for path in folder.glob("*.csv")}
    found["golden"] = pq.read_table(folder / "golden.parquet").to_pylist()
    found["provenance"] = sorted(map(str, pq.read_table(folder / "provenance.parquet").to_pylist()))
    told = json.loads((folder / "manifest.json").read_text("utf-8"))
    found["manifest"] = {**told, "files": {name: file["rows"] for name, file in told["files"].items()}}
    return found


def all_of(run: Run, ready: Prepared, folder: Path) -> dict[str, Any]:
    """The files of a publication written without a look at the earlier ones."""
    found, what = ready.found, ready.found.publication
    folder.mkdir()
    parts = published_files.provenance_of(run.folder)
    before = run.workspace.root / "published" / (run.store.last_published() or "") / "provenance.parquet"
    kept = pq.read_table(before).to_pylist() if before.exists() else []
    held = pa.Table.from_pylist([row for row in kept if row["golden_id"] in found.held], parts[0].schema)
    tables = Tables(found.golden, found.contact_points, found.relations, ready.new.crosswalk, Provenance(parts, held))
    published_files.write(tables, folder, run.id, what.version)
    return contents(folder)


@pytest.mark.parametrize(
    ("kind", "seed"),
    [
        ("sqlite", 0),
        *(pytest.param(KINDS[n % 2], n, marks=pytest.mark.soak) for n in range(1, 31)),
    ],
)
def test_the_outcome_is_that_of_comparing_all(
    tmp_path: Path, seed: int, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Night after night, also after a rollback: what is written, told, judged and filed is what all tables say."""
    within = held = 0
    with database(kind, tmp_path) as url:
        monkeypatch.setenv("GOLDSEAM_DATABASE_URL", url)
        nights = Nights(tmp_path, url, seed)
        for _ in range(4 if seed == 0 else 10):
            with nights.night() as run:
                ready, everything = prepared(run), whole(run)
                within += ready.new.scope is not None
                held += bool(ready.found.held)
                assert said(ready.found) == said(everything.found)
                assert judged(run, ready) == judged(run, everything)
                files = all_of(run, everything, tmp_path / f"whole-{nights.number}")
                nights.publish(run)
                if ready.found.news:
                    assert contents(nights.firm.latest) == files
            nights.change()
            if nights.number == 2:
                with nights.firm.store as store:
                    last = store.last_published()
                nights.firm.back(str(last))
    assert within >= 2
    assert held


def test_every_published_column_is_compared() -> None:
    """A column that is added to a published table is looked at when two runs are compared."""
    compared = {**scope.OF_CUSTOMERS, **{name: columns for name, (_, _, columns) in scope.OTHERS.items()}}
    for of in GROUPS:
        if of.name != "quarantine":
            assert set(of.payload) - set(of.ignored) == set(compared[of.name]), of.name


def told(run: Run) -> bool:
    """Whether it is known what of a run can differ from what is published."""
    return scope.scope(run, published_files.earlier(run)) is not None


def test_only_on_files_that_nobody_touched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A published file that somebody saved again, or another release wrote, is not built upon: all is written anew."""
    nights = Nights(tmp_path, f"sqlite:///{tmp_path}/state.db", 0)
    with nights.night() as run:
        nights.publish(run)
    with nights.night() as run:
        assert told(run)
        with monkeypatch.context() as patched:
            patched.setattr(published_files, "_program", lambda: "another")
            assert not told(run)
        path = nights.firm.latest / "golden.csv"
        path.write_bytes(path.read_bytes())
        assert not told(run)


def test_not_after_the_folder_of_another_run(tmp_path: Path) -> None:
    """Where the run before is not the one that published what is in force, all is compared."""
    nights = Nights(tmp_path, f"sqlite:///{tmp_path}/state.db", 0)
    with nights.night() as run:
        nights.publish(run)
        first = run.folder
    with nights.night() as run:
        assert told(run)
        run.before = replace(first, id="run-000")
        assert not told(run)


def test_where_most_changed_all_is_compared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A night that touches more than a share of the customers asks the state database for all of them at once."""
    nights = Nights(tmp_path, f"sqlite:///{tmp_path}/state.db", 0)
    with nights.night() as run:
        nights.publish(run)
    nights.records = {key: Record(9, "Zoe") for key in nights.records}
    monkeypatch.setattr(scope, "MOST", 0.3)
    with nights.night() as run:
        assert not told(run)
