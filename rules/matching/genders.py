"""Names of a man and of a woman: Mario and Maria are a letter apart, and brother and sister, or man and wife."""

from typing import Final

import numpy as np

from rules.matching.encode import Encoded
from rules.matching.model import Model
from rules.matching.names import given
from rules.matching.types import Bools, Bytes, Pairs

EQUAL: Final = 3
"""Level of kind `name` of equal names."""


def opposite(patterns: Bytes, pairs: Pairs, encoded: Encoded, model: Model) -> Bools:
    """Pairs whose given names are alike and not equal, one of a man and one of a woman. `patterns`: of each pair.

    Only where nothing is learned from the table: a large one tells how often names are alike by a slip.
    """
    at = model.field("given_name")
    out = np.zeros(len(pairs), bool)
    if at is None or not model.described or model.fields[at].kind != "name":
        return out
    column = encoded.columns["given_name"]
    alike = np.flatnonzero((patterns[:, at] > 0) & (patterns[:, at] < EQUAL))
    a, b = column.held.forms(_gender, column.first[pairs.left[alike]], column.first[pairs.right[alike]])
    out[alike] = ((a != b) & (a >= 0) & (b >= 0)).any(1)
    return out


def _gender(name: str) -> tuple[str]:
    """The gender of a name that is on the list, else empty; of several names the first tells."""
    return (given.gender(given.listed(name.split(" ", 1)[0])),)
