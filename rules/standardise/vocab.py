"""Words of columns with few values: party type, status, gender, language, yes and no."""

from functools import cache, lru_cache

from rules.standardise import data, latin


@cache
def _words(kind: str) -> dict[str, str]:
    return {_bare(word): meaning for word, meaning in data.inverted(data.words("words")[kind]).items()}


def _bare(text: str) -> str:
    return " ".join(latin.words(latin.unaccented(latin.clean(text))))


@lru_cache(maxsize=1 << 12)
def meaning(kind: str, text: str) -> str | None:
    """What a text means in a column of a kind (party_type, status, gender, language, yes_no); None if not known."""
    if kind == "language" and len(text) > 2 and text[2:3] in "-_" and text[:2].isalpha():
        text = text[:2]
    return _words(kind).get(_bare(text))
