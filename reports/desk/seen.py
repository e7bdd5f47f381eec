"""What a person may see: customers within their limits, and for viewers without the fields that are masked."""

import re
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from connectors.store.desk.filter import Case, Filter
from reports.desk.access import Person, Refused
from reports.desk.services import Chosen, Cluster, Golden, Key, Record, Services
from rules.record_key import key_of

if TYPE_CHECKING:
    from reports.life import Life, Told
    from rules.matching.explain import Explanation

SHOWN: Final = 50
"""Customers that a search shows."""
SEARCHED: Final = 500
"""Of whom those are chosen whom a person may see."""
MASK: Final = "•••"
QUOTED: Final = re.compile(r"""(['"]).*\1""", re.DOTALL)
"""From the first mark to the last: a value may hold one itself."""
BY_SCORE: Final = ("likely", "unsure")
"""Orders of the queue that tell what the machine thinks."""


class Seen:
    """The services as one person has them. Pages ask here, and so cannot forget."""

    def __init__(self, desk: Services, person: Person) -> None:
        self.desk, self.person = desk, person
        self._hidden = frozenset() if person.may("steward") else frozenset(desk.settings.hidden)

    @property
    def masks(self) -> bool:
        """Whether fields are hidden from this person."""
        return not self.person.may("steward")

    @property
    def is_limited(self) -> bool:
        """Whether there are customers whom this person may not see."""
        return bool(self.person.limits.departments or self.person.limits.countries)

    @property
    def is_blind(self) -> bool:
        """Whether score and colleagues are hidden from this person until a case is answered."""
        return self.person.blind or (self.desk.settings.blind and self.person.role == "steward")

    @property
    def is_measured(self) -> bool:
        """Whether cases whose answer is known are mixed in for this person: stewards, whom leads look after."""
        return self.desk.settings.known_share > 0 and self.person.role == "steward"

    def batch(self, batch: dict[str, Any]) -> bool:
        """Whether this person may see a batch or a pack: who made a batch may, others where all of it is theirs. A pack
        holds the customers' data, and so is for nobody else in any case.
        """
        made = batch["user"] == self.person.name and batch["action"] == "batch"
        return made or self.desk.store.lies_within(batch["seq"], self.person.limits)

    def limited(self, asked: Filter) -> Filter:
        """A filter within the person's limits. Raises Refused where it would find out what is hidden from them."""
        if asked.text and self.masks:
            raise Refused(403, "The queue is searched by stewards. Under Customers you find whom you may see")
        if self.is_blind and asked.order in BY_SCORE:
            raise Refused(403, "You decide blind: this order would tell what the machine thinks. Choose another")
        if self.is_blind and (asked.relation or asked.reason or asked.least is not None or asked.most is not None):
            raise Refused(403, "You decide blind: this filter would tell what the machine thinks. Take it away")
        return replace(asked, limits=self.person.limits)

    def sources(self) -> tuple[str, ...] | None:
        """Sources whose quarantined rows this person may see; None: all. A row that could not be read as a customer is
        of the department and the country that its source declares, and of none where it declares none.
        """
        if not self.is_limited:
            return None
        return tuple(name for name, place in self.desk.facets_of_sources().items() if self._holds(*place))

    def case(self, case: Case) -> dict[str, Any]:
        """A case of the queue. Raises Refused where there is none, or not for this person."""
        found = self.desk.store.case(case, self.limited(Filter()))
        if found is None:
            raise Refused(404, "This case is not in the queue any more, or not in yours")
        return found

    def cases_about(self, keys: Collection[Key]) -> list[dict[str, Any]]:
        """Open cases of any of some records, as the queue has them."""
        return self.desk.store.cases_about(sorted(keys), self.limited(Filter()))

    def records(self, keys: Sequence[Key]) -> dict[Key, Record]:
        return {key: self._record(record) for key, record in self.desk.records(keys).items()}

    def evidence(self, left: Key, right: Key) -> "Explanation | None":
        """None where the two cannot be compared."""
        found = self.desk.evidence([(left, right)]).get((left, right))
        if found is None or not self.masks:
            return found
        fields = tuple(replace(f, left=self.text(f.field, f.left), right=self.text(f.field, f.right))
                       for f in found.fields)  # fmt: skip
        return replace(found, fields=fields)

    def customer(self, golden_id: str) -> tuple[Key, ...]:
        """The records of a customer. Raises Refused where there is none, or none that this person may see."""
        keys = self.desk.members(golden_id)
        if not keys or (self.is_limited and not self.within(self.desk.records(keys).values())):
            raise Refused(404, f"There is no customer {golden_id}, or not among yours")
        return keys

    def members(self, golden_ids: Sequence[str], case: Case | None = None) -> tuple[Key, ...]:
        """The records of some customers; `case`: one of the queue, whose own customers may be seen with it.

        Raises Refused where one is nobody this person may see.
        """
        found: list[Key] = []
        for golden_id in golden_ids:
            try:
                found += self.customer(golden_id)
            except Refused:
                if case is None or golden_id not in self._of_case(case):
                    raise
                found += self.desk.members(golden_id)
        return tuple(found)

    def _of_case(self, case: Case) -> set[str]:
        """The customers of a case of the queue. Raises Refused where it is none, or not for this person."""
        self.case(case)
        return {home["golden_id"] for home in self.desk.store.homes_of(case[1:]).values()}

    def cluster(self, golden_ids: Sequence[str], case: Case | None = None) -> Cluster:
        """See `members`."""
        if not self.members(golden_ids, case):
            raise Refused(404, "None of these records is published as anybody's any more")
        found = self.desk.cluster(golden_ids)
        return replace(found, records=tuple(map(self._record, found.records)))

    def golden(self, records: Sequence[Key], golden_id: str = "", values: dict[str, str] | None = None) -> Golden:
        return self._golden(self.desk.golden(records, golden_id, values))

    def published(self, golden_id: str) -> Golden | None:
        """A customer as published; None: there is none of this id, or no more."""
        found = self.desk.published(golden_id)
        return self._golden(found) if found else None

    def _golden(self, made: Golden) -> Golden:
        if not self.masks:
            return made
        return replace(
            made,
            values={name: self.text(name, value) if value else value for name, value in made.values.items()},
            fields=tuple(self._chosen(field) for field in made.fields),
            contact_points=tuple({**p, "value": MASK} for p in made.contact_points),
        )

    def search(self, text: str) -> list[dict[str, Any]]:
        """Customers that this person may see."""
        return self._found(self.desk.search(text, SEARCHED if self.is_limited else SHOWN, sorted(self._hidden)), SHOWN)

    def changed_last(self, many: int) -> list[dict[str, Any]]:
        """Of the customers that changed last (store.changed_last), so many that this person may see."""
        return self._found(self.desk.store.changed_last(SEARCHED if self.is_limited else many), many)

    def _found(self, rows: Sequence[dict[str, Any]], many: int) -> list[dict[str, Any]]:
        mine = self.may([row["golden_id"] for row in rows])
        found = [row for row in rows if row["golden_id"] in mine][:many]
        return [{n: self.text(n, v) if v else v for n, v in row.items()} for row in found]

    def within(self, records: Any) -> bool:
        """Whether one of some records lies in the person's limits."""
        return any(self._holds(r.department, r.country) for r in records)

    def _holds(self, department: str | None, country: str | None) -> bool:
        """Whether what is of a department and a country lies in the person's limits."""
        limits = self.person.limits
        return (not limits.departments or department in limits.departments) and (
            not limits.countries or country in limits.countries
        )

    def may(self, golden_ids: Sequence[str]) -> set[str]:
        """Those of some customers whom this person may see."""
        if not self.is_limited:
            return set(golden_ids)
        rows = self.desk.store.records_of(golden_ids)
        keys = {key_of(row): row["golden_id"] for row in rows}
        records = self.desk.records(list(keys))
        return {golden_id for key, golden_id in keys.items() if self.within([records[key]])}

    def outside(self, keys: Sequence[Key]) -> set[Key]:
        """Those of some records that lie outside the person's limits."""
        if not self.is_limited:
            return set()
        return {key for key, record in self.desk.records(keys).items() if not self.within([record])}

    def of_life(self, golden_id: str) -> tuple[Key, ...]:
        """The records of a customer, in whatever state, also of one who is retired. Raises Refused as `customer`."""
        if not self.desk.store.known(golden_id) or (self.is_limited and golden_id not in self.may([golden_id])):
            raise Refused(404, f"There is no customer {golden_id}, or not among yours")
        return tuple(key_of(r) for r in self.desk.store.records_of([golden_id]))

    def life(self, golden_id: str) -> "Life":
        """All that happened to a customer, what changed in masked fields left out."""
        found = self.desk.life(golden_id)
        return replace(found, moments=tuple(map(self._told, found.moments))) if self.masks else found

    def _told(self, told: "Told") -> "Told":
        changes = tuple(
            replace(c, before=self.text(c.field, c.before), after=self.text(c.field, c.after))
            for c in told.moment.changes
        )
        return replace(told, moment=replace(told.moment, changes=changes))

    def remark(self, text: str | None) -> str:
        """What somebody wrote: it may say what is masked."""
        return MASK if self.masks and text else text or ""

    def reasons(self, reasons: Sequence[str]) -> tuple[str, ...]:
        """Why a row is in quarantine, without the values that it quotes where fields are masked."""
        return tuple(QUOTED.sub(f"'{MASK}'", reason) for reason in reasons) if self.masks else tuple(reasons)

    def _record(self, record: Record) -> Record:
        if not self.masks:
            return record
        fields = {n: tuple(self.text(n, v) for v in values) for n, values in record.fields.items()}
        return replace(record, fields=fields, raw={}, tax=None)

    def _chosen(self, field: Chosen) -> Chosen:
        losers = tuple((self.text(field.field, value), key) for value, key in field.losers)
        return replace(field, value=self.text(field.field, field.value), losers=losers)

    def text(self, name: str, value: Any) -> Any:
        """A value of a field, hidden where it is masked."""
        return MASK if value and name in self._hidden else value
