"""What to do next: the few things most worth doing, in plain words.

An action's worth is the number of records it touches times how much it helps each of them (`WEIGHT`): a source
that did not come stands before everything, a look at one large cluster stands last. No kind takes more than two
places, so that the list stays a list of different things.
"""

import shlex
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from reports.format import listing, noun, number, plural, sentence, share, words
from reports.scorecard.context import Action, Cluster, Operator, Reason, SourceRules, SourceState
from reports.scorecard.tables import Tables
from rules import asked
from rules.scorecard import Settings

MOST: Final = 5
OF_A_KIND: Final = 2
WEIGHT: Final = {
    "source": 1e6, "rule": 1e5, "quarantine": 3.0, "operator": 2.5, "review": 2.0,
    "reach": 1.5, "duplicates": 0.6, "missing": 0.5, "columns": 0.3, "look": 0.2,
}  # fmt: skip
"""How much one record gains: a customer who was set aside is lost, one with an empty field is only incomplete."""
NEVER_ASKED: Final = 0.3
"""What a source never has, it was perhaps never meant to have."""
QUESTIONS: Final = {"name": "a name", "reach": "any phone or e-mail", "address": "any address"}


@dataclass(frozen=True)
class Findings:
    """What the other parts of the page found."""

    sources: tuple[SourceState, ...]
    reasons: tuple[Reason, ...]
    quarantined: int
    rules: tuple[SourceRules, ...]
    operators: tuple[Operator, ...]
    clusters: tuple[Cluster, ...]
    duplicate_free: frozenset[str]
    """Sources whose owner says that they hold nobody twice."""


def actions(tables: Tables, found: Findings, how: Settings, workspace: str) -> tuple[Action, ...]:
    """The most valuable first; `workspace`: its folder, as the commands that are proposed name it."""
    every = [
        *_sources(found.sources, workspace), *_rules(found.rules), *_quarantine(found, workspace),
        *_operators(found.operators), *_review(tables, workspace), *_reach(tables),
        *_duplicates(tables, found.duplicate_free), *_missing(tables, how), *_columns(found.sources),
        *_look(found.clusters, workspace),
    ]  # fmt: skip
    every.sort(key=lambda action: (-action.worth, action.kind, action.title))
    taken: Counter[str] = Counter()
    best = []
    for action in every:
        taken[action.kind] += 1
        if taken[action.kind] <= OF_A_KIND:
            best.append(action)
    return tuple(best[:MOST])


def command(name: str, workspace: str, *words: str) -> str:
    """A command line to copy, as it stands in a sentence."""
    return f"`{' '.join(['goldseam', name, '-w', *map(shlex.quote, (workspace, *words))])}`"


def _sources(sources: tuple[SourceState, ...], workspace: str) -> Iterator[Action]:
    for source in sources:
        if source.state in ("failed", "carried"):
            stood_in = "its last good rows stand in" if source.state == "carried" else "nothing of it is in this run"
            yield Action(
                "source",
                f"Get {source.name} to come in again",
                f"{sentence(source.reason or 'it could not be read')} {sentence(stood_in)}",
                sentence(source.remedy)
                or f"Run {command('check', workspace)} to see what is wrong with {source.name}.",
                WEIGHT["source"] * (2 if source.state == "failed" else 1),
            )


def _rules(rules: tuple[SourceRules, ...]) -> Iterator[Action]:
    broken = [f"{rule.name} ({suite.source})" for suite in rules for rule in suite.failing if rule.errored]
    if broken:
        yield Action(
            "rule",
            f"Mend {plural(len(broken), 'rule')} that could not run",
            f"{listing(broken)} broke before it could check anything, so what it watches is unknown.",
            "The message stands under Expectations; correct the rule's file in rules/expectations.",
            WEIGHT["rule"] * len(broken),
        )


def _quarantine(found: Findings, workspace: str) -> Iterator[Action]:
    if found.reasons:
        top = found.reasons[0]
        most = top.text[:1].lower() + top.text[1:].rstrip(".")
        yield Action(
            "quarantine",
            f"Bring back {plural(found.quarantined, 'record')} from quarantine",
            f"Most often: {most} ({number(top.records)}, in {listing(top.sources)}).",
            f"{command('quarantine list', workspace)} shows them; correct or release them there, or send them back to "
            "their source.",
            WEIGHT["quarantine"] * found.quarantined,
        )


def _operators(operators: tuple[Operator, ...]) -> Iterator[Action]:
    for one in operators:
        if one.stands_out:
            seen = f", such as {listing([f'“{e}”' for e in one.examples], 3)}" if one.examples else ""
            yield Action(
                "operator",
                f"Talk with {one.name} about incomplete forms",
                f"{share(one.share)} of {plural(one.records, 'record')} hold a value that looks invented{seen}; "
                f"elsewhere it is {share(one.usual)}. A sign, never proof.",
                "Make the field optional on the form, or call these customers again.",
                WEIGHT["operator"] * one.suspect,
            )


