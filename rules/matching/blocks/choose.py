"""Which blocking rules are used: proposed from the data, their pairs counted before anything is joined."""

import math
from dataclasses import dataclass, field, replace
from typing import Final

from rules.matching import keys
from rules.matching.block import Blocks, Nights, blocks
from rules.matching.blocks import cases as block_cases
from rules.matching.blocks import likely as block_likely
from rules.matching.blocks import offered as block_keys
from rules.matching.blocks import propose as block_propose
from rules.matching.blocks.cases import Cover
from rules.matching.blocks.count import Counted, chance, telling
from rules.matching.blocks.offered import Key
from rules.matching.blocks.propose import Limits
from rules.matching.config import Matching
from rules.matching.encode import Column, Encoded
from rules.matching.types import Bools, Floats
from rules.vocabulary import PartyType

WHOLE_FORMS: Final = ("year", "sound", "sorted", "first", "1", "drop", "swap")
"""Forms that every value has, so that equal values have equal forms."""
WORTH: Final = 1_000
"""A rule is used while it costs no more pairs than this for each match that it is expected to add."""
LEAST_WORTH: Final = 20_000
"""Pairs that finding all matches is worth in any case."""
OVERHEAD: Final = (100, 0.02)
"""What a rule costs besides its pairs, in pairs: in any but tiny tables, and for each record."""
FEWEST: Final = 0.01
"""So many matches a record are expected at least: a rule that finds duplicates where they are rare is worth it."""
MOST_RULES: Final = 32
OFF: Final = (500, 1.3)
"""A rule whose pairs are more than this, and this times those counted on the sample, is thought over again."""
MOST_TOLD: Final = 12
"""Rules left out that are told, those that would have added most."""


@dataclass(frozen=True)
class Considered:
    """One proposed rule: what it would cost, what it would find, and whether it is used."""

    rule: tuple[str, ...]
    pairs: int
    largest: int
    refused_blocks: int
    refused_pairs: int
    used: bool
    reason: str
    recall: float | None = None
    """Share of the matches that it finds by itself; estimated."""
    adds: float | None = None
    """Share of the matches that no rule before it finds; estimated."""
    found: float | None = None
    """Share of the matches that it and all rules before it find; estimated."""

    @property
    def text(self) -> str:
        """The rule for people."""
        return " and ".join(self.rule) or "every record with every other"


@dataclass
class _Choice:
    """Rules as they are taken one by one."""

    encoded: Encoded
    offered: list[Key]
    cover: Cover
    weight: Floats
    """Of each case, before any rule has found it."""
    matches: float
    """How many are expected among the records."""
    budget: float
    """Pairs, without those that several rules find."""
    largest_block: int
    split_by: tuple[str, ...]
    spent: float = 0.0
    used: list[Blocks] = field(default_factory=list)
    table: list[Considered] = field(default_factory=list)
    made: dict[str, Column] = field(default_factory=dict)

    def accept(self, rule: tuple[int, ...], pairs: float) -> float | None:
        """See block_propose.Accept."""
        recall, adds = self.shares(rule)
        new = pairs - (recall - adds) * self.matches
        if self.spent + new > self.budget:
            self.refuse(rule, pairs, f"{int(pairs):,} pairs are more than the budget allows")
            return math.inf
        found = blocks(self.encoded, self.names(rule), self.largest_block, self.made, self.split_by)
        if found.pairs > OFF[0] + OFF[1] * pairs:
            return float(found.pairs)
        if not found.pairs:
            return math.inf
        self.used.append(found)
        self.spent += max(new, 0.0)
        said = Considered(found.rule, found.pairs, found.largest, found.refused, found.refused_pairs, True, "")
        every = sum(c.adds or 0.0 for c in self.table if c.used) + adds
        said = replace(said, reason=_remark(found), recall=recall, adds=adds, found=round(every, 5))
        self.table.append(said)
        return None

    def refuse(self, rule: tuple[int, ...], pairs: float, reason: str) -> None:
        """Tell a rule that is left out, unless enough are told."""
        if sum(not c.used for c in self.table) < MOST_TOLD:
            recall, adds = self.shares(rule)
            self.table.append(Considered(self.names(rule), int(pairs), 0, 0, 0, False, reason, recall, adds))

    def names(self, rule: tuple[int, ...]) -> tuple[str, ...]:
        return tuple(self.offered[i].name for i in rule)

    def shares(self, rule: tuple[int, ...]) -> tuple[float, float]:
        """Of the expected matches, those that a rule finds, and those that no rule taken so far finds."""
        found = self.cover.found(rule)
        return round(float(self.weight[found].sum()), 5), round(float(self.weight[found & ~self.cover.ever].sum()), 5)


