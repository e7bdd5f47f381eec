"""Files brought to hand from where they lie, under the patience of their source: looked for, fetched, hashed."""

import hashlib
import os
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol, TypeVar

from connectors.sources.base import SourceFailed
from connectors.sources.failing import in_words
from connectors.sources.places import Listed, Listing, Place, expand, is_address, local, shown
from connectors.sources.places.known_files import Known
from connectors.sources.places.patience import Sign, waited_for
from connectors.sources.places.remote import Remote
from rules.schema import Source

T = TypeVar("T")

BLOCK: Final = 1 << 20


class Holder(Protocol):
    """A place that holds files: a folder on this machine, or what is behind an address."""

    def look(self, sign: Sign) -> Listing: ...

    def bring(self, file: Listed, sign: Sign) -> Path: ...

    def close(self) -> None: ...


@dataclass(frozen=True)
class Here:
    """A path or glob on this machine."""

    where: str
    root: Path

    def look(self, sign: Sign) -> Listing:  # noqa: ARG002 - one look, no sign in between
        return local.look(self.where, self.root)

    def bring(self, file: Listed, sign: Sign) -> Path:  # noqa: ARG002 - it is here
        return Path(file.address)

    def close(self) -> None:
        """Nothing was fetched."""


@dataclass
class Hands:
    """The place of one source. Every method raises SourceFailed, where the place gives no sign of life too."""

    location: str
    patience: float
    where: str
    """The location as the environment has it."""
    holder: Holder
    known: Known
    _paths: dict[str, Path] = field(default_factory=dict)
    _digests: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, source: Source, root: Path, known: Known) -> "Hands":
        where = expand(source.location)
        far = is_address(where)
        holder = Remote(where, source.location, source.patience) if far else Here(where, root)
        return cls(source.location, source.patience, where, holder, known)

    @property
    def far(self) -> bool:
        return not isinstance(self.holder, Here)

    def look(self) -> Listing:
        return self._wait(self.holder.look)

    def places(self, files: Collection[Listed]) -> tuple[Place, ...]:
        """The files on this machine, fetched where they have to be."""
        self._wait(lambda sign: [self._path(file, sign) for file in files])
        return tuple(Place(self._paths[file.name], file.name) for file in files)

    def digests(self, files: Collection[Listed]) -> dict[str, str]:
        """SHA-256 by name; nothing is fetched of which the place says that it is as it was."""

        def work(sign: Sign) -> None:
            for file in files:
                if file.name not in self._digests:
                    same = self.known.as_it_was(file)
                    self._digests[file.name] = same or _digest(self._path(file, sign), sign)

        self._wait(work)
        return {file.name: self._digests[file.name] for file in files}

    def demand_still(self, files: Collection[Listed]) -> None:
        """Raises SourceFailed where a file on this machine changed since it was looked at."""
        for file in () if self.far else files:
            state = os.stat(file.address)
            if (state.st_size, state.st_mtime, state.st_ctime) != (file.size, file.modified, file.touched):
                reason = "it changed while it was read"
                raise SourceFailed(reason, "The next run reads it again", file=file.name, passing=True)

    def close(self) -> None:
        self.holder.close()

    def _path(self, file: Listed, sign: Sign) -> Path:
        if file.name not in self._paths:
            self._paths[file.name] = self.holder.bring(file, sign)
            sign()
        return self._paths[file.name]

    def _wait(self, work: Callable[[Sign], T]) -> T:
        with in_words(self.location):
            return waited_for(work, self.patience, shown(self.location))


def _digest(path: Path, sign: Sign) -> str:
    digest, block = hashlib.sha256(), bytearray(BLOCK)
    view = memoryview(block)
    with path.open("rb", buffering=0) as file:
        while size := file.readinto(block):
            digest.update(view[:size])
            sign()
    return digest.hexdigest()
