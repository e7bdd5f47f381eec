"""The desk's services over a workspace: what is asked often is kept."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from itertools import combinations
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Semaphore
from typing import Any, Final, Literal

import pyarrow as pa

from connectors.store.desk.filter import Limits
from connectors.store.state import Store
from connectors.workspace import Workspace
from pipelines import history, quarantine
from pipelines.asked import UnknownRecord
from pipelines.desk import corrected
from pipelines.desk import golden as goldens
from pipelines.desk import records as read
from pipelines.desk.kept import Kept
from pipelines.desk.look import Look, Looks
from pipelines.desk.rerun import Reruns
from pipelines.desk.search import Search
from pipelines.weighing import parted, together, weights
from reports.desk.services import Cluster, Golden, Key, Record, Rerun
from reports.life import Life
from rules import decided
from rules.desk import Desk as Settings
from rules.matching.explain import Explanation
from rules.record_key import key_of, split_key
from rules.vocabulary import DECISIONS

KEPT: Final = 5_000
"""Pairs whose evidence is kept, and records."""
SOON: Final = 10
"""Where one of the next so many pairs is not worked out, all that are asked for are."""
FEW: Final = 5
"""Pairs that are worked out together: whoever asks for another meanwhile waits for so many."""
WEIGHED: Final = 60
"""Records of a cluster between which every pair is weighed."""
Pair = tuple[Key, Key]


class DeskService:
    """See reports.desk.services.Services."""

    def __init__(self, workspace: Workspace, store: Store) -> None:
        self.workspace, self._store = workspace, store
        self._looks = Looks(workspace, store)
        self._evidence: Kept[Pair, Explanation] = Kept(KEPT)
        self._records: Kept[Key, Record] = Kept(KEPT)
        self._search = Search(workspace, store, self._looks)
        self._facets: Kept[Limits, dict[str, list[str]]] = Kept(100)
        self._ahead, self._idle = ThreadPoolExecutor(1, "ahead"), Semaphore()
        self._reruns = Reruns(workspace, store, self.members)
        self._ready: str | None = None

    @property
    def store(self) -> Store:
        return self._store

    @property
    def settings(self) -> Settings:
        return self.workspace.firm.desk

    @property
    def firm(self) -> str:
        return self.workspace.firm.firm

    def run_id(self) -> str | None:
        return self._store.last_published()

    def make_ready(self) -> None:
        """Do for a new publication, once, what takes long when it is first asked for."""
        run = self.run_id()
        if run is not None and run != self._ready:
            self._ready = run
            self._looks.settle()
            self.facets(Limits())
            self._search.make_ready()

    def records(self, keys: Sequence[Key]) -> dict[Key, Record]:
        look = self._looks.now()
        run = look.run.id if look else ""
        return self._records.of(run, keys, lambda missing: read.records(look, self._store, missing))

    def evidence(self, pairs: Sequence[Pair]) -> dict[Pair, Explanation]:
        look = self._looks.now()
        if look is None:
            return {}
        return self._evidence.of(look.run.id, pairs, lambda missing: _explained(look, missing))

    def ahead(self, pairs: Sequence[Pair]) -> None:
        """See Services.ahead: a few at a time, so that whoever asks for another one meanwhile does not wait for all."""
        look = self._looks.now()
        missing = self._evidence.missing(look.run.id, pairs) if look else []
        if missing and missing[0] in pairs[:SOON] and self._idle.acquire(blocking=False):
            self._ahead.submit(self._prepare, [pair for pair in missing if pair != pairs[0]])

    def _prepare(self, pairs: Sequence[Pair]) -> None:
        try:
            for first in range(0, len(pairs), FEW):
                few = pairs[first : first + FEW]
                keys = [key for pair in few for key in pair]
                golden_ids = {home["golden_id"] for home in self._store.homes_of(keys).values()}
                self.records([*keys, *self._of(sorted(filter(None, golden_ids)))[:KEPT]])
                self.evidence(few)
        finally:
            self._idle.release()

    def members(self, golden_id: str) -> tuple[Key, ...]:
        return self._of([golden_id])

    def _of(self, golden_ids: Sequence[str]) -> tuple[Key, ...]:
        """The active records of some customers."""
        return tuple(key_of(r) for r in self._store.records_of(golden_ids) if r["state"] == "active")

    def cluster(self, golden_ids: Sequence[str]) -> Cluster:
        keys = [key for golden_id in golden_ids for key in self.members(golden_id)]
        if not keys:
            raise KeyError(", ".join(golden_ids))
        known, look = self.records(keys), self._looks.now()
        told = tuple(known[key] for key in keys)
        if look is None or len(keys) == 1:
            return Cluster(tuple(golden_ids), told, ())
        matched = look.compared(keys)
        named = [split_key(key) for key in keys]
        pairs = list(combinations(keys[:WEIGHED], 2))
        bits = weights(matched, list(combinations(named[:WEIGHED], 2)))
        links = tuple((a, b, float(w)) for (a, b), w in zip(pairs, bits, strict=True) if w == w)
        return Cluster(tuple(golden_ids), told, links, together(matched, named))

    def parted(self, keys: Sequence[Key], decision: dict[str, Any]) -> tuple[tuple[Key, ...], ...]:
        look = self._looks.now()
        if look is None or len(keys) > WEIGHED:
            return ()
        decided = pa.Table.from_pylist([*self._store.decided_on(keys), decision], DECISIONS)
        found = parted(look.compared(keys, decided), [split_key(key) for key in keys])
        return tuple(tuple(f"{source}:{record}" for source, record in one) for one in found)

    def golden(self, records: Sequence[Key], golden_id: str = "", values: dict[str, str] | None = None) -> Golden:
        return goldens.golden(self._looks.now(), self._store, records, golden_id, values or {})

    def settled(self, field: str, text: str, country: str | None = None) -> str:
        return decided.settled(field, text, self.workspace.firm.country, datetime.now(UTC).date().isoformat(), country)

    def facets_of_sources(self) -> dict[str, tuple[str | None, str | None]]:
        return {name: (s.department, s.country) for name, s in self.workspace.sources.items()}

    def correct(self, key: Key, values: dict[str, str], user: str, reason: str = "", seen: int | None = None) -> int:
        try:
            return quarantine.correct(self._store, key, values, user, reason, seen)
        except quarantine.Refused as error:
            raise ValueError(str(error)) from error

    def identified_by(self, key: Key) -> str | None:
        look, (name, record) = self._looks.now(), split_key(key)
        rows = look.tables.raw([key]) if look else []
        source = self.workspace.sources.get(name)
        if not rows or source is None:
            return None
        return corrected.identified_by(rows[0], name, source, self._store.corrections_of(name, record))

    def fix_list(self, items: pa.Table, kind: Literal["csv", "xlsx"]) -> bytes:
        with TemporaryDirectory() as folder:
            file = Path(folder) / f"list.{kind}"
            quarantine.export(items, file)
            return file.read_bytes()

    def search(self, text: str, limit: int = 50, hidden: Sequence[str] = ()) -> list[dict[str, Any]]:
        return self._search.find(text, limit, hidden)

    def names(self, keys: Sequence[Key]) -> dict[Key, str]:
        return read.names(self._looks.now(), keys)

    def facets(self, limits: Limits) -> dict[str, list[str]]:
        return self._facets.of(self.run_id() or "", [limits], lambda _: {limits: self._store.facets(limits)})[limits]

    def published(self, golden_id: str) -> Golden | None:
        return goldens.published(self._looks.now(), self._store, golden_id)

    def life(self, golden_id: str) -> Life:
        try:
            return history.of(self._store, golden_id)
        except UnknownRecord as error:
            raise KeyError(golden_id) from error

    def rerun(self, golden_ids: Sequence[str], user: str) -> Rerun:
        return self._reruns.begin(golden_ids, user)

    def rerunning(self) -> Rerun | None:
        return self._reruns.last()


def _explained(look: Look, pairs: Sequence[Pair]) -> dict[Pair, Explanation]:
    """The evidence of pairs, matched together."""
    matched = look.compared(list(dict.fromkeys(key for pair in pairs for key in pair)))
    found = {}
    for left, right in pairs:
        try:
            found[left, right] = matched.explain(split_key(left), split_key(right))
        except KeyError:  # one of them was not compared: it is in quarantine, or gone
            continue
    return found
