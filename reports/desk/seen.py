"""What a person may see: customers within their limits, and for viewers without the fields that are masked."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from connectors.store.desk.filter import Case, Filter
from reports.desk.access import Person, Refused
from reports.desk.services import Chosen, Cluster, Golden, Key, Record, Services

if TYPE_CHECKING:
    from rules.matching.explain import Explanation

MASK: Final = "•••"
OF_GROUPS: Final = {
    "emails": "email", "mobiles": "phone", "phones": "phone", "house_number": "street", "address": "street",
    "address_key": "street", "unit": "street",
}  # fmt: skip
"""Fields that show what a masked field hides."""


class Seen:
    """The services as one person has them. Pages ask here, and so cannot forget."""

    def __init__(self, desk: Services, person: Person) -> None:
        self.desk, self.person = desk, person

    @property
    def masks(self) -> bool:
        """Whether fields are hidden from this person."""
        return not self.person.may("steward")

    def limited(self, asked: Filter) -> Filter:
        """A filter within the person's limits."""
        return replace(asked, limits=self.person.limits)

    def case(self, case: Case) -> dict[str, Any]:
        """A case of the queue. Raises Refused where there is none, or not for this person."""
        found = self.desk.store.case(case, self.limited(Filter()))
        if found is None:
            raise Refused(404, "This case is not in the queue any more, or not in yours")
        return found

    def records(self, keys: Sequence[Key]) -> dict[Key, Record]:
        return {key: self._record(record) for key, record in self.desk.records(keys).items()}

    def evidence(self, left: Key, right: Key) -> "Explanation | None":
        """None where the two cannot be compared."""
        found = self.desk.evidence([(left, right)]).get((left, right))
        if found is None or not self.masks:
            return found
        fields = tuple(replace(f, left=self._text(f.field, f.left), right=self._text(f.field, f.right))
                       for f in found.fields)  # fmt: skip
        return replace(found, fields=fields)

    def customer(self, golden_id: str) -> tuple[Key, ...]:
        """The records of a customer. Raises Refused where there is none, or none that this person may see."""
        keys = self.desk.members(golden_id)
        if not keys or not self.within(self.desk.records(keys).values()):
            raise Refused(404, f"There is no customer {golden_id}, or not among yours")
        return keys

    def cluster(self, golden_ids: Sequence[str]) -> Cluster:
        """Raises Refused where one of them is nobody this person may see."""
        for golden_id in golden_ids:
            self.customer(golden_id)
        found = self.desk.cluster(golden_ids)
        return replace(found, records=tuple(map(self._record, found.records)))

    def golden(self, records: Sequence[Key], golden_id: str = "", values: dict[str, str] | None = None) -> Golden:
        made = self.desk.golden(records, golden_id, values)
        if not self.masks:
            return made
        return replace(
            made,
            values={name: self._text(name, value) if value else value for name, value in made.values.items()},
            fields=tuple(self._chosen(field) for field in made.fields),
            contact_points=tuple({**p, "value": MASK} for p in made.contact_points),
        )

    def search(self, text: str) -> list[dict[str, Any]]:
        """Customers that this person may see."""
        found = self.desk.search(text)
        if self.person.limits.departments or self.person.limits.countries:
            found = [row for row in found if self._may(row["golden_id"])]
        return [{n: self._text(n, v) if v else v for n, v in row.items()} for row in found]

    def within(self, records: Any) -> bool:
        """Whether one of some records lies in the person's limits."""
        limits = self.person.limits
        return any(
            (not limits.departments or r.department in limits.departments)
            and (not limits.countries or r.country in limits.countries)
            for r in records
        )

    def _may(self, golden_id: str) -> bool:
        return self.within(self.desk.records(self.desk.members(golden_id)).values())

    def _record(self, record: Record) -> Record:
        if not self.masks:
            return record
        fields = {n: tuple(self._text(n, v) for v in values) for n, values in record.fields.items()}
        return replace(record, fields=fields, raw={})

    def _chosen(self, field: Chosen) -> Chosen:
        losers = tuple((self._text(field.field, value), key) for value, key in field.losers)
        return replace(field, value=self._text(field.field, field.value), losers=losers)

    def _text(self, name: str, value: Any) -> Any:
        hidden = self.masks and {name, OF_GROUPS.get(name, name)} & set(self.desk.settings.masked)
        return MASK if hidden and value else value
