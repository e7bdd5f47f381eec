"""Scores of data quality: of all checks of a dimension, the share that holds, by source, department or operator.

score = 1 - failed / checked, pooled over every check of the dimension (a check is one question to one value or
one record, so that a score reads as "of 100 values, so many are good"). Rules that could not run are left out
and counted apart. The dimensions are those of DAMA UK (The Six Primary Dimensions for Data Quality Assessment,
2013). Where nothing was checked the score is None, which is *not measured* and never a hundred per cent;
accuracy needs a verified source to compare with, so it is None until somebody brings one.

| dimension | what is asked |
|---|---|
| completeness | each question of `complete` to each record |
| validity | the rules of that dimension |
| uniqueness | records, of which one a customer is good |
| consistency | values in `agree` where a customer has several: good where most of them say so; and the rules |
| timeliness | dated records: good where no older than `fresh_days` |

A rule of validation is counted by source. For departments and operators its checks are shared out by their
records in the source, and its failures by the flags it left on those records (by records where it left none), so
that every grouping adds up to the same whole; but for uniqueness, since two sources of one department may hold the
same customer.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from difflib import get_close_matches
from importlib.resources import files
from typing import Annotated, Final, Literal, TypeAlias

import duckdb
from pydantic import Field, field_validator

from rules import asked, schema, vocabulary

Group: TypeAlias = Literal["source", "department", "operator"]
DIMENSIONS: Final = tuple(vocabulary.Dimension)
Share = Annotated[float, Field(ge=0, le=1)]


class Settings(schema.Strict):
    """`scorecard.yml`: what counts as complete, fresh and contradictory, and the targets."""

    complete: dict[vocabulary.PartyType, tuple[str, ...]]
    fresh_days: Annotated[int, Field(ge=1)]
    agree: tuple[str, ...]
    targets: dict[vocabulary.Dimension, Share]

    @field_validator("complete")
    @classmethod
    def _questions(cls, value: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        for names in value.values():
            _known(names, (*asked.QUESTIONS, *vocabulary.RECORDS.names))
        return value

    @field_validator("agree")
    @classmethod
    def _columns(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        _known(value, vocabulary.RECORDS.names)
        return value


def _known(names: Iterable[str], words: Sequence[str]) -> None:
    for name in names:
        if name not in words:
            near = get_close_matches(name, words, n=1)
            raise ValueError(f"{name!r} is no column of a record" + (f"; did you mean {near[0]}?" if near else ""))


@dataclass(frozen=True)
class Check:
    """How often one group was asked something about a dimension, and how often the answer was bad."""

    group: str
    dimension: str
    checked: float
    failed: float


@dataclass(frozen=True)
class Score:
    """One cell of the heat map; `value` and `target` are shares from 0 to 1, None where there is none."""

    group: str
    dimension: str
    value: float | None
    checked: float
    failed: float
    target: float | None

    @property
    def gap(self) -> float:
        """How far below its target, in shares; 0 where met, not measured or without target."""
        return 0.0 if self.value is None or self.target is None else max(0.0, self.target - self.value)


def settings(own: str | None = None, targets: Mapping[vocabulary.Dimension, float] | None = None) -> Settings:
    """The defaults, under the text of a workspace's own `scorecard.yml`, under the targets of `goldseam.yml`.

    Raises schema.Mistakes where the text holds a key or value that cannot be used.
    """
    default, _ = schema.load(files("rules").joinpath("defaults/scorecard.yml").read_text("utf-8"), "scorecard.yml")
    data, lines = schema.load(own, "rules/scorecard.yml") if own and own.strip() else ({}, {})
    if not isinstance(data, dict):
        return schema.parse(data, lines, Settings, "rules/scorecard.yml")
    merged = {**default, **data}
    for key in ("complete", "targets"):
        if isinstance(data.get(key), dict):
            merged[key] = {**default[key], **data[key]}
    if isinstance(merged["targets"], dict):
        merged["targets"] = {**merged["targets"], **(targets or {})}
    return schema.parse(merged, lines, Settings, "rules/scorecard.yml")


def score(checks: Iterable[Check], targets: Mapping[vocabulary.Dimension, float]) -> tuple[Score, ...]:
    """Every dimension of every group, in order of group and dimension; see the module's text for the formula."""
    pooled: dict[tuple[str, str], list[float]] = {}
    for check in checks:
        cell = pooled.setdefault((check.group, check.dimension), [0.0, 0.0])
        cell[0] += check.checked
        cell[1] += check.failed
    groups = sorted({group for group, _ in pooled})
    return tuple(
        _cell(group, dimension, pooled.get((group, dimension), [0.0, 0.0]), targets.get(dimension))
        for group in groups
        for dimension in DIMENSIONS
    )


