"""Parts of names that spelling alone does not bring together, many pairs at once: see names.part_level."""

from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from rules.matching import names
from rules.matching.names import given
from rules.matching.types import Bools, Bytes, Ints
from rules.matching.values import Values, numbers


class Shape(NamedTuple):
    """Of each text of a column."""

    first: Ints
    """A number for its first letter."""
    single: Bools
    """Whether that is all there is."""
    several: Bools
    """Whether it is of several words."""


def levels(values: Values, x: Ints, y: Ints) -> Bytes:
    """`names.part_level` of each pair: what can be told of one text is worked out once a text."""
    first, single, several = values.once(shape)
    initial = single[x] | single[y]
    out: Bytes = (initial & (first[x] == first[y])).astype(np.int8)
    look = np.flatnonzero((several[x] | several[y]) & ~initial)
    pairs = zip(values.text(x[look]), values.text(y[look]), strict=True)
    out[look] = np.fromiter((names.part_level(a, b) for a, b in pairs), np.int8, len(look))
    out[values.alike(given.groups, x, y)] = 2
    return out


def shape(texts: pa.Array) -> Shape:
    """What a part of a name looks like."""
    single = pc.equal(pc.utf8_length(texts), 1).to_numpy(zero_copy_only=False)
    several = pc.match_substring(texts, " ").to_numpy(zero_copy_only=False)
    return Shape(numbers(pc.utf8_slice_codeunits(texts, 0, 1)), single, several)
