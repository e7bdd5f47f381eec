"""What a header alone says about its column: words of ten languages, in whatever dress they come.

The words are in `defaults/columns.yml`.
"""

import re
import unicodedata
from functools import cache
from importlib.resources import files
from typing import Any, Final

from anyascii import anyascii

from rules import schema
from rules.vocabulary import PHONE_TYPES

WHO: Final = frozenset({"name", "full_name", "organisation_name"})
"""Whose a thing is: beside another word it only says that (`customer e-mail`)."""
LONGEST: Final = 1000
"""Characters of a header that are looked at: a cell of megabytes is none."""
_BRACKETS: Final = re.compile(r"\(.*?\)|\[.*?\]")


def fold(text: str) -> str:
    """A header for comparison: `Ημ/νία_Γέννησης*`, `birthDate`, `C.A.P.` -> lower-case words without accents."""
    text = text[:LONGEST]
    text = re.sub(r"(?<=[a-zа-яα-ω])(?=[A-ZА-ЯΑ-Ω])", " ", text)
    text = text.replace("İ", "I").replace("ı", "i").replace("ł", "l").replace("Ł", "L").replace("#", " # ").casefold()
    text = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c)).casefold()  # № is No
    words = " ".join(re.findall(r"#|\w+", text.replace("_", " ").replace("'", "").replace("’", "")))
    return re.sub(r"\b[^\W\d_](?: [^\W\d_]\b)+", lambda m: m.group().replace(" ", ""), words)


@cache
def words() -> dict[str, Any]:
    """The data of defaults/columns.yml."""
    loaded, _ = schema.load(files("rules").joinpath("defaults/columns.yml").read_text("utf-8"), "columns.yml")
    return dict(loaded)


@cache
def aliases() -> dict[str, str]:
    """Every word for a column, folded, with its target; words of several parts also written as one."""
    found = {fold(alias): target for target, aliases in words()["headers"].items() for alias in aliases}
    joined = {alias.replace(" ", ""): target for alias, target in found.items() if len(alias) > 5}
    return {**joined, **found}


@cache
def known(key: str, *path: str) -> frozenset[str]:
    data = words()[key]
    for part in path:
        data = data[part]
    return frozenset(fold(str(word)) for word in data)


def known_header(text: str) -> bool:
    """Whether a cell is a column name that is known."""
    folded = fold(text)
    return folded in aliases() or folded in known("keys") or folded in known("origins")


def candidates(name: str) -> list[tuple[str, float]]:
    """The targets a header may name, likeliest first, and how surely: 1.0 where it is a known name, less where it
    holds one."""
    folded = _without_number(fold(name))
    joined = fold(name.replace("&", " and ")) if "&" in name else folded  # `Street & number` is no number of a street
    folded = joined if joined in aliases() else folded
    outside = fold(_BRACKETS.sub(" ", name[:LONGEST]))
    for text in (folded, outside):  # brackets add to a word, as in `Comune (Prov.)`; but not to `Contact (e-mail)`
        if text in aliases() and (text == folded or aliases()[text] not in WHO):
            return [(_with_kind(aliases()[text], folded), 1.0)]
    tokens = folded.split()
    spans = ((i, j) for i in range(len(tokens)) for j in range(i + 1, min(len(tokens), i + 5) + 1))
    held = [(j - i, j, " ".join(tokens[i:j])) for i, j in spans if " ".join(tokens[i:j]) in aliases()]
    found: dict[str, float] = {}
    held = _part_before_whole([h for h in held if _counts(h[2], tokens)], len(tokens))
    for length, end, alias in sorted(held, key=_weight, reverse=True):
        sure = 0.5 + 0.35 * length / len(tokens) + (0.1 if end == len(tokens) else 0)
        found.setdefault(_with_kind(aliases()[alias], folded), min(0.95, sure))
    return list(found.items())


def _weight(held: tuple[int, int, str]) -> tuple[bool, int, int]:
    """The longest word first, then the last; a word that only says whose it is (`Note cliente`) after all others."""
    length, end, alias = held
    return length > 1 or aliases()[alias] not in WHO, length, end


def by_header(name: str) -> tuple[str, float] | None:
    """The likeliest target a header names, and how surely."""
    return next(iter(candidates(name)), None)


def _counts(alias: str, tokens: list[str]) -> bool:
    """Whether a word within a header means what it means alone; two letters do where the others tell a kind or are an
    address themselves (`Διεύθυνση ΤΚ`, of a header of two rows)."""
    if alias in known("alone"):
        return False
    others = [t for t in tokens if t not in alias.split()]
    if aliases().get(" ".join(others), "").endswith(".full") and tokens[-1] == alias:
        return True
    return len(alias) > 2 or (bool(others) and all(kind_told("address", t) for t in others))


def _part_before_whole(held: list[tuple[int, int, str]], size: int) -> list[tuple[int, int, str]]:
    """Where the last words name a part of an address, the words before them do not name the whole of it."""
    ends = {aliases()[h[2]] for h in held if h[1] == size}
    if not any(t.startswith("address.") and not t.endswith(".full") for t in ends):
        return held
    return [h for h in held if not aliases()[h[2]].endswith(".full")]


def _without_number(folded: str) -> str:
    """`phone1` and `phone 2` -> `phone`, but `address 1` stays, which is a street."""
    if folded in aliases():
        return folded
    match = re.fullmatch(r"([^\W\d]+)\d|(.*\D) \d+", folded)
    return (match.group(1) or match.group(2)) if match else folded


def _with_kind(target: str, folded: str) -> str:
    """A target with the kind of contact point that the header tells: `billing zip` -> address.billing.postcode."""
    list_, _, part = target.partition(".")
    if list_ == "address" and "." not in part:
        kind = kind_told(list_, folded)
        return f"address.{kind}.{part}" if kind else target
    if target == "phone":
        kind = kind_told(list_, folded)
        return f"phone.{kind}" if kind in PHONE_TYPES else target
    return target


def kind_told(list_: str, folded: str) -> str | None:
    """The first kind of an address or a phone one of whose words a header holds."""
    text = f" {folded} "
    return next((k for k in words()["kinds"][list_] if any(f" {w} " in text for w in known("kinds", list_, k))), None)


def slug(name: str) -> str:
    """A header as a plain word: `Type of cuisine` -> `type_of_cuisine`, `column 7` -> `column_7`."""
    return "_".join(re.findall(r"[a-z0-9]+", anyascii(fold(name)).lower())) or "column"


def base(name: str) -> str:
    """A header without what numbers it: `Apellido 2`, `segundo apellido`, `fname_c2` -> `apellido`, `fname`."""
    words = [re.sub(r"\d+$", "", word) for word in fold(name).split()]
    return " ".join(word for word in words if len(word) > 1 and word not in known("ordinals"))
