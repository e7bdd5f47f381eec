"""A record as a desk of the firm took it down: whom, when, which values, still without the look of its file."""

from dataclasses import dataclass, field
from datetime import date

from pipelines.demo.world import Customer

PERSONAL: tuple[str, ...] = ("mobile", "email", "tax_id", "birth_date")
"""Values that tell one person from another, best for the purpose first."""
PLACE: tuple[str, ...] = ("landline", "address")
"""Values shared by a household or a building: with a whole name they tell a person too."""


@dataclass
class Sighting:
    """One row of one source about one customer, perhaps with the contact person of a firm beside it.

    `values` hold phones in E.164, dates in ISO and names and addresses as they will be written.
    """

    source: str
    customer: Customer | None
    """None: a row of which nobody could tell whom it means."""
    on: date
    contact: Customer | None = None
    values: dict[str, str] = field(default_factory=dict)
    native: bool = True
    bare: bool = False
    """The name alone tells nobody (an initial, `xxx`)."""
    record_id: str = ""
    file: str = ""
    sheet: str = ""
    line: int = 0

    @property
    def whom(self) -> Customer:
        """The customer it is about. Raises ValueError where nobody can tell."""
        if self.customer is None:
            raise ValueError("nobody can tell whom this row is about")
        return self.customer

    def get(self, key: str) -> str:
        return self.values.get(key, "")

    def full_name(self, surname_first: bool = False) -> str:
        """The person's name in one cell."""
        given, middle, surname = self.get("given"), self.get("middle"), self.get("surname")
        parts = (surname, given, middle) if surname_first else (given, middle, surname)
        return " ".join(filter(None, parts))

    @property
    def country(self) -> str:
        return self.customer.country if self.customer else ""
