"""Whole columns of text, names, addresses and phones at once, for `tests.bench.generate`."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import phonenumbers
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.demo import material

COUNTRIES = ("GR", "RU", "TR", "IT", "ES", "GB")
STREETS = 2_000  # of a country
ZIPF = 0.85
Rng = np.random.Generator
Ints = npt.NDArray[np.int64]


def take(values: pa.Array, which: Ints) -> pa.Array:
    return values.take(pa.array(which))


def join(*parts: pa.Array | pa.Scalar, by: str = "") -> pa.Array:
    return pc.binary_join_element_wise(*parts, by)


def text(number: Ints, width: int, before: str = "") -> pa.Array:
    padded = pc.utf8_lpad(pa.array(number).cast(pa.string()), width, "0")
    return join(pa.scalar(before), padded) if before else padded


@dataclass(frozen=True)
class Names:
    """Names of one kind, all countries one after another, in home letters and in Latin ones."""

    native: pa.Array
    latin: pa.Array
    start: Ints  # by country: where its names begin
    size: int  # names of a country

    def draw(self, country: Ints, rng: Rng) -> Ints:
        """A name's number for each person, by Zipf's law within the person's country."""
        weight = 1 / (np.arange(self.size) + 3.0) ** ZIPF
        rank = np.searchsorted(np.cumsum(weight) / weight.sum(), rng.random(len(country)))
        found: Ints = self.start[country] + np.minimum(rank, self.size - 1)
        return found


@dataclass(frozen=True)
class Addresses:
    """Places to live, by number; in which country a number lies is said when it is asked for."""

    street: Ints
    house: Ints
    code: Ints
    city: Ints
    landline: Ints
    streets: pa.Array
    """STREETS names a country, one country after another."""

    @classmethod
    def draw(cls, count: int, surnames: Names, rng: Rng) -> "Addresses":
        weight = 1 / (np.arange(STREETS) + 8.0) ** 0.7
        street = np.searchsorted(np.cumsum(weight) / weight.sum(), rng.random(count)).clip(0, STREETS - 1)
        numbers = [rng.integers(0, limit, count) for limit in (10_000, 10_000, 60, 10**6)]
        house, code, city, landline = numbers
        return cls(street, 1 + house % 140, code, city, landline, _streets(surnames))

    def of(self, number: Ints, country: Ints) -> dict[str, pa.Array]:
        """The columns of the addresses with these numbers."""
        cities = [(n, c) for n, code in enumerate(COUNTRIES) for c in material.country(code)["cities"]]
        first = np.array([next(i for i, (m, _) in enumerate(cities) if m == n) for n in range(len(COUNTRIES))])
        count = np.array([sum(m == n for m, _ in cities) for n in range(len(COUNTRIES))])
        city = first[country] + self.city[number] % count[country]
        street = take(self.streets, country * STREETS + self.street[number])
        house = text(self.house[number], 1)
        british = pa.array(country == COUNTRIES.index("GB"))
        landlines = [(_code(COUNTRIES[n]), c["phone"].replace(" ", "")) for n, c in cities]
        return {
            "street": pc.if_else(british, join(house, street, by=" "), join(street, house, by=" ")),
            "postcode": _digits([c["postcode"].replace("@@", "AB") for _, c in cities], city, self.code[number]),
            "city": take(pa.array([c["name"] for _, c in cities]), city),
            "phone": phones(landlines, city, self.landline[number]),
        }


def _streets(surnames: Names) -> pa.Array:
    """The streets of every country: the known ones, and as many named after people as are needed."""
    found: list[str] = []
    for n, country in enumerate(COUNTRIES):
        known = material.country(country)["streets"]
        kind, place = ("{} Street", 0) if country == "GB" else ("{} Caddesi", 0) if country == "TR" else (known[0], 1)
        word = kind.split(" ")[0] + " {}" if place else kind
        names = surnames.native.slice(surnames.start[n], surnames.size).to_pylist()
        made = [word.format(name) for name in names] * (STREETS // len(names) + 1)
        found += [*known, *made][:STREETS]
    return pa.array(found)


def mobiles() -> list[tuple[str, str]]:
    return [(_code(c), material.country(c)["mobiles"][0]) for c in COUNTRIES]


def _code(country: str) -> str:
    return f"+{phonenumbers.country_code_for_region(country)}"


def phones(patterns: list[tuple[str, str]], which: Ints, number: Ints) -> pa.Array:
    """E.164: country code and pattern, its `#` filled from a number."""
    return join(take(pa.array([c for c, _ in patterns]), which), _digits([p for _, p in patterns], which, number))


def _digits(patterns: list[str], which: Ints, number: Ints) -> pa.Array:
    """Each row's pattern with its first run of `#` filled with the last digits of a number."""
    before, width, after = zip(
        *((p[: p.index("#")], p.count("#"), p[p.rindex("#") + 1 :]) for p in patterns), strict=True
    )
    scale = 10 ** np.array(width)[which]
    filled = pc.utf8_slice_codeunits(text(scale + number % scale, 1), 1)
    return join(take(pa.array(before), which), filled, take(pa.array(after), which))
