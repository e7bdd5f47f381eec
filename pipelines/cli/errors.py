"""Errors that a person can put right, in their words and with their exit code."""

from rich.console import Console
from rich.text import Text

from connectors.sources.base import SourceFailed
from connectors.store.archive import Damaged
from connectors.store.lock import Busy
from pipelines.again import NoSuchRun
from pipelines.asked import UnknownRecord
from pipelines.context import RunFailed
from pipelines.nights.server import NoServer
from pipelines.quarantine import Refused
from rules.schema import Mistakes

FAILED, WRONG = 1, 2


def explain(error: Exception) -> int | None:
    """Print the error for a person; -> the exit code, or None where it is a fault of the program."""
    said = sentences(error)
    if not said:
        return None
    console = Console(stderr=True, highlight=False)
    if isinstance(error, Mistakes):
        console.print(Text(f"{len(said)} to correct:", "bold red"))
        said = [f"  {sentence}" for sentence in said]
    for sentence in said:
        console.print(Text(sentence, "" if isinstance(error, Mistakes) else "red"), soft_wrap=True)
    return WRONG if isinstance(error, Mistakes | Refused | UnknownRecord | NoSuchRun | FileExistsError) else FAILED


def sentences(error: Exception) -> list[str]:
    """What to tell a person about an error; nothing where it is a fault of the program."""
    from sqlalchemy.exc import SQLAlchemyError  # slow to import, and nothing may have gone wrong

    from connectors.store.migrate import TooNew
    from connectors.store.publication import Conflict
    from pipelines import failure
    from rules.matching.model import UnreadableModel

    match error:
        case Mistakes():
            return [str(problem) for problem in error.problems]
        case Refused() | UnknownRecord() | NoSuchRun() | SourceFailed() | Busy() | RunFailed() | NoServer():
            return [str(error)]
        case TooNew() | Damaged() | Conflict():
            return [str(error)]
        case FileExistsError() if error.errno is None:  # ours: a folder that holds something else
            return [str(error)]
        case SQLAlchemyError() | OSError() | MemoryError() | UnreadableModel():
            return [failure.reason(error)]
        case _:
            return []
