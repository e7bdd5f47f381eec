"""A run of a fictional firm, invented from a seed: what pages are drawn from in tests, and looked at by people.

Nobody here exists: names are put together at random, mail goes to example domains, telephone numbers are not
telephone numbers. Two names hold HTML, as customers' names sometimes do.
"""

import itertools
import json
import random
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from connectors.store.runs import RunFolder
from rules import schema
from rules import vocabulary as words
from rules.matching.clusters.health_tables import HEALTH

STARTED = datetime(2026, 11, 22, 2, 30, tzinfo=UTC)
FIRM = schema.Firm(firm="Lighthouse Chandlery & Boat Yard")
SOURCES = {
    # source, its department, how many of a customer's records it gets
    "sales_workbook": ("sales", 9), "paper_forms": ("front desk", 7), "web_registrations": ("marketing", 6),
    "shop": ("shop", 6), "collections": ("collections", 4), "diary": ("front desk", 2), "invoices": ("accounts", 3),
}  # fmt: skip
DECLARED = {
    name: schema.Source(kind="csv", location="inbox/*.csv", department=department, duplicate_free=name == "collections")
    for name, (department, _) in SOURCES.items()
}
PEOPLE = {
    "GR": (("Ελένη", "Eleni"), ("Νίκος", "Nikos"), ("Κατερίνα", "Katerina"), ("Γιώργος", "Giorgos")),
    "RU": (("Людмила", "Liudmila"), ("Фёдор", "Fyodor"), ("Ксения", "Ksenia"), ("Тимур", "Timur")),
    "TR": (("Şule", "Sule"), ("Çağlar", "Caglar"), ("İpek", "Ipek"), ("Oğuz", "Oguz")),
    "IT": (("Nicolò", "Nicolo"), ("Zoé", "Zoe"), ("Ludovica", "Ludovica"), ("Niccolò", "Niccolo")),
    "ES": (("Begoña", "Begona"), ("Íñigo", "Inigo"), ("Nuria", "Nuria"), ("Álvaro", "Alvaro")),
    "ID": (("Wulandari", "Wulandari"), ("Bayu", "Bayu"), ("Kartika", "Kartika"), ("Eko", "Eko")),
    "GB": (("Maeve", "Maeve"), ("Tobias", "Tobias"), ("Imogen", "Imogen"), ("Rhys", "Rhys")),
}
SURNAMES = {
    "GR": (("Θαλασσινού", "Thalassinou"), ("Καραβίδης", "Karavidis"), ("Φαροπούλου", "Faropoulou")),
    "RU": (("Причалова", "Prichalova"), ("Маяков", "Mayakov"), ("Волнушкина", "Volnushkina")),
    "TR": (("Denizoğlu", "Denizoglu"), ("Yelkenci", "Yelkenci"), ("Çıpacı", "Cipaci")),
    "IT": (("Dell'Ormeggio", "Dell Ormeggio"), ("Scogliera", "Scogliera"), ("Brezzamare", "Brezzamare")),
    "ES": (("Marejada Ibáñez", "Marejada Ibanez"), ("Faro Quiñones", "Faro Quinones"), ("Veleta", "Veleta")),
    "ID": (("Samudrawan", "Samudrawan"), ("Ombakwati", "Ombakwati"), ("Layarputra", "Layarputra")),
    "GB": (("Quayside", "Quayside"), ("O'Harbour", "OHarbour"), ("Seaworthy", "Seaworthy")),
}
FIRMS = {
    "GR": ("Ναυτιλιακά Πέλαγος Ο.Ε.", "Nautiliaka Pelagos OE"), "RU": ("ООО «Тихая гавань»", "Tikhaya Gavan LLC"),
    "TR": ("Mercan Yatçılık Ltd. Şti.", "Mercan Yatcilik Ltd"), "IT": ("Cantiere Bonaccia S.r.l.", "CANTIERE BONACCIA"),
    "ES": ("Velas del Poniente, S.L.", "Velas del Poniente SL"), "ID": ("PT Jangkar Biru", "PT. JANGKAR BIRU"),
    "GB": ("Tidewrack & Sons <b>Ltd</b>", "Tidewrack and Sons Limited"),
}  # fmt: skip
CITIES = {
    "GR": "Σύρος", "RU": "Выборг", "TR": "Bodrum", "IT": "Camogli", "ES": "Cadaqués", "ID": "Makassar",
    "GB": "Falmouth",
}  # fmt: skip
TABLES = ("records", "points", "addresses", "flags", "quarantine", "crosswalk", "golden", "pairs")
OPERATORS = ("anna", "berk", "chiara", "dimitri")


