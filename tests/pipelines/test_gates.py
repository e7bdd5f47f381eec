"""The figures that gates judge, of runs next to what is published."""

from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest

from pipelines import gates
from pipelines.context import Run
from pipelines.figures import figures
from pipelines.publish import prepared, publish
from rules.gates import Cluster, Figures, Gates, Quarantined
from rules.schema import Firm as Settings
from rules.vocabulary import FACTS, RESULTS
from tests.databases import database
from tests.pipelines.firm import Firm, copied
from tests.pipelines.nights import FIRST, SECOND, Record, through

Invoice = tuple[str, str, str]
"""Key, key of the customer record, amount."""


@pytest.fixture
def firm(tmp_path: Path) -> Firm:
    return Firm(tmp_path, f"sqlite:///{tmp_path}/state.db")


def run_of(firm: Firm, records: dict[str, Record], invoices: list[Invoice] = (), failed: int = 0) -> Run:  # type: ignore[assignment]
    """A run up to survive, with these invoices and a critical expectation that so many of 100 rows fail."""
    firm.nights += 1
    run = through(firm.space, firm.nights, records, url=firm.url)
    rows = [
        {"source": "crm", "record_id": key, "customer_source": of.split(":")[0], "customer_id": of.split(":")[1],
         "kind": "invoice", "amount": amount, "currency": "EUR"}
        for key, of, amount in invoices
    ]  # fmt: skip
    run.folder.write("validate", "facts", pa.Table.from_pylist(rows, FACTS))
    rule = {"source": "crm", "table": "records", "suite": "s", "rule": "named", "severity": "critical"}
    told = {**rule, "checked": 100, "failed": failed, "errored": False, "message": "has a name"}
    run.folder.write("validate", "results", pa.Table.from_pylist([told], RESULTS))
    return run


def seen(run: Run, limits: Gates | None = None) -> Figures:
    ready = prepared(run)
    return figures(run, ready.new, ready.found, limits or Gates())


def published(run: Run) -> None:
    publish(run)
    run.store.close()


def test_a_first_publication_is_compared_with_nothing(firm: Firm) -> None:
    """Nothing but the size of clusters is judged, and nothing holds."""
    run = run_of(firm, FIRST, [("i1", "crm:1", "10")], failed=90)
    assert seen(run, Gates(cluster=1)) == Figures(0, clusters=(Cluster(golden(run, "crm:1"), 2),))
    ready = prepared(run)
    assert gates.judge(run, ready.new, ready.found) == gates.reasons(run) == []
    run.store.close()


def golden(run: Run, key: str) -> str:
    """The golden id that a record has in a run."""
    ids = {f"{r['source']}:{r['record_id']}": r["golden_id"] for r in prepared(run).new.crosswalk.to_pylist()}
    return str(ids[key])


def test_customers_quarantine_and_expectations(firm: Firm) -> None:
    """Merges, ends, clusters, each source's quarantine and what fails are counted against what is published."""
    published(run_of(firm, FIRST, failed=2))
    run = run_of(firm, SECOND, failed=40)
    found = seen(run, Gates(cluster=2))
    assert (found.customers, found.merged, found.split, found.retired) == (4, 1, 0, 1)
    assert found.clusters == (Cluster(golden(run, "crm:1"), 3, before=2),)
    assert found.quarantine == (Quarantined("crm", 2, 0, 0), Quarantined("shop", 4, 0, 1))
    (rate,) = found.rates
    assert (rate.source, rate.message, rate.failed_before, rate.failed) == ("crm", "has a name", 2, 40)
    assert found.taken_back is None
    run.store.close()


def test_joins_that_people_decided_do_not_count(one_night: Firm) -> None:
    """A decision is not a surprise: the merge that it makes holds no run."""
    with one_night.store as store:
        store.decide("same", "crm:1", "crm:3", user="maria")
    run = run_of(one_night, SECOND)
    assert seen(run).merged == 0
    run.store.close()


LEFT = {key: record for key, record in FIRST.items() if key != "crm:2"}
BILLED = [("i1", "crm:1", "10"), ("i2", "crm:2", "7.50"), ("i3", "shop:2", "5")]


@pytest.fixture(scope="module")
def billed(tmp_path_factory: pytest.TempPathFactory) -> Firm:
    """A firm after a night with invoices, to be copied."""
    root = tmp_path_factory.mktemp("billed")
    firm = Firm(root, f"sqlite:///{root}/state.db")
    published(run_of(firm, FIRST, BILLED))
    return firm


@pytest.mark.parametrize(
    ("records", "invoices", "lost", "moved", "named"),
    [
        (FIRST, BILLED, 0, 0, ()),
        (LEFT, BILLED, 7.5, 0, ("crm:i2",)),
        (LEFT, [("i1", "crm:1", "10"), ("i2", "crm:2", "99"), ("i4", "shop:2", "5")], 0, 0, ()),
        (FIRST, [("i1", "shop:2", "10"), ("i2", "crm:2", "7.50")], 0, 10, ("crm:i1",)),
    ],
    ids=["as they were", "a customer went", "amounts and keys changed", "named to another"],
)
def test_invoices_add_up(
    billed: Firm,
    tmp_path: Path,
    records: dict[str, Record],
    invoices: list[Invoice],
    lost: float,
    moved: float,
    named: tuple[str, ...],
) -> None:
    """Of invoices that are as they were: what counts for no customer, and what for another without a reason."""
    run = run_of(copied(billed, tmp_path), records, invoices)
    (money,) = seen(run).money
    assert (money.currency, money.lost, money.moved, money.named) == ("EUR", lost, moved, named)
    run.store.close()


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgresql", marks=pytest.mark.soak)])
def test_merges_and_splits_explain_invoices(kind: str, tmp_path: Path) -> None:
    """An invoice whose customer was merged or fell apart adds up, on either database and however many changed."""
    with database(kind, tmp_path) as url:
        _explained(Firm(tmp_path, url))


def _explained(firm: Firm) -> None:
    invoices = [("i1", "crm:1", "10"), ("i3", "crm:3", "5"), ("i4", "shop:1", "3")]
    first = {**FIRST, "crm:4": Record(1, "Ada")}
    published(run_of(firm, first, invoices))
    run = run_of(firm, {**first, "crm:3": Record(1, "Cy"), "shop:1": Record(9, "Adam")}, invoices)
    found = seen(run)
    assert (found.merged, found.split) == (1, 1)
    assert [(m.total, m.lost, m.moved) for m in found.money] == [(18.0, 0.0, 0.0)]
    changed = prepared(run).found.publication.groups
    few = run.store.attributed(changed["crosswalk"].closed, changed["facts"].closed)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("connectors.store.published.MANY", 0)
        assert few.num_rows < run.store.attributed(changed["crosswalk"].closed, changed["facts"].closed).num_rows == 3
        assert seen(run).money == found.money
    run.store.close()


def test_what_holds_is_kept_in_the_folder(firm: Firm) -> None:
    """A held run says the same when it is looked at again, whatever is published by then."""
    published(run_of(firm, FIRST))
    firm.space = replace(firm.space, firm=Settings(gates=Gates(few=0)))
    run = run_of(firm, SECOND)
    ready = prepared(run)
    held = gates.judge(run, ready.new, ready.found)
    assert "1 of 4 (25" in held[1]
    published(run)
    assert gates.reasons(run) == held
