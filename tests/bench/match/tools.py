"""The tools that are measured side by side: the command of each, and what its job says beside the set."""

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import yaml

from tests.bench.match.peers import install
from tests.bench.match.sets import Spec

PEERS: Final = Path(__file__).parent / "peers"


@dataclass(frozen=True)
class Tool:
    """`says`: what it is called in the tables; `peer`: the package it is installed from, none for our own."""

    name: str
    says: str
    peer: str | None
    probabilities: bool = True
    more: dict[str, Any] = field(default_factory=dict)
    wanted: Callable[[Spec], bool] = lambda _: True

    def command(self, environments: Path) -> list[str]:
        """Raises CalledProcessError where a peer cannot be installed."""
        if self.peer is None:
            return [sys.executable, "-m", "tests.bench.match.goldseam_run"]
        return [str(install.interpreter(self.peer, environments)), str(PEERS / f"{self.peer}_run.py")]

    def job(self, spec: Spec) -> dict[str, Any]:
        """What its run is told beside files and folder. Raises ValueError where Splink has no model for the set."""
        return {**self.more, "model": splink_model(spec.model)} if self.peer == "splink" else self.more


def splink_model(name: str) -> dict[str, Any]:
    """A model of peers/splink.yml. Raises ValueError where there is none of this name."""
    models: dict[str, dict[str, Any]] = yaml.safe_load((PEERS / "splink.yml").read_text("utf-8"))
    if name not in models:
        raise ValueError(f"peers/splink.yml has no model {name!r}")
    return models[name]


def labelled(spec: Spec) -> bool:
    """Whether it is also measured how much 200 labels help."""
    return spec.name == "households"


def given(spec: Spec) -> bool:
    """Whether matching and clustering alone are measured, with the given blocking rules."""
    return spec.large


TOOLS: Final = (
    Tool("goldseam", "Goldseam", None, more={"mode": "dedupe"}),
    Tool("goldseam_labels", "Goldseam, 200 labels", None, more={"mode": "dedupe"}, wanted=labelled),
    Tool("goldseam_asked", "Goldseam, 200 labels asked for", None, more={"mode": "dedupe"}, wanted=labelled),
    Tool("goldseam_given", "Goldseam, given rules", None, more={"mode": "given"}, wanted=given),
    Tool("splink", "Splink", "splink"),
    Tool("goldenmatch", "GoldenMatch", "goldenmatch", probabilities=False, more={"mode": "zero"}),
    Tool(
        "goldenmatch_prob", "GoldenMatch, probabilistic", "goldenmatch", probabilities=False,
        more={"mode": "probabilistic"},
    ),
)  # fmt: skip