class Invention:
    """Tables as a run's stages would have written them."""

    def __init__(self, customers: int, seed: int) -> None:
        self.random = random.Random(seed)
        self.tables: dict[str, list[dict[str, Any]]] = {name: [] for name in TABLES}
        self.count = dict.fromkeys(SOURCES, 0)
        for number in range(customers):
            self.customer(number)
        self.quarantine()

    def customer(self, number: int) -> None:
        """One customer, in one record or several, some of them badly written."""
        country = "GB" if number == 7 else self.random.choice(list(PEOPLE))
        firm = number % 7 == 0
        extent = {7: 14, 12: 9}.get(number) or self.random.choices((1, 2, 3, 4, 6), (44, 30, 15, 8, 3))[0]
        names = FIRMS[country] if firm else self._person(country)
        year, month, day = self.random.randint(1940, 2005), self.random.randint(1, 12), self.random.randint(1, 28)
        birth = None if firm else f"{year}-{month:02d}-{day:02d}"
        golden = f"G{number:012d}"
        keys = [self._record(country, firm, names, birth, golden, odd=number == 12 and i == 3) for i in range(extent)]
        for left, right in itertools.pairwise(keys):
            self._pair(left, right, "same" if number % 9 else "moved", 0.98)
        if number % 5 == 0 and number:
            self._pair(keys[0], self.tables["records"][0], "household" if number % 2 else "namesake", 0.2)
        sources = sorted({source for source, _ in keys})
        self.tables["golden"].append({
            "golden_id": golden, "party_type": "organisation" if firm else "person", "display_name": names[0],
            "birth_date": birth if extent > 1 or number % 2 else None, "city": CITIES[country], "country": country,
            "email": "x@example.com" if extent > 1 or number % 3 else None, "phone": "0" if number % 4 else None,
            "tax_id": "1" if firm and number % 3 else None,
            "household_id": f"H{number // 20}" if number % 20 < 3 else None,
            "records": extent, "sources": ";".join(sources),
        })  # fmt: skip

    def _person(self, country: str) -> tuple[str, str]:
        given, surname = self.random.choice(PEOPLE[country]), self.random.choice(SURNAMES[country])
        return f"{given[0]} {surname[0]}", f"{given[1]} {surname[1]}"

    def _record(
        self, country: str, firm: bool, names: tuple[str, str], birth: str | None, golden: str, odd: bool
    ) -> tuple[str, str]:
        source = self.random.choices(list(SOURCES), [share for _, share in SOURCES.values()])[0]
        self.count[source] += 1
        key = {"source": source, "record_id": f"{source[:1].upper()}-{self.count[source]:04d}"}
        name = self.random.choice((names[0], names[0], names[1], names[1].upper()))
        operator = self.random.choice(OPERATORS) if source == "paper_forms" else None
        missing = 0.5 if source == "diary" else 0.22
        self.tables["records"].append({
            **key, "party_type": "organisation" if firm else "person",
            "organisation_name" if firm else "full_name": name,
            "birth_date": "1980-01-01" if odd else birth if self.random.random() > missing else None,
            "tax_id": "EL1" if firm and self.random.random() > 0.4 else None,
            "tax_id_norm": "1" if firm and self.random.random() > 0.4 else None,
            "department": SOURCES[source][0], "operator": operator,
            "updated_at": f"{self.random.choice((2021, 2025, 2025, 2026))}-05-04" if source != "diary" else None,
            "file": f"{source}.csv", "line": self.count[source] + 1,
        })  # fmt: skip
        self._details(key, country, operator, missing)
        self.tables["crosswalk"].append({**key, "golden_id": golden, "state": "active"})
        return key["source"], key["record_id"]

    def _details(self, key: dict[str, str], country: str, operator: str | None, missing: float) -> None:
        if self.random.random() > missing:
            value = f"{key['record_id'].lower()}@example.com"
            self.tables["points"].append({**key, "position": 0, "kind": "email", "value": value, "canonical": value})
        if self.random.random() > missing:
            self.tables["points"].append({**key, "position": 1, "kind": "phone", "value": "000 000", "canonical": None})
        if self.random.random() > missing:
            self.tables["addresses"].append({**key, "position": 0, "city": CITIES[country], "country": country})
        if operator and self.random.random() < (0.42 if operator == "dimitri" else 0.03):
            flag = {"table": "points", "field": "phone", "flag": "suspect", "rule": "keyboard_run"}
            value = self.random.choice(("6900000000", "123456789", "no@mail.example"))
            self.tables["flags"].append({**key, **flag, "value": value, "message": "looks typed to get past the form"})
        if self.random.random() < 0.04:
            flag = {"table": "records", "field": "tax_id", "flag": "withheld", "rule": "tax_id_checksum"}
            self.tables["flags"].append({**key, **flag, "value": "12345", "message": "its check digit is wrong"})

    def _pair(self, left: Any, right: Any, relation: str, probability: float) -> None:
        if isinstance(right, dict):
            right = (right["source"], right["record_id"])
        self.tables["pairs"].append({
            "left_source": left[0], "left_id": left[1], "right_source": right[0], "right_id": right[1],
            "match_weight": 9.0, "match_probability": probability, "relation": relation,
        })  # fmt: skip

    def quarantine(self) -> None:
        """Rows that name nobody."""
        for i in range(23):
            source = "diary" if i < 15 else "paper_forms"
            key = {"source": source, "record_id": f"Q-{i:03d}"}
            place = {"file": f"{source}.csv", "line": 900 + i}
            reasons = ["no usable name, no usable id and no usable contact point"]
            reasons += [f"phone '{i}': no such telephone number"] if i % 4 == 0 else []
            self.tables["records"].append({**key, "department": SOURCES[source][0], "party_type": "person", **place})
            self.tables["quarantine"].append({**key, "reasons": reasons, "raw": json.dumps({"name": "?"}), **place})
            self.tables["crosswalk"].append({**key, "golden_id": None, "state": "quarantined"})


