"""What holds for anything: a few examples of it in `make test`, and of the same test many in `make soak`."""

from typing import Any

from hypothesis import given, settings


def at_length(promise: Any, examples: int, *strategies: Any) -> None:
    """A test of Hypothesis once more, with so many examples, other ones each time."""
    settings(max_examples=examples, deadline=None)(given(*strategies)(promise.hypothesis.inner_test))()
