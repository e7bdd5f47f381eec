"""`goldseam read`."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

if TYPE_CHECKING:
    from pipelines.read.look import Looked
    from rules.schema import Source

BIG: Final = 50 << 20
"""Bytes of a file from which on somebody who waits is told what for."""
FIXED: Final = "fixed_width"
WORDS: Final = {
    "tab": "\t",
    "\\t": "\t",
    "comma": ",",
    "semicolon": ";",
    "bar": "|",
    "pipe": "|",
    "blank": " ",
    "space": " ",
}


def read(
    files: Annotated[list[str], typer.Argument(metavar="FILE", help="Files, patterns or folders.")],
    out: Annotated[Path | None, typer.Option(help="Write the table as read, as clean CSV.", metavar="CSV")] = None,
    save: Annotated[
        Path | None, typer.Option(help="Write the source's declaration.", metavar="sources/NAME.yml", dir_okay=False)
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace the declaration that is there.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was seen as JSON, and nothing else.")] = False,
    encoding: Annotated[str | None, typer.Option(help="As cp1253 or utf-16, where the guess is wrong.")] = None,
    delimiter: Annotated[str | None, typer.Option(help='A character, or "tab".')] = None,
    quote: Annotated[str | None, typer.Option(help="The character around cells that hold a delimiter.")] = None,
    widths: Annotated[str | None, typer.Option(help="Characters of each column: 10,30,8.")] = None,
    kind: Annotated[str | None, typer.Option(help="fixed_width, where columns of fixed width are not seen.")] = None,
    header: Annotated[int | None, typer.Option(help="Line of the header, from 1.", min=1)] = None,
    no_header: Annotated[bool, typer.Option("--no-header", help="There is none: columns go by numbers.")] = False,
    header_rows: Annotated[int | None, typer.Option(help="Rows that the header has.", min=1, max=3)] = None,
    sheet: Annotated[list[str] | None, typer.Option(help="Sheets to read, by name or pattern.")] = None,
    country: Annotated[str | None, typer.Option(help="Where most of the customers are: GR, IT, TR…")] = None,
) -> None:
    """See any file, write a clean copy of it, declare it: what it is, how it was read, what its columns mean.

    Exit codes: 0 looked, 1 a file could not be read (the others were), 2 wrong usage.

    Examples:

      goldseam read customers.xlsx

      goldseam read export.csv --out clean.csv

      goldseam read inbox/export.csv --save sources/shop.yml
    """
    if header and no_header:
        raise typer.BadParameter("either --header or --no-header", param_hint="--no-header")
    if kind not in (None, FIXED):
        raise typer.BadParameter(f"only {FIXED} can be said: all else is seen by the file itself", param_hint="--kind")
    given = _given(
        encoding=encoding, delimiter=WORDS.get(delimiter or "", delimiter), quote=quote, widths=_widths(widths),
        kind=kind, header=0 if no_header else header, header_rows=header_rows, sheets=tuple(sheet or ()),
        country=country.strip().upper() if country else None,
    )  # fmt: skip
    looked = _look(files, _source(given))
    if save and not any(one.failure for one in looked):
        _save(looked, save, force, given, files)
    if out:
        _write(looked, out)
    if not (save or out) or as_json:
        _show(looked, as_json)
    else:
        _failures(looked)
    raise typer.Exit(1 if any(one.failure for one in looked) else 0)


def _given(**said: Any) -> dict[str, Any]:
    """The settings that were said; widths, or the delimiter `fixed`, say the kind."""
    if said["widths"] or said["delimiter"] == "fixed":
        said |= {"kind": FIXED, "delimiter": None}
    return {key: value for key, value in said.items() if value not in (None, ())}


def _widths(text: str | None) -> tuple[int, ...]:
    parts = text.replace(",", " ").split() if text else []
    if not all(part.isdecimal() and int(part) for part in parts):
        raise typer.BadParameter("write the characters of each column, as 10,30,8", param_hint="--widths")
    return tuple(map(int, parts))


def _source(given: dict[str, Any]) -> "Source":
    """The settings as a source; a wrong one is said under the name of its option."""
    from pydantic import ValidationError

    from rules.schema import Source

    try:
        return Source.model_validate({"kind": "form", "location": "", **given})
    except ValidationError as error:
        first = error.errors()[0]
        key = str(first["loc"][0])
        what = {"country": "write its two capital letters, as GR", "delimiter": "one character, or a word as tab"}
        hint = "--" + {"sheets": "sheet"}.get(key, key).replace("_", "-")
        raise typer.BadParameter(what.get(key, str(first["msg"])), param_hint=hint) from error


def _look(files: Sequence[str], source: "Source") -> list["Looked"]:
    from connectors.sources.base import SourceFailed
    from pipelines.read import inputs, records
    from pipelines.read.look import look_together
    from pipelines.read.words import drawn

    try:
        paths = inputs.expand(files)
    except SourceFailed as failure:
        raise typer.BadParameter(str(failure), param_hint="FILE") from failure
    for note in inputs.passed_over(files):
        typer.secho(drawn(note), err=True, fg="yellow")
    found = []
    for group in records.groups(paths):
        with _waiting(group.path):
            found.append(look_together(group, source))
    return found


@contextmanager
def _waiting(path: Path) -> Iterator[None]:
    """A sign of life while a big file is read, where somebody watches."""
    if not (sys.stderr.isatty() and path.is_file() and path.stat().st_size > BIG):
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status(f"reading {path.name}, {path.stat().st_size >> 20:,} MB", spinner_style="yellow"):
        yield


def _show(looked: Sequence["Looked"], as_json: bool) -> None:
    if as_json:
        import json

        from pipelines.read.machine import as_json as told

        said = json.dumps([told(one) for one in looked], ensure_ascii=False, indent=1)
        typer.echo(said.encode("utf-8", "replace"))  # a file's name may hold bytes that are no letter
        return
    from rich.console import Console

    from pipelines.read import text

    console = Console(highlight=False)
    for one in looked:
        text.show(console, one)
    console.print()
    text.whats_next(console, looked)


def _failures(looked: Sequence["Looked"]) -> None:
    from pipelines.read.words import drawn

    for one in looked:
        if one.failure:
            typer.secho(drawn(str(one.failure)), err=True, fg="red")


def _write(looked: Sequence["Looked"], out: Path) -> None:
    from pipelines.read import out as copies
    from pipelines.read import words

    try:
        chosen = copies.targets(looked, out)
    except FileExistsError as error:
        raise typer.BadParameter(str(error), param_hint="--out") from error
    for one, table, path in chosen:
        copies.write(path, table)
        for line in words.copied(one, table, path):
            typer.echo(line, err=True)


def _save(looked: Sequence["Looked"], path: Path, force: bool, given: dict[str, Any], files: Sequence[str]) -> None:
    from pipelines.read import save

    try:
        notes = save.save(looked, path, files, given, force)
    except save.Refused as refused:
        raise typer.BadParameter(str(refused), param_hint="--save") from refused
    root = path.parent.parent
    where = "" if root == Path() else f" -w {root}"
    typer.echo(f"Written to {path}. Go through it, then: goldseam check{where}; goldseam run{where}", err=True)
    for note in notes:
        typer.echo(f"  ! {note}", err=True)
