"""`goldseam fit`: learn the matching model anew, see what it would change, and only then use it.

Between fits the model is frozen, so that golden ids do not flap from night to night. Judgements teach the new model:
decisions of stewards, and files of labels.
"""

from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from pipelines import again, labelled
from pipelines.context import Run
from pipelines.fitting import Change, Reliability, changes, reliability, with_reasons
from pipelines.match import config_of, engine_of
from rules.matching.model import Model, Thresholds, UnreadableModel, from_json

SHOWN = 10
"""Changes that are shown with their reasons, the largest first."""


class NoSuchModel(again.NoSuchRun):
    """There is no model of that number; the message says which there are."""


@dataclass(frozen=True)
class Difference:
    """What a new model would change, on the records of the last run."""

    model: str
    """The new model, as JSON."""
    records: int
    before: int
    """Customers under the model in use."""
    after: int
    changes: tuple[Change, ...]
    """Every customer that would be joined or split, the largest change first; the first SHOWN with their reasons."""
    merge_only: bool
    """Only what may be joined unseen is joined, whatever the best threshold."""
    thresholds: dict[str, tuple[Thresholds | None, Thresholds]]
    """By type of party: those in use (None: there was no model of it), and the new ones."""
    reliability: dict[str, Reliability]
    """By type of party: how well the judgements are predicted, where there are any."""
    pairs: int
    """Candidate pairs it was learnt from."""
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Version:
    """A model that was or is in use."""

    number: int
    time: str
    run_id: str
    judgements: int
    """Judgements that it learned from."""
    same_as: int | None
    """An earlier number of the same model: it was taken up again."""
    in_use: bool


def fit(root: Path, labels: Path | None = None) -> Difference:
    """Learn a model from the records of the last run and from what people judged, and compare. Nothing is changed.

    Raises again.NoSuchRun, schema.Mistakes (the file of labels, the matching file).
    """
    with again.matched(root) as run:
        judged = _judged(run, labels)
        new = engine_of(run, fresh=True, labels=judged)
        merge_only = config_of(run).merge_only
        old = run.folder.read("match", "labels")
        doubtful = labelled.doubts(labels, old["source"], old["record_id"])
        in_use, doubt = _in_use(run)
    found = changes(old, new.labels)
    return Difference(
        new.model,
        len(old),
        len(old["cluster_id"].unique()),
        len(new.labels["cluster_id"].unique()),
        with_reasons(found, new, SHOWN),
        merge_only,
        {kind: (_thresholds(in_use.get(kind)), now) for kind, now in new.thresholds.items()},
        reliability(new, in_use),
        round(sum(model.pairs for model in new.models.values())),
        (*doubt, *doubtful, *new.notes),
    )


def _in_use(run: Run) -> tuple[dict[str, Model], tuple[str, ...]]:
    """The model in use, and a note where it cannot be read: then there is nothing to compare the new one with."""
    saved = run.store.model()
    try:
        return (from_json(saved) if saved else {}), ()
    except UnreadableModel as error:
        return {}, (f"Not compared with the model in use: {error.why}.",)


def _judged(run: Run, labels: Path | None) -> pa.Table:
    """Decisions in force, then the file of labels: where they contradict each other, nothing is learned."""
    found = [labelled.of_decisions(run.store.decisions()), labelled.read(labels)]
    return pa.concat_tables([t.cast(labelled.SCHEMA) for t in found if t is not None])


def _thresholds(model: Model | None) -> Thresholds | None:
    return model.thresholds if model else None


def use(root: Path, model: str) -> int:
    """Make a model the one that the next run uses; -> its number. Raises again.NoSuchRun."""
    with again.opened(root) as run:
        run.store.save_model(model, run.id)
        return int(run.store.models()["number"][0].as_py())


def use_again(root: Path, number: int) -> int:
    """Take up an earlier model: it is in use from the next run on, under a new number; -> that number.

    Raises NoSuchModel, again.NoSuchRun.
    """
    with again.opened(root) as run:
        rows = {row["number"]: row for row in run.store.models().to_pylist()}
        if number not in rows:
            raise NoSuchModel(f"there is no model {number}. Models: {', '.join(map(str, sorted(rows))) or 'none yet'}")
        run.store.save_model(rows[number]["model"], rows[number]["run_id"])
        return int(max(rows)) + 1


def versions(root: Path) -> tuple[Version, ...]:
    """Every model that was in use, the one in use now first. Raises again.NoSuchRun."""
    with again.opened(root) as run:
        rows = run.store.models().to_pylist()
    first: dict[str, int] = {}
    for row in reversed(rows):
        first.setdefault(row["model"], row["number"])
    return tuple(
        Version(
            row["number"],
            row["time"],
            row["run_id"],
            _learned_from(row["model"]),
            first[row["model"]] if first[row["model"]] != row["number"] else None,
            at == 0,
        )
        for at, row in enumerate(rows)
    )


def _learned_from(model: str) -> int:
    try:
        return sum(m.correction.judgements for m in from_json(model).values() if m.correction)
    except UnreadableModel:
        return 0
