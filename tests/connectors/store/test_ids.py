"""Golden ids are opaque, of one form, and never twice the same."""

import re
from itertools import cycle

import pyarrow as pa
import pyarrow.compute as pc

from connectors.store.ids import Used, mint


def among(*ids: str) -> Used:
    return lambda asked: pc.is_in(asked, value_set=pa.array(ids, pa.string()))


def test_the_form_of_an_id() -> None:
    """A letter and 12 characters of Crockford's base 32."""
    ids = mint("G", among())(500).to_pylist()
    assert all(re.fullmatch("G[0-9A-HJKMNP-TV-Z]{12}", i) for i in ids)
    assert len(set(ids)) == 500


def test_an_id_that_was_used_is_not_minted_again() -> None:
    """Where chance would repeat an id, in this run or any before, another is drawn."""
    bytes_ = cycle([b"\0" * 12, b"\1" * 12, b"\2" * 12])
    new = mint("G", among("G000000000000"), lambda size: b"".join(next(bytes_) for _ in range(size // 12)))
    assert new(1).to_pylist() == ["G111111111111"]
    assert new(1).to_pylist() == ["G222222222222"]


def test_none_asked_none_given() -> None:
    """A night without new customers mints nothing."""
    assert len(mint("H", among("x"))(0)) == 0
