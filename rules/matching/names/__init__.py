"""Names compared across scripts, languages and habits.

`similarity(a, b)` takes two names as people write them, of persons or organisations in any script, and says from 0
to 1 how likely they are names of one. Nothing is read before the first call. The steps, one file each: `read` takes a
name into words, `word` says what is known of a word, `alike` compares two words (by given names that are one, by
sound), `align` pairs the words of two names, `persons` and `firms` weigh what was paired and what was left over.
"""

from rules.matching.names.given import same_given
from rules.matching.names.read import Name, read

__all__ = ["organisations", "part_level", "persons_alike", "read", "same_given", "similarity"]


def similarity(a: str, b: str) -> float:
    """0 to 1 for two raw names: about .7 and above for names of one person or organisation. Symmetric; 1 for equals.

    Whether they are persons' or organisations' is told by legal forms, numbers and words of organisations. A name
    alone never proves who somebody is: namesakes have 1.
    """
    if a == b:
        return 1.0
    x, y = read(a), read(b)
    if x.organisation or y.organisation:
        from rules.matching.names import firms

        return firms.similarity(x, y)
    from rules.matching.names import persons

    return persons.similarity(x, y)


def persons_alike(a: str, b: str) -> float:
    """The same for names known to be of persons, in Latin comparison form: words parted by blanks."""
    from rules.matching.names import persons

    return persons.similarity(Name(tuple(a.split())), Name(tuple(b.split())))


def organisations(a: str, b: str) -> float:
    """The same for names known to be of organisations."""
    from rules.matching.names import firms

    return firms.similarity(read(a), read(b))


def part_level(a: str, b: str) -> int:
    """2: short form, or one of several names; 1: an initial that fits; 0 otherwise. (Levels of kind `name`.)"""
    if same_given(a, b):
        return 2
    if len(a) == 1 or len(b) == 1:
        return int(a[:1] == b[:1])
    if " " in a or " " in b:
        x, y = set(a.split()), set(b.split())
        if any(len(part) > 1 for part in x & y):
            return 2
        return max((part_level(p, q) for p in x for q in y if " " not in p + q), default=0)
    return 0
