"""Batches: cases of one kind that are decided together, once a random sample of them was decided blind."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from threading import Lock
from typing import Annotated, Any, ClassVar, Final

from fastapi import APIRouter, BackgroundTasks, Form, Request
from fastapi.responses import RedirectResponse, Response

from connectors.store.desk.batches import MOST, LeftOut, NewBatch
from connectors.store.desk.filter import Case
from reports.desk.access import Desk, Person, Refused, Steward
from reports.desk.batch_cases import Listed, Part
from reports.desk.batch_cases import listed as cases_listed
from reports.desk.batching import Judged, batch_of, enlarged, filter_of, its_own, judged, left_out_of, listed
from reports.desk.chain import excluded
from reports.desk.filtered import of_kind
from reports.desk.frame import Frame, frame, shown
from reports.desk.numbers import Number
from reports.desk.pages.case import Answer
from reports.desk.pages.queue import Asked, rest_of
from reports.desk.paging import Page
from reports.desk.seen import Seen
from reports.desk.services import Record, Services
from reports.format import plural
from rules.sampling import CLAIMS, enough

router = APIRouter()
FEWEST: Final = 20
"""Cases of a batch: fewer are decided as quickly one by one."""
USUAL: Final = 0.99
LARGEST: Final = 0.9
"""Share of a batch, above which its sample is not worth its trouble."""
SAID: Final = 50
"""Cases that were left out, as many as are told one by one."""
LISTED: Final = 50
"""Batches of the list, the latest."""


class UnderWay:
    """The batches that this process is deciding."""

    def __init__(self) -> None:
        self._keys: set[tuple[str, int]] = set()
        self._turn = Lock()

    def has(self, desk: Services, number: int) -> bool:
        return (str(desk.store.engine.url), number) in self._keys

    def begin(self, desk: Services, number: int) -> bool:
        """Whether it may be begun: nobody is at it."""
        with self._turn:
            key = str(desk.store.engine.url), number
            free = key not in self._keys
            self._keys.add(key)
        return free

    def run(self, desk: Services, number: int, user: str) -> None:
        """Decide it, and say when that is over."""
        try:
            desk.store.accept_batch(number, user)
        finally:
            self._keys.discard((str(desk.store.engine.url), number))


UNDER_WAY: Final = UnderWay()


@dataclass(frozen=True)
class Item:
    """A batch as the list shows it."""

    batch: dict[str, Any]
    said: str
    judged: Judged


@dataclass(frozen=True)
class BatchesPage:
    """All batches."""

    template: ClassVar[str] = "desk/batches.html.j2"
    frame: Frame
    items: tuple[Item, ...]
    under_way: frozenset[int]


@dataclass(frozen=True)
class NewPage:
    """A batch to be: what it holds, what its answer is, and how large a sample each claim takes."""

    template: ClassVar[str] = "desk/batches/new.html.j2"
    frame: Frame
    rest: str
    words: tuple[tuple[str, str], ...]
    """The filter: what, and which."""
    size: int
    out: LeftOut
    most: int
    fewest: int
    claims: tuple[tuple[float, int], ...]
    """Each precision that can be claimed, and the sample it takes."""
    chosen: float
    """The claim that is proposed."""


@dataclass(frozen=True)
class BatchPage:
    """One batch."""

    template: ClassVar[str] = "desk/batches/batch.html.j2"
    frame: Frame
    batch: dict[str, Any]
    said: str
    """Its filter in words."""
    judged: Judged
    act: dict[str, Any] | None
    """The act that decided the rest."""
    under_way: bool
    mine: bool
    """Whether this person may end it."""
    left_out: tuple[tuple[Case, str], ...]
    also: int
    """How many more were left out."""
    names: dict[str, Record]
    cases: Listed
    """Its cases, a page of them."""


@router.get("/batches")
def batches(request: Request, desk: Desk, person: Steward) -> Response:
    items = tuple(Item(batch, said, judged(desk, batch)) for batch, said in listed(desk, person, "batch", LISTED))
    running = frozenset(i.batch["seq"] for i in items if UNDER_WAY.has(desk, i.batch["seq"]))
    return shown(BatchesPage(frame(request, desk, person), items, running))


@router.get("/batches/new")
def new(request: Request, desk: Desk, person: Steward, asked: Asked) -> Response:
    """What a filter of the queue would make."""
    size, out = len(_cases(desk, person, asked)), left_out_of(desk, person, asked)
    claims = tuple(_worth_it(size)) if size >= FEWEST else ()
    chosen = max((claim for claim, _ in claims if claim <= USUAL), default=0.0)
    kind = replace(asked, order="")  # all of a kind, in whatever order
    return shown(
        NewPage(
            frame(request, desk, person), rest_of(kind), tuple(of_kind(kind.asked())), size, out, MOST, FEWEST, claims,
            chosen,
        )
    )  # fmt: skip


@router.post("/batches")
def make(
    desk: Desk, person: Steward, asked: Asked, answer: Annotated[Answer, Form()], precision: Annotated[float, Form()]
) -> Response:
    """Make a batch of a filter of the queue: its cases are those that are open now, in random order."""
    if precision not in CLAIMS:
        raise Refused(422, "Choose one of the precisions that are offered")
    cases = _cases(desk, person, asked)
    if len(cases) < FEWEST:
        raise Refused(409, f"{plural(len(cases), 'case')} of this kind now: that is no batch. Decide one by one")
    sample = enough(len(cases), precision) or len(cases)
    number = desk.store.make_batch(NewBatch(person.name, rest_of(asked), answer, precision, sample), cases)
    called = batch_of(desk, person, number)["number"]
    desk.store.note_act(person.name, "batch made", f"batch {called}", f"{len(cases)} cases, {answer}")
    return RedirectResponse(f"/batches/{number}", 303)


@router.get("/batches/{number}")
def one(
    request: Request, desk: Desk, person: Steward, number: Number, of: Part = "rest", page: Page = 1
) -> Response:  # fmt: skip
    """A batch, with one page `of` a part of its cases."""
    batch = batch_of(desk, person, number)
    how, act = judged(desk, batch), desk.store.accepted(number)
    part: Part = of if batch["size"] > batch["sample"] else "sample"
    mine = batch["user"] == person.name or person.may("lead")
    out = desk.store.left_out(number) if mine else []  # others may not see all of these customers
    told = [(case, excluded(desk, person, why)) for case, why in out[:SAID]]
    return shown(
        BatchPage(
            frame(request, desk, person), batch, filter_of(batch), how, act,
            UNDER_WAY.has(desk, number), mine, tuple(told), len(out) - len(told),
            Seen(desk, person).records([key for case, _ in told for key in case[1:]]),
            cases_listed(desk, person, batch, act["seq"] if act else None, part, page, pending=bool(how.pending)),
        )
    )  # fmt: skip


@router.post("/batches/{number}/accept")
def accept(desk: Desk, person: Steward, number: Number, later: BackgroundTasks) -> Response:
    """Decide the rest as the batch says, where its sample proves the claim; or go on where that was cut short."""
    batch = batch_of(desk, person, number)
    its_own(batch, person)
    if not desk.store.lies_within(number, person.limits):
        raise Refused(403, "This batch holds customers that are not among yours any more: ask a lead to accept it")
    if batch["state"] not in ("sampling", "accepting"):
        raise Refused(409, "This batch is over: make a new one of what is open")
    if batch["state"] == "sampling" and not judged(desk, batch).holds:
        raise Refused(409, "The sample does not prove the claim: go on sampling, or give the batch up")
    desk.store.change_batch(number, state="accepting")
    desk.store.note_act(person.name, "batch accepted", f"batch {batch['number']}")
    if UNDER_WAY.begin(desk, number):
        later.add_task(UNDER_WAY.run, desk, number, person.name)
    return RedirectResponse(f"/batches/{number}", 303)


@router.post("/batches/{number}/more")
def more(desk: Desk, person: Steward, number: Number) -> Response:
    """Enlarge the sample, so that it can prove the claim; the next look is stricter (rules.sampling.confidence)."""
    batch = batch_of(desk, person, number)
    its_own(batch, person)
    found = judged(desk, batch)
    if found.pending or found.holds or not found.more or batch["state"] != "sampling":
        raise Refused(409, "There is nothing to sample on: look at the batch again")
    sample = enlarged(desk, batch, found.more)
    desk.store.change_batch(number, sample=sample, looks=batch["looks"] + 1)
    return RedirectResponse(f"/batches/{number}", 303)


@router.post("/batches/{number}/give-up")
def give_up(desk: Desk, person: Steward, number: Number) -> Response:
    """End a batch: what was decided of its sample stands, the rest stays in the queue."""
    batch = batch_of(desk, person, number)
    its_own(batch, person)
    if batch["state"] != "sampling":
        raise Refused(409, "This batch is decided already: undo that to take it back")
    desk.store.change_batch(number, state="given up")
    return RedirectResponse(f"/batches/{number}", 303)


def _worth_it(size: int) -> Iterator[tuple[float, int]]:
    """Claims whose sample leaves something to settle, the least in any case."""
    for claim in CLAIMS:
        sample = enough(size, claim) or size
        if sample <= LARGEST * size or claim == CLAIMS[0]:
            yield claim, sample


def _cases(desk: Services, person: Person, asked: Asked) -> list[Case]:
    """Open cases of a filter that may be decided together."""
    return desk.store.cases_of(Seen(desk, person).limited(asked), person.name, below=desk.settings.second_reader_above)
