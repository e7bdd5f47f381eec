"""A record read as a person's and one read as a firm's are matched together where a person says they are one."""

import numpy as np
import pyarrow as pa
import pytest

from rules.matching.party import agreed
from rules.vocabulary import DECISIONS

PARTY = {"p": "person", "o": "organisation"}


@pytest.mark.parametrize(
    ("party", "same", "expected"),
    [
        ("pop", ["0=1"], "ppp"),
        ("poo", ["0=1", "1=2"], "ooo"),
        ("popo", ["0=2"], "popo"),
        ("po", [], "po"),
        ("po", ["0=9"], "po"),
    ],
)
def test_the_type_of_a_group_that_a_person_joined(party: str, same: list[str], expected: str) -> None:
    """That of most of its records, else person; what nobody joined, or joins to what is not there, stays."""
    table = pa.table({"source": ["crm"] * len(party), "record_id": [str(n) for n in range(len(party))]})
    rows = [
        {"kind": "same", "left_source": "crm", "left_id": left, "right_source": "crm", "right_id": right}
        for left, right in (text.split("=") for text in same)
    ]
    found = agreed(np.array([PARTY[p] for p in party]), table, [pa.Table.from_pylist(rows, DECISIONS)])
    assert found.tolist() == [PARTY[p] for p in expected]
