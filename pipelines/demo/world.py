"""What is true: the customers of the demo firm, each with the values that every source ought to hold."""

from dataclasses import dataclass, field
from datetime import date
from typing import Final

TODAY: Final = date(2026, 11, 20)
"""The demo's clock: nothing in it is later."""


@dataclass(frozen=True)
class Address:
    """Where somebody lives, in native letters; `city` is the name of a city of the country's data file."""

    country: str
    street: str
    number: str
    unit: str
    postcode: str
    city: str
    landline: str


@dataclass
class Customer:
    """A true customer. Names in native letters, phones in E.164, tax numbers without prefix."""

    id: str
    country: str
    organisation: bool = False
    given: str = ""
    middle: str = ""
    surname: str = ""
    name: str = ""  # of a firm, without legal form
    form: int = 0  # which of its country's legal forms
    female: bool = False
    birth_date: date | None = None
    spelling: str = "official"  # how the customer writes itself in Latin letters
    mobile: str = ""
    email: str = ""
    work_email: str = ""
    tax_id: str = ""
    address: Address | None = None
    household: str = ""
    contact: "Customer | None" = None  # a firm's contact person
    employer: "Customer | None" = None
    moved: "tuple[date, Address] | None" = None  # until when, where before
    married: tuple[date, str] | None = None  # until when, under which surname
    special: set[str] = field(default_factory=set)  # twin, namesake, ...: for those who test hard cases

    @property
    def display(self) -> str:
        return self.name if self.organisation else " ".join(filter(None, [self.given, self.middle, self.surname]))

    @property
    def home(self) -> Address:
        """Where the customer lives now. Raises ValueError where that was never said."""
        if self.address is None:
            raise ValueError(f"{self.id} has no address")
        return self.address

    def address_on(self, day: date) -> Address | None:
        return self.moved[1] if self.moved and day < self.moved[0] else self.address

    def surname_on(self, day: date) -> str:
        return self.married[1] if self.married and day < self.married[0] else self.surname

    @property
    def alike(self) -> bool:
        """Whether only a person's own number, address or birth date tells this one from another."""
        return bool(self.special & {"twin", "namesake", "married"})
