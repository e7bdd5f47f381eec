"""The audit log: who looked at whom, who did what; to be read and exported by administrators."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response, StreamingResponse

from connectors.store.desk.asked import said
from connectors.store.desk.audit import Noted
from reports.desk.access import Admin, Desk
from reports.desk.days import Day
from reports.desk.frame import Frame, frame, shown
from reports.desk.numbers import LAST
from reports.desk.services import Services
from reports.format import guarded
from rules.record_key import key_of

router = APIRouter()
PAGE: Final = 100
COLUMNS: Final = ("seq", "time", "user", "action", "subject", "detail")


@dataclass(frozen=True)
class Wanted:
    """What the address asks for."""

    user: str
    action: str
    subject: str
    day: str

    def query(self) -> str:
        return urlencode(said(self))


def wanted(
    day: Day, user: str = "", action: str = "", subject: Annotated[str, Query(max_length=200)] = "",
) -> Wanted:  # fmt: skip
    return Wanted(user, action, subject.strip(), day)


Asked = Annotated[Wanted, Depends(wanted)]


@dataclass(frozen=True)
class AuditPage:
    """A part of the log, the latest first."""

    template: ClassVar[str] = "desk/audit.html.j2"
    frame: Frame
    asked: Wanted
    query: str
    rows: tuple[dict[str, Any], ...]
    users: tuple[str, ...]
    actions: tuple[str, ...]
    earlier: int
    """Before which entry the next page begins; 0: this is the last."""


@router.get("/audit")
def audit(
    request: Request, desk: Desk, person: Admin, asked: Asked,
    before: Annotated[int | None, Query(ge=1, le=LAST)] = None,
) -> Response:  # fmt: skip
    rows = desk.store.noted(noted(desk, asked), before, PAGE + 1)
    users = tuple(user["name"] for user in desk.store.users())
    earlier = rows[PAGE - 1]["seq"] if len(rows) > PAGE else 0
    return shown(
        AuditPage(
            frame(request, desk, person), asked, asked.query(), tuple(rows[:PAGE]), users,
            tuple(desk.store.noted_actions()), earlier,
        )
    )  # fmt: skip


@router.get("/audit.csv")
def export(desk: Desk, person: Admin, asked: Asked) -> Response:
    """All of it, the oldest first; that it was exported is an entry as well."""
    desk.store.note(person.name, "audit exported", detail=asked.query())
    rows = desk.store.all_noted(noted(desk, asked))
    headers = {"content-disposition": 'attachment; filename="audit.csv"'}
    return StreamingResponse(_csv(rows), media_type="text/csv; charset=utf-8", headers=headers)


def noted(desk: Services, asked: Wanted) -> Noted:
    """A customer is named by its golden id and by each of its records, as cases name them."""
    subjects = [asked.subject] if asked.subject else []
    if asked.subject and ":" not in asked.subject:
        subjects += [key_of(r) for r in desk.store.records_of([asked.subject])]
    return Noted(asked.user, asked.action, subjects, asked.day)


def _csv(rows: Iterator[dict[str, Any]]) -> Iterator[str]:
    """Text that no spreadsheet takes for formulas; with a BOM, or Excel reads UTF-8 as something else."""
    text = io.StringIO("\ufeff")
    text.seek(0, io.SEEK_END)
    lines = csv.writer(text)
    lines.writerow(COLUMNS)
    for row in rows:
        lines.writerow([guarded(str(row[name] if row[name] is not None else "")) for name in COLUMNS])
        if text.tell() > 50_000:
            yield text.getvalue()
            text.seek(0)
            text.truncate()
    yield text.getvalue()
