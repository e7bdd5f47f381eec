"""Pages and their contexts agree, and a page stands alone in a file."""

import re
from dataclasses import fields
from html.parser import HTMLParser
from typing import Any

import pytest
from jinja2 import UndefinedError, meta, nodes

from reports import page
from reports.dedupe import DedupePage
from reports.scorecard.context import Scorecard

PAGES = [Scorecard, DedupePage]
NAMES = ["scorecard", "scorecard-empty", "dedupe", "dedupe-empty"]


def variables(template: str) -> set[str]:
    """The variables that a template and all it includes or extends take from outside."""
    environment = page.environment()
    source, _, _ = environment.loader.get_source(environment, template)  # type: ignore[union-attr]
    tree = environment.parse(source)
    names = (name for assign in tree.find_all(nodes.Assign) for name in assign.find_all(nodes.Name))
    own = {name.name for name in names if name.ctx == "store"}
    own |= {found.target for found in tree.find_all(nodes.Import)}
    found = meta.find_undeclared_variables(tree) - set(environment.globals) - own
    for name in meta.find_referenced_templates(tree):
        if name and name != "charts.html.j2":
            found |= variables(name)
    return found


@pytest.mark.parametrize("context", PAGES)
def test_template_and_context_agree(context: Any) -> None:
    """A template uses exactly the fields of its dataclass: none that is missing, none that is idle."""
    assert variables(context.template) == {field.name for field in fields(context)}


@pytest.mark.parametrize("context", PAGES)
def test_every_field_group_is_documented(context: Any) -> None:
    """Every context says in its docstring what it is."""
    assert context.__doc__
    assert not context.__doc__.startswith(context.__name__ + "(")


def test_an_unknown_variable_is_an_error() -> None:
    """A misspelt variable in a template fails instead of leaving a hole in the page."""
    template = page.environment().from_string("{{ nobody }}")
    with pytest.raises(UndefinedError):
        template.render({})


@pytest.mark.parametrize("name", NAMES)
def test_a_page_names_no_other_host_and_no_script(pages: dict[str, str], name: str) -> None:
    """Nothing in a page loads, links or runs anything outside its own file."""
    html = pages[name]
    assert not re.search(r"<(script|iframe|object|embed|form)\b", html)
    assert not re.search(r"(src|href|action)\s*=\s*[\"'](?!#|data:)", html)
    assert not re.search(r"url\((?!#)|@import", html)
    assert "default-src 'none'" in html


@pytest.mark.parametrize("name", NAMES)
def test_a_page_is_small(pages: dict[str, str], name: str) -> None:
    """A page stays far below a megabyte."""
    assert len(pages[name].encode()) < 200_000


class Balanced(HTMLParser):
    """Follows open tags, ids and links."""

    VOID = frozenset(("meta", "link", "br", "hr", "img", "input", "path", "rect", "line", "stop"))

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []
        self.ids: list[str] = []
        self.targets: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)
        values = dict(attrs)
        if values.get("id"):
            self.ids.append(str(values["id"]))
        if tag == "a" and str(values.get("href")).startswith("#"):
            self.targets.append(str(values["href"])[1:])
        if tag not in self.VOID or (tag == "path" and not self.get_starttag_text().endswith("/>")):  # type: ignore[union-attr]
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 - overrides
        self.seen.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag == "rect" and (not self.open or self.open[-1] != "rect"):
            return  # a bar with a title inside
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag


@pytest.mark.parametrize("name", NAMES)
def test_tags_are_balanced_and_links_lead_somewhere(pages: dict[str, str], name: str) -> None:
    """Every tag is closed where it was opened, ids are unique, and every link in the page has its target."""
    reader = Balanced()
    reader.feed(pages[name])
    assert not reader.open
    assert len(set(reader.ids)) == len(reader.ids)
    assert set(reader.targets) <= set(reader.ids)
    assert reader.seen.count("h1") == 1


@pytest.mark.parametrize("name", NAMES)
def test_a_page_is_the_same_again(pages: dict[str, str], name: str) -> None:
    """No page holds a trace of the machine that drew it: no memory address, no repr of an object."""
    assert not re.search(r"0x[0-9a-f]{8}|object at|None</|\bnan\b", pages[name])
