"""Runs and stages that take too long are failed, also where nobody listens."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from connectors.store import lock
from pipelines.context import StageResult
from pipelines.failure import StageBroke, TookTooLong, reason
from pipelines.nights.limits import Limited
from pipelines.stages import STAGES
from pipelines.summary import Watcher
from rules.nights import Timeouts

SOON = 0.05 / 60
"""Minutes."""


def hangs() -> None:
    """What a stage does that catches whatever goes wrong in one source, and takes it for that source's own."""
    try:
        time.sleep(30)
    except Exception:
        time.sleep(30)


def never(why: str) -> None:
    raise AssertionError(why)


def test_a_stage_that_takes_too_long_is_stopped_in_words() -> None:
    """The stage, its limit, the setting; no `except Exception` on the way swallows it."""
    with Limited(Watcher(), Timeouts(stage_minutes=SOON), never) as limited:
        limited.begin(STAGES[3])
        with pytest.raises(TookTooLong) as caught:
            hangs()
    assert reason(caught.value).startswith("The stage match took longer than 0.00083")
    assert "timeouts.stage_minutes" in reason(caught.value)


def test_a_run_that_takes_too_long_is_stopped_whatever_its_stages_take() -> None:
    """Each stage is within its limit; together they are not."""
    limits = Timeouts(run_minutes=SOON * 3, stage_minutes=SOON * 2)

    def stages(limited: Limited) -> None:
        for step in STAGES:
            limited.begin(step)
            time.sleep(0.06)
            limited.end(StageResult(step.name, 0, 0))

    with Limited(Watcher(), limits, never) as limited, pytest.raises(TookTooLong, match="The run took longer"):
        stages(limited)


def test_a_run_within_its_time_is_left_alone_and_so_is_whoever_comes_after() -> None:
    """The alarm is off when the run is over, and the watcher inside heard of every stage."""
    heard: list[str] = []

    class Listener(Watcher):
        def end(self, result: StageResult) -> None:
            heard.append(result.name)

    with Limited(Listener(), Timeouts(run_minutes=SOON), never) as limited:
        limited.begin(STAGES[0])
        limited.end(StageResult("land", 1, 1))
    time.sleep(0.1)
    assert heard == ["land"]


def test_a_stage_of_the_flow_that_is_stopped_fails_as_a_stage(monkeypatch: pytest.MonkeyPatch) -> None:
    """Prefect puts its words on record like those of any stage that broke: the flow has failed, not crashed."""
    from pipelines import nightly

    def slow(*_: object) -> bool:
        raise TookTooLong("The stage match took longer than 5 minutes")

    monkeypatch.setattr(nightly.runner, "step", slow)
    with pytest.raises(StageBroke, match="took longer than 5 minutes"):
        nightly.stage.fn("match", None, STAGES[3], None, None)


STUCK = """
import sys, time
from pathlib import Path
from connectors.store import lock
from pipelines.failure import TookTooLong
from pipelines.nights.limits import Limited
from pipelines.summary import Watcher
from rules.nights import Timeouts

tell = lambda why: Path(sys.argv[1], "told").write_text(why)
with lock.held(Path(sys.argv[1], "run.lock")), Limited(Watcher(), Timeouts(run_minutes=0.001), tell, grace=0.2):
    while True:
        try:
            time.sleep(60)
        except BaseException:
            pass
"""


def test_a_process_that_does_not_end_itself_is_ended_and_its_lock_is_free(tmp_path: Path) -> None:
    """Where a library swallows even the alarm: it is told, the process ends as failed, the next run begins at once."""
    ended = subprocess.run([sys.executable, "-c", STUCK, str(tmp_path)], check=False, timeout=60)
    assert ended.returncode == 1
    assert "The run took longer than 0.001 minutes" in (tmp_path / "told").read_text()
    with lock.held(tmp_path / "run.lock"):
        pass
