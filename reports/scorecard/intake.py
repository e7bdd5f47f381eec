"""What came in and what was set aside."""

import json
from typing import Final

from reports.format import sentence
from reports.scorecard.context import Reason, Reject, SourceState, Totals
from reports.scorecard.tables import Tables
from rules.record_key import key_of

MOST_REASONS: Final = 8
SHOWN: Final = 120  # characters of a row that could not be read
_ORDER: Final = {"failed": 0, "carried": 1, "landed": 2, "unchanged": 3}


def totals(tables: Tables) -> Totals:
    """The figures in large type."""
    rows, rejected, facts = tables.rows(
        "SELECT coalesce(sum(rows), 0)::BIGINT, coalesce(sum(rejected), 0)::BIGINT, coalesce(sum(facts), 0)::BIGINT "
        "FROM sources"
    )[0]
    records = tables.one("SELECT count(*) FROM asked") or rows
    customers, members, joined, across = tables.rows(
        "SELECT count(*), coalesce(sum(n), 0)::BIGINT, count(*) FILTER (n > 1), count(*) FILTER (s > 1) FROM sizes"
    )[0]
    golden, organisations, households = tables.rows(
        "SELECT count(*), count(*) FILTER (party_type = 'organisation'), count(DISTINCT household_id) FROM golden"
    )[0]
    return Totals(
        rows=rows,
        facts=facts,
        records=records,
        rejected=rejected,
        left_out=tables.one("SELECT count(*) FROM rejects WHERE NOT data"),
        quarantined=tables.one("SELECT count(*) FROM quarantine"),
        duplicates=members - customers,
        golden=golden or customers,
        persons=golden - organisations,
        organisations=organisations,
        households=households,
        joined=joined,
        across=across,
        review=tables.one("SELECT count(*) FROM candidates"),
    )


def sources(tables: Tables, departments: dict[str, str]) -> tuple[SourceState, ...]:
    """Every source, those in trouble first, then by name."""
    aside = dict(tables.rows("SELECT source, count(*) FROM quarantine GROUP BY 1"))
    found = tables.rows(
        "SELECT source, state, rows, rejected, facts, files, reason, remedy, unmapped, "
        "if(state = 'carried', left(landed_at, 10), NULL) FROM sources"
    )
    states = [
        SourceState(
            name=name,
            state=state or "",
            department=departments.get(name, ""),
            rows=rows or 0,
            rejected=rejected or 0,
            facts=facts or 0,
            quarantined=aside.get(name, 0),
            files=listed(files),
            reason=reason or "",
            remedy=remedy or "",
            unmapped=listed(unmapped),
            since=since or "",
        )
        for name, state, rows, rejected, facts, files, reason, remedy, unmapped, since in found
    ]
    return tuple(sorted(states, key=lambda s: (_ORDER.get(s.state, 2), s.name)))


def listed(text: str | None) -> tuple[str, ...]:
    """Names written in one cell: as a JSON list, or divided by semicolons, line breaks or commas."""
    if not text:
        return ()
    if text.startswith("["):
        try:
            return tuple(str(part) for part in json.loads(text))
        except ValueError:
            pass  # a name may begin with a bracket
    divider = next((d for d in ("\n", ";", ",") if d in text), None)
    return tuple(part.strip() for part in text.split(divider) if part.strip()) if divider else (text,)


def reasons(tables: Tables) -> tuple[Reason, ...]:
    """The most frequent reasons of quarantine; a record with two reasons counts under both.

    Reasons that name a value (`email 'x@': no e-mail address`) count as one reason, whatever the value.
    """
    found = tables.rows(
        """
        WITH each_reason AS (SELECT unnest(reasons) AS reason, * EXCLUDE (reasons) FROM quarantine),
        alike AS (
          SELECT * REPLACE (
            regexp_replace(reason, '^([A-Za-z_.]+) (''.*''|".*"): ', '\\1: ').regexp_replace('^value: ', '') AS reason
          ) FROM each_reason
        )
        SELECT reason, count(*) AS n, list(DISTINCT source ORDER BY source),
               first({source: source, record_id: record_id, file: file, sheet: sheet, line: line}
                     ORDER BY source, file, sheet, line, record_id)
        FROM alike GROUP BY 1 ORDER BY n DESC, reason LIMIT ?
        """,
        MOST_REASONS,
    )
    most = found[0][1] if found else 1
    return tuple(
        Reason(sentence(text), count, count / most, tuple(names), key_of(e), _place(e))
        for text, count, names, e in found
    )


def rejects(tables: Tables, *, data: bool) -> tuple[Reject, ...]:
    """Rows of data that could not be read (or totals, notes and titles, left out), by source and reason; the most
    frequent first.
    """
    found = tables.rows(
        """
        SELECT source, count(*) AS n, reason, any_value(remedy), first(content ORDER BY file, sheet, line),
               first({file: file, sheet: sheet, line: line} ORDER BY file, sheet, line)
        FROM rejects WHERE coalesce(data, true) = ?
        GROUP BY source, reason ORDER BY n DESC, source, reason LIMIT ?
        """,
        data,
        MOST_REASONS,
    )
    return tuple(
        Reject(source, n, sentence(reason or ""), sentence(remedy or ""), (content or "")[:SHOWN], _place(place))
        for source, n, reason, remedy, content, place in found
    )


def _place(example: dict[str, object]) -> str:
    """File, sheet and line, as far as they are known."""
    line = f"line {example['line']}" if example["line"] else None
    return ", ".join(str(part) for part in (example["file"], example["sheet"], line) if part)
