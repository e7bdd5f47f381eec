"""Which records of a source must be tested again: those of which anything changed that a rule looks at."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from connectors.store.parts import Part
from connectors.store.runs import RunFolder
from pipelines.tested import Portion
from rules.expectations import needless
from rules.expectations.rule import Check
from rules.vocabulary import STANDARD_TABLES

NOBODY: Final = pa.array([], pa.string())


@dataclass
class Changes:
    """What is another in a run's standard tables than in those of the last published run."""

    now: RunFolder
    before: RunFolder

    def portion(self, source: str, checks: Iterable[Check], again: pa.Array) -> Portion:
        """What is to be tested of a source whose rules are as they were; `again`: ids of records and facts that are
        tested in any case.
        """
        ids, counted = self._replaced(source), needless.counted(checks)
        if ids is None:
            return Portion()
        known = _union([ids, again, self._contacts(source)])
        facts = self._facts(source, known)
        if facts:
            known = _union([known, *(_ids(part) for part in self._both("facts", source))])
        if counted is None:
            return Portion() if len(known) else Portion(NOBODY, facts=False)
        rows = {table: self._counted(source, table, groups) for table, groups in counted.items()} if len(known) else {}
        more = [needless.recounted(counted[table], *both, ids) for table, both in rows.items()]
        known = _union([known, *more])
        others = {table: needless.counting(counted[table], now, known) for table, (now, _) in rows.items()}
        return Portion(known, facts, {table: left for table, left in others.items() if left.num_rows})

    def _both(self, table: str, source: str) -> tuple[Part | None, Part | None]:
        return tuple(f.parts("standardise", table).get(source) for f in (self.now, self.before))  # type: ignore[return-value]  # two

    def _replaced(self, source: str) -> pa.Array | None:
        """Ids of the records that came, went or changed; None where it cannot be told.

        All five tables are amended by the same records; one of them alone may have been written whole.
        """
        pairs = [self._both(table, source) for table in STANDARD_TABLES]
        if any((now is None) != (then is None) for now, then in pairs):
            return None
        changed = [(now, then) for now, then in pairs if now and then and now != then]
        told = [keys for now, then in changed if (keys := now.replaced_since(then)) is not None]
        if changed and not told:
            return None
        return told[0]["record_id"].combine_chunks() if told else NOBODY

    @cached_property
    def _moved(self) -> pa.Array:
        """Keys SOURCE:ID of the customer records that came or went."""
        sources = sorted({s for f in (self.now, self.before) for s in f.parts("standardise", "records")})
        found = [NOBODY]
        for source in sources:
            now, then = self._both("records", source)
            if now == then:
                continue
            within = self._replaced(source)
            left, right = _ids(now, within), _ids(then, within)
            moved = [a.filter(pc.invert(pc.is_in(a, value_set=b))) for a, b in ((left, right), (right, left))]
            found += [pc.binary_join_element_wise(pa.scalar(source), ids, ":") for ids in moved]
        return pa.concat_arrays(found)

    def _contacts(self, source: str) -> pa.Array:
        """Ids of the records that name one that came or went."""
        part, _ = self._both("records", source)
        return NOBODY if part is None or not len(self._moved) else _ids(part, self._moved, "contact_of")

    def _facts(self, source: str, ids: pa.Array) -> bool:
        """Whether a source's facts are tested: they or their customers are others, or some go with these records."""
        now, then = self._both("facts", source)
        if now != then:
            return bool((now and now.count) or (then and then.count))
        if now is None or not now.count:
            return False
        if self._landed(self.now) != self._landed(self.before):
            return True
        rows = now.read(["record_id", "customer_source", "customer_id"])
        named = pc.binary_join_element_wise(rows["customer_source"], rows["customer_id"], ":")
        found = [pc.is_in(named, value_set=self._moved), pc.is_in(rows["record_id"], value_set=ids)]
        return any(pc.any(each).as_py() for each in found)

    def _landed(self, folder: RunFolder) -> set[str]:
        """Sources that have customer records."""
        return {source for source, part in folder.parts("standardise", "records").items() if part.count}

    def _counted(self, source: str, table: str, groups: Iterable[tuple[str, ...]]) -> tuple[pa.Table, pa.Table]:
        """The columns that are counted, of a source's rows now and of those that are no longer as they were."""
        names = sorted({name for group in groups for name in group} - {"source", "record_id"})
        now, then = self._both(table, source)
        return _columns(now, names), _columns(then, names, self._replaced(source))


def _columns(part: Part | None, names: list[str], ids: pa.Array | None = None) -> pa.Table:
    """Source, record_id and these columns, of all rows or those of some records; a column that is not there is null."""
    form = pa.schema([(name, pa.string()) for name in ("source", "record_id", *names)])
    if part is None:
        return form.empty_table()
    have = [name for name in form.names if name in part.schema.names]
    rows = part.read(have, None if ids is None else pc.field("record_id").isin(ids))
    columns = [rows[n].cast(pa.string()) if n in have else pa.nulls(len(rows), pa.string()) for n in form.names]
    return pa.table(columns, schema=form)


def _ids(part: Part | None, values: pa.Array | None = None, column: str = "record_id") -> pa.Array:
    """Ids of the rows of a part, or of those with one of these values in a column."""
    if part is None:
        return NOBODY
    rows = part.read(["record_id"], None if values is None else pc.field(column).isin(values))
    return rows["record_id"].cast(pa.string()).combine_chunks()


def _union(arrays: Iterable[pa.Array]) -> pa.Array:
    return pc.unique(pa.concat_arrays([NOBODY, *arrays]))
