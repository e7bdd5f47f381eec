"""What the scorecard asks of every record, worked out once: who it is, what it answers, and how it stands to others."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

import duckdb

from rules.vocabulary import PartyType

QUESTIONS: Final = {"name": "named", "reach": "reached", "address": "placed"}
"""Questions of `complete` that are no column of a record, and the column of `asked` that answers each."""
PLAIN: Final = ("birth_date", "tax_id")
"""Columns of a record that the page asks for, whatever the settings."""


def question(name: str) -> str:
    """The SQL condition that a record of `asked` answers a question of `complete`."""
    return QUESTIONS.get(name) or f'"{name}" IS NOT NULL'


def ask(
    con: duckdb.DuckDBPyConnection, complete: Mapping[PartyType, Sequence[str]], agree: Sequence[str], fresh: date
) -> None:
    """Make the temporary tables `asked` and `counted`.

    `con` holds `records`, `points`, `addresses` (as standardise made them: what a source delivered) and `members`
    (source, record_id, golden_id). `asked` has a row a record: source, record_id, department, operator, party_type,
    whether it is a `contact`, since when it is true (`dated`), its golden_id, what it answers (`named`, `reached`,
    `placed`, `by_email`, `by_phone`), and the columns of PLAIN, `complete` and `agree`. `counted` has checks and
    failures of completeness, consistency and timeliness by source, department and operator; fresh is what was true on
    the day `fresh` or later.
    """
    names = dict.fromkeys([*PLAIN, *agree, *(n for ask in complete.values() for n in ask if n not in QUESTIONS)])
    con.execute(_ASKED.replace("{columns}", "".join(f', r."{name}"' for name in names if name not in _OWN)))
    con.execute("CREATE TEMP TABLE counted AS " + _completeness(complete))
    for column in agree:
        con.execute("INSERT INTO counted " + _consistency(column))
    con.execute("INSERT INTO counted " + _TIMELINESS, {"fresh": fresh.isoformat()})


_OWN: Final = ("source", "record_id", "department", "operator", "party_type")

_ASKED: Final = """
    CREATE TEMP TABLE asked AS
    WITH reached AS (
      SELECT source, record_id, bool_or(kind = 'email') AS by_email, bool_or(kind = 'phone') AS by_phone
      FROM points WHERE value IS NOT NULL GROUP BY ALL
    ), placed AS (
      SELECT DISTINCT source, record_id FROM addresses WHERE coalesce("full", street, city, postcode) IS NOT NULL
    )
    SELECT r.source, r.record_id, r.department, r.operator, r.party_type, r.contact_of IS NOT NULL AS contact,
           coalesce(r.updated_at, r.entered_at) AS dated, m.golden_id,
           coalesce(r.full_name, r.given_name, r.surname, r.organisation_name) IS NOT NULL AS named,
           p.source IS NOT NULL AS reached, a.source IS NOT NULL AS placed,
           coalesce(p.by_email, false) AS by_email, coalesce(p.by_phone, false) AS by_phone{columns}
    FROM records r LEFT JOIN reached p USING (source, record_id) LEFT JOIN placed a USING (source, record_id)
      LEFT JOIN members m USING (source, record_id)"""


def _completeness(complete: Mapping[PartyType, Sequence[str]]) -> str:
    """Each record is asked the questions of its party type (a record without one is a person).

    The contact of an organisation is asked nothing: how complete that is, its organisation answers.
    """
    organisation = "party_type = 'organisation'"
    cases = [
        (organisation if party == PartyType.ORGANISATION else f"({organisation}) IS NOT TRUE", name)
        for party, names in complete.items()
        for name in names
    ]
    checked = " + ".join(f"count(*) FILTER ({who})" for who, _ in cases) or "0"
    failed = " + ".join(f"count(*) FILTER (({who}) AND NOT ({question(name)}))" for who, name in cases) or "0"
    return (
        "SELECT source, department, operator, 'completeness' AS dimension, "  # noqa: S608 - names that Settings knows
        f"({checked})::BIGINT AS checked, ({failed})::BIGINT AS failed FROM asked WHERE NOT contact GROUP BY 1, 2, 3"
    )


def _consistency(column: str) -> str:
    """Values that differ from the one most records of the customer have (ties: the smaller one)."""
    return f"""
        WITH held AS (
          SELECT source, department, operator, golden_id, "{column}" AS value FROM asked
          WHERE "{column}" IS NOT NULL AND golden_id IN (SELECT golden_id FROM asked GROUP BY 1 HAVING count(*) > 1)
        ), votes AS (SELECT golden_id, value, count(*) AS n FROM held GROUP BY ALL),
        best AS (
          SELECT golden_id, first(value ORDER BY n DESC, value) AS value FROM votes GROUP BY 1 HAVING sum(n) > 1
        )
        SELECT source, department, operator, 'consistency', count(*)::BIGINT,
               (count(*) FILTER (h.value <> b.value))::BIGINT
        FROM held h JOIN best b USING (golden_id) GROUP BY 1, 2, 3"""  # noqa: S608 - names that Settings knows


_TIMELINESS: Final = """
    SELECT source, department, operator, 'timeliness', count(*)::BIGINT, (count(*) FILTER (dated < $fresh))::BIGINT
    FROM asked WHERE regexp_matches(dated, '^[0-9]{4}-[0-9]{2}-[0-9]{2}') GROUP BY 1, 2, 3"""
