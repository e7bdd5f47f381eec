"""Suites of rules: read from YAML, laid over one another, every mistake found before anything runs.

A default file is named like its table. A workspace's file is named like a table (for all sources) or like a
source (its rules by table, for that source alone). A rule of the same name is laid over the one below it, key
by key; a new name adds a rule; `off: true` takes one out.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from rules import schema
from rules.expectations import columns, lists
from rules.expectations.rule import Check, Lines, read
from rules.schema import Mistakes, Problem


@dataclass(frozen=True)
class Suites:
    """What is tested: rules for all sources by table, and what single sources have in their place or besides."""

    common: Mapping[str, Mapping[str, Check]]
    own: Mapping[str, Mapping[str, Mapping[str, Check | None]]] = field(default_factory=dict)
    """Source -> table -> name -> its own rule; None: the common rule is off for this source."""

    def of(self, source: str) -> list[Check]:
        """Every rule that a source's rows must pass."""
        found: dict[tuple[str, str], Check | None] = {}
        for table, checks in (*self.common.items(), *self.own.get(source, {}).items()):
            found.update({(table, name): check for name, check in checks.items()})
        return [check for _, check in sorted(found.items()) if check]


def load(files: Mapping[str, str], sources: Mapping[str, Collection[str]]) -> Suites:
    """The default suites with a workspace's files (name, such as `records.yml` -> text) laid over them.

    `sources` maps each declared source to the columns that its owner says are never empty
    (`expect.never_empty`): each becomes a rule of that source. Raises Mistakes with every mistake of every file.
    """
    problems: list[Problem] = []
    layers = {table: _Layer.of({}, "") for table in columns.TABLES}
    for table in columns.TABLES:
        layers[table] = _over(layers[table], lists.text(f"{table}.yml"), f"{table}.yml", table, problems)
    for file, text in sorted(files.items()):
        table = _stem(file)
        if table in columns.TABLES:
            layers[table] = _over(layers[table], text, f"rules/expectations/{file}", table, problems)
        elif table not in sources:
            problems.append(_stray(file, sources))
    common = {table: layers[table].checks(table, table, problems) for table in columns.TABLES}
    own = {}
    for source, never_empty in sorted(sources.items()):
        texts = {file: text for file, text in files.items() if _stem(file) == source}
        if never_empty or texts:
            own[source] = _own(source, never_empty, texts, layers, problems)
    if problems:
        raise Mistakes(problems)
    return Suites({t: {n: c for n, c in checks.items() if c} for t, checks in common.items()}, own)


def _stem(file: str) -> str:
    return file.rsplit(".", 1)[0]


def _stray(file: str, sources: Collection[str]) -> Problem:
    near = get_close_matches(_stem(file), [*columns.TABLES, *sources], n=1)
    known = f"{', '.join(columns.TABLES)}, or a source: {', '.join(sorted(sources))}"
    remedy = f"Did you mean {near[0]}.yml?" if near else f"Name it like a table ({known})"
    return Problem(f"rules/expectations/{file}", 0, "", "this file is named like no table and no source", remedy)


@dataclass(frozen=True)
class _Layer:
    """Rules of one table as data, each with the file and the lines of its uppermost layer."""

    data: dict[str, Any]
    places: dict[str, tuple[str, Lines]]

    @classmethod
    def of(cls, data: dict[str, Any], file: str) -> "_Layer":
        return cls(data, {name: (file, {}) for name in data})

    def over(self, data: dict[str, Any], file: str, lines: Lines) -> "_Layer":
        """These rules with others laid over them, key by key."""
        merged, places = dict(self.data), dict(self.places)
        for name, rule in data.items():
            below = merged.get(name)
            merged[name] = {**below, **rule} if isinstance(below, dict) and isinstance(rule, dict) else rule
            if isinstance(below, dict) and isinstance(rule, dict) and isinstance(rule.get("kwargs"), dict):
                changed_type = rule.get("type", below["type"]) != below["type"]
                merged[name]["kwargs"] = rule["kwargs"] if changed_type else {**below["kwargs"], **rule["kwargs"]}
            places[name] = (file, {path[1:]: line for path, line in lines.items() if path[0] == name})
        return _Layer(merged, places)

    def checks(self, table: str, suite: str, problems: list[Problem]) -> dict[str, Check | None]:
        return {name: read(name, table, suite, rule, *self.places[name], problems) for name, rule in self.data.items()}


def _over(layer: _Layer, text: str, file: str, table: str, problems: list[Problem]) -> _Layer:
    try:
        data, lines = schema.load(text, file)
    except Mistakes as mistakes:
        problems += mistakes.problems
        return layer
    if not isinstance(data, dict):
        problems.append(Problem(file, 1, "", "this file holds no rules", f"Write `rule_name:` for a rule on {table}"))
        return layer
    return layer.over(data, file, lines)


def _own(
    source: str,
    never_empty: Collection[str],
    texts: Mapping[str, str],
    layers: Mapping[str, _Layer],
    problems: list[Problem],
) -> dict[str, dict[str, Check | None]]:
    """The rules of a source alone: what its file lays over the common ones, and its columns that are never empty."""
    required = {f"never_empty:{column}": _never_empty(column) for column in never_empty}
    below = {**layers, "records": layers["records"].over(required, f"sources/{source}.yml", {})}
    found: dict[str, dict[str, Check | None]] = {"records": {}}
    found["records"] = _Layer.of(required, f"sources/{source}.yml").checks("records", source, problems)
    for file, text in texts.items():
        place = f"rules/expectations/{file}"
        for table, rules, lines in _by_table(text, place, problems):
            layer = below[table].over(rules, place, lines)
            mine = _Layer({n: layer.data[n] for n in rules}, layer.places)
            found.setdefault(table, {}).update(mine.checks(table, source, problems))
    return found


def _never_empty(column: str) -> dict[str, Any]:
    return {
        "type": "expect_column_values_to_not_be_null",
        "kwargs": {"column": f"{columns.NEVER_EMPTY}{column}"},
        "severity": "warning",
        "dimension": "completeness",
        "because": f"{column} is empty, and its owner says it never is",
        "remedy": "Fill it in at the source",
    }


def _by_table(text: str, file: str, problems: list[Problem]) -> list[tuple[str, dict[str, Any], Lines]]:
    """A source's file, table by table, with the lines of each."""
    try:
        data, lines = schema.load(text, file)
    except Mistakes as mistakes:
        problems += mistakes.problems
        return []
    found = []
    for table, rules in data.items() if isinstance(data, dict) else ():
        if table in columns.TABLES and isinstance(rules, dict):
            found.append((table, rules, {path[1:]: n for path, n in lines.items() if path[0] == table and path[1:]}))
            continue
        remedy = f"Write the source's rules below one of {', '.join(columns.TABLES)}"
        problems.append(Problem(file, lines.get((table,), 1), str(table), "this is no table with rules", remedy))
    if not isinstance(data, dict):
        remedy = f"Write the source's rules below one of {', '.join(columns.TABLES)}"
        problems.append(Problem(file, 1, "", "this file holds no rules", remedy))
    return found
