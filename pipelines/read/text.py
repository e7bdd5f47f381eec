"""What `goldseam read` shows on the terminal: calm at 80 columns, roomier at 110 and more.

Values of customers stand here and nowhere else: it is the user's own file on the user's own screen. Control
characters in them are drawn, never sent to the terminal.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.text import Text

from connectors.sources.sniff import SPREADSHEETS
from pipelines.read import money, words
from pipelines.read.look import Column, Looked, Table
from pipelines.read.words import drawn

WIDE: Final = 110
"""Columns of the terminal from which on examples and reasons stand side by side."""
WIDEST: Final = 150
MOST: Final = 60
"""Columns of a table that are shown; --json has all."""
NONE: Final = "–"


def show(console: Console, looked: Looked) -> None:
    """One file with all its tables."""
    name = Text(drawn(str(looked.path)), "bold")
    console.print()
    console.print(Text.assemble(name, ("  " + words.format_of(looked), "dim")), soft_wrap=True)
    if looked.failure:
        _say(console, "!", drawn(f"{looked.failure.reason}. {looked.failure.remedy}"), "red")
    elif looked.is_empty:
        _say(console, "!", "The file is empty (0 bytes). Export it again.", "yellow")
    for number, table in enumerate(looked.tables):
        if number:
            console.print()
        _table(console, table)


def _table(console: Console, table: Table) -> None:
    if table.grid.sheet:
        what = "table" if table.seen.format == "sqlite" else "sheet"
        console.print(Text.assemble(f"  {what} ", (drawn(table.grid.sheet), "bold")))
    for facts in (words.dialect(table), words.layout(table), words.size(table)):
        if facts:
            _say(console, "", " · ".join(facts))
    if table.preset:
        _say(console, "", Text.assemble("the export of a known product: preset ", (table.preset, "yellow")))
    for sentence in money.said(table.facts):
        _say(console, "", drawn(sentence))
    filled = [column for column in table.columns if column.filled]
    if filled:
        console.print()
        for line in _columns(filled[:MOST], console.width):
            console.print(line, no_wrap=True, overflow="ellipsis", crop=True)
    if len(filled) > MOST:
        _say(console, "", f"and {len(filled) - MOST} more columns: see --json", "dim")
    if empty := [drawn(column.name) for column in table.columns if not column.filled]:
        console.print()
        more = f" and {len(empty) - MOST} more" if len(empty) > MOST else ""
        _say(console, "", f"{words.counted(len(empty), 'empty column')}: {', '.join(empty[:MOST])}{more}", "dim")
    if notes := [*words.doubts(table), *words.hints(table)]:
        console.print()
        for note in notes:
            _say(console, "!", note, "yellow")


def whats_next(console: Console, looked: Sequence[Looked]) -> None:
    """What to do with what was seen."""
    if not any(one.tables for one in looked):
        return
    options = [words for forms, words in _HELP if any(one.format in forms for one in looked if one.tables)]
    if options:
        _say(console, "", f"Wrong?  Say how to read it: {' '.join(options)}", "dim")
    _say(console, "", "Right?  --save WORKSPACE/sources/NAME.yml declares it, --out FILE copies it", "dim")


_LINES: Final = ("text", "fixed_width")
_HELP: Final = (
    (_LINES, "--encoding --delimiter --quote --widths"),
    ((*_LINES, *SPREADSHEETS), "--header --no-header"),
    (SPREADSHEETS, "--sheet"),
)
"""Formats -> the options that can help where a file of them was read wrongly; nothing helps with records."""


def _say(console: Console, mark: str, text: str | Text, style: str = "") -> None:
    """A sentence behind a mark, in its own column where it is longer than a line."""
    room = min(console.width, WIDEST) - (4 if mark else 2)
    lines = (Text(text) if isinstance(text, str) else text).wrap(console, room)
    for number, line in enumerate(lines):
        if not mark:
            line.stylize(style)
        start = (f"  {mark} " if not number else "    ") if mark else "  "
        console.print(Text(start, style) + line)


def _columns(columns: Sequence[Column], width: int) -> Iterator[Text]:
    """A line a column and, where the terminal is narrow, its examples on the next."""
    width = min(width, WIDEST)
    first = max(6, min(26, max(cell_len(drawn(c.name)) for c in columns)))
    second = max(7, min(24, max(cell_len(target(c)) for c in columns)))
    rest = width - first - second - 12
    third = rest * 3 // 5 if width >= WIDE else 0
    heads = _padded(Text("examples"), third) + Text("why") if third else Text("why, and examples")
    head = _row((Text("column"), first), (Text("meaning"), second), (Text("sure"), 4)) + heads
    head.stylize("dim")
    yield head
    for c in columns:
        name = _fitted(c.name, first)
        name.stylize("bold")
        start = _row((name, first), (_meaning(c, second), second), (_sure(c), 4))
        if third:
            yield start + _padded(_examples(c, third - 2), third) + _why(c, rest - third)
            continue
        why = drawn(c.meaning.why if c.meaning else "it could not be told")
        yield start + (_why(c, rest) if cell_len(why) <= rest else Text())
        if cell_len(why) > rest:  # it is read whole, on lines of its own
            yield from (Text(f"    {line}", "dim") for line in _folded(why, width - 4))
        if c.examples:
            yield Text("    ") + _examples(c, width - 4)


def _row(*cells: tuple[Text, int]) -> Text:
    """Texts in cells of so many columns, two blanks after each."""
    return Text("  ") + Text("").join(_padded(text, width + 2) for text, width in cells)


def _padded(text: Text, width: int) -> Text:
    return text + Text(" " * max(0, width - text.cell_len))


def target(column: Column) -> str:
    """The standard column it was taken for; `record key` for the table's own key, NONE where it has no meaning."""
    m = column.meaning
    if m is None:
        return NONE
    if m.is_key:
        return "record key"
    return NONE if m.target == "ignore" or m.target.startswith("text.") else m.target


def _meaning(column: Column, cells: int) -> Text:
    said = _fitted(target(column), cells)
    said.stylize("dim" if said.plain == NONE else "yellow")
    return said


def _sure(column: Column) -> Text:
    m = column.meaning
    return Text("" if m is None or target(column) == NONE else f"{m.confidence:4.0%}")


def _why(column: Column, cells: int) -> Text:
    why = _fitted(column.meaning.why if column.meaning else "it could not be told", cells)
    why.stylize("dim")
    return why


def _examples(column: Column, room: int) -> Text:
    """Its examples in a line of `room` cells; what short ones leave, long ones take."""
    shown = [drawn(value) for value in column.examples]
    left, share = room - 3 * (len(shown) - 1), dict.fromkeys(shown, 0)
    for number, value in enumerate(sorted(shown, key=cell_len)):
        share[value] = min(cell_len(value), left // (len(shown) - number))
        left -= share[value]
    return Text(" · ", "dim").join(_fitted(value, share[value]) for value in shown)


def _folded(text: str, cells: int) -> Iterator[str]:
    """A text on lines of at most so many cells of the terminal, parted between words."""
    line = ""
    for word in text.split():
        if line and cell_len(f"{line} {word}") > cells:
            yield line
            line = ""
        line = _fitted(f"{line} {word}".strip(), cells).plain
    yield line


def _fitted(text: str, cells: int) -> Text:
    """A text in at most so many cells of the terminal, cut with a sign where it is longer."""
    shown = drawn(text)
    return Text(shown if cell_len(shown) <= cells else set_cell_size(shown, max(1, cells - 1)).rstrip() + "…")
