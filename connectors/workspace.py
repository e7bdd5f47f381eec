"""A workspace is a user's folder: `goldseam.yml`, `sources/*.yml`, `rules/*.yml`, `inbox/`, `var/`."""

import os
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from rules import presets, schema


@dataclass(frozen=True)
class Workspace:
    """A firm's settings, read and checked."""

    root: Path
    firm: schema.Firm
    sources: dict[str, schema.Source]
    lines: dict[str, dict[schema.Path, int]] = field(default_factory=dict, repr=False)
    """The line of each key in each source's file, for later messages."""

    @cached_property
    def var(self) -> Path:
        return self.root / "var"

    @cached_property
    def database_url(self) -> str:
        """SQLAlchemy URL of the state database. Raises schema.Mistakes where it names a variable that is not set."""
        url = os.environ.get("GOLDSEAM_DATABASE_URL") or self._declared_url()
        if url.startswith("sqlite:///") and not url.startswith("sqlite:////"):
            return f"sqlite:///{(self.root / url.removeprefix('sqlite:///')).resolve()}"
        return url

    def _declared_url(self) -> str:
        declared = self.firm.database
        if not declared.startswith("env:"):
            return declared
        name = declared.removeprefix("env:")
        if not os.environ.get(name):
            message = f"the environment variable {name} is not set"
            problem = schema.Problem("goldseam.yml", 0, "database", message, f"Set it: export {name}=…")
            raise schema.Mistakes([problem])
        return os.environ[name]

    def rules_file(self, name: str) -> Path | None:
        """The workspace's own `rules/NAME`, where there is one."""
        path = self.root / "rules" / name
        return path if path.exists() else None


def read(root: Path) -> Workspace:
    """The workspace in a folder. Raises schema.Mistakes with every mistake of every file."""
    problems: list[schema.Problem] = []
    firm = _read(root / "goldseam.yml", schema.Firm, root, problems)
    sources: dict[str, schema.Source] = {}
    lines: dict[str, dict[schema.Path, int]] = {}
    files = sorted([*root.glob("sources/*.yml"), *root.glob("sources/*.yaml")])
    for path in files:
        source = _read(path, schema.Source, root, problems, lines)
        if source:
            sources[path.stem] = source
    if firm and not files:
        remedy = "Write sources/NAME.yml, one a source; `goldseam init` writes a commented example"
        problems.append(schema.Problem("sources/", 0, "", "no source is declared", remedy))
    problems += _dangling(sources, lines)
    if problems or firm is None:
        raise schema.Mistakes(problems)
    return Workspace(root, firm, _with_defaults(sources, firm), lines)


def _read(
    path: Path,
    model: type[schema.M],
    root: Path,
    problems: list[schema.Problem],
    lines: dict[str, dict[schema.Path, int]] | None = None,
) -> schema.M | None:
    name = str(path.relative_to(root))
    try:
        data, at = schema.load(path.read_text(encoding="utf-8"), name)
        if model is schema.Source:
            data = presets.apply(data, at, name)
        if lines is not None:
            lines[path.stem] = at
        return schema.parse(data, at, model, name)
    except schema.Mistakes as mistakes:
        problems += mistakes.problems
    except FileNotFoundError:
        remedy = f"Run `goldseam init {root}` or name another folder with -w"
        problems.append(schema.Problem(name, 0, "", "there is no such file, so this is no workspace", remedy))
    except UnicodeDecodeError:
        problems.append(schema.Problem(name, 0, "", "not UTF-8 text", "Save the file as UTF-8"))
    return None


def _dangling(sources: dict[str, schema.Source], lines: dict[str, dict[schema.Path, int]]) -> list[schema.Problem]:
    """Fact sources that name a source of customers which is not declared."""
    return [
        schema.Problem(
            f"sources/{name}.yml",
            lines[name].get(("customers",), 0),
            "customers",
            f"there is no source {source.customers!r}",
            f"Name one of {', '.join(sorted(sources))}",
        )
        for name, source in sources.items()
        if source.customers and source.customers not in sources
    ]


def _with_defaults(sources: dict[str, schema.Source], firm: schema.Firm) -> dict[str, schema.Source]:
    """Sources that name no country or language take the firm's."""
    defaults: dict[str, Any] = {"country": firm.country, "language": firm.language}
    return {
        name: source.model_copy(update={k: v for k, v in defaults.items() if getattr(source, k) is None})
        for name, source in sources.items()
    }
