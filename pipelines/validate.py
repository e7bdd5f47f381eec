"""Stage 3: expectation suites; a bad cell is withheld, a record that cannot be identified quarantined whole.

A source whose records, facts and rules are those of the last published run is not tested again. (A date in the
future is then found to be past only when the source changes.)
"""

import hashlib
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property

import pyarrow as pa
import pyarrow.compute as pc

from connectors.store.parts import Part
from connectors.store.runs import RunFolder
from connectors.workspace import ENDINGS, Workspace
from pipelines import passed
from pipelines.context import Run, StageResult, counted
from rules import fingerprint
from rules.expectations import checking, columns, suites
from rules.expectations.checking import Checked, Setting
from rules.schema import Mistakes, Problem
from rules.standardise import phones
from rules.standardise.record_table import CONTACT
from rules.vocabulary import STANDARD_TABLES, Severity

STAGE = "validate"
INPUTS = pa.schema([("source", pa.string()), ("fingerprint", pa.string())])


class RuleErrored(Exception):
    """A rule that could not be applied: the run fails, since nothing is known of the rows."""


def validate(run: Run) -> StageResult:
    """Test every source's records and facts. Writes the standard tables, `facts`, `results` and `quarantine` a source.

    Raises schema.Mistakes where a rule is wrong, RuleErrored where one could not be applied.
    """
    work = _Work(run, read_suites(run.workspace), setting(run))
    before = _before(run)
    due = [name for name in work.sources if before.get(name) != work.fingerprints[name]]
    for name in (n for n in work.sources if n not in due):
        run.folder.take_over(STAGE, name, run.before)  # type: ignore[arg-type]  # `before` is empty without it
    if due:
        checked = checking.check(_tables(work, due), work.suites, work.setting, run.progress)
        _stop_where_errored(checked, work.suites)
        for name in due:
            passed.write(run, name, checked, work.released(name))
    _write_inputs(run, work)
    return _result(run, work, due)


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
    def fingerprints(self) -> dict[str, str]:
        """Of everything that decides what becomes of a source's rows, but for the date."""
        return {name: self._fingerprint(name) for name in self.sources}

    def _fingerprint(self, name: str) -> str:
        rules = [(c.name, c.table, c.suite, c.rule.model_dump_json()) for c in self.suites.of(name)]
        own = (self.setting.own_domains, self.setting.own_phones)
        released = sorted(map(repr, self.released(name).to_pylist()))
        seen = (fingerprint.program(), rules, own, released, self._files(name))
        return hashlib.sha256(repr(seen).encode()).hexdigest()

    def _files(self, name: str) -> list[list[str]]:
        """The files of a source's tables, and of the records that it refers to."""
        folder = self.run.folder
        mine = [folder.parts("standardise", t).get(name) for t in STANDARD_TABLES]
        source = self.run.workspace.sources.get(name)
        records = folder.parts("standardise", "records")
        refers = [records.get(source.customers)] if source and source.customers else []
        if source and "contact_of" in source.columns.values():
            refers = [*records.values()]
        parts = [*mine, folder.parts("standardise", "facts").get(name), *refers]
        return [[str(file.relative_to(folder.runs)) for file in part.files] if part else [] for part in parts]


def _before(run: Run) -> dict[str, str]:
    """Fingerprint of each source in the last published run."""
    if run.before is None or not run.before.parts(STAGE, "inputs"):
        return {}
    return {row["source"]: row["fingerprint"] for row in run.before.read(STAGE, "inputs").to_pylist()}


def _write_inputs(run: Run, work: _Work) -> None:
    rows = [{"source": name, "fingerprint": seen} for name, seen in work.fingerprints.items()]
    run.folder.write(STAGE, "inputs", pa.Table.from_pylist(rows, INPUTS))


# --- what is tested -----------------------------------------------------------------------------------------


