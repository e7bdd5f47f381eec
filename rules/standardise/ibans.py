"""International bank account numbers, checked by ISO 13616 (length by country, remainder 97)."""

import re

from stdnum import iban
from stdnum.exceptions import ValidationError


def read(text: str) -> tuple[str | None, str | None]:
    """The IBAN without blanks, and the rule `iban_invalid` where its check digits or length are wrong."""
    bare = re.sub(r"[^A-Za-z0-9]", "", text).upper().removeprefix("IBAN")
    try:
        return iban.validate(bare, check_country=False), None
    except ValidationError:
        return None, "iban_invalid"
