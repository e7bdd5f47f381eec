"""A run that broke: on record, and told without a customer's data, which what libraries say may hold."""

import errno
import shutil
import traceback
from contextlib import suppress

from sqlalchemy.exc import SQLAlchemyError

from connectors.store.runs import RunFolder
from pipelines.context import Run
from rules.matching.model import UnreadableModel


class StageBroke(Exception):
    """What broke a stage, told without a customer's data; the cause has the rest."""


class TookTooLong(BaseException):
    """A run or a stage is over its time; the message says which. No `except Exception` takes it for a stage's own."""


def on_record(run: Run, stage: str, error: BaseException, summary: dict[str, object]) -> str:
    """Put a broken run on record, the traceback in its own folder; -> what to tell a person.

    Nothing that goes wrong here (a full disk, a locked database) may hide what went wrong first.
    """
    _give_back(run, stage)
    where = keep(run, error)
    published = False
    with suppress(Exception):
        run.store.finish_run(run.id, "failed", summary)
    with suppress(Exception):
        published = run.store.last_published() == run.id
    if isinstance(error, KeyboardInterrupt):
        return f"Stopped in the stage {stage or 'land'}; {'it was' if published else 'nothing was'} published."
    became = "the golden table was published before that" if published else "nothing was published"
    return f"The stage {stage or 'land'} failed; {became}. {reason(error)}{where}"


def _give_back(run: Run, stage: str) -> None:
    """What the broken stage wrote is of no use to the next run, and its room may be what that one lacks."""
    with suppress(Exception):
        if stage and not RunFolder.open(run.folder.runs, run.id).stage(stage):
            shutil.rmtree(run.folder.root / stage)


def keep(run: Run, error: BaseException) -> str:
    """Write the traceback into the run's folder; -> a line that says where, or nothing where that failed too."""
    path = run.folder.root / "error.txt"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(traceback.format_exception(error)), "utf-8")
    except OSError:
        return ""
    return f"\nDetails: {path}"


def reason(error: BaseException) -> str:
    """What went wrong: the words of the system and of Goldseam, of any other error its kind alone."""
    match error:
        case KeyboardInterrupt():
            return "It was stopped by hand."
        case MemoryError():
            return "There was not enough memory. Close other programs, or run on a larger machine."
        case OSError(errno=errno.ENOSPC | errno.EDQUOT | errno.EFBIG):
            where = f": {error.filename} has no room" if error.filename else ""
            return f"The disk is full{where}. Make room, or lower keep_runs in goldseam.yml."
        case OSError():
            return f"{error.strerror or type(error).__name__}: {error.filename or ''}".rstrip(": ") + "."
        case SQLAlchemyError():
            return database(error)
        case StageBroke() | TookTooLong() | UnreadableModel():
            return str(error)
    if not isinstance(error, Exception):
        return "It was stopped."  # by whoever runs the service: a signal, the end of the process
    own = type(error).__module__.split(".")[0] in ("rules", "connectors", "reports", "pipelines")
    return f"{type(error).__name__}: {error}" if own else f"{type(error).__name__}."


def database(error: SQLAlchemyError) -> str:
    """What the state database said, and what to do."""
    said = str(getattr(error, "orig", None) or type(error).__name__).splitlines()[0]
    if "locked" in said:
        return f"The state database is in use by another program ({said}). Close it there, then run again."
    if "full" in said:
        return f"The disk of the state database is full ({said}). Make room, then run again."
    return f"The state database cannot be used ({said}). Check `database` in goldseam.yml, rights and disk."
