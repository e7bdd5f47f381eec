"""What the desk is given: the state database, and what `pipelines` works out for it.

The desk itself computes nothing about customers; it asks here, and shows.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal, Protocol, TypeAlias

if TYPE_CHECKING:
    import pyarrow as pa

    from connectors.store.desk.filter import Limits
    from connectors.store.state import Store
    from reports.life import Life
    from rules.desk import Desk as Settings
    from rules.matching.explain import Explanation
    from rules.matching.story import Story

Key: TypeAlias = str
"""A record, `SOURCE:ID`."""


ORDER: Final = (
    "name", "birth_name", "organisation", "legal_form", "birth_date", "gender", "tax_id", "national_id", "customer_no",
    "iban", "email", "phone", "address", "language", "status", "segment",
)  # fmt: skip
"""The fields of a record, in the order in which they are shown."""


@dataclass(frozen=True)
class Fact:
    """An invoice, a ticket, a delivery... of a record."""

    kind: str
    number: str
    date: str
    amount: float | None
    currency: str
    key: Key


@dataclass(frozen=True)
class Record:
    """A source record as people read it; `fields` in the order in which they are shown, several values each."""

    key: Key
    source: str
    record_id: str
    golden_id: str | None
    state: str
    """active, retired, quarantined; `gone`: the published run knows nothing of it."""
    fields: dict[str, tuple[str, ...]]
    doubts: dict[str, tuple[str, ...]]
    """What is doubtful about a field, in words: suspect, ambiguous, stale, withheld."""
    department: str | None = None
    operator: str | None = None
    country: str | None = None
    party_type: str | None = None
    updated_at: str | None = None
    raw: dict[str, str] = field(default_factory=dict)
    """The row as it stood, by the source's own headers."""
    place: str = ""
    """File, sheet and line."""
    facts: tuple[Fact, ...] = ()
    tax: tuple[str, str] | None = None
    """Its tax id, where the checksum holds: the scheme, and the number as the scheme writes it."""

    @property
    def name(self) -> str:
        """What it is called; its key where it has no name."""
        for wanted in ("name", "organisation"):
            if self.fields.get(wanted):
                return self.fields[wanted][0]
        return self.key


@dataclass(frozen=True)
class Chosen:
    """A field of a golden record: its value, where it came from and what it beat."""

    field: str
    value: str
    source: str
    record: Key | None
    rule: str
    losers: tuple[tuple[str, Key], ...] = ()
    """Other values, each with the record that says it."""


@dataclass(frozen=True)
class Golden:
    """A golden record as it is, or as it will be."""

    golden_id: str
    values: dict[str, Any]
    """Columns of vocabulary.GOLDEN."""
    fields: tuple[Chosen, ...]
    contact_points: tuple[dict[str, Any], ...]


@dataclass(frozen=True)
class Cluster:
    """A customer's records with the evidence between all of them."""

    golden_ids: tuple[str, ...]
    records: tuple[Record, ...]
    links: tuple[tuple[Key, Key, float], ...]
    """Each pair and its match weight in bits; of very large customers only the strongest."""
    story: "Story | None" = None


@dataclass(frozen=True)
class Rerun:
    """A publication that somebody asked for at once, so that what was decided is in force."""

    user: str
    time: str
    """When it was asked for (ISO, UTC)."""
    golden_ids: tuple[str, ...]
    state: Literal["running", "published", "unchanged", "held", "refused", "failed"]
    told: str
    """What it is at, or what came of it, in words."""
    done: float = 0.0
    """How far it is, 0 to 1."""
    became: tuple[tuple[str, int], ...] = ()
    """The customers that hold the records now, and how many of these each."""

    @property
    def running(self) -> bool:
        return self.state == "running"


class Services(Protocol):
    """What pipelines.desk gives the desk. Its methods may be called from several threads."""

    @property
    def store(self) -> "Store": ...

    @property
    def settings(self) -> "Settings":
        """`desk:` of goldseam.yml."""

    @property
    def firm(self) -> str:
        """The firm's name."""

    def run_id(self) -> str | None:
        """The published run; None: nothing is published yet."""

    def records(self, keys: Sequence[Key]) -> dict[Key, Record]:
        """Source records of the published run, with raw rows and facts; those that are gone are told as such."""

    def evidence(self, pairs: Sequence[tuple[Key, Key]]) -> "dict[tuple[Key, Key], Explanation]":
        """Why two records are, or are not, one customer; pairs that cannot be compared are left out."""

    def ahead(self, pairs: Sequence[tuple[Key, Key]]) -> None:
        """Records and evidence of these will be asked for soon, of the first at once: the others are worked out while
        nobody waits.
        """

    def members(self, golden_id: str) -> tuple[Key, ...]:
        """The active records of a customer, as published."""

    def cluster(self, golden_ids: Sequence[str]) -> Cluster:
        """The records of customers, together. Raises KeyError where one is unknown."""

    def parted(self, keys: Sequence[Key], decision: dict[str, Any]) -> tuple[tuple[Key, ...], ...]:
        """The customers that some records (those of a customer or two) would be with the next run, if this were decided
        besides what is; in the order of their first records. Of too many records, or where no run is at hand: none.
        """

    def golden(self, records: Sequence[Key], golden_id: str = "", values: dict[str, str] | None = None) -> Golden:
        """The golden record that these records will make, under the decisions in force; `values`: as if a person set
        these fields.
        """

    def settled(self, field: str, text: str, country: str | None = None) -> str:
        """A value as it will be kept by a customer of a country. Raises ValueError where it is no value of the field:
        what is wrong, and how to write it.
        """

    def facets_of_sources(self) -> dict[str, tuple[str | None, str | None]]:
        """Department and country that each source declares."""

    def correct(self, key: Key, values: dict[str, str], user: str, reason: str = "", seen: int | None = None) -> int:
        """Set cells of a quarantined record's row, by the source's own columns, from the next run on. -> the act.

        Raises ValueError where the record is not in quarantine or has no such column: what to do; where it was `seen`,
        as Stewards.correct does.
        """

    def identified_by(self, key: Key) -> str | None:
        """`name`, `contact point` or `id`, the first that a quarantined record would have in the next run, as it is
        corrected by now; empty where it would have none, None where that cannot be told.
        """

    def fix_list(self, items: "pa.Table", kind: Literal["csv", "xlsx"]) -> bytes:
        """Quarantined rows (connectors.store.stewards.ITEM) as a file for the owner of their source."""

    def search(self, text: str, limit: int = 50, hidden: Sequence[str] = ()) -> list[dict[str, Any]]:
        """Published customers of which any value holds all words of a text: columns of vocabulary.GOLDEN; `hidden`: the
        columns that are not looked at.
        """

    def names(self, keys: Sequence[Key]) -> dict[Key, str]:
        """What records are called (Record.name), quicker than the records."""

    def facets(self, limits: "Limits") -> dict[str, list[str]]:
        """The words by which the queue can be filtered, of each facet, the most frequent first."""

    def published(self, golden_id: str) -> Golden | None:
        """A customer as published, each field with where it came from; None: there is none of this id."""

    def life(self, golden_id: str) -> "Life":
        """All that ever happened to a customer. Raises KeyError where there never was one."""

    def rerun(self, golden_ids: Sequence[str], user: str) -> Rerun:
        """Begin a run that reads no source, so that decisions on these customers are published at once. Where one is
        under way, nothing is begun; -> the one that is under way.
        """

    def rerunning(self) -> Rerun | None:
        """The last that was asked for, under way or over; None: there was none."""