def sources(invented: Invention) -> list[dict[str, Any]]:
    """What became of each source: one failed, one was carried."""
    states = {"invoices": "unchanged", "shop": "carried"}
    rows = [
        {"source": name, "state": states.get(name, "landed"), "rows": invented.count[name], "rejected": 0, "facts": 0,
         "files": f"inbox/{name}.csv"}
        for name in SOURCES
    ]  # fmt: skip
    rows[0] |= {"rejected": 1, "unmapped": "Rep code;Fax 2"}
    rows[6]["facts"] = 312
    rows[3] |= {
        "reason": "the column 'E-mail' has vanished from inbox/shop.csv",
        "remedy": "It is probably 'Email address' now: say so in sources/shop.yml.",
        "landed_at": "2026-11-19T03:30:00+00:00",
    }  # fmt: skip
    gone = {"reason": "there is no file inbox/tickets*.csv", "remedy": "Put the export there, or correct `location`."}
    return [*rows, {"source": "tickets", "state": "failed", "rows": 0, "rejected": 0, "facts": 0, **gone}]


def results(invented: Invention) -> list[dict[str, Any]]:
    """Expectations: a few that fail, one that could not run."""
    rules = (
        ("identifiable", "name", "critical", "completeness", 0),
        ("tax_id_checksum", "tax_id", "warning", "validity", 0.07),
        ("email_format", "email", "warning", "validity", 0.02),
        ("phone_valid", "phone", "warning", "validity", 0.05),
        ("birth_date_plausible", "birth_date", "warning", "validity", 0),
        ("postcode_format", "postcode", "warning", "validity", 0.01),
        ("postcode_without_city", "city", "info", "consistency", 0.03),
        ("updated_at_not_in_future", "updated_at", "info", "timeliness", 0),
        ("shared_by_many", "phone", "info", "uniqueness", 0),
    )  # fmt: skip
    found = []
    for place, (source, count) in enumerate(invented.count.items()):
        for rule, field, severity, dimension, failing in rules:
            failed = round(count * failing * (1 + place % 4 * 1.6))
            message = f"{failed} values do not hold" if failed else ""
            found.append({
                "source": source, "table": "records", "suite": "records", "rule": rule, "field": field,
                "severity": severity, "dimension": dimension, "checked": count, "failed": failed,
                "errored": False, "message": message,
            })  # fmt: skip
    broken = {"source": "shop", "rule": "loyalty_card_format", "field": "text.card", "severity": "info"}
    why = "no column text.card in this table"
    return [*found, {**broken, "dimension": "validity", "errored": True, "checked": 0, "failed": 0, "message": why}]


