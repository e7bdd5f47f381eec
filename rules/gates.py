"""What holds a run before it publishes: the settings `gates:` of goldseam.yml, and the figures they are held against.

Most gates compare with what is published, and have nothing to say on a first publication. A gate that holds answers
with a sentence that gives the number, the limit, what to look at and the name of its setting.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Annotated, Final, TypeAlias

from pydantic import Field

from rules.strict import Strict

Share: TypeAlias = Annotated[float, Field(ge=0, le=1)]
Number: TypeAlias = Annotated[int, Field(ge=0)]


class Gates(Strict):
    """`gates:` of goldseam.yml. `null` switches a gate off.

    Whether a source must be there, and how old its snapshot may be, is said in the source (`essential`,
    `expect.stale_at_most`).
    """

    few: Number = 20
    """So many customers, records or rows never hold a run, whatever the share of all that they are."""
    quarantine: Share | None = 0.02
    """Share of a source's records by which its quarantine may grow."""
    merges: Share | None = 0.02
    """Share of the published customers that may be merged into others; those that people decided do not count."""
    splits: Share | None = 0.02
    """Share of the published customers that may fall apart; those that people decided do not count."""
    retired: Share | None = 0.05
    """Share of the published customers that may be retired: no source holds a record of theirs any more."""
    joins: Number | None = 1000
    """Customers already published that may be merged into others, whatever their share."""
    cluster: Number | None = 250
    """Records of one customer; one that was published larger than that does not hold again."""
    pass_rate: Share | None = 0.05
    """How far the share of rows that pass a critical expectation may fall."""
    invoices: Share | None = 0.01
    """Share of the money, by currency, that may count for no customer any more, or for another without a merge or
    split that explains it; new, changed and withdrawn invoices do not count.
    """
    taken_back: Share | None = 0.5
    """After a rollback: share of what it took back that the next run may do again. With the mistake put right, what was
    right beside it comes again, and is no reason to hold.
    """


@dataclass(frozen=True)
class Cluster:
    """A customer of many records, and how many it was published with."""

    golden_id: str
    records: int
    before: int = 0


@dataclass(frozen=True)
class Quarantined:
    """Records of a source that was published before: how many are in quarantine, and were."""

    source: str
    records: int
    before: int
    now: int


@dataclass(frozen=True)
class Rate:
    """What a critical expectation found at the last publication and finds now."""

    source: str
    message: str
    checked_before: int
    failed_before: int
    checked: int
    failed: int

    @property
    def passed_before(self) -> float:
        return 1 - self.failed_before / self.checked_before

    @property
    def passed(self) -> float:
        return 1 - self.failed / self.checked


@dataclass(frozen=True)
class Money:
    """Amounts of facts by currency: all of this run, and what of those that are as published counts elsewhere."""

    currency: str
    total: float
    lost: float = 0.0
    """Of facts that count for no customer any more."""
    moved: float = 0.0
    """Of facts that count for another customer, which no merge and no split explains."""
    facts: int = 0
    """How many facts are lost or moved."""
    named: tuple[str, ...] = ()
    """Keys of the largest of them."""


@dataclass(frozen=True)
class TakenBack:
    """What the last publication took back, and how much of it this run would do again."""

    run_id: str
    changes: int
    again: int


@dataclass(frozen=True)
class Figures:
    """All that the gates judge. `customers`: published before; 0 on a first publication."""

    customers: int
    merged: int = 0
    split: int = 0
    retired: int = 0
    clusters: tuple[Cluster, ...] = field(default=())
    quarantine: tuple[Quarantined, ...] = field(default=())
    rates: tuple[Rate, ...] = field(default=())
    money: tuple[Money, ...] = field(default=())
    taken_back: TakenBack | None = None


@dataclass(frozen=True)
class Reason:
    """Why a gate holds the run; `gate` is the name of its setting."""

    gate: str
    sentence: str


def reasons(gates: Gates, seen: Figures) -> list[Reason]:
    """Why the run is held, a reason a sentence; none: it may publish."""
    found = []
    for name, gate in GATES.items():
        limit = getattr(gates, name)
        if limit is not None:
            tail = f" (`gates.{name}` in goldseam.yml)"
            found += [Reason(name, said + tail) for said in gate(seen, limit, gates.few)]
    return found


def _part(value: float) -> str:
    """A share for people: 0.0312 as 3.1 %."""
    return f"{value * 100:.3g}\u00a0%"


def _of(number: int, whole: int) -> str:
    return f"{number:,} of {whole:,} ({_part(number / max(whole, 1))})"


