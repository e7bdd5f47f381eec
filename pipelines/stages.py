"""The eight stages, in order: what `nightly.py` and the plain runner both walk through."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module

from pipelines.context import Run, StageResult


@dataclass(frozen=True)
class Stage:
    """A stage is the function of its module's own name; it is imported when it runs, since some are slow to import."""

    name: str
    does: str

    def __call__(self, run: Run) -> StageResult:
        function: Callable[[Run], StageResult] = getattr(import_module(f"pipelines.{self.name}"), self.name)
        return function(run)


STAGES = (
    Stage("land", "every row of every source, as it stood"),
    Stage("standardise", "names, phones, addresses, ids and dates in one form, each doubt flagged"),
    Stage("validate", "bad cells withheld, unidentifiable rows quarantined"),
    Stage("match", "records that share something compared and weighed, pair by pair"),
    Stage("identify", "clusters, and golden ids that live on"),
    Stage("survive", "the best value of each field, and where it came from"),
    Stage("publish", "the golden table, visible in one step"),
    Stage("report", "the scorecard"),
)
