"""A big invented clientele for `make bench`: four sources of persons, 70 in 100 records distinct, with the truth.

All columns are made at once with numpy and Arrow (a million records in well under a minute on one core).
Names follow Zipf's law over common names and a long tail of composed ones; people live in households with one
surname, address and landline, some moved, and what desks write has gaps, typing errors and other letters.
"""

import argparse
import sqlite3
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
import yaml

from pipelines.demo import material, scripts
from tests.bench.columns import COUNTRIES, Addresses, Ints, Names, Rng, join, mobiles, phones, take, text

DISTINCT = 0.7  # persons a record
HOUSEHOLDS = ([1, 2, 3, 4], [0.62, 0.2, 0.1, 0.08])  # sizes and their shares
OWN_SURNAME = 0.12  # of people in households
MOVED = 0.12  # of persons: half of their records bear the former address
TYPOS = 0.05  # of names in records
MISSING = {"birth_date": 0.2, "email": 0.3, "mobile": 0.25, "phone": 0.4, "street": 0.18}
GIVEN_TAIL, SURNAME_TAIL = 3_000, 60_000  # names of a country, at most
SHARES = {"branches": 0.35, "website": 0.3, "billing": 0.2, "callcentre": 0.15}
HOSTS = ("post.example", "mail.example", "inbox.example", "seamail.example")
COLUMNS = ("given_name", "surname", "birth_date", "email", "mobile", "phone", "street", "postcode", "city", "country")
TARGETS = {
    "given_name": "given_name", "surname": "surname", "birth_date": "birth_date", "email": "email",
    "mobile": "phone.mobile", "phone": "phone.landline", "street": "address.street", "postcode": "address.postcode",
    "city": "address.city", "country": "address.country", "updated": "updated_at",
}  # fmt: skip
SOURCES = {
    "branches": {"kind": "csv", "location": "inbox/branches.csv", "encoding": "utf-8", "delimiter": ",", "trust": 0.6},
    "website": {"kind": "csv", "location": "inbox/website.csv", "encoding": "utf-8", "delimiter": ";", "trust": 0.5},
    "billing": {"kind": "parquet", "location": "inbox/billing.parquet", "trust": 0.8},
    "callcentre": {"kind": "sql", "location": "sqlite:///inbox/callcentre.db", "table": "customers", "trust": 0.4},
}


def generate(out: Path, rows: int, seed: int) -> None:
    """Write a workspace of four sources with so many rows together, and `truth.csv` (source, record_id, entity_id)."""
    rng = np.random.default_rng(seed)
    people = round(rows * DISTINCT)
    who = np.concatenate([np.arange(people), rng.integers(0, people, rows - people)])
    rng.shuffle(who)
    source = rng.choice(len(SHARES), rows, p=list(SHARES.values()))
    records = _records(_persons(people, rng), who, source, rng)
    (out / "inbox").mkdir(parents=True, exist_ok=True)
    (out / "sources").mkdir(exist_ok=True)
    truth = []
    for number, name in enumerate(SOURCES):
        mine = np.flatnonzero(source == number)
        ids = text(np.arange(len(mine)) + 1, 7, name[0].upper())
        _write(out, name, records.take(pa.array(mine)).add_column(0, "id", ids))
        truth.append(pa.table({"source": pa.repeat(name, len(mine)), "record_id": ids, "entity_id": who[mine]}))
    pacsv.write_csv(pa.concat_tables(truth), out / "truth.csv")
    _settings(out)


def _persons(people: int, rng: Rng) -> dict[str, pa.Array]:
    """One row a true person; the columns that start with `old_` hold the former address where there is one."""
    sizes = rng.choice(HOUSEHOLDS[0], people, p=HOUSEHOLDS[1])
    home = np.repeat(np.arange(people), sizes)[:people]
    head = np.flatnonzero(np.r_[True, home[1:] != home[:-1]])[home]
    country = rng.integers(0, len(COUNTRIES), people)[home]
    tail = people // 10 + 200
    given, surname = _names("given", min(tail, GIVEN_TAIL), rng), _names("surname", min(tail, SURNAME_TAIL), rng)
    family = surname.draw(country, rng)
    family = np.where(rng.random(people) < OWN_SURNAME, family, family[head])
    first = given.draw(country, rng)
    former = np.where(rng.random(people) < MOVED, rng.integers(people, 2 * people, people), home)
    addresses = Addresses.draw(2 * people, surname, rng)
    latin = {"given_latin": take(given.latin, first), "surname_latin": take(surname.latin, family)}
    return {
        "given_name": take(given.native, first), "surname": take(surname.native, family), **latin,
        "birth_date": pa.array(rng.integers(-11_000, 13_500, people).astype("datetime64[D]")),  # 1939 to 2006
        "email": _emails(latin["given_latin"], latin["surname_latin"], rng),
        "mobile": phones(mobiles(), country, rng.integers(0, 10**9, people)),
        **addresses.of(home, country), **{f"old_{k}": v for k, v in addresses.of(former, country).items()},
        "country": take(pa.array(COUNTRIES), country),
    }  # fmt: skip


def _names(kind: str, size: int, rng: Rng) -> Names:
    """Common names of each country first, then composed ones, as many for each."""
    native: list[str] = []
    for country in COUNTRIES:
        known = material.country(country)
        common = [*known["male"], *known["female"]] if kind == "given" else list(known["surnames"])
        native += common + _composed(common, size - len(common), rng)
    distinct = pa.array(native).dictionary_encode()
    folded = pa.array([scripts.plain(scripts.latin.__wrapped__(n)) for n in distinct.dictionary.to_pylist()])
    return Names(pa.array(native), folded.take(distinct.indices), np.arange(len(COUNTRIES)) * size, size)


