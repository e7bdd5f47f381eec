"""The latest word on each consent; where two say different things on one day, it counts as withdrawn."""

from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from rules.duck import ask
from rules.survivorship.ledger import Ledger, only

WITHDRAWN = ("withdrawn", "no", "false", "0", "n")


def survive(ledger: Ledger, consents: pa.Table | None) -> None:
    """Put `consent.PURPOSE` and `consent.PURPOSE:POINT` into the ledger: given or withdrawn, by the latest date."""
    if consents is None or not len(consents):
        return
    people = ledger.members
    owners = pa.table({
        "source": people.sources.take(pa.array(people.source)), "record_id": people.record_id,
        "member": np.arange(len(people.row)), "golden": people.golden,
    })  # fmt: skip
    rows = ask(
            "select 'consent.' || purpose || coalesce(':' || point, '') as field, golden, given, member "
            "from consents join owners using (source, record_id) where given is not null and purpose is not null "
            "qualify row_number() over (partition by field, golden order by coalesce(date, '') desc, "
            "list_contains($withdrawn, lower(given)) desc, member, given) = 1 order by field, golden",
            {"withdrawn": list(WITHDRAWN)}, consents=consents, owners=owners,
        )  # fmt: skip
    names = rows["field"].to_numpy()
    for start, end in _stretches(names):
        part = rows.slice(start, end - start)
        golden, member = part["golden"].to_numpy(), part["member"].to_numpy()
        ledger.add(names[start], only(people, golden, part["given"].combine_chunks(), member, "most_recent"))


def _stretches(names: NDArray[Any]) -> list[tuple[int, int]]:
    edges = [0, *(np.flatnonzero(names[1:] != names[:-1]) + 1).tolist(), len(names)]
    return list(pairwise(edges)) if len(names) else []
