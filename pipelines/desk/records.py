"""Source records as people read them, out of the tables of the published run."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from connectors.store.state import Store
from pipelines.desk.look import Look
from reports.desk.services import ORDER, Fact, Key, Record
from reports.format import words
from rules.record_key import key_of, split_key
from rules.vocabulary import STANDARD_TABLES

COLUMNS: Final = {"name": "full_name", "organisation": "organisation_name"}
"""The column of a field that is shown under another name."""
NAMES: Final = "source, record_id, full_name, given_name, middle_name, surname, organisation_name"
NAME: Final = ("given_name", "middle_name", "surname")
"""Parts of a name that stands in no column whole."""
ADDRESS: Final = ("street", "house_number", "unit", "postcode", "city", "region", "country")
OF_FLAGS: Final = {
    **dict.fromkeys(("full_name", *NAME), "name"), "organisation_name": "organisation", "value": "contact",
    **dict.fromkeys(ADDRESS, "address"),
}  # fmt: skip
"""Fields of flags that are shown under another name."""
TECHNICAL: Final = ("_record_id", "_file", "_sheet", "_line", "_hash", "_source")


def records(look: Look | None, store: Store, keys: Sequence[Key]) -> dict[Key, Record]:
    """Records by key; of those that the run does not know, only where they stand in the crosswalk."""
    keys = list(dict.fromkeys(keys))
    homes, facts = store.homes_of(keys), _facts(store, keys)
    of = {name: _by_key(look.tables.rows(name, keys).to_pylist()) for name in STANDARD_TABLES} if look and keys else {}
    raw = {f"{row['_source']}:{row['_record_id']}": row for row in look.tables.raw(keys)} if look and keys else {}
    declared = {name: (s.department, s.country) for name, s in look.run.workspace.sources.items()} if look else {}
    return {
        key: _record(key, homes.get(key), of, raw.get(key, {}), facts.get(key, ()), declared.get(split_key(key)[0]))
        for key in keys
    }


def names(look: Look | None, keys: Sequence[Key]) -> dict[Key, str]:
    """What records are called; those that the run does not know by their keys."""
    found = {key: key for key in keys}
    for row in look.tables.rows("records", list(found), NAMES).to_pylist() if look and found else ():
        name = row["full_name"] or _whole(row) or row["organisation_name"]
        found[key_of(row)] = name or key_of(row)
    return found


def _by_key(rows: Iterable[dict[str, Any]]) -> dict[Key, list[dict[str, Any]]]:
    found: dict[Key, list[dict[str, Any]]] = {}
    for row in rows:
        found.setdefault(key_of(row), []).append(row)
    return found


def _record(
    key: Key, home: dict[str, Any] | None, of: dict[str, dict[Key, list[dict[str, Any]]]], raw: dict[str, Any],
    facts: Sequence[Fact], declared: tuple[str | None, str | None] | None,
) -> Record:  # fmt: skip
    """declared: department and country of its source, for a record that says none (as in pipelines/facets.py)."""
    source, record_id = split_key(key)
    said = (of.get("records", {}).get(key) or [{}])[0]
    addresses = sorted(of.get("addresses", {}).get(key, []), key=lambda a: a["position"])
    fields = _fields(said, of.get("points", {}).get(key, []), addresses)
    department, country = declared or (None, None)
    return Record(
        key=key, source=source, record_id=record_id,
        golden_id=home["golden_id"] if home else None, state=home["state"] if home else "gone",
        fields=fields, doubts=_doubts(of.get("flags", {}).get(key, []), of.get("points", {}).get(key, [])),
        **{name: said.get(name) for name in ("operator", "party_type", "updated_at")},
        department=said.get("department") or (department if said else None),
        country=next((a["country"] for a in addresses if a["country"]), country if said else None),
        raw={name: str(value) for name, value in raw.items() if name not in TECHNICAL and value not in (None, "")},
        place=_place(raw), facts=tuple(facts),
        tax=(said["tax_id_scheme"], said["tax_id_norm"]) if said.get("tax_id_norm") and said["tax_id_scheme"] else None,
    )  # fmt: skip


def _fields(
    said: dict[str, Any], points: list[dict[str, Any]], addresses: list[dict[str, Any]]
) -> dict[str, tuple[str, ...]]:
    lists = {
        kind: tuple(p["value"] for p in sorted(points, key=lambda p: p["position"]) if p["kind"] == kind and p["value"])
        for kind in ("email", "phone")
    }
    lists["address"] = tuple(filter(None, map(address, addresses)))
    found = {}
    for name in ORDER:
        value = said.get(COLUMNS.get(name, name))
        if name == "name" and not value:
            value = _whole(said)
        if values := lists.get(name) or ((value,) if value else ()):
            found[name] = tuple(map(str, values))
    return found


def _whole(said: dict[str, Any]) -> str:
    """A name that stands in parts."""
    return " ".join(said[part] for part in NAME if said.get(part))


def address(parts: dict[str, Any]) -> str:
    """An address in one line; as it was written where its parts could not be told apart."""
    street = " ".join(filter(None, (parts.get("street"), parts.get("house_number"), parts.get("unit"))))
    city = " ".join(filter(None, (parts.get("postcode"), parts.get("city"))))
    line = ", ".join(filter(None, (street, city, parts.get("region"), parts.get("country"))))
    return line if street or city else str(parts.get("full") or line)


def _doubts(flags: list[dict[str, Any]], points: list[dict[str, Any]]) -> dict[str, tuple[str, ...]]:
    """What is doubtful, by field as it is shown: `suspect: …`."""
    kind = {p["position"]: p["kind"] for p in points}
    found: dict[str, list[str]] = {}
    for flag in flags:
        name = OF_FLAGS.get(flag["field"], flag["field"])
        if flag["table"] == "points":
            name = kind.get(flag["position"], name)
        elif flag["table"] == "addresses":
            name = "address"
        said = f"{flag['flag']}: {flag['message'] or words(flag['rule'])}"
        if said not in found.setdefault(name, []):
            found[name].append(said)
    return {name: tuple(said) for name, said in found.items()}


def _place(raw: dict[str, Any]) -> str:
    sheet = f"sheet {raw['_sheet']}" if raw.get("_sheet") else ""
    line = f"line {raw['_line']}" if raw.get("_line") is not None else ""
    return ", ".join(filter(None, (raw.get("_file"), sheet, line)))


def _facts(store: Store, keys: Sequence[Key]) -> dict[Key, list[Fact]]:
    found: dict[Key, list[Fact]] = {}
    for row in store.facts_of(keys) if keys else ():
        key = key_of(row, "customer")
        fact = Fact(
            row["kind"] or "fact", row["number"] or "", row["date"] or "", _amount(row["amount"]),
            row["currency"] or "", key_of(row),
        )  # fmt: skip
        found.setdefault(key, []).append(fact)
    return found


def _amount(text: str | None) -> float | None:
    try:
        return float(text) if text else None
    except ValueError:
        return None