def _review(tables: Tables, workspace: str) -> Iterator[Action]:
    found = tables.rows(
        'SELECT kind, "left", "right", count(*) OVER () FROM candidates '
        'ORDER BY worth DESC NULLS LAST, "left", "right" LIMIT 1'
    )
    for kind, left, right, count in found:
        asked = f"{left}, which may be {right}" if kind == "key" else command("why", workspace, left, right)
        yield Action(
            "review",
            f"Settle {plural(count, 'doubtful case')}",
            "Too alike to keep apart unseen, not alike enough to join unseen: only a person can tell.",
            f"The most valuable stand first: start with {asked}.",
            WEIGHT["review"] * count,
        )


def _reach(tables: Tables) -> Iterator[Action]:
    lost, first = tables.rows(
        "SELECT count(*), first(display_name ORDER BY records DESC, golden_id) FROM golden "
        "WHERE email IS NULL AND phone IS NULL AND coalesce(status, '') NOT IN ('closed', 'deceased')"
    )[0]
    if lost:
        yield Action(
            "reach",
            f"Find a way to reach {plural(lost, 'customer')}",
            "No source knows a telephone number or e-mail address of theirs that can be used.",
            f"They stand in golden.csv with both columns empty{f'; begin with {first}' if first else ''}.",
            WEIGHT["reach"] * lost,
        )


def _duplicates(tables: Tables, duplicate_free: frozenset[str]) -> Iterator[Action]:
    found = tables.rows("SELECT source, sum(n)::BIGINT, count(*) FROM held GROUP BY 1 HAVING sum(n) > count(*)")
    for source, records, customers in found:
        extra = records - customers
        promise = " Its owner declares it free of duplicates." if source in duplicate_free else ""
        yield Action(
            "duplicates",
            f"Stop {source} from entering customers twice",
            f"{plural(records, 'record')} are {plural(customers, 'customer')}: {number(extra)} too many.{promise}",
            "Look a customer up before a new one is entered; published/latest/crosswalk.csv names those to join.",
            WEIGHT["duplicates"] * extra * (2 if promise else 1),
        )


def _missing(tables: Tables, how: Settings) -> Iterator[Action]:
    for party, names in how.complete.items():
        person = "IS DISTINCT FROM 'organisation'" if party == "person" else "= 'organisation'"
        for name in names:
            lacks = f"count(*) FILTER (NOT ({asked.question(name)}))"
            found = tables.rows(
                f"SELECT source, count(*), {lacks} FROM asked WHERE party_type {person} AND NOT contact "  # noqa: S608 - constants and checked names
                f"GROUP BY 1 HAVING {lacks} > 0"
            )
            for source, records, missing in found:
                yield _ask(source, str(party), name, records, missing)


def _ask(source: str, party: str, name: str, records: int, missing: int) -> Action:
    what = QUESTIONS.get(name, f"a {words(name)}")
    never = missing == records
    if never:
        how = f"Add it to the form or export behind {source}, or map its column if there is one."
    else:
        how = f"Make it a required field in {source}, and ask at the next contact."
    return Action(
        "missing",
        f"Ask for {what} in {source}",
        f"{number(missing)} of {number(records)} {noun(records, party)} ({share(missing / records)}) lack it.",
        how,
        WEIGHT["missing"] * missing * (NEVER_ASKED if never else 1),
    )


def _columns(sources: tuple[SourceState, ...]) -> Iterator[Action]:
    for source in sources:
        if source.unmapped:
            yield Action(
                "columns",
                f"Say what {plural(len(source.unmapped), 'column')} of {source.name} mean",
                f"Nobody reads {listing(source.unmapped)}: what stands there helps neither matching nor anybody else.",
                f"Add them to `columns` in sources/{source.name}.yml, or map them to `ignore`.",
                WEIGHT["columns"] * source.rows * 0.1,
            )


def _look(clusters: tuple[Cluster, ...], workspace: str) -> Iterator[Action]:
    doubtful = [cluster for cluster in clusters if cluster.doubts]
    if doubtful:
        first = doubtful[0]
        yield Action(
            "look",
            f"Look at {first.name}: {plural(first.records, 'record')} in one customer",
            f"They hold {listing(first.doubts)}, which one customer should not have.",
            f"See it under Biggest clusters, and how it came about with {command('why', workspace, first.golden_id)}.",
            WEIGHT["look"] * sum(cluster.records for cluster in doubtful),
        )
