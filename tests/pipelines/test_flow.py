"""`goldseam run`: Prefect comes into it only where there is something to do."""

from pathlib import Path

import pytest

from connectors import workspace
from pipelines import flow, runner
from pipelines.context import Run
from pipelines.nights import server
from pipelines.summary import Summary, Watcher


def test_a_night_on_which_nothing_changed_starts_no_server(running: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The run with something to do goes on with Prefect after landing; the next one is on record without."""
    went_on = []

    def rest(this: Run, summary: Summary, watcher: Watcher) -> None:
        went_on.append([stage.name for stage in summary.stages])
        runner.walk(this, summary, watcher)

    monkeypatch.setattr(flow, "_rest", rest)
    monkeypatch.setattr(server, "may_be_set", lambda: False)
    path = running / "inbox" / "customers.csv"
    path.write_text(path.read_text("utf-8").replace("Via Roma 8", "Via Milano 9"), "utf-8")
    first, second = (flow.run(workspace.read(running)) for _ in range(2))
    assert (first.status, second.status) == ("published", "unchanged")
    assert went_on == [["land"]]


@pytest.mark.parametrize(
    ("address", "file", "text", "asked"),
    [
        (None, "", "", False),
        ("", ".env", "PREFECT_API_URL=http://x", False),
        ("http://prefect.example/api", "", "", True),
        (None, "home/profiles.toml", 'PREFECT_API_URL = "http://prefect.example/api"', True),
        (None, "prefect.toml", '[api]\nurl = "http://prefect.example/api"', True),
        (None, ".env", "PREFECT_API_URL=http://prefect.example/api", True),
        (None, "pyproject.toml", 'dependencies = ["prefect"]', False),
        (None, "pyproject.toml", '[tool.prefect.api]\nurl = "http://prefect.example/api"', True),
    ],
)
def test_where_a_server_of_the_user_s_may_be_named(
    address: str | None, file: str, text: str, asked: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the environment says of its address counts; else Prefect is asked where a file of settings is there."""
    monkeypatch.chdir(tmp_path)
    for name in ("PREFECT_API_URL", "PREFECT_PROFILES_PATH"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PREFECT_HOME", str(tmp_path / "home"))
    if address is not None:
        monkeypatch.setenv("PREFECT_API_URL", address)
    if file:
        (tmp_path / file).parent.mkdir(exist_ok=True)
        (tmp_path / file).write_text(text, "utf-8")
    assert server.may_be_set() == asked
