"""Whether an answer gives a consent: a tick, a word, or a sentence of a form in nine languages. Nothing is guessed."""

import re
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any, Final, Literal

from rules import choices, schema
from rules.standardise import vocab

_CLAUSE: Final = re.compile(r"[,;:.!\n]|\s[-–—]\s")
_WORD: Final = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")


@cache
def _phrases(key: str) -> tuple[str, ...]:
    text = files("rules").joinpath("defaults/consents.yml").read_text("utf-8")
    data: Any = schema.load(text, "consents.yml")[0]
    return tuple(sorted((_words(str(phrase)) for phrase in data[key]), key=len, reverse=True))


def _words(text: str) -> str:
    """The words of a text in lower case, with blanks around, so that whole words can be looked for."""
    return f" {' '.join(_WORD.findall(text.casefold().replace('’', chr(39))))} "


@lru_cache(maxsize=1 << 12)
def given(text: str, header: str = "") -> Literal["yes", "no"] | None:
    """What an answer says under the header of its question; None where it says neither beyond doubt.

    A ticked box may be written as its own label: `Email` under `May we write? [Email]`.
    """
    meaning = _yes_no(text)
    if meaning is None and _bare(text) in (_bare(header), _bare(choices.label(header))):
        meaning = "yes"
    if meaning is None:
        first = _CLAUSE.split(text.strip(), maxsplit=1)[0]
        meaning = _yes_no(first) if len(first) > 1 and first != text and first.isalpha() else None
    return meaning or _sentence(_words(text))


def _yes_no(text: str) -> Literal["yes", "no"] | None:
    meaning = vocab.meaning("yes_no", text)
    return "yes" if meaning == "yes" else "no" if meaning == "no" else None


def _bare(text: str) -> str:
    return " ".join(text.split()).casefold()


def _sentence(words: str) -> Literal["yes", "no"] | None:
    if any(words.startswith(phrase) for phrase in _phrases("refused")):
        return "no"
    agreed = any(words.startswith(phrase) for phrase in _phrases("agreed"))
    return "yes" if agreed and not any(word in words for word in _phrases("negations")) else None
