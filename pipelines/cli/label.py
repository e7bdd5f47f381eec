"""`goldseam label`: pairs at a terminal, one after the other, judged by one key each."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from pipelines.label import Question, Session, Taught
    from pipelines.labelling import Material

KEYS: Final = {"s": "same", "d": "different", "r": "related", "k": "skipped"}
HELP: Final = (
    "[b]s[/b]ame  [b]d[/b]ifferent  [b]r[/b]elated (one household, one firm)  s[b]k[/b]ip  [b]u[/b]ndo  [b]q[/b]uit"
)
ELSE: Final = (
    "Judging pairs takes a terminal: run this command in one. Or judge elsewhere, in a CSV with the columns"
    " left_source, left_id, right_source, right_id and judgement (same, different, related), and give it to"
    " goldseam dedupe --labels or goldseam fit --labels."
)
WIDTH: Final = 24


def label(
    files: Annotated[
        list[Path] | None, typer.Argument(help="CSV, Excel, ODS or Parquet tables.", dir_okay=False)
    ] = None,
    out: Annotated[
        Path, typer.Option("--out", help="The file of labels; goes on where it stopped.", dir_okay=False)
    ] = Path("labels.csv"),
    workspace: Annotated[
        Path | None, typer.Option("--workspace", "-w", help="Ask about the last run of a workspace.", file_okay=False)
    ] = None,
    n: Annotated[int, typer.Option("--n", help="Questions to ask.", min=1)] = 50,
    link: Annotated[bool, typer.Option("--link", help="As in dedupe.")] = False,
    id_column: Annotated[str | None, typer.Option("--id", help="As in dedupe.")] = None,
    rules: Annotated[Path | None, typer.Option("--rules", help="A matching file.", dir_okay=False, exists=True)] = None,
    meaning: Annotated[list[str] | None, typer.Option("--as", help="As in dedupe.")] = None,
    country: Annotated[str | None, typer.Option(help="As in dedupe.")] = None,
) -> None:
    """Judge the pairs that teach matching most: the same customer, or not? One key a pair, kept at once.

    Asks about doubtful pairs of many kinds and a few drawn by chance; never twice about one. Stop at any time.
    Then: goldseam dedupe FILE --labels labels.csv, or goldseam fit -w WORKSPACE --labels labels.csv

    Examples:

      goldseam label customers.csv --out labels.csv

      goldseam label -w my-firm --out labels.csv --n 100
    """
    if bool(files) == bool(workspace):
        raise typer.BadParameter("name files or a workspace (-w), one of the two")
    if not watched():
        typer.echo(ELSE, err=True)
        raise typer.Exit(2)
    from pipelines.cli.dedupe import pair_of
    from pipelines.dedupe import Request
    from pipelines.labelling import of_files, of_workspace

    request = Request(
        files or [], out, link, id_column, rules, country=country, overrides=dict(map(pair_of, meaning or ()))
    )
    typer.echo("Comparing…")
    ask(of_workspace(workspace, out) if workspace else of_files(request), n, pressed)


def watched() -> bool:
    """Whether there is somebody to ask."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def pressed() -> str:
    """One key, without Enter; `q` where the terminal is gone or Ctrl-C was pressed."""
    try:
        return typer.getchar().lower()
    except (KeyboardInterrupt, EOFError):
        return "q"


def ask(material: "Material", n: int, key: Callable[[], str]) -> None:
    """Ask up to n questions; `key` gives the keys that are pressed."""
    from rich.console import Console

    from reports.format import noun

    console, session = Console(highlight=False), material.session
    if session.earlier:
        console.print(f"{session.earlier:,} {noun(session.earlier, 'pair is', 'pairs are')} judged already.")
        _learned(console, session)
    while session.answers < n and (question := session.next()) is not None:
        _show(console, material, question, n)
        if not _answered(console, session, question, key):
            break
    _learned(console, session)
    if session.answers < n and session.next() is None:
        console.print("There is no pair left to ask about.")
    kept = session.answers + session.earlier
    if kept:
        console.print(f"{kept:,} {noun(kept, 'judged pair is', 'judged pairs are')} in {session.out}.", markup=False)
    else:
        console.print("Nothing was judged, and nothing is written.")


def _answered(console: "Console", session: "Session", question: "Question", key: Callable[[], str]) -> bool:
    """One key taken; False where it ends the questions."""
    from pipelines.label import ROUND

    while True:
        pressed_key = key()
        if pressed_key in KEYS:
            session.answer(KEYS[pressed_key])
            # What the model thinks is told after the answer, so that it does not lead the person.
            console.print(f"  [b]{KEYS[pressed_key]}[/b]   [dim]the model: {question.probability:.0%} the same[/dim]")
            if pressed_key != "k" and session.answers % ROUND == 0:
                _learned(console, session)
            return True
        if pressed_key == "u":
            console.print("  taken back" if session.undo() else "  nothing to take back")
            return True
        if pressed_key in ("q", "", "\x03", "\x04"):
            return False
        console.print(f"  {HELP}")


def _show(console: "Console", material: "Material", question: "Question", n: int) -> None:
    session = material.session
    done = WIDTH * session.answers // n
    console.rule(f"[yellow]{'━' * done}[/yellow][dim]{'━' * (WIDTH - done)}[/dim] {session.answers + 1} of {n}")
    console.print(_side_by_side(material, question))
    console.print(HELP)


def _side_by_side(material: "Material", question: "Question") -> "Table":
    """Both records, a column a row; what differs is lit."""
    from rich.markup import escape
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("")
    left, right = material.shown(question.left), material.shown(question.right)
    for key in (question.left, question.right):
        table.add_column(escape(":".join(key)), overflow="fold", ratio=1)
    for column in dict.fromkeys((*left, *right)):
        a, b = left.get(column, ""), right.get(column, "")
        table.add_row(f"[dim]{escape(column)}[/dim]", _lit(a, b), _lit(b, a))
    return table


def _lit(text: str, other: str) -> "Text":
    from rich.text import Text

    from reports.differences import marked

    if text == other:
        return Text(text, "dim")
    return Text.assemble(*((piece, "bold yellow" if differs else "") for piece, differs in marked(text, other)))


def _learned(console: "Console", session: "Session") -> None:
    """What the answers taught, in sentences."""
    taught = session.learn()
    if taught is None:
        return
    for sentence in _sentences(taught):
        console.print(f"  {sentence}", style="green", markup=False)


def _sentences(taught: "Taught") -> list[str]:
    from rules.matching.labels.learn import strongest, told

    out = [*told(taught.learned)]
    if said := strongest(taught.learned):
        out.append(f"Weighed otherwise now, in bits (+1 doubles the odds): {'; '.join(said)}.")
    if taught.by_chance:
        out.append(f"Of {taught.by_chance} pairs drawn by chance the model judged {taught.agreed} as you did.")
    return out
