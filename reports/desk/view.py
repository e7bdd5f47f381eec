"""What a person sees of a case: two records, the evidence, what others said; in blind mode neither score nor colleague.

A pair whose answer is known looks like any other: whatever would tell it is kept from every case, as long as known
pairs are mixed in.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from connectors.store.desk.filter import Case, is_within
from reports.desk.access import Person, limits
from reports.desk.beside import Beside, Two, against, beside
from reports.desk.chain import Refusal
from reports.desk.seen import Seen
from reports.desk.services import Key, Record, Services
from reports.desk.sides import Row, rows, thinks
from reports.desk.told import DECIDED, DONE, REMARKS, answers, is_whispered
from reports.waterfall import LEAST, fields, steps, svg

if TYPE_CHECKING:
    from rules.matching.explain import Explanation


@dataclass(frozen=True)
class CaseView:
    """What is shown of a case."""

    done: ClassVar = DONE
    """What is said once it is answered."""
    case: Case
    row: dict[str, Any]
    left: Record
    right: Record
    rows: tuple[Row, ...]
    thinks: str
    chart: str
    """The waterfall as SVG; empty where the two were not compared."""
    seen: int
    """The number of the last decision when this was shown."""
    claimed: str
    """Somebody else who works on it; empty: nobody."""
    decided: dict[str, Any] | None
    blind: bool
    comments: tuple[dict[str, Any], ...]
    query: str
    """Of its own page."""
    customers: tuple[tuple[Key, ...], tuple[Key, ...]]
    """All records of the customer of either; none where whose they are would tell the answer."""
    run: str
    """The published run when this was shown."""
    beside: Beside | None = None
    """Of two customers who have other records."""
    alone: bool = False
    """Whether these two records are all that is shown: whose customer's they are would tell the answer."""
    against: tuple[Two, ...] = ()
    """What other records say against the two, where no more is shown: said alike of a case and of a known pair."""
    rest: str = ""
    """The query of the filter one works in."""
    two: bool = False
    """Whether it takes the same answer of two people."""
    waits: str = ""
    """What became of this person's own answer: it waits for a second reader, or for a lead."""
    colleagues: tuple[str, ...] = ()
    """Who else may decide it."""
    answers: tuple[dict[str, Any], ...] = ()
    """For a lead: the acts by which two people gave two answers."""
    refused: Refusal | None = None
    """The answer that was refused, and the decisions that exclude it."""

    @property
    def together(self) -> int:
        """How many records the customer has whose both records are by now; 0: they are of two, or of nobody."""
        one, other = self.customers
        return len(one) if one and set(one) == set(other) else 0

    @property
    def given(self) -> dict[str, Any] | None:
        """The last time that it was given to somebody, of what is shown of it."""
        return next((said for said in reversed(self.comments) if said["action"] == "assign"), None)

    @property
    def called(self) -> str:
        """Both names in few words: `Grace / Amelia Johnson`."""
        return in_short(self.left.name, self.right.name)

    @property
    def may_be_whole(self) -> bool:
        """Whether one may say that the two customers are one with all their records."""
        return self.beside is not None and self.beside.may_be_whole


def view(
    desk: Services, person: Person, row: dict[str, Any], *, claimed: str = "", query: str = "", rest: str = "",
    blind: bool = False, refused: Refusal | None = None,
) -> CaseView:  # fmt: skip
    """All that there is to see of a case of the queue."""
    case = Case.of(row)
    seen, last = Seen(desk, person), desk.store.last_decision()
    records = seen.records([case.left, case.right])
    left, right = records[case.left], records[case.right]
    told = seen.evidence(case.left, case.right)
    known = desk.store.is_known(person.name, case)
    decided = None if known else desk.store.decided_pair(case.left, case.right)
    hidden = not decided and (blind or seen.is_blind)
    alone = not decided and (hidden or seen.is_measured)
    silent = not decided and (known or hidden)
    waits, said = ("", ()) if known or decided else read(desk, person, case)
    both = ((), ()) if hidden else (_customer(desk, left), _customer(desk, right))
    customers = ((), ()) if alone else both
    return CaseView(
        case=case, row=_told(row, told), left=left, right=right, rows=rows(left, right, None if hidden else told),
        thinks=thinks(told, firms=_firms(left, right)),
        chart=chart(told), seen=last, claimed=claimed if claimed != person.name else "", decided=decided, blind=hidden,
        comments=() if silent else _said(desk, person, case), query=query,
        customers=customers, run=desk.run_id() or "", beside=beside(seen, case, customers), alone=alone,
        against=against(seen, case, both) if alone else (), rest=rest,
        two=needs_two(desk, row), waits=waits, colleagues=colleagues(desk, person, row), answers=said,
        refused=refused,
    )  # fmt: skip


