"""Each page of the desk says in one typed context what its template is given: no more, and no less."""

import importlib
import pkgutil
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

import pytest

from reports.desk import app, pages
from tests.reports.test_page_contract import variables


def contexts() -> Iterator[Any]:
    """Every dataclass of the desk that names a template."""
    modules = [
        app,
        *(importlib.import_module(f"{pages.__name__}.{m.name}") for m in pkgutil.iter_modules(pages.__path__)),
    ]
    for module in modules:
        for found in vars(module).values():
            if is_dataclass(found) and hasattr(found, "template") and found.__module__ == module.__name__:
                yield found


@pytest.mark.parametrize("context", contexts(), ids=lambda context: context.__name__)
def test_template_and_context_agree(context: Any) -> None:
    """A template uses exactly the fields of its dataclass, and the dataclass says what it is."""
    assert variables(context.template) == {field.name for field in fields(context)}
    assert not context.__doc__.startswith(context.__name__ + "(")


def test_every_page_is_registered() -> None:
    """A page whose router nobody knows is a page that nobody sees."""
    modules = [importlib.import_module(f"{pages.__name__}.{m.name}") for m in pkgutil.iter_modules(pages.__path__)]
    found = {id(module.router): module.__name__ for module in modules if hasattr(module, "router")}
    known = {id(router) for router in pages.ROUTERS}
    assert [name for router, name in found.items() if router not in known] == []
