"""`goldseam why`: records and golden ids in any combination, and what is said where one does not exist."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from connectors import workspace
from connectors.store.state import Store
from pipelines import again, init, runner
from pipelines.asked import UnknownRecord
from pipelines.cli import app
from pipelines.why import why
from reports.waterfall import BITS
from tests.pipelines import example


@pytest.fixture(scope="module")
def firm(published_one: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example workspace after its first night; nothing here changes it."""
    return example.copied(published_one, tmp_path_factory.mktemp("why"))


@pytest.fixture(scope="module")
def ids(firm: Path) -> dict[str, str]:
    """Record key -> golden id."""
    with again.opened(firm) as run:
        rows = run.folder.read("identify", "crosswalk").to_pylist()
    return {f"{r['source']}:{r['record_id']}": r["golden_id"] for r in rows}


def test_a_customer_and_one_of_its_records(firm: Path, ids: dict[str, str]) -> None:
    """The link that holds the record is shown, whichever of the two is named first."""
    golden = ids["customers:1001"]
    for words in ((golden, "customers:1002"), ("customers:1002", golden)):
        told = why(firm, *words)
        assert told.startswith(f"customers:1002 is one of the 2 records of {golden}.")
        assert "customers:1001" in told.splitlines()[1]
        assert "birth date" in told


def test_two_customers_are_compared_by_their_strongest_pair(firm: Path, ids: dict[str, str]) -> None:
    """Of all pairs between them the one that speaks most for joining them is told, with its evidence."""
    one, other = ids["customers:1001"], ids["customers:1003"]
    told = why(firm, one, other).splitlines()
    assert told[0] == f"{one} (2 records) and {other} (1 record) are two customers."
    assert told[1].startswith("Of their pairs customers:100")
    assert any("together" in line for line in told)
    assert f"are two customers: {one} and {other}." in why(firm, one, "customers:1003")


def test_bits_are_explained_once_and_two_records_have_no_health(firm: Path) -> None:
    """Whoever reads bits is told what they are; two records have one link, and nothing else could be cut."""
    for words in (("customers:1001",), ("customers:1001", "customers:1002")):
        told = why(firm, *words)
        assert told.count(BITS) == 1
        assert "Health" not in told
        assert "Cut first" not in told
    assert "bits" not in why(firm, "customers:1003")


def test_a_decision_is_told(firm: Path, tmp_path: Path) -> None:
    """Who decided on the pair and when, and that the evidence alone says otherwise."""
    mine = Path(shutil.copytree(firm, tmp_path / "mine"))
    with again.opened(mine) as run:
        run.store.decide("same", "customers:1001", "customers:1003", user="anna")
    told = why(mine, "customers:1001", "customers:1003")
    assert "anna decided on" in told
    assert ": same." in told


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["customers:101"], "there is no record customers:101 in run .* Did you mean customers:1001"),
        (["custmers:1001", "customers:1002"], "there is no record custmers:1001 .* Did you mean customers:1001"),
        (["1001"], "'1001' is no customer of run .* Did you mean customers:1001"),
        (["nonsense"], "no customer of run .* Write SOURCE:ID or a golden id"),
        (["customers:1001", "customers:1001"], "named twice. Name two"),
        (["customers:1007"], "in quarantine .* goldseam quarantine list -w"),
    ],
)
def test_who_is_not_there_is_told_with_the_nearest(firm: Path, words: list[str], said: str) -> None:
    """A misspelt key, an id without its source, a word that is nothing: what was meant, or how to write it."""
    with pytest.raises(UnknownRecord, match=said):
        why(firm, *words)


def test_a_misspelt_golden_id(firm: Path, ids: dict[str, str]) -> None:
    """The customer that was meant is proposed; a customer of one record beside that record is nothing to compare."""
    golden = ids["customers:1003"]
    with pytest.raises(UnknownRecord, match=f"Did you mean {golden}"):
        why(firm, golden[:-1])
    with pytest.raises(UnknownRecord, match=f"all that there is of {golden}"):
        why(firm, "customers:1003", golden)


def test_an_id_that_has_become_another(firm: Path, ids: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """A superseded golden id is answered for the customer it has become."""
    golden = ids["customers:1001"]
    monkeypatch.setattr(Store, "resolve", lambda *_: golden)
    assert why(firm, "GOLD").startswith(f"GOLD has become {golden}.\n{golden} is one customer of 2 records")


def test_wrong_usage_ends_with_a_remedy(firm: Path) -> None:
    """Without a name exit code 2, and the line to write."""
    found = CliRunner().invoke(app, ["why", "-w", str(firm)], terminal_width=300)
    assert found.exit_code == 2
    assert "SOURCE:ID" in found.output


def test_a_run_that_compared_nothing(tmp_path: Path) -> None:
    """A first run that stopped before matching is told as such, by every command that looks at it."""
    root = tmp_path / "firm"
    init.write(root)
    table = root / "inbox" / "customers.csv"
    table.write_text(table.read_text("utf-8").splitlines()[0] + "\n", "utf-8")
    runner.run(workspace.read(root), now=datetime(2025, 12, 31, 3, 30, tzinfo=UTC))
    for command in (["why", "customers:1"], ["fit"], ["blocking"]):
        found = CliRunner().invoke(app, [*command, "-w", str(root)])
        assert isinstance(found.exception, again.NoSuchRun), command
        assert "stopped before its records were compared" in str(found.exception)
