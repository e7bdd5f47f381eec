"""`nightly:` in goldseam.yml: mistakes are found with their line and remedy, and the template's comments are right."""

import configparser
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from connectors import workspace as workspaces
from pipelines import init
from pipelines.check import check
from pipelines.nights.check import demand_secrets
from rules.schema import Mistakes

MISTAKES = {
    'cron: "61 2 * * *"': "goldseam.yml:2: nightly.cron: '61 2 * * *' is no schedule. Write minute, hour",
    "timezone: Europe/Atlantis": "nightly.timezone: there is no time zone 'Europe/Atlantis'. Write its name",
    "wait_for: {crm: '25:00'}": "nightly.wait_for: this is no time of day: write hours and minutes",
    "wait_for: {shop: '05:00'}": "nightly.wait_for.shop: there is no source 'shop'. Name one of crm, db",
    "wait_for: {db: '05:00'}": "nightly.wait_for.db: db is a database, which has no files to wait for. Take it out",
    "late: {end_by: 7}": "nightly.late.end_by: this should be text",
    "notify: {tell: [always]}": "nightly.notify.tell.0: should be 'late', 'held', 'failed' or 'published'",
    "notify: {webhook: {url: 'https://x.example/secret'}}": "nightly.notify.webhook.url: it is secret: set",
    "notify: {mail: {to: nobody, sender: a@b.example, server: x}}": "nightly.notify.mail.to: 'nobody' is no e-mail",
    "notify: {mail: {to: a@b.example, sender: a@b.example, server: x, password: swordfish}}": "it is secret",
    "notify: {mail: {to: a@b.example, sender: a@b.example, server: x, user: u}}": "`user` and `password` go together",
    "notify: {mail: {to: a@b.example, sendr: a@b.example, server: x}}": "unknown key. Did you mean `sender`",
    "heartbeat: ftp://x.example": "nightly.heartbeat: it is secret",
    "retries: {times: 100}": "nightly.retries.times: should be less than or equal to 10",
    "timeouts: {run_minutes: 0}": "nightly.timeouts.run_minutes: should be greater than 0",
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "sources").mkdir()
    (tmp_path / "inbox").mkdir()
    (tmp_path / "inbox" / "crm.csv").write_text("no,name\n1,Ada\n")
    (tmp_path / "sources" / "crm.yml").write_text("kind: csv\nlocation: inbox/crm.csv\ncolumns: {name: full_name}\n")
    (tmp_path / "sources" / "db.yml").write_text("kind: sql\nlocation: env:DB\ntable: t\n")
    return tmp_path


@pytest.mark.parametrize("said", MISTAKES)
def test_mistakes(root: Path, said: str) -> None:
    """`goldseam check` names file, line, key and remedy; a secret is not repeated."""
    (root / "goldseam.yml").write_text(f"nightly:\n  {said}\n")
    problems = [str(problem) for problem in check(root)[0] if "goldseam.yml" in str(problem)]
    assert MISTAKES[said] in "\n".join(problems)
    assert problems[0].startswith("goldseam.yml:2: ")
    assert not {"swordfish", "x.example/secret"} & set(re.findall(r"[\w./]+", "\n".join(problems)))


def test_a_secret_that_is_not_set_is_told_before_the_first_night(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not at three in the morning when there is something to tell: every variable, with its line."""
    (root / "goldseam.yml").write_text("nightly:\n  heartbeat: env:BEAT\n  notify: {webhook: {url: env:HOOK}}\n")
    monkeypatch.setenv("BEAT", "https://x.example")
    with pytest.raises(Mistakes) as caught:
        demand_secrets(workspaces.read(root))
    assert str(caught.value) == (
        "goldseam.yml:3: nightly.notify.webhook.url: the environment variable HOOK is not set. Set it: export HOOK=…"
    )
    monkeypatch.setenv("HOOK", "https://x.example")
    demand_secrets(workspaces.read(root))


@pytest.fixture
def new(tmp_path: Path) -> Path:
    """A workspace as `goldseam init` writes it."""
    init.write(tmp_path / "new")
    return tmp_path / "new"


def test_every_setting_that_the_template_comments_out_can_be_used(new: Path) -> None:
    """Without the # it is right as it stands, and each key of `nightly` is told."""
    settings = new / "goldseam.yml"
    text = settings.read_text("utf-8")
    head, nightly = text.split("nightly:\n")
    settings.write_text(f"{head}nightly:\n{re.sub('^  # ', '  ', nightly, flags=re.MULTILINE)}", "utf-8")
    found = workspaces.read(new).firm.nightly
    assert found.notify.mail is not None
    assert set(type(found).model_fields) == found.model_fields_set


def test_the_unit_for_systemd_is_one(new: Path) -> None:
    """It runs the command that exists, restarts it, gives it time to stop, and holds no secret."""
    path = new / "deploy" / "goldseam-nightly.service"
    unit = configparser.RawConfigParser(strict=True)
    unit.optionxform = str  # type: ignore[assignment,method-assign]  # keys of systemd have capitals
    unit.read_string(path.read_text("utf-8"))
    assert unit["Service"]["ExecStart"].endswith("goldseam nightly -w .")
    assert unit["Service"]["Restart"] == "always"
    assert int(unit["Service"]["TimeoutStopSec"]) > 60
    if shutil.which("systemd-analyze"):
        told = subprocess.run(["systemd-analyze", "verify", path], capture_output=True, text=True, check=False).stderr
        wrong = [line for line in told.splitlines() if path.name in line and "is not executable" not in line]
        assert wrong == []


def test_the_prefect_file_deploys_the_flow_that_exists(new: Path) -> None:
    """Its entry point, its parameters and its schedule are those of the flow; in UTC, which skips no hour."""
    from pipelines import nightly

    told: dict[str, Any] = yaml.safe_load((new / "deploy" / "prefect.yaml").read_text("utf-8"))
    (deployment,) = told["deployments"]
    assert deployment["entrypoint"] == f"{nightly.__name__}.{nightly.night.fn.__name__}"
    nightly.night.validate_parameters(deployment["parameters"])
    (schedule,) = deployment["schedules"]
    assert schedule["cron"] == deployment["parameters"]["cron"]
    assert schedule["timezone"] == deployment["parameters"]["timezone"] == "UTC"
