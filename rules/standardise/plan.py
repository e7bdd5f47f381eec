"""Which column of a source goes where: its column map, sorted by what the tables need."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from rules import schema
from rules import vocabulary as words

RECORD_DATE_KEYS: Final = ("record", "updated_at", "*")
"""Keys of a source's `updated_at` map that date the record as a whole."""


@dataclass(frozen=True)
class Point:
    """A column of e-mails or phones."""

    kind: str
    type: str | None
    header: str
    since: str | None
    label: str | None = None
    """The column that says in words what each is."""


@dataclass(frozen=True)
class Place:
    """One address of a record: the columns of each of its parts."""

    type: str | None
    parts: dict[str, tuple[str, ...]]
    since: str | None


@dataclass(frozen=True)
class Consent:
    purpose: str
    header: str
    since: str | None


@dataclass(frozen=True)
class Plan:
    scalars: dict[str, tuple[str, ...]] = field(default_factory=dict)
    birth_parts: dict[str, str] = field(default_factory=dict)
    points: tuple[Point, ...] = ()
    places: tuple[Place, ...] = ()
    consents: tuple[Consent, ...] = ()
    texts: dict[str, tuple[str, ...]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    """Columns of notes in which contact points and addresses are looked for."""
    updated_at: str | None = None

    def dated(self) -> tuple[str | None, ...]:
        """The columns that date single values."""
        lists = (*(p.since for p in self.points), *(p.since for p in self.places), *(c.since for c in self.consents))
        return (*lists, self.updated_at)

    @property
    def is_empty(self) -> bool:
        """Whether no column says anything about a customer."""
        lists = (self.points, self.places, self.consents, self.notes)
        return not (self.scalars or self.birth_parts or self.texts or any(lists))


def make(headers: Iterable[str], source: schema.Source) -> Plan:
    """The plan for the columns a raw table has. Without a column map, headers that are targets map to themselves."""
    present = [h for h in headers if h not in words.RAW_PREFIX]
    mapped = source.columns or {h: h for h in present if schema.is_target(h)}
    targets = [(h, mapped[h]) for h in present if h in mapped]
    since = source.updated_at if isinstance(source.updated_at, dict) else {}
    scalars = {t: _of(targets, t) for t in words.SCALARS if _of(targets, t)}
    return Plan(
        scalars=scalars,
        birth_parts={
            p: _of(targets, f"birth_date.{p}")[0] for p in words.BIRTH_DATE_PARTS if _of(targets, f"birth_date.{p}")
        },
        points=tuple(_point(h, t, since, source.labels) for h, t in targets if t.split(".")[0] in ("phone", "email")),
        places=tuple(_places(targets, since)),
        consents=tuple(
            Consent(t.partition(".")[2], h, _since(t, since)) for h, t in targets if t.startswith("consent.")
        ),
        texts={t: _of(targets, t) for _, t in targets if t.startswith("text.")},
        notes=_of(targets, "note.contact"),
        updated_at=_record_date(source, present),
    )


def _of(targets: list[tuple[str, str]], target: str) -> tuple[str, ...]:
    return tuple(h for h, t in targets if t == target)


def _record_date(source: schema.Source, present: list[str]) -> str | None:
    wanted = source.updated_at
    if isinstance(wanted, dict):
        wanted = next((wanted[k] for k in RECORD_DATE_KEYS if k in wanted), None)
    return wanted if wanted in present else None


def _since(target: str, since: dict[str, str]) -> str | None:
    """The column that dates a target: its own, or that of the words it begins with."""
    steps = target.split(".")
    return next((since[k] for n in range(len(steps), 0, -1) if (k := ".".join(steps[:n])) in since), None)


def _point(header: str, target: str, since: dict[str, str], labels: dict[str, str]) -> Point:
    kind, _, type_ = target.partition(".")
    return Point(kind, type_ or None, header, _since(target, since), labels.get(header))


def _places(targets: list[tuple[str, str]], since: dict[str, str]) -> list[Place]:
    """One place a type; a second `full` column of one type is a place of its own."""
    parts: dict[str, dict[str, list[str]]] = {}
    extra: list[tuple[str, str]] = []
    for header, target in targets:
        if not target.startswith("address."):
            continue
        *_, part = target.split(".")
        type_ = target.split(".")[1] if target.count(".") == 2 else ""
        mine = parts.setdefault(type_, {})
        if part == "full" and part in mine:
            extra.append((type_, header))
        else:
            mine.setdefault(part, []).append(header)
    found = [(t, {p: tuple(h) for p, h in mine.items()}) for t, mine in parts.items()]
    found += [(t, {"full": (h,)}) for t, h in extra]
    return [Place(t or None, p, _since(f"address.{t}" if t else "address", since)) for t, p in found]
