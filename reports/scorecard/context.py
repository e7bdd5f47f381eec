"""All that the scorecard page shows, as plain frozen values: the contract between gathering and template.

Counts are of records unless they say otherwise; shares are from 0 to 1, None where nothing was measured.
"""

from dataclasses import dataclass
from typing import ClassVar, Literal

from reports.charts.flow import Flow
from rules.scorecard import Score


@dataclass(frozen=True)
class Outcome:
    """How the run ended: published, unchanged, held, failed, stopped; `reason` in words where it did not publish."""

    status: str
    reason: str
    reached: str
    """The last stage that left a table behind."""


@dataclass(frozen=True)
class Totals:
    """The figures in large type."""

    rows: int
    """Rows of customers in the sources."""
    facts: int
    records: int
    """Customer records: a row with a company and its contact is two."""
    rejected: int
    """Rows of data that could not be read as records."""
    left_out: int
    """Totals, notes and titles, which are no data."""
    quarantined: int
    duplicates: int
    """Records that joined another record's customer: records in clusters less customers."""
    golden: int
    persons: int
    organisations: int
    households: int
    joined: int
    """Golden customers known from more than one record."""
    across: int
    """Golden customers known from more than one source."""
    review: int
    """Pairs and clusters that wait for a person."""


@dataclass(frozen=True)
class SourceState:
    """What became of a source: landed, unchanged, carried, failed."""

    name: str
    state: str
    department: str
    rows: int
    rejected: int
    facts: int
    quarantined: int
    files: tuple[str, ...]
    reason: str
    remedy: str
    unmapped: tuple[str, ...]
    since: str = ""
    """The day of the snapshot that stands in, of a source that was carried."""


@dataclass(frozen=True)
class Reject:
    """Rows of a source that were left out, why, and one of them to look at."""

    source: str
    rows: int
    reason: str
    remedy: str
    content: str
    place: str


@dataclass(frozen=True)
class Reason:
    """Why records are in quarantine, how many, and one of them to look at."""

    text: str
    records: int
    share: float
    """Of the most frequent reason: for the length of its bar."""
    sources: tuple[str, ...]
    example: str
    place: str


@dataclass(frozen=True)
class HeatRow:
    """One line of a heat map."""

    name: str
    records: int
    cells: tuple[Score, ...]
    before: tuple[float | None, ...]
    """The same scores in the last published run; empty where there is none."""


@dataclass(frozen=True)
class Heat:
    """Dimensions by source, department or operator."""

    by: str
    rows: tuple[HeatRow, ...]
    total: HeatRow | None


@dataclass(frozen=True)
class Operator:
    """Values that look invented, by whoever typed them in: a sign, never proof."""

    name: str
    sources: tuple[str, ...]
    records: int
    suspect: int
    share: float
    usual: float
    """The share among all other operators."""
    stands_out: bool
    examples: tuple[str, ...]


@dataclass(frozen=True)
class Fill:
    """How often a field is filled before (records) and after (golden customers)."""

    field: str
    before: float | None
    after: float | None


@dataclass(frozen=True)
class Size:
    """How many customers are known from so many records."""

    label: str
    customers: int
    records: int
    share: float
    """Of the most frequent size: for the length of its bar."""


@dataclass(frozen=True)
class Overlap:
    """Golden customers that sources have in common: `cells[i][j]`, and on the diagonal those a source has at all."""

    sources: tuple[str, ...]
    cells: tuple[tuple[int, ...], ...]
    most: int


@dataclass(frozen=True)
class Member:
    """A spelling under which a customer is known, how often and where."""

    name: str
    records: int
    sources: tuple[str, ...]


@dataclass(frozen=True)
class Cluster:
    """A customer who was scattered: who, in how many records, from where, and what speaks against it."""

    golden_id: str
    name: str
    place: str
    party_type: str
    records: int
    sources: tuple[tuple[str, int], ...]
    members: tuple[Member, ...]
    more: int
    """Spellings not shown."""
    doubts: tuple[str, ...]
    against: str = ""
    """What speaks against it, and which two records to look at first; empty where nothing does."""


@dataclass(frozen=True)
class Change:
    """What changed for golden customers since the last published run."""

    event: str
    customers: int
    meaning: str
    examples: tuple[str, ...]


@dataclass(frozen=True)
class Rule:
    """One expectation of a source and how it fared."""

    name: str
    field: str
    severity: str
    dimension: str
    checked: int
    failed: int
    errored: bool
    message: str

    @property
    def share(self) -> float:
        return self.failed / self.checked if self.checked else 0.0


@dataclass(frozen=True)
class SourceRules:
    """The expectations of one source, errored and failing ones first and apart."""

    source: str
    failing: tuple[Rule, ...]
    passing: tuple[Rule, ...]
    errored: int


@dataclass(frozen=True)
class Relation:
    """How many compared pairs of records turned out to be this to each other."""

    name: str
    pairs: int
    share: float
    meaning: str


@dataclass(frozen=True)
class Action:
    """One thing worth doing next, in plain words."""

    kind: Literal[
        "source", "rule", "quarantine", "review", "operator", "reach", "missing", "duplicates", "columns", "look"
    ]
    title: str
    why: str
    how: str
    worth: float
    """Records it touches, weighted by how much it helps: only for the order."""


@dataclass(frozen=True)
class Scorecard:
    """The page."""

    template: ClassVar[str] = "scorecard.html.j2"

    firm: str
    run_id: str
    started: str
    previous: str
    """The last published run's id; empty where this is the first."""
    outcome: Outcome
    totals: Totals
    headline: str
    flow: Flow | None
    actions: tuple[Action, ...]
    sources: tuple[SourceState, ...]
    rejects: tuple[Reject, ...]
    left_out: tuple[Reject, ...]
    """Totals, notes and titles, which are no data."""
    reasons: tuple[Reason, ...]
    heats: tuple[Heat, ...]
    own_targets: bool
    operators: tuple[Operator, ...]
    fills: tuple[Fill, ...]
    sizes: tuple[Size, ...]
    overlap: Overlap | None
    clusters: tuple[Cluster, ...]
    relations: tuple[Relation, ...]
    changes: tuple[Change, ...]
    rules: tuple[SourceRules, ...]
    missing: tuple[str, ...]
    """Stages that left nothing behind, for the sections that stay empty."""
    notes: tuple[str, ...]
    workspace: str
    """Its folder, as a command line names it."""
