"""The desk's services over a workspace: what is asked often is kept."""

from collections import OrderedDict
from collections.abc import Sequence
from itertools import combinations
from threading import Lock
from typing import Any, Final

from connectors.store.base import split_key
from connectors.store.state import Store
from connectors.workspace import Workspace
from pipelines.desk import golden as goldens
from pipelines.desk import records as read
from pipelines.desk import rerun
from pipelines.desk.look import Look, Looks
from pipelines.desk.search import search
from pipelines.weighing import weights
from reports.desk.services import Cluster, Golden, Key, Record
from rules import decided
from rules.desk import Desk as Settings
from rules.matching.explain import Explanation

KEPT: Final = 5_000
"""Pairs whose evidence is kept."""
WEIGHED: Final = 60
"""Records of a cluster between which every pair is weighed."""
Pair = tuple[Key, Key]


class DeskService:
    """See reports.desk.services.Services."""

    def __init__(self, workspace: Workspace, store: Store) -> None:
        self.workspace, self._store = workspace, store
        self._looks = Looks(workspace, store)
        self._known: OrderedDict[tuple[str, Pair], Explanation] = OrderedDict()
        self._turn = Lock()

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

    def records(self, keys: Sequence[Key]) -> dict[Key, Record]:
        return read.records(self._looks.now(), self._store, keys)

    def evidence(self, pairs: Sequence[Pair]) -> dict[Pair, Explanation]:
        look = self._looks.now()
        if look is None:
            return {}
        run = look.run.id
        with self._turn:
            found = {p: self._known[run, p] for p in pairs if (run, p) in self._known}
        missing = [p for p in dict.fromkeys(pairs) if p not in found]
        if missing:
            fresh = _explained(look, missing)
            found |= fresh
            with self._turn:
                self._known |= {(run, p): told for p, told in fresh.items()}
                while len(self._known) > KEPT:
                    self._known.popitem(last=False)
        return found

    def members(self, golden_id: str) -> tuple[Key, ...]:
        rows = self._store.records_of([golden_id])
        return tuple(f"{r['source']}:{r['record_id']}" for r in rows if r["state"] == "active")

    def cluster(self, golden_ids: Sequence[str]) -> Cluster:
        keys = [key for golden_id in golden_ids for key in self.members(golden_id)]
        if not keys:
            raise KeyError(", ".join(golden_ids))
        known, look = self.records(keys), self._looks.now()
        told = tuple(known[key] for key in keys)
        if look is None or len(keys) == 1:
            return Cluster(tuple(golden_ids), told, ())
        matched = look.compared(keys)
        pairs = list(combinations(keys[:WEIGHED], 2))
        bits = weights(matched, [(split_key(a), split_key(b)) for a, b in pairs])
        links = tuple((a, b, float(w)) for (a, b), w in zip(pairs, bits, strict=True) if w == w)
        return Cluster(tuple(golden_ids), told, links)

    def golden(self, records: Sequence[Key], golden_id: str = "", values: dict[str, str] | None = None) -> Golden:
        return goldens.golden(self._looks.now(), self._store, records, golden_id, values or {})

    def settled(self, field: str, text: str) -> str:
        return decided.settled(field, text, self.workspace.firm.country)

    def search(self, text: str, limit: int = 50) -> list[dict[str, Any]]:
        return search(self.workspace, text, limit)

    def rerun(self, golden_ids: Sequence[str], user: str) -> str:
        return rerun.rerun(self.workspace, self._store, golden_ids, user)


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
