"""One rule of a suite: its keys, and what may be wrong with them."""

import importlib.util
import re
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Final, TypeAlias

from pydantic import Field, model_validator

from rules import schema
from rules import vocabulary as words
from rules.expectations import columns, lists
from rules.schema import Mistakes, Problem

Lines: TypeAlias = dict[schema.Path, int]
FILLED: Final = "filled"
EMPTY: Final = "empty"
"""Words of `when` for a cell that has a value, and for one that has none."""

COLUMN_ARGUMENTS: Final = ("column", "column_A", "column_B")


class Rule(schema.Strict):
    """One rule, as its file has it; records.yml of this folder explains the keys."""

    type: str
    kwargs: dict[str, Any]
    when: dict[str, str | tuple[str, ...]] = Field(default_factory=dict)
    severity: words.Severity
    dimension: words.Dimension
    field: str = ""
    flag: words.Flag = words.Flag.AMBIGUOUS
    because: str
    remedy: str

    @model_validator(mode="before")
    @classmethod
    def _reports_what_it_tests(cls, data: Any) -> Any:
        if isinstance(data, dict) and isinstance(data.get("kwargs"), dict) and not data.get("field"):
            tested = data["kwargs"].get("column") or data["kwargs"].get("column_A") or ""
            return {**data, "field": tested}
        return data


@dataclass(frozen=True)
class Check:
    """A rule with its name, its table, the suite it stands in, and where that is written."""

    name: str
    table: str
    suite: str
    rule: Rule
    file: str
    line: int

    @property
    def tested(self) -> tuple[str, ...]:
        """Columns that the type is applied to."""
        return tuple(self.rule.kwargs[a] for a in COLUMN_ARGUMENTS if a in self.rule.kwargs)

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that is looked at."""
        return tuple(dict.fromkeys((*self.tested, *self.rule.when)))


def read(
    name: str, table: str, suite: str, data: Any, file: str, lines: Lines, problems: list[Problem]
) -> Check | None:
    """A rule, read and checked; None where it is off or wrong (then `problems` says why).

    `lines` has the line of each key, from the rule's own name (the empty path) downwards.
    """
    line = lines.get((), 0)
    if isinstance(data, dict) and data.get("off") is True:
        return None
    given = {k: v for k, v in data.items() if k != "off"} if isinstance(data, dict) else data
    try:
        check = Check(name, table, suite, schema.parse(given, lines, Rule, file), file, line)
    except Mistakes as mistakes:
        problems += [Problem(p.file, p.line or line, f"{name}.{p.key}".strip("."), p.message, p.remedy)
                     for p in mistakes.problems]  # fmt: skip
        return None
    wrong = [Problem(file, _line(lines, key), f"{name}.{key}", message, remedy)
             for key, message, remedy in _objections(check)]  # fmt: skip
    problems += wrong
    return None if wrong else check


def _line(lines: Lines, key: str) -> int:
    path = tuple(key.split("."))
    return next((lines[path[:n]] for n in range(len(path), -1, -1) if path[:n] in lines), 0)


def _objections(check: Check) -> list[tuple[str, str, str]]:
    """What is wrong with a rule that is well formed: (key, message, remedy)."""
    rule = check.rule
    known = lists.types()
    if rule.type not in known:
        near = get_close_matches(rule.type, known, n=1)
        remedy = f"Did you mean {near[0]}?" if near else f"Known types: {', '.join(known)}"
        return [("type", f"there is no type of rule {rule.type!r}", remedy)]
    must, may = known[rule.type]
    found = [(f"kwargs.{a}", f"{rule.type} needs it", f"Add `{a}: …`") for a in sorted(must - set(rule.kwargs))]
    found += [
        (f"kwargs.{a}", f"{rule.type} knows no such argument", _arguments(rule.type))
        for a in sorted(set(rule.kwargs) - must - may)
    ]
    if found:
        return found
    found += [o for a, v in rule.kwargs.items() for o in _argument(check.table, a, v)]
    found += [(f"when.{c}", *o) for c in rule.when for o in _column(check.table, c)]
    if rule.field not in columns.TABLES[check.table].names and not rule.field.startswith(("text.", "raw:")):
        found.append(
            ("field", f"{rule.field!r} is no column of {check.table} that can be reported", _own_columns(check))
        )
    if check.table == "facts" and rule.severity is words.Severity.CRITICAL:
        found.append(("severity", "a fact cannot be quarantined", "Use warning: the cell is withheld"))
    return found


def _arguments(kind: str) -> str:
    must, may = lists.types()[kind]
    remedy = f"Its arguments: {', '.join(sorted(must | may))}"
    return f"{remedy}. How many rows should pass is a target in goldseam.yml"


def _own_columns(check: Check) -> str:
    return f"Name in `field` one of {', '.join(columns.TABLES[check.table].names)}"


def _column(table: str, column: str) -> list[tuple[str, str]]:
    if columns.known(table, column):
        return []
    every = [*columns.TABLES[table].names, *columns.HELPERS[table]]
    near = get_close_matches(column, every, n=1)
    remedy = f"Did you mean {near[0]}?" if near else f"Columns: {', '.join(every)}"
    return [(f"{table} has no column {column!r}", remedy)]


def _argument(table: str, name: str, value: Any) -> list[tuple[str, str, str]]:
    """What is wrong with the value of one argument."""
    key = f"kwargs.{name}"
    if name in COLUMN_ARGUMENTS:
        return [(key, *objection) for objection in _column(table, str(value))]
    if isinstance(value, str) and value.startswith("$") and name not in ("regex",):
        near = value.removeprefix("$") in lists.names()
        return [] if near else [(key, f"there is no list {value}", f"Lists: ${', $'.join(lists.names())}")]
    if name in ("regex", "regex_list"):
        return [(key, *o) for pattern in ([value] if name == "regex" else value) for o in _pattern(pattern)]
    if name == "scheme" and (not isinstance(value, str) or not _is_scheme(value)):
        return [(key, f"there is no scheme {value!r}", "Name a module of python-stdnum, such as iban, luhn or gr.vat")]
    if name.endswith("_set") and not isinstance(value, list):
        return [(key, "this must be a list", "Write [one, two] or $LIST")]
    return []


def _pattern(pattern: Any) -> list[tuple[str, str]]:
    try:
        re.compile(pattern)
    except (re.error, TypeError) as error:
        return [(f"{pattern!r} is no regular expression: {error}", "Put it in single quotes, and \\ before . and (")]
    return []


def _is_scheme(name: str) -> bool:
    try:
        return bool(re.fullmatch(r"[a-z]+(\.[a-z_]+)?", name)) and bool(importlib.util.find_spec(f"stdnum.{name}"))
    except ModuleNotFoundError:
        return False