def choose(encoded: Encoded, party: PartyType, config: Matching) -> tuple[list[Blocks], list[Considered]]:
    """The rules that find the most matches for their pairs, within the budget, and all that were considered.

    Matches that are to be found are estimated (`block_likely`, `block_cases`), without truth and without a model.
    """
    n, offered = len(encoded), block_keys.offered(encoded, party)
    if n < 2 or not offered:
        return [], []
    if n * (n - 1) / 2 <= config.pairs_per_record * n:
        return _every_pair(encoded)
    counted = Counted.on(encoded, config.largest_block)
    offered = telling(counted, offered)
    counted.names = [k.name for k in offered]
    by_chance = chance(counted)
    seen = block_likely.likely(encoded, offered, by_chance)
    agree, weight = block_cases.distinct(*block_cases.cases(encoded, offered, seen))
    matches = n * max(seen.a_record / 2, FEWEST)
    budget = min(config.pairs_per_record * n + matches, config.pairs)
    split_by = _useful(encoded, offered, agree, weight, by_chance)
    cover = Cover(agree, weight.copy())
    choice = _Choice(encoded, offered, cover, weight, matches, budget, config.largest_block, split_by)
    worth = max(WORTH * matches, LEAST_WORTH)
    limits = Limits(budget, 1 / worth, min(OVERHEAD[0], 0.1 * n) + OVERHEAD[1] * n, MOST_RULES, matches)
    left = block_propose.propose(offered, counted, cover, limits, choice.accept)
    for proposal in left:
        choice.refuse(proposal.rule, proposal.pairs, "adds too little for its pairs")
    return _needed(choice.used, choice.table)


def _every_pair(encoded: Encoded) -> tuple[list[Blocks], list[Considered]]:
    """The rule without a key, for tables so small that every record is compared with every other."""
    found = blocks(encoded, (), len(encoded))
    reason = "so few records that every pair is compared"
    return [found], [Considered((), found.pairs, found.largest, 0, 0, True, reason, 1.0, 1.0, 1.0)]


def _useful(encoded: Encoded, offered: list[Key], agree: Bools, weight: Floats, by_chance: Floats) -> tuple[str, ...]:
    """Columns by which blocks that are too large are split: those that tell the most and agree in most matches."""
    worth = {
        k.column: float(weight[agree[i]].sum()) * -math.log2(by_chance[i])
        for i, k in enumerate(offered)
        if k.name == k.column and encoded.columns[k.column].offsets is None
    }
    return tuple(sorted(worth, key=lambda c: (-worth[c], c)))


def _needed(used: list[Blocks], table: list[Considered]) -> tuple[list[Blocks], list[Considered]]:
    """Without the rules of which every pair is a pair of another rule too."""
    complete = [b.rule for b in used if not b.refused and not b.split]
    spare = {b.rule for b in used if any(o != b.rule and _implies(b.rule, o) for o in complete)}
    told = [replace(c, used=False, reason="another rule finds its pairs") if c.rule in spare else c for c in table]
    return [b for b in used if b.rule not in spare], sorted(told, key=lambda c: not c.used)


def given(
    encoded: Encoded, rules: tuple[tuple[str, ...], ...], config: Matching, nights: Nights | None = None
) -> tuple[list[Blocks], list[Considered]]:
    """Exactly the rules a person wrote, whatever they cost; keys without a column are left out with a reason."""
    used: list[Blocks] = []
    table: list[Considered] = []
    made: dict[str, Column] = {}
    for number, rule in enumerate(rules):
        absent = [k for k in rule if not keys.has(encoded, k)]
        if absent:
            table.append(Considered(rule, 0, 0, 0, 0, False, f"no values in {', '.join(absent)}"))
            continue
        found = blocks(encoded, rule, config.largest_block, made, nights=nights)
        later = {k for other in rules[number + 1 :] for k in other}
        made = {k: column for k, column in made.items() if k in later}
        used.append(found)
        table.append(
            Considered(rule, found.pairs, found.largest, found.refused, found.refused_pairs, True, _remark(found))
        )
    return used, table


def _implies(rule: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Whether every pair of `rule` is a pair of `other` already: each key of `other` is in it, or is a form of one."""
    return all(o in rule or (keys.split(o)[0] in rule and keys.split(o)[1] in WHOLE_FORMS) for o in other)


def _remark(found: Blocks) -> str:
    said = []
    if found.split:
        said.append(f"large blocks split by {', '.join(found.split)}")
    if found.refused:
        are = "1 block" if found.refused == 1 else f"{found.refused:,} blocks"
        said.append(f"{are} of {found.refused_pairs:,} pairs left out, as too large")
    return "; ".join(said)