def in_short(left: str, right: str) -> str:
    """Two names; a last word that both have is said once."""
    one, other = left.split(), right.split()
    if one == other:
        return " ".join(one)
    shared = len(one) > 1 and len(other) > 1 and one[-1] == other[-1]
    return f"{' '.join(one[:-1] if shared else one)} / {' '.join(other)}"


def needs_two(desk: Services, row: dict[str, Any]) -> bool:
    """Whether a case takes the same answer of two people."""
    above = desk.settings.second_reader_above
    return above is not None and (row["money"] or 0.0) >= above


def chart(told: "Explanation | None") -> str:
    """The waterfall of what was compared, as SVG; empty where nothing was."""
    if told is None or not told.fields:
        return ""
    said = steps(told)
    silent = {row.field for row in fields(said) if not (row.left and row.right) and abs(row.bits) < LEAST}
    return svg([row for row in said if row.field not in silent])


def _customer(desk: Services, record: Record) -> tuple[Key, ...]:
    return desk.members(record.golden_id) if record.golden_id else ()


def _said(desk: Services, person: Person, case: Case) -> tuple[dict[str, Any], ...]:
    """Comments, oldest first, but for those of a first reader whose answer must not be known."""
    acts = [a for a in desk.store.acts(case=case) if a["action"] in REMARKS and not a["undone"]]
    hidden, seen = desk.store.first_readers([case[1:]]), Seen(desk, person)
    return tuple({**a, "text": seen.remark(a["text"])} for a in reversed(acts) if not is_whispered(a, person, hidden))


def read(desk: Services, person: Person, case: Case) -> tuple[str, tuple[dict[str, Any], ...]]:
    """What became of earlier readings, in words, and for a lead the two answers."""
    reader = desk.store.readings([(case.left, case.right)]).get((case.left, case.right))
    if reader is None or (reader["purpose"] == "first" and reader["user"] != person.name):
        return "", ()
    if reader["purpose"] == "first":
        said = DECIDED[reader["answer"].partition(" ")[0]]
        return f"You answered that they {said}. It waits for a second reader", ()
    if not person.may("lead"):
        return "Two people gave two answers. A lead decides", ()
    if person.name in (reader["user"], reader["other"]):
        return "Two people gave two answers, you one of them. Another lead decides", ()
    return "", answers(desk, case)


def colleagues(desk: Services, person: Person, row: dict[str, Any]) -> tuple[str, ...]:
    """Those who may decide a case, within their limits."""
    return tuple(user["name"] for user in others(desk, person) if is_within(row, limits(user["limits"])))


def others(desk: Services, person: Person) -> tuple[dict[str, Any], ...]:
    """Everybody else who decides cases (store.users), within whatever limits."""
    return tuple(
        user for user in desk.store.users()
        if user["active"] and user["role"] != "viewer" and user["name"] != person.name
    )  # fmt: skip


def _firms(left: Record, right: Record) -> bool:
    return left.party_type == right.party_type == "organisation"


def _told(row: dict[str, Any], told: "Explanation | None") -> dict[str, Any]:
    """The case with the probability that its evidence adds up to, so that the page says one number."""
    return {**row, "match_probability": told.probability} if told and told.fields else row
