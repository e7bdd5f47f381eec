"""From the records of each cluster to one golden record, every value with where it came from and what it beat."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import pyarrow as pa

from rules import vocabulary as words
from rules.survivorship import config as settings
from rules.survivorship import consents, decided, elect, places, quality, relations
from rules.survivorship import golden as table
from rules.survivorship.entries import Entries, doubts_of, members, of_list, of_records
from rules.survivorship.frequencies import Frequencies
from rules.survivorship.ledger import Ledger, provenance
from rules.survivorship.points import contact_points, with_decided
from rules.survivorship.writings import writings

DEFAULT_TRUST: Final = 0.5

# A doubt about a whole name or address is a doubt about its parts.
_SPREAD: Final = {
    "full_name": ("full_name", "given_name", "middle_name", "surname"),
    "name": ("full_name", "given_name", "middle_name", "surname", "organisation_name"),
    "address": places.PARTS,
    "full": places.PARTS,
}


@dataclass(frozen=True)
class Spoken:
    """Everything that votes."""

    records: Entries
    addresses: Entries
    points: Entries


def survive(
    tables: Mapping[str, pa.Table],
    clusters: pa.Table,
    *,
    trust: Mapping[str, float] | None = None,
    config: settings.Survivorship | None = None,
    decisions: pa.Table | None = None,
    households: pa.Table | None = None,
    frequencies: Frequencies | None = None,
    today: str = "9999-12-31",
) -> dict[str, pa.Table]:
    """Golden records of clusters.

    `tables`: the five standard tables (vocabulary.STANDARD_TABLES; `addresses`, `points`, `consents` and `flags` may
    be missing). `clusters`: source, record_id, golden_id. `trust`: 0 to 1 by source. `decisions`: those in force.
    `households`: household_id, golden_id. `frequencies`: of an earlier run; counted from `tables` where none are
    given. `today`: ISO date after which a date is a slip of the pen; nothing else depends on the day.

    Returns the tables `golden`, `contact_points`, `relations` and `provenance` of the vocabulary, sorted by golden
    id: the same for any order of the input's rows.
    """
    config = config or settings.load()
    spoken = listen(tables, clusters, trust or {}, config, today)
    known = frequencies or elect.spelled({"records": spoken.records, "addresses": spoken.addresses}, config)
    ledger = Ledger(spoken.records.members)
    for name in elect.single_fields(spoken.records, config):
        elect.field(ledger, spoken.records, name, config, known)
    for name, group in config.groups.items():
        if name != "address":
            elect.group(ledger, spoken.records, group, config, known)
    place = config.groups["address"]
    found = elect.group(ledger, spoken.addresses, place, config, known) or writings(spoken.addresses, place, config)
    points = contact_points(ledger, spoken.points, config, today)
    invalid = points.invalid_primaries(ledger.size)
    consents.survive(ledger, tables.get("consents"))
    decided.apply(ledger, decisions)
    for kind in words.PointKind:
        points = with_decided(points, ledger, kind)
    homes = places.addresses(ledger, spoken.addresses, found, place, config, today)
    return {
        "golden": table.golden(ledger, households, quality.quality(ledger, config.quality, invalid)),
        "contact_points": places.in_one([homes, points], ledger.members.ids),
        "relations": relations.relations(tables["records"], clusters, households),
        "provenance": provenance(ledger),
    }


def listen(
    tables: Mapping[str, pa.Table],
    clusters: pa.Table,
    trust: Mapping[str, float],
    config: settings.Survivorship,
    today: str,
) -> Spoken:
    """Records, addresses and contact points in the order of their golden records, with the doubts about them."""
    tables = {name: tables.get(name, schema.empty_table()) for name, schema in words.STANDARD_TABLES.items()}
    people = members(tables["records"], clusters, trust, DEFAULT_TRUST, today)

    def doubts(name: str) -> Mapping[tuple[str, str], pa.Array]:
        return doubts_of(tables["flags"], tables[name], name, _SPREAD)

    return Spoken(
        of_records(people, doubts("records")),
        of_list(people, tables["addresses"], config.groups["address"].types, doubts("addresses"), today),
        of_list(people, tables["points"], {}, doubts("points"), today),
    )


def spelling(tables: Mapping[str, pa.Table], clusters: pa.Table, config: settings.Survivorship) -> Frequencies:
    """The frequencies that `survive` uses, to be kept and handed to it again."""
    spoken = listen({**tables, "points": words.POINTS.empty_table()}, clusters, {}, config, "9999-12-31")
    return elect.spelled({"records": spoken.records, "addresses": spoken.addresses}, config)
