"""Stage 3: expectation suites; a bad cell is withheld, a record that cannot be identified quarantined whole.

Where a source's rules are those of the last published run, only those of its records are tested again of which
something changed that a rule looks at (retest.py), or on which the day alone is judged otherwise (ahead.py); the
outcome is that of a test of all.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property

import pyarrow as pa
import pyarrow.compute as pc

from connectors.store.runs import RunFolder
from connectors.workspace import ENDINGS, Workspace
from pipelines import ahead, passed, tested, validated
from pipelines.context import Run, StageResult
from pipelines.retest import Changes
from pipelines.tested import Portion
from rules import fingerprint
from rules.expectations import checking, kept, suites
from rules.expectations.checking import Checked, Setting
from rules.schema import Mistakes, Problem
from rules.standardise import phones
from rules.vocabulary import RESULTS

STAGE = "validate"
INPUTS = pa.schema([(name, pa.string()) for name in ("source", "rules", "released", "day")])
"""The table `inputs`, one row a source: a fingerprint of its rules and their settings, what was released of it (JSON:
record_id -> hash), and the day that rules compare with."""


class RuleErrored(Exception):
    """A rule that could not be applied: the run fails, since nothing is known of the rows."""


def validate(run: Run) -> StageResult:
    """Test every source's records and facts, as far as needed.

    Writes a source's standard tables and facts, `results`, `quarantine` and `failures` (kept.KEPT). Raises
    schema.Mistakes where a rule is wrong, RuleErrored where one could not be applied.
    """
    work = _Work(run, read_suites(run.workspace), setting(run))
    portions = {name: work.portion(name) for name in work.sources}
    due = {name: portion for name, portion in portions.items() if portion.due}
    for name in (n for n in work.sources if n not in due):
        run.folder.take_over(STAGE, name, run.before)  # type: ignore[arg-type]  # not without it
    if due:
        _test(work, due)
    for name in (n for n in work.sources if portions[n].ids is not None):
        passed.relocate(run, name)
    _write_inputs(run, work)
    return validated.result(run, work.suites, portions)


def _test(work: "_Work", due: Mapping[str, Portion]) -> None:
    """Test what is due, and write what becomes of it."""
    run = work.run
    tables = tested.tables(run.folder, due, work.suites)
    checked = checking.check(tables, work.suites, work.setting, run.progress, tested.others(due))
    _stop_where_errored(checked, work.suites)
    failed = kept.keep(checked.failures, tables)
    then = _then(work, due)
    for name, portion in due.items():
        passing = passed.Passing(run, name, portion, checked, failed, work.released(name))
        if portion.ids is None:
            passing.write()
        else:
            passing.amend(then)


def _then(work: "_Work", due: Mapping[str, Portion]) -> pa.Table:
    """What was counted before of the records that are tested again: rows of vocabulary.RESULTS."""
    before, again = work.run.before, {name: p for name, p in due.items() if p.ids is not None}
    if before is None or not again:
        return RESULTS.empty_table()
    failed = [
        before.parts(STAGE, "failures")[n].read(filters=pc.field("record_id").isin(p.ids)) for n, p in again.items()
    ]
    tables = tested.tables(before, again, work.suites)
    return checking.recall(tables, work.suites, work.setting, pa.concat_tables(failed))


def read_suites(workspace: Workspace) -> suites.Suites:
    """The default suites with the workspace's own over them. Raises schema.Mistakes."""
    folder = workspace.root / "rules" / "expectations"
    files: dict[str, str] = {}
    for path in sorted(p for p in folder.glob("*") if p.suffix in ENDINGS and p.name[0] != "."):
        try:
            files[path.name] = path.read_text("utf-8")
        except UnicodeDecodeError as error:
            name = f"rules/expectations/{path.name}"
            raise Mistakes([Problem(name, 0, "", "not UTF-8 text", "Save the file as UTF-8")]) from error
    return suites.load(files, {name: source.expect.never_empty for name, source in workspace.sources.items()})


