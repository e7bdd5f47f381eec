"""What besides the records decides a run's result, so that a night on which none of it changed need not be worked."""

import hashlib
import json

from connectors.store.runs import RunFolder
from connectors.workspace import ENDINGS
from pipelines.context import Run
from rules import fingerprint

FILE = "inputs.json"


def write(run: Run) -> None:
    """Hashes of rules, settings, declarations, decisions and corrections, into the run's folder."""
    root, firm = run.workspace.root, run.workspace.firm
    rules = sorted(path for path in root.glob("rules/**/*") if path.suffix in ENDINGS and path.is_file())
    content = [(str(path.relative_to(root)), path.read_text("utf-8")) for path in rules]
    declared = {name: source.model_dump_json() for name, source in sorted(run.workspace.sources.items())}
    seen = {
        "rules": _digest((content, firm.model_dump_json())),
        "sources": _digest(declared),
        "program": fingerprint.program(),
        "decisions": run.store.fingerprint(),
    }
    path = run.folder.root / FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(seen, indent=1), "utf-8")


def same(run: Run, before: RunFolder) -> bool:
    """Whether rules, settings, program, decisions and matching model are those of an earlier run."""
    then, model = before.root / FILE, before.root / "match" / "model.json"
    if not (then.exists() and model.exists()):
        return False
    now = run.folder.root / FILE
    return then.read_text("utf-8") == now.read_text("utf-8") and model.read_text("utf-8") == run.store.model()


def _digest(what: object) -> str:
    return hashlib.sha256(repr(what).encode()).hexdigest()
