"""Which columns a rule may test, and which go with a column when its cell is withheld."""

from typing import Final

from rules import vocabulary as words

TABLES: Final = {
    "records": words.RECORDS, "points": words.POINTS, "addresses": words.ADDRESSES, "facts": words.FACTS,
}  # fmt: skip

LISTS: Final = ("points", "addresses")
"""Tables in which a record may have several rows, told apart by `position`."""

HELPERS: Final[dict[str, dict[str, str]]] = {
    "records": {
        "identified_by": "name, contact point or id: the first of them that is usable; empty where none is",
        "contact_of_exists": "yes or no: there is a record of the key in contact_of; empty where that is empty",
    },
    "points": {
        "domain": "what follows the @ of an e-mail address",
        "record_country": "country of the record's first address that states one",
    },
    "addresses": {
        "stated_country": "the country, where the source has a column for it",
        "assumed_country": "the country, where it is only the default of the source",
    },
    "facts": {
        "customer_exists": "yes or no: there is such a customer record; empty where none is named, or where "
        "the source of the customers has landed nothing at all",
        "source_numbers": "yes where any fact of the source has a number, else no",
        "seller": "what the payload says of the seller",
    },
}
"""Columns that are worked out for the test, by table, with their meaning."""

COUNTERS: Final = {
    "count_of:": "in how many rows of its source the values of these columns (joined by commas) stand",
    "nth_of:": "the how-manieth row of its source with these values, from 1",
}
"""Prefixes of helper columns that count; empty where the first of their columns is."""

NEVER_EMPTY: Final = "raw:"
"""Prefix of a helper column of `records` that holds a column of the source as it landed."""

DERIVED: Final[dict[str, dict[str, tuple[str, ...]]]] = {
    "records": {
        "full_name": ("name_latin", "given_latin", "middle_latin", "surname_latin", "name_key"),
        "given_name": ("given_latin", "name_latin", "name_key"),
        "middle_name": ("middle_latin", "name_latin", "name_key"),
        "surname": ("surname_latin", "name_latin", "name_key"),
        "birth_name": ("birth_name_latin",),
        "organisation_name": ("org_core", "org_key"),
        "tax_id": ("tax_id_norm",),
        "national_id": ("national_id_norm",),
        "iban": ("iban_norm",),
    },
    "points": {"value": ("canonical",), "canonical": ("value",)},
    "addresses": {
        "full": ("address_key",),
        "street": ("street_norm", "address_key"),
        "house_number": ("house_norm", "address_key"),
        "unit": ("unit_norm", "address_key"),
        "postcode": ("postcode_norm",),
        "city": ("city_norm", "address_key"),
        "region": ("region_norm",),
    },
    "facts": {},
}
"""Column -> the forms made from it, which are withheld with it."""


def known(table: str, column: str) -> bool:
    """Whether a rule on `table` may name `column`."""
    for prefix in COUNTERS:
        if column.startswith(prefix):
            return all(known(table, part) for part in column.removeprefix(prefix).split(","))
    free = ("text.", NEVER_EMPTY) if table == "records" else ()
    return column in TABLES[table].names or column in HELPERS[table] or (bool(free) and column.startswith(free))


def withheld_with(table: str, field: str) -> tuple[str, ...]:
    """The column itself and every form made from it."""
    return (field, *DERIVED[table].get(field, ()))