def setting(run: Run) -> Setting:
    """What rules refer to as `$NAME`. Today is the latest date that it is anywhere on earth (UTC+14)."""
    firm = run.workspace.firm
    numbers = [n.canonical for text in firm.own_phones for n in phones.read(text, firm.country)]
    domains = tuple(d.strip().lstrip("@").lower() for d in firm.own_domains)
    today = (run.started + timedelta(hours=14)).date().isoformat()
    stated = {
        name
        for name, source in run.workspace.sources.items()
        if any(target.startswith("address.") and target.endswith(".country") for target in source.columns.values())
    }
    assumed = frozenset(run.workspace.sources) - stated
    return Setting(today, domains, tuple(n for n in numbers if n), assumed)


@dataclass
class _Work:
    """What there is to test, and by what."""

    run: Run
    suites: suites.Suites
    setting: Setting

    @cached_property
    def sources(self) -> list[str]:
        """Sources that have records or facts in this run."""
        parts = self.run.folder.parts
        return sorted({*parts("standardise", "records"), *parts("standardise", "facts")})

    @cached_property
    def _released(self) -> pa.Table:
        return self.run.store.released()

    def released(self, source: str) -> pa.Table:
        return self._released.filter(pc.equal(self._released["source"], source))

    @cached_property
    def rules(self) -> dict[str, str]:
        """Of each source, a fingerprint of what decides what becomes of a row, but for the date."""
        return {name: self._rules(name) for name in self.sources}

    def _rules(self, name: str) -> str:
        rules = [(c.name, c.table, c.suite, c.rule.model_dump_json()) for c in self.suites.of(name)]
        own = (self.setting.own_domains, self.setting.own_phones, name in self.setting.assumed)
        return hashlib.sha256(repr((fingerprint.program(), rules, own)).encode()).hexdigest()

    def let_through(self, name: str) -> str:
        """JSON of what is released of a source: record_id -> hashes."""
        found: dict[str, list[str]] = {}
        for row in self.released(name).to_pylist():
            found.setdefault(row["record_id"], []).append(row["hash"] or "")
        return json.dumps({record: sorted(hashes) for record, hashes in found.items()}, sort_keys=True)

    @cached_property
    def _inputs(self) -> dict[str, dict[str, str]]:
        """The row of `inputs` of each source of the last published run."""
        before = self.run.base
        if before is None or not before.parts(STAGE, "inputs") or not before.parts(STAGE, "failures"):
            return {}
        return {row["source"]: row for row in before.read(STAGE, "inputs").to_pylist()}

    @cached_property
    def _changes(self) -> Changes:
        assert self.run.before is not None  # noqa: S101 - for the type checker: there is no row of inputs without
        return Changes(self.run.folder, self.run.before)

    def portion(self, name: str) -> Portion:
        """What of a source must be tested."""
        then = self._inputs.get(name, {})
        if then.get("rules") != self.rules[name]:
            return Portion()
        now, before = json.loads(self.let_through(name)), json.loads(then["released"])
        others = [record for record in {*now, *before} if now.get(record) != before.get(record)]
        come = ahead.tested(self.run.folder, name, self.suites.of(name), then["day"], self.setting.today)
        again = pc.unique(pa.concat_arrays([pa.array(sorted(others), pa.string()), come]))
        return self._changes.portion(name, self.suites.of(name), again)


def _write_inputs(run: Run, work: _Work) -> None:
    rows = [
        {"source": name, "rules": seen, "released": work.let_through(name), "day": work.setting.today}
        for name, seen in work.rules.items()
    ]
    run.folder.write(STAGE, "inputs", pa.Table.from_pylist(rows, INPUTS))


def come_true(run: Run, looked: RunFolder) -> bool:
    """Whether the day alone makes another judgement of what an earlier run tested under the same rules."""
    wanted, today = read_suites(run.workspace), setting(run).today
    rows = looked.read(STAGE, "inputs").to_pylist()
    return any(len(ahead.tested(looked, r["source"], wanted.of(r["source"]), r["day"], today)) for r in rows)


# --- what is said -------------------------------------------------------------------------------------------


def _stop_where_errored(checked: Checked, wanted: suites.Suites) -> None:
    errored = checked.results.filter(checked.results["errored"]).to_pylist()
    if not errored:
        return
    where = {(c.suite, c.table, c.name): c for row in errored for c in wanted.of(row["source"])}
    told = []
    for key in sorted({(row["suite"], row["table"], row["rule"], row["message"]) for row in errored}):
        check = where[key[:3]]
        told.append(f"{check.file}:{check.line}: {check.name} could not be applied to {check.table}: {key[3]}")
    raise RuleErrored("\n".join(told))
