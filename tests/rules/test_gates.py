"""The cases of tests/spec/gates.yml, which a steward can read."""

import re
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from rules import schema
from rules.gates import GATES, Cluster, Figures, Gates, Money, Quarantined, Rate, TakenBack, reasons

FILE = Path(__file__).parents[1] / "spec" / "gates.yml"
CASES = schema.load(FILE.read_text("utf-8"), FILE.name)[0]


def figures(told: dict[str, Any]) -> Figures:
    lists = {"clusters": Cluster, "quarantine": Quarantined, "rates": Rate, "money": Money}
    made = {name: tuple(of(**row) for row in told.get(name, ())) for name, of in lists.items()}
    back = TakenBack(**told["taken_back"]) if "taken_back" in told else None
    return Figures(**{**told, **made, "taken_back": back})


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["case"])
def test_holds_as_the_case_says(case: dict[str, Any]) -> None:
    """Exactly these gates hold, each with these words, and each sentence names its setting."""
    found = {r.gate: r.sentence for r in reasons(Gates(**case.get("gates", {})), figures(case["figures"]))}
    assert found.keys() == case["held"].keys()
    for gate, words in case["held"].items():
        assert words in found[gate].replace("\u00a0", " ")
        assert f"`gates.{gate}` in goldseam.yml" in found[gate]


def test_every_gate_has_a_case_a_setting_and_can_be_switched_off() -> None:
    """No gate without words in the specification; every setting but `few` may be null."""
    assert {gate for case in CASES for gate in case["held"]} == GATES.keys()
    assert Gates.model_fields.keys() == {*GATES, "few"}
    assert Gates(**dict.fromkeys(GATES)).few == Gates().few
    assert all(case["why"] for case in CASES)


def test_a_mistake_in_the_settings_is_named() -> None:
    """An unknown gate and a share above one are mistakes with their line and a remedy."""
    text = "gates:\n  merge: 0.1\n  splits: 3\n"
    data, lines = schema.load(text, "goldseam.yml")
    with pytest.raises(schema.Mistakes) as found:
        schema.parse(data, lines, schema.Firm, "goldseam.yml")
    told = [(p.line, p.key) for p in found.value.problems]
    assert sorted(told) == [(2, "gates.merge"), (3, "gates.splits")]
    assert "merges" in str(found.value)


def test_a_new_workspace_is_told_the_defaults() -> None:
    """What `goldseam init` writes into goldseam.yml as the defaults, in comments, is what they are."""
    template = files("pipelines").joinpath("template/goldseam.yml").read_text("utf-8")
    told = [line.removeprefix("# ") for line in template.splitlines() if re.match(r"# (gates:|  \w+: )", line)]
    data, _ = schema.load("\n".join(told), "goldseam.yml")
    assert Gates(**data["gates"]) == Gates()
    assert data["gates"].keys() == Gates.model_fields.keys()
