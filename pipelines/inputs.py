"""What besides the records decides a run's result, so that a night on which none of it changed need not be worked."""

import hashlib
import json

from connectors.store.runs import RunFolder
from connectors.workspace import ENDINGS
from pipelines.context import Run
from rules import fingerprint

FILE = "inputs.json"
NOT_OF_IT = {"gates", "nightly", "keep_runs"}
"""Settings that decide when a run begins and whether it is published, and not what it comes to."""


def seen(run: Run) -> dict[str, str]:
    """Hashes of rules, settings, declarations, program, decisions and corrections."""
    root, firm = run.workspace.root, run.workspace.firm
    rules = sorted(path for path in root.glob("rules/**/*") if path.suffix in ENDINGS and path.is_file())
    content = [(str(path.relative_to(root)), path.read_text("utf-8")) for path in rules]
    declared = {name: source.model_dump_json() for name, source in sorted(run.workspace.sources.items())}
    return {
        "rules": _digest((content, firm.model_dump_json(exclude=NOT_OF_IT))),
        "sources": _digest(declared),
        "program": fingerprint.program(),
        "decisions": run.store.fingerprint(),
    }


def write(run: Run) -> None:
    """What is seen, into the run's folder."""
    path = run.folder.root / FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(seen(run), indent=1), "utf-8")


def same(run: Run, before: RunFolder) -> bool:
    """Whether rules, settings, program, decisions and matching model are those of an earlier run."""
    then, model = before.root / FILE, before.root / "match" / "model.json"
    if not (then.exists() and model.exists()):
        return False
    now = run.folder.root / FILE
    return then.read_text("utf-8") == now.read_text("utf-8") and model.read_text("utf-8") == run.store.model()


WORDS = {
    "rules": "rules or settings changed",
    "sources": "the declaration of a source changed",
    "program": "Goldseam was updated",
    "model": "the matching model was learnt anew",
}


def changed(run: Run) -> str:
    """In words, what is no longer as in the last publication, decisions apart; empty: nothing, or nobody knows."""
    if run.before is None or not all((f.root / FILE).exists() for f in (run.folder, run.before)):
        return ""
    return _words(_seen(run.folder), _seen(run.before))


def moved(run: Run, before: RunFolder) -> str:
    """The same of a run that has not begun, against an earlier one, and whether or not anybody knows the latter."""
    then = _seen(before) if (before.root / FILE).exists() else {}
    return _words({**seen(run), "model": run.store.model() or ""}, then)


def _words(now: dict[str, str], then: dict[str, str]) -> str:
    return ", ".join(words for name, words in WORDS.items() if now.get(name) != then.get(name))


def _seen(folder: RunFolder) -> dict[str, str]:
    """What a run was worked out with, once it has matched."""
    model = folder.root / "match" / "model.json"
    seen: dict[str, str] = json.loads((folder.root / FILE).read_text("utf-8"))
    return {**seen, "model": model.read_text("utf-8") if model.exists() else ""}


def _digest(what: object) -> str:
    return hashlib.sha256(repr(what).encode()).hexdigest()
