"""Progress bars of a run, one a stage, on the terminal's error stream so that output can be piped."""

import io
import os
import sys
from collections.abc import Callable
from types import TracebackType
from typing import Self

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from pipelines.context import StageResult
from pipelines.runner import Summary, Watcher
from pipelines.stages import Stage


class _Drawn:
    """Bars on the error stream, while the block runs; nothing where nobody watches."""

    stays = True
    """Whether the bars are still there when all is done."""

    def __init__(self) -> None:
        self.console = Console(stderr=True, highlight=False)
        self.progress = Progress(
            SpinnerColumn(finished_text="[yellow]✓[/yellow]"),
            TextColumn("{task.fields[name]:<16}"),
            BarColumn(bar_width=24, complete_style="yellow", finished_style="yellow"),
            TimeElapsedColumn(),
            TextColumn("[dim]{task.description}[/dim]"),
            console=self.console,
            transient=not self.stays,
            disable=not sys.stderr.isatty(),
        )

    def __enter__(self) -> Self:
        self.progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.progress.stop()


class Bar(_Drawn):
    """One bar that says what is being done."""

    def __init__(self) -> None:
        super().__init__()
        self.task = self.progress.add_task("", total=1, name="")

    def tell(self, what: str, done: float, total: float) -> None:
        self.progress.update(self.task, completed=done, total=total, name=what)


class Bars(_Drawn, Watcher):
    """A bar a stage, gone when the summary tells the same; where nobody watches (a pipe, cron) one line a stage, when
    it is done.
    """

    stays = False

    def __init__(self) -> None:
        super().__init__()
        self.task: TaskID | None = None

    @property
    def has_told(self) -> bool:
        """Whether a line a stage stands already where the summary is about to stand (`2>&1`, the mail of cron)."""
        return self.progress.disable and _one_place()

    def begin(self, stage: Stage) -> Callable[[float, float], None]:
        self.task = task = self.progress.add_task(stage.does, total=None, name=stage.name)
        return lambda done, total: self.progress.update(task, completed=done, total=total or None)

    def agrees(self, summary: Summary) -> bool:
        """Shows what would change, and asks whoever sits at the terminal; where nobody does, it is shown."""
        from pipelines.cli import difference

        self.progress.stop()
        self.console.print("Everything was worked out anew.")
        difference.changes(self.console, summary)
        if not (sys.stdin.isatty() and sys.stderr.isatty()):
            return True
        return typer.confirm("Publish it?", default=False, err=True)

    def end(self, result: StageResult) -> None:
        said = f"{result.rows_in:,} → {result.rows_out:,}"
        if self.task is not None:
            self.progress.update(self.task, completed=1, total=1, description=said)
        if self.progress.disable:
            self.console.print(f"{result.name:<12} {said:>24}  {result.seconds:6.1f} s")


def _one_place() -> bool:
    """Whether output and errors go to one and the same file or pipe."""
    try:
        return os.path.sameopenfile(sys.stdout.fileno(), sys.stderr.fileno())
    except (io.UnsupportedOperation, OSError, ValueError):
        return False  # a stream that is no file, or closed
