"""A seeded set of invented persons with households: spouses, parents, twins and juniors at one address.

Duplicates carry short names, initials, typing errors, swapped and married names, moves, changed e-mails, swapped days
and months, placeholder dates and gaps. `people(n, seed)` gives a features table and the true person of each record.
"""

import numpy as np
import pyarrow as pa

from rules.vocabulary import FEATURES

SHORT = {
    "robert": "bob", "william": "bill", "richard": "dick", "james": "jim", "elizabeth": "liz", "margaret": "maggie",
    "katherine": "kate", "michael": "mike", "thomas": "tom", "patricia": "pat", "nikolaos": "nikos",
    "georgios": "giorgos", "dimitrios": "dimitris", "konstantinos": "kostas", "giuseppe": "pino",
    "alexander": "sasha", "daniel": "dan", "andrew": "andy", "rebecca": "becky", "susan": "sue",
}  # fmt: skip
SYLLABLES = [c + v for c in "bdfgklmnprstvz" for v in "aeio"]
ENDS = ["n", "s", "son", "ton", "ez", "ou", "os", "ini", "ova", "man", "berg", "ley"]


def _words(rng: np.random.Generator, count: int, ends: list[str]) -> list[str]:
    """Distinct made-up words."""
    out: dict[str, None] = {}
    while len(out) < count:
        parts = rng.choice(SYLLABLES, rng.integers(2, 4))
        out["".join(parts) + str(rng.choice(ends))] = None
    return list(out)


def _zipf(rng: np.random.Generator, values: list[str], n: int, power: float = 0.8) -> list[str]:
    weight = 1 / np.arange(1, len(values) + 1) ** power
    return [values[i] for i in rng.choice(len(values), n, p=weight / weight.sum())]


def _date(rng: np.random.Generator, year: int) -> str:
    return f"{year}-{rng.integers(1, 13):02d}-{rng.integers(1, 29):02d}"


