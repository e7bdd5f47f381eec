"""Suites over Arrow tables: what was checked, and every row that fails, with its reason."""

import gc
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from rules import vocabulary as words
from rules.expectations import columns, frames, helpers, kept, lists
from rules.expectations.helpers import Rows
from rules.expectations.rule import Check
from rules.expectations.suites import Suites
from rules.expectations.tally import FAILURES, Spans, Tally

if TYPE_CHECKING:
    import pandas as pd

CHUNK: Final = 250_000
"""Rows tested in one batch: a suite over a million rows stays below a gigabyte."""

ORDER: Final = ("points", "addresses", "records", "facts")
"""Points before records: who has only a withheld number cannot be reached."""


@dataclass(frozen=True)
class Setting:
    """What rules refer to and no file of rules can know."""

    today: str
    own_domains: tuple[str, ...] = ()
    own_phones: tuple[str, ...] = ()
    """E.164."""
    assumed: frozenset[str] = frozenset()
    """Sources that have no column for the country of an address, so that it is only assumed."""

    def values(self) -> dict[str, object]:
        """What stands for each `$NAME`."""
        own = {"own_domains": list(self.own_domains), "own_phones": list(self.own_phones)}
        return {"today": self.today, **own, **lists.lists()}


@dataclass(frozen=True)
class Checked:
    results: pa.Table
    """vocabulary.RESULTS: one row a rule and source to which it applied."""
    failures: pa.Table
    """FAILURES, by table, source, row and rule."""


def needed(suites: Suites, sources: Sequence[str]) -> dict[str, list[str]]:
    """The columns of each table that `check` wants to see, the keys among them."""
    found: dict[str, set[str]] = {t: {"source", "record_id"} for t in columns.TABLES}
    for table in columns.LISTS:
        found[table].add("position")
    found["points"].add("canonical")
    found["addresses"].add("country")
    for check in (c for source in sources for c in suites.of(source)):
        wanted = {*check.columns, check.rule.field}
        found[check.table] |= {n for c in wanted for n in helpers.needs(check.table, c)}
    return {table: sorted(names) for table, names in found.items()}


def check(
    tables: Mapping[str, pa.Table],
    suites: Suites,
    setting: Setting,
    progress: Callable[[float, float], None] | None = None,
    others: Mapping[str, pa.Table] | None = None,
) -> Checked:
    """Every suite over its table.

    `tables` are those of helpers.Rows with the columns that `needed` names (and `raw:COLUMN` of `records`); the
    rows of one source stand together, in the order of their file. They may be some of a source's rows: then `others`
    has, by table, the rows that are not tested, as far as they share values that are counted (`needless.py`). A rule
    that cannot be applied is a result with `errored`, never a failing row. Raises schema.Mistakes where a rule names
    a `text.` or `raw:` column that the table does not have.
    """
    rows = Rows(tables, others or {}, assumed=setting.assumed)
    return _through(rows, suites, setting.values(), _tested(setting.values()), progress)


def recall(tables: Mapping[str, pa.Table], suites: Suites, setting: Setting, failed: pa.Table) -> pa.Table:
    """The results of rows that were tested before, from what failed then (kept.KEPT); nothing is tested."""
    rows = Rows(tables, assumed=setting.assumed)
    return _through(rows, suites, setting.values(), _remembered(kept.failing(failed, tables))).results


_Judge: TypeAlias = Callable[["pd.DataFrame", NDArray[np.int64], Sequence[Check]], list[tuple[NDArray[np.int64], str]]]
"""A frame, the numbers of its rows and checks -> for each check, which rows of the frame fail, or why it errored."""


def _tested(values: Mapping[str, object]) -> _Judge:
    def judge(
        frame: "pd.DataFrame",
        numbers: NDArray[np.int64],  # noqa: ARG001 - the rows are judged by what is in them
        checks: Sequence[Check],
    ) -> list[tuple[NDArray[np.int64], str]]:
        return [(found.rows, found.error) for found in _engine().evaluate(frame, checks, values)]

    return judge


def _engine() -> ModuleType:
    """What imports Great Expectations, which takes 9 s.

    The collector of cycles stands still meanwhile: nothing that is imported is thrown away, and it takes a fifth of
    the time.
    """
    running = gc.isenabled()
    gc.disable()
    try:
        from rules.expectations import engine
    finally:
        if running:
            gc.enable()
    return engine


