"""What a run came to, and somebody who watches it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from pipelines.context import StageResult, no_progress
from pipelines.stages import Stage

EXIT = {"published": 0, "unchanged": 0, "failed": 1, "held": 3}
NO_CHANGES = {"created": 0, "merged": 0, "split": 0, "changed": 0, "retired": 0}


@dataclass
class Summary:
    """What `goldseam run --json` prints, and what a person is shown."""

    run_id: str
    status: str = "failed"
    stages: list[StageResult] = field(default_factory=list)
    quarantined: dict[str, int] = field(default_factory=dict)
    rejected: dict[str, int] = field(default_factory=dict)
    """Rows of data that could not be read as records, by reason."""
    golden: int = 0
    """Customers of the table as it is after the run; of a held or a dry run, as it would be once published."""
    changes: dict[str, int] = field(default_factory=lambda: dict(NO_CHANGES))
    """What was published of changes; what a held or a dry run would change is in `difference`."""
    reasons: list[str] = field(default_factory=list)
    """Why a run failed or is held."""
    warnings: list[str] = field(default_factory=list)
    """What somebody must see to, though the run went on: a source that failed."""
    stage: str = ""
    """The stage that the run is in."""
    started: str = ""
    dry: bool = False
    would_be: str = ""
    """Of a dry run: the status with which it would have ended."""
    difference: dict[str, Any] = field(default_factory=dict)
    """What the run changes (rules.difference), as far as it got that far."""
    passed_over: dict[str, Any] = field(default_factory=dict)
    """Who published the run all the same, when and why, and the reasons for which gates held it."""
    rolled_back: dict[str, Any] = field(default_factory=dict)
    """Of a rollback: the runs taken back (`runs`, oldest first), the publication that stands again (`to`), by whom."""
    resumed: dict[str, str] = field(default_factory=dict)
    """The run that was cut off and is gone on with (`run_id`), and its last stage that is not done again (`after`)."""

    @property
    def exit_code(self) -> int:
        """0 published or nothing to publish, 1 failed, 3 held by a gate; a dry run that did not fail is well."""
        return 0 if self.dry and self.status == "held" else EXIT[self.status]

    def as_json(self) -> dict[str, Any]:
        stages = [
            {"name": s.name, "rows_in": s.rows_in, "rows_out": s.rows_out, "seconds": round(s.seconds, 3)}
            for s in self.stages
        ]
        return {
            "run_id": self.run_id,
            "status": self.status,
            "started": self.started,
            **({"dry_run": True, "would_be": self.would_be or self.status} if self.dry else {}),
            "stages": stages,
            "quarantined": self.quarantined,
            "rejected": self.rejected,
            "golden": self.golden,
            "changes": self.changes,
            **({"difference": self.difference} if self.difference else {}),
            **({"passed_over": self.passed_over} if self.passed_over else {}),
            **({"rolled_back": self.rolled_back} if self.rolled_back else {}),
            **({"resumed": self.resumed} if self.resumed else {}),
            **({"reasons": self.reasons} if self.reasons else {}),
            **({"warnings": self.warnings} if self.warnings else {}),
        }


class Watcher:
    """Somebody who watches a run; the command line draws bars, tests and `--json` do not."""

    def begin(self, stage: Stage) -> Callable[[float, float], None]:  # noqa: ARG002 - for those who draw
        return no_progress

    def agrees(self, summary: Summary) -> bool:  # noqa: ARG002 - for those who ask
        """Whether a run that worked everything out anew may be published, now that its difference is known."""
        return True

    def end(self, result: StageResult) -> None:
        """A stage is done."""
