"""What became of the records: which of them are one customer, in what sizes, and across which sources."""

from typing import Any, Final

from reports.charts.flow import Flow, Stream, flow
from reports.format import plural
from reports.scorecard.context import Cluster, Member, Overlap, Relation, Size
from reports.scorecard.tables import NAME, Tables

BIGGEST: Final = 6  # clusters shown
SPELLINGS: Final = 6  # names shown in a cluster
MOST_SOURCES: Final = 14  # sources in the table of overlaps
STEPS: Final = ((1, 1, "1 record"), (2, 2, "2 records"), (3, 3, "3 records"), (4, 4, "4 records"),
                (5, 9, "5 to 9 records"), (10, None, "10 and more"))  # fmt: skip
MEANINGS: Final = {
    "same": "one customer",
    "moved": "one customer, at another address now",
    "household": "live together, and stay apart",
    "namesake": "share a name and nothing else",
    "coincidence": "agree only as chance would have it",
    "unrelated": "compared, and nothing came of it",
}


def streams(tables: Tables) -> Flow | None:
    """The drawing of how records became customers; None before any record was standardised."""
    found = tables.rows("""
        WITH placed AS (
          SELECT r.source, s.n, (r.source, r.record_id) IN (SELECT (source, record_id) FROM quarantine) AS aside
          FROM asked r LEFT JOIN sizes s USING (golden_id)
        )
        SELECT source, count(*) FILTER (NOT aside AND n > 1), count(*) FILTER (NOT aside AND coalesce(n, 1) = 1),
               count(*) FILTER (aside)
        FROM placed GROUP BY 1 ORDER BY 1""")
    joined = tables.one("SELECT count(*) FROM sizes WHERE n > 1")
    return flow([Stream(*row) for row in found], joined)


def sizes(tables: Tables) -> tuple[Size, ...]:
    """How many customers are known from how many records."""
    counts = tables.rows("SELECT n, count(*) FROM sizes GROUP BY 1")
    found = []
    for low, high, label in STEPS:
        inside = [(n, customers) for n, customers in counts if n >= low and (high is None or n <= high)]
        found.append((label, sum(c for _, c in inside), sum(n * c for n, c in inside)))
    most = max((customers for _, customers, _ in found), default=0)
    return tuple(Size(*step, step[1] / most) for step in found) if most else ()


def overlap(tables: Tables) -> Overlap | None:
    """Customers that each two sources have in common; None where there are not two sources."""
    own = tables.rows("SELECT source, count(*) AS n FROM held GROUP BY 1 ORDER BY n DESC, 1")
    if len(own) < 2:
        return None
    names = sorted(source for source, _ in own[:MOST_SOURCES])
    common = {(source, source): n for source, n in own}
    common |= {(a, b): n for a, b, n in tables.rows("""
        WITH several AS (SELECT held.* FROM held JOIN sizes USING (golden_id) WHERE s > 1)
        SELECT a.source, b.source, count(*) FROM several a JOIN several b USING (golden_id)
        WHERE a.source <> b.source GROUP BY ALL""")}  # fmt: skip
    cells = tuple(tuple(common.get((a, b), 0) for b in names) for a in names)
    most = max((common.get((a, b), 0) for a in names for b in names if a != b), default=0)
    return Overlap(tuple(names), cells, most)


def biggest(tables: Tables) -> tuple[Cluster, ...]:
    """The customers that were scattered most, with what speaks against their being one."""
    tables.con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE biggest AS
        WITH top AS (
          SELECT golden_id, n FROM sizes WHERE n > 1 ORDER BY n DESC, 1 LIMIT {BIGGEST}
        )
        SELECT t.golden_id, t.n, r.source, r.record_id, {NAME} AS name, r.party_type, r.birth_date, r.tax_id_norm
        FROM top t JOIN members m USING (golden_id) LEFT JOIN records r USING (source, record_id)
        """  # noqa: S608 - constants
    )
    tables.con.execute(_OPPOSED)
    heads = tables.rows("""
        SELECT b.golden_id, any_value(g.display_name), any_value(concat_ws(', ', g.city, g.country)),
               coalesce(any_value(g.party_type), mode(b.party_type)), count(*),
               count(DISTINCT b.birth_date), count(DISTINCT b.tax_id_norm)
        FROM biggest b LEFT JOIN golden g USING (golden_id) GROUP BY 1 ORDER BY 5 DESC, 1""")
    return tuple(_cluster(tables, *head) for head in heads)


def _cluster(
    tables: Tables, golden_id: str, name: str | None, place: str | None, party: str | None, records: int,
    births: int, tax_ids: int,
) -> Cluster:  # fmt: skip
    by_source = tables.rows(
        "SELECT source, count(*) AS n FROM biggest WHERE golden_id = ? AND source IS NOT NULL "
        "GROUP BY 1 ORDER BY n DESC, 1",
        golden_id,
    )
    spellings: list[tuple[Any, ...]] = tables.rows(
        "SELECT coalesce(name, '(no name)'), count(*) AS n, list(DISTINCT source ORDER BY source) FROM biggest "
        "WHERE golden_id = ? GROUP BY 1 ORDER BY n DESC, 1",
        golden_id,
    )
    doubts = [f"{n} different {what}" for n, what in ((births, "birth dates"), (tax_ids, "tax ids")) if n > 1]
    return Cluster(
        golden_id=golden_id,
        name=name or (spellings[0][0] if spellings else golden_id),
        place=place or "",
        party_type=party or "",
        records=records,
        sources=tuple(by_source),
        members=tuple(Member(text, n, tuple(names)) for text, n, names in spellings[:SPELLINGS]),
        more=max(0, len(spellings) - SPELLINGS),
        doubts=tuple(doubts),
        against=_against(tables, golden_id),
    )


def _against(tables: Tables, golden_id: str) -> str:
    """How many pairs of a customer's records speak against it, and the edge to cut first."""
    found = tables.rows(
        """
        SELECT contrary, cut_left_source || ':' || cut_left_id, cut_right_source || ':' || cut_right_id
        FROM opposed WHERE golden_id = ? ORDER BY health LIMIT 1""",
        golden_id,
    )
    if not found:
        return ""
    pairs, left, right = found[0]
    speak = "speaks" if pairs == 1 else "speak"
    return f"{plural(pairs, 'pair')} of them {speak} against it: look first at {left} and {right}"


_OPPOSED: Final = """
    CREATE OR REPLACE TEMP TABLE opposed AS
    SELECT b.golden_id, h.* FROM health h JOIN labels l USING (cluster_id) JOIN biggest b USING (source, record_id)
    WHERE h.contrary > 0"""


def relations(tables: Tables) -> tuple[Relation, ...]:
    """What compared pairs turned out to be, most frequent first."""
    found = tables.rows(
        "SELECT coalesce(relation, 'unrelated'), count(*) AS n FROM pairs GROUP BY 1 ORDER BY n DESC, 1"
    )
    most = found[0][1] if found else 1
    return tuple(Relation(name, n, n / most, MEANINGS.get(name, "")) for name, n in found)
