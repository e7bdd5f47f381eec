"""Review packs: cases as a workbook for people without access, and their answers taken in under one's own name."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from threading import Lock
from typing import Annotated, Any, ClassVar, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Request, UploadFile
from fastapi.responses import RedirectResponse, Response

from connectors.packs.guard import MOST_BYTES, NoPack
from connectors.packs.read import Read, read
from connectors.packs.write import Pack, Side, write
from connectors.store.desk.accepting import Answer
from connectors.store.desk.acts import Act
from connectors.store.desk.batches import LeftOut
from connectors.store.desk.filter import Case, Filter
from reports.desk.access import Desk, Person, Refused, Steward
from reports.desk.batching import batch_of, its_own, left_out_of, listed
from reports.desk.chain import excluded
from reports.desk.filtered import in_words
from reports.desk.frame import Frame, frame, shown
from reports.desk.numbers import Number, QueryNumber
from reports.desk.pages.lists import TYPES
from reports.desk.pages.queue import Asked, rest_of
from reports.desk.seen import Seen
from reports.desk.services import ORDER, Services
from reports.desk.taken_in import Rows, rows
from reports.format import noun, words
from rules.packs import Decided, Judged, judge

router = APIRouter()
SIZES: Final = (25, 50, 100, 200, 500)
one_at_a_time = Lock()
"""A workbook takes a hundred times its size while it is read."""
LISTED: Final = 30
"""Packs of the list, the latest."""


@dataclass(frozen=True)
class Item:
    """A pack as the list shows it."""

    pack: dict[str, Any]
    said: str
    open: int
    """Cases that wait still."""


@dataclass(frozen=True)
class PacksPage:
    """All packs, one to be made, and one to be taken in."""

    template: ClassVar[str] = "desk/packs.html.j2"
    frame: Frame
    rest: str
    said: str
    waiting: int
    """Cases that can be sent."""
    out: LeftOut
    sizes: tuple[int, ...]
    items: tuple[Item, ...]
    problem: str
    made: dict[str, Any] | None
    """The pack that was just made, whose download begins."""


@dataclass(frozen=True)
class OutcomePage:
    """What became of a workbook."""

    template: ClassVar[str] = "desk/packs/outcome.html.j2"
    frame: Frame
    pack: dict[str, Any]
    name: str
    """On whose behalf."""
    judged: Judged
    act: dict[str, Any] | None
    """The act that decided; None: nothing was decided."""
    rows: Rows


@router.get("/packs")
def packs(request: Request, desk: Desk, person: Steward, asked: Asked, made: QueryNumber = 0) -> Response:
    pack = desk.store.batch(made, "pack") if made else None
    return _page(request, desk, person, asked, made=pack if pack and pack["user"] == person.name else None)


@router.post("/packs")
def make(desk: Desk, person: Steward, asked: Asked, size: Annotated[int, Form(ge=1, le=SIZES[-1])]) -> Response:
    """A pack of the first cases of a filter, in its order; the list shows it and begins its download."""
    limited = Seen(desk, person).limited(asked)
    cases = desk.store.cases_of(limited, person.name, size, desk.settings.second_reader_above)
    if not cases:
        raise Refused(409, "No open case is like that, or those that are were given to others or take two readers")
    number = desk.store.make_pack(person.name, rest_of(asked), cases)
    pack = batch_of(desk, person, number, "pack")
    desk.store.note_act(person.name, "pack made", f"pack {pack['number']}", f"{len(cases)} {noun(len(cases), 'case')}")
    return RedirectResponse(f"/packs?{urlencode({**asked.asked(), 'made': number})}", 303)


@router.get("/packs/{number}.xlsx")
def workbook(desk: Desk, person: Steward, number: Number) -> Response:
    """The workbook of a pack, for who made it or a lead."""
    pack = batch_of(desk, person, number, "pack")
    its_own(pack, person)
    cases = desk.store.batch_cases(number)
    records = Seen(desk, person).records([key for case in cases for key in case[1:]])
    sides = {key: Side(key, {n: "; ".join(values) for n, values in r.fields.items()}) for key, r in records.items()}
    used = {name for side in sides.values() for name in side.values}
    fields = [name for name in (*ORDER, *sorted(used - set(ORDER))) if name in used]
    named = {key: Side(key, {words(n): text for n, text in side.values.items()}) for key, side in sides.items()}
    content = write(
        Pack(
            pack["token"], f"{desk.firm}: review pack {pack['number']}", [words(name) for name in fields],
            [(named[case.left], named[case.right]) for case in cases],
        )
    )  # fmt: skip
    desk.store.note(person.name, "pack fetched", f"pack {pack['number']}", f"{len(cases)} {noun(len(cases), 'case')}")
    disposition = f'attachment; filename="review-pack-{pack["number"]}.xlsx"'
    return Response(content, media_type=TYPES["xlsx"], headers={"content-disposition": disposition})


@router.post("/packs/import")
def take_in(
    request: Request, desk: Desk, person: Steward, file: UploadFile, name: Annotated[str, Form(max_length=80)] = ""
) -> Response:
    """Take in the answers of a workbook: good rows in one act, each other row told. Twice is once."""
    try:
        with one_at_a_time:
            found = read(file.file.read(MOST_BYTES + 1))
        pack = desk.store.pack_of(found.token)
        if pack is None:
            raise NoPack("This pack was not made by this desk, or its hidden sheet was changed")
    except NoPack as error:
        return _page(request, desk, person, Filter(), str(error))
    who = name.strip() or found.name[:80] or "somebody"
    cases, judged = _judged(desk, person, pack, found)
    act = None
    if judged.good:
        answers = {n: Answer(cases[n], one.answer, _reason(who, one.comment)) for n, one in judged.good.items()}
        act = desk.store.one_act(desk.store.decide_pack(pack["seq"], person.name, answers, _reason(who)))
        desk.store.note_act(
            person.name, "pack taken in", f"pack {pack['number']}", f"{len(answers)} {noun(len(answers), 'answer')}"
        )
        judged = _settled(judged, _judged(desk, person, pack, found)[1], act)
    for place, one in judged.comments.items():
        _comment(desk, person, cases[place], f"{who}: {one.comment}")
    left = ((cases.index(case), why) for case, why in desk.store.left_out(pack["seq"]))
    out = {place: excluded(desk, person, why) for place, why in left if place in judged.good}
    told = rows(desk, person, cases, judged, _decided_by(desk, pack, act), out)
    return shown(OutcomePage(frame(request, desk, person), pack, who, judged, act, told))


def _decided_by(desk: Services, pack: dict[str, Any], act: dict[str, Any] | None) -> list[int]:
    """Places of the cases of a pack that an act decided."""
    decided = desk.store.standing(pack).decided
    made = desk.store.made_by(act["seq"], [one.decision for one in decided.values()]) if act else ()
    return sorted(place for place, one in decided.items() if one.decision in made)


def _judged(desk: Services, person: Person, pack: dict[str, Any], found: Read) -> tuple[list[Case], Judged]:
    cases, standing = desk.store.batch_cases(pack["seq"]), desk.store.standing(pack)
    seen = Seen(desk, person)
    mine = [n for n in standing.open if desk.store.case(cases[n], seen.limited(Filter()))]
    theirs = _elsewhere(seen, [cases[n] for n in standing.decided])
    decided = {
        n: Decided(one.answer, one.user, one.time[:10])
        for n, one in standing.decided.items() if cases[n] not in theirs
    }  # fmt: skip
    return cases, judge(found.lines, [(case.left, case.right) for case in cases], decided, mine)


def _elsewhere(seen: Seen, cases: Sequence[Case]) -> set[Case]:
    """Those of some cases that lie outside a person's limits: neither who decided them nor how is told."""
    outside = seen.outside([key for case in cases for key in case[1:]])
    return {case for case in cases if {case.left, case.right} <= outside}


