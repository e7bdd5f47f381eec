"""Writing an address: kinds of street in full or short, home letters or Latin ones, cities as abroad calls them."""

from random import Random

from pipelines.demo import material, scripts
from pipelines.demo.world import Address


def street(home: Address, native: bool, style: str, rng: Random) -> str:
    """The street without its number."""
    known = material.country(home.country)
    for kind in known["kinds"]:
        if kind in home.street.split(" "):
            return _with_kind(home.street, kind, known, native, style, rng)
    return home.street if native else scripts.latin(home.street, style)


def _with_kind(name: str, kind: str, known: dict, native: bool, style: str, rng: Random) -> str:  # type: ignore[type-arg]  # YAML data
    other = known["kinds"][kind] if native else known["kinds_abroad"].get(kind, known["kinds"][kind])
    written = rng.choice(other) if not native or rng.random() < 0.45 else kind
    rest = name.replace(kind, "\0")
    rest = rest if native else scripts.latin(rest, style)
    return rest.replace("\0", written).strip()


def line(home: Address, written: str, rng: Random) -> str:
    """Street and number in one line, in the order of the country."""
    pattern: str = rng.choice(material.country(home.country)["line"])
    flat = {"GB": f"Flat {home.unit}, ", "RU": ""}.get(home.country, "") if home.unit else ""
    tail = f", кв. {home.unit}" if home.unit and home.country == "RU" and not scripts.is_latin(written) else ""
    return flat + pattern_in(pattern, written).format(street=written, no=home.number) + tail


def pattern_in(pattern: str, written: str) -> str:
    """The pattern without words in letters that the street is not written in."""
    return pattern.replace("д. ", "") if scripts.is_latin(written) else pattern


def city(home: Address, native: bool, rng: Random) -> str:
    known = next(c for c in material.country(home.country)["cities"] if c["name"] == home.city)
    if native and (home.country in {"GR", "RU"} or rng.random() < 0.85):
        return str(known["name"])
    return str(rng.choice(known["abroad"]))


def region(home: Address) -> str:
    cities = material.country(home.country)["cities"]
    return str(next(c["region"] for c in cities if c["name"] == home.city))