class World:
    """Where persons come from: names and streets with realistic frequencies."""

    def __init__(self, n: int, seed: int) -> None:
        self.rng = np.random.default_rng(seed)
        self.given = list(SHORT) + _words(self.rng, 400 + n // 200, ["a", "o", "n", "s", "is"])
        self.surnames = _words(self.rng, 1000 + n // 15, ENDS)
        self.streets = _words(self.rng, 400 + n // 100, [" road", " street", " lane", " avenue"])
        self.cities = [(c, 100 + i * 13) for i, c in enumerate(_words(self.rng, 60, ["ville", "ton", "stad"]))]
        self.serial = 0

    def person(self, given: str, surname: str, year: int, home: dict[str, str]) -> dict[str, str]:
        self.serial += 1
        host = ("mail.com", "post.net", "webbox.org")[int(self.rng.integers(3))]
        address = (f"{given[0]}.{surname}", f"{given}{year % 100}", f"{given}.{surname}")
        out = {"given_name": given, "surname": surname, "birth_date": _date(self.rng, year), **home}
        out["emails"] = f"{address[int(self.rng.integers(3))]}{self.rng.integers(1, 3000)}@{host}"
        return out

    def home(self) -> dict[str, str]:
        city, area = self.cities[int(self.rng.integers(len(self.cities)))]
        street = _zipf(self.rng, self.streets, 1, 0.5)[0]
        number = int(self.rng.integers(1, 150))
        phone = f"+44{self.rng.integers(2_000_000_000, 2_999_999_999)}"
        code = f"{area}{(sum(map(ord, street)) + number // 50) % 60:02d}"
        return {"street": street, "house_number": str(number), "city": city, "postcode": code, "phones": phone}


def _household(w: World) -> list[dict[str, str]]:
    """One person in most cases; else a couple, a family, twins, or a father and his namesake."""
    rng, home = w.rng, w.home()
    surname, year = _zipf(rng, w.surnames, 1)[0], int(rng.integers(1935, 2000))
    names = _zipf(rng, w.given, 4, 0.7)
    first = w.person(names[0], surname, year, home)
    if rng.random() > 0.2:
        return [first]
    kind, out = rng.random(), [first]
    if kind < 0.45:
        out.append(w.person(names[1], surname, year + int(rng.integers(-6, 7)), home))
    elif kind < 0.7:
        out.append(w.person(names[1], surname, year + int(rng.integers(-6, 7)), home))
        out.append(w.person(names[2], surname, year + 28, home))
    elif kind < 0.85:
        twin = w.person(names[1], surname, year, home)
        out.append({**twin, "birth_date": first["birth_date"]})
    else:
        out.append(w.person(names[0], surname, year + 27, home))
    if rng.random() < 0.3:
        for p in out[1:]:
            p["emails"] = first["emails"] if rng.random() < 0.3 else p["emails"]
    return out


def _typo(rng: np.random.Generator, text: str) -> str:
    if len(text) < 3:
        return text
    i, kind = int(rng.integers(1, len(text) - 1)), rng.random()
    letter = chr(int(rng.integers(97, 123))) if text[i].isalpha() else str(rng.integers(10))
    if kind < 0.3:
        return text[:i] + text[i + 1 :]
    if kind < 0.6:
        return text[:i] + text[i + 1] + text[i] + text[i + 2 :]
    return text[:i] + letter + text[i + (kind < 0.85) :]


def _duplicate(w: World, person: dict[str, str]) -> dict[str, str]:
    rng, out = w.rng, dict(person)
    r = rng.random(9)
    if r[0] < 0.12:
        out["given_name"] = SHORT.get(out["given_name"], out["given_name"][0] if r[1] < 0.3 else out["given_name"])
    elif r[0] < 0.15:
        out["given_name"], out["surname"] = out["surname"], out["given_name"]
    if r[2] < 0.04:
        out["surname"] = _zipf(rng, w.surnames, 1)[0]
    if r[3] < 0.15:
        out |= {k: v for k, v in w.home().items() if k != "phones" or rng.random() < 0.5}
    if r[4] < 0.2:
        out["emails"] = w.person(out["given_name"], out["surname"], 1980, {})["emails"]
    if r[5] < 0.04:
        y, m, d = out["birth_date"].split("-")
        out["birth_date"] = f"{y}-{d}-{m}" if int(d) < 13 else out["birth_date"]
    for column, rate in (
        ("given_name", 0.08),
        ("surname", 0.08),
        ("birth_date", 0.05),
        ("street", 0.08),
        ("postcode", 0.04),
        ("emails", 0.05),
        ("phones", 0.05),
    ):
        if rng.random() < rate:
            out[column] = _typo(rng, out[column])
    return out


GAPS = {
    "given_name": 0.02,
    "surname": 0.02,
    "birth_date": 0.12,
    "street": 0.1,
    "city": 0.05,
    "postcode": 0.08,
    "emails": 0.27,
    "phones": 0.2,
}


def _blank(w: World, record: dict[str, str]) -> dict[str, str]:
    out = {k: v for k, v in record.items() if w.rng.random() >= GAPS.get(k, 0)}
    if w.rng.random() < 0.004:
        out["birth_date"] = "1900-01-01"
    return out


def people(n: int, seed: int = 1) -> tuple[pa.Table, list[int]]:
    """About n records (FEATURES) in random order, and the number of the true person of each."""
    w = World(n, seed)
    rows: list[dict[str, str]] = []
    truth: list[int] = []
    entity = 0
    while len(rows) < n:
        for person in _household(w):
            copies = int(w.rng.choice([0, 1, 2, 3, 4], p=[0.68, 0.24, 0.06, 0.015, 0.005]))
            made = [person, *(_duplicate(w, person) for _ in range(copies))]
            rows += [_blank(w, r) for r in made]
            truth += [entity] * len(made)
            entity += 1
    order = w.rng.permutation(len(rows))
    return features([rows[i] for i in order]), [truth[i] for i in order]


def features(rows: list[dict[str, str]], source: str = "s", party: str = "person") -> pa.Table:
    """Rows of text as a features table; record ids count from 0; a `source` or `record_id` in a row wins."""
    columns = {}
    for f in FEATURES:
        values: list[object] = [r.get(f.name) for r in rows]
        if pa.types.is_list(f.type):
            values = [v.split(",") if isinstance(v, str) else [] for v in values]
        columns[f.name] = pa.array(values, f.type)
    columns["record_id"] = pa.array([str(r.get("record_id", i)) for i, r in enumerate(rows)])
    columns["source"] = pa.array([r.get("source", source) for r in rows])
    columns["party_type"] = pa.array([r.get("party_type", party) for r in rows])
    named = [" ".join(filter(None, (r.get("given_name"), r.get("surname")))) or None for r in rows]
    columns["name"] = pa.array([r.get("name") or x for r, x in zip(rows, named, strict=True)], pa.string())
    return pa.table(columns, schema=FEATURES)
