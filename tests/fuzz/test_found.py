"""Every file that the fuzzer ever stumbled over is judged again: none may break what it broke."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fuzz import run, seeds

FILES = sorted(run.FOUND.glob("*.found.json"))


@pytest.fixture(scope="module")
def judge() -> Iterator[run.Judge]:
    """A process of its own: what was found may have ended it."""
    made = run.Judge()
    yield made
    made.close()


@pytest.mark.parametrize("facts", FILES, ids=[f.name.removesuffix(".found.json") for f in FILES])
def test_what_was_found_stays_mended(facts: Path, judge: run.Judge, request: pytest.FixtureRequest) -> None:
    """A table or a refusal in words, quickly, and every row once. `open` in a file's facts says what is not mended."""
    told = json.loads(facts.read_text("utf-8"))
    if "open" in told:
        request.applymarker(pytest.mark.xfail(reason=told["open"]))
    (origin,) = (f for f in run.FOUND.glob(facts.name.removesuffix(".found.json") + ".*") if f != facts)
    verdict = judge.ask(origin.read_bytes(), seeds.Seed(b"", origin.suffix[1:], told["settings"]))
    assert verdict["wrong"] == []