def _cell(group: str, dimension: str, counts: list[float], target: float | None) -> Score:
    checked, failed = counts
    value = None if checked == 0 else 1 - failed / checked
    return Score(group, str(dimension), value, checked, failed, target)


def total(checks: Iterable[Check], targets: Mapping[vocabulary.Dimension, float], name: str) -> tuple[Score, ...]:
    """The scores of all groups taken together, as one group called `name`."""
    return score([Check(name, c.dimension, c.checked, c.failed) for c in checks], targets)


def measure(con: duckdb.DuckDBPyConnection, by: Group) -> list[Check]:
    """The checks of every group, counted in SQL, of what `asked.ask` made.

    `con` holds besides `flags` and `results` (as validate made them); an empty table measures nothing. Records without
    a department or operator are left out of those groups.
    """
    found = []
    for query in (_counted(by), _uniqueness(by), _rules(by)):
        rows = con.execute(query).fetchall()
        found += [Check(str(group), dimension, checked, failed) for group, dimension, checked, failed in rows]
    return found


def ask(con: duckdb.DuckDBPyConnection, how: Settings, today: date) -> None:
    """Make what is measured (rules.asked.ask), for these settings and this day."""
    asked.ask(con, how.complete, how.agree, today - timedelta(days=how.fresh_days))


def _counted(by: Group) -> str:
    return f"""
        SELECT {by}, dimension, sum(checked)::BIGINT, sum(failed)::BIGINT FROM counted
        WHERE {by} IS NOT NULL GROUP BY ALL"""  # noqa: S608 - `by` is one of Group


def _uniqueness(by: Group) -> str:
    return (
        f"SELECT {by}, 'uniqueness', count(*)::BIGINT, (count(*) - count(DISTINCT golden_id))::BIGINT "  # noqa: S608 - `by` is one of Group
        f"FROM asked WHERE golden_id IS NOT NULL AND {by} IS NOT NULL GROUP BY 1"
    )


_RULES_OF: Final = "('validity', 'consistency', 'accuracy')"


def _rules(by: Group) -> str:
    return f"""
        WITH rules AS (
          SELECT source, rule, dimension, sum(checked) AS checked, sum(failed) AS failed FROM results
          WHERE dimension IN {_RULES_OF} AND errored IS NOT TRUE GROUP BY ALL
        ), shares AS (
          SELECT source, {by} AS part, count(*) / sum(count(*)) OVER (PARTITION BY source) AS share
          FROM asked GROUP BY source, {by}
        ), flagged AS (
          SELECT f.source, f.rule, r.{by} AS part, count(*) AS n,
                 sum(count(*)) OVER (PARTITION BY f.source, f.rule) AS whole
          FROM flags f JOIN asked r USING (source, record_id) GROUP BY f.source, f.rule, r.{by}
        ), known AS (SELECT DISTINCT source, rule FROM flagged)
        SELECT s.part, r.dimension, sum(r.checked * s.share)::DOUBLE,
               sum(r.failed * CASE WHEN k.rule IS NULL THEN s.share ELSE coalesce(f.n / f.whole, 0) END)::DOUBLE
        FROM rules r JOIN shares s USING (source) LEFT JOIN known k USING (source, rule)
        LEFT JOIN flagged f ON f.source = r.source AND f.rule = r.rule AND f.part IS NOT DISTINCT FROM s.part
        WHERE s.part IS NOT NULL GROUP BY ALL"""  # noqa: S608 - `by` is one of Group
