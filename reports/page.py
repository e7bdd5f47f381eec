"""Pages: a frozen dataclass in, one HTML text out that stands alone in a file.

A page is a dataclass with the name of its template; the fields of the dataclass are the variables of the
template, no more and no fewer (a test holds it). Everything is escaped, an unknown variable is an error, and the
page forbids itself by policy to load or run anything at all.
"""

from dataclasses import fields
from functools import cache
from importlib.resources import files
from typing import Any, ClassVar, Final, Protocol

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from reports import format as write

FILTERS: Final = {
    "number": write.number,
    "share": write.share,
    "signed": write.signed,
    "plural": write.plural,
    "noun": write.noun,
    "seconds": write.seconds,
    "listing": write.listing,
    "day": write.day,
    "moment": write.moment,
    "words": write.words,
    "sentence": write.sentence,
}


SHEETS: Final = ("tokens.css", "page.css", "drawings.css")


class Page(Protocol):
    """Any dataclass that names its template."""

    template: ClassVar[str]
    __dataclass_fields__: ClassVar[dict[str, Any]]


@cache
def environment() -> Environment:
    """Jinja over `reports/templates`, escaping always."""
    found = Environment(
        loader=PackageLoader("reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters.update(FILTERS)
    found.globals["css"] = Markup("".join(_sheet(name) for name in SHEETS))  # noqa: S704 - our own files
    return found


def _sheet(name: str) -> str:
    return files("reports").joinpath(f"static/{name}").read_text("utf-8")


def render(page: Page) -> str:
    """The page's template filled with its fields. Raises jinja2.UndefinedError where the two disagree."""
    values = {f.name: getattr(page, f.name) for f in fields(page)}
    return environment().get_template(page.template).render(values)


def fragment(template: str, macro: str, *args: Any) -> str:
    """What one macro of a template draws: a chart by itself."""
    return str(getattr(environment().get_template(template).module, macro)(*args)).strip()
