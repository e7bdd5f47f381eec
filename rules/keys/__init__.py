"""Record keys: declared columns joined, or keys carried from run to run where a source has none of its own.

A key names the same customer record for ever: repeated ids are told apart (`#2`), an id that became someone else
is a new record (`@2`), and a row without an id is recognised again by its content, then by its likeness.
"""

from rules.keys.carried import carry
from rules.keys.content import KNOWN, Keyed, content_hash, hashed, identified, own_columns
from rules.keys.declared import declared
from rules.keys.doubts import KEY_DOUBTS, still_open
from rules.keys.recycled import recycled

__all__ = [
    "KEY_DOUBTS", "KNOWN", "Keyed", "carry", "content_hash", "declared", "hashed", "identified", "own_columns",
    "recycled", "still_open",
]  # fmt: skip
