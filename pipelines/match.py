"""Stage 4: which records are one customer. Reads what validate passed, writes pairs and cluster labels.

Under the model, the rules and the program of the last published run only what changed since is matched again
(rules/matching/again); the outcome is that of matching all.
"""

import hashlib
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from connectors.store.runs import RunFolder
from pipelines import features as featured
from pipelines.context import Run, StageResult, counted
from pipelines.features import KEYED, STAGE
from rules import fingerprint, identity
from rules.matching import config, engine
from rules.matching.again.joined import ENDS, Earlier, Night
from rules.matching.again.night import rematch
from rules.matching.blocks.table import Appraised, appraise
from rules.matching.engine import Matched
from rules.standardise import phones

MODEL: Final = "model.json"
INPUTS: Final = pa.schema([("under", pa.string())])
"""The table `inputs`, one row: a fingerprint of all that decides what becomes of records, but for the model."""
NEEDED: Final = (
    "features",
    "rows",
    "links",
    "frequencies",
    "forms",
    "left_out",
    "inputs",
    "decided",
    "pairs",
    "labels",
    "health",
    "contrary",
)
"""Tables of an earlier run without which all must be matched again."""


def match(run: Run) -> StageResult:
    """Pairs, labels (cluster and household of each record), the health of each cluster, and the model.

    Besides, for the next run: `features`, `rows`, `links`, `frequencies`, `inputs` and `decided`.
    """
    decided, model = _decided(run), run.store.model()
    before = _base(run, model)
    kept = featured.amended(run, before) if before else None
    if before and kept and (night := _again(run, before, kept, decided)):
        result = _amend(run, before, night, len(kept.changed))
    else:
        result = _whole(run, kept.features if kept else featured.whole(run), decided, model)
    run.folder.write(STAGE, "inputs", pa.Table.from_pylist([{"under": _under(run)}], INPUTS))
    run.folder.write(STAGE, "decided", decided.select(["kind", *ENDS]))
    return result


def _base(run: Run, model: str | None) -> RunFolder | None:
    """The last published run, where what it found can be built on."""
    before = run.base
    if before is None or model is None or not all(before.parts(STAGE, name) for name in NEEDED):
        return None
    same = before.read(STAGE, "inputs").to_pylist()[0]["under"] == _under(run)
    return before if same and _model_of(before) == model else None


def _model_of(folder: RunFolder) -> str | None:
    path = folder.root / STAGE / MODEL
    return path.read_text("utf-8") if path.exists() else None


def _under(run: Run) -> str:
    return hashlib.sha256(repr((fingerprint.program(), config_of(run).model_dump_json())).encode()).hexdigest()


def _again(run: Run, before: RunFolder, kept: featured.Kept, decided: pa.Table) -> Night | None:
    read = before.read
    earlier = Earlier(
        read(STAGE, "rows"), read(STAGE, "links"), read(STAGE, "left_out"), read(STAGE, "health"),
        read(STAGE, "contrary"), read(STAGE, "decided"), kept.earlier,
        read(STAGE, "forms"),
    )  # fmt: skip
    return rematch(
        kept.features, kept.changed, earlier, config=config_of(run), model=run.store.model(),
        frequencies=read(STAGE, "frequencies"), constraints=decided, progress=run.progress,
    )  # fmt: skip


def _amend(run: Run, before: RunFolder, night: Night, changed: int) -> StageResult:
    """Write what is other than in an earlier run."""
    folder = run.folder
    folder.amend(STAGE, "labels", night.relabelled, night.moved, before.parts(STAGE, "labels")["all"], by=KEYED)
    folder.amend(STAGE, "pairs", night.pairs, night.gone, before.parts(STAGE, "pairs")["all"], by=(ENDS,))
    for name in ("frequencies", "forms"):
        folder.keep(STAGE, name, found=before.parts(STAGE, name)["all"])
    for name in ("health", "contrary", "rows", "links", "blocking", "left_out"):
        folder.write(STAGE, name, getattr(night, name))
    _write_model(run, run.store.model())
    note = f"{counted(changed, 'record')} changed: {counted(len(night.pairs), 'pair')} weighed again"
    return _result(night.labels, night.compared, (*night.notes, note))


