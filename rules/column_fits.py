"""Whether the values of a column agree with a target, and which target values give away by themselves."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias

from rules import column_lists as lists
from rules import column_values as look
from rules.column_values import Values

Test: TypeAlias = Callable[[Values], float]


@dataclass(frozen=True)
class Meaning:
    """What one column was taken for, how sure (0 to 1), and why, in words."""

    column: str
    target: str
    confidence: float
    why: str
    is_key: bool = False
    """It looks like the table's own record id."""
    said: bool = False
    """A person said so: nothing overrules it."""


def _share(test: Callable[[str], bool]) -> Test:
    return lambda values: values.share(test)


def _names(values: Values) -> float:
    return values.share(lambda v: look.is_lettered(v) and len(v) <= 80)


_WORDED: Final = _share(lambda v: sum(c.isalpha() for c in v) >= 3 and not look.is_email(v))

FITS: Final[dict[str, tuple[float, Test]]] = {
    "email": (0.5, _share(look.is_email)),
    "phone": (0.6, _share(look.is_phone)),
    "birth_date": (0.6, _share(look.is_dated)),
    "updated_at": (0.6, _share(look.is_dated)),
    "birth_date.day": (0.8, _share(lambda v: look.is_number(v, 0, 31))),
    "birth_date.month": (0.8, _share(lambda v: look.is_number(v, 0, 12) or look.is_lettered(v))),
    "birth_date.year": (0.8, _share(lambda v: look.is_number(v, 0, 99) or look.is_birth_year(v))),
    "iban": (0.5, _share(look.is_iban)),
    "tax_id": (0.6, _share(look.is_identifier)),
    "national_id": (0.6, _share(look.is_identifier)),
    "person_number": (0.6, _share(look.is_identifier)),
    "customer_no": (0.3, _share(look.has_digit)),
    "postcode": (0.6, _share(look.is_postcode)),
    "house_number": (0.5, _share(look.is_house_number)),
    "city": (0.6, _names),
    "region": (0.5, _share(look.is_short)),
    "country": (0.6, _names),
    "street": (0.5, _WORDED),
    "full": (0.5, _WORDED),
    "gender": (0.4, _share(lists.is_gender)),
    "given_name": (0.6, _names),
    "surname": (0.6, _names),
    "middle_name": (0.6, _names),
    "birth_name": (0.6, _names),
    "full_name": (0.6, _names),
    "name": (0.5, _names),
    "organisation_name": (0.5, _share(lambda v: any(c.isalpha() for c in v) and not look.is_email(v))),
}
"""By the last part of a target: the least share of values that must pass, and the test."""


UNTESTED: Final = 0.5


def fits(target: str, values: Values) -> float:
    """How well values agree with a target: 1 is fully, below 0 is a contradiction; UNTESTED where none are wrong."""
    key = target
    if target not in FITS:
        key = target.rpartition(".")[2] if target.startswith("address.") else target.partition(".")[0]
    if key not in FITS:
        return UNTESTED
    least, test = FITS[key]
    share = test(values)
    return share if share >= least else share - 1.0


def by_values(values: Values) -> tuple[str, float] | None:
    """The target that values alone give away beyond doubt, and their share."""
    tests = (
        ("email", look.is_email, 0.7), ("iban", look.is_iban, 0.8), ("tax_id", look.is_vat_number, 0.8),
        ("phone", lists.is_bare_phone, 0.8),
    )  # fmt: skip
    for target, test, least in tests:
        share = values.share(test)
        if share >= least:
            return target, share
    return None
