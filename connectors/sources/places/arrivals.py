"""What has arrived for a source: the files that a run reads, at hand while it reads them."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa

from connectors.sources.base import SourceFailed
from connectors.sources.places import Fetched, chosen, shown
from connectors.sources.places.chosen import Choice
from connectors.sources.places.hands import Hands
from connectors.sources.places.known_files import Known
from rules.schema import Source


@dataclass(frozen=True)
class Arrival:
    """The files of a source that this run reads; a database has none, and no hands."""

    source: Source
    hands: Hands | None = None
    known: Known = field(default_factory=Known)
    """The files of the last published run."""
    choice: Choice = field(default_factory=Choice)
    notes: tuple[str, ...] = ()

    def digests(self) -> dict[str, str]:
        """SHA-256 of each file by name; nothing is fetched of which the place says that it is as it was."""
        return self.hands.digests(self.choice.files) if self.hands else {}

    def as_landed(self) -> frozenset[str]:
        """Names of the files whose content was landed before."""
        return frozenset(name for name, digest in self.digests().items() if digest in self.known.digests)

    def fetched(self) -> Source:
        """The source as a reader wants it: every file at hand."""
        if self.hands is None:
            return self.source
        location = Fetched.at(self.source.location, self.hands.places(self.choice.files))
        return self.source.model_copy(update={"location": location})

    def demand_still(self) -> None:
        """Raises SourceFailed where a file on this machine changed while it was read."""
        if self.hands:
            self.hands.demand_still(self.choice.files)

    def record(self, name: str, rows: Mapping[str, int]) -> pa.Table:
        """What is kept of the files (vocabulary.LANDED_FILES); `rows`: of each file, by name."""
        known = self.known if (renamed := self.renamed()) is None else Known(renamed)
        return known.and_these(name, self.choice.files, self.digests(), rows, keep=self.source.files == "new")

    def renamed(self) -> pa.Table | None:
        """The record of before with the new names of files that were landed then; None where each has its old one."""
        return self.known.renamed(self.choice.landed)


@contextmanager
def gather(source: Source, root: Path, known: Known | None = None, *, anew: bool = False) -> Iterator[Arrival]:
    """The files of a source that a run reads, at hand until the block ends. Raises SourceFailed.

    `known` are the files of the last published run. `anew`: the declaration has changed since, so that `files: new`
    reads what is still there once more.
    """
    if source.kind == "sql":
        yield Arrival(source)
        return
    hands = Hands.of(source, root, known or Known())
    try:
        yield _arrival(source, hands, anew)
    finally:
        hands.close()


def _arrival(source: Source, hands: Hands, anew: bool) -> Arrival:
    listing = hands.look()
    only_new = source.files == "new"
    if not listing.files and not (only_new and hands.known):
        remedy = "Correct `location`, or put the files there"
        raise SourceFailed("no file matches", remedy, file=shown(source.location))
    whole = chosen.settled(listing, hands, full=not only_new)
    choice = whole
    if source.files == "newest":
        choice = chosen.newest(whole.files)
    elif only_new:
        choice = chosen.new(whole.files, hands.digests(whole.files), hands.known, anew=anew)
    said = whole.notes if choice is whole else (*whole.notes, *choice.notes)
    return Arrival(source, hands, hands.known, choice, (*listing.notes, *said))
