"""The matching model is frozen between fits; a new one is shown as a difference, and used only when accepted."""

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest
from typer.testing import CliRunner

from connectors.store import publication
from pipelines import again, fit, fitting, labelled
from pipelines.cli import app
from pipelines.cli import fit as command
from pipelines.context import RunFailed
from pipelines.runner import Summary
from rules.matching.model import from_json

Go = Callable[[Path], Summary]


def model_of(root: Path) -> str:
    with again.opened(root) as run:
        return (run.folder.root / "match" / "model.json").read_text("utf-8")


def in_use(root: Path) -> str:
    with again.opened(root) as run:
        return str(run.store.model())


def clusters(*ids: int) -> pa.Table:
    keys = [str(n) for n in range(len(ids))]
    return pa.table({"source": ["s"] * len(ids), "record_id": keys, "cluster_id": list(ids)})


@pytest.fixture
def firm(running: Path) -> Path:
    """The example workspace after its first run."""
    return running


def test_a_run_uses_the_model_of_the_run_before(firm: Path, go: Go) -> None:
    """New rows come, the model stays, and it is one version, not one a night."""
    before = model_of(firm)
    path = firm / "inbox" / "customers.csv"
    more = "".join(
        f"2{n:03},Anna,Nilsson{n},,,,anna{n}@post.example,69480000{n:02},Ermou {n},10563,Athina,\n" for n in range(40)
    )
    path.write_text(path.read_text("utf-8") + more, "utf-8")
    assert go(firm).status == "published"
    assert model_of(firm) == before
    assert [v.number for v in fit.versions(firm)] == [1]


def test_a_fitted_model_is_used_only_when_it_is_accepted(firm: Path, go: Go, monkeypatch: pytest.MonkeyPatch) -> None:
    """Declined, or asked through a pipe, the next run has nothing to do; with --yes it works with the new one."""
    piped = CliRunner().invoke(app, ["fit", "-w", str(firm)])
    assert piped.exit_code == 0, piped.output
    assert "--yes" in piped.output
    monkeypatch.setattr(command, "asks", lambda: True)
    declined = CliRunner().invoke(app, ["fit", "-w", str(firm)], input="n\n")
    assert "Customers: " in declined.output
    assert "now and with the new model:\n  person        joined from 0." in declined.output
    assert go(firm).status == "unchanged"
    accepted = CliRunner().invoke(app, ["fit", "-w", str(firm), "--yes"])
    assert "as number 2" in accepted.output
    assert in_use(firm)


def test_an_earlier_model_is_taken_up_again(firm: Path, go: Go) -> None:
    """Models are numbered; an older one comes back under a new number, and the next run works with it."""
    first = in_use(firm)
    fit.use(firm, first + " ")
    with again.opened(firm) as run, run.store.engine.connect() as connection:
        # A run that began before would not bring its model back when it publishes.
        assert not publication._is_new(connection, first)
    assert [s.name for s in go(firm).stages][-1] == "report"
    listed = CliRunner().invoke(app, ["fit", "-w", str(firm), "--use", "1"])
    assert "as number 3" in listed.output
    assert in_use(firm) == first
    assert [(v.number, v.same_as, v.in_use) for v in fit.versions(firm)] == [
        (3, 1, True), (2, None, False), (1, None, False),
    ]  # fmt: skip
    assert "the same as 1  (in use)" in CliRunner().invoke(app, ["fit", "-w", str(firm), "--list"]).output
    with pytest.raises(fit.NoSuchModel, match="Models: 1, 2, 3"):
        fit.use_again(firm, 9)


def test_decisions_teach_the_model_and_labels_do_not_bind(firm: Path, tmp_path: Path) -> None:
    """Decisions and a file of labels are judgements; a label changes weights and joins no records by itself."""
    with again.opened(firm) as run:
        records = run.folder.read("validate", "records").to_pylist()
        persons = [f"{r['source']}:{r['record_id']}" for r in records if r["surname"] and not r["organisation_name"]]
        one, two, three, four = persons[:4]
        run.store.decide("different", one, two, user="anna")
    split = [*three.split(":"), *four.split(":")]
    labelled.write(tmp_path / "labels.csv", [(*split, "same")])  # type: ignore[list-item]  # four texts
    found = fit.fit(firm, tmp_path / "labels.csv")
    assert sum(r.judgements for r in found.reliability.values()) == 2
    assert "2 judgements (1 the same) change no weight" in " ".join(found.notes)
    assert not any(model.correction for model in from_json(found.model).values())
    assert not any({tuple(three.split(":")), tuple(four.split(":"))} <= set(c.records) for c in found.changes)


def test_a_damaged_model_is_told_and_a_new_one_learned(firm: Path, go: Go) -> None:
    """A run says what is damaged and the command that mends it; `fit` does without the old model and says so."""
    with again.opened(firm) as run:
        run.store.save_model(in_use(firm)[:200], run.id)
    table = firm / "inbox" / "customers.csv"
    table.write_text(table.read_text("utf-8") + "2000,Anna,Nilsson,,,,anna@post.example,,,,,\n", "utf-8")
    with pytest.raises(RunFailed, match=r"model cannot be used: it is damaged or cut off .* goldseam fit -w"):
        go(firm)
    found = fit.fit(firm)
    assert "Not compared with the model in use: it is damaged" in found.notes[0]
    fit.use(firm, found.model)
    assert go(firm).status == "published"


def test_changes_are_joined_split_or_both() -> None:
    """Customers that become one are joined, one that falls in two is split, two that swap a record are regrouped."""
    old = clusters(1, 2, 3, 3, 4, 5, 5, 6)
    new = clusters(7, 7, 8, 9, 10, 11, 12, 12)
    found = fitting.changes(old, new)
    assert [(c.kind, c.before, c.after, len(c.records)) for c in found] == [
        ("regrouped", 2, 2, 3), ("joined", 2, 1, 2), ("split", 1, 2, 2),
    ]  # fmt: skip
    assert fitting.by_kind(found) == {"joined": 2, "regrouped": 2, "split": 1}
    assert fitting.changes(old, old) == ()
