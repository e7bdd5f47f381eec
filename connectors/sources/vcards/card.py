"""A card as a row: the same columns whatever program wrote it, several values of one kind in one cell."""

import re
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from typing import Final

import yaml

from connectors.sources.vcards.lines import Card, Property, parts, plain

_NAMES: Final = ("surname", "given_name", "middle_name", "name_prefix", "name_suffix")
_PLACES: Final = ("home", "work", "other")
_ADDRESS: Final = ("street", "unit", "postcode", "city", "region", "country")
COLUMNS: Final = (
    "display_name", "full_name", "name_prefix", "given_name", "middle_name", "surname", "name_suffix", "nickname",
    "kind",
    "organisation", "organisation_unit", "job_title",
    "phone_mobile", "phone_home", "phone_work", "phone_other", "phone_fax",
    "email_home", "email_work", "email_other",
    *(f"{place}_{part}" for place in _PLACES for part in _ADDRESS), "address_2", "address_3",
    "birth_date", "anniversary", "gender", "language", "categories", "url", "labelled", "note",
    "uid", "revised", "other",
)  # fmt: skip
BETWEEN: Final = "; "
"""Between several values of one kind in a cell."""
PICTURES: Final = frozenset({"PHOTO", "LOGO", "SOUND", "KEY", "X-ABCROPRECT"})
_WITHOUT_MEANING: Final = frozenset(
    {"VERSION", "PRODID", "X-ABADR", "X-ABLABEL", "X-ABSHOWAS", "AGENT", "SOURCE", "PROFILE"}
)
_SINGLE: Final = {
    "TITLE": "job_title", "ROLE": "job_title", "BDAY": "birth_date", "ANNIVERSARY": "anniversary",
    "X-ANNIVERSARY": "anniversary", "GENDER": "gender", "X-GENDER": "gender", "X-WAB-GENDER": "gender",
    "LANG": "language", "UID": "uid", "REV": "revised", "FN": "display_name", "KIND": "kind",
    "X-ADDRESSBOOKSERVER-KIND": "kind",
}  # fmt: skip
_SEVERAL: Final = {"NICKNAME": "nickname", "CATEGORIES": "categories", "URL": "url", "NOTE": "note"}
_LABEL: Final = re.compile(r"^_\$!<(.*)>!\$_$")
_URI: Final = re.compile(r"^(?:tel|mailto|sms):", re.IGNORECASE)
_EXTENSION: Final = re.compile(r";ext=(\d+)", re.IGNORECASE)
_GENDERS: Final = {"X-WAB-GENDER": {"1": "F", "2": "M"}}
"""Outlook writes 1 for female and 2 for male."""


@cache
def _types() -> dict[str, str]:
    text = files("connectors").joinpath("sources/vcards/types.yml").read_text("utf-8")
    loaded: dict[str, list[str]] = yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506 - makes nothing but text
    return {word.casefold(): kind for kind, words in loaded.items() for word in words}


def row(card: Card) -> dict[str, str]:
    """The filled cells of a card under names of COLUMNS."""
    reader = _Reader(card)
    for found in sorted(card.properties, key=_preference):
        reader.take(found)
    return reader.done()


def pictures(card: Card) -> int:
    """How many photos, logos, sounds and keys a card holds, which no row keeps."""
    return sum(p.name in PICTURES and bool(p.value.strip()) for p in card.properties)


def _preference(found: Property) -> int:
    """1 is liked best (RFC 6350, 5.3); before 4.0 it was the type `pref`. The order of the card decides the rest."""
    told = found.parameters.get("PREF", "")
    return int(told) if told.isdecimal() and len(told) < 4 else 1 if "pref" in found.types else 101


