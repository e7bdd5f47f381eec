"""Countries of four scripts: names with a long tail, homes, phones, and the ways a desk writes them.

Built on the demo's countries and its ways of writing; a desk writes in home letters or in Latin ones.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from itertools import product
from random import Random
from typing import TYPE_CHECKING, Any

from pipelines.demo import material, people, places, scripts
from tests.bench.sets.drawing import Ranked, words

if TYPE_CHECKING:
    from pipelines.demo.world import Address

COUNTRIES = {"GR": 0.34, "RU": 0.22, "TR": 0.18, "IT": 0.18, "ID": 0.08}
_TRUNK = {"GR": ("+30", ""), "RU": ("+7", "8"), "TR": ("+90", "0"), "IT": ("+39", ""), "ID": ("+62", "0")}
TAIL = 600  # rarer surnames of a country, at most


class Land:
    """One country; `surnames` are pairs as a man and as a woman bears them."""

    def __init__(self, code: str) -> None:
        self.code = code
        self.known: dict[str, Any] = material.country(code)
        more = words("four_scripts")[code]
        common = self.known["surnames"]
        pairs = list(common.items()) if isinstance(common, dict) else [(name, name) for name in common]
        self.surnames = Ranked([*pairs, *_tail(more)], slope=0.75, shift=6)
        self.given = {sex: Ranked([*self.known[sex], *more[sex]], slope=0.8, shift=4) for sex in ("male", "female")}
        self.short: dict[str, list[str]] = {**self.known["male"], **self.known["female"]}

    def home(self, rng: Random) -> Address:
        """An address; every fourth street bears a surname, so that streets too have a long tail."""
        home = people.address(self.code, rng)
        if rng.random() < 0.4:
            street = rng.choice(self.known["streets"])
            kind = next((k for k in self.known["kinds"] if k in street.split(" ")), "")
            name = self.surnames.draw(rng)[0]
            return replace(home, street=f"{name} {kind}" if self.code == "TR" else f"{kind} {name}")
        return home

    def line(self, home: Address, native: bool, style: str, rng: Random) -> str:
        return places.line(home, places.street(home, native, style, rng), rng)

    def phone(self, number: str, rng: Random) -> str:
        """A number in E.164 as people write it: abroad or at home, in groups or not."""
        abroad, trunk = _TRUNK[self.code]
        rest, kind = number.removeprefix(abroad), rng.random()
        if kind < 0.2:
            return number
        if kind < 0.35:
            return f"00{number[1:]}"
        cuts = (3, 6, 8) if len(rest) >= 10 else (3, 6)
        parts = [rest[a:b] for a, b in zip((0, *cuts), (*cuts, len(rest)), strict=True)]
        written = rng.choice((" ", "-", " ", "")).join(parts)
        return f"{abroad} {written}" if kind < 0.6 else f"{trunk}{written}"


def _tail(more: dict[str, list[str]]) -> list[tuple[str, str]]:
    found = []
    for head, tail in product(more["heads"], more["tails"]):
        man, _, woman = tail.partition("/")
        found.append((head + man, head + (woman or man)))
    Random(5).shuffle(found)
    return found[:TAIL]


@cache
def land(code: str) -> Land:
    return Land(code)


def a_land(rng: Random) -> Land:
    return land(rng.choices(list(COUNTRIES), list(COUNTRIES.values()))[0])


def in_letters(text: str, native: bool, style: str, bare: bool) -> str:
    """Home letters or Latin ones; `bare`: without accents, dots and cedillas."""
    written = text if native else scripts.latin(text, style)
    return scripts.plain(written) if bare else written
