"""The page that `goldseam dedupe` writes beside its tables: what was taken for what, who was joined, and why."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from markupsafe import Markup
from rapidfuzz import fuzz

from reports import page, thresholds, waterfall
from reports.charts.histogram import Histogram, histogram
from reports.differences import marked
from reports.format import number, plural
from reports.waterfall import Evidence


@dataclass(frozen=True)
class Input:
    """A file that was read."""

    name: str
    rows: int


@dataclass(frozen=True)
class Column:
    """What a column was taken for, and why; `target` is a word of `--column NAME=TARGET`."""

    name: str
    target: str
    confidence: float
    why: str
    filled: float
    """Share of rows with a value."""


@dataclass(frozen=True)
class Blocking:
    """A blocking rule: the pairs it brings together (others may find them too), and its largest block."""

    rule: str
    pairs: int
    largest: int
    note: str = ""


@dataclass(frozen=True)
class Weight:
    """What one level of agreement in a field is worth, in bits, and how many pairs showed it."""

    field: str
    level: str
    bits: float
    pairs: int = 0


@dataclass(frozen=True)
class LatentClass:
    """A kind of pair that the model told apart."""

    name: str
    share: float
    pairs: int


@dataclass(frozen=True)
class Row:
    """One record of a cluster: its key and its values, in the order of the cluster's columns."""

    key: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Group:
    """One cluster, side by side; `records` may be more than the rows shown."""

    cluster: str
    records: int
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    facts: Sequence[str] = ()
    """Its health in sentences: the weakest link, what speaks against it, what to cut first."""
    joins: Sequence[str] = ()
    """How it came about, a sentence for each join."""


@dataclass(frozen=True)
class Sample:
    """A pair near a threshold, with its evidence."""

    left: str
    right: str
    probability: float
    relation: str
    joined: bool
    evidence: tuple[Evidence, ...]
    sentence: str = ""


@dataclass(frozen=True)
class DedupeReport:
    """All that the page is made from: counts, and lists of plain values. Probabilities are from 0 to 1.

    `bins` counts compared pairs in equal steps of probability. `sizes` gives for each size of cluster how many.
    """

    inputs: Sequence[Input]
    records: int
    customers: int
    sizes: Sequence[tuple[int, int]]
    columns: Sequence[Column]
    blocking: Sequence[Blocking]
    pairs: int
    bins: Sequence[int]
    merge: float
    """Joined unseen from."""
    review: float
    """Shown to people from."""
    used: float
    """Joined from: the threshold that `clusters.csv` uses."""
    groups: Sequence[Group] = ()
    samples: Sequence[Sample] = ()
    classes: Sequence[LatentClass] = ()
    weights: Sequence[Weight] = ()
    relations: Sequence[tuple[str, int]] = ()
    files: Sequence[str] = ()
    notes: Sequence[str] = ()
    link: bool = False
    overrule: str = "--as COLUMN=MEANING"
    """What to write on the command line where a column was taken for the wrong thing."""


@dataclass(frozen=True)
class Cell:
    """A value in pieces, each with whether it differs from the cluster's usual value."""

    pieces: tuple[tuple[str, bool], ...]


@dataclass(frozen=True)
class Compared:
    """A cluster ready to be drawn."""

    cluster: str
    records: int
    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Cell, ...]], ...]
    facts: Sequence[str]
    joins: Sequence[str]


@dataclass(frozen=True)
class Drawn:
    """A sample with its drawing."""

    sample: Sample
    svg: Markup
    values: tuple[tuple[str, Cell, Cell, str], ...] = field(default=())


@dataclass(frozen=True)
class DedupePage:
    """The page."""

    template: ClassVar[str] = "dedupe.html.j2"

    report: DedupeReport
    headline: str
    histogram: Histogram | None
    groups: tuple[Compared, ...]
    samples: tuple[Drawn, ...]
    thresholds: str
    """The three in one sentence."""
    bits: str
    """What a bit is."""
    bits_in: str
    """The first section in which there are bits, which explains them; empty where there are none."""


def render(report: DedupeReport) -> str:
    """The whole HTML page; it stands alone in a file."""
    return page.render(context(report))


def context(report: DedupeReport) -> DedupePage:
    """The page's typed context."""
    return DedupePage(
        report=report,
        headline=headline(report),
        histogram=histogram(report.bins, report.used, min(report.review, report.used)),
        groups=tuple(compared(group) for group in report.groups),
        samples=tuple(_drawn(sample) for sample in report.samples),
        thresholds=thresholds.sentence(report.used, report.merge, report.review),
        bits=waterfall.BITS,
        bits_in=_first_bits(report),
    )


def _first_bits(report: DedupeReport) -> str:
    if any(group.facts or group.joins for group in report.groups):
        return "clusters"
    return "close" if report.samples else "model" if report.weights else ""


def headline(report: DedupeReport) -> str:
    """The result in one sentence."""
    if not report.records:
        return "There is no record in what was read."
    extra = report.records - report.customers
    if not extra:
        return f"{plural(report.records, 'record')}, and no two of them are the same."
    records, customers = plural(report.records, "record"), plural(report.customers, "customer")
    return f"{records} are {customers}: {number(extra)} were there already."


def compared(group: Group) -> Compared:
    """Differing characters marked against the value that most records have; of equals, the one most like the others."""
    usual = [_usual([row.values[place] for row in group.rows]) for place in range(len(group.columns))]
    rows = tuple(
        (row.key, tuple(Cell(marked(value, common)) for value, common in zip(row.values, usual, strict=True)))
        for row in group.rows
    )
    return Compared(group.cluster, group.records, group.columns, rows, group.facts, group.joins)


def _usual(values: Sequence[str]) -> str:
    """The value most records have; among equals the one most like all others, then the first."""
    filled = [value for value in values if value]
    counted = Counter(filled)
    return max(counted, key=lambda v: (counted[v], sum(fuzz.ratio(v, other) for other in filled)), default="")


def _drawn(sample: Sample) -> Drawn:
    values = tuple(
        (row.field, Cell(marked(row.left, row.right)), Cell(marked(row.right, row.left)), row.level)
        for row in waterfall.fields(sample.evidence)
    )
    steps = waterfall.complete(sample.evidence, sample.probability)
    return Drawn(sample, Markup(waterfall.svg(steps)), values)  # noqa: S704 - escaped by our own template
