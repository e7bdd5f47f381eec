"""What a generator of test data hands over: the records, and apart from them who is who."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True)
class DataSet:
    """`records`: text columns, the first one `rec_id`, rows shuffled and numbered after the shuffle, null for missing.

    `truth`: rec_id and entity_id, one row a record. No column of `records` tells the entity.
    """

    records: pa.Table
    truth: pa.Table
