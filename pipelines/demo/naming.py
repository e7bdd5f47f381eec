"""Writing a name: home letters or Latin ones, short forms, initials, capitals, lost accents, a letter wrong."""

from collections.abc import Mapping
from random import Random
from typing import Any

from pipelines.demo import material, scripts
from pipelines.demo.world import Customer

_NEIGHBOURS = {"latin": "qwertyuiop asdfghjkl zxcvbnm", "greek": "ςερτυθιοπ ασδφγηξκλ ζχψωβνμ",
               "russian": "йцукенгшщзхъ фывапролджэ ячсмитьбю"}  # fmt: skip


def given(one: Customer, native: bool, habits: Mapping[str, Any], rng: Random) -> tuple[str, bool]:
    """The given name as written, and whether it is whole."""
    known = material.country(one.country)["female" if one.female else "male"]
    written = one.given
    if rng.random() < habits["short"] and known.get(written):
        written = rng.choice(known[written])
    written = letters(written, one, native, habits, rng)
    if rng.random() < habits["initial"]:
        return f"{written[0]}.", False
    return written, True


def surname(one: Customer, written: str, native: bool, habits: Mapping[str, Any], rng: Random) -> str:
    """A surname (`written`: the one borne that day); of two Spanish ones the second is often left out."""
    if one.country == "ES" and rng.random() < 0.3:
        written = written.split(" ")[0]
    return letters(written, one, native, habits, rng)


def letters(text: str, one: Customer, native: bool, habits: Mapping[str, Any], rng: Random) -> str:
    """In the desk's letters: Latin ones as the customer spells itself, or as the desk does."""
    if not native:
        text = scripts.latin(text, style(one, habits, rng))
    return scripts.plain(text) if rng.random() < habits["plain"] else text


def style(one: Customer, habits: Mapping[str, Any], rng: Random) -> str:
    return "spoken" if rng.random() < habits["spoken"] and rng.random() < 0.5 else one.spelling


def typo(word: str, rng: Random) -> str:
    """One letter wrong: two swapped, one lost, doubled, or its neighbour on the keyboard. Short words stay."""
    if len(word) < 5:
        return word
    at = rng.randrange(1, len(word) - 2)
    kind = rng.randrange(4)
    if kind == 0:
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    if kind == 1:
        return word[:at] + word[at + 1 :]
    if kind == 2:
        return word[:at] + word[at] + word[at:]
    return word[:at] + _neighbour(word[at], rng) + word[at + 1 :]


def _neighbour(letter: str, rng: Random) -> str:
    for rows in _NEIGHBOURS.values():
        place = rows.find(letter)
        if place >= 0 and letter != " ":
            beside = [rows[p] for p in (place - 1, place + 1) if 0 <= p < len(rows) and rows[p] != " "]
            return rng.choice(beside)
    return letter


def company(one: Customer, native: bool, habits: Mapping[str, Any], rng: Random) -> str:
    """A firm's name with its legal form in one of the ways it is written, or without."""
    known = material.country(one.country)["firms"]
    name = letters(one.name, one, native, habits, rng)
    if rng.random() < 0.12 and not habits.get("whole"):
        return name
    ways = known["forms"] if native or not known["forms_abroad"] else known["forms_abroad"]
    form = str(rng.choice(ways[one.form]))
    if known.get("quoted") and rng.random() < 0.7:
        name = f"«{name}»" if native else f'"{name}"'
    return f"{form} {name}" if known.get("form_first") else f"{name} {form}"
