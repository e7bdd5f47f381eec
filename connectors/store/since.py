"""Which rows of a run's table are not those of an earlier run's.

Where the table stands on the earlier one its layers say so; else what both hold is compared, in DuckDB and without
asking the state database.
"""

import pyarrow as pa

from connectors.store.parts import Part, joined
from connectors.store.runs import RunFolder
from rules import duck


def differing(
    now: RunFolder, then: RunFolder, stage: str, table: str, key: tuple[str, ...], columns: list[str]
) -> pa.Table | None:
    """Keys of the rows that came, went or changed; those of rows that stayed may be among them.

    `columns`: what is compared, `key` (texts) among them. None: the earlier run has no such table, or other columns.
    """
    own, earlier = now.parts(stage, table), then.parts(stage, table)
    if not own or not earlier:
        return None
    found, left = [pa.table({name: pa.array([], pa.string()) for name in key})], []
    for name in sorted({*own, *earlier}):
        if own.get(name) == earlier.get(name):
            continue
        told = _told(own[name], earlier[name], key) if name in own and name in earlier else None
        if told is None:
            left.append(name)
        else:
            found.append(told)
    if left:
        mine, theirs = ([parts[name] for name in left if name in parts] for parts in (own, earlier))
        if any(not set(columns) <= set(part.schema.names) for part in (*mine, *theirs)):
            return None
        found.append(_compared(mine, theirs, key, columns))
    return pa.concat_tables(found).group_by(list(key)).aggregate([])


def _told(part: Part, earlier: Part, key: tuple[str, ...]) -> pa.Table | None:
    """What the layers say that came over the earlier part; None where they are of other keys, or there are none."""
    if any(layer.by != (key,) for layer in part.layers[len(earlier.layers) :]):
        return None
    return part.replaced_since(earlier, key)


def _compared(now: list[Part], then: list[Part], key: tuple[str, ...], columns: list[str]) -> pa.Table:
    """Keys of which the one side has rows, or as many of a row, as the other has not."""
    named, keys = (", ".join(f'"{name}"' for name in names) for names in (columns, key))
    sides = [f"select {named}, {n} as n from ({joined(side)})" for side, n in ((now, 1), (then, -1)) if side]  # noqa: S608 - our own names
    with duck.session() as con:
        found = con.sql(f"""
            select distinct {keys} from (
                select {keys} from ({" union all ".join(sides)}) group by {named} having sum(n) <> 0)""")  # noqa: S608 - our own names
        return found.to_arrow_table().cast(pa.schema([(name, pa.string()) for name in key]))
