"""How well a similarity ranks pairs, and spellings of one name to try it on."""

import csv
import os
import random
import unicodedata
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

import numpy as np
from rapidfuzz import process
from rapidfuzz.fuzz import token_sort_ratio

from rules.standardise import latin

SHARED = Path(os.environ.get("GOLDSEAM_SHARED", Path(__file__).parents[4] / "shared"))


def average_precision(same: Sequence[bool], scores: Sequence[float]) -> tuple[float, float]:
    """Average precision, and recall at a precision of at least .95; pairs of one score count at once."""
    ranked = sorted(range(len(same)), key=lambda i: -scores[i])
    found = seen = 0
    area = recall = 0.0
    for _, group in groupby(ranked, key=lambda i: scores[i]):
        tied = list(group)
        right = sum(same[i] for i in tied)
        seen, found = seen + len(tied), found + right
        area += right / sum(same) * found / seen
        recall = found / sum(same) if found / seen >= 0.95 else recall
    return area, recall


def with_hard_negatives(names: dict[str, str], each: int = 3) -> list[tuple[str, str, bool]]:
    """Each name with its other spelling, and with the nearest spellings of others (fold and token sort)."""
    left, right = list(names), list(names.values())
    near = process.cdist([_fold(x) for x in left], [_fold(x) for x in right], scorer=token_sort_ratio)
    pairs = []
    for i, row in enumerate(near):
        others = [j for j in np.argsort(-row, kind="stable") if right[j] != right[i]][:each]
        pairs += [(left[i], right[i], True), *((left[i], right[j], False) for j in others)]
    return pairs


def _fold(text: str) -> str:
    return " ".join(latin.fold(w) for w in latin.latin(text).split())


GIVEN = {
    "ru": "Юлия Дмитрий Екатерина Сергей Алексей Евгений Михаил Наталья Юрий Ксения Фёдор Артём Илья Яна Тимофей",
    "el": "Γεώργιος Ιωάννης Δημήτρης Παναγιώτης Χρήστος Μιχάλης Ευάγγελος Αικατερίνη Ελένη Βασιλική Αγγελική Χρυσούλα",
}
SURNAMES = {
    "ru": "Щербаков Жуков Хрущёв Чайкин Цветков Воробьёв Кузнецов Соловьёв Яшин Юдин Ершов Тихонов Зайцев Шишкин Гуляев"
    " Ковальчук Петренко Мельников Лукьянов Дьяконов",
    "el": "Παπαδόπουλος Οικονόμου Χατζηγεωργίου Μπακογιάννης Ντόκος Αγγελόπουλος Ευθυμίου Κυριακίδης Λαμπρόπουλος"
    " Χριστοδούλου Ξενάκης Ψαράς Τζανετάκος Ρουμπής Γκίκας Θωμαΐδης Βλάχος Αυγερινός",
}
_PLAIN = {"ё": "e", "ж": "zh", "й": "y", "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ю": "yu", "я": "ya"}
STYLES: dict[str, list[dict[str, str]]] = {
    "ru": [
        {},
        {"й": "i", "ю": "iu", "я": "ia", "ё": "yo", "х": "h"},
        {
            "ж": "sch",
            "з": "s",
            "ч": "tsch",
            "ш": "sch",
            "щ": "schtsch",
            "х": "ch",
            "ц": "z",
            "в": "w",
            "ю": "ju",
            "я": "ja",
        },
        {"ж": "j", "ч": "tch", "ш": "ch", "щ": "chtch", "у": "ou", "ю": "iou", "я": "ia"},
        {"ж": "ż", "ч": "cz", "ш": "sz", "щ": "szcz", "х": "ch", "в": "w", "ю": "ju", "я": "ja", "ц": "c", "л": "ł"},
        {"ж": "ž", "ч": "č", "ш": "š", "щ": "šč", "й": "j", "ю": "ju", "я": "ja", "ц": "c"},
    ],
    "el": [
        {},
        {"χ": "h", "η": "i", "υ": "i", "ει": "i", "οι": "i", "αι": "e", "μπ": "b", "γι": "y", "γγ": "ng"},
        {"χ": "x", "η": "h", "ω": "w", "θ": "8", "υ": "u", "ξ": "ks", "β": "b"},
        {"αι": "ae", "οι": "oe", "κ": "c", "φ": "ph", "η": "e", "β": "b", "ευ": "eu"},
    ],
}


def _spelled(text: str, style: dict[str, str]) -> str:
    text = unicodedata.normalize("NFC", text.lower())
    if latin.GREEK.search(text) and style:
        text = latin.unaccented(text).replace("ς", "σ").replace("ου", "ou")
    elif style:
        style = {**_PLAIN, **style}
    for letters in sorted(style, key=len, reverse=True):
        text = text.replace(letters, style[letters])
    # What the style does not change is written the usual way.
    return " ".join("".join(c if c.isascii() or c in "łżžčš" else latin.latin(c) for c in w) for w in text.split())


def romanised(language: str, count: int, seed: int = 1) -> dict[str, str]:
    """Invented names of a language, each with a spelling in one of the ways people write it in Latin letters."""
    rnd = random.Random(seed)
    given, surnames = GIVEN[language].split(), SURNAMES[language].split()
    found: dict[str, str] = {}
    while len(found) < count:
        name = f"{rnd.choice(given)} {rnd.choice(surnames)}"
        style = rnd.choice(STYLES[language])
        found[name] = (_spelled(name, style) if style else latin.latin(name)).title()
    return found


def common_names(scripts: Sequence[str], count: int, seed: int = 1) -> dict[str, str] | None:
    """Persons of the most common names of countries: as written there, and romanised; None where there is no list."""
    files = [SHARED / f"data/names/common-{kind}-by-country.csv" for kind in ("forenames", "surnames")]
    if not all(f.exists() for f in files):
        return None
    given, surnames = (_by_country(file, scripts) for file in files)
    rnd = random.Random(seed)
    found: dict[str, str] = {}
    both = sorted(set(given) & set(surnames))
    while len(found) < count:
        country = rnd.choice(both)
        (a, x), (b, y) = rnd.choice(given[country]), rnd.choice(surnames[country])
        found[f"{a} {b}"] = f"{x} {y}"
    return found


def _by_country(file: Path, scripts: Sequence[str]) -> dict[str, list[tuple[str, str]]]:
    found: dict[str, list[tuple[str, str]]] = {}
    with file.open(encoding="utf-8-sig") as rows:
        for row in csv.DictReader(rows):
            own, roman = (row[c].split("/")[0].split("(")[0].strip() for c in ("Localized Name", "Romanized Name"))
            if own and roman and unicodedata.name(own[0], "?").split()[0] in scripts:
                found.setdefault(row["Country"], []).append((own, roman))
    return found
