"""What was worked out of the published run, kept while it is asked for again."""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping, Sequence
from threading import Lock
from typing import Final, Generic, TypeVar

TOGETHER: Final = 10
"""Values that others wait for, which are made along with one's own: to make ten takes little longer than to make one.
"""
K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Kept(Generic[K, V]):
    """Values by key, of one run: with another run all are forgotten. Its methods may be called from several threads."""

    def __init__(self, most: int) -> None:
        self._most, self._run = most, ""
        self._values: OrderedDict[K, V] = OrderedDict()
        self._wanted: dict[K, None] = {}
        self._turn, self._making = Lock(), Lock()

    def of(self, run: str, keys: Sequence[K], make: Callable[[list[K]], Mapping[K, V]]) -> dict[K, V]:
        """The values of keys; those that are not kept are made together, with some of those that others wait for, and
        nobody makes what somebody else is making. A key that `make` leaves out is left out.
        """
        made: Mapping[K, V] = {}
        if wanted := self.missing(run, keys):
            with self._turn:
                self._wanted |= dict.fromkeys(wanted)
            with self._making:
                if missing := self.missing(run, keys):
                    made = make([*missing, *self._others(missing)])
                    self._keep(run, made)
        with self._turn:
            here = self._values if self._run == run else {}
            return {key: found[key] for key in keys for found in (made, here) if key in found}

    def _others(self, mine: list[K]) -> list[K]:
        """Some that others wait for, who need not make them any more; one's own are wanted no longer, either."""
        with self._turn:
            for key in mine:
                self._wanted.pop(key, None)
            some = list(self._wanted)[:TOGETHER]
            for key in some:
                del self._wanted[key]
            return [key for key in some if key not in self._values]

    def _keep(self, run: str, made: Mapping[K, V]) -> None:
        with self._turn:
            if self._run == run:
                self._values |= made
                while len(self._values) > self._most:
                    self._values.popitem(last=False)

    def missing(self, run: str, keys: Sequence[K]) -> list[K]:
        """The keys whose values are not kept, each once."""
        with self._turn:
            if self._run != run:
                self._run = run
                self._values.clear()
            return [key for key in dict.fromkeys(keys) if key not in self._values]
