"""The orders in which the queue may stand, in words."""

from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import urlencode

from connectors.store.desk.filter import ORDERS, Filter
from reports.desk.seen import BY_SCORE, Seen

FIRST: Final = {
    "": (
        "is worth most",
        "money billed, records, pairs it settles, and most by doubt: 94 % counts a third of 50 %",
    ),
    "oldest": ("waits longest", "the run that first asked about it; of one run, what is worth most"),
    "likely": ("is most likely one customer", "its probability"),
    "unsure": ("is least sure", "how near its probability is to one half"),
}
"""Of each of ORDERS: what comes first, and by what that is measured."""


@dataclass(frozen=True)
class Order:
    """An order that may be chosen: what comes first, by what, and its address."""

    first: str
    why: str
    query: str
    here: bool
    following: bool
    """Whether it is the next one after that which is shown: one key goes through all."""


def orders(seen: Seen, asked: Filter) -> tuple[Order, ...]:
    """Those among which a person may choose: who decides blind, not by what the machine thinks."""
    names = [name for name in ORDERS if not (name in BY_SCORE and seen.is_blind)]
    following = names[(names.index(asked.order) + 1) % len(names)]
    return tuple(
        Order(*FIRST[name], urlencode(replace(asked, order=name).asked()), name == asked.order, name == following)
        for name in names
    )
