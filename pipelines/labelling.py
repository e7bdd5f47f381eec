"""What `goldseam label` asks about: the pairs of files or of a workspace's last run, and the records as they stood."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from pipelines import again, dedupe
from pipelines.dedupe import Request
from pipelines.dedupe.reading import Read
from pipelines.label import Key, Session, Shown
from pipelines.match import engine_of
from rules.matching.engine import Matched
from rules.matching.group import Group
from rules.vocabulary import RAW_PREFIX, SCALARS

LISTS: Final = {"points": "value", "addresses": "full"}
PARTS: Final = ("street", "house_number", "unit", "postcode", "city", "region", "country")
UNSHOWN: Final = ("party_type", "batch", "operator", "scan", "form_no", "updated_at", "entered_at")


@dataclass(frozen=True)
class Material:
    """A session of questions and the records they are about."""

    session: Session
    shown: Shown


def of_files(request: Request) -> Material:
    """The doubtful pairs of tables; `request.out` is the file of labels. Raises as pipelines.dedupe.dedupe does."""
    reads, _, matched = dedupe.find(request, lambda *_: None)
    return Material(Session(_doubtful(matched), request.out), _raw(reads, (*RAW_PREFIX, request.id_column)))


def of_workspace(root: Path, out: Path) -> Material:
    """The doubtful pairs of the run that is published, weighed by its model. Raises again.NoSuchRun."""
    with again.matched(root) as run:
        matched = engine_of(run)
        tables = {name: run.folder.read("validate", name) for name in ("records", *LISTS)}
    return Material(Session(_doubtful(matched), out), _standard(tables))


def _doubtful(matched: Matched) -> Group:
    """Persons or organisations: those with more doubt among their pairs."""

    def doubt(group: Group) -> float:
        return float((group.scored.probability * (1 - group.scored.probability)).sum())

    return max(matched.groups.values(), key=doubt)


def _raw(reads: Sequence[Read], unshown: tuple[str | None, ...]) -> Shown:
    tables = {r.name: r.raw for r in reads}

    def shown(key: Key) -> dict[str, str]:
        table = tables[key[0]]
        row = table.slice(pc.index(table["_record_id"], key[1]).as_py(), 1).to_pylist()[0]
        return {c: str(v) for c, v in row.items() if c not in unshown and v not in (None, "")}

    return shown


def _standard(tables: dict[str, pa.Table]) -> Shown:
    def rows(name: str, key: Key) -> list[dict[str, str]]:
        table = tables[name]
        mine = pc.and_(pc.equal(table["source"], key[0]), pc.equal(table["record_id"], key[1]))
        found: list[dict[str, str]] = table.filter(mine).to_pylist()
        return found

    def shown(key: Key) -> dict[str, str]:
        record = rows("records", key)[0]
        out = {c: str(record[c]) for c in SCALARS if record.get(c) and c not in UNSHOWN}
        for kind in ("email", "phone"):
            values = [str(p["value"]) for p in rows("points", key) if p["kind"] == kind]
            out |= {kind: "; ".join(values)} if values else {}
        for number, address in enumerate(rows("addresses", key), 1):
            said = address["full"] or " ".join(str(address[p]) for p in PARTS if address.get(p))
            out |= {"address" if number == 1 else f"address {number}": said} if said else {}
        return out

    return shown
