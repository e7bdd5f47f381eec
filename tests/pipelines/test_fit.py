"""The matching model is frozen between fits; a new one is shown as a difference, and used only when accepted."""

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
from typer.testing import CliRunner

from pipelines import again, fit
from pipelines.cli import app
from pipelines.runner import Summary

Go = Callable[[Path], Summary]


def model_of(root: Path) -> str:
    with again.opened(root) as run:
        return (run.folder.root / "match" / "model.json").read_text("utf-8")


def test_a_run_uses_the_model_of_the_run_before(firm: Path, go: Go) -> None:
    """New rows come, the model stays."""
    go(firm)
    before = model_of(firm)
    path = firm / "inbox" / "customers.csv"
    more = "".join(
        f"2{n:03},Anna,Nilsson{n},,,,anna{n}@post.example,69480000{n:02},Ermou {n},10563,Athina,\n" for n in range(40)
    )
    path.write_text(path.read_text("utf-8") + more, "utf-8")
    assert go(firm).status == "published"
    assert model_of(firm) == before


def test_a_fitted_model_is_used_only_when_it_is_accepted(firm: Path, go: Go) -> None:
    """Declined, the next run has nothing to do; accepted, the next run works with it."""
    go(firm)
    declined = CliRunner().invoke(app, ["fit", "-w", str(firm)], input="n\n")
    assert declined.exit_code == 0, declined.output
    assert "customers" in declined.output.lower()
    assert go(firm).status == "unchanged"
    fit.use(firm, model_of(firm) + " ")
    assert [s.name for s in go(firm).stages][-1] == "report"


def test_the_difference_counts_joined_and_split_customers() -> None:
    """Two customers that become one are two joined; one that falls in two is one split."""
    ids = ["1", "2", "3", "4", "5"]
    old = pa.table({"source": ["s"] * 5, "record_id": ids, "cluster_id": [1, 2, 3, 3, 4]})
    new = pa.table({"source": ["s"] * 5, "record_id": ids, "cluster_id": [7, 7, 8, 9, 10]})
    assert fit.changes(old, new) == (2, 1)