class _Reader:
    """The cells of one card while its properties are taken one after the other."""

    def __init__(self, card: Card) -> None:
        self.cells: dict[str, dict[str, None]] = {}  # values in their order, each once
        labelled = [p for p in card.properties if p.name == "X-ABLABEL" and p.group]
        self.labels = {p.group: plain(_LABEL.sub(r"\1", plain(p.value))) for p in labelled}
        self.is_company = any(p.name == "X-ABSHOWAS" and "company" in p.value.lower() for p in card.properties)
        self.has_address = any(p.name == "ADR" for p in card.properties)

    def put(self, column: str, value: str) -> None:
        held = self.cells.setdefault(column, {})
        if value:
            held[value] = None

    def take(self, found: Property) -> None:
        name = found.name
        if name in _SINGLE:
            self._single(found, _SINGLE[name])
        elif name in _SEVERAL:
            self.put(_SEVERAL[name], plain(found.value))
        elif name == "N":
            self._name(found)
        elif name == "ORG":
            firm, *units = [*parts(found.value), ""]
            self.put("organisation", firm)
            self.put("organisation_unit", ", ".join(filter(None, units)))
        elif name in ("TEL", "EMAIL"):
            self._point(found, "phone" if name == "TEL" else "email")
        elif name == "ADR":
            self._address(found)
        elif name == "LABEL" and not self.has_address:
            self._further(plain(found.value))
        elif name not in _WITHOUT_MEANING and name not in PICTURES:
            self._other(found)

    def _single(self, found: Property, column: str) -> None:
        value = plain(found.value)
        if found.name in _GENDERS:
            value = _GENDERS[found.name].get(value, "")
        elif found.name == "GENDER":
            value = parts(found.value)[0]
        elif found.name == "BDAY" and (year := found.parameters.get("X-APPLE-OMIT-YEAR")) and value.startswith(year):
            value = "-" + value.removeprefix(year)
        if column in self.cells and value not in self.cells[column]:
            self._other(found)
        else:
            self.put(column, value)

    def _name(self, found: Property) -> None:
        if any(column in self.cells for column in _NAMES):
            self._other(found)
            return
        for column, value in zip(_NAMES, parts(found.value), strict=False):
            self.put(column, " ".join(parts(value, ",")) if column != "name_suffix" else value)

    def _other(self, found: Property) -> None:
        """A property that no column is for, kept as it stands."""
        label = self.labels.get(found.group)
        self.put("other", f"{found.name}{f' ({label})' if label else ''}: {plain(found.value)}")

    def _kind(self, found: Property) -> str | None:
        """fax, mobile, home, work or other; None where a label says what we have no word for."""
        label = self.labels.get(found.group)
        words = {*found.types, *([label.casefold()] if label else [])}
        known = {kind for word in words if (kind := _types().get(word))}
        if label and label.casefold() not in _types() and not known - {"other"}:
            return None
        strange = not known and words and not label
        return None if strange else next((k for k in ("fax", "mobile", "home", "work") if k in known), "other")

    def _point(self, found: Property, what: str) -> None:
        value = _EXTENSION.sub(r" ext \1", _URI.sub("", plain(found.value))).split(";phone-context", 1)[0].strip()
        kind = self._kind(found)
        if kind is None and value:
            label = self.labels.get(found.group) or ", ".join(sorted(found.types))
            self.put("labelled", f"{label}: {value}")
        elif what == "phone":
            self.put(f"phone_{kind}", value)
        else:
            self.put(f"email_{kind if kind in _PLACES else 'other'}", value)

    def _address(self, found: Property) -> None:
        box, unit, street, city, region, postcode, country = [*parts(found.value), *[""] * 7][:7]
        if box and not street:
            street = box if re.search(r"[^\W\d_]", box) else f"P.O. Box {box}"
        elif box:
            unit = ", ".join(filter(None, (unit, box)))
        own = dict(zip(_ADDRESS, (street, unit, postcode, city, region, country), strict=True))
        kind = self._kind(found)
        place = kind if kind in _PLACES else "other"
        if not any(own.values()):
            return
        if any(f"{place}_{part}" in self.cells for part in _ADDRESS):
            self._further(_in_lines(own))
        else:
            for part, value in own.items():
                if value:
                    self.put(f"{place}_{part}", value)

    def _further(self, text: str) -> None:
        """A second address of one kind, or one that was never in parts."""
        column = next((c for c in ("address_2", "address_3") if c not in self.cells), None)
        self.put(column or "other", text if column else f"ADR: {text}")

    def done(self) -> dict[str, str]:
        cells = {
            c: ("\n" if c in ("note", "other", "labelled") else BETWEEN).join(v) for c, v in self.cells.items() if v
        }
        return _with_names(cells, is_company=self.is_company)


def _in_lines(address: dict[str, str]) -> str:
    town = " ".join(filter(None, (address["postcode"], address["city"])))
    lines: Iterable[str] = (address["street"], address["unit"], town, address["region"], address["country"])
    return ", ".join(filter(None, lines))


def _with_names(cells: dict[str, str], *, is_company: bool) -> dict[str, str]:
    """The display name as a person's or a firm's, where it is one: it may be a number or an address as well."""
    shown, firm = cells.get("display_name", ""), cells.get("organisation", "")
    parted = any(cells.get(column) for column in ("given_name", "surname"))
    kind = cells.get("kind", "").lower()
    if is_company or kind in ("org", "organization", "organisation") or (firm and not parted and shown in ("", firm)):
        cells = {**cells, "kind": "org"}
        return cells if firm or not shown else {**cells, "organisation": shown}
    held = {v for column, text in cells.items() if column.startswith(("phone", "email")) for v in text.split(BETWEEN)}
    if shown and shown != firm and shown not in held and "@" not in shown and re.search(r"[^\W\d_]", shown):
        cells = {**cells, "full_name": shown}
    return cells
