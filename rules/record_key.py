"""The key by which people and pages name a source record: `SOURCE:RECORD_ID`."""

from collections.abc import Mapping
from typing import Any


class NoKey(ValueError):
    """A text that is not written as the key of a record; the message says how one is written."""


def key_of(row: Mapping[str, Any], side: str = "") -> str:
    """The key of the record that a row speaks of. `side`: of one of several, as in `left_source, left_id`."""
    return f"{row[f'{side}_source']}:{row[f'{side}_id']}" if side else f"{row['source']}:{row['record_id']}"


def ends(decision: Mapping[str, Any]) -> tuple[str, ...]:
    """The keys of the records that a decision is about: two, of a value one."""
    return tuple(key_of(decision, side) for side in ("left", "right") if decision[f"{side}_source"])


def is_key(text: str) -> bool:
    """Whether a text is written as the key of a record."""
    source, _, record_id = text.partition(":")
    return bool(source and record_id)


def split_key(key: str) -> tuple[str, str]:
    """`SOURCE:RECORD_ID`, split at the first colon. Raises NoKey where there is none."""
    source, _, record_id = key.partition(":")
    if not (source and record_id):
        message = f"{key[:80]!r} is no record key: write SOURCE:RECORD_ID, as in crm:1042"
        raise NoKey(message)
    return source, record_id
