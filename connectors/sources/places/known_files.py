"""The files that a source's published snapshot was read from: by name and by content."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from functools import cached_property

import pyarrow as pa

from connectors.sources.places import Listed
from rules.vocabulary import LANDED_FILES


class Known:
    """What `vocabulary.LANDED_FILES` says of one source; empty where nothing of it was published."""

    def __init__(self, table: pa.Table | None = None) -> None:
        self.table = LANDED_FILES.empty_table() if table is None else table
        self._by_name = {row["file"]: row for row in self.table.to_pylist()}

    def __bool__(self) -> bool:
        return bool(self._by_name)

    def __contains__(self, name: object) -> bool:
        return name in self._by_name

    @cached_property
    def digests(self) -> Mapping[str, frozenset[str]]:
        """SHA-256 -> the names under which that content was landed."""
        names: defaultdict[str, set[str]] = defaultdict(set)
        for name, row in self._by_name.items():
            names[row["sha256"]].add(name)
        return {digest: frozenset(found) for digest, found in names.items()}

    def names(self, name: str, digest: str) -> frozenset[str]:
        """The names under which a file was landed before, whether its content or its name is the same."""
        row = self._by_name.get(name)
        return self.digests.get(digest, frozenset()) | (self.digests[row["sha256"]] if row else frozenset())

    def as_it_was(self, file: Listed) -> str | None:
        """SHA-256 of a file of which its place says that it did not change; None: only its content tells."""
        row = self._by_name.get(file.name)
        same = row and file.version and (row["version"], row["size"]) == (file.version, file.size)
        return str(row["sha256"]) if row and same else None

    def renamed(self, files: Mapping[str, str]) -> pa.Table | None:
        """The record with the new names of files landed before (name -> SHA-256); None where there is none."""
        rows = {row["sha256"]: row for row in self._by_name.values()}
        fresh = [{**rows[digest], "file": name} for name, digest in files.items() if name not in self]
        return pa.Table.from_pylist([*self._by_name.values(), *fresh], LANDED_FILES) if fresh else None

    def and_these(
        self, source: str, files: Collection[Listed], digests: Mapping[str, str], rows: Mapping[str, int], *, keep: bool
    ) -> pa.Table:
        """The record after a run that read `files`; with `keep` what was landed before stands beside them."""
        fresh = [
            {
                "source": source,
                "file": file.name,
                "sha256": digests[file.name],
                "size": file.size,
                "modified": _time(file.modified),
                "version": file.version,
                "rows": rows.get(file.name, 0),
            }
            for file in files
        ]
        read = {file.name for file in files}
        earlier = [row for name, row in self._by_name.items() if name not in read] if keep else []
        return pa.Table.from_pylist([*earlier, *fresh], LANDED_FILES)


def _time(seconds: float | None) -> str | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC).isoformat(timespec="microseconds")
