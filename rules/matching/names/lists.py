"""The word lists of names (`rules/defaults/matching`), read once and shaped for looking up."""

from functools import cache
from importlib.resources import files
from typing import Any, Final

_FOLDER: Final = "defaults/matching"


@cache
def table(name: str) -> Any:
    """The content of `NAME.yml`."""
    from rules import yaml12

    return yaml12.read(files("rules").joinpath(f"{_FOLDER}/{name}.yml").read_text("utf-8"))[0]


@cache
def words(key: str) -> frozenset[str]:
    """The words of a list of name_words.yml."""
    return frozenset(table("name_words")[key])


@cache
def titles() -> frozenset[str]:
    """Titles and forms of address of every country, as written and in Latin letters: whose they are is not known."""
    from rules.standardise import data, latin

    honorifics = data.words("honorifics")
    local = [w for many in honorifics["local"].values() for w in many if len(w) > 1]
    written = {latin.clean(w) for w in [*honorifics["before"], *local]}
    return words("titles") | written | {w for w in map(latin.token, written) if len(w) > 1}


@cache
def degrees() -> frozenset[str]:
    """Academic titles behind a name, in Latin letters."""
    from rules.standardise import data, latin

    return frozenset(latin.token(latin.clean(w)) for w in data.words("honorifics")["after"])


@cache
def known_given() -> frozenset[str]:
    """Given names of the world: a name on this list is spelled as it is meant."""
    from rules.standardise import data

    return frozenset(data.lines("given_names"))


@cache
def known_surnames() -> frozenset[str]:
    """Common surnames of the world, in Latin letters."""
    from rules.standardise import data

    return frozenset(data.lines("surnames"))


@cache
def surname_spellings() -> dict[str, frozenset[int]]:
    """surname -> numbers of the groups of romanisations it belongs to."""
    return _groups(line.split() for line in table("name_words")["surnames"])


@cache
def joints() -> frozenset[str]:
    """Words that join others in the names of organisations, in Latin letters."""
    return frozenset(_latin(table("organisation_words")["joints"]))


@cache
def sisters() -> frozenset[str]:
    """Words that make another firm of the same owner, in Latin letters."""
    return frozenset(_latin(" ".join(table("organisation_words")["sisters"])))


@cache
def houses() -> tuple[str, ...]:
    """Meanings of trades that are houses of their own under one roof."""
    return tuple(f"-{word}" for word in table("organisation_words")["houses"])


@cache
def meanings() -> dict[str, str]:
    """Word of an organisation's name, in Latin letters -> its meaning: `+` before those that say next to nothing."""
    lists = table("organisation_words")
    found: dict[str, str] = {}
    for mark, key in (("+", "common"), ("-", "trades")):
        for line in lists[key]:
            for word in _latin(line):
                found.setdefault(word, mark + line.split()[0])
    return {**_places(), **found}


def _places() -> dict[str, str]:
    """Names of countries and cities in one word -> the place."""
    from rules.standardise import data

    found: dict[str, str] = {}
    for name in ("cities", "countries"):
        for key, spellings in data.words(name).items():
            for word in [key, *spellings] if name == "cities" else spellings:
                if " " not in word and len(word) > 3:
                    found.setdefault(_latin(word)[0], f"-{key}")
    return found


def _latin(text: str) -> list[str]:
    from rules.standardise import latin

    return latin.latin(text).split()


@cache
def form_class(form: str) -> str:
    """Class of a legal form (limited, stock, partners, union); the form itself where it is in none."""
    classes = table("organisation_words")["forms"]
    return next((name for name, forms in classes.items() if form in forms), form)


def _groups(lines: Any) -> dict[str, frozenset[int]]:
    out: dict[str, set[int]] = {}
    for number, line in enumerate(lines):
        for word in line:
            out.setdefault(word, set()).add(number)
    return {word: frozenset(groups) for word, groups in out.items()}
