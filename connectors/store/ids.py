"""Golden ids: opaque, minted once, never reused. `G` or `H` and 12 characters of Crockford's base 32 (60 bits)."""

import secrets
from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

ALPHABET = np.frombuffer(b"0123456789ABCDEFGHJKMNPQRSTVWXYZ", dtype=np.uint8)
LENGTH = 12

Mint = Callable[[int], pa.Array]
"""How many -> so many new ids, all different and none ever used."""


Used = Callable[[pa.Array], pa.Array]
"""Ids -> which of them are not to be given again, as booleans."""


def mint(prefix: str, used: Used, source: Callable[[int], bytes] = secrets.token_bytes) -> Mint:
    """A mint whose ids begin with a letter and were not `used`. `source` gives random bytes."""

    given = [pa.array([], pa.string())]

    def new(count: int) -> pa.Array:
        ids = _random(prefix, count, source)
        while True:
            known = pc.or_(pc.is_in(ids, value_set=pa.chunked_array(given)), used(ids))
            fresh = pc.unique(ids.filter(pc.invert(known)))
            if len(fresh) == count:
                given.append(fresh)
                return fresh
            ids = pa.concat_arrays([fresh, _random(prefix, count - len(fresh), source)])

    return new


def _random(prefix: str, count: int, source: Callable[[int], bytes]) -> pa.Array:
    letters = ALPHABET[np.frombuffer(source(count * LENGTH), dtype=np.uint8) & 31].reshape(count, LENGTH)
    first = np.full((count, 1), ord(prefix), dtype=np.uint8)
    width = LENGTH + 1
    data = np.ascontiguousarray(np.hstack([first, letters])).tobytes()
    offsets = np.arange(0, (count + 1) * width, width, dtype=np.int32)
    return pa.StringArray.from_buffers(count, pa.py_buffer(offsets), pa.py_buffer(data))
