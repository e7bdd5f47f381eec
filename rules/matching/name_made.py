"""Whether an e-mail address is made of a person's names, and whether others of that name may have one beside it."""

from functools import cache, lru_cache
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from rapidfuzz.distance import OSA

from rules.matching.names.given import same_given
from rules.matching.types import Bools

PUBLIC: Final = 0.02
"""Where so large a part of all addresses are, namesakes have theirs, too; at that of a firm or family they do not."""
LEAST_ADDRESSES: Final = 20
"""Of a host with fewer addresses one cannot say so, unless it is a known service."""
SHORT: Final = 4
LONG: Final = 7
"""From so many letters on a name may be one letter off, and two."""


def public(addresses: pa.Array) -> Bools:
    """For each distinct address of a table: whether its host is everybody's."""
    return at(addresses, public_hosts(addresses))


def at(addresses: pa.Array, hosts: pa.Array) -> Bools:
    """Which addresses are at one of these hosts."""
    return np.asarray(pc.is_in(_hosts(addresses), value_set=hosts).to_numpy(zero_copy_only=False))


def public_hosts(addresses: pa.Array) -> pa.Array:
    """The hosts at which everybody may have an address: known services, and those of many of these addresses."""
    hosts = _hosts(addresses).value_counts()
    held = hosts.field("counts").to_numpy()
    many = hosts.field("values").filter((held >= LEAST_ADDRESSES) & (held >= PUBLIC * len(addresses)))
    return pa.concat_arrays([many.cast(pa.string()), _services()])


def _hosts(addresses: pa.Array) -> pa.Array:
    return pc.replace_substring_regex(addresses, r"^[^@]*@?", "")


@cache
def _services() -> pa.Array:
    from rules.standardise import data

    return pa.array(data.words("emails")["personal"], pa.string())


def exactly(letters: str, names: str) -> bool:
    """Whether the letters are made of parts of the names or their initials, at least one of them whole."""
    parts = names.split()
    left, rest = _without(letters, parts, 2)
    for part in rest if len(left) <= len(rest) < len(parts) else ():
        left = left.replace(part[:1], "", 1)
    return len(rest) < len(parts) and not left


@lru_cache(maxsize=1 << 16)
def nearly(letters: str, names: str) -> bool:
    """The same where the names are cut short, misspelt or what friends say: thomas.hill, and Tommy Hill."""
    parts = names.split()
    left, rest = _without(letters, parts, SHORT - 1)
    if len(rest) < len(parts):
        return not left or any(_one_name(left, part) for part in rest)
    orders = (parts, parts[::-1], [part[:1] for part in parts[:1]] + parts[1:])
    return bool(letters) and any(_one_slip(letters, "".join(order)) for order in orders)


def _without(letters: str, parts: list[str], least: int) -> tuple[str, list[str]]:
    """What is left of the letters without the parts of `least` letters that stand in them whole; the other parts."""
    rest = []
    for part in sorted(parts, key=len, reverse=True):
        if len(part) >= least and part in letters:
            letters = letters.replace(part, "", 1)
        else:
            rest.append(part)
    return letters, rest


def _one_name(left: str, part: str) -> bool:
    cut_short = left.startswith(part) or part.startswith(left)
    return cut_short or _one_slip(left, part) or same_given(left, part)


def _one_slip(a: str, b: str) -> bool:
    """Whether two texts are a slip of the pen apart (OSA: letters put in, taken out, changed or swapped)."""
    most = (len(b) >= SHORT) + (len(b) >= LONG)
    return OSA.distance(a, b, score_cutoff=most) <= most
