"""What a header alone says about its column: words of nine languages, in whatever dress they come.

The words are in `defaults/columns.yml`.
"""

import re
import unicodedata
from functools import cache
from importlib.resources import files
from typing import Any

from anyascii import anyascii

from rules import schema
from rules.vocabulary import PHONE_TYPES


def fold(text: str) -> str:
    """A header for comparison: `Ημ/νία_Γέννησης*`, `birthDate`, `C.A.P.` -> lower-case words without accents."""
    text = re.sub(r"(?<=[a-zа-яα-ω])(?=[A-ZА-ЯΑ-Ω])", " ", text)
    text = text.replace("İ", "I").replace("ı", "i").replace("#", " # ").casefold()
    text = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    words = " ".join(re.findall(r"#|\w+", text.replace("_", " ").replace("'", "")))
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
    folded = re.sub(r" (\d+)$", "", fold(name)) if not re.search(r"\b(address|line) \d$", fold(name)) else fold(name)
    folded = _without_number(folded)
    if folded in aliases():
        return [(_with_kind(aliases()[folded], folded), 1.0)]
    tokens = folded.split()
    spans = ((i, j) for i in range(len(tokens)) for j in range(i + 1, min(len(tokens), i + 5) + 1))
    held = [(j - i, j, " ".join(tokens[i:j])) for i, j in spans if " ".join(tokens[i:j]) in aliases()]
    found: dict[str, float] = {}
    held = [h for h in held if len(h[2]) > 2 and h[2] not in known("alone")]
    for length, end, alias in sorted(held, reverse=True):
        sure = 0.5 + 0.35 * length / len(tokens) + (0.1 if end == len(tokens) else 0)
        found.setdefault(_with_kind(aliases()[alias], folded), min(0.95, sure))
    return list(found.items())


def by_header(name: str) -> tuple[str, float] | None:
    """The likeliest target a header names, and how surely."""
    return next(iter(candidates(name)), None)


def _without_number(folded: str) -> str:
    """`phone1` -> `phone`, but `address1` stays."""
    match = re.fullmatch(r"([^\W\d]+)\d", folded)
    return match.group(1) if match and folded not in aliases() else folded


def _with_kind(target: str, folded: str) -> str:
    """A target with the kind of contact point that the header tells: `billing zip` -> address.billing.postcode."""
    tokens = set(folded.split())
    if target.startswith("address."):
        kind = next((k for k in words()["kinds"]["address"] if tokens & known("kinds", "address", k)), None)
        return f"address.{kind}.{target.removeprefix('address.')}" if kind else target
    if target == "phone":
        kind = next((k for k in words()["kinds"]["phone"] if tokens & known("kinds", "phone", k)), None)
        return f"phone.{kind}" if kind in PHONE_TYPES else target
    return target


def slug(name: str) -> str:
    """A header as a plain word: `Type of cuisine` -> `type_of_cuisine`, `column 7` -> `column_7`."""
    return "_".join(re.findall(r"[a-z0-9]+", anyascii(fold(name)).lower())) or "column"


def base(name: str) -> str:
    """A header without what numbers it: `Apellido 2`, `segundo apellido`, `fname_c2` -> `apellido`, `fname`."""
    words = [re.sub(r"\d+$", "", word) for word in fold(name).split()]
    return " ".join(word for word in words if len(word) > 1 and word not in known("ordinals"))