def events(invented: Invention) -> list[dict[str, Any]]:
    """Changes since the run before."""
    kinds = (("created", 41), ("merged", 6), ("split", 1), ("retired", 3), ("returned", 2))
    ids = [row["golden_id"] for row in invented.tables["golden"]]
    return [{"event": kind, "golden_id": ids[i], "cause": "evidence"} for kind, count in kinds for i in range(count)]


def candidates(invented: Invention) -> list[dict[str, Any]]:
    """Pairs that a person should settle."""
    keys = [f"{r['source']}:{r['record_id']}" for r in invented.tables["records"]]
    return [
        {"kind": "pair", "left": keys[i], "right": keys[i + 40], "relation": "same", "worth": 90.0 - i}
        for i in range(37)
    ]


DOUBTED = "G000000000012"


def labels(invented: Invention) -> list[dict[str, Any]]:
    """The records of one customer, that matching held to be one cluster."""
    rows = invented.tables["crosswalk"]
    return [
        {"source": r["source"], "record_id": r["record_id"], "cluster_id": 5} for r in rows if r["golden_id"] == DOUBTED
    ]


def health(invented: Invention) -> list[dict[str, Any]]:
    """That cluster: two of its pairs speak against it."""
    first, *_, last = labels(invented)
    return [{
        "cluster_id": 5, "contrary": 2, "health": 0.3, "cut_left_source": first["source"],
        "cut_left_id": first["record_id"], "cut_right_source": last["source"], "cut_right_id": last["record_id"],
    }]  # fmt: skip


def run_folder(runs: Path, run_id: str = "20261122T023000Z-5eam", customers: int = 420, seed: int = 7) -> RunFolder:
    """The run folder of the fictional firm, whole up to `survive`."""
    invented = Invention(customers, seed)
    made = invented.tables
    unread = {
        "source": "sales_workbook",
        "file": "sales_workbook.csv",
        "content": "Total;;412",
        "reason": "a row of totals",
        "remedy": "nothing to do",
        "data": False,
    }
    too_long = {"content": "7;Ada;02;x", "reason": "4 cells where the header has 3", "remedy": "quote it", "data": True}
    unreadable = [{**unread, "line": line} for line in (90, 201)] + [{**unread, **too_long, "line": 17}]
    parts = (
        ("land", "sources", words.SOURCES, sources(invented)),
        ("land", "rejects", words.REJECTS, unreadable),
        ("standardise", "records", words.RECORDS, made["records"]),
        ("standardise", "points", words.POINTS, made["points"]),
        ("standardise", "addresses", words.ADDRESSES, made["addresses"]),
        ("validate", "flags", words.FLAGS, made["flags"]),
        ("validate", "results", words.RESULTS, results(invented)),
        ("validate", "quarantine", words.QUARANTINE, made["quarantine"]),
        ("match", "pairs", words.PAIRS, made["pairs"]),
        ("match", "labels", words.CLUSTERS, labels(invented)),
        ("match", "health", HEALTH, health(invented)),
        ("identify", "crosswalk", words.CROSSWALK, made["crosswalk"]),
        ("identify", "events", words.EVENTS, events(invented)),
        ("identify", "candidates", words.CANDIDATES, candidates(invented)),
        ("survive", "golden", words.GOLDEN, made["golden"]),
    )
    folder = RunFolder.open(runs, run_id)
    for stage, table, table_schema, rows in parts:
        folder.write(stage, table, pa.Table.from_pylist(rows, schema=nullable(table_schema)))
    folder.save()
    return folder


def nullable(table_schema: pa.Schema) -> pa.Schema:
    """The schema with every column nullable: stages mend, inventions need not."""
    return pa.schema([field.with_nullable(True) for field in table_schema])
