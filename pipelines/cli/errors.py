"""Errors that a person can put right, in their words and with their exit code."""

from rich.console import Console
from rich.text import Text

from connectors.sources.base import SourceFailed
from connectors.store.lock import Busy
from pipelines.again import NoSuchRun
from pipelines.context import RunFailed
from pipelines.quarantine import Refused
from pipelines.why import UnknownRecord
from rules.schema import Mistakes

FAILED, WRONG = 1, 2


def explain(error: Exception) -> int | None:
    """Print the error for a person; -> the exit code, or None where it is a fault of the program."""
    console = Console(stderr=True, highlight=False)
    match error:
        case Mistakes():
            console.print(Text(f"{len(error.problems)} to correct:", "bold red"))
            for problem in error.problems:
                console.print(Text(f"  {problem}"))
            return WRONG
        case Refused() | UnknownRecord() | NoSuchRun():
            console.print(Text(str(error), "red"))
            return WRONG
        case SourceFailed() | Busy():
            console.print(Text(str(error), "red"))
            return FAILED
        case RunFailed():
            console.print(Text(str(error), "bold red"))
            return FAILED
        case _:
            return None
