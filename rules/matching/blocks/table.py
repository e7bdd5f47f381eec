"""The table of blocking rules, before anything is compared: what `goldseam blocking` shows."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from rules.matching import generations
from rules.matching.block import new_pairs
from rules.matching.blocks.choose import Considered
from rules.matching.config import Matching
from rules.matching.encode import by_key, encode
from rules.matching.engine import party_of
from rules.matching.group import candidates, comparisons
from rules.matching.shared import leave_out
from rules.vocabulary import PartyType


@dataclass(frozen=True)
class Appraised:
    """The rules for the records of one type of party."""

    party: str
    records: int
    considered: tuple[Considered, ...]
    new: tuple[int | None, ...]
    """For each rule the pairs that no used rule before it gives; None where it is not used."""

    @property
    def pairs(self) -> int:
        """Pairs that all used rules give together."""
        return sum(n or 0 for n in self.new)

    @property
    def recall(self) -> float | None:
        """Share of the matches that the used rules find together; estimated, None for rules a person wrote."""
        told = [c.found for c in self.considered if c.found is not None]
        return max(told) if told else None


def appraise(features: pa.Table, config: Matching, *, link: bool = False, threads: int = 2) -> list[Appraised]:
    """The blocking rules for persons and for organisations; `features` as for `engine.match`."""
    table = by_key(features)
    party, out = party_of(table), []
    for kind in PartyType:
        rows = np.flatnonzero(party == kind)
        if not len(rows):
            continue
        encoded = generations.apart(encode(table.take(pa.array(rows))))
        encoded, _ = leave_out(encoded, comparisons(encoded, kind, config), config)
        used, considered = candidates(encoded, kind, config)
        counts = dict(zip((b.rule for b in used), new_pairs(encoded, used, link=link, threads=threads), strict=True))
        new = tuple(counts.get(c.rule) if c.used else None for c in considered)
        out.append(Appraised(str(kind), len(rows), tuple(considered), new))
    return out
