"""The rules of a chain: each gives a number a claim, and the claims with the highest number are left."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from rules.survivorship import consensus
from rules.survivorship.claims import Claims
from rules.survivorship.config import Field, Group, Survivorship
from rules.survivorship.frequencies import Frequencies
from rules.survivorship.runs import Floats, Ints, Runs, numbered


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


def chain(field: Field | Group) -> list[tuple[str, Key]]:
    chain: list[tuple[str, Key]] = [(name, KEYS[name]) for name in field.rules]
    if isinstance(field, Field) and field.always:
        chain.insert(0, ("always", _always))
    return chain


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
