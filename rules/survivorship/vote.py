"""One field's election: a chain of rules narrows the values that each golden record's members hold to one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from rules.survivorship import consensus, text
from rules.survivorship.config import Field, Group, Survivorship
from rules.survivorship.entries import Entries
from rules.survivorship.frequencies import Frequencies
from rules.survivorship.runs import Bools, Floats, Ints, Runs, numbered

YEAR: Final = 365.2425

RULES: Final = (
    "only", "agreed", "consensus", "most_frequent", "most_trusted", "most_recent", "most_complete", "longest",
    "severity", "always", "tie", "only_suspect", "with_group", "primary", "decided",
)  # fmt: skip
"""What may decide; a rule is passed about as its place here."""

CODE: Final = {name: place for place, name in enumerate(RULES)}


@dataclass(frozen=True)
class Claims:
    """The votes for one field, sorted by golden record. `entry` is the row of the entries that says so."""

    golden: Ints
    entry: Ints
    value: pa.Array
    """As it stood; never null."""
    form: pa.Array
    """What is compared where it is not null."""
    weight: Floats
    suspect: Bools
    date: Floats
    trust: Floats
    source: Ints
    filled: Ints
    """How many parts of its group the entry fills."""

    def take(self, rows: Ints | Bools) -> "Claims":
        at = np.flatnonzero(rows) if rows.dtype == bool else rows
        value, form = (pc.take(column, pa.array(at)) for column in (self.value, self.form))
        return Claims(
            self.golden[at], self.entry[at], value, form, self.weight[at], self.suspect[at], self.date[at],
            self.trust[at], self.source[at], self.filled[at],
        )  # fmt: skip


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


@dataclass(frozen=True)
class Contest:
    """What a rule of the chain may look at; arrays are by claim."""

    claims: Claims
    runs: Runs
    codes: Ints
    plain: pa.Array
    """The compared value of each code."""
    field: Field | Group
    name: str
    config: Survivorship
    frequencies: Frequencies | None

    def support(self, weight: Floats) -> tuple[Ints, Ints, Floats]:
        """Votes by candidate: (candidate a claim, a claim of each candidate, its votes)."""
        return support(self.runs, self.codes, self.claims.source, weight, self.config.votes.copies)


Key = Callable[[Contest], NDArray[Any]]


def claims_of(entries: Entries, name: str, form: str | None, config: Survivorship) -> Claims:
    """Every value of a field that is not withheld, with the weight of its word.

    Weight is trust (1 at the default of 0.5) x type x doubts; age comes in where rivals are known.
    """
    value = entries.column(name)
    kept = pc.is_valid(value).to_numpy(zero_copy_only=False) & ~entries.flagged(name, "withheld")
    at = np.flatnonzero(kept)
    rows = pa.array(at)
    forms = pc.take(entries.column(form), rows) if form else pa.nulls(len(at), pa.string())
    trust = entries.members.trust[entries.member[at]]
    weight = np.maximum(2 * trust, 0.02) * entries.weight[at] * _doubt(entries, name, config)[at]
    if form and form.endswith("_norm") and form in entries.table.column_names:
        weight = weight * np.where(pc.is_valid(forms).to_numpy(zero_copy_only=False), 1.0, _invalid(config))
    return Claims(
        entries.golden[at], at, pc.take(value, rows), forms, weight, entries.flagged(name, "suspect")[at],
        entries.date[at], trust, entries.members.source[entries.member[at]], np.ones(len(at), np.int64),
    )  # fmt: skip


def _doubt(entries: Entries, name: str, config: Survivorship) -> Floats:
    weight = np.ones(len(entries.row))
    for flag, factor in config.votes.doubt.items():
        weight[entries.flagged(name, flag.value)] *= factor
    return weight


def _invalid(config: Survivorship) -> float:
    return next((factor for flag, factor in config.votes.doubt.items() if flag == "invalid"), 1.0)


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


def support(runs: Runs, codes: Ints, source: Ints, weight: Floats, copies: float) -> tuple[Ints, Ints, Floats]:
    """Votes by candidate (a value of a run): (candidate a row, a row of each candidate, its votes).

    Where several sources speak, the n-th record of one source with one value adds copies^(n-1) of a vote.
    """
    voter, first = numbered(runs.of, codes, source)
    number = np.bincount(voter, minlength=len(first))
    mean = np.bincount(voter, weight, len(first)) / number
    several = (runs.max(source) != runs.min(source))[runs.of[first]]
    damped = (1 - copies**number) / (1 - copies) if copies < 1 else number
    votes = mean * np.where(several, damped, number)
    candidate, row = numbered(runs.of, codes)
    return candidate, row, np.asarray(np.bincount(candidate[first], votes, len(row)), np.float64)


def _narrow(contest: Contest) -> tuple[Bools, Ints, Floats]:
    """The claims that hold the winning value, and by run the rule that decided and the winner's share of votes."""
    runs, codes = contest.runs, contest.codes
    alive = np.ones(len(codes), bool)
    rule = np.full(len(runs.start), CODE["tie"])
    open_ = np.ones(len(runs.start), bool)
    for name, key in _chain(contest.field):
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


def _chain(field: Field | Group) -> list[tuple[str, Key]]:
    chain: list[tuple[str, Key]] = [(name, KEYS[name]) for name in field.rules]
    if isinstance(field, Field) and field.always:
        chain.insert(0, ("always", _always))
    return chain


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


# --- the rules of the chain: each gives a number a claim, the highest survive --------------------------------


def _consensus(contest: Contest) -> Floats:
    candidate, row, votes = contest.support(contest.claims.weight)
    used, code = np.unique(contest.codes[row], return_inverse=True)
    ballot = consensus.Ballot(contest.runs.of[row], code, votes, pc.take(contest.plain, pa.array(used)))
    known = contest.frequencies if contest.field.spelling else None
    return consensus.scores(ballot, contest.config.slips, contest.name, known)[candidate]


def _most_frequent(contest: Contest) -> Floats:
    candidate, _, votes = contest.support(np.ones(len(contest.codes)))
    return np.round(votes, 9)[candidate]


def _longest(contest: Contest) -> NDArray[Any]:
    return np.asarray(pc.utf8_length(contest.claims.value).to_numpy(zero_copy_only=False))


def _severity(contest: Contest) -> Ints:
    return _placed(contest, contest.field.order if isinstance(contest.field, Field) else ())


def _always(contest: Contest) -> Ints:
    return _placed(contest, contest.field.always if isinstance(contest.field, Field) else ())


def _placed(contest: Contest, order: tuple[str, ...]) -> Ints:
    at = pc.index_in(contest.claims.value, value_set=pa.array(order, pa.string()))
    return -np.asarray(pc.fill_null(at, len(order)).to_numpy(zero_copy_only=False), np.int64)


KEYS: Final[Mapping[str, Key]] = {
    "consensus": _consensus,
    "most_frequent": _most_frequent,
    "most_trusted": lambda contest: contest.claims.trust,
    "most_recent": lambda contest: contest.claims.date,
    "most_complete": lambda contest: contest.claims.filled,
    "longest": _longest,
    "severity": _severity,
}
