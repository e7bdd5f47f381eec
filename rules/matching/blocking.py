"""Which blocking rules are used: candidates from a file, pairs counted before anything is joined."""

from dataclasses import dataclass
from typing import Final

from rules.matching import keys
from rules.matching.block import Blocks, blocks
from rules.matching.config import Matching
from rules.matching.encode import Column, Encoded

WHOLE_FORMS: Final = ("year", "sound", "sorted", "first")
"""Forms that every value has, so that equal values have equal forms."""


@dataclass(frozen=True)
class Considered:
    """One candidate rule: what it would cost and whether it is used."""

    rule: tuple[str, ...]
    pairs: int
    largest: int
    refused_blocks: int
    refused_pairs: int
    used: bool
    reason: str


def choose(
    encoded: Encoded, candidates: tuple[tuple[str, ...], ...], config: Matching
) -> tuple[list[Blocks], list[Considered]]:
    """Candidates in their order while the budget lasts; one that contains a rule already used adds nothing."""
    budget = min(config.pairs_per_record * len(encoded), config.pairs)
    per_rule = max(0.6 * len(encoded), min(budget / 2, 100_000))
    used: list[Blocks] = []
    table: list[Considered] = []
    made: dict[str, Column] = {}
    spent = 0
    for rule in (r for r in candidates if all(keys.has(encoded, k) for k in r)):
        if any(_implies(rule, b.rule) for b in used if not b.refused and not b.split):
            continue
        found = blocks(encoded, rule, config.largest_block, made)
        pairs = found.pairs
        reason = ""
        if pairs == 0:
            reason = "no two records agree on it"
        elif pairs > per_rule or spent + pairs > budget:
            reason = f"{pairs:,} pairs are more than the budget allows"
        if not reason:
            used.append(found)
            spent += pairs
            reason = _remark(found)
            table.append(Considered(rule, pairs, found.largest, found.refused, found.refused_pairs, True, reason))
        else:
            table.append(Considered(rule, pairs, found.largest, found.refused, found.refused_pairs, False, reason))
    return used, table


def given(
    encoded: Encoded, rules: tuple[tuple[str, ...], ...], config: Matching
) -> tuple[list[Blocks], list[Considered]]:
    """Exactly the rules a person wrote, whatever they cost; keys without a column are left out with a reason."""
    used: list[Blocks] = []
    table: list[Considered] = []
    for rule in rules:
        absent = [k for k in rule if not keys.has(encoded, k)]
        if absent:
            table.append(Considered(rule, 0, 0, 0, 0, False, f"no values in {', '.join(absent)}"))
            continue
        found = blocks(encoded, rule, config.largest_block)
        used.append(found)
        table.append(
            Considered(rule, found.pairs, found.largest, found.refused, found.refused_pairs, True, _remark(found))
        )
    return used, table


def _implies(rule: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Whether every pair of `rule` is a pair of `other` already: each key of `other` is in it, or is a form of one."""
    return all(o in rule or (o.partition(".")[0] in rule and o.partition(".")[2] in WHOLE_FORMS) for o in other)


def _remark(found: Blocks) -> str:
    said = []
    if found.split:
        said.append(f"large blocks split by {', '.join(found.split)}")
    if found.refused:
        said.append(f"{found.refused} blocks of {found.refused_pairs:,} pairs are too large and left out")
    return "; ".join(said)
