"""What customers are searched by: all that is said of each, and the values that are known whole, sorted for look-up.

`said`: one row a customer, those of the most records first (`n`); `open` holds what anybody may search, `shut` what
`hidden` columns hold; every name that a record has is there, as written and in Latin letters. `known`: one row a value
that people have in hand (another e-mail, an invoice's number, a record), written as `term` writes it, with the
customer's `n`. `spelled`: one row a sound of words in names (`sound`), with those of whom a record says it (`ns`).
"""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import duckdb
import pyarrow as pa

from connectors.store.runs import RunFolder
from rules import search as words
from rules.standardise import latin

LOOKED_AT: Final = (
    "golden_id", "display_name", "given_name", "surname", "organisation_name", "birth_date", "tax_id", "email", "phone",
    "street", "house_number", "postcode", "city",
)  # fmt: skip
NUMBERS: Final = ("phone", "tax_id")
"""Of these the digits alone count, too."""
NAMED: Final = ("customer_no", "national_id", "iban")
"""Fields of golden records that stand in their provenance alone, and that people have in hand."""
MOST: Final = 1_000
"""Customers that are looked at of one word or value: what stands for more says nobody in particular."""
BACKWARDS: Final = "<"
"""Before a telephone number's digits from the last to the first: so it is found without the code before it."""
CALLED: Final = ("full_name", "name_latin", "birth_name", "birth_name_latin", "organisation_name", "org_core")
SOUNDS: Final = 3
"""Letters from which on a word may be found by another spelling of it."""
NAMES: Final = frozenset({"display_name", "given_name", "surname", "organisation_name"})
"""Where one of these is hidden, so are the names of records."""
VIEWS: Final = {
    "records": ("validate", "records"),
    "points": ("validate", "points"), "homes": ("identify", "crosswalk"), "facts": ("validate", "facts"),
    "provenance": ("survive", "provenance"),
}  # fmt: skip
_COUNTRY: Final = "^[a-z]{2}"


def term(text: str) -> str:
    """A number or a name of something as it stands in `known`: its letters and digits alone, folded."""
    return re.sub(r"[\W_]", "", words.folded(text))


def without_country(found: str) -> str:
    """A tax id (as `term` writes it) without the country before it."""
    return re.sub(_COUNTRY, "", found)


def sound(word: str) -> str:
    """A word of a name in any script, as all spellings of it are written; empty where it is too short to tell."""
    found = latin.fold(latin.latin(word))
    return found if len(found) >= SOUNDS and found.isalpha() else ""


def make(con: duckdb.DuckDBPyConnection, golden: Path, run: RunFolder | None, hidden: Sequence[str]) -> None:
    """The three tables; run: None, where its folder is gone."""
    there = []
    for name, (stage, table) in VIEWS.items():
        if run and run.parts(stage, table):
            run.view(con, stage, table, name)
            there.append(name)
    called = {"records", "homes"} <= set(there)
    _said(con, golden, hidden, called=called)
    _spelled(con, called=called)
    con.execute("create table known (term varchar, kind varchar, value varchar, n int)")
    parts = [sql for needs, sql in _KNOWN if set(needs) <= set(there)]
    if parts:
        every = " union all ".join(parts)
        con.execute(f"insert into known select * from ({every}) where term <> '' order by term")  # noqa: S608 - our own SQL
    for name in there:
        con.execute(f"drop view {name}")


def _said(con: duckdb.DuckDBPyConnection, golden: Path, hidden: Sequence[str], *, called: bool) -> None:
    """called: whether the names of records can be looked up."""
    opened = [name for name in LOOKED_AT if name not in hidden]
    shut = [name for name in LOOKED_AT if name in hidden]
    (shut if NAMES & {*hidden} else opened).append("called")
    names = _CALLED if called else _NOBODY
    con.execute(
        f"create table said as select row_number() over (order by records desc, golden_id)::int as n, "  # noqa: S608 - our own names
        f"golden_id, {_text(opened)} as open, {_text(shut)} as shut, {_digits(opened)} as open_digits, "
        f"{_digits(shut)} as shut_digits from read_parquet(?) left join ({names}) using (golden_id) order by n",
        [str(golden)],
    )  # fmt: skip