LOOK: Final = "Look at the surprises of this run, and at one with goldseam why SOURCE:ID"


def _quarantine(seen: Figures, limit: float, few: int) -> Iterator[str]:
    for source in seen.quarantine:
        grew = source.now - source.before
        if grew > few and grew > limit * source.records:
            yield (
                f"the quarantine of {source.source} grew from {source.before:,} to {source.now:,} records, by "
                f"{_part(grew / max(source.records, 1))} of the source; {_part(limit)} is allowed. "
                f"Look at: goldseam quarantine list --source {source.source} --run RUN"
            )


def _merges(seen: Figures, limit: float, few: int) -> Iterator[str]:
    if seen.customers and seen.merged > few and seen.merged > limit * seen.customers:
        told = _of(seen.merged, seen.customers)
        yield f"{told} published customers would be merged into others; {_part(limit)} is allowed. {LOOK}"


def _splits(seen: Figures, limit: float, few: int) -> Iterator[str]:
    if seen.customers and seen.split > few and seen.split > limit * seen.customers:
        told = _of(seen.split, seen.customers)
        yield f"{told} published customers would fall apart; {_part(limit)} is allowed. {LOOK}"


def _retired(seen: Figures, limit: float, few: int) -> Iterator[str]:
    if seen.customers and seen.retired > few and seen.retired > limit * seen.customers:
        yield (
            f"{_of(seen.retired, seen.customers)} published customers would be retired; {_part(limit)} is allowed. "
            f"Look at the source that had their records: its export, its `id` columns and `expect.retire_after`; "
            f"at one customer with goldseam history GOLDEN_ID"
        )


def _joins(seen: Figures, limit: float, _: int) -> Iterator[str]:
    if seen.customers and seen.merged > limit:
        yield f"{seen.merged:,} published customers would be merged into others; {limit:,.0f} are allowed. {LOOK}"


def _cluster(seen: Figures, limit: float, _: int) -> Iterator[str]:
    large = [c for c in seen.clusters if c.records > limit >= c.before]
    for cluster in sorted(large, key=lambda c: (-c.records, c.golden_id))[:1]:
        more = f" (the largest of {len(large):,} above the limit)" if large[1:] else ""
        was = f"published with {cluster.before:,}" if cluster.before else "not published before"
        yield (
            f"the customer {cluster.golden_id} would hold {cluster.records:,} records, {was}{more}; "
            f"{limit:,.0f} are allowed. Look at its rows of identify/clusters in the run's folder"
        )


def _pass_rate(seen: Figures, limit: float, few: int) -> Iterator[str]:
    for rate in seen.rates:
        fell = rate.passed_before - rate.passed
        if fell > limit and rate.failed - rate.failed_before > few:
            yield (
                f"{rate.source}: {_part(rate.passed)} of {rate.checked:,} rows pass “{rate.message}”, and "
                f"{_part(rate.passed_before)} did at the last publication; it may fall by {_part(limit)}. "
                f"Look at: goldseam quarantine list --source {rate.source}"
            )


def _invoices(seen: Figures, limit: float, few: int) -> Iterator[str]:
    for money in seen.money:
        astray = money.lost + money.moved
        if money.facts > few and astray > limit * money.total:
            yield (
                f"{astray:,.2f} of {money.total:,.2f} {money.currency or 'without a currency'} "
                f"({_part(astray / money.total)}) do not add up to before: {money.lost:,.2f} would count for no "
                f"customer, {money.moved:,.2f} for another without a merge or split; {_part(limit)} is allowed. "
                f"Look at the {money.facts:,} facts, the largest being {', '.join(money.named)}"
            )


def _taken_back(seen: Figures, limit: float, _: int) -> Iterator[str]:
    back = seen.taken_back
    if back and back.again > limit * back.changes:
        yield (
            f"run {back.run_id} was taken back, and this run would do {_of(back.again, back.changes)} of its changes "
            f"again; {_part(limit)} is allowed. If what went wrong (a source, a rule, a decision) is not yet put "
            "right, do that and run again; if it is, what comes again is right: goldseam publish RUN"
        )


Gate: TypeAlias = Callable[[Figures, float, int], Iterator[str]]
GATES: Final[dict[str, Gate]] = {
    "taken_back": _taken_back,
    "quarantine": _quarantine,
    "pass_rate": _pass_rate,
    "merges": _merges,
    "splits": _splits,
    "retired": _retired,
    "joins": _joins,
    "cluster": _cluster,
    "invoices": _invoices,
}
"""By the name of its setting: what a gate says of the figures, its limit and `few`."""
