"""Fix-at-source lists: the quarantined rows that went back to the owners of their sources, as a page and as files."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar, Final, Literal

import pyarrow as pa
from fastapi import APIRouter, Request
from fastapi.responses import Response

from reports.desk.access import Desk, Person, Refused, Steward
from reports.desk.frame import Frame, frame, shown
from reports.desk.numbers import QueryNumber
from reports.desk.pages.quarantine import DONE, just_done
from reports.desk.seen import Seen
from reports.desk.services import Services
from reports.format import noun

router = APIRouter()
TYPES: Final = {
    "csv": "text/csv; charset=utf-8", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}  # fmt: skip


@dataclass(frozen=True)
class Owner:
    """An owner (`-`: of sources that name none), and how many rows wait for them since when."""

    name: str
    rows: int
    first_run: str


@dataclass(frozen=True)
class ListsPage:
    """Everybody who has rows to correct."""

    template: ClassVar[str] = "desk/quarantine/lists.html.j2"
    frame: Frame
    owners: tuple[Owner, ...]
    did: dict[str, Any] | None
    """What was just done: the act."""
    done: dict[str, str]


@dataclass(frozen=True)
class ListPage:
    """What one owner is to correct: to be printed."""

    template: ClassVar[str] = "desk/quarantine/list.html.j2"
    frame: Frame
    owner: str
    day: str
    groups: tuple[tuple[str, tuple[str, ...], tuple[tuple[dict[str, Any], dict[str, Any]], ...]], ...]
    """Source, its columns, and each row with its cells."""


@router.get("/quarantine/lists")
def lists(request: Request, desk: Desk, person: Steward, did: QueryNumber = 0) -> Response:
    owners = tuple(Owner(*row) for row in desk.store.owners_of_returned(Seen(desk, person).sources()))
    return shown(ListsPage(frame(request, desk, person), owners, just_done(desk, person, did), DONE))


@router.get("/quarantine/list")
def one(request: Request, desk: Desk, person: Steward, owner: str) -> Response:
    """An owner's rows, by source, with what is wrong with each."""
    groups: dict[str, list[tuple[dict[str, Any], dict[str, Any]]]] = {}
    for row in _of(desk, person, owner).to_pylist():
        groups.setdefault(row["source"], []).append((row, json.loads(row["raw"] or "{}")))
    told = tuple(
        (source, tuple(dict.fromkeys(name for _, raw in rows for name, cell in raw.items() if cell)), tuple(rows))
        for source, rows in groups.items()
    )
    return shown(ListPage(frame(request, desk, person), owner, datetime.now(UTC).date().isoformat(), told))


@router.get("/quarantine/list.{kind}")
def file(desk: Desk, person: Steward, owner: str, kind: Literal["csv", "xlsx"]) -> Response:
    """The same as a file: corrected, and without our own columns, it is one that the source can read."""
    name = "".join(ch if ch.isalnum() and ch.isascii() else "-" for ch in owner).strip("-") or "no-owner"
    disposition = f'attachment; filename="fix-at-source-{name}.{kind}"'
    content = desk.fix_list(_of(desk, person, owner), kind)
    return Response(content, media_type=TYPES[kind], headers={"content-disposition": disposition})


def _of(desk: Services, person: Person, owner: str) -> pa.Table:
    found = desk.store.returned(owner, Seen(desk, person).sources())
    if not found.num_rows:
        raise Refused(404, f"{owner} has nothing to correct. Rows that changed at their source leave the list")
    desk.store.note(person.name, "fix-at-source list", owner, f"{found.num_rows} {noun(found.num_rows, 'row')}")
    return found