def _spelled(con: duckdb.DuckDBPyConnection, *, called: bool) -> None:
    """called: as of `_said`."""
    con.execute("create table spelled (sound varchar, ns int[])")
    if not called:
        return
    con.execute(f"create temp table worded as {_WORDED}")
    written = [word for (word,) in con.execute("select word from worded").fetchall()]
    heard = pa.table({"word": written, "sound": [sound(word) for word in written]})
    con.register("heard", heard)
    con.execute(
        "insert into spelled select sound, list_sort(list_distinct(flatten(list(ns))))[:?] from worded "
        "join heard using (word) where sound <> '' group by sound order by sound",
        [MOST],
    )
    con.unregister("heard")
    con.execute("drop table worded")


def _text(columns: Sequence[str]) -> str:
    """SQL of what some columns say; a postcode also without the blanks in it."""
    said = [*columns, *(f"nullif({_bare(name)}, {name})" for name in columns if name == "postcode")]
    return words.sql(f"concat_ws(' ', {', '.join(said)})") if columns else "''"


def _digits(columns: Sequence[str]) -> str:
    shown = [name for name in NUMBERS if name in columns]
    return f"regexp_replace(concat_ws(' ', {', '.join(shown)}), '[^0-9 ]', '', 'g')" if shown else "''"


def _term(value: str) -> str:
    """SQL of `term`."""
    return _bare(words.sql(value))


def _bare(value: str) -> str:
    """SQL of a value's letters and digits alone."""
    return f"regexp_replace({value}, '[^\\p{{L}}\\p{{N}}]', '', 'g')"


_CALLED: Final = (
    f"select golden_id, string_agg(distinct concat_ws(' ', {', '.join(CALLED)}), ' ') as called "  # noqa: S608 - our own names
    "from homes join records using (source, record_id) group by golden_id"
)
_WORDED: Final = (
    f"select word, list_sort(list(n))[:{MOST}] as ns from (select n, unnest(list_distinct(string_split("  # noqa: S608 - our own names
    "concat_ws(' ', name_latin, birth_name_latin, org_core), ' '))) as word "
    "from homes join records using (source, record_id) join said using (golden_id)) group by word"
)
"""Each word of the names of records in Latin letters, and the best known customers that have it."""
_NOBODY: Final = "select null as golden_id, null as called where false"
_WRITTEN: Final = "ltrim(regexp_replace(value, '[^0-9]', '', 'g'), '0')"
"""As it stands: 8 (495) ... is dialled within Russia, and +7 495 from abroad."""
_DIALLED: Final = "regexp_replace(coalesce(canonical, value), '[^0-9]', '', 'g')"
"""A number with the code of its country, as far as it is known: records write it with or without."""
_POINTS: Final = (
    "from points join homes using (source, record_id) join said using (golden_id) where value is not null and kind ="
)
_HOMES: Final = "from homes join said using (golden_id)"
_FACTS: Final = (
    "from facts f join homes h on f.customer_source = h.source and f.customer_id = h.record_id "
    "join said using (golden_id)"
)
_SAYS: Final = "from provenance join said using (golden_id) where value is not null and field"
_KNOWN: Final = (
    (("points", "homes"), f"select distinct {words.sql('value')} as term, 'email' as kind, value, n {_POINTS} 'email'"),
    (("points", "homes"), f"select distinct {_DIALLED}, 'phone', value, n {_POINTS} 'phone'"),
    (("points", "homes"), f"select distinct {_WRITTEN}, 'phone', value, n {_POINTS} 'phone'"),
    (("points", "homes"), f"select distinct '{BACKWARDS}' || reverse({_DIALLED}), 'phone', value, n {_POINTS} 'phone'"),
    (("homes",), f"select {_term('record_id')}, 'record', source || ':' || record_id, n {_HOMES}"),
    (("homes",), f"select {_term('source || record_id')}, 'record', source || ':' || record_id, n {_HOMES}"),
    (
        ("facts", "homes"),
        f"select {_term('f.number')}, coalesce(f.kind, 'fact'), f.number, n {_FACTS} where f.number is not null",
    ),
    (("provenance",), f"select {_term('value')}, field, value, n {_SAYS} in {NAMED}"),
    (
        ("provenance",),
        f"select unnest(list_distinct([{_term('value')}, regexp_replace({_term('value')}, '{_COUNTRY}', '')])), field, "
        f"value, n {_SAYS} = 'tax_id'",
    ),
)
"""Tables that each part needs, and its SQL: term, kind, value, n."""
