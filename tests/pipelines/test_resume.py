"""A run that was cut off is taken up after its last whole stage, if it still stands on the same ground."""

import json
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from connectors import workspace as workspaces
from connectors.store.runs import RunFolder
from connectors.store.state import Store
from pipelines import failure, init, runner
from pipelines.context import RunFailed
from pipelines.runner import Summary
from tests.pipelines.example import KEYLESS, add_source, crosswalk
from tests.pipelines.test_failure import break_stage

NIGHT = datetime(2026, 1, 1, 3, 30, tzinfo=UTC)
STAGES = ["land", "standardise", "validate", "match", "identify", "survive", "publish", "report"]


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A firm whose first run broke in `survive`; one of its two sources has no ids."""
    root = tmp_path_factory.mktemp("resume") / "firm"
    init.write(root)
    add_source(root, KEYLESS)
    with pytest.MonkeyPatch.context() as patch:
        cut(patch, root, "survive")
    return root


@pytest.fixture
def cut_off(broken: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(broken, tmp_path / "firm"))


def cut(patch: pytest.MonkeyPatch, root: Path, stage: str) -> None:
    """A run that breaks in a stage, because the state database went away."""
    with patch.context() as inner:
        break_stage(inner, stage, OperationalError("select", {}, Exception("server closed the connection")))
        with pytest.raises(RunFailed):
            run(root)


def run(root: Path, minutes: int = 0) -> Summary:
    return runner.run(workspaces.read(root), now=NIGHT + timedelta(minutes=minutes))


def done(summary: Summary) -> list[str]:
    """The stages that were really done."""
    return [stage.name for stage in summary.stages if not any("cut off" in note for note in stage.notes)]


def minted(root: Path) -> set[str]:
    """Golden ids of the run that was cut off."""
    name = min(p.name for p in (root / "var" / "runs").iterdir())
    clusters = RunFolder.open(root / "var" / "runs", name).read("identify", "clusters")
    return set(clusters["golden_id"].to_pylist())


def test_a_run_goes_on_after_the_last_whole_stage(cut_off: Path) -> None:
    """Its golden ids are those that were minted; the summary and `--json` say where it went on; keys are remembered."""
    summary = run(cut_off, 5)
    assert done(summary) == ["land", "survive", "publish", "report"]
    assert summary.as_json()["resumed"]["after"] == "identify"
    assert set(filter(None, crosswalk(cut_off).values())) == minted(cut_off)
    assert summary.quarantined
    assert (cut_off / "var" / "keys" / "second.parquet").exists()
    assert run(cut_off, 10).status == "unchanged"


def test_a_run_that_is_cut_off_again_and_again_gets_there(cut_off: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each time one stage further, though the folders of the first runs are needed for it."""
    ids = minted(cut_off)
    cut(monkeypatch, cut_off, "survive")
    cut(monkeypatch, cut_off, "publish")
    summary = run(cut_off, 5)
    assert done(summary) == ["land", "publish", "report"]
    assert set(filter(None, crosswalk(cut_off).values())) == ids
    assert run(cut_off, 10).status == "unchanged"


def decide(root: Path) -> None:
    with Store.open(workspaces.read(root).database_url) as store:
        store.decide("different", "customers:1001", "customers:1002", user="maria")


def learn(root: Path) -> None:
    with Store.open(workspaces.read(root).database_url) as store:
        model = next(root.glob("var/runs/*/match/model.json")).read_text("utf-8")
        store.save_model(model, "elsewhere")


def write(path: str, text: str) -> Callable[[Path], object]:
    def change(root: Path) -> None:
        with (root / path).open("a", encoding="utf-8") as file:
            file.write(text)

    return change


def lose(root: Path) -> None:
    """As a machine does that lost its power: the name is there, and nothing behind it."""
    next(root.glob("var/runs/*/match/pairs/all.parquet")).write_bytes(b"")


@pytest.mark.parametrize(
    "change",
    [
        write("goldseam.yml", "\nlanguage: el\n"),
        write("sources/second.yml", "trust: 0.9\n"),
        write("rules/survivorship.yml", "{}\n"),
        decide,
        learn,
        lose,
    ],
    ids=["setting", "declaration", "rule", "decision", "model", "lost file"],
)
def test_on_other_ground_nothing_is_gone_on_with(cut_off: Path, change: Callable[[Path], object]) -> None:
    """What was decided or declared meanwhile counts: nothing half old, half new is published."""
    assert found(cut_off, 5)
    change(cut_off)
    assert not found(cut_off, 10)


def test_on_another_day_nothing_is_gone_on_with(cut_off: Path) -> None:
    """Dates in the future, and how recent a value is, depend on the day."""
    assert not found(cut_off, 24 * 60)


def found(root: Path, minutes: int) -> bool:
    """Whether a run finds one to go on with."""
    with runner.opened(workspaces.read(root), NIGHT + timedelta(minutes=minutes)) as (this, _):
        return this.cut is not None


def test_what_a_source_brings_meanwhile_counts(cut_off: Path) -> None:
    """The other source need not be read again; all that comes after is done anew."""
    write("inbox/second.csv", "Ida Falk,ida@post.example\n")(cut_off)
    summary = run(cut_off, 5)
    assert (summary.status, summary.resumed, done(summary)) == ("published", {}, STAGES)


def test_a_decision_while_a_run_is_under_way_leaves_it_no_ground(firm: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody can say which stages knew of it."""
    import pipelines.validate

    validate = pipelines.validate.validate

    def meanwhile(this: Any) -> Any:
        decide(firm)
        return validate(this)

    monkeypatch.setattr(pipelines.validate, "validate", meanwhile)
    cut(monkeypatch, firm, "survive")
    monkeypatch.undo()
    assert run(firm, 5).resumed == {}


def test_a_source_that_failed_is_asked_again(firm: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It may have come meanwhile; the others need not be read again."""
    add_source(firm, table=None)
    cut(monkeypatch, firm, "match")
    (firm / "inbox" / "second.csv").write_text("no,name,mail\n1,Ida Falk,ida@post.example\n", "utf-8")
    summary = run(firm, 5)
    assert (summary.resumed, summary.warnings) == ({}, [])
    assert "second:1" in crosswalk(firm)


@pytest.mark.parametrize("stage", ["publish", "report"])
def test_a_run_killed_after_its_publication_is_finished_by_the_next(
    firm: Path, monkeypatch: pytest.MonkeyPatch, stage: str
) -> None:
    """Its scorecard is written, and it is on record with what it changed, as if it had not been killed."""
    die_after(monkeypatch, stage)
    with pytest.raises(RunFailed):
        run(firm)
    monkeypatch.undo()
    published = (firm / "published" / "latest").readlink().name
    assert not (firm / "scorecard.html").exists()
    run(firm, 5)
    assert (firm / "scorecard.html").exists()
    with Store.open(workspaces.read(firm).database_url) as store:
        row = next(r for r in store.runs().to_pylist() if r["run_id"] == published)
    told = json.loads(row["summary"])
    assert (row["status"], told["golden"], told["changes"]["created"]) == ("published", 4, 4)
    assert sum(told["quarantined"].values()) == 1
    assert [stage["name"] for stage in told["stages"]] == STAGES


def die_after(patch: pytest.MonkeyPatch, stage: str) -> None:
    """The run stops after a stage's work, and puts nothing on record: as a kill leaves it."""
    module = import_module(f"pipelines.{stage}")
    work = getattr(module, stage)

    def dies(this: Any) -> None:
        work(this)
        raise KeyboardInterrupt

    patch.setattr(module, stage, dies)
    patch.setattr(failure, "on_record", lambda *_: "")
