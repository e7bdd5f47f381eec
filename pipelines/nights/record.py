"""What became of each night: one small file a night in `var/nights/`, beside the runs, which a night may never reach.

The late watch reads it, `goldseam nightly --list` shows it, and a night takes from the one before it since when a file
counts as new.
"""

import json
import os
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Self

KEPT: Final = 400
"""Nights on record: a year, and what is run by hand."""


@dataclass(frozen=True)
class Night:
    """One night. Times are ISO 8601 with zone; `status` is that of its run, or `waiting`, `running`."""

    began: str
    pid: int
    status: str = "waiting"
    shadow: bool = False
    looked: str | None = None
    """When its run began to look at the sources."""
    ended: str | None = None
    run_id: str = ""
    golden: int = 0
    changes: dict[str, int] = field(default_factory=dict)
    quarantined: int = 0
    reasons: tuple[str, ...] = ()
    told: tuple[str, ...] = ()
    """What went wrong when people were to be told."""

    @classmethod
    def begin(cls, now: datetime, shadow: bool) -> Self:
        return cls(now.isoformat(timespec="seconds"), os.getpid(), shadow=shadow)

    @property
    def alive(self) -> bool:
        """Whether the process of a night that has no end is still there."""
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return False
        except PermissionError:
            pass
        return True

    def but(self, **changes: Any) -> Self:
        return replace(self, **changes)


class Nights:
    """The nights of a workspace."""

    def __init__(self, var: Path) -> None:
        self.folder = var / "nights"
        self.heartbeat = self.folder / "heartbeat"
        """A file whose time is the end of the last night that did not fail, for a monitor of files."""

    def save(self, night: Night) -> None:
        """Put a night on record, whole or not at all."""
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / f"{_name(night)}.json"
        new = path.with_suffix(".new")
        new.write_text(json.dumps(asdict(night), ensure_ascii=False, indent=1), "utf-8")
        new.replace(path)
        for old in self._files()[:-KEPT]:
            old.unlink(missing_ok=True)

    def all(self) -> list[Night]:
        """Every night, the latest first; a file that cannot be read is passed over."""
        return [night for path in reversed(self._files()) if (night := _read(path))]

    def latest(self) -> Night | None:
        return next(iter(self.all()[:1]), None)

    def looked(self, before: datetime, due: datetime) -> datetime | None:
        """When the night before this one looked at the sources; None: this is the first.

        `due`: when this night is due, `before`: when the one before was. Of several looks in between the first
        counts: a run by hand in the evening takes no new file away from the night.
        """
        looks = sorted(datetime.fromisoformat(night.looked) for night in self.all() if night.looked)
        earlier = [look for look in looks if look < due]
        return next((look for look in earlier if look >= before), earlier[-1] if earlier else None)

    def _files(self) -> list[Path]:
        return sorted(self.folder.glob("*.json"))


def _name(night: Night) -> str:
    """Sorts by time, whatever the zone; the process keeps two of one second apart."""
    began = datetime.fromisoformat(night.began)
    return f"{int(began.timestamp()):012d}-{night.pid}"


def _read(path: Path) -> Night | None:
    try:
        said = json.loads(path.read_text("utf-8"))
        return Night(**{**said, "reasons": tuple(said["reasons"]), "told": tuple(said["told"])})
    except (OSError, ValueError, TypeError, KeyError):
        return None