def _settled(judged: Judged, after: Judged, act: dict[str, Any] | None) -> Judged:
    """What was decided after it was judged, and before the act came to it, is told as what was decided before."""
    mine = act["decisions"] if act else 0
    return replace(judged, already=max(after.already - mine, 0), problems=after.problems)


def _reason(who: str, comment: str = "") -> str:
    return f"on behalf of {who}{f': {comment[:2000]}' if comment else ''}"


def _comment(desk: Services, person: Person, case: Case, text: str) -> None:
    """Said once, however often the pack is imported; nothing is said of cases outside a person's limits."""
    if _elsewhere(Seen(desk, person), [case]):
        return
    if all(act["text"] != text for act in desk.store.acts(case=case, action="comment")):
        desk.store.act(Act(person.name, "comment", case, text=text))


def _page(
    request: Request, desk: Services, person: Person, asked: Filter, problem: str = "",
    made: dict[str, Any] | None = None,
) -> Response:  # fmt: skip
    packs = listed(desk, person, "pack", LISTED)
    items = tuple(Item(pack, said, len(desk.store.standing(pack).open)) for pack, said in packs)
    out = left_out_of(desk, person, asked)
    waiting = desk.store.waiting(Seen(desk, person).limited(asked)) - out.given - out.two
    told = PacksPage(
        frame(request, desk, person), rest_of(asked), in_words(asked.asked()), waiting, out, SIZES, items, problem, made
    )
    return shown(told, 422 if problem else 200)
