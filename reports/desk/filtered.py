"""A filter of the queue in words: the same in its form, on a batch, on a pack."""

from collections.abc import Iterator, Mapping
from typing import Final

from reports.desk.orders import FIRST
from reports.format import words

LABELS: Final = {
    "text": "Any value", "source": "Source", "department": "Department", "country": "Country", "language": "Language",
    "relation": "Looks like", "reason": "Reason", "kind": "Kind", "least": "Probability from",
    "most": "Probability to", "assignee": "Given to", "before": "Waiting since before",
}  # fmt: skip
"""What each field of connectors.store.desk.filter.Filter is called."""
SHARES: Final = ("least", "most")
NOBODY: Final = {("assignee", "-"): "nobody"}


def of_kind(asked: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """What a filter (Filter.asked) demands, each as (what it is called, which); its order demands nothing."""
    for name, value in asked.items():
        if name != "order":
            label = LABELS.get(name, words(name))
            yield label, f"{percent(value)}\u00a0%" if name in SHARES else NOBODY.get((name, value), value)


def in_words(asked: Mapping[str, str]) -> str:
    """A filter of the queue (Filter.asked) in one line."""
    told = [f"{label.lower()}: {value}" for label, value in of_kind(asked)] or ["the whole queue"]
    first = [f"first what {FIRST[asked['order']][0]}"] if "order" in asked else []
    return ", ".join(told + first)


def percent(share: float | str | None) -> str:
    """0.07 as 7, as a form asks for it; nothing where there is no share."""
    return "" if share is None or share == "" else f"{100 * float(share):.6g}"
