"""A workspace is a user's folder: `goldseam.yml`, `sources/*.yml`, `rules/*.yml`, `inbox/`, `var/`."""

import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from rules import presets, schema

ENDINGS: Final = (".yml", ".yaml")
"""Of the files that are read in `sources/`."""


@dataclass(frozen=True)
class Workspace:
    """A firm's settings, read and checked."""

    root: Path
    firm: schema.Firm
    sources: dict[str, schema.Source]
    lines: dict[str, dict[schema.Path, int]] = field(default_factory=dict, repr=False)
    """The line of each key in each source's file and in `goldseam.yml`, for later messages."""
    own_presets: presets.Own = field(default_factory=dict, repr=False)
    """The workspace's own, of `presets/NAME.yml`."""

    @cached_property
    def var(self) -> Path:
        return self.root / "var"

    @cached_property
    def database_url(self) -> str:
        """SQLAlchemy URL of the state database.

        Raises schema.Mistakes where it names a variable that is not set, or no database that can hold the state.
        """
        url = os.environ.get("GOLDSEAM_DATABASE_URL") or self._declared_url()
        if problem := self._no_database(url):
            raise schema.Mistakes([problem])
        if url.startswith("sqlite:///") and not url.startswith("sqlite:////"):
            path = (self.root / url.removeprefix("sqlite:///")).resolve()
            if "?" in str(path):  # which begins the options of an address: the file would lie elsewhere
                message = f"the path {path} holds a question mark"
                raise schema.Mistakes([self.of_database(message, "Rename the folder")])
            return f"sqlite:///{path}"
        return url

    def _declared_url(self) -> str:
        declared = self.firm.database
        if not declared.startswith("env:"):
            return declared
        name = declared.removeprefix("env:")
        if not os.environ.get(name):
            message = f"the environment variable {name} is not set"
            raise schema.Mistakes([self.of_database(message, f"Set it: export {name}=…")])
        return os.environ[name]

    def of_database(self, message: str, remedy: str) -> schema.Problem:
        """What is wrong with the state database, at its line of `goldseam.yml`."""
        line = self.lines.get("goldseam.yml", {}).get(("database",), 0)
        return schema.Problem("goldseam.yml", line, "database", message, remedy)

    def _no_database(self, url: str) -> schema.Problem | None:
        """Why an address leads to no database that can hold the state."""
        from sqlalchemy import make_url  # slow to import, and not every command needs the state database
        from sqlalchemy.exc import ArgumentError

        remedy = "Write sqlite:///var/goldseam.db, or postgresql://user@host/name by way of env:NAME"
        try:
            kind = make_url(url).get_backend_name()
        except ArgumentError:
            return self.of_database("this is no database address", remedy)
        if kind in ("sqlite", "postgresql"):
            return None
        return self.of_database(f"the state database is SQLite or PostgreSQL, not {kind}", remedy)

    def rules_file(self, name: str) -> Path | None:
        """The workspace's own `rules/NAME`, where there is one."""
        path = self.root / "rules" / name
        return path if path.exists() else None


def read(root: Path) -> Workspace:
    """The workspace in a folder. Raises schema.Mistakes with every mistake of every file."""
    workspace, problems = look(root)
    if problems:
        raise schema.Mistakes(problems)
    return workspace


def look(root: Path) -> tuple[Workspace, list[schema.Problem]]:
    """As much of a workspace as can be read, and every mistake of every file.

    Of a file with mistakes the settings that are none are there, where they are enough to go on with.
    """
    problems: list[schema.Problem] = []
    sources: dict[str, schema.Source] = {}
    lines: dict[str, dict[schema.Path, int]] = {}
    firm = _read(root / "goldseam.yml", schema.Firm, root, problems, lines)
    own = _presets(root, problems)
    files = source_files(root)
    for path in files:
        if misnamed := _misnamed(path, sources):
            problems.append(misnamed)
            continue
        source = _read(path, schema.Source, root, problems, lines, own)
        if source:
            sources[path.stem] = source
    if firm and not files:
        remedy = "Write sources/NAME.yml, one a source; `goldseam init` writes a commented example"
        problems.append(schema.Problem("sources/", 0, "", "no source is declared", remedy))
    problems += _dangling(sources, {path.stem for path in files}, lines)
    firm = firm or schema.Firm()
    return Workspace(root, firm, _with_defaults(sources, firm), lines, own), problems


def source_files(root: Path) -> list[Path]:
    """The declarations in `sources/`, by name; what editors and file managers leave behind begins with a dot."""
    return _settings_in(root, "sources")


