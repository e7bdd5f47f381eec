"""What was worked out of the published run, kept while it is asked for again."""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping, Sequence
from threading import Lock
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Kept(Generic[K, V]):
    """Values by key, of one run: with another run all are forgotten. Its methods may be called from several threads."""

    def __init__(self, most: int) -> None:
        self._most, self._run = most, ""
        self._values: OrderedDict[K, V] = OrderedDict()
        self._turn, self._making = Lock(), Lock()

    def of(self, run: str, keys: Sequence[K], make: Callable[[list[K]], Mapping[K, V]]) -> dict[K, V]:
        """The values of keys; those that are not kept are made together, and nobody makes what somebody else is making.
        A key that `make` leaves out is left out.
        """
        made: Mapping[K, V] = {}
        if self.missing(run, keys):
            with self._making:
                missing = self.missing(run, keys)
                made = make(missing) if missing else {}
                self._keep(run, made)
        with self._turn:
            here = self._values if self._run == run else {}
            return {key: here[key] for key in keys if key in here} | dict(made)

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
