"""Dimensions, fill rates, operators and expectations."""

from typing import Any, Final

from connectors.store.runs import RunFolder
from reports.scorecard.context import Fill, Heat, HeatRow, Operator, Rule, SourceRules
from reports.scorecard.tables import Tables
from rules import asked, scorecard
from rules.scorecard import Score, Settings

BY: Final[tuple[scorecard.Group, ...]] = ("source", "department", "operator")
ALL: Final = {"source": "All sources", "department": "All departments", "operator": "All operators"}
MOST_GROUPS: Final = 40
MOST_RULES: Final = 40  # failing rules shown of one source
STANDS_OUT: Final = 3.0  # times the share of everybody else
FEW: Final = 20  # records below which an operator's share says nothing

Before = dict[tuple[str, str, str], float | None]


def heats(tables: Tables, how: Settings, before: Before) -> tuple[Heat, ...]:
    """The heat maps by source, department and operator; a grouping of one or none is left out."""
    found = []
    for by in BY:
        checks = scorecard.measure(tables.con, by)
        counts = dict(tables.rows(f"SELECT {by}, count(*) FROM asked WHERE {by} IS NOT NULL GROUP BY 1"))  # noqa: S608 - one of BY
        scores = scorecard.score(checks, how.targets)
        if not scores or (by != "source" and len(counts) < 2):
            continue
        width = len(scorecard.DIMENSIONS)
        lines = [scores[i : i + width] for i in range(0, len(scores), width)]
        rows = [_row(by, line, counts.get(line[0].group, 0), before) for line in lines]
        rows.sort(key=lambda row: (-sum(cell.gap for cell in row.cells), row.name))
        whole = scorecard.total(checks, how.targets, ALL[by])
        found.append(Heat(by, tuple(rows[:MOST_GROUPS]), _row(by, whole, sum(counts.values()), before)))
    return tuple(found)


def _row(by: str, cells: tuple[Score, ...], records: int, before: Before) -> HeatRow:
    name = cells[0].group
    known = any((by, name, cell.dimension) in before for cell in cells)
    earlier = tuple(before.get((by, name, cell.dimension)) for cell in cells) if known else ()
    return HeatRow(name, records, cells, earlier)


def earlier(folder: RunFolder | None) -> Before:
    """The scores of the last published run, by grouping, group and dimension."""
    if folder is None:
        return {}
    try:
        table = folder.read("report", "scores")
    except FileNotFoundError:
        return {}
    return {(r["by"], r["group"], r["dimension"]): r["value"] for r in table.to_pylist()}


FILLS: Final = (
    # what, in a record, among which records, in a golden record
    ("name", asked.question("name"), "true", "display_name IS NOT NULL"),
    ("e-mail", "by_email", "true", "email IS NOT NULL"),
    ("phone", "by_phone", "true", "phone IS NOT NULL"),
    ("address", asked.question("address"), "true", "coalesce(street, postcode, city) IS NOT NULL"),
    ("birth date", "birth_date IS NOT NULL", "party_type IS DISTINCT FROM 'organisation'", "birth_date IS NOT NULL"),
    ("tax id", "tax_id IS NOT NULL", "party_type = 'organisation'", "tax_id IS NOT NULL"),
)


def fills(tables: Tables) -> tuple[Fill, ...]:
    """How often each field is filled: of the records before, of the golden customers after."""
    before = _shares(tables, "asked", [(record, who) for _, record, who, _ in FILLS])
    after = _shares(tables, "golden", [(golden, who) for _, _, who, golden in FILLS])
    if all(value is None for value in before):
        return ()
    return tuple(Fill(name, b, a) for (name, _, _, _), b, a in zip(FILLS, before, after, strict=True))


def _shares(tables: Tables, table: str, questions: list[tuple[str, str]]) -> tuple[Any, ...]:
    columns = ", ".join(
        f"count(*) FILTER (({yes}) AND ({who})) / nullif(count(*) FILTER ({who}), 0)" for yes, who in questions
    )
    return tables.rows(f"SELECT {columns} FROM {table}")[0]  # noqa: S608 - constants


def operators(tables: Tables) -> tuple[Operator, ...]:
    """Who typed in values that look invented, the most striking first; nobody where nothing was flagged."""
    found = tables.rows("""
        WITH doubtful AS (
          SELECT source, record_id, string_agg(DISTINCT value, '|' ORDER BY value) AS value
          FROM (FROM flags UNION ALL BY NAME FROM doubts) WHERE flag = 'suspect' GROUP BY ALL
        )
        SELECT r.operator, list(DISTINCT r.source ORDER BY r.source), count(*), count(d.source),
               list(DISTINCT d.value ORDER BY d.value) FILTER (d.value <> '')
        FROM asked r LEFT JOIN doubtful d USING (source, record_id)
        WHERE r.operator IS NOT NULL GROUP BY 1 ORDER BY 1""")
    records, suspect = sum(row[2] for row in found), sum(row[3] for row in found)
    if not suspect:
        return ()
    people = [_operator(row, records, suspect) for row in found]
    return tuple(sorted(people, key=lambda o: (-o.share, o.name))[:MOST_GROUPS])


def _operator(row: tuple[Any, ...], records: int, suspect: int) -> Operator:
    """Stands out: enough records to tell, and several times the share of everybody else."""
    name, sources, own, flagged, examples = row
    share = flagged / own
    usual = (suspect - flagged) / (records - own) if records > own else 0.0
    stands_out = own >= FEW and flagged >= 5 and share > STANDS_OUT * max(usual, 0.01)
    shown = dict.fromkeys(value for text in examples or [] for value in text.split("|"))
    return Operator(name, tuple(sources), own, flagged, share, usual, stands_out, tuple(shown)[:4])


def rules(tables: Tables) -> tuple[SourceRules, ...]:
    """The expectations of every source; sources with the most failures first, and so are rules."""
    found = tables.rows("""
        SELECT source, rule, field, severity, dimension, coalesce(checked, 0), coalesce(failed, 0),
               coalesce(errored, false), message
        FROM results ORDER BY source, errored DESC, failed DESC, field, rule""")
    by_source: dict[str, list[Rule]] = {}
    for source, name, field, *rest in found:
        severity, dimension, checked, failed, errored, message = rest
        rule = Rule(name or "", field or "", severity or "", dimension or "", checked, failed, errored, message or "")
        by_source.setdefault(source, []).append(rule)
    suites = [_suite(source, of_source) for source, of_source in by_source.items()]
    return tuple(sorted(suites, key=lambda s: (-s.errored, -sum(r.failed for r in s.failing), s.source)))


def _suite(source: str, found: list[Rule]) -> SourceRules:
    failing = [rule for rule in found if rule.errored or rule.failed]
    passing = [rule for rule in found if not (rule.errored or rule.failed)]
    return SourceRules(source, tuple(failing[:MOST_RULES]), tuple(passing), sum(rule.errored for rule in found))