def _settings_in(root: Path, folder: str) -> list[Path]:
    return sorted(p for p in root.glob(f"{folder}/*") if p.suffix.lower() in ENDINGS and not p.name.startswith("."))


def _presets(root: Path, problems: list[schema.Problem]) -> dict[str, presets.Preset | None]:
    """The workspace's own presets by name; None for one that holds a mistake, which is among the problems."""
    found: dict[str, presets.Preset | None] = {}
    for path in _settings_in(root, "presets"):
        name = f"presets/{path.name}"
        found[path.stem] = None
        try:
            found[path.stem] = presets.parse(path.read_text(encoding="utf-8"), path.stem, name)
        except schema.Mistakes as mistakes:
            problems += mistakes.problems
        except (OSError, UnicodeDecodeError) as error:
            problems.append(unreadable(name, error))
    return found


def _misnamed(path: Path, sources: Mapping[str, object]) -> schema.Problem | None:
    """What is wrong with the name of a source's file: it is the first half of every record's key."""
    file = f"sources/{path.name}"
    if path.suffix not in ENDINGS:
        return schema.Problem(file, 0, "", "its name does not end in .yml", f"Rename it to {path.stem}.yml")
    if ":" in path.stem:
        message = "a source's name must not hold a colon: records are called SOURCE:ID"
        return schema.Problem(file, 0, "", message, f"Rename it to {path.stem.replace(':', '-')}.yml")
    if path.stem == "all":
        return schema.Problem(file, 0, "", "`all` is a word of the program's own", "Rename the file")
    if path.stem in sources:
        message = f"there is another file of the source {path.stem}"
        return schema.Problem(file, 0, "", message, f"Delete or rename this one or {path.stem}.yaml")
    return None


def _read(
    path: Path,
    model: type[schema.M],
    root: Path,
    problems: list[schema.Problem],
    lines: dict[str, dict[schema.Path, int]],
    own: presets.Own | None = None,
) -> schema.M | None:
    """The settings of a file, or what is left of them without its mistakes, which are added to `problems`."""
    name = str(path.relative_to(root))
    try:
        data, at = schema.load(path.read_text(encoding="utf-8"), name)
        lines[path.stem if model is schema.Source else path.name] = at
        if model is schema.Source:
            data = presets.apply(data, at, name, own)
        return schema.parse(data, at, model, name)
    except presets.NoPreset as unknown:
        problems += unknown.problems + _without_preset(data, at, name)
    except schema.Mistakes as mistakes:
        problems += mistakes.problems
        return mistakes.rest if isinstance(mistakes.rest, model) else None
    except FileNotFoundError:
        remedy = f"Run `goldseam init {root}` or name another folder with -w"
        problems.append(schema.Problem(name, 0, "", "there is no such file, so this is no workspace", remedy))
    except (OSError, UnicodeDecodeError) as error:
        problems.append(unreadable(name, error))
    return None


def _without_preset(data: Any, lines: dict[schema.Path, int], name: str) -> list[schema.Problem]:
    """The other mistakes of a source that names a preset there is none of."""
    try:
        schema.parse({"kind": "csv", "location": "-", **data}, lines, schema.Source, name)
    except schema.Mistakes as mistakes:
        return mistakes.problems
    return []


def unreadable(file: str, error: OSError | UnicodeDecodeError) -> schema.Problem:
    """The mistake of a settings file that cannot be read as text."""
    if isinstance(error, UnicodeDecodeError):
        line = error.object.count(b"\n", 0, error.start) + 1
        return schema.Problem(file, line, "", "not UTF-8 text", "Save the file as UTF-8")
    message = f"it could not be read: {(error.strerror or str(error)).lower()}"
    return schema.Problem(file, 0, "", message, "Put a text file there that this user may read, or remove it")


def _dangling(
    sources: dict[str, schema.Source], declared: Collection[str], lines: dict[str, dict[schema.Path, int]]
) -> list[schema.Problem]:
    """Fact sources that name a source of customers which is not declared."""
    return [
        schema.Problem(
            f"sources/{name}.yml",
            lines[name].get(("customers",), 0),
            "customers",
            f"there is no source {source.customers!r}",
            f"Name one of {', '.join(sorted(declared))}",
        )
        for name, source in sources.items()
        if source.customers and source.customers not in declared
    ]


def _with_defaults(sources: dict[str, schema.Source], firm: schema.Firm) -> dict[str, schema.Source]:
    """Sources that name no country or language take the firm's."""
    defaults: dict[str, Any] = {"country": firm.country, "language": firm.language}
    return {
        name: source.model_copy(update={k: v for k, v in defaults.items() if getattr(source, k) is None})
        for name, source in sources.items()
    }