def _whole(run: Run, table: pa.Table, decided: pa.Table, model: str | None) -> StageResult:
    """Match all records."""
    found = engine.match(
        table, config=config_of(run), model=model, frequencies=_frequencies(run, model), constraints=decided,
        progress=run.progress,
    )  # fmt: skip
    for name, data in (
        ("pairs", found.pairs), ("labels", found.labels), ("health", found.health), ("contrary", found.contrary),
        ("blocking", found.blocking_table()), ("left_out", found.left_out_table()), ("frequencies", found.frequencies),
    ):  # fmt: skip
        run.folder.write(STAGE, name, data)
    if (rows := found.rows()) is not None:
        run.folder.write(STAGE, "rows", rows)
        run.folder.write(STAGE, "links", found.links())
        run.folder.write(STAGE, "forms", found.forms())
    _write_model(run, found.model)
    return _result(found.labels, len(found.pairs), found.notes)


def _frequencies(run: Run, model: str | None) -> pa.Table | None:
    """How common values count under a model, if the last published run knew."""
    before = run.before
    if model is None or before is None or _model_of(before) != model or not before.parts(STAGE, "frequencies"):
        return None
    return before.read(STAGE, "frequencies")


def _result(labels: pa.Table, pairs: int, notes: tuple[str, ...]) -> StageResult:
    clusters = len(pc.unique(labels["cluster_id"]))
    counts = {"pairs": pairs, "clusters": clusters, "duplicates": len(labels) - clusters}
    return StageResult(STAGE, len(labels), clusters, notes=notes, counts=counts)


def _write_model(run: Run, model: str) -> None:
    path = run.folder.root / STAGE / MODEL
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(model, "utf-8")


def engine_of(run: Run, *, fresh: bool = False, labels: pa.Table | None = None) -> Matched:
    """The matching of a run that is over, once more with its own model, to ask it why; `fresh`: with a new one, which
    learns from `labels`.
    """
    return engine.match(
        featured.features_of(run),
        config=config_of(run),
        model=None if fresh else (run.folder.root / STAGE / MODEL).read_text("utf-8"),
        frequencies=None if fresh else _counted(run),
        constraints=_decided(run),
        labels=labels,
        binding=False,
    )


def _counted(run: Run) -> pa.Table | None:
    return run.folder.read(STAGE, "frequencies") if run.folder.parts(STAGE, "frequencies") else None


def blocking_of(run: Run) -> list[Appraised]:
    """The blocking rules for the records of a run that is over."""
    return appraise(featured.features_of(run), config_of(run))


def config_of(run: Run) -> config.Matching:
    """`rules/matching.yml`; the own numbers and domains of the firm are no evidence. Raises schema.Mistakes."""
    path = run.workspace.rules_file("matching.yml")
    said = config.read(path.read_text("utf-8"), "rules/matching.yml") if path else config.Matching()
    firm = run.workspace.firm
    numbers = tuple(n.canonical for text in firm.own_phones for n in phones.read(text, firm.country) if n.canonical)
    domains = tuple("@" + d.lower().lstrip("@") for d in firm.own_domains)
    own = {"phones": numbers, "mobiles": numbers, "emails": domains}
    return said.model_copy(update={"leave_out": {**{k: v for k, v in own.items() if v}, **said.leave_out}})


def _decided(run: Run) -> pa.Table:
    """What people decided, as it bears on the records that are there."""
    decisions: pa.Table = run.store.decisions()
    if not len(decisions):
        return decisions
    return identity.binding(decisions, run.folder.read("validate", "records", columns=["source", "record_id"]))
