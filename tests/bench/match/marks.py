"""What was to be reached, beside what was; and what the peers are, as multiples of ours."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

TO_REACH: Final[dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("to_reach.yml").read_text("utf-8"))
OURS: Final = "goldseam"


@dataclass(frozen=True)
class Mark:
    """`reached` must be at least `goal`, or at most, where `less` is better."""

    what: str
    goal: float
    reached: float
    less: bool = False

    @property
    def done(self) -> bool:
        return self.reached <= self.goal if self.less else self.reached >= self.goal


def goals(name: str) -> dict[str, Any]:
    """What is to be reached on one set alone."""
    found: dict[str, Any] = TO_REACH["sets"].get(name, {})
    return found


def marks(name: str, found: dict[str, Any]) -> Iterator[Mark]:
    """Every mark of a set; none of a run that failed."""
    goal, ours = goals(name), _result(found, OURS)
    of = {OURS: ("f1", "cluster F1"), f"{OURS}_labels": ("labels", "cluster F1, 200 labels drawn at random"),
          f"{OURS}_asked": ("labels", "cluster F1, 200 labels asked for")}  # fmt: skip
    for tool, (key, what) in of.items():
        if key in goal and (one := _result(found, tool)):
            yield Mark(what, goal[key], one["clusters"]["f1"])
    if ours and "merge" in ours:
        every, clusters = TO_REACH["every"], ours["clusters"]
        better = clusters["best"]["f1"] - clusters["f1"]
        yield Mark("calibration error", every["calibration"], ours["calibration"]["expected_error"], less=True)
        yield Mark("precision from merge", every["merge_precision"], ours["merge"]["precision"])
        yield Mark("mixed golden records from merge", every["mixed"], clusters["mixed_sure"], less=True)
        yield Mark("best threshold above default, F1", every["from_best"], better, less=True)
    yield from _given(goal.get("given"), _result(found, f"{OURS}_given"), _result(found, "splink"))


def _given(goal: dict[str, float] | None, ours: dict[str, Any] | None, peer: dict[str, Any] | None) -> Iterator[Mark]:
    if goal is None or ours is None:
        return
    yield Mark("given rules, CPU s", goal["cpu"], spent(ours, "cpu", "match"), less=True)
    yield Mark("given rules, GB", goal["gigabytes"], ours["megabytes"] / 1000, less=True)
    if peer is not None:
        share = spent(ours, "wall", "match") / spent(peer, "wall", "match")
        yield Mark("given rules, wall as share of Splink's", goal["wall"], share, less=True)


def _result(found: dict[str, Any], tool: str) -> dict[str, Any] | None:
    one: dict[str, Any] | None = found.get(tool)
    return None if one is None or "failed" in one else one


def spent(one: dict[str, Any], kind: str, phase: str | None = None) -> float:
    """Seconds, `cpu` or `wall`, of one phase or of all."""
    return float(sum(p[kind] for name, p in one["phases"].items() if phase in (None, name)))


def ratios(found: dict[str, Any]) -> dict[str, dict[str, float]]:
    """Of each peer: its F1 less ours, and its costs as multiples of ours (those of matching alone as well)."""
    ours = _result(found, OURS)
    peers = [(name, _result(found, name)) for name in found if not name.startswith(OURS)]
    return {name: _ratio(peer, ours) for name, peer in peers if ours and peer}


def _ratio(peer: dict[str, Any], ours: dict[str, Any]) -> dict[str, float]:
    theirs, default = peer["clusters"], ours["clusters"]["f1"]
    out = {"f1_less_ours": theirs["f1"] - default, "best_f1_less_our_default": theirs["best"]["f1"] - default}
    for kind in ("cpu", "wall"):
        out[f"{kind}_of_ours"] = spent(peer, kind) / spent(ours, kind)
        out[f"matching_{kind}_of_ours"] = spent(peer, kind, "match") / spent(ours, kind, "match")
    return {**out, "megabytes_of_ours": peer["megabytes"] / ours["megabytes"]}
