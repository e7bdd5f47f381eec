"""The columns that a matching file may name, and what was meant where a name is none of them."""

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, Final

from rules.column_names import by_header
from rules.matching.keys import split
from rules.near import meant
from rules.schema import Path, Problem
from rules.vocabulary import FEATURES

if TYPE_CHECKING:
    from rules.matching.config import Matching

TEXT: Final = "text."
WHOLE: Final = "address"
"""Street, house number and unit together."""
APART: Final = ("source", "record_id", "party_type", "birth_name")
"""Columns of the features that are not compared: keys, and the birth name, which stands in `surname`."""
KNOWN: Final = (*(n for n in FEATURES.names if n not in APART), WHOLE)
COMPARED_AS: Final = {
    "birth_name": "surname", "full_name": "name", "organisation_name": "organisation", "email": "emails",
    "phone": "phones", "phone.mobile": "mobiles", "phone.landline": "phones", "address.full": WHOLE,
}  # fmt: skip
"""Column of a standard record -> column that is compared, where the two are called differently."""


def problems(
    said: "Matching", lines: dict[Path, int], file: str, text: Collection[str] | None = None
) -> Iterator[Problem]:
    """Every column of a matching file that does not exist, with its line. `text`: the `text.NAME` columns that there
    are; None: not known here, and any may be named.
    """
    for at, name in _named(said):
        if _is_there(name, text):
            continue
        line = next((lines[at[:n]] for n in range(len(at), 0, -1) if at[:n] in lines), 0)
        yield Problem(
            file, line, str(at[0]), f"there is no column {name!r} that could be compared", _remedy(name, text)
        )


def _named(said: "Matching") -> Iterator[tuple[Path, str]]:
    """Every column that is named, with the place of its name."""
    for n, rule in enumerate(said.blocking or ()):
        for k, key in enumerate(rule):
            yield ("blocking", n, k), split(key)[0]
    for n, field in enumerate(said.comparisons or ()):
        yield ("comparisons", n, "name"), field.name
    for column in said.roles:
        yield ("roles", column), column
    for column in said.leave_out:
        yield ("leave_out", column), column


def _is_there(name: str, text: Collection[str] | None) -> bool:
    return name in KNOWN or (name.startswith(TEXT) and (text is None or name in text))


def _remedy(name: str, text: Collection[str] | None) -> str:
    """What was meant: another spelling, or a column under the name it has in a source."""
    known = (*KNOWN, *(text or ()))
    header = by_header(name)
    target = COMPARED_AS.get(name) or (header and COMPARED_AS.get(header[0], header[0].removeprefix("address.")))
    if target in KNOWN and target != name:
        return f"Did you mean {target!r}?"
    return meant(name, known, f"Known: {', '.join(known)}" + ("" if text is not None else ", text.NAME"))
