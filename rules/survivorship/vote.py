"""One field's election: a chain of rules narrows the values that each golden record's members hold to one."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from rules.survivorship import text
from rules.survivorship.chain import Contest, chain
from rules.survivorship.claims import Claims
from rules.survivorship.config import Field, Group, Survivorship
from rules.survivorship.frequencies import Frequencies
from rules.survivorship.runs import Bools, Floats, Ints, Runs, numbered

YEAR: Final = 365.2425

RULES: Final = (
    "only", "agreed", "consensus", "most_frequent", "most_trusted", "most_recent", "most_complete", "longest",
    "severity", "always", "tie", "only_suspect", "unsuspected", "with_group", "primary", "decided",
)  # fmt: skip
"""What may decide; a rule is passed about as its place here."""

CODE: Final = {name: place for place, name in enumerate(RULES)}


@dataclass(frozen=True)
class Verdicts:
    """Who won a field, one row a golden record that has a value."""

    golden: Ints
    claim: Ints
    """Row of the claims whose value survives."""
    rule: Ints
    share: Floats
    """Share of the votes that hold the surviving value; 1 where all agree."""
    sources: Ints
    """Independent sources that hold it."""
    codes: Ints
    """Number of the compared value, one a claim: the claims that differ from the winner's lost."""


def vote(
    claims: Claims, field: Field | Group, name: str, config: Survivorship, frequencies: Frequencies | None = None
) -> Verdicts:
    """The winner of each golden record's election for one field."""
    trusted = _unsuspected(claims)
    heard = claims.take(trusted)
    runs = Runs.over(heard.golden)
    codes, plain = compared(heard, runs)
    contested = runs.max(codes) != runs.min(codes) if len(codes) else np.zeros(0, bool)
    rule = np.where(runs.size == 1, CODE["only"], CODE["agreed"])
    pool, share = np.ones(len(codes), bool), np.ones(len(runs.start))
    if contested.any():
        rows = np.flatnonzero(contested[runs.of])
        part = heard.take(rows)
        contest = Contest(_aged(part, field, config), Runs.over(part.golden), codes[rows], plain, field, name, config,
                          frequencies)  # fmt: skip
        pool[rows], rule[contested], share[contested] = _narrow(contest)
    winner = best_written(heard, runs, pool)
    rule = np.where(runs.any(heard.suspect), CODE["only_suspect"], rule)
    all_codes = np.full(len(claims.golden), -1, np.int64)
    at = np.flatnonzero(trusted)
    all_codes[at] = codes
    return Verdicts(runs.group, at[winner], rule, share, _witnesses(heard, runs, pool), all_codes)


def _unsuspected(claims: Claims) -> Bools:
    """Suspect values are heard only where nobody says anything better."""
    if not claims.suspect.any():
        return np.ones(len(claims.golden), bool)
    runs = Runs.over(claims.golden)
    return ~claims.suspect | ~runs.any(~claims.suspect)[runs.of]


def compared(claims: Claims, runs: Runs) -> tuple[Ints, pa.Array]:
    """A number for each claim's compared value, and the value of each number, in alphabetical order.

    Only where one golden record holds values that differ as they stand is anything compared; elsewhere every
    claim has number 0.
    """
    raw = _numbers(claims.value)
    codes = np.zeros(len(raw), np.int64)
    if not len(raw):
        return codes, pa.array([], pa.string())
    at = np.flatnonzero((runs.max(raw) != runs.min(raw))[runs.of])
    rows = pa.array(at)
    forms = pc.dictionary_encode(pc.coalesce(pc.take(claims.form, rows), pc.take(claims.value, rows)))
    plain = text.plain(forms.dictionary)
    distinct = pc.unique(plain)
    distinct = pc.take(distinct, pc.sort_indices(distinct))
    of_form = pc.index_in(plain, value_set=distinct).to_numpy(zero_copy_only=False).astype(np.int64)
    codes[at] = of_form[forms.indices.to_numpy(zero_copy_only=False)]
    return codes, distinct


def _numbers(values: pa.Array) -> Ints:
    return np.asarray(pc.dictionary_encode(values).indices.to_numpy(zero_copy_only=False), np.int64)


def _aged(claims: Claims, field: Field | Group, config: Survivorship) -> Claims:
    """Claims whose weight halves with each half-life that they are older than the latest of their rivals."""
    if field.half_life_years is None:
        return claims
    runs = Runs.over(claims.golden)
    latest = runs.max(claims.date)[runs.of]
    age = np.where(claims.date >= 0, latest - claims.date, 0) / (YEAR * field.half_life_years)
    factor = np.where(latest < 0, 1.0, np.where(claims.date >= 0, 0.5**age, config.votes.undated))
    return Claims(**{**claims.__dict__, "weight": claims.weight * factor})


def _narrow(contest: Contest) -> tuple[Bools, Ints, Floats]:
    """The claims that hold the winning value, and by run the rule that decided and the winner's share of votes."""
    runs, codes = contest.runs, contest.codes
    alive = np.ones(len(codes), bool)
    rule = np.full(len(runs.start), CODE["tie"])
    open_ = np.ones(len(runs.start), bool)
    for name, key in chain(contest.field):
        alive = runs.keep_best(alive, key(contest))
        settled = open_ & runs.one_value(codes, alive)
        rule[settled] = CODE[name]
        open_ &= ~settled
        if not open_.any():
            break
    alive = runs.keep_best(alive, -codes)
    winner = runs.max(np.where(alive, codes, -1))
    pool = codes == winner[runs.of]
    candidate, row, votes = contest.support(contest.claims.weight)
    total = np.bincount(runs.of[row], votes, len(runs.start))
    won = runs.max(np.where(pool, votes[candidate], 0.0))
    return pool, rule, np.divide(won, total, out=np.ones(len(total)), where=total > 0)


def best_written(claims: Claims, runs: Runs, pool: Bools) -> Ints:
    """The claim of each run whose way of writing the winning value survives: Anna before ANNA before anna.

    Then what most votes write, accents counting half as much again; then the fullest entry, the latest, the most
    trusted, the first by source and record id.
    """
    alive = pool.copy()
    several = (runs.size > 1)[runs.of]
    at = np.flatnonzero(several & pool)
    if not len(at):
        return runs.keep_first(alive)
    some = Runs.over(runs.of[at])
    written = pc.dictionary_encode(pc.take(claims.value, pa.array(at)))
    index = written.indices.to_numpy(zero_copy_only=False).astype(np.int64)
    way, _ = numbered(some.of, index)
    votes = np.bincount(way, claims.weight[at])[way] * (1 + text.accented(written.dictionary)[index] / 2)
    left = np.ones(len(at), bool)
    phone = text.international(written.dictionary)[index]
    case = text.writing(written.dictionary)[index] + phone
    for key in (case, np.round(votes, 9), claims.filled[at], claims.date[at], claims.trust[at]):
        left = some.keep_best(left, key)
    alive[at] = left
    return runs.keep_first(alive)


def _witnesses(claims: Claims, runs: Runs, pool: Bools) -> Ints:
    at = np.flatnonzero(pool)
    _, first = numbered(runs.of[at], claims.source[at])
    return np.bincount(runs.of[at][first], minlength=len(runs.start))
