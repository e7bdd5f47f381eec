"""Names of organisations: the legal form off, in its own script and before transliterating; the core to compare.

A form is found as whole words, with or without dots and blanks (`Α.Ε.Β.Ε.`, `ΑΕΒΕ`, `Α Ε Β Ε`), at the end of the
name, for some forms in front or within. Short forms that are also words (SE, AS, SA) count only where they are
written like a form: in capitals, with dots or behind a comma.
"""

import re
from functools import cache
from typing import Final, NamedTuple

from rules.standardise import data, latin

_LONGEST: Final = 8
_TOKEN = re.compile(r"[^\W_]+")


class Organisation(NamedTuple):
    core: str | None
    """The name without legal form in Latin letters, lower case, its words spelled one way."""
    form: str | None
    """The legal form's usual name."""


class _Word(NamedTuple):
    text: str
    """As it stands."""
    clean: str
    """In lower case, without accents."""


@cache
def _forms() -> dict[str, str]:
    """Spelling without dots and blanks -> form."""
    table = data.words("legal_forms")["forms"]
    found: dict[str, str] = {}
    for form, many in table.items():
        for spelling in many:
            found.setdefault(_squeezed(spelling), form)  # A.Ş. and AS look alike without accents: the first listed
    return found


def _squeezed(text: str) -> str:
    text = text.replace("&", " and ").replace("/", "")
    return "".join(_joint(latin.unaccented(w)) for w in latin.words(text))


def _joint(word: str) -> str:
    return "and" if word in ("και", "und", "y", "ve", "et") else word


@cache
def _listed(key: str) -> frozenset[str]:
    return frozenset(map(_squeezed, data.words("legal_forms")[key]))


@cache
def _of_forms(key: str) -> frozenset[str]:
    return frozenset(data.words("legal_forms")[key])


def read(text: str) -> Organisation:
    """Core and legal form; where nothing but a form is there, the whole name is the core."""
    words = _words(text)
    kept, form = _strip(words)
    core = " ".join(filter(None, (_same(latin.token(latin.clean(w.text))) for w in kept if w.clean not in _joints())))
    if not core:
        core = latin.latin(text)
    return Organisation(core or None, form)


def taken_off(text: str) -> tuple[str, str | None]:
    """The words of a name without its legal form, as they stood, and the form's usual name (None where it has none)."""
    kept, form = _strip(_words(text))
    return " ".join(w.text for w in kept), form


def _words(text: str) -> list[_Word]:
    text = text.replace("&", " and ").replace("/", "")
    return [
        _Word(w, _joint(latin.unaccented(latin.clean(w))))
        for w in _TOKEN.findall(text.replace("'", "").replace("’", ""))
    ]


def _strip(words: list[_Word]) -> tuple[list[_Word], str | None]:
    form: str | None = None
    kept, found = _off_the_end(words)
    while found and len(kept) >= 1:
        words, form = kept, _joined(form, found) if form else found
        kept, found = _off_the_end(words)
    kept, found = _off_the_start(words)
    if found and kept:
        words, form = kept, _joined(form, found) if form else found
    if form is None:
        words, form = _out_of_the_middle(words)
    while len(words) > 1 and words[-1].clean in ("and", "σια", "co", "cia", "c", "cie", "söhne") and form:
        words = words[:-1]
    return words, form


def _joined(first: str, second: str | None) -> str:
    """The form of a name that bears two, the last one first: `Μονοπρόσωπη`, `Tbk` and `Co` only colour the other."""
    return second if second and first in ("Μονοπρόσωπη", "Tbk", "Co") else first


def _off_the_end(words: list[_Word]) -> tuple[list[_Word], str | None]:
    for size in range(min(_LONGEST, len(words)), 0, -1):
        tail = words[-size:]
        squeezed = "".join(w.clean for w in tail)
        form = _forms().get(squeezed)
        if form and _written_like_a_form(tail, squeezed) and len(words) > size:
            return words[:-size], form
    return words, None


def _off_the_start(words: list[_Word]) -> tuple[list[_Word], str | None]:
    for size in range(min(_LONGEST, len(words) - 1), 0, -1):
        head = words[:size]
        squeezed = "".join(w.clean for w in head)
        form = _forms().get(squeezed)
        if form in _of_forms("start") and _written_like_a_form(head, squeezed):
            return words[size:], form
    return words, None


def _out_of_the_middle(words: list[_Word]) -> tuple[list[_Word], str | None]:
    for start in range(1, len(words) - 1):
        for size in range(min(4, len(words) - 1 - start), 0, -1):
            part = words[start : start + size]
            squeezed = "".join(w.clean for w in part)
            form = _forms().get(squeezed)
            if form in _of_forms("anywhere") and _written_like_a_form(part, squeezed):
                return words[:start] + words[start + size :], form
    return words, None


def _written_like_a_form(words: list[_Word], squeezed: str) -> bool:
    """Short forms that are also words count in capitals, or as single letters (`s.a.`)."""
    if len(words) > 1 and squeezed in _listed("initials") and all(len(w.text) == 1 for w in words):
        return False
    if squeezed not in _listed("capitals"):
        return True
    return all(w.text.isupper() for w in words) or (all(len(w.text) == 1 for w in words) and len(words) > 1)


@cache
def _joints() -> frozenset[str]:
    return frozenset(map(latin.unaccented, data.words("organisation_words")["joints"]))


@cache
def _spellings() -> dict[str, str]:
    return data.inverted(data.words("organisation_words")["same"])


def _same(word: str) -> str:
    return _spellings().get(word, word)


def legal_form(text: str) -> str:
    """The usual name of a legal form in a column of its own; an unknown one as it stood."""
    return _forms().get(_squeezed(text), text)


def one_form(left: str, right: str) -> bool:
    """Whether two legal forms are one, also where one of them is called as abroad (`Α.Ε.`, `S.A.`)."""
    abroad: dict[str, str] = data.words("legal_forms")["abroad"]
    one, other = (abroad.get(form, form) for form in map(legal_form, (left, right)))
    return one == other


def has_form(text: str) -> bool:
    """Whether a name ends (or begins) with a legal form."""
    return _strip(_words(text))[1] is not None


@cache
def _organisation_words() -> re.Pattern[str]:
    words = sorted({latin.clean(w) for w in data.words("organisation_words")["organisation"]}, key=len, reverse=True)
    return re.compile(rf"(?<![^\W_])(?:{'|'.join(map(re.escape, words))})(?![^\W_])")


def sounds_like_one(text: str) -> bool:
    """Whether a whole name holds a word of organisations (school, ξενοδοχείο, ticaret) or a legal form."""
    return _organisation_words().search(latin.clean(text)) is not None or has_form(text)
