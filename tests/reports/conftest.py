"""Pages of a fictional firm, drawn once, for every test of this folder."""

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from reports import page
from reports.scorecard.context import Outcome, Scorecard
from reports.scorecard.gather import gather, scores
from rules import scorecard

sys.path.append(str(Path(__file__).parent))  # tests are no package, and these two are no tests

import fictional
import fictional_dedupe


@pytest.fixture(scope="session")
def card(tmp_path_factory: pytest.TempPathFactory) -> Scorecard:
    """The scorecard of a whole run that follows another."""
    runs = tmp_path_factory.mktemp("runs")
    how = scorecard.settings()
    before = fictional.run_folder(runs, "20261121T023000Z-01d0", customers=380, seed=3)
    old = gather(before, fictional.FIRM, fictional.DECLARED, fictional.STARTED, how=how)
    before.write("report", "scores", scores(old.heats))
    folder = fictional.run_folder(runs)
    done = Outcome("published", "", "publish")
    return gather(folder, fictional.FIRM, fictional.DECLARED, fictional.STARTED, how=how, before=before, outcome=done)


@pytest.fixture(scope="session")
def empty_card(tmp_path_factory: pytest.TempPathFactory) -> Scorecard:
    """The scorecard of a run that was stopped before it read anything."""
    folder = fictional.RunFolder.open(tmp_path_factory.mktemp("runs"), "20261122T023000Z-dead")
    return gather(folder, fictional.FIRM, {}, fictional.STARTED, how=scorecard.settings())


@pytest.fixture(scope="session")
def pages(card: Scorecard, empty_card: Scorecard) -> dict[str, str]:
    """Every page, full and empty, as HTML by name."""
    from reports import dedupe

    return {
        "scorecard": page.render(card),
        "scorecard-empty": page.render(empty_card),
        "dedupe": dedupe.render(fictional_dedupe.REPORT),
        "dedupe-empty": dedupe.render(fictional_dedupe.EMPTY),
    }


def chromium() -> str:
    """The system's Chromium; where there is none the test is skipped, but never where tests must be whole."""
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if found:
        return found
    if os.environ.get("CI") == "true":
        pytest.fail("there is no Chromium: apt-get install chromium")
    pytest.skip("there is no Chromium")


@pytest.fixture(scope="session")
def chrome() -> Iterator[Any]:
    """One Chromium for all tests of a process: there cannot be two."""
    executable = chromium()
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as play:
        started = play.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        yield started
        started.close()