def _remembered(failing: Mapping[tuple[str, str], NDArray[np.int64]]) -> _Judge:
    def judge(
        frame: "pd.DataFrame",  # noqa: ARG001 - the rows are judged by who they are
        numbers: NDArray[np.int64],
        checks: Sequence[Check],
    ) -> list[tuple[NDArray[np.int64], str]]:
        nobody = np.empty(0, np.int64)
        return [(np.flatnonzero(np.isin(numbers, failing.get((c.table, c.name), nobody))), "") for c in checks]

    return judge


def _through(
    rows: Rows,
    suites: Suites,
    values: Mapping[str, object],
    judge: _Judge,
    progress: Callable[[float, float], None] | None = None,
) -> Checked:
    """Table after table, group of checks after group."""
    tables = rows.tables
    done, total = 0, sum(tables[t].num_rows for t in ORDER if t in tables)
    results: list[dict[str, Any]] = []
    failures: list[pa.Table] = []
    for table in (t for t in ORDER if t in tables and tables[t].num_rows):
        spans = _spans(tables[table])
        for group in _groups(suites, table, list(spans)):
            for tally in _run(rows, table, group, spans, values, judge):
                results += tally.results(spans)
                failures.append(tally.failures(tables[table], spans))
                tally.withhold(rows)
        done += tables[table].num_rows
        if progress:
            progress(done, total)
    results.sort(key=lambda r: (r["source"], r["table"], r["rule"]))
    return Checked(
        pa.Table.from_pylist(results, words.RESULTS),
        pa.concat_tables([FAILURES.empty_table(), *failures]).sort_by(
            [("table", "ascending"), ("source", "ascending"), ("row", "ascending"), ("rule", "ascending")]
        ),
    )


def _spans(table: pa.Table) -> Spans:
    """Where each source's rows are. Raises ValueError where they do not stand together."""
    found: dict[str, tuple[int, int]] = {}
    at = 0
    for chunk in table["source"].chunks:
        runs = pa.compute.run_end_encode(helpers.text(chunk))
        stops = [at + stop for stop in runs.run_ends.to_pylist()]
        for source, start, stop in zip(runs.values.to_pylist(), [at, *stops], stops, strict=False):
            if source in found and found[source][1] != start:
                raise ValueError(f"the rows of source {source} do not stand together")
            found[source] = (found.get(source, (start,))[0], stop)
        at += len(chunk)
    return found


@dataclass(frozen=True)
class _Group:
    """Checks that run together over the rows of some sources."""

    checks: list[Check]
    sources: tuple[str, ...]

    def chunks(self, spans: Spans) -> Iterator[NDArray[np.int64]]:
        """Numbers of the rows to test, a batch at a time."""
        rows = np.concatenate([np.arange(*spans[source], dtype=np.int64) for source in self.sources])
        return (rows[at : at + CHUNK] for at in range(0, len(rows), CHUNK))


def _groups(suites: Suites, table: str, sources: Sequence[str]) -> list[_Group]:
    """Checks of the same sources together; critical ones last, when all that is unusable is known."""
    checks: dict[tuple[str, str], Check] = {}
    tested: dict[tuple[str, str], list[str]] = {}
    for source in sources:
        for check in suites.of(source):
            if check.table == table:
                checks[check.suite, check.name] = check
                tested.setdefault((check.suite, check.name), []).append(source)
    groups: dict[tuple[bool, tuple[str, ...]], list[Check]] = {}
    for key, of in tested.items():
        critical = checks[key].rule.severity is words.Severity.CRITICAL
        groups.setdefault((critical, tuple(of)), []).append(checks[key])
    return [_Group(group, of) for (_, of), group in sorted(groups.items(), key=lambda item: item[0][0])]


def _run(
    rows: Rows, table: str, group: _Group, spans: Spans, values: Mapping[str, object], judge: _Judge
) -> list[Tally]:
    checks = [check for check in group.checks if frames.is_due(check, values)]
    tallies = [Tally(check) for check in checks]
    made = frames.columns_of(rows, table, checks)
    own = {source: spans[source] for source in group.sources}
    for numbers in group.chunks(spans) if checks else ():
        frame = frames.frame(made, numbers)
        for tally, (failed, error) in zip(tallies, judge(frame, numbers, checks), strict=True):
            tally.add(failed, error, numbers, frames.applies(frame, tally.check), own)
    return tallies