def _composed(common: list[str], count: int, rng: Rng) -> list[str]:
    """New names with the sound of the old: the beginning of one, the middle of another, the end of a third."""
    long = [n for n in common if len(n) > 4]
    heads, tails = sorted({n[: 2 + len(n) % 3] for n in long}), sorted({n[-3 - len(n) % 2 :] for n in long})
    middles = ["", *sorted({n[at : at + 2].lower() for n in long for at in (1, 2, 3)})]
    parts = [rng.integers(0, len(part), 3 * count) for part in (heads, middles, tails)]
    made = list(dict.fromkeys(heads[h] + middles[m] + tails[t] for h, m, t in zip(*parts, strict=True)))
    return (made * (count // len(made) + 1))[:count]


def _emails(given: pa.Array, surname: pa.Array, rng: Rng) -> pa.Array:
    """Given name, surname and a number, at a host that is nobody's."""
    folded = [pc.replace_substring_regex(pc.utf8_lower(part), "[^a-z]", "") for part in (given, surname)]
    number = text(rng.integers(0, 5_000, len(given)), 1)
    host = take(pa.array(HOSTS), rng.integers(0, len(HOSTS), len(given)))
    return join(join(*folded, by="."), number, pa.scalar("@"), host)


def _records(persons: dict[str, pa.Array], who: Ints, source: Ints, rng: Rng) -> pa.Table:
    """What the desks wrote down: gaps, former addresses, typing errors, Latin letters, each desk's formats."""
    rows = len(who)
    latin = pa.array(np.isin(source, [1, 3]))  # the website and the call centre write Latin letters
    stale = pa.array(rng.random(rows) < 0.5)
    made: dict[str, pa.Array] = {}
    for column in ("street", "postcode", "city", "phone"):
        made[column] = pc.if_else(stale, take(persons[f"old_{column}"], who), take(persons[column], who))
    for column, other in (("given_name", "given_latin"), ("surname", "surname_latin")):
        name = pc.if_else(latin, take(persons[other], who), take(persons[column], who))
        made[column] = _mistyped(name, rng)
    made["birth_date"] = _dates(take(persons["birth_date"], who), source)
    for column in ("email", "mobile", "country"):
        made[column] = take(persons[column], who)
    abroad = pc.replace_substring(made["mobile"], "+", "00", max_replacements=1)
    made["mobile"] = pc.if_else(pa.array(source == 3), abroad, made["mobile"])
    gaps = {c: rng.random(rows) < share for c, share in MISSING.items()}
    gaps["mobile"] &= ~(gaps["email"] & gaps["birth_date"])  # nobody is left without a value of its own
    gaps["postcode"] = gaps["city"] = gaps["street"]
    for column, gap in gaps.items():
        made[column] = pc.if_else(pa.array(gap), pa.scalar(None, pa.string()), made[column])
    seen = pa.array((np.datetime64("2026-11-20") - rng.integers(1, 2_500, rows)).astype("datetime64[D]"))
    return pa.table({c: made[c] for c in COLUMNS} | {"updated": seen.cast(pa.string())})


def _mistyped(name: pa.Array, rng: Rng) -> pa.Array:
    """A few names with a letter lost, doubled, or changed with the next one."""
    kind, at = rng.integers(0, 3, len(name)), rng.integers(1, 4, len(name))
    hit = rng.random(len(name)) < TYPOS
    for place in range(1, 4):
        spans = ((0, place), (place, place + 1), (place + 1, place + 2), (place + 2, 99))
        before, one, other, after = (pc.utf8_slice_codeunits(name, *span) for span in spans)
        for k, parts in enumerate(
            ((before, other, after), (before, one, one, other, after), (before, other, one, after))
        ):
            name = pc.if_else(pa.array(hit & (kind == k) & (at == place)), join(*parts), name)
    return name


def _dates(born: pa.Array, source: Ints) -> pa.Array:
    """ISO at two desks, day first with slashes or dots at the others."""
    iso = born.cast(pa.string())
    year, month, day = (pc.utf8_slice_codeunits(iso, *span) for span in ((0, 4), (5, 7), (8, 10)))
    slashes, dots = join(day, month, year, by="/"), join(day, month, year, by=".")
    return pc.if_else(pa.array(source == 0), slashes, pc.if_else(pa.array(source == 3), dots, iso))


def _write(out: Path, name: str, table: pa.Table) -> None:
    path = out / str(SOURCES[name]["location"]).removeprefix("sqlite:///")
    if path.suffix == ".csv":
        pacsv.write_csv(table, path, pacsv.WriteOptions(delimiter=str(SOURCES[name]["delimiter"])))
    elif path.suffix == ".parquet":
        upper = table.set_column(table.column_names.index("surname"), "surname", pc.utf8_upper(table["surname"]))
        pq.write_table(upper, path)
    else:
        path.unlink(missing_ok=True)
        with sqlite3.connect(path) as base:
            base.execute(f"CREATE TABLE customers ({', '.join(f'{c} TEXT' for c in table.column_names)})")
            marks = ",".join("?" * table.num_columns)
            cells = (table[c].to_pylist() for c in table.column_names)
            base.executemany(f"INSERT INTO customers VALUES ({marks})", zip(*cells, strict=True))
        base.close()


def _settings(out: Path) -> None:
    (out / "goldseam.yml").write_text("firm: Bench\ncountry: GR\nkeep_runs: 2\n", "utf-8")
    for name, source in SOURCES.items():
        settings = {**source, "id": ["id"], "updated_at": "updated", "columns": TARGETS}
        (out / "sources" / f"{name}.yml").write_text(yaml.safe_dump(settings, sort_keys=False), "utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    generate(options.out, options.rows, options.seed)