def _tables(work: _Work, due: list[str]) -> dict[str, pa.Table]:
    """The tables of the sources that are due, only the columns that some rule looks at."""
    folder = work.run.folder
    needed = checking.needed(work.suites, due)
    raw = [c for c in needed["records"] if c.startswith(columns.NEVER_EMPTY)]
    needed["records"] = [c for c in needed["records"] if c not in raw]
    found = {table: _read(folder, "standardise", table, due, names) for table, names in needed.items()}
    tables = {table: data for table, data in found.items() if data is not None}
    if raw and "records" in tables:
        tables["records"] = _with_raw(work.run, tables["records"], due, raw)
    keys = _read(folder, "standardise", "records", None, ["source", "record_id"])
    return {**tables, "keys": keys} if keys is not None else tables


def _read(folder: RunFolder, stage: str, table: str, sources: list[str] | None, names: list[str]) -> pa.Table | None:
    """Some columns of the parts of these sources (None: of all), in order of source; None where there is no part."""
    parts = [p for name, p in folder.parts(stage, table).items() if sources is None or name in sources]
    if not parts:
        return None
    pieces = [p.read([n for n in names if n in p.schema.names]) for p in parts]
    return pa.concat_tables(pieces, promote_options="permissive")


def _with_raw(run: Run, records: pa.Table, due: list[str], names: list[str]) -> pa.Table:
    """Records with `raw:COLUMN` for each name: the cell of the row they were read from; blank counts as empty.

    A contact has no row of its own: what it lacks is told of its organisation.
    """
    key = pc.binary_join_element_wise(records["source"], records["record_id"], ":").combine_chunks()
    for name in names:
        rows = [_raw(part, source, name.removeprefix(columns.NEVER_EMPTY))
                for source, part in run.folder.parts("land", "raw").items() if source in due]  # fmt: skip
        raw = pa.concat_tables([_RAW.empty_table(), *rows]).combine_chunks()
        at = pc.index_in(key, value_set=raw["key"].combine_chunks())
        told = pc.and_(pc.is_null(at), pc.ends_with(key, CONTACT))
        records = records.append_column(name, pc.if_else(told, pa.scalar(CONTACT), raw["cell"].take(at)))
    return records


_RAW = pa.schema([("key", pa.string()), ("cell", pa.string())])


def _raw(part: Part, source: str, column: str) -> pa.Table:
    """The keys of a source's rows and one cell of each; none where the source has no such column."""
    if column not in part.schema.names:
        return _RAW.empty_table()
    rows = part.read(["_record_id", column])
    trimmed = pc.utf8_trim_whitespace(rows[column].cast(pa.string()))
    cell = pc.if_else(pc.equal(trimmed, ""), pa.scalar(None, pa.string()), trimmed)
    key = pc.binary_join_element_wise(pa.scalar(source), rows["_record_id"].cast(pa.string()), ":")
    return pa.table({"key": key, "cell": cell}, schema=_RAW)


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


def _result(run: Run, work: _Work, due: list[str]) -> StageResult:
    rows_in = passed.count(run.folder, "standardise", "records")
    rows_out = passed.count(run.folder, STAGE, "records")
    counts = _quarantined(run, work.suites)
    notes = [f"{reason}: {counted(n, 'record')} quarantined" for reason, n in counts.items()]
    notes += passed.withheld(run.folder)
    if unchanged := len(work.sources) - len(due):
        notes.append(f"{unchanged} sources are as in the last published run and were not tested again")
    return StageResult(STAGE, rows_in, rows_out, notes=tuple(notes), counts=counts)


def _quarantined(run: Run, wanted: suites.Suites) -> dict[str, int]:
    """How many records are in quarantine, by what makes each unidentifiable; most first."""
    critical = {c.rule.because for name in run.folder.parts(STAGE, "quarantine") for c in wanted.of(name)
                if c.rule.severity is Severity.CRITICAL}  # fmt: skip
    if not run.folder.parts(STAGE, "quarantine"):
        return {}
    reasons = run.folder.read(STAGE, "quarantine", columns=["reasons"])["reasons"].to_pylist()
    counts = Counter(reason for record in reasons for reason in record if reason in critical)
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
