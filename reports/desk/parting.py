"""What people decide of a customer's records as decisions on pairs: some are taken out, or are a customer of their own.

Decisions speak of pairs of records, so that they hold whatever becomes of golden ids (connectors/store/decisions.py).
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final, Literal

from connectors.store.decisions import wanted
from reports.desk.services import Key

Answer = Literal["take_out", "split", "same"]
MOST: Final = 200
"""Records that can be decided on together."""
MANY: Final = 50
"""Of more pairs that are apart each marked record is kept from one of the rest alone, which stands for all of them."""


def decisions(answer: Answer, rest: Sequence[Key], marked: Sequence[Key]) -> list[dict[str, Any]]:
    """Rows for the store. take_out: each marked record is apart from all of the rest, which are one customer. split:
    the marked ones are one customer besides. same: all of them are one.

    What keeps apart comes first: the store then finds at once that nothing contradicts it.
    """
    if answer == "same":
        return [wanted("same", a, b) for a, b in chain([*rest, *marked])]
    away = rest if len(marked) * len(rest) <= MANY else rest[:1]
    apart = [wanted("split", a, b) for a in marked for b in away]
    joined = [*chain(rest), *(chain(marked) if answer == "split" else ())]
    return [*apart, *(wanted("same", a, b) for a, b in joined)]


def chain(keys: Sequence[Key]) -> Iterator[tuple[Key, Key]]:
    """Pairs that make some records one: neighbours, then neighbouring pairs, then fours, so that what the store follows
    from record to record stays short.
    """
    step = 1
    while step < len(keys):
        yield from ((keys[n], keys[n + step]) for n in range(0, len(keys) - step, 2 * step))
        step *= 2
