"""Given names that are one: `Giorgos`, `Yorgos` and `George` are Georgios. For comparing, never for merging alone."""

from functools import cache

from rules.standardise import data


@cache
def _roots() -> dict[str, frozenset[str]]:
    roots: dict[str, set[str]] = {}
    for root, forms in data.words("given_variants").items():
        for form in [root, *forms]:
            roots.setdefault(form, set()).add(root)
    return {form: frozenset(found) for form, found in roots.items()}


def roots(word: str) -> frozenset[str]:
    """The names a Latin given name may stand for; a name without variants stands for itself."""
    return _roots().get(word, frozenset((word,)))
