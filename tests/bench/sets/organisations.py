"""Customers that are organisations: a site is a customer, however many sites share one tax id and one switchboard.

The hard points: sites of one firm in one city, sister companies, the accountant's phone and e-mail given by many small
firms, firms of one name in two cities, a firm that changed its name, and a name in other letters with another form.
"""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

from tests.bench.sets.gathering import gathered
from tests.bench.sets.organisations_firms import Trade
from tests.bench.sets.organisations_written import written

if TYPE_CHECKING:
    from tests.bench.sets.data_set import DataSet

COLUMNS = (
    "company", "contact", "street", "postcode", "city", "country", "phone", "email", "website", "tax_id",
)  # fmt: skip
SIZES = ([1, 2, 3, 4, 5, 6], [0.5, 0.25, 0.13, 0.07, 0.03, 0.02])  # records of a site, and their shares


def organisations(records: int, seed: int) -> DataSet:
    """`records` rows; the same seed makes the same set."""
    rng = Random(seed)
    trade = Trade(rng)
    rows = []
    entity = 0
    while len(rows) < records:
        for site in trade.sites():
            entity += 1
            size = min(rng.choices(*SIZES)[0], records - len(rows))
            rows += [(entity, written(site, at, rng)) for at in range(size)]
    return gathered(rows, COLUMNS, rng)
